/* SPDX-License-Identifier: MIT */
/*
 * What the hypervisor has in use: frames, by sysctl; bytes of small objects, which only a debug key
 * of ours tells, on the console.  To be the same before and after whatever was undone.
 */
#include "guest.h"
#include <public/sysctl.h>

#define MS 1000000UL

static struct xen_sysctl sys;

static long do_sysctl(unsigned int cmd)
{
    sys.cmd = cmd;
    sys.interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    return hypercall(sysctl, &sys);
}

static uint64_t free_frames(void)
{
    memset(&sys, 0, sizeof(sys));
    NEED(do_sysctl(XEN_SYSCTL_physinfo) == 0);
    return sys.u.physinfo.free_pages;
}

static uint64_t number(const char *s)
{
    uint64_t n = 0;

    for (; *s >= '0' && *s <= '9'; s++)
        n = n * 10 + (uint64_t)(*s - '0');
    return n;
}

/* 0: not told. */
static uint64_t small_bytes(void)
{
    static char text[16384], key = 'm';
    static const char word[] = "small objects ";
    const char *at, *last = NULL;

    memset(&sys, 0, sizeof(sys));
    sys.u.debug_keys.keys = (uintptr_t)&key;
    sys.u.debug_keys.nr_keys = 1;
    if (do_sysctl(XEN_SYSCTL_debug_keys))
        return 0;
    memset(&sys, 0, sizeof(sys));
    sys.u.readconsole.clear = 1;
    sys.u.readconsole.buffer = (uintptr_t)text;
    sys.u.readconsole.count = sizeof(text) - 1;
    if (do_sysctl(XEN_SYSCTL_readconsole))
        return 0;
    text[sys.u.readconsole.count] = 0;
    for (at = text; (at = strstr(at, word)); at += strlen(word))
        if (at[strlen(word)] >= '0' && at[strlen(word)] <= '9') /* not the line with the sizes */
            last = at;
    return last ? number(last + strlen(word)) : 0;
}

/* Only the reference may leave the bytes out: without them, little is compared. */
static bool always_told(void)
{
    static char extra[sizeof(xen_extraversion_t)];

    return hypercall(xen_version, XENVER_extraversion, extra) == 0 && strstr(extra, "xenolith");
}

/* What is freed late counts as freed: wait until nothing has changed for a while. */
static void settle(void)
{
    uint64_t end = system_time() + 500 * MS, quiet = system_time() + 20 * MS;
    uint64_t last = free_frames(), now;

    while (system_time() < quiet && system_time() < end) {
        hypercall(sched_op, SCHEDOP_yield, 0);
        now = free_frames();
        if (now != last)
            quiet = system_time() + 20 * MS;
        last = now;
    }
}

void counts_take(struct counts *ret_counts)
{
    settle();
    ret_counts->frames = free_frames();
    ret_counts->small = small_bytes();
    if (!ret_counts->small && always_told())
        error("the hypervisor did not tell how many bytes its small objects take");
}

void compare_counts(int line, const struct counts *before)
{
    struct counts now;

    counts_take(&now);
    /* The reference does not tell about small objects, and takes frames for them as it goes. */
    if (!now.small && (int64_t)(before->frames - now.frames) < 16)
        return;
    check_eq(line, "free frames of the hypervisor", (long)now.frames, (long)before->frames);
    check_eq(line, "bytes of its small objects", (long)now.small, (long)before->small);
}
