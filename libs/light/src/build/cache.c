/* SPDX-License-Identifier: MIT */
/* cache.c - the cache of unpacked kernels; cache.h has the idea. */
#include "cache.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MAGIC       "xenolith-kernel\0"
#define VERSION     1U /* of the format, and of what unpacking means */
#define MAX_DEFAULT (1ULL << 30)
#define CHUNK       (128U << 10)
#define SUFFIX      ".kernel"
#define TEMP_PREFIX ".new-"
#define TEMP_AGE    3600 /* seconds after which nobody is at it any more */

/* At the start of each entry. The original follows at once, the rest at the next page. */
struct head {
    char magic[16];
    uint32_t version;
    uint32_t complete; /* 1: as written before the rename */
    uint64_t packed, unpacked;
};

struct xlight__cache {
    int dir;
    uint64_t max;
};

static bool ours_alone(const struct stat *st)
{
    return st->st_uid == geteuid() && !(st->st_mode & (S_IWGRP | S_IWOTH));
}

int xlight__cache_open(const char *path, uint64_t max, struct xlight__cache **ret_c)
{
    struct xlight__cache *c;
    struct stat st;
    int fd, rc;

    *ret_c = NULL;
    if (mkdir(path, 0755) && errno != EEXIST)
        return -errno;
    fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    rc = fstat(fd, &st) ? -errno : !ours_alone(&st) ? -EPERM : 0;
    c = rc ? NULL : malloc(sizeof(*c));
    if (!c) {
        close(fd);
        return rc ? rc : -ENOMEM;
    }
    *c = (struct xlight__cache){fd, max ? max : MAX_DEFAULT};
    *ret_c = c;
    return 0;
}

void xlight__cache_close(struct xlight__cache *c)
{
    if (c)
        close(c->dir);
    free(c);
}

static uint64_t mix(uint64_t h, const uint8_t *p, size_t len)
{
    for (uint64_t v; len >= sizeof(v); p += sizeof(v), len -= sizeof(v)) {
        memcpy(&v, p, sizeof(v));
        h = (h ^ v) * 0x9e3779b97f4a7c15ULL;
        h ^= h >> 29;
    }
    for (; len; p++, len--)
        h = (h ^ *p) * 0x100000001b3ULL;
    return h;
}

/*
 * Names an entry after samples of the original. Two originals with one name only cost time: what
 * is in the entry decides.
 */
static int make_name(const struct xlight__blob *file, char *name, size_t size)
{
    uint8_t sample[512];
    uint64_t h = mix(VERSION, (const uint8_t *)&file->size, sizeof(file->size));
    uint64_t last = file->size > sizeof(sample) ? file->size - sizeof(sample) : 0;
    int rc = 0;

    for (unsigned int i = 0; !rc && i <= 64; i++) {
        size_t n = file->size < sizeof(sample) ? (size_t)file->size : sizeof(sample);

        rc = xlight__blob_read(file, last / 64 * i, sample, n, NULL);
        if (!rc)
            h = mix(h, sample, n);
    }
    if (!rc)
        rc = xlight__blob_read(file, last, sample,
                               file->size < sizeof(sample) ? (size_t)file->size : sizeof(sample),
                               NULL);
    if (!rc)
        h = mix(h, sample, file->size < sizeof(sample) ? (size_t)file->size : sizeof(sample));
    snprintf(name, size, "%016llx-%llx" SUFFIX, (unsigned long long)h,
             (unsigned long long)file->size);
    return rc;
}

static uint64_t content_base(uint64_t packed)
{
    return (sizeof(struct head) + packed + 4095) & ~4095ULL;
}

/* Is the original in the entry equal to the file? */
static bool same(const struct xlight__blob *file, int fd)
{
    const struct xlight__blob kept = {.fd = fd, .start = sizeof(struct head), .size = file->size};
    uint8_t *a = malloc(CHUNK), *b = malloc(CHUNK);
    bool equal = a && b;

    for (uint64_t at = 0; equal && at < file->size; at += CHUNK) {
        uint64_t rest = file->size - at;
        size_t n = rest < CHUNK ? (size_t)rest : CHUNK;

        equal = !xlight__blob_read(file, at, a, n, NULL) &&
                !xlight__blob_read(&kept, at, b, n, NULL) && !memcmp(a, b, n);
    }
    free(a);
    free(b);
    return equal;
}

static bool valid(const struct xlight__blob *file, int fd, struct head *ret_head)
{
    struct stat st;
    struct head h;

    if (fstat(fd, &st) || !S_ISREG(st.st_mode) || !ours_alone(&st))
        return false;
    if (pread(fd, &h, sizeof(h), 0) != sizeof(h) || memcmp(h.magic, MAGIC, sizeof(h.magic)) ||
        h.version != VERSION || h.complete != 1 || h.packed != file->size)
        return false;
    if ((uint64_t)st.st_size < content_base(h.packed) ||
        (uint64_t)st.st_size - content_base(h.packed) != h.unpacked)
        return false;
    *ret_head = h;
    return same(file, fd);
}

int xlight__cache_find(struct xlight__cache *c, const struct xlight__blob *file,
                       struct xlight__blob *ret_unpacked)
{
    char name[64];
    struct head h;
    int fd;

    if (!c || make_name(file, name, sizeof(name)))
        return -ENOENT;
    fd = openat(c->dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return -ENOENT;
    if (!valid(file, fd, &h)) {
        close(fd);
        return -ENOENT;
    }
    /* The time of last use is what decides who goes first. */
    futimens(fd, (const struct timespec[]){{.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_NOW}});
    *ret_unpacked =
        (struct xlight__blob){.fd = fd, .start = content_base(h.packed), .size = h.unpacked};
    return fd;
}

static int write_at(int fd, const void *data, size_t len, uint64_t at)
{
    const char *p = data;

    while (len) {
        ssize_t n = pwrite(fd, p, len, (off_t)at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n ? -errno : -EIO;
        p += n;
        at += (uint64_t)n;
        len -= (size_t)n;
    }
    return 0;
}

static int copy_original(const struct xlight__blob *file, int fd)
{
    uint8_t *buf = malloc(CHUNK);
    int rc = buf ? 0 : -ENOMEM;

    for (uint64_t at = 0; !rc && at < file->size; at += CHUNK) {
        uint64_t rest = file->size - at;
        size_t n = rest < CHUNK ? (size_t)rest : CHUNK;

        rc = xlight__blob_read(file, at, buf, n, NULL);
        if (!rc)
            rc = write_at(fd, buf, n, sizeof(struct head) + at);
    }
    free(buf);
    return rc;
}

int xlight__cache_new_start(struct xlight__cache *c, const struct xlight__blob *file,
                            struct xlight__cache_new *n)
{
    struct head h = {.magic = MAGIC, .version = VERSION, .packed = file->size};
    uint64_t unique;
    int rc;

    if (!c)
        return -ENOENT;
    rc = make_name(file, n->name, sizeof(n->name));
    if (rc)
        return rc;
    if (getrandom(&unique, sizeof(unique), 0) != sizeof(unique))
        return -EIO;
    snprintf(n->temp, sizeof(n->temp), TEMP_PREFIX "%016llx", (unsigned long long)unique);
    n->fd = openat(c->dir, n->temp, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (n->fd < 0)
        return -errno;
    n->cache = c;
    n->base = content_base(file->size);
    rc = write_at(n->fd, &h, sizeof(h), 0);
    if (!rc)
        rc = copy_original(file, n->fd);
    if (rc)
        xlight__cache_new_drop(n);
    return rc;
}

void xlight__cache_new_drop(struct xlight__cache_new *n)
{
    if (n->fd < 0)
        return;
    close(n->fd);
    unlinkat(n->cache->dir, n->temp, 0);
    n->fd = -1;
}

static bool is_entry(const char *name)
{
    size_t len = strlen(name);

    return len > strlen(SUFFIX) && !strcmp(name + len - strlen(SUFFIX), SUFFIX);
}

/* Walks once: drops what was left half done, adds up the rest, finds the entry used longest ago. */
static uint64_t survey(struct xlight__cache *c, DIR *dir, const char *keep, char *ret_oldest,
                       size_t size)
{
    struct timespec now, oldest = {0};
    struct dirent *e;
    uint64_t sum = 0;

    clock_gettime(CLOCK_REALTIME, &now);
    *ret_oldest = 0;
    rewinddir(dir);
    while ((e = readdir(dir))) {
        struct stat st;

        if (fstatat(c->dir, e->d_name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISREG(st.st_mode))
            continue;
        if (!strncmp(e->d_name, TEMP_PREFIX, strlen(TEMP_PREFIX))) {
            if (st.st_mtim.tv_sec + TEMP_AGE < now.tv_sec)
                unlinkat(c->dir, e->d_name, 0);
            continue;
        }
        if (!is_entry(e->d_name))
            continue;
        sum += (uint64_t)st.st_blocks * 512;
        if (!strcmp(e->d_name, keep) || strlen(e->d_name) >= size)
            continue;
        if (!*ret_oldest || st.st_mtim.tv_sec < oldest.tv_sec ||
            (st.st_mtim.tv_sec == oldest.tv_sec && st.st_mtim.tv_nsec < oldest.tv_nsec)) {
            oldest = st.st_mtim;
            strcpy(ret_oldest, e->d_name);
        }
    }
    return sum;
}

static void make_room(struct xlight__cache *c, const char *keep)
{
    char oldest[64];
    int fd = openat(c->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);

    if (!dir) {
        if (fd >= 0)
            close(fd);
        return;
    }
    while (survey(c, dir, keep, oldest, sizeof(oldest)) > c->max && *oldest)
        if (unlinkat(c->dir, oldest, 0))
            break;
    closedir(dir);
}

int xlight__cache_new_commit(struct xlight__cache_new *n, uint64_t size)
{
    struct head h;
    int rc;

    if (n->fd < 0)
        return -ENOENT;
    rc = pread(n->fd, &h, sizeof(h), 0) == sizeof(h) ? 0 : -EIO;
    h.complete = 1;
    h.unpacked = size;
    if (!rc)
        rc = write_at(n->fd, &h, sizeof(h), 0);
    /* Data before the name: a power cut must not leave a name on half an entry. */
    if (!rc && fdatasync(n->fd))
        rc = -errno;
    if (!rc && renameat(n->cache->dir, n->temp, n->cache->dir, n->name))
        rc = -errno;
    if (rc) {
        xlight__cache_new_drop(n);
        return rc;
    }
    close(n->fd);
    n->fd = -1;
    make_room(n->cache, n->name);
    return 0;
}
