/* SPDX-License-Identifier: MIT */
/* check.c - a configuration before anything is made of it: what is left open, what we cannot do. */
#include "life.h"
#include <stdio.h>
#include <sys/random.h>

#define MAX_VCPUS_PV  8192
#define MAX_VCPUS_PVH 128

static int invalid(xlight_handle *h, const char *what)
{
    return xlight__fail(h, -EINVAL, XLIGHT_NO_DOMAIN, "%s", what);
}

static int set_uuid(xlight_handle *h, uint8_t uuid[16])
{
    static const uint8_t none[16];

    if (memcmp(uuid, none, 16))
        return 0;
    if (getrandom(uuid, 16, 0) != 16)
        return xlight__fail(h, -EIO, XLIGHT_NO_DOMAIN, "there are no random numbers");
    uuid[6] = (uuid[6] & 0x0f) | 0x40; /* version 4 */
    uuid[8] = (uuid[8] & 0x3f) | 0x80;
    return 0;
}

static int set_memory(xlight_handle *h, struct xlight_config *c)
{
    if (c->memory_kb == XLIGHT_UNSET_KB)
        c->memory_kb = c->max_memory_kb;
    if (c->max_memory_kb == XLIGHT_UNSET_KB)
        c->max_memory_kb = c->memory_kb;
    if (c->memory_kb == XLIGHT_UNSET_KB || c->memory_kb < 1024)
        return invalid(h, "the domain needs memory, at least 1 MiB");
    if (c->memory_kb > c->max_memory_kb)
        return invalid(h, "the domain would start with more memory than its maximum");
    c->video_memory_kb = 0;
    return 0;
}

static int set_vcpus(xlight_handle *h, struct xlight_config *c)
{
    int limit = life_is_hvm(c) ? MAX_VCPUS_PVH : MAX_VCPUS_PV;

    if (!c->max_vcpus)
        c->max_vcpus = 1;
    if (c->max_vcpus < 1 || c->max_vcpus > limit)
        return xlight__fail(h, -EINVAL, XLIGHT_NO_DOMAIN,
                            "a domain of this type has 1 to %d vCPUs, not %d", limit, c->max_vcpus);
    return 0;
}

/* Said, not ignored: a guest that lacks what its owner asked for fails later, and elsewhere. */
static int refuse(xlight_handle *h, const struct xlight_config *c)
{
    const struct {
        bool given;
        const char *what;
    } list[] = {
        {c->type == XLIGHT_HVM, "HVM guests (type = \"pvh\" starts a kernel without firmware)"},
        {c->nr_pcis, "PCI devices"},
        {c->nr_vtpms, "virtual TPMs"},
        {c->nr_pvcalls, "pvcalls"},
        {c->nr_usbctrls || c->nr_usbdevs, "USB devices"},
        {c->nr_vnuma, "virtual NUMA nodes"},
        {c->driver_domain == XLIGHT_YES, "driver domains"},
        {c->pvh.pvshim == XLIGHT_YES, "PV guests in a PVH shim"},
        {c->device_tree, "device trees"},
        {c->passthrough > XLIGHT_PASSTHROUGH_DISABLED, "passthrough"},
        {c->nested_hvm == XLIGHT_YES, "nested virtualization"},
        {c->vmtrace_buf_kb > 0, "traces of what a vCPU executes"},
        {c->altp2m, "alternate p2m tables"},
        {c->nr_msrs, "policies of MSRs"},
        {c->seclabel, "security labels"},
        {c->type == XLIGHT_PV && c->pv.e820_host == XLIGHT_YES, "the host's memory map"},
        {c->tsc_mode == XLIGHT_TSC_NATIVE_PARAVIRT, "tsc_mode = \"native_paravirt\""},
    };

    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
        if (list[i].given)
            return xlight__fail(h, -EOPNOTSUPP, XLIGHT_NO_DOMAIN, "there is no support for %s",
                                list[i].what);
    return 0;
}

int life_check(xlight_handle *h, struct xlight_config *c)
{
    int rc;

    if (c->type != XLIGHT_PV && c->type != XLIGHT_PVH && c->type != XLIGHT_HVM)
        return invalid(h, "the configuration does not say which type of domain it is");
    if (!c->name || !*c->name)
        return invalid(h, "the domain has no name");
    rc = refuse(h, c);
    if (!rc && !c->kernel && !c->bootloader)
        rc = invalid(h, "the domain has no kernel");
    if (!rc)
        rc = set_uuid(h, c->uuid);
    if (!rc)
        rc = set_memory(h, c);
    if (!rc)
        rc = set_vcpus(h, c);
    if (!rc && c->claim_mode == XLIGHT_DEFAULT)
        c->claim_mode = XLIGHT_YES;
    if (!rc && c->run_hotplug_scripts == XLIGHT_DEFAULT)
        c->run_hotplug_scripts = XLIGHT_YES;
    if (!rc && c->msr_relaxed == XLIGHT_DEFAULT)
        c->msr_relaxed = XLIGHT_NO;
    return rc;
}
