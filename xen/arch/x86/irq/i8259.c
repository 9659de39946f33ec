/* SPDX-License-Identifier: MIT */
/*
 * i8259.c - the two old interrupt controllers: moved out of the way of exceptions and masked for
 * good. Even masked ones may raise the spurious IRQ 7 or 15, hence the vectors. Boot CPU only.
 */
#include <xen/irq.h>
#include <asm/system.h>
#include "private.h"

#define PIC1_CMD  0x20
#define PIC1_DATA 0x21
#define PIC2_CMD  0xa0
#define PIC2_DATA 0xa1

void i8259_disable(void)
{
    outb(0xff, PIC1_DATA);
    outb(0xff, PIC2_DATA);
    outb(0x11, PIC1_CMD); /* ICW1: edge, cascade, ICW4 follows */
    outb(0x11, PIC2_CMD);
    outb(VECTOR_LEGACY_FIRST, PIC1_DATA); /* ICW2: vectors */
    outb(VECTOR_LEGACY_FIRST + 8, PIC2_DATA);
    outb(0x04, PIC1_DATA); /* ICW3: the second one is at input 2 */
    outb(0x02, PIC2_DATA);
    outb(0x01, PIC1_DATA); /* ICW4: 8086 mode, normal EOI */
    outb(0x01, PIC2_DATA);
    outb(0xff, PIC1_DATA);
    outb(0xff, PIC2_DATA);
}
