/* SPDX-License-Identifier: MIT */
/*
 * light-event.h - what happens on a host: domains come, go and change. The rules of light.h apply.
 *
 * One stream tells of all domains. It is fed by watches of the store daemon, after which the host
 * is compared with what it was before: what lasts shorter than the time between two looks is not
 * seen, and what ends where it began is not told. Nothing is told of what was there at the start.
 */
#ifndef XENOLITH_LIGHT_EVENT_H
#define XENOLITH_LIGHT_EVENT_H

#include <xenolith/light-config.h>
#include <xenolith/light.h>

#ifdef __cplusplus
extern "C" {
#endif

enum xlight_event_kind {
    XLIGHT_EVENT_CREATED = 1,    /* a domain is there */
    XLIGHT_EVENT_DESTROYED,      /* it is gone, or going for good */
    XLIGHT_EVENT_SHUTDOWN,       /* it has stopped: reason */
    XLIGHT_EVENT_RESUMED,        /* it runs on after that */
    XLIGHT_EVENT_NAMED,          /* it has got a name, or another one */
    XLIGHT_EVENT_MEMORY,         /* it shall have target_kb */
    XLIGHT_EVENT_VCPU_ON,        /* it shall use vcpu */
    XLIGHT_EVENT_VCPU_OFF,       /* it shall not */
    XLIGHT_EVENT_DEVICE_ADDED,   /* device */
    XLIGHT_EVENT_DEVICE_REMOVED, /* device */
    XLIGHT_EVENT_DEVICE_STATE    /* device: its front end is in state */
};

struct xlight_event {
    int kind;         /* enum xlight_event_kind */
    uint64_t time_ms; /* of the epoch: when it was seen */
    uint32_t domid;
    char *name; /* of the domain; NULL: it has none */
    uint8_t uuid[16];
    int reason;         /* SHUTDOWN_*; -1 */
    uint64_t target_kb; /* XLIGHT_UNSET_KB */
    uint32_t vcpu;      /* XLIGHT_UNSET_U32 */
    char *device;       /* "vbd/51712"; NULL */
    int state;          /* XenbusState*; -1 */
};

typedef struct xlight_events xlight_events;

/*
 * Starts the stream. It has a connection to the store daemon of its own, and uses the handle, which
 * must outlive it, inside of its calls only. The caller closes *ret_e; NULL is fine there.
 * -ENOTCONN: the host has no store.
 */
XLIGHT_CHECK int xlight_events_open(xlight_handle *h, xlight_events **ret_e);
XLIGHT_API void xlight_events_close(xlight_events *e);

/*
 * For event loops: when the descriptor is readable call process(), which finds out what has
 * happened, then take all events. process() fails when the connection to the store daemon is lost,
 * and when the host cannot be looked at; then it can be called again.
 */
XLIGHT_API int xlight_events_fd(const xlight_events *e);
XLIGHT_CHECK int xlight_events_process(xlight_events *e);

/*
 * The next event, in the order in which they were seen; the caller clears it with
 * xlight_event_clear(). -EAGAIN: there is none now.
 */
XLIGHT_CHECK int xlight_events_next(xlight_events *e, struct xlight_event *ret_event);
XLIGHT_API void xlight_event_clear(struct xlight_event *event);

/* The table of fields. What an event has nothing to say of has its preset value. */
XLIGHT_API const struct xlight_type *xlight_event_type(void);

#ifdef __cplusplus
}
#endif

#endif /* XENOLITH_LIGHT_EVENT_H */
