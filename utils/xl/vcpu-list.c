/* SPDX-License-Identifier: MIT */
/* vcpu-list.c - xl vcpu-list: vCPUs and where they run, in the columns of Xen's tool. */
#include "xl.h"
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <xenolith/ctrl.h>
#include <xenolith/light-domain.h>

static void print_set(const struct xlight_bits *b)
{
    char list[1024];
    uint32_t n = 0;

    while (n < b->nr && (b->bytes[n / 8] & 1U << n % 8))
        n++;
    if (n == b->nr) {
        fputs("all", stdout);
        return;
    }
    xctl_bitmap_format(b->bytes, b->nr, list, sizeof(list));
    fputs(*list ? list : "none", stdout);
}

static void print_vcpu(const struct xlight_domain *d, const struct xlight_vcpu *v)
{
    printf("%-32s %5" PRIu32 " %5" PRIu32, d->name ? d->name : "(null)", d->domid, v->vcpu);
    if (v->online)
        printf("%5" PRIu32 "   %c%c- ", v->cpu, v->running ? 'r' : '-', v->blocked ? 'b' : '-');
    else
        printf("%5c   --p ", '-');
    printf("%9.1f  ", (double)v->cpu_time_ns / 1e9);
    print_set(&v->hard);
    fputs(" / ", stdout);
    print_set(&v->soft);
    putchar('\n');
}

static int print_domain(xlight_handle *h, const struct xlight_domain *d)
{
    struct xlight_vcpu *list;
    unsigned int nr;

    if (xlight_vcpu_list(h, d->domid, &list, &nr))
        return xl_fail(h);
    for (unsigned int i = 0; i < nr; i++)
        print_vcpu(d, &list[i]);
    xlight_vcpu_list_free(list, nr);
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

int cmd_vcpu_list(struct xl *xl, int argc, char **argv)
{
    xlight_handle *h;
    bool head = false;
    int status = XL_OK, i;

    if (getopt(argc, argv, "") != -1)
        return xl_usage("vcpu-list");
    h = xl_open(xl);
    if (!h)
        return XL_FAILED;
    i = optind;
    do {
        struct xlight_domain *list = NULL;
        int nr = get(h, i < argc ? argv[i] : NULL, &list);

        if (nr < 0)
            status = XL_FAILED;
        else if (!head)
            printf("%-32s %5s %5s %5s %5s %9s %s\n", "Name", "ID", "VCPU", "CPU", "State",
                   "Time(s)", "Affinity (Hard / Soft)");
        head |= nr >= 0;
        for (int n = 0; n < nr; n++)
            if (print_domain(h, &list[n]) != XL_OK)
                status = XL_FAILED;
        xlight_domain_list_free(list, nr < 0 ? 0 : (unsigned int)nr);
    } while (++i < argc);
    xlight_close(h);
    return status;
}
