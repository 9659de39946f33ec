/* SPDX-License-Identifier: MIT */
/* xl-conf.c - the file xl.conf(5). */
#include <errno.h>
#include <unistd.h>
#include <xenolith/light-settings.h>
#include "settings.h"

static const struct xlight_name autoballoon_names[] = {
    {XLIGHT_BALLOON_AUTO, "auto", NULL}, {XLIGHT_BALLOON_OFF, "off", NULL},
    {XLIGHT_BALLOON_ON, "on", NULL},     {XLIGHT_BALLOON_OFF, "0", NULL},
    {XLIGHT_BALLOON_ON, "1", NULL},      {0, NULL, NULL}};
static const struct xlight_name domid_names[] = {
    {XLIGHT_DOMID_XEN, "xen", NULL}, {XLIGHT_DOMID_RANDOM, "random", NULL}, {0, NULL, NULL}};

#define T struct xlight_settings
static const struct xlight_field fields[] = {
    FIELD(ENUM, autoballoon, "autoballoon", .key = "autoballoon", .names = autoballoon_names,
          .help = "Whether domain 0 gives memory up for new domains. With auto it does unless the "
                  "hypervisor was told how much domain 0 has (dom0_mem=)."),
    FIELD(INT, run_hotplug_scripts, "run_hotplug_scripts", .key = "run_hotplug_scripts",
          .preset = 1, .min = 0, .max = 1,
          .help = "Whether devices are made ready by xl; otherwise something else must do it."),
    FIELD(STRING, lock_file, "lockfile", .key = "lockfile",
          .help = "Who frees memory for a domain holds a lock on this file; /var/lock/xl if not "
                  "given."),
    FIELD(STRING, vif_script, "vif.default.script", .key = "vif.default.script",
          .help = "The script of network interfaces that name none; vif-bridge if not given."),
    FIELD(STRING, vif_bridge, "vif.default.bridge", .key = "vif.default.bridge",
          .help = "The bridge of network interfaces that name none; xenbr0 if not given."),
    FIELD(STRING, vif_gatewaydev, "vif.default.gatewaydev", .key = "vif.default.gatewaydev",
          .help = "The network device of the host for scripts that route."),
    FIELD(STRING, vif_backend, "vif.default.backend", .key = "vif.default.backend",
          .help = "The domain that serves network interfaces; domain 0 if not given."),
    FIELD(STRING, output_format, "output_format", .key = "output_format",
          .help = "The format of configurations that are printed; only json is known."),
    FIELD(STRING, blkdev_start, "blkdev_start", .key = "blkdev_start",
          .help = "The first name of a disk that is attached to domain 0 for a while; xvda if not "
                  "given."),
    FIELD(INT, claim_mode, "claim_mode", .key = "claim_mode", .preset = 1, .min = 0, .max = 1,
          .help = "Whether memory is set aside before a domain is built."),
    FIELD(U32, max_grant_frames, "max_grant_frames", .key = "max_grant_frames", .preset = -1,
          .min = 0, .max = INT32_MAX,
          .help = "How large the grant tables of domains can be, in frames."),
    FIELD(U32, max_maptrack_frames, "max_maptrack_frames", .key = "max_maptrack_frames",
          .preset = -1, .min = 0, .max = INT32_MAX,
          .help = "How large their tables of mapped grants can be, in frames."),
    FIELD(U32, max_grant_version, "max_grant_version", .key = "max_grant_version", .preset = -1,
          .min = 0, .max = INT32_MAX, .help = "The newest version of grants that they may use."),
    FIELD(STRING, cpumask, "vm.cpumask", .key = "vm.cpumask",
          .help = "The CPUs that domains may run on, whatever they are pinned to."),
    FIELD(STRING, pv_cpumask, "vm.pv.cpumask", .key = "vm.pv.cpumask",
          .help = "The same for PV guests alone."),
    FIELD(STRING, hvm_cpumask, "vm.hvm.cpumask", .key = "vm.hvm.cpumask",
          .help = "The same for HVM and PVH guests alone."),
    FIELD(ENUM, domid_policy, "domid_policy", .key = "domid_policy", .names = domid_names,
          .help = "How ids of domains are chosen: by the hypervisor, or at random."),
    FIELD(STRING, tls_certificate, "migrate.tls.cert", .key = "migrate.tls.cert",
          .help = "The file, in PEM format, with the certificate that this host shows when it sends "
                  "or receives domains over TLS."),
    FIELD(STRING, tls_key, "migrate.tls.key", .key = "migrate.tls.key",
          .help = "The file with the key of that certificate."),
    FIELD(STRING, tls_authority, "migrate.tls.ca", .key = "migrate.tls.ca",
          .help = "The file with the certificate of the authority that has signed those of all "
                  "hosts; only hosts with such a certificate are talked to."),
    KEY("remus.default.netbufscript", .help = "Known, and of no effect: there is no Remus."),
    KEY("colo.default.proxyscript", .help = "Known, and of no effect: there is no COLO."),
};
#undef T

const struct xlight_type *xlight_settings_type(void)
{
    static const struct xlight_type type = TYPE("settings", struct xlight_settings, fields, );

    return &type;
}

int xlight_settings_parse(const char *file, const char *text, size_t len, xlight_messages *m,
                          struct xlight_settings **ret_s)
{
    struct xlight_settings *s = malloc(sizeof(*s));
    int rc;

    if (!s)
        return -ENOMEM;
    xlight_type_init(xlight_settings_type(), s);
    rc = xlight__read_settings(file, text, len, m, xlight_settings_type(), s);
    if (rc)
        xlight_settings_free(s);
    else
        *ret_s = s;
    return rc;
}

int xlight_settings_read(const char *path, xlight_messages *m, struct xlight_settings **ret_s)
{
    char *text = NULL;
    size_t len = 0;
    int rc = access(path, F_OK) && errno == ENOENT ? 0 : xlight__read_file(path, m, &text, &len);

    if (rc)
        return rc;
    rc = xlight_settings_parse(path, text ? text : "", len, m, ret_s);
    free(text);
    return rc;
}

void xlight_settings_free(struct xlight_settings *s)
{
    if (!s)
        return;
    xlight_type_clear(xlight_settings_type(), s);
    free(s);
}
