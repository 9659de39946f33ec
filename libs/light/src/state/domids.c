/* SPDX-License-Identifier: MIT */
/*
 * domids.c - ids that domains had a short time ago.
 *
 * A file has a line for each: seconds of the clock that only goes forward, and the id. It is
 * replaced as a whole, under a lock. Xen's toolstack reads and writes the same.
 */
#include "state.h"
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static long now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec;
}

static int failed(xlight_handle *h, int rc, domid_t domid, const char *what)
{
    return xlight__fail(h, rc, domid, "cannot %s the list of ids in %s: %s", what, h->run_dir,
                        strerrordesc_np(-rc));
}

static int make_path(xlight_handle *h, domid_t domid, const char *suffix, char path[PATH_MAX])
{
    if (snprintf(path, PATH_MAX, "%s/domid-history%s", h->run_dir, suffix) >= PATH_MAX)
        return failed(h, -ENAMETOOLONG, domid, "find");
    return 0;
}

static bool is_recent(long then)
{
    long t = now();

    return then <= t && t - then < XLIGHT__REUSE_SECONDS;
}

int xlight__domid_recent(xlight_handle *h, domid_t domid, bool *ret_recent)
{
    char path[PATH_MAX];
    unsigned int id;
    bool found = false;
    long then;
    FILE *f;
    int rc;

    if (!h->run_dir) {
        *ret_recent = false;
        return 0;
    }
    rc = make_path(h, domid, "", path);
    if (rc)
        return rc;
    f = fopen(path, "re");
    if (!f && errno != ENOENT)
        return failed(h, -errno, domid, "read");
    while (f && fscanf(f, "%ld %u", &then, &id) == 2)
        found |= id == domid && is_recent(then);
    if (f)
        fclose(f);
    *ret_recent = found;
    return 0;
}

/* The lines that still count, and one more. */
static int rewrite(const char *path, const char *new_path, domid_t domid)
{
    FILE *old = fopen(path, "re"), *f;
    unsigned int id;
    long then;
    int rc;

    if (!old && errno != ENOENT)
        return -errno;
    f = fopen(new_path, "we");
    rc = f ? 0 : -errno;
    while (!rc && old && fscanf(old, "%ld %u", &then, &id) == 2)
        if (is_recent(then) && id != domid && fprintf(f, "%ld %u\n", then, id) < 0)
            rc = -EIO;
    if (old)
        fclose(old);
    if (!rc && fprintf(f, "%ld %u\n", now(), domid) < 0)
        rc = -EIO;
    if (f && fclose(f) && !rc)
        rc = -errno;
    if (!rc && rename(new_path, path))
        rc = -errno;
    if (rc && f)
        unlink(new_path);
    return rc;
}

int xlight__domid_leave(xlight_handle *h, domid_t domid)
{
    char path[PATH_MAX], new_path[PATH_MAX], lock_path[PATH_MAX];
    int rc, lock;

    if (!h->run_dir)
        return 0;
    rc = make_path(h, domid, "", path);
    if (!rc)
        rc = make_path(h, domid, ".new", new_path);
    if (!rc)
        rc = make_path(h, domid, ".lock", lock_path);
    if (rc)
        return rc;
    if (mkdir(h->run_dir, 0755) && errno != EEXIST)
        return failed(h, -errno, domid, "make");
    rc = xlight__file_lock(h, domid, lock_path, &lock);
    if (rc)
        return rc;
    rc = rewrite(path, new_path, domid);
    xlight__file_unlock(lock_path, lock);
    return rc ? failed(h, rc, domid, "write") : 0;
}
