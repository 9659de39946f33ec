/* SPDX-License-Identifier: MIT */
/* settings.c - what the settings of a host are for new domains: xl.conf(5) meets xl.cfg(5). */
#include "../private.h"
#include "../config/read.h"
#include <xenolith/light-host.h>
#include <xenolith/light-settings.h>

#define LOCK_FILE "/var/lock/xl"

static int preset(char **string, const char *value)
{
    return value && !*string ? xlight__set_string(string, value) : 0;
}

int xlight_settings_apply_nic(const struct xlight_settings *s, struct xlight_nic *nic)
{
    int rc = preset(&nic->script, s->vif_script);

    if (!rc)
        rc = preset(&nic->bridge, s->vif_bridge);
    if (!rc)
        rc = preset(&nic->gatewaydev, s->vif_gatewaydev);
    if (!rc && !nic->backend_domid)
        rc = preset(&nic->backend_domain, s->vif_backend);
    return rc;
}

int xlight_settings_apply(const struct xlight_settings *s, struct xlight_config *c)
{
    int rc = preset(&c->blkdev_start, s->blkdev_start);

    for (unsigned int i = 0; !rc && i < c->nr_nics; i++)
        rc = xlight_settings_apply_nic(s, &c->nics[i]);
    if (rc)
        return rc;
    c->run_hotplug_scripts = s->run_hotplug_scripts ? XLIGHT_YES : XLIGHT_NO;
    c->claim_mode = s->claim_mode ? XLIGHT_YES : XLIGHT_NO;
    if (c->max_grant_frames == XLIGHT_UNSET_U32)
        c->max_grant_frames = s->max_grant_frames;
    if (c->max_maptrack_frames == XLIGHT_UNSET_U32)
        c->max_maptrack_frames = s->max_maptrack_frames;
    if (c->max_grant_version < 0 && s->max_grant_version != XLIGHT_UNSET_U32)
        c->max_grant_version = (int)s->max_grant_version;
    if (!c->domid && s->domid_policy == XLIGHT_DOMID_RANDOM)
        c->domid = XLIGHT_RANDOM_DOMAIN;
    return 0;
}

/* Takes out of *cpus what a mask does not have. */
static int mask_with(xlight_handle *h, const char *name, const char *text, struct xlight_bits *cpus)
{
    struct xlight_bits mask;
    unsigned int left = 0;
    int rc = text ? xlight_host_parse_cpus(h, text, &mask) : 0;

    if (rc)
        return xlight__wrap(h, rc, XLIGHT_NO_DOMAIN, "%s of xl.conf is wrong", name);
    if (!text)
        return 0;
    for (uint32_t i = 0; i < (cpus->nr + 7) / 8; i++)
        left |= cpus->bytes[i] & mask.bytes[i];
    for (uint32_t i = 0; left && i < (cpus->nr + 7) / 8; i++)
        cpus->bytes[i] &= mask.bytes[i];
    xlight_bits_clear(&mask);
    return left ? 0
                : xlight__fail(h, -EINVAL, XLIGHT_NO_DOMAIN, "%s of xl.conf leaves no CPU", name);
}

int xlight_settings_mask(xlight_handle *h, const struct xlight_settings *s, int type,
                         struct xlight_bits *cpus)
{
    struct xlight_bits copy = {calloc(1, (cpus->nr + 7) / 8 + 1), cpus->nr, NULL};
    bool pv = type == XLIGHT_PV;
    int rc = copy.bytes ? 0 : xlight__fail(h, -ENOMEM, XLIGHT_NO_DOMAIN, "no memory for CPUs");

    if (!rc) {
        memcpy(copy.bytes, cpus->bytes, (cpus->nr + 7) / 8);
        rc = mask_with(h, "vm.cpumask", s->cpumask, &copy);
    }
    if (!rc)
        rc = mask_with(h, pv ? "vm.pv.cpumask" : "vm.hvm.cpumask",
                       pv ? s->pv_cpumask : s->hvm_cpumask, &copy);
    if (!rc)
        memcpy(cpus->bytes, copy.bytes, (cpus->nr + 7) / 8);
    xlight_bits_clear(&copy);
    return rc;
}

/* The CPUs that a configuration names, as bits of this host. */
static int host_cpus(xlight_handle *h, const struct xlight_bits *b, struct xlight_bits *ret_cpus)
{
    int rc = xlight_host_parse_cpus(h, b->text ? b->text : "all", ret_cpus);

    if (rc || !b->bytes)
        return rc;
    memset(ret_cpus->bytes, 0, (ret_cpus->nr + 7) / 8);
    for (uint32_t i = 0; i < b->nr && i < ret_cpus->nr; i++)
        ret_cpus->bytes[i / 8] |= (uint8_t)(b->bytes[i / 8] & 1U << i % 8);
    return 0;
}

/* One more set of hard affinity, which names nothing. */
static int add_set(xlight_handle *h, struct xlight_config *c)
{
    struct xlight_bits *list = realloc(c->hard_affinity, (c->nr_hard_affinity + 1) * sizeof(*list));

    if (!list)
        return xlight__fail(h, -ENOMEM, XLIGHT_NO_DOMAIN, "no memory for CPUs");
    c->hard_affinity = list;
    list[c->nr_hard_affinity++] = (struct xlight_bits){NULL, 0, NULL};
    return 0;
}

int xlight_settings_mask_config(xlight_handle *h, const struct xlight_settings *s,
                                struct xlight_config *c)
{
    unsigned int vcpus = c->max_vcpus > 1 ? (unsigned int)c->max_vcpus : 1;
    const char *mask = c->type == XLIGHT_PV ? s->pv_cpumask : s->hvm_cpumask;
    int rc = 0;

    if (!s->cpumask && !mask)
        return 0;
    while (!rc && c->nr_hard_affinity < vcpus)
        rc = add_set(h, c);
    for (unsigned int i = 0; !rc && i < c->nr_hard_affinity; i++) {
        struct xlight_bits cpus = {NULL, 0, NULL};

        rc = host_cpus(h, &c->hard_affinity[i], &cpus);
        if (!rc)
            rc = xlight_settings_mask(h, s, c->type, &cpus);
        if (rc) {
            xlight_bits_clear(&cpus);
            return xlight__wrap(h, rc, XLIGHT_NO_DOMAIN, "vCPU %u can run nowhere", i);
        }
        xlight_bits_clear(&c->hard_affinity[i]);
        c->hard_affinity[i] = cpus;
    }
    return rc;
}

/* Whether the hypervisor was told how much memory domain 0 has. */
static int is_dom0_fixed(xlight_handle *h, bool *ret_fixed)
{
    static const char option[] = "dom0_mem=";
    struct xlight_host *host;
    int rc = xlight_host_info(h, &host);

    if (rc)
        return rc;
    *ret_fixed = false;
    for (const char *at = host->command_line; (at = strstr(at, option)); at++)
        *ret_fixed |= at == host->command_line || at[-1] == ' ';
    xlight_host_free(host);
    return 0;
}

int xlight_settings_options(xlight_handle *h, const struct xlight_settings *s,
                            struct xlight_create_options *options)
{
    bool fixed = s->autoballoon == XLIGHT_BALLOON_OFF;
    int rc = s->autoballoon == XLIGHT_BALLOON_AUTO ? is_dom0_fixed(h, &fixed) : 0;

    if (rc)
        return rc;
    options->balloon = !fixed;
    options->lock_file = s->lock_file ? s->lock_file : h->sim ? NULL : LOCK_FILE;
    return 0;
}
