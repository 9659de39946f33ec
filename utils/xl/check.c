/* SPDX-License-Identifier: MIT */
/* check.c - xl check: what is wrong with configuration files. */
#include "xl.h"
#include <getopt.h>
#include <stdio.h>
#include <string.h>

static int check(const char *path)
{
    struct xlight_config *c;
    xlight_messages *m;
    int rc = xlight_messages_new(&m);

    if (rc) {
        fprintf(stderr, "xl: %s\n", strerror(-rc));
        return XL_FAILED;
    }
    rc = xlight_config_read(path, m, &c);
    xl_say(m);
    if (!rc) {
        printf("%s: no errors, %u warnings\n", path, xlight_messages_count(m));
        xlight_config_free(c);
    }
    xlight_messages_free(m);
    return rc ? XL_FAILED : XL_OK;
}

int xl_each_file(int argc, char **argv, xl_file_fn *fn)
{
    static const struct option options[] = {XL_LAST_OPTION};
    int status = XL_OK;

    if (xl_getopt(argc, argv, "h", options, 1, &status) != -1)
        return status;
    for (int i = optind; i < argc; i++)
        if (fn(argv[i]) != XL_OK)
            status = XL_FAILED;
    return status;
}

int cmd_check(struct xl *xl, int argc, char **argv)
{
    (void)xl;
    return xl_each_file(argc, argv, check);
}
