/* SPDX-License-Identifier: MIT */
/*
 * event.c - the stream of events: its watches, and what becomes of them.
 *
 * A watch says only that something may have changed below a path. So the domain that it is about is
 * marked, or the list of all, and then look.c compares. Requests to the store may bring further
 * watches with them: it goes round until there are none.
 */
#include <stdio.h>
#include <time.h>
#include "event.h"

#define DOMAINS "/local/domain/"

#define T struct xlight_event
static const struct xlight_name kinds[] = {{XLIGHT_EVENT_CREATED, "domain-created", NULL},
                                           {XLIGHT_EVENT_DESTROYED, "domain-destroyed", NULL},
                                           {XLIGHT_EVENT_SHUTDOWN, "domain-shutdown", NULL},
                                           {XLIGHT_EVENT_RESUMED, "domain-resumed", NULL},
                                           {XLIGHT_EVENT_NAMED, "domain-named", NULL},
                                           {XLIGHT_EVENT_MEMORY, "memory-target", NULL},
                                           {XLIGHT_EVENT_VCPU_ON, "vcpu-on", NULL},
                                           {XLIGHT_EVENT_VCPU_OFF, "vcpu-off", NULL},
                                           {XLIGHT_EVENT_DEVICE_ADDED, "device-added", NULL},
                                           {XLIGHT_EVENT_DEVICE_REMOVED, "device-removed", NULL},
                                           {XLIGHT_EVENT_DEVICE_STATE, "device-state", NULL},
                                           {0, NULL, NULL}};
static const struct xlight_field event_fields[] = {
    FIELD(ENUM, kind, "event", .names = kinds),
    FIELD(U64, time_ms, "time_ms"),
    FIELD(U32, domid, "domid", .preset = -1),
    FIELD(STRING, name, "name"),
    FIELD(UUID, uuid, "uuid"),
    FIELD(INT, reason, "reason", .preset = -1),
    FIELD(U64, target_kb, "target_kb", .preset = -1),
    FIELD(U32, vcpu, "vcpu", .preset = -1),
    FIELD(STRING, device, "device"),
    FIELD(INT, state, "state", .preset = -1),
};
#undef T

const struct xlight_type *xlight_event_type(void)
{
    static const struct xlight_type type = TYPE("event", struct xlight_event, event_fields, );

    return &type;
}

void xlight_event_clear(struct xlight_event *event)
{
    xlight_type_clear(xlight_event_type(), event);
}

struct xlight_event *xlight__event_new(xlight_events *e, int kind, const struct event_domain *d)
{
    struct xlight_event *event;
    struct timespec now;

    event = xlight__list_append(e->h, xlight_event_type(), &e->queue, &e->nr_queue);
    if (!event)
        return NULL;
    xlight_type_init(xlight_event_type(), event);
    clock_gettime(CLOCK_REALTIME, &now);
    event->kind = kind;
    event->time_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    event->domid = d->domid;
    memcpy(event->uuid, d->uuid, sizeof(event->uuid));
    if (d->name && !(event->name = strdup(d->name))) {
        e->nr_queue--;
        xlight__no_memory(e->h, d->domid);
        return NULL;
    }
    return event;
}

static bool starts(const char *text, const char *with)
{
    size_t len = strlen(with);

    return !strncmp(text, with, len) && (!text[len] || text[len] == '/');
}

/* Marks what a path is about. Most of what domains write is of no interest. */
static void mark(xlight_events *e, const char *path)
{
    unsigned int domid;
    struct event_domain *d;
    int len = 0;

    if (path[0] == '@') {
        e->look = true;
        return;
    }
    if (sscanf(path, DOMAINS "%u%n", &domid, &len) != 1 || !len)
        return;
    path += len;
    path += *path == '/';
    if (*path && !starts(path, "name") && !starts(path, "device") && !starts(path, "cpu") &&
        !starts(path, "memory"))
        return;
    d = xlight__event_find(e, domid);
    if (d)
        d->marked = true;
    e->look = true;
}

static int lost(xlight_events *e, int rc)
{
    char why[256];

    xstore_error_format(e->xs, why, sizeof(why));
    xlight__fail(e->h, rc, XLIGHT_NO_DOMAIN, "%s", why);
    return xlight__wrap(e->h, rc, XLIGHT_NO_DOMAIN, "cannot follow what happens");
}

int xlight_events_process(xlight_events *e)
{
    struct xstore_event event;
    int rc = xstore_process(e->xs);

    if (rc)
        return lost(e, rc);
    for (;;) {
        while (!(rc = xstore_next_event(e->xs, &event)))
            mark(e, event.path);
        if (rc != -EAGAIN)
            return lost(e, rc);
        if (!e->look)
            return 0;
        rc = xlight__event_look(e, true);
        if (rc)
            return rc;
    }
}

static int start(xlight_events *e)
{
    static const char *const paths[] = {"@introduceDomain", "@releaseDomain", "/local/domain"};
    char why[256];
    int rc = xstore_open_why(e->h->store_path, &e->xs, why, sizeof(why));

    if (rc)
        return xlight__fail(e->h, rc, XLIGHT_NO_DOMAIN, "%s", why);
    for (unsigned int i = 0; !rc && i < 3; i++)
        rc = xstore_watch(e->xs, paths[i], paths[i]);
    return rc ? lost(e, rc) : xlight__event_look(e, false);
}

int xlight_events_open(xlight_handle *h, xlight_events **ret_e)
{
    xlight_events *e;
    int rc = xlight__need_store(h, XLIGHT_NO_DOMAIN, "follow what happens");

    if (rc)
        return rc;
    e = calloc(1, sizeof(*e));
    if (!e)
        return xlight__no_memory(h, XLIGHT_NO_DOMAIN);
    e->h = h;
    rc = start(e);
    if (rc)
        xlight_events_close(e);
    else
        *ret_e = e;
    return rc;
}

void xlight_events_close(xlight_events *e)
{
    if (!e)
        return;
    xstore_close(e->xs);
    xlight__list_free(xlight_event_type(), e->queue, e->nr_queue);
    xlight__list_free(&xlight__event_domain_type, e->domains, e->nr_domains);
    free(e);
}

int xlight_events_fd(const xlight_events *e)
{
    return xstore_get_fd(e->xs);
}

int xlight_events_next(xlight_events *e, struct xlight_event *ret_event)
{
    if (!e->nr_queue)
        return -EAGAIN;
    *ret_event = e->queue[0];
    e->nr_queue--;
    memmove(e->queue, e->queue + 1, e->nr_queue * sizeof(*e->queue));
    return 0;
}
