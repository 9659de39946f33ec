/* SPDX-License-Identifier: MIT */
/* kinds.h - the objects of the libraries, for bind.h; of those whose headers have been included. */
#ifndef XENOLITH_BIND_KINDS_H
#define XENOLITH_BIND_KINDS_H

#include "bind.h"

#define BIND_DESTROY(NAME, TYPE, FREE) \
    static void NAME(void *ptr)        \
    {                                  \
        TYPE *obj = ptr;               \
                                       \
        FREE(obj);                     \
    }
/* The functions that explain failures. */
#define BIND_WITNESS(PREFIX, TYPE)                                              \
    static unsigned int bind_##PREFIX##_count(const void *ptr)                  \
    {                                                                           \
        return PREFIX##_error_count((const TYPE *)ptr);                         \
    }                                                                           \
    static int bind_##PREFIX##_code(const void *ptr, unsigned int link)         \
    {                                                                           \
        return PREFIX##_error_code((const TYPE *)ptr, link);                    \
    }                                                                           \
    static const char *bind_##PREFIX##_text(const void *ptr, unsigned int link) \
    {                                                                           \
        return PREFIX##_error_text((const TYPE *)ptr, link);                    \
    }
#define BIND_DOMID(PREFIX, TYPE)                                              \
    static uint32_t bind_##PREFIX##_domid(const void *ptr, unsigned int link) \
    {                                                                         \
        return PREFIX##_error_domid((const TYPE *)ptr, link);                 \
    }
#define BIND_EXPLAINS(PREFIX) bind_##PREFIX##_count, bind_##PREFIX##_code

/* One that belongs to something else. */
static inline void bind_leave_it(void *ptr)
{
    (void)ptr;
}

#ifdef XENOLITH_CTRL_H
BIND_WITNESS(xctl, xctl_handle)
BIND_DOMID(xctl, xctl_handle)
BIND_DESTROY(bind_xctl_close, xctl_handle, xctl_close)
BIND_DESTROY(bind_evtchn_close, xctl_evtchn, xctl_evtchn_close)
BIND_DESTROY(bind_iter_free, xctl_domain_iter, xctl_domain_iter_free)
#define BIND_XCTL BIND_EXPLAINS(xctl), bind_xctl_domid, bind_xctl_text
static const struct bind_kind bind_ctrl = {"xctl_handle", bind_xctl_close, 0, BIND_XCTL};
static const struct bind_kind bind_ctrl_lent = {"xctl_handle", bind_leave_it, 0, BIND_XCTL};
static const struct bind_kind bind_evtchn = {.name = "xctl_evtchn", .destroy = bind_evtchn_close};
static const struct bind_kind bind_iter = {.name = "xctl_domain_iter", .destroy = bind_iter_free};
#endif

#ifdef XENOLITH_STORE_H
BIND_WITNESS(xstore, xstore_handle)
BIND_DESTROY(bind_xstore_close, xstore_handle, xstore_close)
BIND_DESTROY(bind_xstore_op_free, xstore_op, xstore_op_free)
#define BIND_XSTORE BIND_EXPLAINS(xstore), NULL, bind_xstore_text
static const struct bind_kind bind_store = {"xstore_handle", bind_xstore_close, 0, BIND_XSTORE};
static const struct bind_kind bind_store_lent = {"xstore_handle", bind_leave_it, 0, BIND_XSTORE};
static const struct bind_kind bind_store_op = {.name = "xstore_op", .destroy = bind_xstore_op_free};
#endif

#ifdef XENOLITH_LIGHT_H
BIND_WITNESS(xlight, xlight_handle)
BIND_DOMID(xlight, xlight_handle)
BIND_DESTROY(bind_xlight_close, xlight_handle, xlight_close)
BIND_DESTROY(bind_op_free, xlight_op, xlight_op_free)
BIND_DESTROY(bind_events_close, xlight_events, xlight_events_close)
BIND_DESTROY(bind_messages_free, xlight_messages, xlight_messages_free)
BIND_DESTROY(bind_config_free, struct xlight_config, xlight_config_free)
#define BIND_XLIGHT BIND_EXPLAINS(xlight), bind_xlight_domid, bind_xlight_text
static const struct bind_kind bind_light = {"xlight_handle", bind_xlight_close, 0, BIND_XLIGHT};
static const struct bind_kind bind_op = {.name = "xlight_op", .destroy = bind_op_free};
static const struct bind_kind bind_events = {.name = "xlight_events", .destroy = bind_events_close};
static const struct bind_kind bind_messages = {
    .name = "xlight_messages", .destroy = bind_messages_free, .flags = BIND_ALONE | BIND_STAYS};
static const struct bind_kind bind_config = {
    .name = "xlight_config", .destroy = bind_config_free, .flags = BIND_ALONE | BIND_KEPT};
#endif

#endif /* XENOLITH_BIND_KINDS_H */
