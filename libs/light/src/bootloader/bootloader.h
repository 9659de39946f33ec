/* SPDX-License-Identifier: MIT */
/*
 * bootloader.h - a program like pygrub, which looks into a guest's disk and chooses what to boot.
 *
 * It gets a terminal, where the user may choose; whoever opens the terminal that the node
 * console/tty of the domain names is at its other end. It writes what it has chosen to a file, and
 * copies of kernel and ramdisk to a directory, both of which exist only while it is needed.
 */
#ifndef XENOLITH_LIGHT_BOOTLOADER_BOOTLOADER_H
#define XENOLITH_LIGHT_BOOTLOADER_BOOTLOADER_H

#include "../op/op.h"
#include <xenolith/light-config.h>

/* Zeroed at first; NULL where nothing was chosen. */
struct xlight__boot_choice {
    char *kernel, *ramdisk, *args;
    char *dir, *out; /* what is to be removed, with all in it */
};

/*
 * From a step: adds the steps that run the boot loader of a configuration for a domain that is
 * there, and has its home in the store. choice must be zeroed, and live as long as the operation.
 */
int xlight__boot_add(xlight_op *op, uint32_t domid, const struct xlight_config *config,
                     struct xlight__boot_choice *choice);

/* Removes files that are left, and frees what the choice holds; it is zeroed then. */
void xlight__boot_forget(struct xlight__boot_choice *choice);

/*
 * result.c: what a boot loader has written, in its format simple0: "kernel PATH", "ramdisk PATH"
 * and "args TEXT", each with a zero behind it. Others are passed over. -EBADMSG: no kernel is
 * named. -E2BIG: no boot loader has that much to say. Strings of choice that were there are
 * replaced.
 */
#define XLIGHT__BOOT_MAX 65536
int xlight__boot_parse(const char *text, size_t len, struct xlight__boot_choice *choice);

#endif /* XENOLITH_LIGHT_BOOTLOADER_BOOTLOADER_H */
