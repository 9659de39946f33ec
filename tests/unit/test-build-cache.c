/* SPDX-License-Identifier: MIT */
/* test-build-cache.c - the cache of unpacked kernels: used when it may be, never otherwise. */
#include "build/images.h"
#include "cache.h"
#include "fail-alloc.h"
#include "kernel.h"
#include "test-main.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[] = "/tmp/test-build-cache-XXXXXX";
#define NAME_ROOM 400
static char cache_path[64];
static struct xlight__kernel_options options;

static void remove_all(const char *path)
{
    DIR *d = opendir(path);
    struct dirent *e;

    while (d && (e = readdir(d)))
        unlinkat(dirfd(d), e->d_name, 0);
    if (d)
        closedir(d);
    rmdir(path);
}

static unsigned int entries(char *ret_name)
{
    DIR *d = opendir(cache_path);
    unsigned int n = 0;
    struct dirent *e;

    while (d && (e = readdir(d))) {
        if (e->d_name[0] == '.' && (!e->d_name[1] || e->d_name[1] == '.'))
            continue;
        n++;
        if (ret_name)
            snprintf(ret_name, NAME_ROOM, "%s/%s", cache_path, e->d_name);
    }
    if (d)
        closedir(d);
    return n;
}

/* A folder of its own for each test. */
static void start(void)
{
    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(cache_path, sizeof(cache_path), "%s/cache", dir);
    options = (struct xlight__kernel_options){.cache_dir = cache_path};
}

static void stop(void)
{
    remove_all(cache_path);
    remove_all(dir);
    ck_assert_int_ne(access(dir, F_OK), 0);
    memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
}

/* A packed kernel whose text differs from others by seed. */
static void make(unsigned int seed, struct bytes *ret_packed, struct bytes *ret_elf)
{
    struct tiny t = {.text = 200000};

    tiny_make(&t, ret_elf);
    memcpy(ret_elf->data + 0x1100, &seed, sizeof(seed));
    image_pack(XZ, ret_elf->data, ret_elf->len, ret_packed);
}

static void load_blob(const struct xlight__blob *b, const struct bytes *elf, bool cached)
{
    struct xlight__kernel *k = NULL;
    uint8_t *got = malloc(elf->len);

    ck_assert_int_eq(xlight__kernel_load(b, &options, &k, NULL), 0);
    ck_assert_int_eq(k->cached, cached);
    ck_assert_uint_eq(k->image.size, elf->len);
    ck_assert_int_eq(xlight__blob_read(&k->image, 0, got, elf->len, NULL), 0);
    ck_assert(!memcmp(got, elf->data, elf->len));
    free(got);
    xlight__kernel_free(k);
}

static void load(const struct bytes *packed, const struct bytes *elf, bool cached)
{
    struct xlight__blob b = xlight__blob_memory(packed->data, packed->len);

    load_blob(&b, elf, cached);
}

START_TEST(second_time_from_the_cache)
{
    struct bytes packed, elf;
    char name[NAME_ROOM];
    struct stat st;

    start();
    make(1, &packed, &elf);
    load(&packed, &elf, false);
    ck_assert_uint_eq(entries(name), 1);
    ck_assert_int_eq(stat(name, &st), 0);
    ck_assert_uint_eq(st.st_mode & 07777, 0600);
    for (int i = 0; i < 3; i++)
        load(&packed, &elf, true);
    ck_assert_uint_eq(entries(NULL), 1);
    bytes_free(&packed);
    bytes_free(&elf);
    stop();
}
END_TEST

/* The same name, size and times: only the content tells, and does. */
START_TEST(replaced_kernel_is_noticed)
{
    struct bytes first, second, elf1, elf2;
    struct timespec times[2] = {{1000000, 5}, {1000000, 5}};
    struct xlight__blob b;
    char path[128];
    int fd;

    start();
    make(1, &first, &elf1);
    make(2, &second, &elf2);
    while (first.len < second.len)
        bytes_fill(&first, 0, 1);
    while (second.len < first.len)
        bytes_fill(&second, 0, 1);
    snprintf(path, sizeof(path), "%s/vmlinuz", dir);
    fd = open(path, O_RDWR | O_CREAT, 0600);
    ck_assert_int_eq(pwrite(fd, first.data, first.len, 0), (ssize_t)first.len);
    futimens(fd, times);
    ck_assert_int_eq(xlight__blob_file(fd, &b, NULL), 0);
    load_blob(&b, &elf1, false);
    load_blob(&b, &elf1, true);
    ck_assert_int_eq(pwrite(fd, second.data, second.len, 0), (ssize_t)second.len);
    futimens(fd, times);
    load_blob(&b, &elf2, false);
    load_blob(&b, &elf2, true);
    close(fd);
    bytes_free(&first);
    bytes_free(&second);
    bytes_free(&elf1);
    bytes_free(&elf2);
    stop();
}
END_TEST

/* Entries of two kernels with one name, as someone might contrive it: each is found out. */
START_TEST(equal_names_do_no_harm)
{
    struct bytes packed, elf, other, other_elf;
    char name[NAME_ROOM], second[NAME_ROOM];

    start();
    make(1, &packed, &elf);
    make(7, &other, &other_elf);
    load(&packed, &elf, false);
    entries(name);
    /* The entry of another one, under this one's name. */
    ck_assert_int_eq(unlink(name), 0);
    load(&other, &other_elf, false);
    entries(second);
    ck_assert_int_eq(rename(second, name), 0);
    load(&packed, &elf, false);
    load(&packed, &elf, true);
    ck_assert_uint_eq(entries(NULL), 1);
    bytes_free(&packed);
    bytes_free(&elf);
    bytes_free(&other);
    bytes_free(&other_elf);
    stop();
}
END_TEST

static void spoil(const char *name, size_t at, uint8_t byte)
{
    int fd = open(name, O_RDWR);
    uint8_t old;

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(pread(fd, &old, 1, (off_t)at), 1);
    old ^= byte;
    ck_assert_int_eq(pwrite(fd, &old, 1, (off_t)at), 1);
    close(fd);
}

START_TEST(damaged_entries_are_made_again)
{
    struct bytes packed, elf;
    char name[NAME_ROOM];
    struct stat st;

    start();
    make(1, &packed, &elf);
    load(&packed, &elf, false);
    entries(name);
    /* Magic, version, complete, both sizes, and the original. */
    for (size_t at = 0; at < 40 + packed.len; at += at < 48 ? 4 : 5003) {
        spoil(name, at, 1);
        load(&packed, &elf, false);
        load(&packed, &elf, true);
    }
    ck_assert_int_eq(stat(name, &st), 0);
    ck_assert_int_eq(truncate(name, st.st_size - 1), 0);
    load(&packed, &elf, false);
    ck_assert_int_eq(truncate(name, 10), 0);
    load(&packed, &elf, false);
    ck_assert_int_eq(truncate(name, st.st_size + 1), 0);
    load(&packed, &elf, false);
    load(&packed, &elf, true);
    bytes_free(&packed);
    bytes_free(&elf);
    stop();
}
END_TEST

START_TEST(entries_of_others_are_not_trusted)
{
    struct bytes packed, elf;
    char name[NAME_ROOM], aside[NAME_ROOM];

    start();
    make(1, &packed, &elf);
    load(&packed, &elf, false);
    entries(name);
    ck_assert_int_eq(chmod(name, 0620), 0);
    load(&packed, &elf, false);
    load(&packed, &elf, true);
    ck_assert_int_eq(chmod(name, 0602), 0);
    load(&packed, &elf, false);
    if (!geteuid()) {
        ck_assert_int_eq(chown(name, 65534, 0), 0);
        load(&packed, &elf, false);
        load(&packed, &elf, true);
    }
    snprintf(aside, sizeof(aside), "%s/aside", dir);
    ck_assert_int_eq(rename(name, aside), 0);
    ck_assert_int_eq(symlink(aside, name), 0);
    load(&packed, &elf, false);
    load(&packed, &elf, true);
    ck_assert_int_eq(unlink(name), 0);
    ck_assert_int_eq(mkfifo(name, 0600), 0);
    load(&packed, &elf, false);
    load(&packed, &elf, true);
    bytes_free(&packed);
    bytes_free(&elf);
    stop();
}
END_TEST

/* Then there is none, and everything works as without. */
START_TEST(folders_that_are_not_ours)
{
    struct bytes packed, elf;
    char link[128];

    start();
    make(1, &packed, &elf);
    ck_assert_int_eq(mkdir(cache_path, 0700), 0);
    ck_assert_int_eq(chmod(cache_path, 0770), 0);
    for (int i = 0; i < 2; i++)
        load(&packed, &elf, false);
    ck_assert_int_eq(chmod(cache_path, 0707), 0);
    load(&packed, &elf, false);
    ck_assert_uint_eq(entries(NULL), 0);
    ck_assert_int_eq(chmod(cache_path, 0700), 0);
    if (!geteuid()) {
        ck_assert_int_eq(chown(cache_path, 65534, 0), 0);
        load(&packed, &elf, false);
        ck_assert_uint_eq(entries(NULL), 0);
        ck_assert_int_eq(chown(cache_path, 0, 0), 0);
    }
    snprintf(link, sizeof(link), "%s/link", dir);
    ck_assert_int_eq(symlink(cache_path, link), 0);
    options.cache_dir = link;
    load(&packed, &elf, false);
    options.cache_dir = "/proc/no/such/folder";
    load(&packed, &elf, false);
    ck_assert_uint_eq(entries(NULL), 0);
    bytes_free(&packed);
    bytes_free(&elf);
    stop();
}
END_TEST

static uint64_t entry_size(void)
{
    struct stat st;
    char name[NAME_ROOM];

    ck_assert_uint_eq(entries(name), 1);
    ck_assert_int_eq(stat(name, &st), 0);
    return (uint64_t)st.st_blocks * 512;
}

START_TEST(the_oldest_makes_room)
{
    struct bytes packed[4], elf[4];
    char name[NAME_ROOM];

    start();
    for (unsigned int i = 0; i < 4; i++)
        make(i + 1, &packed[i], &elf[i]);
    load(&packed[0], &elf[0], false);
    options.cache_max = entry_size() * 2 + 8192;
    usleep(20000);
    load(&packed[1], &elf[1], false);
    usleep(20000);
    load(&packed[0], &elf[0], true); /* so 1 is the oldest now */
    usleep(20000);
    load(&packed[2], &elf[2], false);
    ck_assert_uint_eq(entries(NULL), 2);
    load(&packed[0], &elf[0], true);
    load(&packed[2], &elf[2], true);
    usleep(20000);
    /* One that is larger than all stays until the next. */
    options.cache_max = 1;
    load(&packed[3], &elf[3], false);
    ck_assert_uint_eq(entries(name), 1);
    load(&packed[3], &elf[3], true);
    for (unsigned int i = 0; i < 4; i++) {
        bytes_free(&packed[i]);
        bytes_free(&elf[i]);
    }
    stop();
}
END_TEST

START_TEST(leftovers_go_after_a_while)
{
    const struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    struct bytes packed, elf;
    char name[128];
    int fd;

    start();
    ck_assert_int_eq(mkdir(cache_path, 0700), 0);
    snprintf(name, sizeof(name), "%s/.new-1111", cache_path);
    fd = open(name, O_CREAT | O_RDWR, 0600);
    futimens(fd, old);
    close(fd);
    snprintf(name, sizeof(name), "%s/.new-2222", cache_path);
    close(open(name, O_CREAT | O_RDWR, 0600));
    make(1, &packed, &elf);
    load(&packed, &elf, false);
    ck_assert_uint_eq(entries(NULL), 2);
    ck_assert_int_eq(access(name, F_OK), 0);
    bytes_free(&packed);
    bytes_free(&elf);
    stop();
}
END_TEST

/* Only whole images that can be used are kept. */
START_TEST(what_is_not_kept)
{
    struct bytes b = {0}, packed, twice, elf;
    struct xlight__kernel *k;
    struct xlight__blob blob;

    start();
    bytes_fill(&b, 'x', 50000);
    image_pack(GZIP, b.data, b.len, &packed);
    blob = xlight__blob_memory(packed.data, packed.len);
    ck_assert_int_eq(xlight__kernel_load(&blob, &options, &k, NULL), -ENOEXEC);
    ck_assert_uint_eq(entries(NULL), 0);
    bytes_free(&packed);
    bytes_free(&b);
    make(1, &packed, &elf);
    image_pack(GZIP, packed.data, packed.len, &twice);
    load(&twice, &elf, false);
    load(&twice, &elf, false);
    load(&elf, &elf, false);
    ck_assert_uint_eq(entries(NULL), 0);
    packed.data[packed.len / 2] ^= 1;
    blob = xlight__blob_memory(packed.data, packed.len);
    ck_assert_int_lt(xlight__kernel_load(&blob, &options, &k, NULL), 0);
    ck_assert_uint_eq(entries(NULL), 0);
    bytes_free(&packed);
    bytes_free(&twice);
    bytes_free(&elf);
    stop();
}
END_TEST

/* A disk that is full costs nothing but the cache. */
START_TEST(full_disk)
{
    struct rlimit old, small = {100000, 100000};
    struct bytes packed, elf;

    start();
    make(1, &packed, &elf);
    ck_assert_uint_lt(packed.len, 90000);
    ck_assert_uint_gt(elf.len, 100000);
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &old), 0);
    small.rlim_max = old.rlim_max;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
    {
        struct xlight__blob b = xlight__blob_memory(packed.data, packed.len);
        struct xlight__kernel *k = NULL;
        struct xlight__why why = {0};
        int rc = xlight__kernel_load(&b, &options, &k, &why);

        /* Files in memory fall under that limit, too: the second try says so. */
        ck_assert_int_eq(rc, -EFBIG);
        ck_assert_uint_eq(why.nr, 1);
        ck_assert_ptr_nonnull(strstr(why.links[0].text, "cannot write"));
    }
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &old), 0);
    ck_assert_uint_eq(entries(NULL), 0);
    load(&packed, &elf, false);
    bytes_free(&packed);
    bytes_free(&elf);
    stop();
}
END_TEST

/* Many at once: whoever finds an entry finds a whole one. */
START_TEST(many_at_once)
{
    struct bytes packed, elf;
    int status, bad = 0;

    start();
    make(1, &packed, &elf);
    for (int i = 0; i < 6; i++) {
        if (fork())
            continue;
        for (int j = 0; j < 8; j++) {
            struct xlight__blob b = xlight__blob_memory(packed.data, packed.len);
            struct xlight__kernel *k;
            uint8_t *got = malloc(elf.len);

            if (xlight__kernel_load(&b, &options, &k, NULL) ||
                xlight__blob_read(&k->image, 0, got, elf.len, NULL) ||
                memcmp(got, elf.data, elf.len))
                _exit(1);
            if (j % 3 == i % 3) {
                char name[NAME_ROOM];

                if (entries(name))
                    unlink(name);
            }
            xlight__kernel_free(k);
            free(got);
        }
        _exit(0);
    }
    while (wait(&status) > 0)
        bad |= status;
    ck_assert_int_eq(bad, 0);
    bytes_free(&packed);
    bytes_free(&elf);
    stop();
}
END_TEST

static unsigned int open_files(void)
{
    DIR *d = opendir("/proc/self/fd");
    unsigned int n = 0;

    while (readdir(d))
        n++;
    closedir(d);
    return n;
}

START_TEST(no_memory)
{
    struct bytes packed, elf;
    unsigned int before = open_files();
    bool failed = true;

    start();
    make(1, &packed, &elf);
    for (int n = 1; failed; n++) {
        struct xlight__blob b = xlight__blob_memory(packed.data, packed.len);
        struct xlight__kernel *k = NULL;
        int rc;

        fail_alloc_in = n;
        rc = xlight__kernel_load(&b, &options, &k, NULL);
        failed = !fail_alloc_in;
        fail_alloc_in = 0;
        ck_assert(rc == 0 || rc == -ENOMEM);
        xlight__kernel_free(k);
        ck_assert_uint_eq(open_files(), before);
        /* Whatever is there is whole. */
        if (entries(NULL))
            load(&packed, &elf, true);
        remove_all(cache_path);
    }
    bytes_free(&packed);
    bytes_free(&elf);
    stop();
}
END_TEST

TEST_MAIN("build-cache", second_time_from_the_cache, replaced_kernel_is_noticed,
          equal_names_do_no_harm, damaged_entries_are_made_again, entries_of_others_are_not_trusted,
          folders_that_are_not_ours, the_oldest_makes_room, leftovers_go_after_a_while,
          what_is_not_kept, full_disk, many_at_once, no_memory)
