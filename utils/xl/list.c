/* SPDX-License-Identifier: MIT */
/* list.c - xl list and its like: the domains and their states, in the columns of Xen's tool. */
#include "xl.h"
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <xenolith/light-domain.h>
#include <xenolith/light-host.h>

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

/* Columns beyond those that are always there. */
struct columns {
    bool verbose, context, claim, pool, nodes;
};

static void print_head(const struct columns *c)
{
    printf("Name                                        ID   Mem VCPUs\tState\tTime(s)%s%s%s%s%s\n",
           c->verbose ? "   UUID                            Reason-Code\tSecurity Label" : "",
           c->context && !c->verbose ? "   Security Label" : "", c->claim ? "  Claimed" : "",
           c->pool ? "         Cpupool" : "", c->nodes ? " NODE Affinity" : "");
}

static void print_pool(uint32_t id, const struct xlight_cpupool *pools, unsigned int nr)
{
    const char *name = NULL;

    for (unsigned int i = 0; i < nr; i++)
        if (pools[i].id == id)
            name = pools[i].name;
    printf("%16s", name ? name : "(null)");
}

static int print_nodes(xlight_handle *h, uint32_t domid)
{
    struct xlight_bits nodes;
    int rc = xlight_domain_nodes(h, domid, &nodes);

    if (rc)
        return rc;
    putchar(' ');
    xl_print_set(&nodes);
    xlight_bits_clear(&nodes);
    return 0;
}

static void print_row(const struct xlight_domain *d, const struct columns *c)
{
    printf("%-40s %5" PRIu32 " %5" PRIu64 " %5" PRIu32 "     %c%c%c%c%c%c  %8.1f",
           d->name ? d->name : "(null)", d->domid, (d->memory_kb + d->claimed_kb) / 1024,
           d->vcpus_online, d->running ? 'r' : '-', d->blocked ? 'b' : '-', d->paused ? 'p' : '-',
           d->shutdown ? 's' : '-', reason(d), d->dying ? 'd' : '-', (double)d->cpu_time_ns / 1e9);
    if (c->verbose) {
        putchar(' ');
        print_uuid(d->uuid);
        if (d->shutdown)
            printf(" %8x", (unsigned int)d->shutdown_reason);
        else
            printf(" %8s", "-");
    }
    if (c->claim)
        printf(" %5" PRIu64, d->claimed_kb / 1024);
    if (c->verbose || c->context)
        printf(" %16s", "-"); /* no security labels without XSM */
}

static int print_table(xlight_handle *h, const struct xlight_domain *list, unsigned int nr,
                       const struct columns *c)
{
    struct xlight_cpupool *pools = NULL;
    unsigned int nr_pools = 0;
    int rc = c->pool ? xlight_cpupool_list(h, &pools, &nr_pools) : 0;

    if (rc)
        return xl_fail(h);
    print_head(c);
    for (unsigned int i = 0; !rc && i < nr; i++) {
        print_row(&list[i], c);
        if (c->pool)
            print_pool(list[i].cpupool, pools, nr_pools);
        rc = c->nodes ? print_nodes(h, list[i].domid) : 0;
        putchar('\n');
    }
    xlight_cpupool_list_free(pools, nr_pools);
    return rc ? xl_fail(h) : XL_OK;
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

static int list_domains(struct xl *xl, const char *word, const struct columns *c, bool json)
{
    struct xlight_domain *list = NULL;
    unsigned int nr = 0;
    xlight_handle *h = xl_open(xl);
    int status;

    if (!h)
        return XL_FAILED;
    if (get(h, word, &list, &nr)) {
        status = xl_fail(h);
    } else {
        status = json ? xl_json(xlight_domain_type(), list, nr, XLIGHT_JSON_LIST)
                      : print_table(h, list, nr, c);
        xlight_domain_list_free(list, nr);
    }
    xlight_close(h);
    return status;
}

int cmd_list(struct xl *xl, int argc, char **argv)
{
    static const struct option options[] = {
        {"verbose", no_argument, NULL, 'v'}, {"context", no_argument, NULL, 'Z'},
        {"cpupool", no_argument, NULL, 'c'}, {"numa", no_argument, NULL, 'n'},
        {"json", no_argument, NULL, 'j'},    XL_LAST_OPTION};
    struct columns c = {0};
    bool json = false;
    int opt, status = XL_OK;

    while ((opt = xl_getopt(argc, argv, "vZcnh", options, 0, &status)) >= 0) {
        c.verbose |= opt == 'v';
        c.context |= opt == 'Z';
        c.pool |= opt == 'c';
        c.nodes |= opt == 'n';
        json |= opt == 'j';
    }
    if (opt == -2)
        return status;
    if (argc - optind > 1)
        return xl_usage("list");
    return list_domains(xl, argv[optind], &c, json);
}

int cmd_claims(struct xl *xl, int argc, char **argv)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'}, XL_LAST_OPTION};
    struct columns c = {.claim = true};
    bool json = false;
    int opt, status = XL_OK;

    while ((opt = xl_getopt(argc, argv, "h", options, 0, &status)) >= 0)
        json = true;
    return opt == -2 ? status : list_domains(xl, NULL, &c, json);
}

int cmd_sharing(struct xl *xl, int argc, char **argv)
{
    static const struct option options[] = {XL_LAST_OPTION};
    struct xlight_domain *list = NULL;
    unsigned int nr = 0;
    xlight_handle *h;
    int status = XL_OK;

    if (xl_getopt(argc, argv, "h", options, 0, &status) != -1)
        return status;
    h = xl_open(xl);
    if (!h)
        return XL_FAILED;
    if (get(h, argv[optind], &list, &nr)) {
        status = xl_fail(h);
    } else {
        puts("Name                                        ID   Mem Shared");
        for (unsigned int i = 0; i < nr; i++)
            printf("%-40s %5" PRIu32 " %5" PRIu64 "  %5" PRIu64 "\n",
                   list[i].name ? list[i].name : "(null)", list[i].domid,
                   (list[i].memory_kb + list[i].claimed_kb) / 1024, list[i].shared_kb / 1024);
        xlight_domain_list_free(list, nr);
    }
    xlight_close(h);
    return status;
}

int cmd_vm_list(struct xl *xl, int argc, char **argv)
{
    static const struct option options[] = {XL_LAST_OPTION};
    struct xlight_domain *list = NULL;
    unsigned int nr = 0;
    xlight_handle *h;
    int status = XL_OK;

    if (xl_getopt(argc, argv, "h", options, 0, &status) != -1)
        return status;
    h = xl_open(xl);
    if (!h)
        return XL_FAILED;
    if (get(h, NULL, &list, &nr)) {
        status = xl_fail(h);
    } else {
        puts("UUID                                  ID    name");
        for (unsigned int i = 0; i < nr; i++) {
            print_uuid(list[i].uuid);
            printf("  %" PRIu32 "    %-30s\n", list[i].domid,
                   list[i].name ? list[i].name : "(null)");
        }
        xlight_domain_list_free(list, nr);
    }
    xlight_close(h);
    return status;
}
