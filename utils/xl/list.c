/* SPDX-License-Identifier: MIT */
/* list.c - xl list: the domains and their states, in the columns of Xen's tool or as JSON. */
#include "xl.h"
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <yajl/yajl_gen.h>
#include <xenolith/light-domain.h>

#define SHUTDOWN_CRASH 3

static void print_uuid(const uint8_t uuid[16])
{
    for (unsigned int i = 0; i < 16; i++)
        printf("%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", uuid[i]);
}

static void print_row(const struct xlight_domain *d, bool verbose)
{
    printf("%-40s %5" PRIu32 " %5" PRIu64 " %5" PRIu32 "     %c%c%c%c%c%c  %8.1f",
           d->name ? d->name : "(null)", d->domid, (d->memory_kb + d->claimed_kb) / 1024,
           d->vcpus_online, d->running ? 'r' : '-', d->blocked ? 'b' : '-', d->paused ? 'p' : '-',
           d->shutdown ? 's' : '-', d->shutdown_reason == SHUTDOWN_CRASH ? 'c' : '-',
           d->dying ? 'd' : '-', (double)d->cpu_time_ns / 1e9);
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

static void put_key(yajl_gen g, const char *key)
{
    yajl_gen_string(g, (const unsigned char *)key, strlen(key));
}

static void put_text(yajl_gen g, const char *key, const char *text)
{
    put_key(g, key);
    if (text)
        put_key(g, text);
    else
        yajl_gen_null(g);
}

static void put_number(yajl_gen g, const char *key, uint64_t number)
{
    put_key(g, key);
    yajl_gen_integer(g, (long long)number);
}

static void put_bool(yajl_gen g, const char *key, bool value)
{
    put_key(g, key);
    yajl_gen_bool(g, value);
}

static void put_domain(yajl_gen g, const struct xlight_domain *d)
{
    static const char *const types[] = {
        [XLIGHT_HVM] = "hvm", [XLIGHT_PV] = "pv", [XLIGHT_PVH] = "pvh"};
    char uuid[37], *p = uuid;

    for (unsigned int i = 0; i < 16; i++)
        p += sprintf(p, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", d->uuid[i]);
    yajl_gen_map_open(g);
    put_number(g, "domid", d->domid);
    put_text(g, "name", d->name);
    put_text(g, "uuid", uuid);
    put_text(g, "type", types[d->type]);
    put_number(g, "memory_kb", d->memory_kb);
    put_number(g, "claimed_kb", d->claimed_kb);
    put_number(g, "max_memory_kb", d->max_memory_kb);
    put_number(g, "vcpus_online", d->vcpus_online);
    put_number(g, "vcpus", d->vcpus);
    put_bool(g, "running", d->running);
    put_bool(g, "blocked", d->blocked);
    put_bool(g, "paused", d->paused);
    put_bool(g, "shutdown", d->shutdown);
    put_bool(g, "dying", d->dying);
    put_key(g, "shutdown_reason");
    yajl_gen_integer(g, d->shutdown_reason);
    put_number(g, "cpu_time_ns", d->cpu_time_ns);
    put_number(g, "cpupool", d->cpupool);
    yajl_gen_map_close(g);
}

static int print_json(const struct xlight_domain *list, unsigned int nr)
{
    yajl_gen g = yajl_gen_alloc(NULL);
    const unsigned char *text;
    size_t len;
    int status = XL_FAILED;

    if (!g)
        return XL_FAILED;
    yajl_gen_config(g, yajl_gen_beautify, 1);
    yajl_gen_array_open(g);
    for (unsigned int i = 0; i < nr; i++)
        put_domain(g, &list[i]);
    yajl_gen_array_close(g);
    if (yajl_gen_get_buf(g, &text, &len) == yajl_gen_status_ok &&
        fwrite(text, 1, len, stdout) == len)
        status = XL_OK;
    yajl_gen_free(g);
    return status;
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
        {"verbose", no_argument, NULL, 'v'}, {"json", no_argument, NULL, 'j'}, {NULL, 0, NULL, 0}};
    struct xlight_domain *list = NULL;
    bool verbose = false, json = false;
    unsigned int nr = 0;
    xlight_handle *h;
    int opt, status = XL_OK;

    while ((opt = getopt_long(argc, argv, "v", options, NULL)) != -1) {
        if (opt != 'v' && opt != 'j')
            return xl_usage("list");
        verbose |= opt == 'v';
        json |= opt == 'j';
    }
    if (argc - optind > 1)
        return xl_usage("list");
    h = xl_open(xl);
    if (!h)
        return XL_FAILED;
    if (get(h, argv[optind], &list, &nr)) {
        status = xl_fail(h);
    } else {
        if (json)
            status = print_json(list, nr);
        else
            print_table(list, nr, verbose);
        xlight_domain_list_free(list, nr);
    }
    xlight_close(h);
    return status;
}
