/* SPDX-License-Identifier: MIT */
/* vcpu-list.c - xl vcpu-list: vCPUs and where they run, in the columns of Xen's tool. */
#include "xl.h"
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenolith/light-domain.h>

struct vcpus {
    struct xlight_vcpu *list;
    unsigned int nr;
};

static void print_vcpu(const struct xlight_domain *d, const struct xlight_vcpu *v)
{
    printf("%-32s %5" PRIu32 " %5" PRIu32, d->name ? d->name : "(null)", d->domid, v->vcpu);
    if (v->online)
        printf("%5" PRIu32 "   %c%c- ", v->cpu, v->running ? 'r' : '-', v->blocked ? 'b' : '-');
    else
        printf("%5c   --p ", '-');
    printf("%9.1f  ", (double)v->cpu_time_ns / 1e9);
    xl_print_set(&v->hard);
    fputs(" / ", stdout);
    xl_print_set(&v->soft);
    putchar('\n');
}

/* Of one domain; with all the vCPUs are added there instead, for JSON. */
static int print_domain(xlight_handle *h, const struct xlight_domain *d, struct vcpus *all)
{
    struct xlight_vcpu *list, *more;
    unsigned int nr;

    if (xlight_vcpu_list(h, d->domid, &list, &nr))
        return xl_fail(h);
    if (!all) {
        for (unsigned int i = 0; i < nr; i++)
            print_vcpu(d, &list[i]);
        xlight_vcpu_list_free(list, nr);
        return XL_OK;
    }
    more = realloc(all->list, (all->nr + nr) * sizeof(*more));
    if (!more) {
        xlight_vcpu_list_free(list, nr);
        fputs("xl: no memory\n", stderr);
        return XL_FAILED;
    }
    memcpy(more + all->nr, list, nr * sizeof(*more));
    free(list); /* what was in it has moved */
    all->list = more;
    all->nr += nr;
    return XL_OK;
}

/* The domains that are meant: their number, or -1 when it has been said why not. */
static int get(xlight_handle *h, const char *word, struct xlight_domain **ret_list)
{
    unsigned int nr = 1;
    uint32_t domid;

    if (!word ? xlight_domain_list(h, ret_list, &nr)
              : xlight_domain_find(h, word, &domid) || xlight_domain_info(h, domid, ret_list)) {
        xl_fail(h);
        return -1;
    }
    return (int)nr;
}

static int print_domains(xlight_handle *h, char **words, int nr_words, struct vcpus *all)
{
    bool head = all;
    int status = XL_OK, i = 0;

    do {
        struct xlight_domain *list = NULL;
        int nr = get(h, i < nr_words ? words[i] : NULL, &list);

        if (nr < 0)
            status = XL_FAILED;
        else if (!head)
            printf("%-32s %5s %5s %5s %5s %9s %s\n", "Name", "ID", "VCPU", "CPU", "State",
                   "Time(s)", "Affinity (Hard / Soft)");
        head |= nr >= 0;
        for (int n = 0; n < nr; n++)
            if (print_domain(h, &list[n], all) != XL_OK)
                status = XL_FAILED;
        xlight_domain_list_free(list, nr < 0 ? 0 : (unsigned int)nr);
    } while (++i < nr_words);
    return status;
}

int cmd_vcpu_list(struct xl *xl, int argc, char **argv)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'}, XL_LAST_OPTION};
    struct vcpus all = {NULL, 0};
    xlight_handle *h;
    bool json = false;
    int status = XL_OK, opt, rc;

    while ((opt = xl_getopt(argc, argv, "h", options, 0, &status)) >= 0)
        json = true;
    if (opt == -2)
        return status;
    h = xl_open(xl);
    if (!h)
        return XL_FAILED;
    status = print_domains(h, argv + optind, argc - optind, json ? &all : NULL);
    if (json) {
        rc = xl_json(xlight_vcpu_type(), all.list, all.nr, XLIGHT_JSON_LIST);
        status = status ? status : rc;
    }
    xlight_vcpu_list_free(all.list, all.nr);
    xlight_close(h);
    return status;
}
