/* SPDX-License-Identifier: MIT */
/* sim-check.c - what there is on a simulated host, and requests to its store that fail. */
#include "libs/store/src/xstore.h"
#include "sim-host.h"
#include "test-main.h"
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xenolith/ctrl-sim.h>
#include <xenolith/ctrl.h>

unsigned int sim_store_fail_in;

int __real_xs__call(xstore_handle *xs, struct xs__request *rq, int64_t deadline,
                    xstore_op **ret_op);
int __wrap_xs__call(xstore_handle *xs, struct xs__request *rq, int64_t deadline,
                    xstore_op **ret_op);

int __wrap_xs__call(xstore_handle *xs, struct xs__request *rq, int64_t deadline, xstore_op **ret_op)
{
    if (sim_store_fail_in && --sim_store_fail_in == 0)
        return xs__fail(xs, -EIO, "the test wants this to fail");
    return __real_xs__call(xs, rq, deadline, ret_op);
}

static void put_domains(FILE *f, xlight_handle *h)
{
    struct xen_domctl_getdomaininfo info;
    domid_t next = 0;

    while (!xctl_domain_info_next(xlight_ctrl(h), next, &info)) {
        fprintf(f, "domain %u flags 0x%x\n", info.domain, info.flags & XEN_DOMINF_dying);
        next = (domid_t)(info.domain + 1);
    }
}

static void put_memory(FILE *f, xlight_handle *h)
{
    struct xen_sysctl_physinfo info;

    ck_assert_int_eq(xctl_host_info(xlight_ctrl(h), &info), 0);
    fprintf(f, "free %" PRIu64 " set aside %" PRIu64 "\n", info.free_pages, info.outstanding_pages);
}

/* Values are not shown: the node of a domain that is gone is what counts. */
static void put_nodes(FILE *f, xstore_handle *xs, const char *path)
{
    char **names;
    unsigned int nr;

    fprintf(f, "node %s\n", path);
    if (xstore_list(xs, XBT_NULL, path, &names, &nr))
        return;
    for (unsigned int i = 0; i < nr; i++)
        put_nodes(f, xs, XSTORE_PATH("%s/%s", path[1] ? path : "", names[i]));
    free(names);
}

static int not_dots(const struct dirent *e)
{
    return strcmp(e->d_name, ".") && strcmp(e->d_name, "..");
}

/* The list of ids that were in use is there to stay. */
static void put_files(FILE *f, const char *dir)
{
    struct dirent **list;
    int nr = scandir(dir, &list, not_dots, alphasort);

    for (int i = 0; i < nr; i++) {
        char path[512];

        snprintf(path, sizeof(path), "%s/%s", dir, list[i]->d_name);
        if (strcmp(list[i]->d_name, "domid-history"))
            fprintf(f, "file %s\n", path);
        if (list[i]->d_type == DT_DIR)
            put_files(f, path);
        free(list[i]);
    }
    if (nr >= 0)
        free(list);
}

static void put_descriptors(FILE *f)
{
    DIR *dir = opendir("/proc/self/fd");
    int nr = 0;

    while (readdir(dir))
        nr++;
    closedir(dir);
    fprintf(f, "descriptors %d\n", nr);
}

char *sim_snapshot(xlight_handle *h)
{
    char *text;
    size_t len;
    FILE *f = open_memstream(&text, &len);

    put_descriptors(f);
    put_domains(f, h);
    put_memory(f, h);
    put_nodes(f, xlight_store(h), "/");
    put_files(f, sim_dir);
    fclose(f);
    return text;
}

/* Where they begin to differ, a few lines of each; all is more than Check can take. */
static void fail_different(const char *before, const char *now, const char *when)
{
    size_t line = 0;

    for (size_t i = 0; before[i] && before[i] == now[i]; i++)
        if (before[i] == '\n')
            line = i + 1;
    ck_abort_msg("%s:\nbefore\n%.1000s\nafter\n%.1000s", when, before + line, now + line);
}

void sim_check_snapshot(xlight_handle *h, const char *before, const char *when)
{
    int tries = 500 * sim_scale();
    char *now = sim_snapshot(h);

    while (strcmp(before, now)) {
        if (tries-- <= 0)
            fail_different(before, now, when);
        usleep(2000);
        free(now);
        now = sim_snapshot(h);
    }
    free(now);
    if (xctl_sim_audit(xlight_ctrl(h))) {
        char why[512];

        xctl_error_format(xlight_ctrl(h), why, sizeof(why));
        ck_abort_msg("%s: %s", when, why);
    }
}
