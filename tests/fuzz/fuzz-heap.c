/* SPDX-License-Identifier: MIT */
/*
 * fuzz-heap.c - frames and small objects from the heap of three nodes, in any sequence.
 *
 * Input: triples of bytes, one operation each. Every allocation is filled with a pattern of its own
 * and must still hold it when it is freed; what comes must be zero where that is promised, and lie
 * where it was asked for. In the end nothing may be missing.
 */
#include "fuzz-main.h"
#include <string.h>
#include <xen/acpi.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include "../shim/shim.h"

#define FRAMES    1024UL
#define NODE_SIZE 300UL /* node 0: 1 to 299, node 1: 300 to 599, node 2: 600 to 899 */
#define MAX_ITEMS 128u

enum kind { OBJECT, FRAMES_OF_HEAP };
struct item {
    enum kind kind;
    u8 fill;
    unsigned int order;
    size_t bytes;
    u8 *p;
};

static struct item items[MAX_ITEMS];
static unsigned int nr_items;

static void require(bool ok)
{
    if (!ok)
        abort();
}

static void setup(void)
{
    static bool done;

    if (done)
        return;
    done = true;
    shim_memory_init(FRAMES);
    memset((void *)shim_directmap, 0xa5, FRAMES * PAGE_SIZE);
    acpi.nr_nodes = 3;
    for (unsigned int i = 0; i < 3; i++) {
        for (unsigned int j = 0; j < 3; j++)
            acpi.distance[i][j] = i == j ? 10 : 20;
        heap_add_range(_mfn(i * NODE_SIZE), _mfn((i + 1) * NODE_SIZE), i);
    }
}

static bool holds(const u8 *p, size_t n, u8 val)
{
    while (n && *p == val)
        p++, n--;
    return !n;
}

static void add_item(struct item item)
{
    memset(item.p, item.fill, item.bytes);
    items[nr_items++] = item;
}

static void take_object(unsigned int a, unsigned int b, u8 fill)
{
    size_t size = a < 200 ? a * 2 : a * 60, align = 1UL << b % 13;
    u8 *p = xzalloc_bytes(size, align);

    if (!p)
        return;
    require(!((unsigned long)p & (align - 1)) && holds(p, size, 0));
    add_item((struct item){.kind = OBJECT, .fill = fill, .bytes = size, .p = p});
}

static void take_frames(unsigned int a, unsigned int b, u8 fill)
{
    unsigned int order = a % 6, node = b % 4, bits = b & 0x40 ? 18 + b % 5 : 0;
    bool exact = b & 0x80, dirty = a & 0x80;
    struct page_info *pg =
        alloc_heap_pages(order, (node < 3 ? MEMF_NODE(node) : 0) | (exact ? MEMF_EXACT_NODE : 0) |
                                    MEMF_BITS(bits) | (dirty ? MEMF_NO_SCRUB : 0));
    unsigned long mfn;

    if (!pg)
        return;
    mfn = mfn_x(page_to_mfn(pg));
    require(mfn && mfn + (1UL << order) <= 3 * NODE_SIZE);
    require(!bits || (mfn + (1UL << order)) << PAGE_SHIFT <= 1UL << bits);
    require(!exact || node == 3 || mfn / NODE_SIZE == node);
    require(dirty || holds(page_to_virt(pg), PAGE_SIZE << order, 0));
    add_item((struct item){.kind = FRAMES_OF_HEAP,
                           .fill = fill,
                           .order = order,
                           .bytes = PAGE_SIZE << order,
                           .p = page_to_virt(pg)});
}

static void drop_item(unsigned int nr)
{
    struct item it = items[nr];

    items[nr] = items[--nr_items];
    require(holds(it.p, it.bytes, it.fill));
    if (it.kind == OBJECT)
        xfree(it.p);
    else
        free_heap_pages(virt_to_page(it.p), it.order);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    setup();
    for (; len >= 3; data += 3, len -= 3) {
        if (data[0] & 1 && nr_items < MAX_ITEMS) {
            if (data[0] & 2)
                take_frames(data[1], data[2], data[0]);
            else
                take_object(data[1], data[2], data[0]);
        } else if (nr_items) {
            drop_item(data[1] % nr_items);
        }
    }
    while (nr_items)
        drop_item(nr_items - 1);
    require(heap_free_pages() == 3 * NODE_SIZE - 1);
    require(slab_bytes_in_use() == 0 && shim_locks_held == 0 && shim_irqs_on);
    return 0;
}
