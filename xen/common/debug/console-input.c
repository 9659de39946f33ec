/* SPDX-License-Identifier: MIT */
/*
 * console-input.c - bytes received from the serial console, and who gets them.
 *
 * The focus is either on the hypervisor, where each byte is a debug key, or on the hardware domain,
 * whose bytes wait in a ring until it reads them with CONSOLEIO_read. Ctrl-A three times in a row
 * moves the focus. The hypervisor has it while booting.
 *
 * The ring and the focus belong to the console lock; the switch counter to the one CPU that handles
 * the interrupt (or the poll timer) at a time.
 */
#include <xen/console.h>
#include <xen/event.h>
#include <xen/irq.h>
#include <xen/lib.h>
#include <xen/param.h>
#include <xen/sched.h>
#include <xen/timer.h>
#include <xen/uart.h>
#include "private.h"

#define RX_RING_SIZE   1024U /* power of two */
#define RX_BATCH       64
#define SWITCH_PRESSES 3
#define SERVICE_ROUNDS 64
#define POLL_PERIOD    MILLISECS(20)

static unsigned int input_uart;
static struct timer poll_timer;

static char rx_ring[RX_RING_SIZE];
static u32 rx_head, rx_tail; /* free running: next to write, next to read */
static bool focus_on_dom0;

static u8 switch_code = 'a' & 0x1f; /* 0: no switching */
static unsigned int switch_count;
static bool stay_with_hypervisor;

static int parse_conswitch(const char *s)
{
    u8 code = switch_code;

    if (s[0] >= 'a' && s[0] <= 'z')
        code = (u8)(s[0] & 0x1f);
    else if (s[0] == '0')
        code = 0;
    else
        return -EINVAL;
    if (s[1] && strcmp(s + 1, "x"))
        return -EINVAL;
    switch_code = code;
    stay_with_hypervisor = s[1] == 'x';
    return 0;
}
PARAM_CUSTOM_DEF("conswitch", parse_conswitch,
                 "letter of the Ctrl key that switches serial input, 0: none; x behind it: start "
                 "with the hypervisor; default a");

static void set_focus(bool dom0)
{
    unsigned long flags;

    if (!console_enter(&flags))
        return;
    focus_on_dom0 = dom0;
    console_leave(flags);
    if (switch_code)
        printk("*** Serial input to %s (Ctrl-%c three times switches)\n", dom0 ? "DOM0" : "Xen",
               'a' - 1 + switch_code);
    else
        printk("*** Serial input to %s\n", dom0 ? "DOM0" : "Xen");
}

void console_input_end_boot(void)
{
    if (!stay_with_hypervisor)
        set_focus(true);
}

static void queue_for_dom0(u8 c)
{
    unsigned long flags;

    if (!console_enter(&flags))
        return;
    if (rx_head - rx_tail < RX_RING_SIZE)
        rx_ring[rx_head++ % RX_RING_SIZE] = (char)c;
    console_leave(flags);
}

static void deliver(u8 c, bool *notify)
{
    if (focus_on_dom0 && hardware_domain) {
        queue_for_dom0(c);
        *notify = true;
    } else {
        handle_keypress(c, NULL);
    }
}

static void take_byte(u8 c, bool *notify)
{
    if (switch_code && c == switch_code) {
        if (++switch_count == SWITCH_PRESSES) {
            switch_count = 0;
            set_focus(!focus_on_dom0);
        }
        return;
    }
    /* Fewer presses than it takes were meant for the receiver: editors know Ctrl-A too. */
    for (; switch_count; switch_count--)
        deliver(switch_code, notify);
    deliver(c, notify);
}

/* Serves the UART until it is quiet; see uart_service for why. */
static void uart_interrupt(void *unused __maybe_unused)
{
    bool more = true, notify = false;
    u8 buf[RX_BATCH];

    for (unsigned int round = 0; more && round < SERVICE_ROUNDS; round++) {
        unsigned long flags;
        size_t n;

        if (!console_enter(&flags))
            return;
        n = uart_service(input_uart, buf, sizeof(buf), &more);
        console_leave(flags);
        for (size_t i = 0; i < n; i++)
            take_byte(buf[i], &notify);
    }
    if (notify)
        send_global_virq(VIRQ_CONSOLE);
}

static void poll_uart(void *unused)
{
    uart_interrupt(unused);
    set_timer(&poll_timer, NOW() + POLL_PERIOD);
}

void console_input_init(unsigned int uart, bool transmit_by_irq)
{
    unsigned int irq = uart_isa_irq(uart);
    unsigned long flags;
    int rc = -ENODEV;

    input_uart = uart;
    if (irq)
        rc = irq_request_gsi(isa_irq_to_gsi(irq), uart_interrupt, NULL);
    if (rc) {
        if (irq)
            printk(XLOG_WARN "com%u: IRQ %u is not available (%d): polling\n", uart + 1, irq, rc);
        init_timer(&poll_timer, poll_uart, NULL, smp_processor_id());
        set_timer(&poll_timer, NOW() + POLL_PERIOD);
        return;
    }
    if (!console_enter(&flags))
        return;
    uart_start_interrupts(uart, transmit_by_irq);
    console_leave(flags);
}

size_t console_input_peek(char *buf, size_t len, u32 *ret_pos)
{
    unsigned long flags;
    size_t n = 0;

    if (!console_enter(&flags))
        return 0;
    *ret_pos = rx_tail;
    while (n < len && n < rx_head - rx_tail) {
        buf[n] = rx_ring[(rx_tail + n) % RX_RING_SIZE];
        n++;
    }
    console_leave(flags);
    return n;
}

/* Another vCPU may have taken the same bytes meanwhile: then they are gone already. */
void console_input_consume(u32 pos, size_t len)
{
    unsigned long flags;

    if (!console_enter(&flags))
        return;
    if (rx_tail == pos)
        rx_tail += (u32)len;
    console_leave(flags);
}
