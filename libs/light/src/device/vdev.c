/* SPDX-License-Identifier: MIT */
/* vdev.c - names and numbers of disks; xen-vbd-interface(7) has the rules. */
#include "vdev.h"
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define XVD_MAJOR  202
#define SD_MAJOR   8
#define HD_MAJOR   3 /* of hda and hdb */
#define HD_MAJOR_2 22
#define EXTENDED   (1 << 28) /* more disks or partitions than a major number of old has room for */

#define MAX_DISK (1L << 20)
#define MAX_PART 256L

/* Digits without a leading zero, below limit; *p goes behind them. */
static bool read_number(const char **p, long limit, long *ret)
{
    const char *s = *p;
    long n = 0;

    if (*s < '0' || *s > '9' || (*s == '0' && s[1] >= '0' && s[1] <= '9'))
        return false;
    for (; *s >= '0' && *s <= '9'; s++) {
        n = n * 10 + (*s - '0');
        if (n >= limit)
            return false;
    }
    *p = s;
    *ret = n;
    return true;
}

/* "a" is disk 0, "z" 25, "aa" 26. */
static bool read_letters(const char **p, long limit, long *ret)
{
    const char *s = *p;
    long n = 0;

    if (*s < 'a' || *s > 'z')
        return false;
    for (; *s >= 'a' && *s <= 'z'; s++) {
        n = n * 26 + (*s - 'a' + 1);
        if (n > limit)
            return false;
    }
    *p = s;
    *ret = n - 1;
    return true;
}

/* PREFIX, letters, and the number of a partition or nothing. */
static bool read_name(const char *name, const char *prefix, long disks, long parts, long *ret_disk,
                      long *ret_part)
{
    const char *p = name + strlen(prefix);

    if (strncmp(name, prefix, strlen(prefix)) || !read_letters(&p, disks, ret_disk))
        return false;
    *ret_part = 0;
    if (!*p)
        return true;
    return *p != '0' && read_number(&p, parts, ret_part) && !*p;
}

/* d5p2 */
static bool read_raw(const char *name, long *ret_disk, long *ret_part)
{
    const char *p = name + 1;

    if (*name != 'd' || !read_number(&p, MAX_DISK, ret_disk) || *p++ != 'p')
        return false;
    return read_number(&p, MAX_PART, ret_part) && !*p;
}

static bool read_plain(const char *name, long *ret)
{
    char *end;

    if (*name < '0' || *name > '9')
        return false;
    errno = 0;
    *ret = strtol(name, &end, 0);
    return !errno && !*end && *ret <= INT_MAX;
}

int xlight__vdev_number(const char *name, int *ret_number)
{
    long disk, part, number;

    if (read_raw(name, &disk, &part) || read_name(name, "xvd", MAX_DISK, MAX_PART, &disk, &part))
        number = disk < 16 && part < 16 ? XVD_MAJOR << 8 | disk << 4 | part
                                        : EXTENDED | disk << 8 | part;
    else if (read_name(name, "hd", 4, 64, &disk, &part))
        number = (disk < 2 ? HD_MAJOR : HD_MAJOR_2) << 8 | (disk & 1) << 6 | part;
    else if (read_name(name, "sd", 16, 16, &disk, &part))
        number = SD_MAJOR << 8 | disk << 4 | part;
    else if (!read_plain(name, &number))
        return -EINVAL;
    *ret_number = (int)number;
    return 0;
}
