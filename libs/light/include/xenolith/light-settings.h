/* SPDX-License-Identifier: MIT */
/*
 * light-settings.h - what holds for all domains of a host: the file xl.conf(5). The rules of
 * light.h apply; no host is needed.
 */
#ifndef XENOLITH_LIGHT_SETTINGS_H
#define XENOLITH_LIGHT_SETTINGS_H

#include <xenolith/light-config.h>
#include <xenolith/light-life.h>

#ifdef __cplusplus
extern "C" {
#endif

#define XLIGHT_SETTINGS_FILE "/etc/xen/xl.conf"

enum xlight_autoballoon { XLIGHT_BALLOON_AUTO = 0, XLIGHT_BALLOON_OFF, XLIGHT_BALLOON_ON };
enum xlight_domid_policy { XLIGHT_DOMID_XEN = 0, XLIGHT_DOMID_RANDOM };

struct xlight_settings {
    int autoballoon;         /* enum xlight_autoballoon */
    int run_hotplug_scripts; /* 0 or 1 */
    char *lock_file;
    char *vif_script, *vif_bridge, *vif_gatewaydev, *vif_backend; /* of interfaces that name none */
    char *output_format;
    char *blkdev_start;
    int claim_mode;                                                    /* 0 or 1 */
    uint32_t max_grant_frames, max_maptrack_frames, max_grant_version; /* XLIGHT_UNSET_U32 */
    char *cpumask, *pv_cpumask, *hvm_cpumask; /* sets for xlight_host_parse_cpus() */
    int domid_policy;                         /* enum xlight_domid_policy */
    char *tls_certificate, *tls_key, *tls_authority; /* as in struct xlight_tls_files */
};

/*
 * Reads a file, or what it holds; a file that is not there is as an empty one. Reports to m (may be
 * NULL) and fails as xlight_config_read() does. The caller frees *ret_s.
 */
XLIGHT_CHECK int xlight_settings_read(const char *path, xlight_messages *m,
                                      struct xlight_settings **ret_s);
XLIGHT_CHECK int xlight_settings_parse(const char *file, const char *text, size_t len,
                                       xlight_messages *m, struct xlight_settings **ret_s);
XLIGHT_API void xlight_settings_free(struct xlight_settings *s);

/*
 * What a configuration leaves open and the settings say: grant tables, claims, hotplug scripts,
 * ids, and the same for each of its network interfaces; or for one that is to be attached.
 */
XLIGHT_CHECK int xlight_settings_apply(const struct xlight_settings *s, struct xlight_config *c);
XLIGHT_CHECK int xlight_settings_apply_nic(const struct xlight_settings *s, struct xlight_nic *nic);

/*
 * Takes CPUs that the masks for domains of this type do not have out of a set of as many bits as
 * the host has CPUs; or out of the hard affinity of all vCPUs. -EINVAL: none is left. s may say
 * what is no set of this host's CPUs: that is -EINVAL, too.
 */
XLIGHT_CHECK int xlight_settings_mask(xlight_handle *h, const struct xlight_settings *s, int type,
                                      struct xlight_bits *cpus);
XLIGHT_CHECK int xlight_settings_mask_config(xlight_handle *h, const struct xlight_settings *s,
                                             struct xlight_config *c);

/*
 * How domains are created here: fills in balloon and lock_file, which is the settings' own. Other
 * options are left alone.
 */
XLIGHT_CHECK int xlight_settings_options(xlight_handle *h, const struct xlight_settings *s,
                                         struct xlight_create_options *options);

/* The table of fields, with the keys of the file. */
XLIGHT_API const struct xlight_type *xlight_settings_type(void);

#ifdef __cplusplus
}
#endif

#endif /* XENOLITH_LIGHT_SETTINGS_H */
