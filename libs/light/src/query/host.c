/* SPDX-License-Identifier: MIT */
/* host.c - what the host is: its machine, its hypervisor and the kernel of the control domain. */
#include <stdio.h>
#include <sys/utsname.h>
#include "query.h"

#define PAGE_KB (XCTL_PAGE_SIZE / 1024)

static char *guest_support(uint32_t caps)
{
    static const struct {
        uint32_t all; /* bits that must be set */
        const char *word;
    } words[] = {
        {XEN_SYSCTL_PHYSCAP_pv, "pv"},
        {XEN_SYSCTL_PHYSCAP_hvm, "hvm"},
        {XEN_SYSCTL_PHYSCAP_hvm | XEN_SYSCTL_PHYSCAP_directio, "hvm_directio"},
        {XEN_SYSCTL_PHYSCAP_pv | XEN_SYSCTL_PHYSCAP_directio, "pv_directio"},
        {XEN_SYSCTL_PHYSCAP_hap, "hap"},
        {XEN_SYSCTL_PHYSCAP_shadow, "shadow"},
        {XEN_SYSCTL_PHYSCAP_iommu_hap_pt_share, "iommu_hap_pt_share"},
        {XEN_SYSCTL_PHYSCAP_vmtrace, "vmtrace"},
        {XEN_SYSCTL_PHYSCAP_vpmu, "vpmu"},
        {XEN_SYSCTL_PHYSCAP_gnttab_v1, "gnttab-v1"},
        {XEN_SYSCTL_PHYSCAP_gnttab_v2, "gnttab-v2"},
    };
    char text[160] = "";

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if ((caps & words[i].all) == words[i].all) {
            strcat(text, *text ? " " : "");
            strcat(text, words[i].word);
        }
    return strdup(text);
}

static int fill_kernel(xlight_handle *h, struct xlight_host *host)
{
    struct utsname u;

    if (uname(&u))
        return xlight__fail(h, -errno, XLIGHT_NO_DOMAIN, "cannot see what kernel this is");
    host->name = strdup(u.nodename);
    host->release = strdup(u.release);
    host->version = strdup(u.version);
    host->machine = strdup(u.machine);
    return 0;
}

static int count_free_cpus(xlight_handle *h, unsigned int nr, uint32_t *ret_free)
{
    struct xlight_bits b = {NULL, 0, NULL};
    int rc = xlight__bits_alloc(h, nr, &b);

    if (rc)
        return rc;
    rc = xctl_cpupool_free_cpus(h->ctrl, b.bytes, nr);
    for (unsigned int i = 0; !rc && i < nr; i++)
        *ret_free += xlight__bit(&b, i);
    xlight_bits_clear(&b);
    return rc;
}

static int fill_machine(xlight_handle *h, struct xlight_host *host)
{
    struct xen_sysctl_physinfo p;
    uint64_t freed = 0, used = 0;
    char words[8 * 9];
    int rc = xctl_host_info(h->ctrl, &p);

    if (!rc)
        rc = xctl_memory_sharing(h->ctrl, &freed, &used);
    if (!rc)
        rc = count_free_cpus(h, p.max_cpu_id + 1, &host->free_cpus);
    if (rc)
        return rc;
    host->cpus = p.nr_cpus;
    host->max_cpu = p.max_cpu_id;
    host->nodes = p.nr_nodes;
    host->cores = p.cores_per_socket;
    host->threads = p.threads_per_core;
    host->khz = p.cpu_khz;
    host->memory_kb = p.total_pages * PAGE_KB;
    host->free_kb = p.free_pages * PAGE_KB;
    host->claimed_kb = p.outstanding_pages * PAGE_KB;
    host->sharing_freed_kb = freed * PAGE_KB;
    host->sharing_used_kb = used * PAGE_KB;
    for (unsigned int i = 0; i < 8; i++)
        sprintf(words + i * 9, "%08x%s", p.hw_cap[i], i < 7 ? ":" : "");
    host->features = strdup(words);
    host->guest_support = guest_support(p.capabilities);
    return 0;
}

/* A build without an id has an empty one. */
static int read_build_id(xlight_handle *h, char **ret_text)
{
    uint8_t id[512];
    size_t len = 0;
    int rc = xctl_version_build_id(h->ctrl, id, sizeof(id), &len);
    char *text;

    if (rc && rc != -ENODATA && rc != -EPERM)
        return rc;
    if (rc)
        len = 0;
    text = calloc(1, 2 * len + 1);
    for (size_t i = 0; text && i < len; i++)
        sprintf(text + 2 * i, "%02x", id[i]);
    *ret_text = text;
    return 0;
}

static int fill_hypervisor(xlight_handle *h, struct xlight_host *host)
{
    struct xen_compile_info cc;
    xen_extraversion_t extra;
    xen_capabilities_info_t caps;
    xen_changeset_info_t changeset;
    xen_commandline_t line;
    unsigned long start;
    unsigned int sched;
    int rc = xctl_version(h->ctrl, &host->major, &host->minor);

    rc = rc ? rc : xctl_version_extra(h->ctrl, extra);
    rc = rc ? rc : xctl_version_capabilities(h->ctrl, caps);
    rc = rc ? rc : xctl_version_changeset(h->ctrl, changeset);
    rc = rc ? rc : xctl_version_command_line(h->ctrl, line);
    rc = rc ? rc : xctl_version_compile(h->ctrl, &cc);
    rc = rc ? rc : xctl_version_page_size(h->ctrl, &host->page_size);
    rc = rc ? rc : xctl_version_virt_start(h->ctrl, &start);
    rc = rc ? rc : xctl_sched_id(h->ctrl, &sched);
    rc = rc ? rc : read_build_id(h, &host->build_id);
    if (rc)
        return rc;
    host->virt_start = start;
    host->scheduler = strdup(xlight_scheduler_name((int)sched));
    host->extra = strdup(extra);
    host->capabilities = strdup(caps);
    host->changeset = strdup(changeset);
    host->command_line = strdup(line);
    host->compiler = strdup(cc.compiler);
    host->compiled_by = strdup(cc.compile_by);
    host->compile_domain = strdup(cc.compile_domain);
    host->compile_date = strdup(cc.compile_date);
    return 0;
}

/* A copy of a text fails for one reason only: so it is enough to look at the end. */
static bool has_all_texts(const struct xlight_host *host)
{
    const struct xlight_type *type = xlight_host_type();

    for (unsigned int i = 0; i < type->nr_fields; i++) {
        const struct xlight_field *f = &type->fields[i];

        if (f->kind == XLIGHT_STRING && !*(char **)xlight__at(host, f->offset))
            return false;
    }
    return true;
}

int xlight_host_info(xlight_handle *h, struct xlight_host **ret_host)
{
    struct xlight_host *host = calloc(1, sizeof(*host));
    int rc;

    if (!host)
        return xlight__no_memory(h, XLIGHT_NO_DOMAIN);
    rc = fill_machine(h, host);
    if (!rc)
        rc = fill_hypervisor(h, host);
    if (rc)
        rc = xlight__fail_ctrl(h, rc, XLIGHT_NO_DOMAIN, "cannot see what host this is");
    else
        rc = fill_kernel(h, host);
    if (!rc && !has_all_texts(host))
        rc = xlight__no_memory(h, XLIGHT_NO_DOMAIN);
    if (rc)
        xlight_host_free(host);
    else
        *ret_host = host;
    return rc;
}

void xlight_host_free(struct xlight_host *host)
{
    xlight__list_free(xlight_host_type(), host, 1);
}

int xlight_host_uptime(xlight_handle *h, uint64_t *ret_seconds)
{
    FILE *f = fopen("/proc/uptime", "re");
    unsigned long long seconds;
    int n;

    if (!f)
        return xlight__fail(h, -errno, 0, "cannot see when this kernel was started");
    n = fscanf(f, "%llu", &seconds);
    fclose(f);
    if (n != 1)
        return xlight__fail(h, -EIO, 0, "cannot see when this kernel was started");
    *ret_seconds = seconds;
    return 0;
}
