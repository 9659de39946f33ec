/* SPDX-License-Identifier: MIT */
/* dom0.h - between the files that build Domain 0. Boot only. */
#ifndef PV_DOM0_H
#define PV_DOM0_H

#include <xen/elf.h>
#include <xen/sched.h>

/* The unpacked kernel. */
struct dom0_kernel {
    struct elf_image elf;
    struct elf_xen_notes notes;
    void *buffer; /* what unpacking allocated, or NULL */
    unsigned int buffer_order;
};

/* dom0-kernel.c: unpacks and checks the image; panics with advice. */
void dom0_load_kernel(const u8 *image, size_t len, struct dom0_kernel *ret_kernel);
void dom0_free_kernel(struct dom0_kernel *kernel);
/* dom0-config.c: how large it becomes, and what of the machine it may use. */
unsigned long dom0_nr_pages(void);
/* Frames it may ever own: dom0_mem=max:, or no limit. */
unsigned long dom0_max_pages(unsigned long nr_pages);
unsigned int dom0_nr_vcpus(void);
void dom0_give_rights(struct domain *d);

#endif /* PV_DOM0_H */
