/* SPDX-License-Identifier: MIT */
/*
 * pvh.c - builds a PVH guest.
 *
 * Its memory starts at 0 and is left out between the end of low memory and 4 GiB, where pages for
 * ACPI tables, the rings of store and console, and devices are. The kernel lies where its ELF
 * headers say, then ramdisk and boot information.
 */
#include "acpi.h"
#include "guest.h"
#include "hvm-state.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xenolith/public/arch-x86/hvm/start_info.h>
#include <xenolith/public/features.h>

#define PFN(addr)    ((addr) >> XCTL_PAGE_SHIFT)
#define PAGE_UP(x)   (((x) + XCTL_PAGE_SIZE - 1) & ~(uint64_t)(XCTL_PAGE_SIZE - 1))
#define FOUR_GIB     (1ULL << 32)
#define LOW_MAX      0xfc000000ULL /* where RAM ends below 4 GiB, and ACPI tables begin */
#define ACPI_ADDR    LOW_MAX
#define RSDP_LOW     0xfffc0ULL /* for those that look for it */
#define SPECIAL      0xfeff8000ULL
#define SPECIAL_END  0xff000000ULL
#define CMDLINE_MAX  4096U
#define PAGES_MAX    (1ULL << 34) /* 64 TiB */
#define IDENT_FLAGS  0xe7U        /* present, writable, user, accessed, dirty, 4 MiB */
#define E820_ENTRIES 4

/* Frames of the special pages, in order. */
enum { PAGING, ACCESS, SHARING, BUFIOREQ, XENSTORE, IOREQ, IDENT, CONSOLE, NR_SPECIAL };
#define SPECIAL_PFN(which) (PFN(SPECIAL) + (which))

struct pvh {
    const struct xlight__build *b;
    struct xlight__guest g;
    uint64_t low, high;    /* pages below and above the gap */
    uint64_t ramdisk_addr; /* page aligned, behind the kernel */
    uint64_t info_addr;    /* boot information, the same */
    size_t info_size;
    uint64_t rsdp_addr;
    unsigned int vcpus; /* online */
    struct xctl_e820_entry map[E820_ENTRIES];
    unsigned int nr_map;
};

static int ctrl_failed(struct pvh *p, int rc)
{
    return xlight__why_ctrl(p->g.why, p->b->h, rc);
}

static int reject(struct pvh *p, const char *what)
{
    return xlight__why(p->g.why, -ENOEXEC, "the kernel cannot run as a PVH guest: %s", what);
}

static int check_kernel(struct pvh *p)
{
    const struct xlight__elf *e = &p->b->kernel->elf;
    uint64_t entry = e->notes.phys32_entry;

    if (!xlight__elf_has(e, XEN_ELFNOTE_PHYS32_ENTRY))
        return reject(p, "it has no note with an entry point for it");
    if (entry < e->start || entry >= e->end || entry > UINT32_MAX)
        return reject(p, "its entry point lies outside of it");
    if (p->b->max_vcpus > XLIGHT__ACPI_CPUS)
        return xlight__why(p->g.why, -EINVAL, "PVH guests have at most %d vCPUs",
                           XLIGHT__ACPI_CPUS);
    return 0;
}

static size_t info_size(const struct xlight__build *b)
{
    size_t cmdline = b->cmdline ? strlen(b->cmdline) + 1 : 1;

    return sizeof(struct hvm_start_info) + sizeof(struct hvm_modlist_entry) +
           E820_ENTRIES * sizeof(struct hvm_memmap_table_entry) + cmdline;
}

/* Guests that do not say that it may be anywhere find the RSDP where PCs have it. */
static bool rsdp_anywhere(const struct xlight__notes *n)
{
    return strcmp(n->guest_os, "linux") ||
           n->supported_features >> XENFEAT_linux_rsdp_unrestricted & 1;
}

static int lay_out(struct pvh *p)
{
    const struct xlight__build *b = p->b;
    const struct xlight__elf *e = &b->kernel->elf;
    uint64_t total = b->max_pages > b->pages ? b->max_pages : b->pages;
    uint64_t ramdisk = b->ramdisk ? b->ramdisk->size : 0, end;

    if (total > PAGES_MAX)
        return xlight__why(p->g.why, -EINVAL, "a PVH guest cannot have more than 64 TiB");
    p->low = total < PFN(LOW_MAX) ? total : PFN(LOW_MAX);
    p->high = total - p->low;
    p->vcpus = b->vcpus && b->vcpus < b->max_vcpus ? b->vcpus : b->max_vcpus;
    /* One by one, so that nothing can overflow. */
    if (e->end > LOW_MAX || ramdisk > LOW_MAX)
        return xlight__why(p->g.why, -ENOMEM, "kernel and ramdisk must lie below 0x%llx",
                           (unsigned long long)LOW_MAX);
    p->ramdisk_addr = PAGE_UP(e->end);
    p->info_addr = PAGE_UP(p->ramdisk_addr + ramdisk);
    p->info_size = info_size(b);
    end = PAGE_UP(p->info_addr + p->info_size);
    if (PFN(end) > p->low || PFN(end) > b->pages)
        return xlight__why(p->g.why, -ENOMEM,
                           "kernel and ramdisk need %llu MiB of memory, the domain has %llu",
                           (unsigned long long)(end >> 20) + 1,
                           (unsigned long long)((b->pages < p->low ? b->pages : p->low) >> 8));
    p->rsdp_addr = ACPI_ADDR + XLIGHT__ACPI_PAGES * XCTL_PAGE_SIZE;
    if (!rsdp_anywhere(&e->notes))
        p->rsdp_addr = RSDP_LOW;
    if (p->rsdp_addr == RSDP_LOW && e->start < RSDP_LOW + XLIGHT__RSDP_SIZE && end > RSDP_LOW)
        return reject(p, "it lies where it wants its ACPI tables");
    return 0;
}

static void add_map(struct pvh *p, uint64_t addr, uint64_t size, uint32_t type)
{
    if (size)
        p->map[p->nr_map++] = (struct xctl_e820_entry){addr, size, type};
}

static int prepare(struct pvh *p)
{
    const struct xlight__build *b = p->b;
    int rc;

    if (b->cmdline && strlen(b->cmdline) >= CMDLINE_MAX)
        return xlight__why(p->g.why, -E2BIG,
                           "the command line has %zu characters, PVH kernels get at most %u",
                           strlen(b->cmdline), CMDLINE_MAX - 1);
    rc = check_kernel(p);
    if (!rc)
        rc = lay_out(p);
    if (!rc)
        rc = xlight__guest_check_caps(&p->g, "hvm-3.0-x86_32");
    if (rc)
        return rc;
    add_map(p, 0, p->low << XCTL_PAGE_SHIFT, XEN_HVM_MEMMAP_TYPE_RAM);
    add_map(p, ACPI_ADDR, (XLIGHT__ACPI_PAGES + 1) * XCTL_PAGE_SIZE, XEN_HVM_MEMMAP_TYPE_ACPI);
    add_map(p, SPECIAL, SPECIAL_END - SPECIAL, XEN_HVM_MEMMAP_TYPE_RESERVED);
    add_map(p, FOUR_GIB, p->high << XCTL_PAGE_SHIFT, XEN_HVM_MEMMAP_TYPE_RAM);
    rc = xctl_memory_set_map(b->h, b->domid, p->map, p->nr_map);
    return rc ? ctrl_failed(p, rc) : 0;
}

/*
 * With room to grow, memory is populated on demand: the guest sees all of it from the start, and
 * its balloon driver gives back what it does not really have.
 */
static int populate(struct pvh *p)
{
    const struct xlight__build *b = p->b;
    unsigned int flags = p->low + p->high > b->pages ? XENMEMF_populate_on_demand : 0;
    int rc = flags ? xctl_memory_set_pod_target(b->h, b->domid, b->pages, NULL) : 0;

    if (rc)
        return ctrl_failed(p, rc);
    rc = xlight__guest_populate(&p->g, 0, p->low, flags);
    if (!rc && p->high)
        rc = xlight__guest_populate(&p->g, PFN(FOUR_GIB), p->high, flags);
    return rc;
}

static int put_special(struct pvh *p)
{
    uint32_t *ident;
    char *pages;
    void *addr;
    int rc = xlight__guest_populate(&p->g, SPECIAL_PFN(0), NR_SPECIAL, 0);

    if (!rc)
        rc = xlight__guest_map(&p->g, SPECIAL_PFN(0), NR_SPECIAL, &addr);
    if (rc)
        return rc;
    pages = addr;
    memset(pages, 0, NR_SPECIAL * XCTL_PAGE_SIZE);
    /* CPUs that cannot run with paging off use this in its place: all of 4 GiB, as it is. */
    ident = (uint32_t *)(void *)(pages + IDENT * XCTL_PAGE_SIZE);
    for (uint32_t i = 0; i < XCTL_PAGE_SIZE / sizeof(*ident); i++)
        ident[i] = i << 22 | IDENT_FLAGS;
    return xlight__guest_unmap(&p->g, addr, NR_SPECIAL);
}

static int set_params(struct pvh *p)
{
    const struct xlight__build *b = p->b;
    const struct {
        uint32_t index;
        uint64_t value;
    } params[] = {
        {HVM_PARAM_STORE_PFN, SPECIAL_PFN(XENSTORE)},
        {HVM_PARAM_STORE_EVTCHN, b->store_port},
        {HVM_PARAM_CONSOLE_PFN, SPECIAL_PFN(CONSOLE)},
        {HVM_PARAM_CONSOLE_EVTCHN, b->console_port},
        {HVM_PARAM_PAGING_RING_PFN, SPECIAL_PFN(PAGING)},
        {HVM_PARAM_MONITOR_RING_PFN, SPECIAL_PFN(ACCESS)},
        {HVM_PARAM_SHARING_RING_PFN, SPECIAL_PFN(SHARING)},
        {HVM_PARAM_IDENT_PT, SPECIAL_PFN(IDENT) << XCTL_PAGE_SHIFT},
    };

    for (size_t i = 0; i < sizeof(params) / sizeof(params[0]); i++) {
        int rc = xctl_hvm_set_param(b->h, b->domid, params[i].index, params[i].value);

        if (rc)
            return ctrl_failed(p, rc);
    }
    return 0;
}

static int put_acpi(struct pvh *p)
{
    const uint64_t nr = XLIGHT__ACPI_PAGES + 1;
    uint64_t xsdt;
    uint32_t rsdt;
    void *pages, *low;
    int rc = xlight__guest_populate(&p->g, PFN(ACPI_ADDR), nr, 0);

    if (!rc)
        rc = xlight__guest_map(&p->g, PFN(ACPI_ADDR), nr, &pages);
    if (rc)
        return rc;
    memset(pages, 0, nr << XCTL_PAGE_SHIFT);
    rsdt = xlight__acpi_tables(pages, ACPI_ADDR, p->b->max_vcpus, p->vcpus, &xsdt);
    xlight__acpi_rsdp((char *)pages + XLIGHT__ACPI_PAGES * XCTL_PAGE_SIZE, rsdt, xsdt);
    rc = xlight__guest_unmap(&p->g, pages, nr);
    if (rc || p->rsdp_addr != RSDP_LOW)
        return rc;
    rc = xlight__guest_map(&p->g, PFN(RSDP_LOW), 1, &low);
    if (rc)
        return rc;
    xlight__acpi_rsdp((char *)low + RSDP_LOW % XCTL_PAGE_SIZE, rsdt, xsdt);
    return xlight__guest_unmap(&p->g, low, 1);
}

static int put_kernel(struct pvh *p)
{
    const struct xlight__kernel *k = p->b->kernel;
    uint64_t first = PFN(k->elf.start);
    int rc = xlight__guest_put_kernel(&p->g, first, PFN(PAGE_UP(k->elf.end)) - first,
                                      first << XCTL_PAGE_SHIFT, k);

    if (!rc && p->b->ramdisk && p->b->ramdisk->size)
        rc = xlight__guest_put_blob(&p->g, PFN(p->ramdisk_addr), p->b->ramdisk);
    return rc;
}

/* What the guest gets in ebx: the structure, and behind it what it points to. */
static void fill_info(const struct pvh *p, char *to)
{
    const struct xlight__build *b = p->b;
    struct hvm_start_info *si = (struct hvm_start_info *)(void *)to;
    struct hvm_modlist_entry *mod = (struct hvm_modlist_entry *)(void *)(si + 1);
    struct hvm_memmap_table_entry *map = (struct hvm_memmap_table_entry *)(void *)(mod + 1);
    char *cmdline = (char *)(map + E820_ENTRIES);

#define ADDR_OF(ptr) (p->info_addr + (uint64_t)((const char *)(ptr)-to))
    *si = (struct hvm_start_info){
        .magic = XEN_HVM_START_MAGIC_VALUE,
        .version = 1,
        .rsdp_paddr = p->rsdp_addr,
        .cmdline_paddr = ADDR_OF(cmdline),
        .memmap_paddr = ADDR_OF(map),
        .memmap_entries = p->nr_map,
    };
    if (b->ramdisk && b->ramdisk->size) {
        si->nr_modules = 1;
        si->modlist_paddr = ADDR_OF(mod);
        *mod = (struct hvm_modlist_entry){.paddr = p->ramdisk_addr, .size = b->ramdisk->size};
    }
#undef ADDR_OF
    for (unsigned int i = 0; i < p->nr_map; i++)
        map[i] = (struct hvm_memmap_table_entry){
            .addr = p->map[i].addr, .size = p->map[i].size, .type = p->map[i].type};
    if (b->cmdline)
        strcpy(cmdline, b->cmdline);
}

static int put_info(struct pvh *p)
{
    uint64_t nr = PFN(PAGE_UP(p->info_size));
    void *addr;
    int rc = xlight__guest_map(&p->g, PFN(p->info_addr), nr, &addr);

    if (rc)
        return rc;
    memset(addr, 0, nr << XCTL_PAGE_SHIFT);
    fill_info(p, addr);
    return xlight__guest_unmap(&p->g, addr, nr);
}

static int build(struct pvh *p)
{
    const struct xlight__build *b = p->b;
    int rc = prepare(p);

    if (!rc)
        rc = xlight__guest_claim(&p->g, b, b->pages);
    if (rc)
        return rc;
    rc = populate(p);
    xlight__guest_unclaim(&p->g, b);
    if (!rc)
        rc = put_special(p);
    if (!rc)
        rc = set_params(p);
    if (!rc)
        rc = put_kernel(p);
    if (!rc)
        rc = put_acpi(p);
    if (!rc)
        rc = put_info(p);
    if (!rc)
        rc = xlight__hvm_start_state(b->h, b->domid, b->max_vcpus,
                                     (uint32_t)b->kernel->elf.notes.phys32_entry,
                                     (uint32_t)p->info_addr, p->g.why);
    if (!rc)
        rc = xlight__guest_seed_grants(&p->g, b, SPECIAL_PFN(CONSOLE), SPECIAL_PFN(XENSTORE));
    return rc;
}

int xlight__build_pvh(const struct xlight__build *b, struct xlight__built *ret_built,
                      struct xlight__why *why)
{
    struct pvh p = {.b = b, .g = {.h = b->h, .domid = b->domid, .why = why}};
    int rc = build(&p);

    if (rc)
        return xlight__why(why, rc, "cannot build PVH domain %u", b->domid);
    *ret_built = (struct xlight__built){SPECIAL_PFN(XENSTORE), SPECIAL_PFN(CONSOLE)};
    return 0;
}
