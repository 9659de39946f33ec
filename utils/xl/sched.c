/* SPDX-License-Identifier: MIT */
/*
 * sched.c - xl sched-credit and sched-credit2: parameters of schedulers. Without options all
 * domains of all pools of that scheduler; -d one domain, -s a pool's own, each shown or changed.
 */
#include "sched.h"
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_shares_head(void)
{
    printf("%-33s %4s %6s %4s\n", "Name", "ID", "Weight", "Cap");
}

static void print_shares(const char *name, const struct xlight_sched *s)
{
    printf("%-33s %4" PRIu32 " %6" PRIu32 " %4" PRIu32 "\n", name, s->domid, s->weight, s->cap);
}

static void print_pool(const char *name, const struct xlight_sched_pool *p)
{
    if (!p)
        printf("Cpupool %s: [sched params unavailable]\n", name);
    else if (p->scheduler == XLIGHT_CREDIT)
        printf("Cpupool %s: tslice=%" PRIu32 "ms ratelimit=%" PRIu32 "us migration-delay=%" PRIu32
               "us\n",
               name, p->slice_ms, p->ratelimit_us, p->migration_delay_us);
    else
        printf("Cpupool %s: ratelimit=%" PRIu32 "us\n", name, p->ratelimit_us);
}

static const struct sched_table shares = {print_shares_head, print_shares, print_pool};

/* The domain's name, or what stands for none. */
static const char *name_of(const struct xlight_domain *d)
{
    return d->name ? d->name : "(null)";
}

static int print_in_pool(xlight_handle *h, const struct sched_table *table,
                         const struct xlight_cpupool *pool, const struct xlight_domain *list,
                         unsigned int nr)
{
    struct xlight_sched_pool p;
    struct xlight_sched s;

    table->print_pool(pool->name ? pool->name : "(null)",
                      xlight_sched_pool_get(h, pool->id, &p) ? NULL : &p);
    table->print_head();
    for (unsigned int i = 0; i < nr; i++) {
        if (list[i].cpupool != pool->id)
            continue;
        if (xlight_sched_get(h, list[i].domid, &s))
            return xl_fail(h);
        table->print(name_of(&list[i]), &s);
    }
    return XL_OK;
}

static int json_in_pool(xlight_handle *h, const struct xlight_cpupool *pool,
                        const struct xlight_domain *list, unsigned int nr, struct sched_list *all)
{
    for (unsigned int i = 0; i < nr; i++) {
        struct xlight_sched s, *more;

        if (list[i].cpupool != pool->id)
            continue;
        if (xlight_sched_get(h, list[i].domid, &s))
            return xl_fail(h);
        more = realloc(all->list, (all->nr + 1) * sizeof(*more));
        if (!more) {
            fputs("xl: no memory\n", stderr);
            return XL_FAILED;
        }
        all->list = more;
        more[all->nr++] = s;
    }
    return XL_OK;
}

int sched_print_all(xlight_handle *h, const struct sched_table *table, int scheduler,
                    const char *pool, bool json)
{
    struct xlight_cpupool *pools = NULL;
    struct xlight_domain *list = NULL;
    struct sched_list all = {NULL, 0};
    unsigned int nr_pools = 0, nr = 0, found = 0;
    uint32_t id = 0;
    int status = XL_OK;

    if ((pool && xlight_cpupool_find(h, pool, &id)) || xlight_cpupool_list(h, &pools, &nr_pools) ||
        xlight_domain_list(h, &list, &nr))
        status = xl_fail(h);
    for (unsigned int i = 0; status == XL_OK && i < nr_pools; i++) {
        if (pools[i].scheduler != scheduler || (pool && pools[i].id != id))
            continue;
        found++;
        status = json ? json_in_pool(h, &pools[i], list, nr, &all)
                      : print_in_pool(h, table, &pools[i], list, nr);
    }
    if (status == XL_OK && json)
        status = xl_json(xlight_sched_type(), all.list, all.nr, XLIGHT_JSON_LIST);
    if (status == XL_OK && !found)
        fprintf(stderr, "xl: %s is scheduled by %s\n",
                pool ? "this pool is not one that" : "no pool of this host",
                xlight_scheduler_name(scheduler));
    free(all.list);
    xlight_domain_list_free(list, nr);
    xlight_cpupool_list_free(pools, nr_pools);
    return status;
}

int sched_get(xlight_handle *h, uint32_t domid, int scheduler, struct xlight_sched *ret_s)
{
    if (xlight_sched_get(h, domid, ret_s))
        return xl_fail(h);
    if (ret_s->scheduler == scheduler)
        return XL_OK;
    fprintf(stderr, "xl: domain %" PRIu32 " is scheduled by %s, not by %s\n", domid,
            xlight_scheduler_name(ret_s->scheduler), xlight_scheduler_name(scheduler));
    return XL_FAILED;
}

int sched_print_one(xlight_handle *h, const struct sched_table *table, const struct xlight_sched *s,
                    bool json)
{
    struct xlight_domain *d;

    if (json)
        return xl_json(xlight_sched_type(), s, 1, XLIGHT_JSON_LIST);
    if (xlight_domain_info(h, s->domid, &d))
        return xl_fail(h);
    table->print_head();
    table->print(name_of(d), s);
    xlight_domain_list_free(d, 1);
    return XL_OK;
}

/* What was given; texts are NULL when it was not. */
struct wish {
    const char *domain, *weight, *cap, *slice, *ratelimit, *delay, *pool;
    bool of_pool, json;
};

/* A number that may have been given. */
static int take(const char *text, const char *what, uint32_t *to)
{
    if (!text || xl_number(text, to))
        return XL_OK;
    fprintf(stderr, "xl: \"%s\" is not a %s\n", text, what);
    return XL_FAILED;
}

static int on_domain(xlight_handle *h, const struct wish *w, int scheduler)
{
    struct xlight_sched s;
    uint32_t domid;

    if (xlight_domain_find(h, w->domain, &domid))
        return xl_fail(h);
    if (sched_get(h, domid, scheduler, &s))
        return XL_FAILED;
    if (!w->weight && !w->cap)
        return sched_print_one(h, &shares, &s, w->json);
    if (take(w->weight, "weight", &s.weight) || take(w->cap, "cap", &s.cap))
        return XL_FAILED;
    return xlight_sched_set(h, &s) ? xl_fail(h) : XL_OK;
}

static int on_pool(xlight_handle *h, const struct wish *w, int scheduler)
{
    struct xlight_cpupool *pools;
    struct xlight_sched_pool p;
    unsigned int nr;
    uint32_t id = 0;

    if ((w->pool && xlight_cpupool_find(h, w->pool, &id)) || xlight_sched_pool_get(h, id, &p))
        return xl_fail(h);
    if (p.scheduler != scheduler) {
        fprintf(stderr, "xl: pool %" PRIu32 " is scheduled by %s, not by %s\n", id,
                xlight_scheduler_name(p.scheduler), xlight_scheduler_name(scheduler));
        return XL_FAILED;
    }
    if (w->slice || w->ratelimit || w->delay) {
        if (take(w->slice, "time slice", &p.slice_ms) ||
            take(w->ratelimit, "rate limit", &p.ratelimit_us) ||
            take(w->delay, "migration delay", &p.migration_delay_us))
            return XL_FAILED;
        return xlight_sched_pool_set(h, &p) ? xl_fail(h) : XL_OK;
    }
    if (w->json)
        return xl_json(xlight_sched_pool_type(), &p, 1, XLIGHT_JSON_LIST);
    if (xlight_cpupool_list(h, &pools, &nr))
        return xl_fail(h);
    for (unsigned int i = 0; i < nr; i++)
        if (pools[i].id == id)
            print_pool(pools[i].name ? pools[i].name : "(null)", &p);
    xlight_cpupool_list_free(pools, nr);
    return XL_OK;
}

/* What does not go together; the text, or NULL. */
static const char *contradiction(const struct wish *w)
{
    bool domain = w->domain || w->weight || w->cap;

    if ((w->pool || w->of_pool) && domain)
        return "-d, -w and -c are about a domain, -p and -s about a pool";
    if (!w->domain && domain)
        return "-w and -c need a domain, -d";
    if (!w->of_pool && (w->slice || w->ratelimit || w->delay))
        return "a scheduler's own parameters need -s";
    return NULL;
}

static int shares_command(struct xl *xl, int argc, char **argv, int scheduler)
{
    static const struct option options[] = {{"domain", required_argument, NULL, 'd'},
                                            {"weight", required_argument, NULL, 'w'},
                                            {"cap", required_argument, NULL, 'c'},
                                            {"schedparam", no_argument, NULL, 's'},
                                            {"ratelimit_us", required_argument, NULL, 'r'},
                                            {"cpupool", required_argument, NULL, 'p'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"tslice_ms", required_argument, NULL, 't'},
                                            {"migration_delay_us", required_argument, NULL, 'm'},
                                            XL_LAST_OPTION};
    bool credit = scheduler == XLIGHT_CREDIT;
    struct wish w = {0};
    const char *wrong;
    xlight_handle *h;
    int opt, status = XL_OK;

    while ((opt = xl_getopt(argc, argv, credit ? "d:w:c:r:p:t:m:sh" : "d:w:c:r:p:sh", options, 0,
                            &status)) >= 0) {
        if (!credit && (opt == 't' || opt == 'm'))
            return xl_usage(argv[0]);
        *(opt == 'd'   ? &w.domain
          : opt == 'w' ? &w.weight
          : opt == 'c' ? &w.cap
          : opt == 'r' ? &w.ratelimit
          : opt == 't' ? &w.slice
          : opt == 'm' ? &w.delay
          : opt == 'p' ? &w.pool
                       : &wrong) = optarg;
        w.of_pool |= opt == 's';
        w.json |= opt == 'j';
    }
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
    status = w.of_pool  ? on_pool(h, &w, scheduler)
             : w.domain ? on_domain(h, &w, scheduler)
                        : sched_print_all(h, &shares, scheduler, w.pool, w.json);
    xlight_close(h);
    return status;
}

int cmd_sched_credit(struct xl *xl, int argc, char **argv)
{
    return shares_command(xl, argc, argv, XLIGHT_CREDIT);
}

int cmd_sched_credit2(struct xl *xl, int argc, char **argv)
{
    return shares_command(xl, argc, argv, XLIGHT_CREDIT2);
}
