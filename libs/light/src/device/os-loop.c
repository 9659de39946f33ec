/* SPDX-License-Identifier: MIT */
/* os-loop.c - Linux's loop devices, by their ioctls. */
#include "os.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static int open_loop(unsigned int nr, int flags)
{
    char path[32];
    int fd;

    snprintf(path, sizeof(path), "/dev/loop%u", nr);
    fd = open(path, flags | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int xlight__loop_free(struct xlight__os *os, unsigned int *ret_nr)
{
    int fd = open("/dev/loop-control", O_RDWR | O_CLOEXEC), nr, rc = 0;

    (void)os;
    if (fd < 0)
        return -errno;
    nr = ioctl(fd, LOOP_CTL_GET_FREE);
    if (nr < 0)
        rc = -errno;
    else
        *ret_nr = (unsigned int)nr;
    close(fd);
    return rc;
}

int xlight__loop_attach(struct xlight__os *os, unsigned int nr, const char *file, bool readonly)
{
    struct loop_config config = {.info.lo_flags = readonly ? LO_FLAGS_READ_ONLY : 0};
    int fd, loop, rc = 0;

    (void)os;
    fd = open(file, (readonly ? O_RDONLY : O_RDWR) | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    loop = open_loop(nr, readonly ? O_RDONLY : O_RDWR);
    if (loop < 0) {
        close(fd);
        return loop;
    }
    config.fd = (__u32)fd;
    snprintf((char *)config.info.lo_file_name, LO_NAME_SIZE, "%s", file);
    if (ioctl(loop, LOOP_CONFIGURE, &config))
        rc = -errno;
    close(loop);
    close(fd);
    return rc;
}

int xlight__loop_detach(struct xlight__os *os, unsigned int nr)
{
    int fd = open_loop(nr, O_RDONLY), rc = 0;

    (void)os;
    if (fd < 0)
        return fd;
    if (ioctl(fd, LOOP_CLR_FD, 0))
        rc = -errno;
    close(fd);
    return rc;
}

/* A device number as the kernel has it in 64 bits, which is not what libc makes of large ones. */
static dev_t from_kernel(uint64_t dev)
{
    return makedev((unsigned int)(dev >> 8) & 0xfff,
                   ((unsigned int)dev & 0xff) | ((unsigned int)(dev >> 12) & 0xfff00));
}

/* -ENXIO: it is not in use. */
static int get_loop(unsigned int nr, struct xlight__loop *ret_loop)
{
    struct loop_info64 info;
    int fd = open_loop(nr, O_RDONLY), rc;

    if (fd < 0)
        return fd;
    rc = ioctl(fd, LOOP_GET_STATUS64, &info) ? -errno : 0;
    close(fd);
    if (!rc)
        *ret_loop = (struct xlight__loop){nr, from_kernel(info.lo_device), (ino_t)info.lo_inode};
    return rc;
}

/* It has no file, or has just been removed. Any other error may hide a file that is in use. */
static bool is_unused(int rc)
{
    return rc == -ENXIO || rc == -ENODEV || rc == -ENOENT;
}

int xlight__loop_list(struct xlight__os *os, struct xlight__loop **ret_list, unsigned int *ret_nr)
{
    struct xlight__loop *list = NULL, *bigger, one;
    DIR *d = opendir("/sys/block");
    struct dirent *e;
    unsigned int nr = 0, n;
    char rest;
    int rc;

    (void)os;
    if (!d)
        return -errno;
    while ((e = readdir(d))) {
        if (sscanf(e->d_name, "loop%u%c", &n, &rest) != 1)
            continue;
        rc = get_loop(n, &one);
        if (is_unused(rc))
            continue;
        bigger = rc ? NULL : realloc(list, (nr + 1) * sizeof(*list));
        if (!bigger) {
            free(list);
            closedir(d);
            return rc ? rc : -ENOMEM;
        }
        list = bigger;
        list[nr++] = one;
    }
    closedir(d);
    *ret_list = list;
    *ret_nr = nr;
    return 0;
}

int xlight__image_of(struct xlight__os *os, const char *path, struct xlight__disk_image *ret_image)
{
    struct stat st;

    (void)os;
    if (stat(path, &st))
        return -errno;
    *ret_image = (struct xlight__disk_image){.block = S_ISBLK(st.st_mode),
                                             .regular = S_ISREG(st.st_mode),
                                             .number = S_ISBLK(st.st_mode) ? st.st_rdev : 0,
                                             .dev = st.st_dev,
                                             .ino = st.st_ino,
                                             .writable = st.st_mode & 0222};
    return 0;
}
