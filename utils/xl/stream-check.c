/* SPDX-License-Identifier: MIT */
/* stream-check.c - xl stream-check: is all of a saved guest there? */
#include "xl.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <xenolith/light-move.h>

static int check(const char *path)
{
    struct xlight_stream_info info = {.size = sizeof(info)};
    bool in = !strcmp(path, "-");
    int fd = in ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC), rc;
    char why[1024];

    if (fd < 0) {
        fprintf(stderr, "xl: cannot read %s: %s\n", path, strerror(errno));
        return XL_FAILED;
    }
    rc = xlight_stream_check(fd, &info, why, sizeof(why));
    if (!in)
        close(fd);
    if (rc) {
        fprintf(stderr, "xl: %s: %s\n", path, why);
        return XL_FAILED;
    }
    printf("%s: a whole %s domain of Xen %" PRIu32 ".%" PRIu32 ": %" PRIu64 " pages, %" PRIu64
           " records, %" PRIu64 " bytes",
           path, info.hvm ? "HVM" : "PV", info.xen_major, info.xen_minor, info.pages, info.records,
           info.bytes);
    if (info.packed_bytes)
        printf(", compressed to %" PRIu64, info.packed_bytes);
    puts("");
    return XL_OK;
}

int cmd_stream_check(struct xl *xl, int argc, char **argv)
{
    (void)xl;
    return xl_each_file(argc, argv, check);
}
