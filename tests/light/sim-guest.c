/* SPDX-License-Identifier: MIT */
/*
 * sim-guest.c - makes things happen on a simulated host that shell scripts share with others.
 *   sim-guest WHERE make VCPUS KIB    a PV domain with memory; prints its id
 *   sim-guest WHERE shutdown|destroy DOMID [REASON]
 *   sim-guest WHERE introduce DOMID SOCKET   to the store daemon there
 *   sim-guest WHERE run DOMID         its vCPUs run from now on
 *   sim-guest WHERE advance SECONDS   moves the clock: vCPUs of guests use it up
 *   sim-guest NAME remove             the host ends
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenolith/ctrl-sim.h>
#include <xenolith/store.h>

static int make(xctl_handle *h, unsigned int vcpus, unsigned long kb)
{
    struct xen_domctl_createdomain config = {.max_vcpus = vcpus,
                                             .max_evtchn_port = -1,
                                             .max_grant_frames = 4,
                                             .max_maptrack_frames = 4,
                                             .grant_opts = 1};
    unsigned long nr = kb / 4;
    xen_pfn_t *frames = calloc(nr + 1, sizeof(*frames));
    domid_t domid;
    int rc;

    for (unsigned int i = 0; i < sizeof(config.handle); i++)
        config.handle[i] = (uint8_t)(0x10 + i);
    for (unsigned long i = 0; i < nr; i++)
        frames[i] = i;
    rc = xctl_domain_create(h, 0, &config, &domid);
    rc = rc ? rc : xctl_domain_set_max_vcpus(h, domid, vcpus);
    rc = rc ? rc : xctl_domain_set_max_mem(h, domid, kb + 1024);
    rc = rc ? rc : xctl_memory_populate_exact(h, domid, 0, 0, frames, nr);
    if (!rc)
        printf("%u\n", domid);
    free(frames);
    return rc;
}

static int start(xctl_handle *h, domid_t domid)
{
    struct vcpu_guest_context ctx = {.flags = VGCF_online};
    struct xen_domctl_getdomaininfo info;
    int rc = xctl_domain_info(h, domid, &info);

    for (unsigned int i = 0; !rc && i <= info.max_vcpu_id; i++)
        rc = xctl_vcpu_set_context(h, domid, i, &ctx);
    return rc ? rc : xctl_domain_unpause(h, domid);
}

static int introduce(xctl_handle *h, domid_t domid, const char *path)
{
    xstore_handle *xs = NULL;
    xen_pfn_t frame = 0;
    uint32_t port;
    int rc = xctl_domain_alloc_port(h, domid, 0, &port);

    rc = rc ? rc : xctl_memory_populate_exact(h, domid, 0, 0, &frame, 1);
    rc = rc ? rc : xstore_open(path, &xs);
    rc = rc ? rc : xstore_introduce(xs, domid, frame, port);
    xstore_close(xs);
    return rc;
}

static int run(xctl_handle *h, int argc, char **argv)
{
    const char *what = argv[2];
    unsigned long number = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;

    if (!strcmp(what, "make") && argc == 5)
        return make(h, (unsigned int)number, strtoul(argv[4], NULL, 10));
    if (!strcmp(what, "shutdown") && argc == 5)
        return xctl_domain_shutdown(h, (domid_t)number, (unsigned int)atoi(argv[4]));
    if (!strcmp(what, "introduce") && argc == 5)
        return introduce(h, (domid_t)number, argv[4]);
    if (!strcmp(what, "run") && argc == 4)
        return start(h, (domid_t)number);
    if (!strcmp(what, "destroy") && argc == 4)
        return xctl_domain_destroy(h, (domid_t)number);
    if (!strcmp(what, "advance") && argc == 4)
        return xctl_sim_advance(h, number * 1000000000);
    fprintf(stderr, "sim-guest: what?\n");
    return 1;
}

int main(int argc, char **argv)
{
    char why[512];
    xctl_handle *h;
    int rc;

    if (argc < 3)
        return 2;
    if (!strcmp(argv[2], "remove"))
        return xctl_sim_remove(argv[1]) ? 1 : 0;
    if (xctl_open_why(argv[1], &h, why, sizeof(why))) {
        fprintf(stderr, "sim-guest: %s\n", why);
        return 1;
    }
    rc = run(h, argc, argv);
    if (rc) {
        xctl_error_format(h, why, sizeof(why));
        fprintf(stderr, "sim-guest: %s\n", why);
    }
    xctl_close(h);
    return rc ? 1 : 0;
}
