/* SPDX-License-Identifier: MIT */
/* version.c - what the hypervisor says about itself. */
#include "private.h"

static int64_t ask(xctl_handle *h, unsigned int cmd, void *arg, size_t size)
{
    return xctl__simple(h, __HYPERVISOR_xen_version, cmd, XCTL_NO_DOMAIN, arg, size, NULL, 0,
                        "ask the hypervisor about itself");
}

/* Asks into a copy, so that a failure leaves the result alone; texts end whatever was sent. */
static int ask_text(xctl_handle *h, unsigned int cmd, char *ret_text, size_t size)
{
    char copy[1024] = "";
    int64_t rc = ask(h, cmd, copy, size);

    if (rc < 0)
        return (int)rc;
    memcpy(ret_text, copy, size);
    ret_text[size - 1] = 0;
    return 0;
}

int xctl_version(xctl_handle *h, unsigned int *ret_major, unsigned int *ret_minor)
{
    int64_t rc = ask(h, XENVER_version, NULL, 0);

    if (rc < 0)
        return (int)rc;
    if (ret_major)
        *ret_major = (unsigned int)(rc >> 16);
    if (ret_minor)
        *ret_minor = (unsigned int)(rc & 0xffff);
    return 0;
}

int xctl_version_extra(xctl_handle *h, xen_extraversion_t ret_text)
{
    return ask_text(h, XENVER_extraversion, ret_text, sizeof(xen_extraversion_t));
}

int xctl_version_compile(xctl_handle *h, struct xen_compile_info *ret_info)
{
    struct xen_compile_info info = {0};
    int64_t rc = ask(h, XENVER_compile_info, &info, sizeof(info));

    if (rc < 0)
        return (int)rc;
    *ret_info = info;
    return 0;
}

int xctl_version_capabilities(xctl_handle *h, xen_capabilities_info_t ret_text)
{
    return ask_text(h, XENVER_capabilities, ret_text, sizeof(xen_capabilities_info_t));
}

int xctl_version_changeset(xctl_handle *h, xen_changeset_info_t ret_text)
{
    return ask_text(h, XENVER_changeset, ret_text, sizeof(xen_changeset_info_t));
}

int xctl_version_command_line(xctl_handle *h, xen_commandline_t ret_text)
{
    return ask_text(h, XENVER_commandline, ret_text, sizeof(xen_commandline_t));
}

int xctl_version_virt_start(xctl_handle *h, unsigned long *ret_addr)
{
    struct xen_platform_parameters p = {0};
    int64_t rc = ask(h, XENVER_platform_parameters, &p, sizeof(p));

    if (rc < 0)
        return (int)rc;
    *ret_addr = p.virt_start;
    return 0;
}

int xctl_version_features(xctl_handle *h, unsigned int word, uint32_t *ret_bits)
{
    struct xen_feature_info f = {.submap_idx = word};
    int64_t rc = ask(h, XENVER_get_features, &f, sizeof(f));

    if (rc < 0)
        return (int)rc;
    *ret_bits = f.submap;
    return 0;
}

int xctl_version_page_size(xctl_handle *h, unsigned int *ret_bytes)
{
    int64_t rc = ask(h, XENVER_pagesize, NULL, 0);

    if (rc < 0)
        return (int)rc;
    *ret_bytes = (unsigned int)rc;
    return 0;
}

int xctl_version_build_id(xctl_handle *h, uint8_t *ret_id, size_t size, size_t *ret_len)
{
    union {
        struct xen_build_id id;
        uint8_t bytes[1024];
    } u;
    size_t room = sizeof(u) - sizeof(u.id);
    int64_t rc;

    memset(&u, 0, sizeof(u));
    u.id.len = (uint32_t)room;
    rc = ask(h, XENVER_build_id, &u, sizeof(u));
    if (rc < 0)
        return (int)rc;
    if ((size_t)rc > size || (size_t)rc > room)
        return xctl__fail(h, -ENOBUFS, XCTL_NO_DOMAIN, "the build id has %u bytes, not %zu",
                          (unsigned int)rc, size);
    memcpy(ret_id, u.bytes + sizeof(u.id), (size_t)rc);
    *ret_len = (size_t)rc;
    return 0;
}
