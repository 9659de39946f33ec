/* SPDX-License-Identifier: MIT */
/* cpupool.c - xl cpupool-list and its like: pools of CPUs. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenolith/light-domain.h>
#include <xenolith/light-host.h>
#include "xl.h"

static const struct option no_options[] = {XL_LAST_OPTION};

static void print_pool(const struct xlight_cpupool *p, bool with_cpus)
{
    unsigned int nr = 0;

    printf("%-19s", p->name ? p->name : "(null)");
    for (uint32_t i = 0; i < p->cpus.nr; i++) {
        if (!(p->cpus.bytes[i / 8] & 1U << i % 8))
            continue;
        if (with_cpus)
            printf("%s%" PRIu32, nr ? "," : "", i);
        nr++;
    }
    if (!with_cpus)
        printf("%3u %9s       y       %4" PRIu32, nr, xlight_scheduler_name(p->scheduler),
               p->domains);
    putchar('\n');
}

/* All pools, or with a word the one that is meant. */
static int list(xlight_handle *h, const char *word, bool with_cpus, bool json)
{
    struct xlight_cpupool *pools;
    unsigned int nr, first = 0, end;
    uint32_t id = 0;
    int status = XL_OK;

    if ((word && xlight_cpupool_find(h, word, &id)) || xlight_cpupool_list(h, &pools, &nr))
        return xl_fail(h);
    end = nr;
    if (word) {
        while (first < nr && pools[first].id != id)
            first++;
        end = first < nr ? first + 1 : nr;
    }
    if (json)
        status = xl_json(xlight_cpupool_type(), pools + first, end - first, XLIGHT_JSON_LIST);
    else
        printf("%-19s%s\n", "Name",
               with_cpus ? "CPU list" : "CPUs   Sched     Active   Domain count");
    for (unsigned int i = first; !json && i < end; i++)
        print_pool(&pools[i], with_cpus);
    xlight_cpupool_list_free(pools, nr);
    return status;
}

int cmd_cpupool_list(struct xl *xl, int argc, char **argv)
{
    static const struct option options[] = {
        {"cpus", no_argument, NULL, 'c'}, {"json", no_argument, NULL, 'j'}, XL_LAST_OPTION};
    bool cpus = false, json = false;
    xlight_handle *h;
    int opt, status = XL_OK;

    while ((opt = xl_getopt(argc, argv, "ch", options, 0, &status)) >= 0) {
        cpus |= opt == 'c';
        json |= opt == 'j';
    }
    if (opt == -2)
        return status;
    h = xl_open(xl);
    if (!h)
        return XL_FAILED;
    status = list(h, argv[optind], cpus, json);
    xlight_close(h);
    return status;
}

/* A command on a pool, and perhaps with one word more. */
typedef int pool_fn(xlight_handle *h, uint32_t id, const char *word);
static int on_pool(struct xl *xl, int argc, char **argv, int words, int pool_at, pool_fn *fn)
{
    xlight_handle *h;
    uint32_t id;
    int status = XL_OK;

    if (xl_getopt(argc, argv, "h", no_options, words, &status) != -1)
        return status;
    h = xl_open(xl);
    if (!h)
        return XL_FAILED;
    if (xlight_cpupool_find(h, argv[optind + pool_at], &id) ||
        fn(h, id, words > 1 ? argv[optind + 1 - pool_at] : NULL))
        status = xl_fail(h);
    xlight_close(h);
    return status;
}

static int destroy(xlight_handle *h, uint32_t id, const char *word)
{
    (void)word;
    return xlight_cpupool_destroy(h, id);
}

static int rename_pool(xlight_handle *h, uint32_t id, const char *name)
{
    return xlight_cpupool_rename(h, id, name);
}

static int migrate(xlight_handle *h, uint32_t id, const char *word)
{
    uint32_t domid;
    int rc = xlight_domain_find(h, word, &domid);

    return rc ? rc : xlight_cpupool_move(h, id, domid);
}

static int change_cpus(xlight_handle *h, uint32_t id, const char *word, bool add)
{
    struct xlight_bits cpus;
    int rc = xlight_host_parse_cpus(h, word, &cpus);

    if (rc)
        return rc;
    rc = add ? xlight_cpupool_add_cpus(h, id, &cpus, NULL)
             : xlight_cpupool_remove_cpus(h, id, &cpus, NULL);
    xlight_bits_clear(&cpus);
    return rc;
}

static int add_cpus(xlight_handle *h, uint32_t id, const char *word)
{
    return change_cpus(h, id, word, true);
}

static int remove_cpus(xlight_handle *h, uint32_t id, const char *word)
{
    return change_cpus(h, id, word, false);
}

int cmd_cpupool_destroy(struct xl *xl, int argc, char **argv)
{
    return on_pool(xl, argc, argv, 1, 0, destroy);
}

int cmd_cpupool_rename(struct xl *xl, int argc, char **argv)
{
    return on_pool(xl, argc, argv, 2, 0, rename_pool);
}

int cmd_cpupool_cpu_add(struct xl *xl, int argc, char **argv)
{
    return on_pool(xl, argc, argv, 2, 0, add_cpus);
}

int cmd_cpupool_cpu_remove(struct xl *xl, int argc, char **argv)
{
    return on_pool(xl, argc, argv, 2, 0, remove_cpus);
}

int cmd_cpupool_migrate(struct xl *xl, int argc, char **argv)
{
    return on_pool(xl, argc, argv, 2, 1, migrate);
}

int cmd_cpupool_numa_split(struct xl *xl, int argc, char **argv)
{
    xlight_handle *h;
    int status = XL_OK;

    if (xl_getopt(argc, argv, "h", no_options, 0, &status) != -1)
        return status;
    h = xl_open(xl);
    if (!h)
        return XL_FAILED;
    if (xlight_cpupool_split(h))
        status = xl_fail(h);
    xlight_close(h);
    return status;
}

/* The file, if any, and the arguments like name="x" as lines behind it. To be freed, or NULL. */
static char *read_text(const char *path, char **lines, int nr, size_t *ret_len)
{
    FILE *f = path ? fopen(path, "re") : NULL, *out;
    char *text = NULL, buf[4096];
    size_t n;
    bool bad = path && !f;

    out = bad ? NULL : open_memstream(&text, ret_len);
    if (!out) {
        fprintf(stderr, "xl: cannot read %s: %s\n", path ? path : "the arguments", strerror(errno));
        if (f)
            fclose(f);
        return NULL;
    }
    while (f && (n = fread(buf, 1, sizeof(buf), f)))
        fwrite(buf, 1, n, out);
    bad = f && ferror(f);
    for (int i = 0; i < nr; i++)
        if (strchr(lines[i], '='))
            fprintf(out, "\n%s", lines[i]);
    if (f)
        fclose(f);
    if (fclose(out) || bad) {
        fprintf(stderr, "xl: cannot read %s\n", path);
        free(text);
        return NULL;
    }
    return text;
}

static int create(struct xl *xl, const char *path, const struct xlight_cpupool_config *c)
{
    const char *base = path ? strrchr(path, '/') : NULL;
    const char *name = c->name ? c->name : base ? base + 1 : path;
    struct xlight_bits cpus = {NULL, 0, NULL};
    struct xlight_host *host = NULL;
    unsigned int nr = 0;
    xlight_handle *h;
    uint32_t id;
    int status = XL_OK;

    if (!name) {
        fputs("xl: the pool needs a name\n", stderr);
        return XL_FAILED;
    }
    h = xl_open(xl);
    if (!h)
        return XL_FAILED;
    if (xlight_host_info(h, &host) || xlight_cpupool_config_cpus(h, c, &cpus)) {
        status = xl_fail(h);
    } else {
        for (uint32_t i = 0; i < cpus.nr; i++)
            nr += (cpus.bytes[i / 8] & 1U << i % 8) != 0;
        printf("Using config file \"%s\"\ncpupool name:   %s\nscheduler:      %s\n"
               "number of cpus: %u\n",
               path ? path : "command line", name,
               c->scheduler ? xlight_scheduler_name(c->scheduler) : host->scheduler, nr);
        if (!xl->dry_run && xlight_cpupool_create(h, name, c->scheduler, &cpus, &id))
            status = xl_fail(h);
    }
    xlight_bits_clear(&cpus);
    xlight_host_free(host);
    xlight_close(h);
    return status;
}

int cmd_cpupool_create(struct xl *xl, int argc, char **argv)
{
    static const struct option options[] = {{"defconfig", required_argument, NULL, 'f'},
                                            {"dryrun", no_argument, NULL, 'n'},
                                            XL_LAST_OPTION};
    struct xlight_cpupool_config *c = NULL;
    const char *path = NULL;
    xlight_messages *m;
    size_t len = 0;
    char *text;
    int opt, rc, status = XL_OK;

    while ((opt = xl_getopt(argc, argv, "f:nh", options, 0, &status)) >= 0) {
        if (opt == 'f')
            path = optarg;
        else
            xl->dry_run = true;
    }
    if (opt == -2)
        return status;
    for (int i = optind; i < argc; i++) {
        if (strchr(argv[i], '='))
            continue;
        if (path)
            return xl_usage("cpupool-create");
        path = argv[i];
    }
    if (!path && optind == argc)
        return xl_usage("cpupool-create");
    text = read_text(path, argv + optind, argc - optind, &len);
    if (!text || xlight_messages_new(&m)) {
        free(text);
        return XL_FAILED;
    }
    rc = xlight_cpupool_config_parse(path ? path : "command line", text, len, m, &c);
    xl_say(m);
    xlight_messages_free(m);
    free(text);
    status = rc ? XL_FAILED : create(xl, path, c);
    xlight_cpupool_config_free(c);
    return status;
}
