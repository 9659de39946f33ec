/* SPDX-License-Identifier: MIT */
/*
 * test-light-move.c - guests on a simulated host are suspended, saved and restored: what they are
 * then, and what is left when it is called off.
 */
#include "light/fake-guest.h"
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>
#include <xenolith/ctrl-sim.h>
#include <xenolith/light-domain.h>
#include <xenolith/light-move.h>
#include <xenolith/public/sched.h>
#include <xenolith/public/xenolith.h>

static char path[64];

static void begin(void)
{
    setup("");
    snprintf(path, sizeof(path), "/tmp/test-light-move.%d", getpid());
}

static void end(void)
{
    unlink(path);
    teardown();
}

/* One turn, then the guest has its own. */
static int turn(xlight_op *op, uint32_t domid)
{
    struct pollfd p = {.fd = xlight_op_fd(op), .events = POLLIN};
    int rc;

    poll(&p, 1, xlight_op_timeout(op));
    rc = xlight_op_process(op);
    if (rc == -EINPROGRESS && domid)
        guest_answer(domid);
    return rc;
}

static int drive(xlight_op *op, uint32_t domid)
{
    int rc;

    while ((rc = turn(op, domid)) == -EINPROGRESS)
        ;
    return rc;
}

static bool compress;

static xlight_op *save_start(uint32_t domid, int after, bool live)
{
    struct xlight_save_options o = XLIGHT_SAVE_OPTIONS_INIT;
    xlight_op *op;

    o.compress = compress;
    o.after = (enum xlight_after_save)after;
    o.live = live;
    ck_assert_int_eq(xlight_domain_save_start(h, domid, path, &o, &op), 0);
    return op;
}

static void save(uint32_t domid, int after, bool live)
{
    xlight_op *op = save_start(domid, after, live);

    if (drive(op, domid))
        ck_abort_msg("%s", text());
    xlight_op_free(op);
}

static int restore(uint32_t *ret_domid)
{
    struct xlight_restore_options o = XLIGHT_RESTORE_OPTIONS_INIT;
    xlight_op *op;
    int rc;

    o.paused = true;
    ck_assert_int_eq(xlight_domain_restore_start(h, path, &o, &op), 0);
    rc = drive(op, 0);
    *ret_domid = xlight_op_domid(op);
    xlight_op_free(op);
    return rc;
}

static void check_file(void)
{
    struct xlight_stream_info info = {.size = sizeof(info)};
    int fd = open(path, O_RDONLY);
    char why[512];
    struct stat st;

    ck_assert_int_eq(fstat(fd, &st), 0);
    ck_assert_int_eq(st.st_mode & 0777, 0600);
    if (xlight_stream_check(fd, &info, why, sizeof(why)))
        ck_abort_msg("%s", why);
    ck_assert_uint_eq(compress ? info.packed_bytes : info.bytes, (uint64_t)st.st_size);
    ck_assert_uint_eq(!info.packed_bytes, !compress);
    if (compress)
        ck_assert_uint_lt(info.packed_bytes, info.bytes / 4);
    ck_assert_uint_eq(info.vcpus, 1);
    ck_assert_uint_ge(info.pages, 8192 / 4);
    close(fd);
}

START_TEST(there_and_back)
{
    uint32_t domid;

    begin();
    for (int i = 0; i < 8; i++) {
        compress = i & 4;
        domid = create("maxmem = 16\nvcpus = 2\n", false);
        if (i & 1)
            guest_boot_tree(domid);
        else
            guest_boot(domid);
        save(domid, XLIGHT_SAVE_DESTROY, i & 2);
        sim_check_snapshot(h, nothing, "saved");
        check_file();
        if (restore(&domid))
            ck_abort_msg("%s", text());
        guest_check_restored(domid, "once");
        ck_assert_str_eq(value("/local/domain/%u/name", domid), "g");
        ck_assert_str_eq(value("/local/domain/%u/memory/target", domid), "8192");
        /* And once more. */
        ck_assert_int_eq(xlight_domain_unpause(h, domid), 0);
        guest_boot(domid);
        save(domid, XLIGHT_SAVE_DESTROY, false);
        if (restore(&domid))
            ck_abort_msg("%s", text());
        guest_check_restored(domid, "twice");
        ck_assert_int_eq(destroy(domid), 0);
        sim_check_snapshot(h, nothing, "destroyed");
    }
    end();
}
END_TEST

START_TEST(goes_on)
{
    struct xlight_domain *d;
    uint32_t domid, copy;

    begin();
    domid = create("", false);
    guest_boot(domid);
    for (int i = 0; i < 2; i++) {
        save(domid, XLIGHT_SAVE_GO_ON, i);
        check_file();
        guest_check_runs(domid, "saved");
    }
    save(domid, XLIGHT_SAVE_PAUSE, false);
    guest_check_runs(domid, "saved");
    ck_assert_int_eq(xlight_domain_info(h, domid, &d), 0);
    ck_assert(d->paused);
    xlight_domain_list_free(d, 1);
    ck_assert_int_eq(xlight_domain_unpause(h, domid), 0);
    /* There cannot be two of them. */
    ck_assert_int_eq(restore(&copy), -EEXIST);
    ck_assert_int_eq(destroy(domid), 0);
    ck_assert_int_eq(restore(&copy), 0);
    guest_check_restored(copy, "a copy");
    ck_assert_int_eq(destroy(copy), 0);
    end();
}
END_TEST

START_TEST(suspended_and_resumed)
{
    xlight_op *op;
    uint32_t domid;

    begin();
    domid = create("", false);
    guest_boot(domid);
    ck_assert_int_eq(xlight_domain_resume(h, domid), -EINVAL);
    ck_assert_int_eq(xlight_domain_suspend_start(h, domid, &op), 0);
    ck_assert_int_eq(drive(op, domid), 0);
    xlight_op_free(op);
    ck_assert_int_eq(xlight_domain_resume(h, domid), 0);
    guest_check_runs(domid, "resumed");
    /* Called off before it has answered. */
    ck_assert_int_eq(xlight_domain_suspend_start(h, domid, &op), 0);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(xlight_op_process(op), -EINPROGRESS);
    ck_assert_str_eq(value("/local/domain/%u/control/shutdown", domid), "suspend");
    xlight_op_free(op);
    guest_check_runs(domid, "called off");
    /* Saved when it is suspended already. */
    ck_assert_int_eq(xlight_domain_suspend_start(h, domid, &op), 0);
    ck_assert_int_eq(drive(op, domid), 0);
    xlight_op_free(op);
    save(domid, XLIGHT_SAVE_GO_ON, false);
    guest_check_runs(domid, "saved");
    /* Those that cannot answer. */
    ck_assert_int_eq(xlight_domain_pause(h, domid), 0);
    ck_assert_int_eq(xlight_domain_suspend_start(h, domid, &op), 0);
    ck_assert_int_eq(xlight_op_wait(op), -EBUSY);
    ck_assert_ptr_nonnull(strstr(text(), "is paused"));
    xlight_op_free(op);
    ck_assert_int_eq(xctl_domain_shutdown(h->ctrl, (domid_t)domid, SHUTDOWN_crash), 0);
    ck_assert_int_eq(xlight_domain_suspend_start(h, domid, &op), 0);
    ck_assert_int_eq(xlight_op_wait(op), -EINVAL);
    xlight_op_free(op);
    ck_assert_int_eq(xlight_domain_suspend_start(h, 0, &op), -EPERM);
    ck_assert_int_eq(destroy(domid), 0);
    domid = create("type = \"pvh\"", true);
    ck_assert_int_eq(xlight_domain_suspend_start(h, domid, &op), -EOPNOTSUPP);
    ck_assert_int_eq(xlight_domain_save_start(h, domid, path, NULL, &op), -EOPNOTSUPP);
    ck_assert_int_eq(destroy(domid), 0);
    end();
}
END_TEST

static bool runs(uint32_t domid)
{
    struct xen_domctl_getdomaininfo info;

    return !xctl_domain_info(h->ctrl, (domid_t)domid, &info) &&
           !(info.flags & (XEN_DOMINF_shutdown | XEN_DOMINF_dying));
}

/* A page that is written to as long as the guest runs: what was there in the end counts. */
START_TEST(written_to_meanwhile)
{
    const uint64_t va = 0xffffffff80100000ULL + 3 * 4096;
    xlight_op *op;
    uint32_t domid;
    uint64_t *p, n = 0;
    int rc;

    begin();
    domid = create("", false);
    guest_boot(domid);
    op = save_start(domid, XLIGHT_SAVE_DESTROY, true);
    do {
        if (runs(domid)) {
            p = guest_map(domid, va, true, NULL);
            p[5] = ++n;
            guest_unmap(p);
        }
        rc = turn(op, domid);
    } while (rc == -EINPROGRESS);
    ck_assert_msg(!rc, "%s", text());
    ck_assert_uint_gt(n, 5);
    xlight_op_free(op);
    ck_assert_int_eq(restore(&domid), 0);
    p = guest_map(domid, va, false, NULL);
    ck_assert_uint_eq(p[5], n);
    guest_unmap(p);
    ck_assert_int_eq(destroy(domid), 0);
    end();
}
END_TEST

static off_t flip(off_t at)
{
    int fd = open(path, O_RDWR);
    struct stat st;
    uint8_t byte;

    ck_assert_int_eq(fstat(fd, &st), 0);
    ck_assert_int_eq(pread(fd, &byte, 1, at), 1);
    byte ^= 4;
    ck_assert_int_eq(pwrite(fd, &byte, 1, at), 1);
    close(fd);
    return st.st_size;
}

/* What the compressed file is unpacked; its length, or an error of zstd. */
static size_t unpacked(void *to, size_t room)
{
    static uint8_t packed[1 << 20];
    int fd = open(path, O_RDONLY);
    ssize_t size = read(fd, packed, sizeof(packed));

    close(fd);
    ck_assert_int_gt(size, 0);
    ck_assert_int_lt(size, (int)sizeof(packed));
    return ZSTD_decompress(to, room, packed, (size_t)size);
}

/* From there on, the first byte of which zstd uses the bit that is turned over here. */
static off_t damage(off_t at)
{
    static uint8_t good[16 << 20], bad[16 << 20];
    size_t size = unpacked(good, sizeof(good));

    ck_assert(!ZSTD_isError(size));
    for (;; at++) {
        flip(at);
        if (unpacked(bad, sizeof(bad)) != size || memcmp(good, bad, size))
            return at;
        flip(at);
    }
}

/* A bit of the compressed file is another one: no domain is left of it. */
START_TEST(compressed_and_damaged)
{
    uint32_t domid;
    off_t size, at;

    begin();
    compress = true;
    domid = create("", false);
    guest_boot(domid);
    save(domid, XLIGHT_SAVE_DESTROY, false);
    flip(0);
    size = flip(0);
    for (int i = 1; i < 12; i++) {
        at = damage(size * i / 12);
        ck_assert_int_ne(restore(&domid), 0);
        ck_assert_msg(strstr(text(), "cannot use what is in") ||
                          strstr(text(), "cannot restore the guest"),
                      "%s", text());
        sim_check_snapshot(h, nothing, "damaged");
        flip(at);
    }
    ck_assert_int_eq(truncate(path, size - 1), 0);
    ck_assert_int_eq(restore(&domid), -ENODATA);
    sim_check_snapshot(h, nothing, "cut");
    end();
}
END_TEST

/* Through a pipe, from one domain into another; and of what is behind it nothing is read. */
START_TEST(through_a_pipe)
{
    struct xlight_restore_options ro = XLIGHT_RESTORE_OPTIONS_INIT;
    xlight_op *out, *in;
    uint32_t domid;
    int ends[2], rc, rc2 = -EINPROGRESS, left;
    char c;

    begin();
    domid = create("", false);
    guest_boot(domid);
    ck_assert_int_eq(pipe(ends), 0);
    ro.config = config("name = \"h\"\nuuid = \"11020304-0506-0708-090a-0b0c0d0e0f10\"");
    ck_assert_int_eq(xlight_domain_save_fd_start(h, domid, ends[1], NULL, &out), 0);
    ck_assert_int_eq(xlight_domain_restore_fd_start(h, ends[0], &ro, &in), 0);
    do {
        rc = xlight_op_process(out);
        if (rc == -EINPROGRESS)
            guest_answer(domid);
        if (rc2 == -EINPROGRESS)
            rc2 = xlight_op_process(in);
        ck_assert_msg(!rc || rc == -EINPROGRESS, "%s", text());
        ck_assert_msg(!rc2 || rc2 == -EINPROGRESS, "%s", text());
    } while (rc == -EINPROGRESS || rc2 == -EINPROGRESS);
    domid = xlight_op_domid(in);
    xlight_op_free(out);
    xlight_op_free(in);
    ck_assert_int_eq(fcntl(ends[0], F_GETFL) & O_NONBLOCK, 0);
    ck_assert_int_eq(fcntl(ends[1], F_GETFL) & O_NONBLOCK, 0);
    ck_assert_int_eq(write(ends[1], "x", 1), 1);
    left = (int)read(ends[0], &c, 1);
    ck_assert_int_eq(left, 1);
    ck_assert_int_eq(c, 'x');
    close(ends[0]);
    close(ends[1]);
    ck_assert_str_eq(value("/local/domain/%u/name", domid), "h");
    guest_check_restored(domid, "through a pipe");
    ck_assert_int_eq(destroy(domid), 0);
    xlight_config_free(ro.config);
    end();
}
END_TEST

static void check_refused(uint32_t domid, int rc, const char *why)
{
    xlight_op *op = save_start(domid, XLIGHT_SAVE_DESTROY, false);

    ck_assert_int_eq(drive(op, domid), rc);
    ck_assert_msg(strstr(text(), why), "\"%s\" is not in \"%s\"", why, text());
    xlight_op_free(op);
    ck_assert_int_ne(access(path, F_OK), 0);
    guest_check_runs(domid, why);
}

static struct shared_info *map_info(uint32_t domid)
{
    struct xen_domctl_getdomaininfo info;
    xen_pfn_t frame;
    void *p;

    ck_assert_int_eq(xctl_domain_info(h->ctrl, (domid_t)domid, &info), 0);
    frame = info.shared_info_frame;
    ck_assert_int_eq(xctl_foreign_map(h->ctrl, (domid_t)domid, 3, &frame, 1, NULL, &p), 0);
    return p;
}

/* What guests say of themselves and is not so. */
START_TEST(guests_that_lie)
{
    struct shared_info *s;
    uint32_t domid;

    begin();
    domid = create("", false);
    check_refused(domid, -ENODATA, "has not made a list of its frames yet");
    guest_boot(domid);
    s = map_info(domid);
    s->arch.max_pfn = 1UL << 40;
    check_refused(domid, -E2BIG, "it claims to reach page");
    s->arch.max_pfn = 8192 / 4 + 1000;
    check_refused(domid, -EFAULT, "cannot be used");
    s->arch.max_pfn = 100;
    check_refused(domid, -EFAULT, "of it is not in it");
    guest_boot(domid);
    s->arch.p2m_vaddr += 4096 * 512;
    check_refused(domid, -EFAULT, "nothing is at");
    s->arch.p2m_cr3 = 0x123456789000;
    check_refused(domid, -EINVAL, "cannot read a frame of the guest");
    s->arch.p2m_cr3 = 0;
    s->arch.pfn_to_mfn_frame_list_list = 1;
    check_refused(domid, -EINVAL, "cannot read a frame of the guest");
    guest_unmap(s);
    ck_assert_int_eq(destroy(domid), 0);
    end();
}
END_TEST

/* How large it may become is not for who wrote the file to say. */
START_TEST(larger_than_the_host)
{
    struct xlight_restore_options o = XLIGHT_RESTORE_OPTIONS_INIT;
    xlight_op *op;
    uint32_t domid;

    begin();
    domid = create("maxmem = 16\n", false);
    guest_boot(domid);
    save(domid, XLIGHT_SAVE_DESTROY, false);
    o.config = config("");
    o.config->max_memory_kb = 1ULL << 40;
    ck_assert_int_eq(xlight_domain_restore_start(h, path, &o, &op), 0);
    ck_assert_int_eq(drive(op, 0), -E2BIG);
    ck_assert_ptr_nonnull(
        strstr(text(), "it can become as large as 1073741824 MiB, and this host has 256 MiB"));
    xlight_op_free(op);
    xlight_config_free(o.config);
    sim_check_snapshot(h, nothing, "refused");
    end();
}
END_TEST

static uint64_t unfilled(uint32_t domid)
{
    struct xen_domctl_getdomaininfo info;

    ck_assert_int_eq(xctl_domain_info(h->ctrl, (domid_t)domid, &info), 0);
    return info.paged_pages;
}

static xlight_op *lazy_start(void)
{
    struct xlight_restore_options o = XLIGHT_RESTORE_OPTIONS_INIT;
    xlight_op *op;

    o.lazy = true;
    ck_assert_int_eq(xlight_domain_restore_start(h, path, &o, &op), 0);
    return op;
}

/* From a descriptor in the middle of another file. */
static xlight_op *lazy_start_behind(int *ret_fd)
{
    struct xlight_restore_options o = XLIGHT_RESTORE_OPTIONS_INIT;
    int from = open(path, O_RDONLY), to = open("/tmp", O_RDWR | O_TMPFILE, 0600);
    struct stat st;
    xlight_op *op;

    ck_assert_int_eq(fstat(from, &st), 0);
    ck_assert_int_eq(lseek(to, 123, SEEK_SET), 123);
    for (ssize_t left = st.st_size, n; left; left -= n) {
        n = sendfile(to, from, NULL, (size_t)left);
        ck_assert_int_gt(n, 0);
    }
    ck_assert_int_eq(lseek(to, 123, SEEK_SET), 123);
    close(from);
    *ret_fd = to;
    o.lazy = true;
    ck_assert_int_eq(xlight_domain_restore_fd_start(h, to, &o, &op), 0);
    return op;
}

/* Until the guest has begun to run; its domain. */
static uint32_t until_it_runs(xlight_op *op)
{
    struct xen_domctl_getdomaininfo info;

    do {
        if (turn(op, 0) != -EINPROGRESS)
            ck_abort_msg("over before it ran: %s", text());
    } while (xctl_domain_info(h->ctrl, (domid_t)xlight_op_domid(op), &info) ||
             (info.flags & XEN_DOMINF_paused));
    return xlight_op_domid(op);
}

/* The frame that a list of the guest has for a page, which is there from the beginning. */
static xen_pfn_t frame_of(uint32_t domid, uint64_t pfn)
{
    struct start_info *si = guest_map(domid, guest_start_info(domid), false, NULL);
    uint64_t va = si->mfn_list + pfn * 8, *list;
    xen_pfn_t frame;

    guest_unmap(si);
    list = guest_map(domid, va & ~4095ULL, false, NULL);
    frame = list[pfn % 512];
    guest_unmap(list);
    return frame;
}

/* As the guest reads one of its pages: it comes at once. */
static void check_comes_first(xlight_op *op, uint32_t domid, uint64_t pfn)
{
    xen_pfn_t frame = frame_of(domid, pfn);
    uint64_t before = unfilled(domid);
    int err = 0;
    void *p;

    ck_assert_int_eq(xctl_foreign_map(h->ctrl, (domid_t)domid, 1, &frame, 1, &err, &p), 0);
    ck_assert_int_eq(err, -ENOENT);
    ck_assert_int_eq(xctl_foreign_unmap(h->ctrl, p, 1), 0);
    ck_assert_int_eq(turn(op, 0), -EINPROGRESS);
    ck_assert_int_eq(xctl_foreign_map(h->ctrl, (domid_t)domid, 1, &frame, 1, NULL, &p), 0);
    ck_assert_uint_eq(((uint64_t *)p)[GUEST_MARK], guest_mark(pfn));
    guest_unmap(p);
    ck_assert_uint_ge(unfilled(domid), before - 100);
}

static void saved_guest(bool live, bool packed)
{
    uint32_t domid = create("maxmem = 16\nvcpus = 2\n", false);

    guest_boot(domid);
    compress = packed;
    save(domid, XLIGHT_SAVE_DESTROY, live);
    compress = false;
}

/* It runs when little of the file has been read; what it needs comes first, and at last all. */
START_TEST(lazily)
{
    xlight_op *op, *other;
    struct xlight_transfer t;
    uint32_t domid;
    int fd = -1;

    begin();
    for (int live = 0; live < 2; live++) {
        saved_guest(live, false);
        op = live ? lazy_start_behind(&fd) : lazy_start();
        domid = until_it_runs(op);
        ck_assert_uint_gt(unfilled(domid), 8192 / 4 - 200);
        xlight_op_transfer(op, &t);
        ck_assert_uint_lt(t.bytes, 1 << 20);
        check_comes_first(op, domid, 8192 / 4 - 32);
        check_comes_first(op, domid, 8192 / 4 - 311);
        ck_assert_int_eq(xlight_domain_save_start(h, domid, path, NULL, &other), -EBUSY);
        ck_assert_ptr_nonnull(strstr(text(), "pages of its memory have yet to be read"));
        ck_assert_int_eq(xlight_domain_migrate_start(h, domid, 0, 1, NULL, &other), -EBUSY);
        ck_assert_ptr_nonnull(strstr(text(), "pages of its memory have yet to be read"));
        xlight_op_cancel(op); /* too late */
        if (drive(op, 0))
            ck_abort_msg("%s", text());
        xlight_op_transfer(op, &t);
        ck_assert_uint_ge(t.bytes, 7 << 20);
        ck_assert_uint_le(t.bytes, 9 << 20);
        xlight_op_free(op);
        if (live)
            close(fd);
        ck_assert_uint_eq(unfilled(domid), 0);
        guest_check_restored(domid, "lazily");
        /* As any other. */
        guest_boot(domid);
        save(domid, XLIGHT_SAVE_DESTROY, true);
        if (restore(&domid))
            ck_abort_msg("%s", text());
        guest_check_restored(domid, "saved again");
        ck_assert_int_eq(destroy(domid), 0);
    }
    end();
}
END_TEST

static void check_not_lazy(xlight_op *op, int rc, const char *why)
{
    ck_assert_int_eq(drive(op, 0), rc);
    ck_assert_msg(strstr(text(), why), "\"%s\" is not in \"%s\"", why, text());
    xlight_op_free(op);
    sim_check_snapshot(h, nothing, why);
}

/* From what cannot be read in any order, and where no hypervisor helps. */
START_TEST(not_lazily)
{
    struct xlight_restore_options o = XLIGHT_RESTORE_OPTIONS_INIT;
    struct stat st;
    int ends[2];
    xlight_op *op;

    begin();
    saved_guest(false, true);
    check_not_lazy(lazy_start(), -EOPNOTSUPP, "zstd -d makes another one of it");
    saved_guest(false, false);
    o.lazy = true;
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(xlight_domain_restore_fd_start(h, ends[0], &o, &op), 0);
    ck_assert_int_eq(drive(op, 0), -EOPNOTSUPP);
    ck_assert_ptr_nonnull(strstr(text(), "only a file can be read in the order"));
    xlight_op_free(op);
    close(ends[0]);
    close(ends[1]);
    ck_assert_int_eq(xctl_sim_fail(h->ctrl, XCTL_SIM_DOMCTL, XEN_DOMCTL_fill_op, 0, ENOSYS), 0);
    check_not_lazy(lazy_start(), -EOPNOTSUPP, "this hypervisor cannot fill pages later");
    ck_assert_int_eq(xctl_sim_fail_clear(h->ctrl, NULL), 0);
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_eq(truncate(path, st.st_size / 2), 0);
    check_not_lazy(lazy_start(), -ENODATA, "it ends at byte");
    end();
}
END_TEST

/* The rest does not come: the domain is there, and its owner knows what to do. */
START_TEST(lazily_and_cut_off)
{
    uint32_t domid;
    xlight_op *op;

    begin();
    saved_guest(false, false);
    op = lazy_start();
    domid = until_it_runs(op);
    ck_assert_int_eq(truncate(path, 1 << 20), 0);
    ck_assert_int_eq(drive(op, 0), -ENODATA);
    ck_assert_ptr_nonnull(strstr(text(), "of its pages will never come"));
    ck_assert_ptr_nonnull(strstr(text(), "is to be destroyed"));
    xlight_op_free(op);
    ck_assert_uint_gt(unfilled(domid), 1000);
    ck_assert_int_eq(destroy(domid), 0);
    sim_check_snapshot(h, nothing, "cut off");
    saved_guest(false, false);
    op = lazy_start();
    domid = until_it_runs(op);
    ck_assert_int_eq(destroy(domid), 0);
    ck_assert_int_eq(drive(op, 0), -ESRCH);
    ck_assert_ptr_nonnull(strstr(text(), "somebody has destroyed it"));
    xlight_op_free(op);
    sim_check_snapshot(h, nothing, "destroyed meanwhile");
    end();
}
END_TEST

TEST_MAIN("light-move", there_and_back, goes_on, suspended_and_resumed, written_to_meanwhile,
          compressed_and_damaged, through_a_pipe, guests_that_lie, larger_than_the_host, lazily,
          not_lazily, lazily_and_cut_off)
