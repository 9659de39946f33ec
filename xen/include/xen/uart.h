/* SPDX-License-Identifier: MIT */
/*
 * uart.h - the two serial ports of a PC (16550 and compatibles), for the console code only.
 *
 * The caller serialises all calls for one port (console lock). Ports are numbered from 0 (com1).
 */
#ifndef XEN_UART_H
#define XEN_UART_H

#include <xen/types.h>

#define NR_UARTS         2
#define UART_NR_IO_PORTS 8

/* Whether the command line described the port (`com1=`, `com2=`). */
bool uart_configured(unsigned int port);
/* Looks for the UART and programs it, polled. -ENODEV: nothing answers at its address. */
int uart_open(unsigned int port) __must_check;
u16 uart_io_base(unsigned int port);
unsigned int uart_isa_irq(unsigned int port);
/* Sends bytes as they are. Never loses any unless the hardware hangs; may wait for room. */
void uart_write(unsigned int port, const char *s, size_t len);
/* Received bytes raise interrupts from now on; transmit: they also empty uart_write's ring. */
void uart_start_interrupts(unsigned int port, bool transmit);
/* Sends what the ring holds by polling and stays polled. Any state, also with the lock broken. */
void uart_stop_interrupts(unsigned int port);
/*
 * Serves the UART, from its interrupt or from a poll: feeds the transmitter and stores up to size
 * received bytes. Returns their number; *ret_more: call again before leaving the interrupt.
 */
size_t uart_service(unsigned int port, u8 *buf, size_t size, bool *ret_more);

#endif /* XEN_UART_H */
