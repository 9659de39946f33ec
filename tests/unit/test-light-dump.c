/* SPDX-License-Identifier: MIT */
/* test-light-dump.c - dumps of a domain's memory, and guests that lie about theirs. */
#include "build/images.h"
#include "light/life-host.h"
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xenolith/ctrl-sim.h>
#include <xenolith/light-control.h>
#include <xenolith/light-domain.h>
#include <xenolith/public/sched.h>

/* A dump in memory, and the section of a name in it. */
struct dump {
    uint8_t *data;
    size_t len;
};

/* Mapped, and never copied: that of a virtual machine has holes up to 4 GiB. */
static struct dump read_dump(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct dump d = {0};
    struct stat st;

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(fstat(fd, &st), 0);
    d.len = (size_t)st.st_size;
    d.data = mmap(NULL, d.len, PROT_READ, MAP_PRIVATE, fd, 0);
    ck_assert_ptr_ne(d.data, MAP_FAILED);
    close(fd);
    ck_assert_int_eq(memcmp(d.data, ELFMAG, 4), 0);
    return d;
}

static void drop_dump(struct dump *d)
{
    munmap(d->data, d->len);
}

static uint8_t *section(const struct dump *d, const char *name, uint64_t *ret_size)
{
    const Elf64_Ehdr *e = (const void *)d->data;
    const Elf64_Shdr *s = (const void *)(d->data + e->e_shoff);

    for (unsigned int i = 1; i < e->e_shnum; i++)
        if (!strcmp((const char *)d->data + s[e->e_shstrndx].sh_offset + s[i].sh_name, name)) {
            ck_assert_uint_le(s[i].sh_offset + s[i].sh_size, d->len);
            *ret_size = s[i].sh_size;
            return d->data + s[i].sh_offset;
        }
    return NULL;
}

static int dump(uint32_t domid, const char *path)
{
    xlight_op *op;
    int rc = xlight_domain_dump_start(h, domid, path, &op);

    if (rc)
        return rc;
    rc = xlight_op_wait(op);
    xlight_op_free(op);
    return rc;
}

START_TEST(dump_of_pvh)
{
    uint64_t size, vcpus, nr;
    char path[64];
    uint32_t domid;
    struct dump d;
    uint8_t *pages;
    xlight_op *op;

    setup("");
    domid = create("type = \"pvh\"\nvcpus = 3", true);
    snprintf(path, sizeof(path), "%s/core", sim_dir);
    if (dump(domid, path))
        ck_abort_msg("%s", text());
    d = read_dump(path);
    ck_assert_ptr_nonnull(section(&d, ".xen_prstatus", &vcpus));
    ck_assert_uint_eq(vcpus, 3 * sizeof(struct vcpu_guest_context));
    ck_assert_ptr_nonnull(section(&d, ".xen_pfn", &nr));
    pages = section(&d, ".xen_pages", &size);
    ck_assert_ptr_nonnull(pages);
    ck_assert_uint_eq(size, nr / 8 * 4096);
    /* The kernel is where it was loaded. */
    for (size_t i = 0; i < TINY_TEXT; i++)
        ck_assert_uint_eq(pages[0x100000 + i], tiny_byte(0, i));
    ck_assert_ptr_null(section(&d, ".xen_p2m", &nr));
    ck_assert_uint_eq(section(&d, ".note.Xen", &nr)[12 + 4 + 12 + 4], 0xee);
    drop_dump(&d);
    /* Called off in the middle: there is no file. */
    ck_assert_int_eq(xlight_domain_dump_start(h, domid, path, &op), 0);
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(xlight_op_process(op), -EINPROGRESS);
    ck_assert_int_eq(access(path, F_OK), 0);
    ck_assert_int_eq(xlight_op_timeout(op), 0);
    xlight_op_free(op);
    ck_assert_int_ne(access(path, F_OK), 0);
    ck_assert_int_eq(dump(domid, "/nonexistent/core"), -ENOENT);
    ck_assert_int_eq(dump(domid, "/dev/null"), -EINVAL);
    ck_assert_int_eq(access("/dev/null", F_OK), 0);
    ck_assert_int_eq(dump(0, path), -EPERM);
    ck_assert_int_eq(dump(4000, path), -ESRCH);
    ck_assert_int_eq(destroy(domid), 0);
    teardown();
}
END_TEST

/* What a PV guest does when it starts: a list of five frames, of which two are none. */
static void make_list(uint32_t domid, xen_pfn_t frames[3], unsigned long max_pfn)
{
    struct xen_domctl_getdomaininfo info;
    xen_pfn_t all[4];
    struct shared_info *s;
    uint64_t *pages[4];

    ck_assert_int_eq(xctl_domain_info(h->ctrl, (domid_t)domid, &info), 0);
    memcpy(all, frames, 3 * sizeof(*frames));
    all[3] = info.shared_info_frame;
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(xctl_foreign_map(h->ctrl, (domid_t)domid, PROT_READ | PROT_WRITE, &all[i],
                                          1, NULL, (void **)&pages[i]),
                         0);
    memset(pages[0], 0xff, 4096);
    memset(pages[1], 0xff, 4096);
    pages[0][0] = frames[1];
    pages[1][0] = frames[2];
    memcpy(pages[2], (uint64_t[]){frames[0], frames[1], ~0ULL, 0x123456789, frames[2]}, 40);
    s = (void *)pages[3];
    s->arch.max_pfn = max_pfn;
    s->arch.pfn_to_mfn_frame_list_list = frames[0];
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(xctl_foreign_unmap(h->ctrl, pages[i], 1), 0);
}

START_TEST(dump_of_pv)
{
    uint64_t size, nr, *p2m, *pages;
    xen_pfn_t frames[3];
    char path[64];
    uint32_t domid;
    struct dump d;

    setup("");
    domid = create("maxmem = 2048", true);
    snprintf(path, sizeof(path), "%s/core", sim_dir);
    ck_assert_int_eq(dump(domid, path), -ENODATA);
    ck_assert_int_eq(xctl_memory_increase(h->ctrl, (domid_t)domid, 0, 0, frames, 3), 3);
    make_list(domid, frames, 5);
    if (dump(domid, path))
        ck_abort_msg("%s", text());
    d = read_dump(path);
    p2m = (void *)section(&d, ".xen_p2m", &nr);
    ck_assert_uint_eq(nr, 4 * 16);
    ck_assert_int_eq(
        memcmp(p2m, (uint64_t[]){0, frames[0], 1, frames[1], 3, 0x123456789, 4, frames[2]}, 64), 0);
    pages = (void *)section(&d, ".xen_pages", &size);
    ck_assert_uint_eq(size, 4 * 4096);
    ck_assert_uint_eq(pages[0], frames[1]);
    ck_assert_uint_eq(pages[512], frames[2]);
    ck_assert_uint_eq(pages[1024], 0);
    ck_assert_uint_eq(pages[3 * 512 + 4], frames[2]);
    ck_assert_ptr_nonnull(section(&d, ".xen_shared_info", &size));
    drop_dump(&d);
    ck_assert_int_eq(unlink(path), 0);
    /* Lists that lead nowhere, and sizes that nobody has. */
    make_list(domid, frames, 513 * 512);
    ck_assert_int_lt(dump(domid, path), 0);
    ck_assert_ptr_nonnull(strstr(text(), "makes no sense"));
    make_list(domid, frames, ~0UL);
    ck_assert_int_eq(dump(domid, path), -E2BIG);
    ck_assert_int_ne(access(path, F_OK), 0);
    ck_assert_int_eq(destroy(domid), 0);
    teardown();
}
END_TEST

/* Lists of pages that are all one. */
static void make_endless(uint32_t domid, xen_pfn_t frames[3])
{
    for (int i = 0; i < 3; i++) {
        uint64_t *page;

        ck_assert_int_eq(xctl_foreign_map(h->ctrl, (domid_t)domid, PROT_WRITE, &frames[i], 1, NULL,
                                          (void **)&page),
                         0);
        for (int j = 0; j < 512; j++)
            page[j] = frames[i < 2 ? i + 1 : 2];
        ck_assert_int_eq(xctl_foreign_unmap(h->ctrl, page, 1), 0);
    }
}

/* A guest of 8 MiB that can have 32, and says it has more: it costs no more than it can have. */
START_TEST(dump_is_bounded)
{
    const uint64_t pages = 8192 / 4 + 256, slack = 4096;
    struct xlight_memory m;
    xen_pfn_t frames[3], far;
    char path[64];
    uint32_t domid;
    uint64_t size;
    struct dump d;

    setup("");
    domid = create("maxmem = 32", true);
    snprintf(path, sizeof(path), "%s/core", sim_dir);
    ck_assert_int_eq(xctl_memory_increase(h->ctrl, (domid_t)domid, 0, 0, frames, 3), 3);
    ck_assert_int_eq(xlight_memory_get(h, domid, &m), 0);
    ck_assert_uint_eq(m.maximum_kb, 32768);
    make_list(domid, frames, 32768 / 4 + slack);
    make_endless(domid, frames);
    ck_assert_int_eq(dump(domid, path), -E2BIG);
    ck_assert_ptr_nonnull(strstr(text(), "lists more than the 6400 pages that it can have"));
    make_list(domid, frames, 32768 / 4 + slack + 1);
    ck_assert_int_eq(dump(domid, path), -E2BIG);
    ck_assert_ptr_nonnull(strstr(text(), "reach page 12289, but can have 12288 only"));
    ck_assert_int_ne(access(path, F_OK), 0);
    /* All that it can have, and the slack. */
    make_list(domid, frames, pages + slack);
    make_endless(domid, frames);
    if (dump(domid, path))
        ck_abort_msg("%s", text());
    d = read_dump(path);
    ck_assert_ptr_nonnull(section(&d, ".xen_pages", &size));
    ck_assert_uint_eq(size, (pages + slack) * 4096);
    drop_dump(&d);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(destroy(domid), 0);
    /* A virtual machine with a page far above of all that it can have. */
    domid = create("type = \"pvh\"\nmaxmem = 32", true);
    far = (1 << 20) + 32768 / 4 + slack;
    ck_assert_int_eq(xctl_memory_populate(h->ctrl, (domid_t)domid, 0, 0, &far, 1), 1);
    ck_assert_int_eq(dump(domid, path), -E2BIG);
    ck_assert_ptr_nonnull(strstr(text(), "reach page 1060864, but can have 1060864 only"));
    ck_assert_int_ne(access(path, F_OK), 0);
    ck_assert_int_eq(destroy(domid), 0);
    teardown();
}
END_TEST

/* Found out before anything is done to it, and without standing still. */
START_TEST(no_regular_file)
{
    char path[64];
    uint32_t domid;

    setup("");
    domid = create("type = \"pvh\"", true);
    snprintf(path, sizeof(path), "%s/pipe", sim_dir);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_assert_int_eq(dump(domid, path), -EINVAL);
    ck_assert_ptr_nonnull(strstr(text(), "pipe is not a regular file"));
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(dump(domid, "/dev/null"), -EINVAL);
    ck_assert_int_eq(dump(domid, sim_dir), -EISDIR);
    ck_assert_int_eq(access("/dev/null", F_OK), 0);
    ck_assert_int_eq(destroy(domid), 0);
    teardown();
}
END_TEST

TEST_MAIN("light-dump", no_regular_file, dump_of_pvh, dump_of_pv, dump_is_bounded)
