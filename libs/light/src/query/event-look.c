/* SPDX-License-Identifier: MIT */
/* event-look.c - compares the host with what it was at the last look. */
#include <stdio.h>
#include "event.h"

#define T struct event_device
static const struct xlight_field device_fields[] = {
    FIELD(STRING, name, "name"),
    FIELD(INT, state, "state"),
};
static const struct xlight_type device_type = TYPE("event-device", T, device_fields, );
#undef T

#define T struct event_domain
static const struct xlight_field domain_fields[] = {
    FIELD(STRING, name, "name"),
    FIELD(BITS, vcpus, "vcpus"),
    LIST(STRUCT, devices, nr_devices, "devices", .type = &device_type),
};
const struct xlight_type xlight__event_domain_type = TYPE("event-domain", T, domain_fields, );
#undef T

struct event_domain *xlight__event_find(xlight_events *e, uint32_t domid)
{
    for (unsigned int i = 0; i < e->nr_domains; i++)
        if (e->domains[i].domid == domid)
            return &e->domains[i];
    return NULL;
}

static int store_failed(xlight_events *e, int rc, uint32_t domid)
{
    char why[256];

    xstore_error_format(e->xs, why, sizeof(why));
    xlight__fail(e->h, rc, domid, "%s", why);
    return xlight__wrap(e->h, rc, domid, "cannot see what has changed");
}

/* The children of a node, to be freed also on failure; none when there is no node. */
static int list(xlight_events *e, uint32_t domid, const char *path, char ***ret_names,
                unsigned int *ret_nr)
{
    int rc;

    *ret_names = NULL;
    *ret_nr = 0;
    rc = xstore_list(e->xs, XBT_NULL, path, ret_names, ret_nr);
    return rc && rc != -ENOENT ? store_failed(e, rc, domid) : 0;
}

static int read_devices_of(xlight_events *e, struct event_domain *d, const char *kind)
{
    char **ids, name[128];
    unsigned int nr;
    int rc =
        list(e, d->domid, XSTORE_PATH("/local/domain/%u/device/%s", d->domid, kind), &ids, &nr);

    for (unsigned int i = 0; !rc && i < nr; i++) {
        struct event_device *dev;
        int state = 0;

        rc = xstore_read_int(
            e->xs, XBT_NULL,
            XSTORE_PATH("/local/domain/%u/device/%s/%s/state", d->domid, kind, ids[i]), &state);
        /* The guest writes it: anything may be there, or nothing. */
        if (rc && rc != -ENOENT && rc != -EBADMSG && rc != -ERANGE) {
            rc = store_failed(e, rc, d->domid);
            break;
        }
        rc = 0;
        if ((size_t)snprintf(name, sizeof(name), "%s/%s", kind, ids[i]) >= sizeof(name))
            continue;
        dev = xlight__list_append(e->h, &device_type, &d->devices, &d->nr_devices);
        if (!dev)
            rc = -ENOMEM;
        else if (!(dev->name = strdup(name)))
            rc = xlight__no_memory(e->h, d->domid);
        else
            dev->state = state;
    }
    free(ids);
    return rc;
}

static int read_devices(xlight_events *e, struct event_domain *d)
{
    char **kinds;
    unsigned int nr;
    int rc = list(e, d->domid, XSTORE_PATH("/local/domain/%u/device", d->domid), &kinds, &nr);

    for (unsigned int i = 0; !rc && i < nr; i++)
        if (strcmp(kinds[i], "suspend"))
            rc = read_devices_of(e, d, kinds[i]);
    free(kinds);
    return rc;
}

static int read_vcpus(xlight_events *e, struct event_domain *d)
{
    char **ids, *text = NULL;
    unsigned int nr;
    int rc = list(e, d->domid, XSTORE_PATH("/local/domain/%u/cpu", d->domid), &ids, &nr);

    for (unsigned int i = 0; !rc && i < nr; i++) {
        char *end;
        unsigned long vcpu = strtoul(ids[i], &end, 10);

        if (*ids[i] < '0' || *ids[i] > '9' || *end)
            continue;
        rc = xstore_read_string(
            e->xs, XBT_NULL, XSTORE_PATH("/local/domain/%u/cpu/%s/availability", d->domid, ids[i]),
            &text);
        if (rc && rc != -ENOENT && rc != -EBADMSG) {
            rc = store_failed(e, rc, d->domid);
            break;
        }
        if (!rc && vcpu < 4096 &&
            xlight__set_bit(&d->vcpus, (uint32_t)vcpu, !strcmp(text, "online")))
            rc = xlight__no_memory(e->h, d->domid);
        else
            rc = 0;
        free(text);
        text = NULL;
    }
    free(ids);
    return rc;
}

/* What the store has of a domain. *d is to be cleared on failure, too. */
static int read_domain(xlight_events *e, struct event_domain *d)
{
    int rc = xstore_read_string(e->xs, XBT_NULL, XSTORE_PATH("/local/domain/%u/name", d->domid),
                                &d->name);

    if (rc && rc != -ENOENT && rc != -EBADMSG)
        return store_failed(e, rc, d->domid);
    d->target_kb = XLIGHT_UNSET_KB;
    rc = xstore_read_u64(e->xs, XBT_NULL, XSTORE_PATH("/local/domain/%u/memory/target", d->domid),
                         &d->target_kb);
    if (rc && rc != -ENOENT && rc != -EBADMSG && rc != -ERANGE)
        return store_failed(e, rc, d->domid);
    rc = read_devices(e, d);
    return rc ? rc : read_vcpus(e, d);
}

static int tell(xlight_events *e, int kind, const struct event_domain *d)
{
    return xlight__event_new(e, kind, d) ? 0 : -ENOMEM;
}

static int tell_device(xlight_events *e, int kind, const struct event_domain *d,
                       const struct event_device *dev)
{
    struct xlight_event *event = xlight__event_new(e, kind, d);

    if (!event)
        return -ENOMEM;
    event->device = strdup(dev->name);
    if (!event->device)
        return xlight__no_memory(e->h, d->domid);
    if (kind == XLIGHT_EVENT_DEVICE_STATE)
        event->state = dev->state;
    return 0;
}

static const struct event_device *find_device(const struct event_domain *d, const char *name)
{
    for (unsigned int i = 0; i < d->nr_devices; i++)
        if (!strcmp(d->devices[i].name, name))
            return &d->devices[i];
    return NULL;
}

static int compare_devices(xlight_events *e, const struct event_domain *old,
                           const struct event_domain *now)
{
    int rc = 0;

    for (unsigned int i = 0; !rc && i < old->nr_devices; i++)
        if (!find_device(now, old->devices[i].name))
            rc = tell_device(e, XLIGHT_EVENT_DEVICE_REMOVED, now, &old->devices[i]);
    for (unsigned int i = 0; !rc && i < now->nr_devices; i++) {
        const struct event_device *dev = &now->devices[i], *was = find_device(old, dev->name);

        if (!was)
            rc = tell_device(e, XLIGHT_EVENT_DEVICE_ADDED, now, dev);
        if (!rc && dev->state && (!was || was->state != dev->state))
            rc = tell_device(e, XLIGHT_EVENT_DEVICE_STATE, now, dev);
    }
    return rc;
}

static int compare_vcpus(xlight_events *e, const struct event_domain *old,
                         const struct event_domain *now)
{
    uint32_t nr = old->vcpus.nr > now->vcpus.nr ? old->vcpus.nr : now->vcpus.nr;

    for (uint32_t i = 0; i < nr; i++) {
        bool on = xlight__bit(&now->vcpus, i);
        struct xlight_event *event;

        if (on == xlight__bit(&old->vcpus, i))
            continue;
        event = xlight__event_new(e, on ? XLIGHT_EVENT_VCPU_ON : XLIGHT_EVENT_VCPU_OFF, now);
        if (!event)
            return -ENOMEM;
        event->vcpu = i;
    }
    return 0;
}

static bool same(const char *a, const char *b)
{
    return a && b ? !strcmp(a, b) : a == b;
}

static int compare(xlight_events *e, const struct event_domain *old, const struct event_domain *now)
{
    struct xlight_event *event;
    int rc = 0;

    if (!same(old->name, now->name) && now->name)
        rc = tell(e, XLIGHT_EVENT_NAMED, now);
    if (!rc && old->target_kb != now->target_kb && now->target_kb != XLIGHT_UNSET_KB) {
        event = xlight__event_new(e, XLIGHT_EVENT_MEMORY, now);
        if (event)
            event->target_kb = now->target_kb;
        else
            rc = -ENOMEM;
    }
    rc = rc ? rc : compare_vcpus(e, old, now);
    return rc ? rc : compare_devices(e, old, now);
}

/* Reads again what is marked. d is in the list, which does not move meanwhile. */
static int refresh(xlight_events *e, struct event_domain *d, bool with_events)
{
    struct event_domain now = {.domid = d->domid, .shutdown = d->shutdown, .found = d->found};
    int rc;

    memcpy(now.uuid, d->uuid, sizeof(now.uuid));
    rc = read_domain(e, &now);
    if (!rc && with_events)
        rc = compare(e, d, &now);
    if (rc) {
        xlight_type_clear(&xlight__event_domain_type, &now);
        return rc;
    }
    xlight_type_clear(&xlight__event_domain_type, d);
    *d = now;
    return 0;
}

static void forget(xlight_events *e, struct event_domain *d)
{
    size_t at = (size_t)(d - e->domains);

    xlight_type_clear(&xlight__event_domain_type, d);
    e->nr_domains--;
    memmove(d, d + 1, (e->nr_domains - at) * sizeof(*d));
}

/* A domain that has not been there: its name belongs to the first event. */
static int add(xlight_events *e, const struct xen_domctl_getdomaininfo *info, bool with_events)
{
    struct event_domain *d =
        xlight__list_append(e->h, &xlight__event_domain_type, &e->domains, &e->nr_domains);
    int rc;

    if (!d)
        return -ENOMEM;
    d->domid = info->domain;
    memcpy(d->uuid, info->handle, sizeof(d->uuid));
    d->target_kb = XLIGHT_UNSET_KB;
    d->found = d->marked = true;
    if (!with_events)
        return 0;
    rc = xstore_read_string(e->xs, XBT_NULL, XSTORE_PATH("/local/domain/%u/name", d->domid),
                            &d->name);
    if (rc && rc != -ENOENT && rc != -EBADMSG)
        rc = store_failed(e, rc, d->domid);
    else
        rc = tell(e, XLIGHT_EVENT_CREATED, d);
    if (rc)
        forget(e, d);
    return rc;
}

static int see_state(xlight_events *e, struct event_domain *d,
                     const struct xen_domctl_getdomaininfo *info, bool with_events)
{
    bool shutdown = info->flags & XEN_DOMINF_shutdown;
    struct xlight_event *event;

    if (with_events && shutdown != d->shutdown) {
        event = xlight__event_new(e, shutdown ? XLIGHT_EVENT_SHUTDOWN : XLIGHT_EVENT_RESUMED, d);
        if (!event)
            return -ENOMEM;
        if (shutdown)
            event->reason = xctl_domain_shutdown_reason(info);
    }
    d->shutdown = shutdown;
    return 0;
}

static int see(xlight_events *e, const struct xen_domctl_getdomaininfo *info, bool with_events)
{
    struct event_domain *d = xlight__event_find(e, info->domain);
    int rc = 0;

    /* One that is dying is as good as gone; its id may belong to another one by now. */
    if (info->flags & XEN_DOMINF_dying)
        return 0;
    if (d && memcmp(d->uuid, info->handle, sizeof(d->uuid))) {
        rc = with_events ? tell(e, XLIGHT_EVENT_DESTROYED, d) : 0;
        if (!rc)
            forget(e, d);
        d = NULL;
    }
    if (!rc && !d) {
        rc = add(e, info, with_events);
        d = xlight__event_find(e, info->domain);
    }
    if (rc)
        return rc;
    d->found = true;
    return see_state(e, d, info, with_events);
}

static int see_all(xlight_events *e, bool with_events)
{
    struct xen_domctl_getdomaininfo info;
    xctl_domain_iter *it;
    int rc = xctl_domain_iter_new(e->h->ctrl, 0, &it), more = 0;

    if (rc)
        return xlight__fail_ctrl(e->h, rc, XLIGHT_NO_DOMAIN, "cannot list the domains");
    while (!rc && (more = xctl_domain_iter_next(it, &info)) > 0)
        rc = see(e, &info, with_events);
    if (!rc && more < 0)
        rc = xlight__fail_ctrl(e->h, more, XLIGHT_NO_DOMAIN, "cannot list the domains");
    xctl_domain_iter_free(it);
    return rc;
}

int xlight__event_look(xlight_events *e, bool with_events)
{
    int rc;

    for (unsigned int i = 0; i < e->nr_domains; i++)
        e->domains[i].found = false;
    rc = see_all(e, with_events);
    for (unsigned int i = 0; !rc && i < e->nr_domains; i++) {
        struct event_domain *d = &e->domains[i];

        if (!d->found) {
            rc = tell(e, XLIGHT_EVENT_DESTROYED, d);
            if (!rc) {
                forget(e, d);
                i--;
            }
        } else if (d->marked) {
            rc = refresh(e, d, with_events);
        }
    }
    if (!rc)
        e->look = false;
    return rc;
}
