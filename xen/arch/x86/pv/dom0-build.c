/* SPDX-License-Identifier: MIT */
/*
 * dom0-build.c - makes Domain 0 of the boot modules: memory, kernel, start-of-day page tables,
 * start_info, P2M list, first vCPU; in the layout that the 4.17 ABI gives PV guests.
 *
 *   pfn   kernel | start_info | page tables | boot stack | slack ... end of mapping |
 *         initial ramdisk | P2M list, L1..L3 that map it
 *
 * Everything up to the end of mapping appears at VIRT_BASE; the P2M list at INIT_P2M.
 */
#include <xen/domain.h>
#include <xen/init.h>
#include <xen/irq.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/time.h>
#include <asm/mm.h>
#include <asm/page.h>
#include <asm/pv.h>
#include <asm/setup.h>
#include "dom0.h"
#include "private.h"

#define GUEST_PTE   (PTE_P | PTE_RW | PTE_US | PTE_A | PTE_D)
#define GUEST_TABLE (PTE_P | PTE_RW | PTE_US | PTE_A)
#define MAP_ALIGN   (4UL << 20)
#define MIN_SLACK   (512UL << 10)

struct dom0_layout {
    unsigned long nr_pages;
    u64 *p2m; /* our copy */
    unsigned int p2m_order;
    unsigned long virt_base;
    unsigned long kernel_start, kernel_end; /* pfns from here on */
    unsigned long start_info, pt_base, nr_pt, stack, map_end;
    unsigned long initrd, initrd_end;
    unsigned long p2m_first, p2m_list_pages, p2m_l1s, p2m_end;
};

static void *__init pfn_to_virt(const struct dom0_layout *l, unsigned long pfn)
{
    return mfn_to_virt(_mfn(l->p2m[pfn]));
}

static unsigned long __init pages_of(size_t bytes)
{
    return ROUNDUP(bytes, PAGE_SIZE) >> PAGE_SHIFT;
}

/* Tables and stack lie inside the area they map: its size and theirs settle together. */
static void __init place_tables(struct dom0_layout *l)
{
    unsigned long nr_l1 = 1, need, end;

    for (;;) {
        l->pt_base = l->start_info + 1;
        l->nr_pt = 3 + nr_l1;
        l->stack = l->pt_base + l->nr_pt;
        end = ROUNDUP(((l->stack + 1) << PAGE_SHIFT) + MIN_SLACK, MAP_ALIGN);
        need = DIV_ROUND_UP(end, 512 * PAGE_SIZE);
        if (need <= nr_l1)
            break;
        nr_l1 = need;
    }
    l->map_end = end >> PAGE_SHIFT;
    if (l->map_end > 512 * 512)
        panic("Domain 0's kernel needs more than 1 GiB of start-of-day mapping.");
}

static void __init place_all(struct dom0_layout *l, const struct dom0_kernel *k, size_t initrd_len)
{
    u64 start = k->elf.paddr_start - k->notes.paddr_offset;
    u64 end = k->elf.paddr_end - k->notes.paddr_offset;

    l->virt_base = k->notes.virt_base;
    l->kernel_start = start >> PAGE_SHIFT;
    l->kernel_end = pages_of(end);
    l->start_info = l->kernel_end;
    place_tables(l);
    l->initrd = l->map_end;
    l->initrd_end = l->initrd + pages_of(initrd_len);
    l->p2m_first = l->initrd_end;
    l->p2m_list_pages = pages_of(l->nr_pages * sizeof(u64));
    l->p2m_l1s = DIV_ROUND_UP(l->p2m_list_pages, 512);
    l->p2m_end = l->p2m_first + l->p2m_list_pages + l->p2m_l1s + 2;
    if (l->p2m_l1s > 512)
        panic(
            "Domain 0 gets %lu GiB; the list of its frames allows 512 GiB. Set dom0_mem= to less.",
            l->nr_pages >> 18);
    if (l->p2m_end > l->nr_pages)
        panic("Domain 0 gets %lu MiB, but its kernel and ramdisk need %lu MiB. Raise dom0_mem or "
              "give the machine more memory.",
              l->nr_pages >> 8, (l->p2m_end >> 8) + 1);
    if (!e820_all(&boot_info.e820, start, l->p2m_end << PAGE_SHIFT, E820_RAM))
        panic("The machine's memory map has a hole where Domain 0's kernel must lie (%lx to %lx).",
              (unsigned long)start, l->p2m_end << PAGE_SHIFT);
}

static void __init allocate_memory(struct domain *d, struct dom0_layout *l)
{
    unsigned int order = 9;

    while ((PAGE_SIZE << l->p2m_order) < l->nr_pages * sizeof(u64))
        l->p2m_order++;
    l->p2m = alloc_xenheap_pages(l->p2m_order, MEMF_NO_SCRUB);
    if (!l->p2m)
        panic("Out of memory while building Domain 0.");
    for (unsigned long pfn = 0; pfn < l->nr_pages;) {
        struct page_info *pg;

        while (order && pfn + (1UL << order) > l->nr_pages)
            order--;
        /* Memory fresh from the firmware holds no guest's secrets. */
        pg = alloc_domheap_pages(d, order, MEMF_NO_SCRUB);
        if (!pg) {
            if (!order--)
                panic("Out of memory while building Domain 0.");
            continue;
        }
        for (unsigned long i = 0; i < 1UL << order; i++, pfn++) {
            l->p2m[pfn] = mfn_x(page_to_mfn(pg + i));
            m2p_set(page_to_mfn(pg + i), pfn);
        }
    }
}

/* Copies bytes to consecutive pfns; zeroes the rest of the last page. */
static void __init copy_to_pfns(const struct dom0_layout *l, unsigned long pfn, size_t offset,
                                const void *src, size_t len)
{
    while (len) {
        size_t n = MIN(len, PAGE_SIZE - offset);

        memcpy((char *)pfn_to_virt(l, pfn++) + offset, src, n);
        src = (const char *)src + n;
        len -= n;
        offset = 0;
    }
}

static void __init clear_pfns(const struct dom0_layout *l, unsigned long first, unsigned long end)
{
    for (unsigned long pfn = first; pfn < end; pfn++)
        memset(pfn_to_virt(l, pfn), 0, PAGE_SIZE);
}

static void __init load_segments_of(const struct dom0_layout *l, const struct dom0_kernel *k)
{
    clear_pfns(l, l->kernel_start, l->kernel_end);
    for (unsigned int i = 0; i < k->elf.nr_segments; i++) {
        const struct elf_segment *s = &k->elf.segment[i];
        u64 at = s->paddr - k->notes.paddr_offset;

        copy_to_pfns(l, at >> PAGE_SHIFT, at & ~PAGE_MASK, k->elf.data + s->offset, s->filesz);
    }
}

static bool __init is_table(const struct dom0_layout *l, unsigned long pfn)
{
    return pfn >= l->pt_base && pfn < l->pt_base + l->nr_pt;
}

static unsigned long __init entry_for(const struct dom0_layout *l, unsigned long pfn,
                                      unsigned long flags)
{
    return l->p2m[pfn] << PAGE_SHIFT | flags;
}

/* L4, L3, L2 and L1s at pt_base, mapping [0, map_end) at VIRT_BASE; tables read-only. */
static void __init map_kernel(const struct dom0_layout *l)
{
    unsigned long *l4 = pfn_to_virt(l, l->pt_base), *l3 = pfn_to_virt(l, l->pt_base + 1);
    unsigned long *l2 = pfn_to_virt(l, l->pt_base + 2), *l1 = NULL;

    clear_pfns(l, l->pt_base, l->stack + 1);
    l4[pt_index(l->virt_base, 4)] = entry_for(l, l->pt_base + 1, GUEST_TABLE);
    l3[pt_index(l->virt_base, 3)] = entry_for(l, l->pt_base + 2, GUEST_TABLE);
    for (unsigned long pfn = 0; pfn < l->map_end; pfn++) {
        if (pfn % 512 == 0) {
            l1 = pfn_to_virt(l, l->pt_base + 3 + pfn / 512);
            l2[pfn / 512] = entry_for(l, l->pt_base + 3 + pfn / 512, GUEST_TABLE);
        }
        l1[pfn % 512] = entry_for(l, pfn, is_table(l, pfn) ? GUEST_PTE & ~PTE_RW : GUEST_PTE);
    }
}

/* The P2M list and the tables that map it at INIT_P2M. */
static void __init map_p2m(const struct dom0_layout *l, unsigned long va)
{
    unsigned long first_l1 = l->p2m_first + l->p2m_list_pages;
    unsigned long l2_pfn = first_l1 + l->p2m_l1s, l3_pfn = l2_pfn + 1;
    unsigned long *l4 = pfn_to_virt(l, l->pt_base);
    unsigned long *l2 = pfn_to_virt(l, l2_pfn), *l3 = pfn_to_virt(l, l3_pfn);

    if (pt_index(va, 1) || pt_index(va, 2) || pt_index(va, 4) == pt_index(l->virt_base, 4))
        panic("Domain 0's kernel wants its P2M list at %016lx, which is not supported.", va);
    clear_pfns(l, l->p2m_first, l->p2m_end);
    l4[pt_index(va, 4)] = entry_for(l, l3_pfn, GUEST_TABLE);
    l3[pt_index(va, 3)] = entry_for(l, l2_pfn, GUEST_TABLE);
    for (unsigned long i = 0; i < l->p2m_list_pages; i++) {
        unsigned long *l1 = pfn_to_virt(l, first_l1 + i / 512);

        l2[i / 512] = entry_for(l, first_l1 + i / 512, GUEST_TABLE);
        l1[i % 512] = entry_for(l, l->p2m_first + i, GUEST_PTE);
    }
    copy_to_pfns(l, l->p2m_first, 0, l->p2m, l->nr_pages * sizeof(u64));
}

static void __init fill_start_info(struct domain *d, const struct dom0_layout *l,
                                   const struct dom0_kernel *k, size_t initrd_len,
                                   const char *cmdline)
{
    struct start_info *si = pfn_to_virt(l, l->start_info);
    struct dom0_vga_console_info *vga = (void *)(si + 1);

    memset(si, 0, PAGE_SIZE);
    strlcpy(si->magic, "xen-3.0-x86_64", sizeof(si->magic));
    si->nr_pages = l->nr_pages;
    si->shared_info = mfn_to_maddr(d->shared_info_mfn);
    si->flags =
        SIF_PRIVILEGED | SIF_INITDOMAIN | (3u << 8); /* PM: Domain 0 uploads C and P states */
    si->console.dom0.info_off = sizeof(*si);
    si->console.dom0.info_size = sizeof(*vga);
    si->pt_base = l->virt_base + (l->pt_base << PAGE_SHIFT);
    si->nr_pt_frames = l->nr_pt;
    si->mfn_list = k->notes.init_p2m;
    si->first_p2m_pfn = l->p2m_first;
    si->nr_p2m_frames = l->p2m_end - l->p2m_first;
    if (initrd_len) {
        si->mod_start = l->initrd;
        si->mod_len = initrd_len;
        si->flags |= SIF_MOD_START_PFN;
    }
    strlcpy((char *)si->cmd_line, cmdline, sizeof(si->cmd_line));
    vga->video_type = XEN_VGATYPE_TEXT_MODE_3;
    vga->u.text_mode_3.font_height = 16;
    vga->u.text_mode_3.rows = 25;
    vga->u.text_mode_3.columns = 80;
}

static void __init start_vcpu0(struct vcpu *v, const struct dom0_layout *l,
                               const struct dom0_kernel *k)
{
    struct page_info *l4 = mfn_to_page(_mfn(l->p2m[l->pt_base]));
    struct cpu_user_regs *r = &v->arch.user_regs;
    int rc = get_page_and_type(l4, v->domain, PGT_L4);

    if (!rc)
        rc = get_page_and_type(l4, v->domain, PGT_L4);
    if (rc)
        panic("The page tables built for Domain 0 were refused (%d).", rc);
    /* One use is the guest's pin, which it drops; the other is this vCPU's. */
    __atomic_fetch_or(&l4->type_info, PGT_PINNED, __ATOMIC_SEQ_CST);
    v->arch.kernel_l4 = page_to_mfn(l4);
    v->arch.kernel_mode = true;
    pv_load_bases(v);
    v->arch.initialised = true;
    r->rip = k->notes.entry;
    r->rsi = l->virt_base + (l->start_info << PAGE_SHIFT);
    r->rsp = l->virt_base + ((l->stack + 1) << PAGE_SHIFT);
    r->rflags = X86_EFLAGS_IF | 2;
    r->cs = FLAT_KERNEL_CS;
    r->ss = FLAT_KERNEL_SS;
}

/* Not all CPUs that were found may have come up. */
static unsigned int __init next_online_cpu(unsigned int cpu)
{
    cpu = cpumask_next(cpu + 1, &cpu_online_map);
    return cpu < NR_CPUS ? cpu : cpumask_first(&cpu_online_map);
}

static struct domain *__init create_domain(unsigned long max_pages)
{
    struct domain_config cfg = {
        .is_control = true,
        .is_hardware = true,
        .max_vcpus = dom0_nr_vcpus(),
        .max_pages = max_pages,
        .max_evtchn_port = 131071,
        .max_grant_version = 2,
        .max_grant_frames = 64,
        .max_maptrack_frames = 1024,
        .nr_pirqs = nr_gsis() + 392,
    };
    struct domain *d;
    struct vcpu *v;
    unsigned int cpu = cpumask_first(&cpu_online_map);
    int rc = domain_create(0, &cfg, &d);

    for (unsigned int i = 0; !rc && i < cfg.max_vcpus; i++) {
        rc = vcpu_create(d, i, cpu, &v);
        cpu = next_online_cpu(cpu);
    }
    if (rc)
        panic("Domain 0 cannot be created (%d).", rc);
    hardware_domain = d;
    dom0_give_rights(d);
    domain_wallclock_update(d);
    return d;
}

static void __init say_layout(const struct dom0_layout *l, const struct dom0_kernel *k)
{
    printk("Building Domain 0: %lu MiB, %u vCPUs\n", l->nr_pages >> 8, dom0_nr_vcpus());
    printk(" kernel      pfn %06lx-%06lx, entry %016lx\n", l->kernel_start, l->kernel_end - 1,
           (unsigned long)k->notes.entry);
    printk(" start info  pfn %06lx\n", l->start_info);
    printk(" page tables pfn %06lx-%06lx\n", l->pt_base, l->pt_base + l->nr_pt - 1);
    printk(" ramdisk     pfn %06lx-%06lx\n", l->initrd, l->initrd_end);
    printk(" P2M list    pfn %06lx-%06lx\n", l->p2m_first, l->p2m_end - 1);
}

void __init pv_dom0_build(void)
{
    const struct boot_module *km = &boot_info.module[0], *rm = &boot_info.module[1];
    size_t initrd_len = boot_info.nr_modules > 1 ? rm->size : 0;
    struct dom0_layout l = {0};
    struct dom0_kernel k;
    struct domain *d;

    if (!boot_info.nr_modules)
        panic("No kernel for Domain 0: pass it as the first module (GRUB: module2 /boot/vmlinuz "
              "...; QEMU: -initrd \"vmlinuz args,initrd\").");
    dom0_load_kernel(maddr_to_virt(km->start), km->size, &k);
    l.nr_pages = dom0_nr_pages();
    place_all(&l, &k, initrd_len);
    d = create_domain(dom0_max_pages(l.nr_pages));
    allocate_memory(d, &l);
    say_layout(&l, &k);
    load_segments_of(&l, &k);
    if (initrd_len)
        copy_to_pfns(&l, l.initrd, 0, maddr_to_virt(rm->start), initrd_len);
    map_kernel(&l);
    map_p2m(&l, k.notes.init_p2m);
    fill_start_info(d, &l, &k, initrd_len, km->cmdline);
    start_vcpu0(d->vcpu[0], &l, &k);
    dom0_free_kernel(&k);
    free_xenheap_pages(l.p2m, l.p2m_order);
    clear_bit(VPF_DOWN, &d->vcpu[0]->pause_flags);
    domain_unpause(d);
}
