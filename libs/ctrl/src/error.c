/* SPDX-License-Identifier: MIT */
/* error.c - why the last call failed, as a chain from the wish to the cause. */
#include "private.h"
#include <stdarg.h>
#include <stdio.h>

static void add_link(xctl_handle *h, int code, domid_t domid, const char *format, va_list args)
{
    struct xctl__error *e;

    /* A full chain keeps its cause and loses the wish above: causes are what nobody can guess. */
    if (h->nr_errors == XCTL__LINKS)
        return;
    e = &h->errors[h->nr_errors++];
    e->code = code;
    e->domid = domid;
    vsnprintf(e->text, sizeof(e->text), format, args);
}

int xctl__fail(xctl_handle *h, int code, domid_t domid, const char *format, ...)
{
    va_list args;

    h->nr_errors = 0;
    va_start(args, format);
    add_link(h, code, domid, format, args);
    va_end(args);
    return code;
}

int xctl__wrap(xctl_handle *h, int code, domid_t domid, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add_link(h, code, domid, format, args);
    va_end(args);
    return code;
}

const char *xctl__hint(int code)
{
    switch (-code) {
    case EACCES:
        return "not allowed by this hypervisor";
    case EFAULT:
        return "the hypervisor could not reach a buffer";
    case ENOMEM:
        return "no memory left";
    case ENOSYS:
        return "the hypervisor does not have this operation";
    case EOPNOTSUPP:
        return "not available for this kind of domain, or on this host";
    case EPERM:
        return "only the control domain may do this";
    case ESRCH:
        return "no such domain or vCPU";
    default:
        return NULL;
    }
}

int xctl__failed(xctl_handle *h, int rc, domid_t domid, const char *verb, const char *part)
{
    const char *name = strerrorname_np(-rc), *hint = xctl__hint(rc);

    if (!hint)
        hint = strerrordesc_np(-rc);
    if (name && hint)
        xctl__fail(h, rc, domid, "%s: %s, %s", part, name, hint);
    else
        xctl__fail(h, rc, domid, "%s: error %d", part, -rc);
    if (domid == XCTL_NO_DOMAIN)
        return xctl__wrap(h, rc, domid, "cannot %s", verb);
    return xctl__wrap(h, rc, domid, "cannot %s, domain %u", verb, domid);
}

/* Link 0 is the wish; inside the deepest comes first. */
static const struct xctl__error *get_link(const xctl_handle *h, unsigned int link)
{
    return link < h->nr_errors ? &h->errors[h->nr_errors - 1 - link] : NULL;
}

unsigned int xctl_error_count(const xctl_handle *h)
{
    return h->nr_errors;
}

int xctl_error_code(const xctl_handle *h, unsigned int link)
{
    const struct xctl__error *e = get_link(h, link);

    return e ? e->code : 0;
}

domid_t xctl_error_domid(const xctl_handle *h, unsigned int link)
{
    const struct xctl__error *e = get_link(h, link);

    return e ? e->domid : XCTL_NO_DOMAIN;
}

const char *xctl_error_text(const xctl_handle *h, unsigned int link)
{
    const struct xctl__error *e = get_link(h, link);

    return e ? e->text : "";
}

size_t xctl_error_format(const xctl_handle *h, char *buf, size_t size)
{
    size_t len = 0;

    if (size)
        buf[0] = 0;
    for (unsigned int i = 0; i < h->nr_errors; i++) {
        size_t at = MIN_OF(len, size);

        len += (size_t)snprintf(size ? buf + at : NULL, size - at, "%s%s", i ? ": " : "",
                                get_link(h, i)->text);
    }
    return len;
}
