/* SPDX-License-Identifier: MIT */
/* sched-rtds.c - xl sched-rtds: budgets and periods, of domains and of single vCPUs. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "sched.h"

#define MAX_VALUES 512 /* vCPUs that can be named at once */

static void print_head(void)
{
    printf("%-33s %4s %9s %9s %10s\n", "Name", "ID", "Period", "Budget", "Extratime");
}

static void print(const char *name, const struct xlight_sched *s)
{
    printf("%-33s %4" PRIu32 " %9" PRIu32 " %9" PRIu32 " %10s\n", name, s->domid, s->period_us,
           s->budget_us, s->extratime ? "yes" : "no");
}

static void print_pool(const char *name, const struct xlight_sched_pool *p)
{
    (void)p;
    printf("Cpupool %s: sched=RTDS\n", name);
}

static const struct sched_table table = {print_head, print, print_pool};

/* Numbers, one for each time that the option was given. */
struct values {
    uint32_t list[MAX_VALUES];
    unsigned int nr;
};

struct wish {
    const char *domain, *pool;
    struct values vcpus, periods, budgets, extratimes;
    bool all, json;
};

static void print_vcpu(const char *name, const struct xlight_sched_vcpu *v)
{
    printf("%-33s %4" PRIu32 " %4" PRIu32 " %9" PRIu32 " %9" PRIu32 " %10s\n", name, v->domid,
           v->vcpu, v->period_us, v->budget_us, v->extratime ? "yes" : "no");
}

static bool is_wanted(const struct wish *w, uint32_t vcpu)
{
    for (unsigned int i = 0; !w->all && i < w->vcpus.nr; i++)
        if (w->vcpus.list[i] == vcpu)
            return true;
    return w->all;
}

static int show_vcpus(xlight_handle *h, const struct wish *w, const struct xlight_domain *d,
                      bool head)
{
    struct xlight_sched_vcpu *list;
    unsigned int nr, kept = 0;
    int status = XL_OK;

    if (xlight_sched_vcpus_get(h, d->domid, &list, &nr))
        return xl_fail(h);
    for (unsigned int i = 0; i < w->vcpus.nr; i++)
        if (w->vcpus.list[i] >= nr) {
            fprintf(stderr, "xl: domain %" PRIu32 " has no vCPU %" PRIu32 "\n", d->domid,
                    w->vcpus.list[i]);
            status = XL_FAILED;
        }
    for (unsigned int i = 0; i < nr; i++)
        if (is_wanted(w, list[i].vcpu))
            list[kept++] = list[i];
    if (status == XL_OK && w->json)
        status = xl_json(xlight_sched_vcpu_type(), list, kept, XLIGHT_JSON_LIST);
    else if (status == XL_OK && head)
        printf("%-33s %4s %4s %9s %9s %10s\n", "Name", "ID", "VCPU", "Period", "Budget",
               "Extratime");
    for (unsigned int i = 0; status == XL_OK && !w->json && i < kept; i++)
        print_vcpu(d->name ? d->name : "(null)", &list[i]);
    free(list);
    return status;
}

/* vCPUs of all domains that rtds schedules. */
static int show_all_vcpus(xlight_handle *h, const struct wish *w)
{
    struct xlight_cpupool *pools = NULL;
    struct xlight_domain *list = NULL;
    unsigned int nr_pools = 0, nr = 0, found = 0;
    int status = XL_OK;

    if (xlight_cpupool_list(h, &pools, &nr_pools) || xlight_domain_list(h, &list, &nr))
        status = xl_fail(h);
    for (unsigned int p = 0; status == XL_OK && p < nr_pools; p++) {
        bool head = true;

        if (pools[p].scheduler != XLIGHT_RTDS)
            continue;
        if (!w->json)
            print_pool(pools[p].name ? pools[p].name : "(null)", NULL);
        for (unsigned int i = 0; status == XL_OK && i < nr; i++) {
            if (list[i].cpupool != pools[p].id)
                continue;
            status = show_vcpus(h, w, &list[i], head);
            head = false;
        }
        found++;
    }
    if (status == XL_OK && !found)
        fputs("xl: no pool of this host is scheduled by rtds\n", stderr);
    xlight_domain_list_free(list, nr);
    xlight_cpupool_list_free(pools, nr_pools);
    return status;
}

static int set_vcpus(xlight_handle *h, const struct wish *w, uint32_t domid)
{
    struct xlight_sched_vcpu *list;
    unsigned int nr, kept = 0;
    int status = XL_OK;

    if (xlight_sched_vcpus_get(h, domid, &list, &nr))
        return xl_fail(h);
    for (unsigned int i = 0; w->all && i < nr; i++)
        list[kept++] = (struct xlight_sched_vcpu){domid, i, w->periods.list[0], w->budgets.list[0],
                                                  w->extratimes.list[0] != 0};
    for (unsigned int i = 0; !w->all && i < w->vcpus.nr && kept < nr; i++)
        list[kept++] = (struct xlight_sched_vcpu){domid, w->vcpus.list[i], w->periods.list[i],
                                                  w->budgets.list[i], w->extratimes.list[i] != 0};
    if (xlight_sched_vcpus_set(h, list, kept))
        status = xl_fail(h);
    free(list);
    return status;
}

static int on_domain(xlight_handle *h, const struct wish *w)
{
    struct xlight_domain *d;
    struct xlight_sched s;
    uint32_t domid;
    int status;

    if (xlight_domain_find(h, w->domain, &domid))
        return xl_fail(h);
    if (!w->all && !w->vcpus.nr)
        return sched_get(h, domid, XLIGHT_RTDS, &s) ? XL_FAILED
                                                    : sched_print_one(h, &table, &s, w->json);
    if (w->periods.nr)
        return set_vcpus(h, w, domid);
    if (xlight_domain_info(h, domid, &d))
        return xl_fail(h);
    status = show_vcpus(h, w, d, true);
    xlight_domain_list_free(d, 1);
    return status;
}

static const char *contradiction(const struct wish *w)
{
    bool change = w->periods.nr || w->budgets.nr || w->extratimes.nr;
    unsigned int nr = w->all ? 1 : w->vcpus.nr;

    if (w->pool && (w->domain || change || w->vcpus.nr || w->all))
        return "-c goes with no other option";
    if (!w->domain && (change || w->vcpus.nr))
        return "-v, -p, -b and -e need a domain, -d";
    if (w->vcpus.nr && w->all)
        return "-v all goes with no other -v";
    if (change && !nr)
        return "-p, -b and -e need vCPUs, -v";
    if (change && (w->periods.nr != nr || w->budgets.nr != nr || w->extratimes.nr != nr))
        return "each -v needs one each of -p, -b and -e";
    return NULL;
}

static bool add(struct values *v, const char *text, const char *what)
{
    if (v->nr < MAX_VALUES && xl_number(text, &v->list[v->nr])) {
        v->nr++;
        return true;
    }
    fprintf(stderr, "xl: \"%s\" is not a %s\n", text, what);
    return false;
}

/* False when it has been said what is wrong. */
static bool take(struct wish *w, int opt)
{
    switch (opt) {
    case 'd':
        w->domain = optarg;
        break;
    case 'c':
        w->pool = optarg;
        break;
    case 'j':
        w->json = true;
        break;
    case 'v':
        if (strcmp(optarg, "all"))
            return add(&w->vcpus, optarg, "vCPU");
        w->all = true;
        break;
    case 'p':
        return add(&w->periods, optarg, "period");
    case 'b':
        return add(&w->budgets, optarg, "budget");
    case 'e':
        if (!strcmp(optarg, "0") || !strcmp(optarg, "1"))
            return add(&w->extratimes, optarg, "flag");
        fprintf(stderr, "xl: extratime is 0 or 1, not \"%s\"\n", optarg);
        return false;
    default:
        break;
    }
    return true;
}

int cmd_sched_rtds(struct xl *xl, int argc, char **argv)
{
    static const struct option options[] = {
        {"domain", required_argument, NULL, 'd'}, {"period", required_argument, NULL, 'p'},
        {"budget", required_argument, NULL, 'b'}, {"extratime", required_argument, NULL, 'e'},
        {"vcpuid", required_argument, NULL, 'v'}, {"cpupool", required_argument, NULL, 'c'},
        {"json", no_argument, NULL, 'j'},         XL_LAST_OPTION};
    static struct wish w; /* large */
    const char *wrong;
    xlight_handle *h;
    int opt, status = XL_OK;

    while ((opt = xl_getopt(argc, argv, "d:p:b:e:v:c:h", options, 0, &status)) >= 0)
        if (!take(&w, opt))
            return XL_FAILED;
    if (opt == -2)
        return status;
    wrong = contradiction(&w);
    if (wrong) {
        fprintf(stderr, "xl: %s\n", wrong);
        return XL_FAILED;
    }
    h = xl_open(xl);
    if (!h)
        return XL_FAILED;
    status = w.domain ? on_domain(h, &w)
             : w.all  ? show_all_vcpus(h, &w)
                      : sched_print_all(h, &table, XLIGHT_RTDS, w.pool, w.json);
    xlight_close(h);
    return status;
}
