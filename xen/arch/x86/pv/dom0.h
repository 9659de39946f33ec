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
/* Kept for the hypervisor and for contiguous memory that Domain 0's drivers exchange for. */
#define DOM0_RESERVE_MIN_PAGES (128UL << (20 - PAGE_SHIFT))

/* One size of dom0_mem=; less: that much less than there is. */
struct dom0_mem_size {
    u64 bytes;
    bool given, less;
};
struct dom0_mem {
    struct dom0_mem_size fixed, min, max;
};

/* dom0-mem.c: the option's value; 0 or -EINVAL. */
int dom0_mem_parse(const char *s, struct dom0_mem *ret_mem);
/* Frames that a given size means when avail are free. */
unsigned long dom0_mem_pages(const struct dom0_mem_size *size, unsigned long avail);
/* Frames of Domain 0 when free_pages are free; without a fixed size all but a reserve. */
unsigned long dom0_mem_choose(const struct dom0_mem *mem, unsigned long free_pages);

/* dom0-config.c: how large it becomes, and what of the machine it may use. */
unsigned long dom0_nr_pages(void);
/* Frames it may ever own: dom0_mem=max:, or no limit. */
unsigned long dom0_max_pages(unsigned long nr_pages);
unsigned int dom0_nr_vcpus(void);
void dom0_give_rights(struct domain *d);

#endif /* PV_DOM0_H */
