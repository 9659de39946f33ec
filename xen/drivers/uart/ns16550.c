/* SPDX-License-Identifier: MIT */
/*
 * ns16550.c - serial ports with a 16550-style UART in I/O space.
 *
 * A port is closed, polled (from uart_open) or interrupt driven (from uart_start_interrupts), the
 * transmitter only if asked for. When polled, a write waits for the transmitter. When interrupt
 * driven, it goes to a ring; the transmitter is also looked at on each write, so a lost interrupt
 * delays output but never stops it.
 * Register names and bits: National Semiconductor PC16550D data sheet.
 *
 * No lock here: the console lock covers every call.
 */
#include <xen/atomic.h>
#include <xen/lib.h>
#include <xen/param.h>
#include <xen/uart.h>
#include <asm/system.h>

#define UART_RBR 0 /* read: received byte; write: byte to send; DLAB: divisor low */
#define UART_IER 1 /* DLAB: divisor high */
#define UART_IIR 2 /* write: FIFO control */
#define UART_LCR 3
#define UART_MCR 4
#define UART_LSR 5
#define UART_MSR 6

#define IER_RX       0x01
#define IER_TX_EMPTY 0x02
#define IIR_NONE     0x01
#define FCR_ENABLE   0x01
#define FCR_CLEAR    0x06
#define FCR_TRIGGER8 0x80
#define LCR_DLAB     0x80
#define MCR_DTR_RTS  0x03
#define MCR_OUT2     0x08 /* on a PC: gates the interrupt line */
#define MCR_LOOP     0x10
#define LSR_RX_READY 0x01
#define LSR_TX_EMPTY 0x20

#define UART_CLOCK   115200U /* highest rate, divisor 1 */
#define FIFO_SIZE    16
#define TX_RING_SIZE 16384U /* power of two */
/* An I/O port read takes about a microsecond: half a second for 16 bytes is far too long. */
#define TX_WAIT_READS 500000U

struct uart {
    /* Settings: written by option parsing only. */
    bool configured;
    u16 base;
    u8 irq;
    u8 lcr;
    u32 baud; /* 0: leave as the firmware set it */
    u32 clock;
    /* State. */
    bool open, by_irq, tx_by_irq, hung;
    u32 head, tail; /* ring: head is written next, tail is sent next; free running */
};

static struct uart uarts[NR_UARTS] = {
    {.base = 0x3f8, .irq = 4, .lcr = 0x03, .baud = 115200, .clock = UART_CLOCK},
    {.base = 0x2f8, .irq = 3, .lcr = 0x03, .baud = 115200, .clock = UART_CLOCK},
};
static u8 tx_ring[NR_UARTS][TX_RING_SIZE];

static u8 uart_in(const struct uart *u, unsigned int reg)
{
    return inb((u16)(u->base + reg));
}

static void uart_out(const struct uart *u, unsigned int reg, u8 val)
{
    outb(val, (u16)(u->base + reg));
}

/* --- options --- */

/* One comma separated field; an empty one leaves *val. Moves *s to the next field. */
static int field_uint(const char **s, unsigned long long max, u32 *val)
{
    const char *end;
    unsigned long long n;

    if (**s && **s != ',') {
        n = simple_strtoull(*s, &end, 0);
        if (end == *s || n > max || (*end && *end != ','))
            return -EINVAL;
        *val = (u32)n;
        *s = end;
    }
    if (**s == ',')
        (*s)++;
    return 0;
}

/* "auto", "115200" or "115200/1843200" (rate / input clock). */
static int field_baud(const char **s, struct uart *u)
{
    const char *p = *s, *end;

    if (!strncmp(p, "auto", 4)) {
        u->baud = 0;
        p += 4;
    } else if (*p && *p != ',') {
        u->baud = (u32)simple_strtoull(p, &end, 10);
        if (end == p)
            return -EINVAL;
        p = end;
        if (*p == '/') {
            u->clock = (u32)simple_strtoull(p + 1, &end, 10) / 16;
            if (end == p + 1)
                return -EINVAL;
            p = end;
        }
        if (!u->baud || u->baud > u->clock || u->clock / u->baud > 0xffff)
            return -EINVAL;
    }
    if (*p && *p != ',')
        return -EINVAL;
    *s = *p ? p + 1 : p;
    return 0;
}

/* Data bits, parity (none, odd, even, mark, space), stop bits: "8n1". */
static int field_format(const char **s, struct uart *u)
{
    static const char parities[] = "noems";
    static const u8 parity_bits[] = {0x00, 0x08, 0x18, 0x28, 0x38};
    const char *p = *s, *parity;

    if (*p && *p != ',') {
        if (p[0] < '5' || p[0] > '8' || !p[1] || !(parity = strchr(parities, p[1])) ||
            (p[2] != '1' && p[2] != '2') || (p[3] && p[3] != ','))
            return -EINVAL;
        u->lcr = (u8)((p[0] - '5') | (p[2] == '2' ? 0x04 : 0) | parity_bits[parity - parities]);
        p += 3;
    }
    *s = *p ? p + 1 : p;
    return 0;
}

static int parse_com(struct uart *dest, const char *s)
{
    struct uart u = *dest;
    u32 base = u.base, irq = u.irq;

    if (field_baud(&s, &u) || field_format(&s, &u) ||
        field_uint(&s, 0x10000 - UART_NR_IO_PORTS, &base) || field_uint(&s, 15, &irq) || *s ||
        !base)
        return -EINVAL;
    u.base = (u16)base;
    u.irq = (u8)irq;
    u.configured = true;
    *dest = u;
    return 0;
}

static int parse_com1(const char *value)
{
    return parse_com(&uarts[0], value);
}
PARAM_CUSTOM_DEF("com1", parse_com1,
                 "serial port 1: BAUD[/CLOCK_HZ] or auto[,DPS[,IO_BASE[,IRQ]]]; "
                 "default 115200,8n1,0x3f8,4; IRQ 0: poll");

static int parse_com2(const char *value)
{
    return parse_com(&uarts[1], value);
}
PARAM_CUSTOM_DEF("com2", parse_com2, "serial port 2, like com1; default 115200,8n1,0x2f8,3");

bool uart_configured(unsigned int port)
{
    return uarts[port].configured;
}

u16 uart_io_base(unsigned int port)
{
    return uarts[port].base;
}

unsigned int uart_isa_irq(unsigned int port)
{
    return uarts[port].irq;
}

/* --- set-up --- */

/* In loop-back mode the modem outputs show up as modem inputs; an empty bus cannot do that. */
static bool uart_answers(const struct uart *u)
{
    u8 old_mcr = uart_in(u, UART_MCR);
    u8 inputs;

    if (uart_in(u, UART_LSR) == 0xff && old_mcr == 0xff)
        return false;
    uart_out(u, UART_MCR, MCR_LOOP | 0x0a); /* RTS and OUT2: seen as CTS and DCD */
    inputs = uart_in(u, UART_MSR) & 0xf0;
    uart_out(u, UART_MCR, old_mcr);
    return inputs == 0x90;
}

static void uart_program(const struct uart *u)
{
    uart_out(u, UART_IER, 0);
    if (u->baud) {
        u32 divisor = u->clock / u->baud;

        uart_out(u, UART_LCR, LCR_DLAB);
        uart_out(u, UART_RBR, (u8)divisor);
        uart_out(u, UART_IER, (u8)(divisor >> 8));
    }
    uart_out(u, UART_LCR, u->lcr);
    uart_out(u, UART_IIR, FCR_ENABLE | FCR_CLEAR | FCR_TRIGGER8);
    uart_out(u, UART_MCR, MCR_DTR_RTS);
}

int uart_open(unsigned int port)
{
    struct uart *u = &uarts[port];

    if (!uart_answers(u))
        return -ENODEV;
    uart_program(u);
    u->open = true;
    return 0;
}

void uart_start_interrupts(unsigned int port, bool transmit)
{
    struct uart *u = &uarts[port];

    if (!u->open)
        return;
    u->by_irq = true;
    u->tx_by_irq = transmit;
    uart_out(u, UART_MCR, MCR_DTR_RTS | MCR_OUT2);
    /* The transmitter's interrupt stays on: it fires when the FIFO runs empty, and only then. */
    uart_out(u, UART_IER, (u8)(IER_RX | (transmit ? IER_TX_EMPTY : 0)));
}

/* --- transmit --- */

static bool tx_ready(const struct uart *u)
{
    return (uart_in(u, UART_LSR) & LSR_TX_EMPTY) != 0;
}

/* Fills the empty transmit FIFO from the ring. */
static void tx_from_ring(struct uart *u)
{
    const u8 *ring = tx_ring[u - uarts];

    for (unsigned int i = 0; i < FIFO_SIZE && u->tail != u->head; i++, u->tail++)
        uart_out(u, UART_RBR, ring[u->tail % TX_RING_SIZE]);
}

/* False when the transmitter hangs: remembered, so that a dead port costs the wait only once. */
static bool tx_wait(struct uart *u)
{
    for (unsigned int i = 0; i < (u->hung ? 1 : TX_WAIT_READS); i++) {
        if (tx_ready(u)) {
            u->hung = false;
            return true;
        }
        cpu_relax();
    }
    u->hung = true;
    return false;
}

static void tx_drain(struct uart *u, u32 until_used)
{
    while (u->head - u->tail > until_used) {
        if (!tx_wait(u)) {
            u->tail = u->head;
            return;
        }
        tx_from_ring(u);
    }
}

static void write_polled(struct uart *u, const char *s, size_t len)
{
    while (len) {
        size_t n = MIN(len, (size_t)FIFO_SIZE);

        if (!tx_wait(u))
            return;
        for (size_t i = 0; i < n; i++)
            uart_out(u, UART_RBR, (u8)s[i]);
        s += n;
        len -= n;
    }
}

void uart_write(unsigned int port, const char *s, size_t len)
{
    struct uart *u = &uarts[port];

    if (!u->open)
        return;
    if (!u->tx_by_irq) {
        write_polled(u, s, len);
        return;
    }
    for (; len; len--, s++) {
        if (u->head - u->tail == TX_RING_SIZE)
            tx_drain(u, TX_RING_SIZE - 4 * FIFO_SIZE);
        tx_ring[port][u->head++ % TX_RING_SIZE] = (u8)*s;
    }
    if (tx_ready(u))
        tx_from_ring(u);
}

void uart_stop_interrupts(unsigned int port)
{
    struct uart *u = &uarts[port];

    if (!u->open)
        return;
    uart_out(u, UART_IER, 0);
    u->by_irq = u->tx_by_irq = false;
    if (u->head - u->tail > TX_RING_SIZE) /* caught in the middle of a change */
        u->tail = u->head;
    tx_drain(u, 0);
}

/* --- receive and interrupt service --- */

size_t uart_service(unsigned int port, u8 *buf, size_t size, bool *ret_more)
{
    struct uart *u = &uarts[port];
    size_t n = 0;

    *ret_more = false;
    if (!u->open)
        return 0;
    while (n < size && (uart_in(u, UART_LSR) & LSR_RX_READY))
        buf[n++] = uart_in(u, UART_RBR);
    if (tx_ready(u))
        tx_from_ring(u);
    /*
     * ISA lines are edge triggered: leaving while the UART still asserts its line would be the last
     * interrupt ever. Reading IIR also acknowledges an empty transmitter. A full buffer means that
     * bytes may be left; a floating bus reads as "always ready", which n < size bounds as well.
     */
    *ret_more = u->by_irq && !(uart_in(u, UART_IIR) & IIR_NONE);
    if (*ret_more)
        uart_in(u, UART_MSR);
    return n;
}
