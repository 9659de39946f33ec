/* SPDX-License-Identifier: MIT */
/* control.c - a running domain's vCPUs, keys and buttons, and for how long it has been running. */
#include <ctype.h>
#include <time.h>
#include "query.h"

struct vcpus {
    uint32_t domid, nr, max;
};

static int write_vcpus(xstore_handle *xs, xs_transaction_t t, void *arg)
{
    const struct vcpus *v = arg;
    int rc = 0;

    for (uint32_t i = 0; !rc && i < v->max; i++)
        rc = xstore_write_string(xs, t,
                                 XSTORE_PATH("/local/domain/%u/cpu/%u/availability", v->domid, i),
                                 i < v->nr ? "online" : "offline");
    return rc;
}

int xlight_vcpu_set(xlight_handle *h, uint32_t domid, uint32_t nr)
{
    struct vcpus v = {.domid = domid, .nr = nr};
    struct xen_domctl_getdomaininfo info;
    int rc = xlight__need_store(h, domid, "change vCPUs");

    rc = rc ? rc : xlight__domctl_info(h, domid, &info);
    if (rc)
        return rc;
    v.max = info.max_vcpu_id == XEN_INVALID_MAX_VCPU_ID ? 0 : info.max_vcpu_id + 1;
    if (!nr || nr > v.max)
        return xlight__fail(h, -ERANGE, domid, "domain %u has %u vCPUs, it cannot use %u", domid,
                            v.max, nr);
    rc = xstore_transaction(h->store, write_vcpus, &v);
    return rc ? xlight__fail_store(h, rc, domid, "cannot change the vCPUs of domain %u", domid) : 0;
}

int xlight_sysrq(xlight_handle *h, uint32_t domid, char key)
{
    struct xen_domctl_getdomaininfo info;
    char text[2] = {key, 0};
    int rc = xlight__need_store(h, domid, "press a key");

    rc = rc ? rc : xlight__domctl_info(h, domid, &info);
    if (rc)
        return rc;
    if (!isalnum((unsigned char)key))
        return xlight__fail(h, -EINVAL, domid, "SysRq keys are letters and digits");
    rc = xstore_write_string(h->store, XBT_NULL,
                             XSTORE_PATH("/local/domain/%u/control/sysrq", domid), text);
    return rc ? xlight__fail_store(h, rc, domid, "cannot press SysRq-%c in domain %u", key, domid)
              : 0;
}

int xlight_trigger(xlight_handle *h, uint32_t domid, const char *button, uint32_t vcpu)
{
    static const struct {
        const char *name;
        unsigned int trigger;
    } buttons[] = {
        {"nmi", XEN_DOMCTL_SENDTRIGGER_NMI},     {"reset", XEN_DOMCTL_SENDTRIGGER_RESET},
        {"init", XEN_DOMCTL_SENDTRIGGER_INIT},   {"power", XEN_DOMCTL_SENDTRIGGER_POWER},
        {"sleep", XEN_DOMCTL_SENDTRIGGER_SLEEP},
    };
    struct xen_domctl_getdomaininfo info;
    size_t i = 0;
    int rc;

    while (i < sizeof(buttons) / sizeof(buttons[0]) && strcmp(buttons[i].name, button))
        i++;
    if (i == sizeof(buttons) / sizeof(buttons[0]))
        return xlight__fail(h, -EINVAL, domid,
                            "there is no trigger \"%s\": nmi, reset, init, power or sleep", button);
    rc = xlight__domctl_info(h, domid, &info);
    if (rc)
        return rc;
    rc = xctl_domain_send_trigger(h->ctrl, info.domain, buttons[i].trigger, vcpu);
    return rc ? xlight__fail_ctrl(h, rc, domid, "cannot send %s to domain %u", button, domid) : 0;
}

int xlight_uptime(xlight_handle *h, uint32_t domid, uint64_t *ret_seconds)
{
    struct xen_domctl_getdomaininfo info;
    unsigned long long start = 0;
    time_t now = time(NULL);
    char *vm = NULL, *text = NULL, *end = NULL;
    int rc;

    if (!domid)
        return xlight_host_uptime(h, ret_seconds);
    rc = xlight__need_store(h, domid, "see when a domain was started");
    rc = rc ? rc : xlight__domctl_info(h, domid, &info);
    if (rc)
        return rc;
    rc = xstore_read(h->store, XBT_NULL, XSTORE_PATH("/local/domain/%u/vm", domid), &vm, NULL);
    if (!rc)
        rc = xstore_read(h->store, XBT_NULL, XSTORE_PATH("%s/start_time", vm), &text, NULL);
    /* Seconds; Xen's toolstack writes hundredths behind them. */
    if (!rc)
        start = strtoull(text, &end, 10);
    if (rc == -ENOENT || (!rc && end == text))
        rc = xlight__fail(h, -ENODATA, domid, "nobody knows when domain %u was started", domid);
    else if (rc)
        xlight__fail_store(h, rc, domid, "cannot see when domain %u was started", domid);
    free(vm);
    free(text);
    if (rc)
        return rc;
    *ret_seconds = (uint64_t)now > start ? (uint64_t)now - start : 0;
    return 0;
}
