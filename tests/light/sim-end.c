/* SPDX-License-Identifier: MIT */
/*
 * sim-end.c - plays the guest of a simulated host: ends a domain.
 *   sim-end HOST DOMID REASON     HOST as for xctl_open(), REASON one of SHUTDOWN_*
 */
#include <stdio.h>
#include <stdlib.h>
#include <xenolith/ctrl.h>

int main(int argc, char **argv)
{
    char why[512];
    xctl_handle *h;
    int rc;

    if (argc != 4)
        return 2;
    if (xctl_open_why(argv[1], &h, why, sizeof(why))) {
        fprintf(stderr, "%s\n", why);
        return 1;
    }
    rc = xctl_domain_shutdown(h, (domid_t)atoi(argv[2]), (unsigned int)atoi(argv[3]));
    if (rc) {
        xctl_error_format(h, why, sizeof(why));
        fprintf(stderr, "%s\n", why);
    }
    xctl_close(h);
    return rc ? 1 : 0;
}
