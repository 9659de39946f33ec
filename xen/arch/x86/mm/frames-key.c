/* SPDX-License-Identifier: MIT */
/*
 * frames-key.c - debug key 'f': what each domain's frames are used for. Two equal lines before and
 * after some work mean that it left no reference behind; the test kernels read them.
 */
#include <xen/console.h>
#include <xen/init.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/sched.h>
#include <asm/mm.h>

static const char *const type_name[8] = {"none", "L1", "L2", "L3", "L4", "descriptors", "writable"};

struct tally {
    unsigned long frames, refs, pinned, partial;
    unsigned long used[8], uses[8]; /* by type */
};

static void count_frame(const struct page_info *pg, struct tally *t)
{
    unsigned long type = READ_ONCE(pg->type_info), uses = type & PGT_COUNT_MASK;
    unsigned int kind = (unsigned int)((type & PGT_TYPE_MASK) >> 60);

    t->frames++;
    t->refs += READ_ONCE(pg->count_info) & PGC_COUNT_MASK;
    t->pinned += !!(type & PGT_PINNED);
    t->partial += !!(type & PGT_PARTIAL);
    t->used[kind] += !!uses;
    t->uses[kind] += uses;
}

/* By owner and without locks: who works meanwhile is counted before or after. */
static void count_frames(const struct domain *d, struct tally *t)
{
    for (unsigned long mfn = 1; mfn < max_page; mfn++) {
        if (!mfn_valid(_mfn(mfn))) {
            mfn |= FRAME_CHUNK - 1;
            continue;
        }
        if (page_owner(mfn_to_page(_mfn(mfn))) == d)
            count_frame(mfn_to_page(_mfn(mfn)), t);
    }
}

static void show_frames(const struct domain *d)
{
    struct tally t = {0};

    count_frames(d, &t);
    printk("Frames %s: %lu, references %lu, pinned %lu, partial %lu", d->name, t.frames, t.refs,
           t.pinned, t.partial);
    for (unsigned int i = 0; i < ARRAY_SIZE(type_name); i++)
        if (type_name[i])
            printk(", %s %lu/%lu", type_name[i], t.used[i], t.uses[i]);
    printk("\n");
}

static void key_frames(unsigned char key __maybe_unused)
{
    struct domain *d = get_domain_from(0);

    while (d) {
        domid_t next = (domid_t)(d->domain_id + 1);

        show_frames(d);
        put_domain(d);
        d = next ? get_domain_from(next) : NULL;
    }
    printk("Frames done\n");
}

void __init frames_key_init(void)
{
    register_keyhandler('f', key_frames, "frames of each domain by use: frames/uses");
}
