/* SPDX-License-Identifier: MIT */
/* dom0-kernel.c - finds, unpacks and checks Domain 0's kernel in its boot module. */
#include <xen/decompress.h>
#include <xen/init.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <public/elfnote.h>
#include <public/features.h>
#include "dom0.h"

#define MAX_UNPACKED (512UL << 20)

static void *__init work_alloc(size_t bytes)
{
    return xzalloc_bytes(bytes, 16);
}

static const struct decompress_ctx ctx = {work_alloc, xfree};

static unsigned int __init order_for(size_t bytes)
{
    unsigned int order = 0;

    while ((PAGE_SIZE << order) < bytes)
        order++;
    return order;
}

static size_t __init unpack(struct dom0_kernel *k, const u8 *in, size_t in_len, size_t guess)
{
    enum compression kind = compression_of(in, in_len);
    size_t len = 0;
    int rc;

    k->buffer_order = order_for(guess);
    k->buffer = alloc_xenheap_pages(k->buffer_order, MEMF_NO_SCRUB);
    if (!k->buffer)
        panic(
            "Out of memory: no %lu MiB to unpack Domain 0's kernel. Give the machine more memory.",
            (unsigned long)(guess >> 20));
    rc = decompress(&ctx, in, in_len, k->buffer, PAGE_SIZE << k->buffer_order, &len);
    if (rc)
        panic("Domain 0's kernel cannot be unpacked (%s, error %d). Is the first module a Linux "
              "kernel, and whole?",
              compression_name(kind), rc);
    printk("Dom0 kernel: %s, %lu KiB unpacked to %lu KiB\n", compression_name(kind),
           (unsigned long)(in_len >> 10), (unsigned long)(len >> 10));
    return len;
}

static void __init check_notes(const struct dom0_kernel *k)
{
    const struct elf_xen_notes *n = &k->notes;

    if (!n->found || !n->has_entry || !n->has_virt_base)
        panic("Domain 0's kernel has no Xen PV entry point. Use a kernel built with CONFIG_XEN_PV "
              "(Debian: linux-image-amd64).");
    if (strcmp(n->xen_version, "xen-3.0"))
        panic("Domain 0's kernel is for '%s', not for xen-3.0.", n->xen_version);
    if (n->has_supported_features && !(n->supported_features & (1u << XENFEAT_dom0)))
        panic("Domain 0's kernel says it cannot be Domain 0 (CONFIG_XEN_DOM0).");
    if (!n->has_init_p2m)
        panic("Domain 0's kernel does not say where it wants its P2M list (ELF note INIT_P2M).");
}

void __init dom0_load_kernel(const u8 *image, size_t len, struct dom0_kernel *k)
{
    const u8 *payload, *elf_data = image;
    size_t payload_len, elf_len = len;
    u32 unpacked;

    memset(k, 0, sizeof(*k));
    if (!bzimage_payload(image, len, &payload, &payload_len, &unpacked)) {
        if (!unpacked || unpacked > MAX_UNPACKED)
            panic("Domain 0's kernel claims to unpack to %u bytes.", unpacked);
        elf_len = unpack(k, payload, payload_len, unpacked);
        elf_data = k->buffer;
    } else if (compression_of(image, len) != COMPRESSION_NONE) {
        elf_len = unpack(k, image, len, MIN(MAX_UNPACKED, ROUNDUP(len * 10, PAGE_SIZE)));
        elf_data = k->buffer;
    }
    if (elf_parse(elf_data, elf_len, &k->elf))
        panic("Domain 0's kernel is not a 64-bit x86 ELF image or bzImage. Is the first boot "
              "module the kernel?");
    if (elf_xen_notes_parse(&k->elf, &k->notes))
        panic("Domain 0's kernel has damaged Xen ELF notes.");
    check_notes(k);
}

void __init dom0_free_kernel(struct dom0_kernel *k)
{
    if (k->buffer)
        free_xenheap_pages(k->buffer, k->buffer_order);
    k->buffer = NULL;
}
