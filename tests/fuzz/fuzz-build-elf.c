/* SPDX-License-Identifier: MIT */
/*
 * fuzz-build-elf.c - a hostile ELF image in the domain builder: what it may load stays within the
 * image and the guest, whatever its headers and notes say.
 */
#include "fuzz-main.h"
#include "pv-layout.h"
#include <elf.h>
#include <string.h>

/* No table entry may name a frame that the guest does not have. */
static void check_tables(const struct xlight__pv_layout *l)
{
    xen_pfn_t *p2m = malloc(l->nr_pages * sizeof(*p2m));
    uint64_t *pages = calloc(l->nr_tables, XCTL_PAGE_SIZE);
    uint64_t **list = malloc(l->nr_tables * sizeof(*list));

    if (!p2m || !pages || !list)
        abort();
    for (uint64_t i = 0; i < l->nr_pages; i++)
        p2m[i] = 0x100000 + i;
    for (unsigned int i = 0; i < l->nr_tables; i++) {
        list[i] = pages + i * 512UL;
        if (l->tables[i].pfn >= l->nr_pages)
            abort();
    }
    xlight__pv_fill_tables(l, p2m, list);
    for (uint64_t i = 0; i < l->nr_tables * 512UL; i++)
        if (pages[i] && (pages[i] >> 12) - 0x100000 >= l->nr_pages)
            abort();
    free(p2m);
    free(pages);
    free(list);
}

static void check_range(const struct xlight__pv_layout *l, uint64_t pfn, uint64_t pages)
{
    if (pfn > l->nr_pages || pages > l->nr_pages - pfn)
        abort();
}

static void check_layout(const struct xlight__pv_layout *l)
{
    check_range(l, l->kernel_pfn, l->kernel_pages);
    check_range(l, l->ramdisk_pfn, l->ramdisk_pages);
    check_range(l, l->p2m_pfn, l->p2m_pages);
    check_range(l, l->first_p2m_pfn, l->nr_p2m);
    check_range(l, l->pt_pfn, l->nr_pt);
    check_range(l, l->stack_pfn, 1);
    check_range(l, l->start_info_pfn, 3);
    if (l->has_hypercall_page)
        check_range(l, l->hypercall_pfn, 1);
    check_tables(l);
}

static void load_all(const struct xlight__elf *e, const struct xlight__blob *b)
{
    uint64_t at = e->start & ~4095ULL;
    uint8_t *page = malloc(4096);

    /* Up to 1 MiB from the start, and the end. */
    for (int i = 0; page && i < 256 && at < e->end; i++, at += 4096)
        if (xlight__elf_load(e, b, at, page, 4096, NULL))
            abort();
    if (page && xlight__elf_load(e, b, (e->end - 1) & ~4095ULL, page, 4096, NULL))
        abort();
    free(page);
}

/* A header that is right, so that the fuzzer gets to what lies behind it. */
static void make_header(uint8_t *image, size_t len, unsigned int headers)
{
    const Elf64_Ehdr h = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, 1},
                          .e_type = ET_EXEC,
                          .e_machine = EM_X86_64,
                          .e_entry = 0x100000,
                          .e_phoff = sizeof(h),
                          .e_phentsize = sizeof(Elf64_Phdr),
                          .e_phnum = (uint16_t)(1 + headers % 4)};

    if (len >= sizeof(h))
        memcpy(image, &h, sizeof(h));
    for (unsigned int i = 0; i < 1 + headers % 4; i++) {
        uint32_t type = i % 2 ? PT_NOTE : PT_LOAD;
        size_t at = sizeof(h) + i * sizeof(Elf64_Phdr);

        if (len >= at + sizeof(type))
            memcpy(image + at, &type, sizeof(type));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct xlight__elf e = {.nr_segs = 77};
    struct xlight__pv_layout l;
    struct xlight__blob b;
    uint64_t pages;

    uint8_t *image;

    if (len < 5)
        return 0;
    pages = 1 + (data[0] | (unsigned int)data[1] << 8) % 20000;
    image = malloc(len - 4);
    if (!image)
        return 0;
    memcpy(image, data + 4, len - 4);
    if (data[3] & 1)
        make_header(image, len - 4, data[3] >> 1);
    b = xlight__blob_memory(image, len - 4);
    if (xlight__elf_read(&b, &e, NULL)) {
        if (e.nr_segs != 77)
            abort();
    } else {
        load_all(&e, &b);
        if (!xlight__pv_layout(&e, pages, (uint64_t)data[2] << 14, &l, NULL))
            check_layout(&l);
        xlight__pv_layout_free(&l);
    }
    free(image);
    return 0;
}
