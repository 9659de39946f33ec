/* SPDX-License-Identifier: MIT */
/* uptime.c - xl uptime: for how long domains have been running. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <xenolith/light-control.h>
#include <xenolith/light-domain.h>
#include "xl.h"

/* "2 days,  3:04:05", without the seconds when it is to be short. */
static void print_time(uint64_t seconds, bool brief)
{
    uint64_t days = seconds / 86400;

    if (days)
        printf("%" PRIu64 " day%s, ", days, days > 1 ? "s" : "");
    printf("%2" PRIu64 ":%02" PRIu64, seconds / 3600 % 24, seconds / 60 % 60);
    if (!brief)
        printf(":%02" PRIu64, seconds % 60);
}

static int print_domain(xlight_handle *h, const struct xlight_domain *d, bool brief, bool quiet)
{
    const char *name = d->name ? d->name : "(null)";
    time_t now = time(NULL);
    uint64_t seconds;
    char clock[16];
    int rc = xlight_uptime(h, d->domid, &seconds);

    if (rc)
        return quiet ? XL_OK : xl_fail(h);
    if (brief) {
        strftime(clock, sizeof(clock), "%H:%M:%S", localtime(&now));
        printf(" %s up ", clock);
        print_time(seconds, true);
        printf(", %s (%" PRIu32 ")\n", name, d->domid);
    } else {
        printf("%-33s %4" PRIu32 " ", name, d->domid);
        print_time(seconds, false);
        putchar('\n');
    }
    return XL_OK;
}

/* All domains: one that nobody knows the start of is left out, as Xen's tool does. */
static int print_all(xlight_handle *h, bool brief)
{
    struct xlight_domain *list;
    unsigned int nr;

    if (xlight_domain_list(h, &list, &nr))
        return xl_fail(h);
    for (unsigned int i = 0; i < nr; i++)
        print_domain(h, &list[i], brief, true);
    xlight_domain_list_free(list, nr);
    return XL_OK;
}

int cmd_uptime(struct xl *xl, int argc, char **argv)
{
    static const struct option options[] = {XL_LAST_OPTION};
    struct xlight_domain *d;
    bool brief = false;
    xlight_handle *h;
    uint32_t domid;
    int opt, status = XL_OK;

    while ((opt = xl_getopt(argc, argv, "sh", options, 0, &status)) >= 0)
        brief = true;
    if (opt == -2)
        return status;
    h = xl_open(xl);
    if (!h)
        return XL_FAILED;
    if (!brief)
        printf("%-33s %4s %s\n", "Name", "ID", "Uptime");
    if (optind == argc)
        status = print_all(h, brief);
    for (int i = optind; status == XL_OK && i < argc; i++) {
        if (xlight_domain_find(h, argv[i], &domid) || xlight_domain_info(h, domid, &d)) {
            status = xl_fail(h);
            break;
        }
        status = print_domain(h, d, brief, false);
        xlight_domain_list_free(d, 1);
    }
    xlight_close(h);
    return status;
}
