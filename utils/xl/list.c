/* SPDX-License-Identifier: MIT */
/* list.c - xl list: the domains and their states, in the columns of Xen's tool or as JSON. */
#include "xl.h"
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <xenolith/light-domain.h>

static void print_uuid(const uint8_t uuid[16])
{
    for (unsigned int i = 0; i < 16; i++)
        printf("%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", uuid[i]);
}

/* Why a domain has shut down, as one letter. */
static char reason(const struct xlight_domain *d)
{
    static const char letters[] = "-rscwS"; /* by SHUTDOWN_* */

    if (!d->shutdown)
        return '-';
    return d->shutdown_reason >= 0 && d->shutdown_reason < (int)sizeof(letters) - 1
               ? letters[d->shutdown_reason]
               : '?';
}

static void print_row(const struct xlight_domain *d, bool verbose)
{
    printf("%-40s %5" PRIu32 " %5" PRIu64 " %5" PRIu32 "     %c%c%c%c%c%c  %8.1f",
           d->name ? d->name : "(null)", d->domid, (d->memory_kb + d->claimed_kb) / 1024,
           d->vcpus_online, d->running ? 'r' : '-', d->blocked ? 'b' : '-', d->paused ? 'p' : '-',
           d->shutdown ? 's' : '-', reason(d), d->dying ? 'd' : '-', (double)d->cpu_time_ns / 1e9);
    if (verbose) {
        putchar(' ');
        print_uuid(d->uuid);
        if (d->shutdown)
            printf(" %8x", (unsigned int)d->shutdown_reason);
        else
            printf(" %8s", "-");
        printf(" %16s", "-"); /* no security labels without XSM */
    }
    putchar('\n');
}

static void print_table(const struct xlight_domain *list, unsigned int nr, bool verbose)
{
    printf("Name                                        ID   Mem VCPUs\tState\tTime(s)%s\n",
           verbose ? "   UUID                            Reason-Code\tSecurity Label" : "");
    for (unsigned int i = 0; i < nr; i++)
        print_row(&list[i], verbose);
}

/* All domains, or the one that is meant. */
static int get(xlight_handle *h, const char *word, struct xlight_domain **ret_list,
               unsigned int *ret_nr)
{
    uint32_t domid;
    int rc;

    if (!word)
        return xlight_domain_list(h, ret_list, ret_nr);
    rc = xlight_domain_find(h, word, &domid);
    *ret_nr = 1;
    return rc ? rc : xlight_domain_info(h, domid, ret_list);
}

int cmd_list(struct xl *xl, int argc, char **argv)
{
    static const struct option options[] = {
        {"verbose", no_argument, NULL, 'v'}, {"json", no_argument, NULL, 'j'}, XL_LAST_OPTION};
    struct xlight_domain *list = NULL;
    bool verbose = false, json = false;
    unsigned int nr = 0;
    xlight_handle *h;
    int opt, status = XL_OK;

    while ((opt = xl_getopt(argc, argv, "vh", options, 0, &status)) >= 0) {
        verbose |= opt == 'v';
        json |= opt == 'j';
    }
    if (opt == -2)
        return status;
    if (argc - optind > 1)
        return xl_usage("list");
    h = xl_open(xl);
    if (!h)
        return XL_FAILED;
    if (get(h, argv[optind], &list, &nr)) {
        status = xl_fail(h);
    } else {
        if (json)
            status = xl_json(xlight_domain_type(), list, nr, XLIGHT_JSON_LIST);
        else
            print_table(list, nr, verbose);
        xlight_domain_list_free(list, nr);
    }
    xlight_close(h);
    return status;
}
