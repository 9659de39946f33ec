/* SPDX-License-Identifier: MIT */
/* files.c - configurations of domains as files, and their locks. */
#include "state.h"
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define JSON_MAX (16UL << 20) /* bytes; a configuration has some thousand */

void xlight__uuid_format(const uint8_t uuid[16], char text[XLIGHT__UUID_TEXT])
{
    for (unsigned int i = 0; i < 16; i++)
        text += sprintf(text, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", uuid[i]);
}

/* kind: d for what is there, n for what will replace it, l for locks. */
static int make_path(xlight_handle *h, char kind, domid_t domid, const uint8_t uuid[16],
                     const char *what, char path[PATH_MAX])
{
    char text[XLIGHT__UUID_TEXT];

    xlight__uuid_format(uuid, text);
    if (snprintf(path, PATH_MAX, "%s/userdata-%c.%u.%s.%s", h->state_dir, kind, domid, text,
                 what) >= PATH_MAX)
        return xlight__fail(h, -ENAMETOOLONG, domid, "the path of its state is too long");
    return 0;
}

static int file_failed(xlight_handle *h, int rc, domid_t domid, const char *verb, const char *path)
{
    return xlight__fail(h, rc, domid, "cannot %s %s: %s", verb, path, strerrordesc_np(-rc));
}

/* The directory is ours to make, those above are not. */
static int make_dir(xlight_handle *h, domid_t domid, const char *dir)
{
    return mkdir(dir, 0755) && errno != EEXIST ? file_failed(h, -errno, domid, "make", dir) : 0;
}

/* Does the name still lead to what we have open? */
static bool same_file(int fd, const char *path)
{
    struct stat a, b;

    return !fstat(fd, &a) && !stat(path, &b) && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/*
 * Whoever gives a lock back removes the file first: one who waited for it may hold what no longer
 * is there, and begins anew.
 */
int xlight__file_lock(xlight_handle *h, domid_t domid, const char *path, int *ret_fd)
{
    for (;;) {
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666), rc = 0;

        if (fd < 0)
            return file_failed(h, -errno, domid, "make", path);
        while (flock(fd, LOCK_EX))
            if (errno != EINTR) {
                rc = file_failed(h, -errno, domid, "lock", path);
                close(fd);
                return rc;
            }
        if (same_file(fd, path)) {
            *ret_fd = fd;
            return 0;
        }
        close(fd);
    }
}

void xlight__file_unlock(const char *path, int fd)
{
    unlink(path);
    close(fd);
}

int xlight__state_lock(xlight_handle *h, domid_t domid, const uint8_t uuid[16], int *ret_lock)
{
    char path[PATH_MAX];
    int rc;

    if (!h->state_dir) {
        *ret_lock = -1;
        return 0;
    }
    rc = make_path(h, 'l', domid, uuid, "domain-userdata-lock", path);
    if (!rc)
        rc = make_dir(h, domid, h->state_dir);
    return rc ? rc : xlight__file_lock(h, domid, path, ret_lock);
}

void xlight__state_unlock(xlight_handle *h, domid_t domid, const uint8_t uuid[16], int lock)
{
    char path[PATH_MAX];

    if (lock < 0)
        return;
    if (!make_path(h, 'l', domid, uuid, "domain-userdata-lock", path))
        xlight__file_unlock(path, lock);
}

static int write_all(int fd, const char *data, size_t len)
{
    while (len) {
        ssize_t n = write(fd, data, len);

        if (n < 0 && errno != EINTR)
            return -errno;
        if (n > 0) {
            data += n;
            len -= (size_t)n;
        }
    }
    return 0;
}

/* Readers see the old file or the new one, whole. */
static int replace_file(xlight_handle *h, domid_t domid, const char *tmp, const char *path,
                        const char *data, size_t len)
{
    int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), rc;

    if (fd < 0)
        return file_failed(h, -errno, domid, "make", tmp);
    rc = write_all(fd, data, len);
    if (close(fd) && !rc)
        rc = -errno;
    if (rc)
        file_failed(h, rc, domid, "write", tmp);
    else if (rename(tmp, path))
        rc = file_failed(h, -errno, domid, "replace", path);
    if (rc)
        unlink(tmp);
    return rc;
}

int xlight__state_save(xlight_handle *h, domid_t domid, const uint8_t uuid[16],
                       const struct xlight_config *c)
{
    char path[PATH_MAX], tmp[PATH_MAX], *json;
    int rc;

    if (!h->state_dir)
        return 0;
    rc = xlight_config_to_json(c, &json);
    if (rc)
        return xlight__fail(h, rc, domid, "cannot write its configuration as JSON: %s",
                            strerrordesc_np(-rc));
    rc = make_path(h, 'd', domid, uuid, "libxl-json", path);
    if (!rc)
        rc = make_path(h, 'n', domid, uuid, "libxl-json", tmp);
    if (!rc)
        rc = make_dir(h, domid, h->state_dir);
    /* With the zero behind it, as Xen's toolstack has it. */
    if (!rc)
        rc = replace_file(h, domid, tmp, path, json, strlen(json) + 1);
    free(json);
    return rc ? xlight__wrap(h, rc, domid, "cannot save the configuration of domain %u", domid) : 0;
}

/* Up to size bytes, and a zero. To be freed. */
static int read_file(int fd, char **ret_text)
{
    struct stat st;
    char *text;
    size_t len = 0;

    if (fstat(fd, &st))
        return -errno;
    if (st.st_size < 0 || (uint64_t)st.st_size > JSON_MAX)
        return -EFBIG;
    text = malloc((size_t)st.st_size + 1);
    if (!text)
        return -ENOMEM;
    while (len < (size_t)st.st_size) {
        ssize_t n = read(fd, text + len, (size_t)st.st_size - len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            free(text);
            return n ? -errno : -EIO;
        }
        len += (size_t)n;
    }
    text[len] = 0;
    *ret_text = text;
    return 0;
}

static int parse(xlight_handle *h, domid_t domid, const char *path, const char *text,
                 struct xlight_config **ret_c)
{
    xlight_messages *m = NULL;
    int rc = xlight_messages_new(&m);

    if (!rc)
        rc = xlight_config_from_json(path, text, m, ret_c);
    if (rc)
        xlight__fail_messages(h, rc, domid, m);
    xlight_messages_free(m);
    return rc;
}

int xlight__state_load(xlight_handle *h, domid_t domid, const uint8_t uuid[16],
                       struct xlight_config **ret_c)
{
    char path[PATH_MAX], *text = NULL;
    int rc, fd;

    if (!h->state_dir)
        return xlight__fail(h, -ENOENT, domid, "this host keeps no configurations");
    rc = make_path(h, 'd', domid, uuid, "libxl-json", path);
    if (rc)
        return rc;
    fd = open(path, O_RDONLY | O_CLOEXEC);
    rc = fd < 0 ? -errno : read_file(fd, &text);
    if (fd >= 0)
        close(fd);
    if (rc)
        file_failed(h, rc, domid, "read", path);
    else
        rc = parse(h, domid, path, text, ret_c);
    free(text);
    return rc ? xlight__wrap(h, rc, domid, "cannot load the configuration of domain %u", domid) : 0;
}

/* userdata-?.<domid>.<uuid>.anything, but not locks: their owners remove them. */
static bool belongs(const char *name, const char *tail)
{
    static const char start[] = "userdata-";
    size_t len = strlen(start);

    return !strncmp(name, start, len) && (name[len] == 'd' || name[len] == 'n') &&
           !strncmp(name + len + 1, tail, strlen(tail));
}

int xlight__state_remove(xlight_handle *h, domid_t domid, const uint8_t uuid[16])
{
    char text[XLIGHT__UUID_TEXT], tail[64];
    struct dirent *e;
    int rc = 0;
    DIR *dir;

    if (!h->state_dir)
        return 0;
    dir = opendir(h->state_dir);
    if (!dir)
        return errno == ENOENT ? 0 : file_failed(h, -errno, domid, "list", h->state_dir);
    xlight__uuid_format(uuid, text);
    snprintf(tail, sizeof(tail), ".%u.%s.", domid, text);
    while ((e = readdir(dir)))
        if (belongs(e->d_name, tail) && unlinkat(dirfd(dir), e->d_name, 0) && errno != ENOENT)
            rc = file_failed(h, -errno, domid, "remove", e->d_name);
    closedir(dir);
    return rc;
}
