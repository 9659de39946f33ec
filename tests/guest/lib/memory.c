/* SPDX-License-Identifier: MIT */
/*
 * Start of the kernel, its memory and page tables.  Everything lies in the
 * start-of-day mapping: pfn n at VIRT_BASE + n * 4096, the list of machine
 * frames at start_info->mfn_list.
 */
#include "guest.h"

#define POOL_PAGES 160

struct start_info *start_info;
struct shared_info *shared_info;

static struct {
    char bytes[PAGE_SIZE];
} pool[POOL_PAGES] __attribute__((aligned(4096)));
static unsigned int pool_used;

void *memset(void *dest, int value, size_t n)
{
    char *d = dest;

    while (n--) {
        *d++ = (char)value;
        barrier();
    }
    return dest;
}

void *memcpy(void *dest, const void *src, size_t n)
{
    const char *s = src;
    char *d = dest;

    while (n--) {
        *d++ = *s++;
        barrier();
    }
    return dest;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const uint8_t *x = a, *y = b;

    for (; n; n--, x++, y++)
        if (*x != *y)
            return *x - *y;
    return 0;
}

size_t strlen(const char *s)
{
    size_t n = 0;

    while (s[n]) {
        n++;
        barrier();
    }
    return n;
}

char *strstr(const char *s, const char *what)
{
    size_t n = strlen(what);

    for (; *s; s++)
        if (memcmp(s, what, n) == 0)
            return (char *)(uintptr_t)s;
    return NULL;
}

void *page_alloc(void)
{
    NEED(pool_used < POOL_PAGES);
    return &pool[pool_used++];
}

uint64_t pfn_of(const void *va)
{
    return ((uintptr_t)va - VIRT_BASE) / PAGE_SIZE;
}

uint64_t mfn_of(const void *va)
{
    return ((const uint64_t *)start_info->mfn_list)[pfn_of(va)];
}

uint64_t m2p(uint64_t mfn)
{
    return ((const volatile uint64_t *)MACH2PHYS_VIRT_START)[mfn];
}

void *va_of_mfn(uint64_t mfn)
{
    return (void *)(VIRT_BASE + m2p(mfn) * PAGE_SIZE);
}

uint64_t *entry_of(uint64_t va, int level)
{
    uint64_t *table = (uint64_t *)start_info->pt_base;
    uint64_t *entry;
    int i;

    for (i = 4;; i--) {
        entry = &table[(va >> (12 + 9 * (i - 1))) & 511];
        if (i == level)
            return entry;
        if (!(*entry & PTE_P) || (*entry & PTE_PSE))
            return NULL;
        table = va_of_mfn((*entry & PTE_ADDR) >> 12);
    }
}

uint64_t entry_maddr(const uint64_t *entry)
{
    return mfn_of(entry) * PAGE_SIZE + ((uintptr_t)entry & (PAGE_SIZE - 1));
}

long map_va(const void *va, uint64_t pte)
{
    return hypercall(update_va_mapping, va, pte, UVMF_INVLPG | UVMF_ALL);
}

long set_writable(const void *va, bool writable)
{
    return map_va(va, mfn_of(va) * PAGE_SIZE | (writable ? PTE_KERN : PTE_RO));
}

long mmu_update1(uint64_t ptr, uint64_t val)
{
    struct mmu_update u = {.ptr = ptr, .val = val};

    return hypercall(mmu_update, &u, 1, 0, DOMID_SELF);
}

long mmuext1(unsigned int cmd, uint64_t arg1, uint64_t arg2)
{
    struct mmuext_op op = {.cmd = cmd};

    op.arg1.linear_addr = arg1;
    op.arg2.vcpumask = arg2;
    return hypercall(mmuext_op, &op, 1, 0, DOMID_SELF);
}

static void shared_info_map(void)
{
    void *va = page_alloc();

    NEED(map_va(va, (start_info->shared_info & PTE_ADDR) | PTE_KERN) == 0);
    shared_info = va;
    set_vcpu_info(&shared_info->vcpu_info[0]);
}

void guest_main(struct start_info *si)
{
    start_info = si;
    shared_info_map();
    traps_init();
    print("Test kernel: %ld pages, %s\n", (long)si->nr_pages, si->magic);
    test_main();
    finish();
}
