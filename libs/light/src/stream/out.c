/* SPDX-License-Identifier: MIT */
/* out.c - puts a stream together. */
#include "stream.h"
#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <xenolith/ctrl.h>

/* Of XCTL_XEN_RELEASE. */
#define XEN_MAJOR 4
#define XEN_MINOR 17

void xlight__out_free(struct xlight__out *o)
{
    free(o->data);
    *o = (struct xlight__out){0};
}

void *xlight__out_space(struct xlight__out *o, size_t size)
{
    size_t room = o->room ? o->room : 65536;
    void *data;

    while (!o->failed && room - o->used < size)
        room *= 2;
    if (!o->failed && room > o->room) {
        data = realloc(o->data, room);
        if (!data)
            o->failed = true;
        else
            o->data = data;
        if (data)
            o->room = room;
    }
    if (o->failed)
        return NULL;
    o->used += size;
    return o->data + o->used - size;
}

void xlight__out_bytes(struct xlight__out *o, const void *data, size_t size)
{
    void *to = xlight__out_space(o, size);

    if (to && size)
        memcpy(to, data, size);
}

void xlight__out_container(struct xlight__out *o, const char *json)
{
    uint32_t length = (uint32_t)strlen(json) + 1;
    struct stream_container c = {
        .order = STREAM_ORDER,
        .mandatory = STREAM_JSON | STREAM_V2,
        .length = (uint32_t)sizeof(length) + length,
    };

    memcpy(c.magic, STREAM_MAGIC, STREAM_MAGIC_SIZE);
    xlight__out_bytes(o, &c, sizeof(c));
    xlight__out_bytes(o, &length, sizeof(length));
    xlight__out_bytes(o, json, length);
}

void xlight__out_light_header(struct xlight__out *o)
{
    const struct stream_light_header h = {
        .ident = htobe64(STREAM_LIGHT_IDENT),
        .version = htobe32(STREAM_LIGHT_VERSION),
    };

    xlight__out_bytes(o, &h, sizeof(h));
}

void xlight__out_light_record(struct xlight__out *o, uint32_t type, const void *body, size_t size)
{
    xlight__out_record(o, type, NULL, 0, body, size);
}

void xlight__out_guest_headers(struct xlight__out *o, uint32_t type)
{
    const struct stream_image image = {
        .marker = STREAM_MARKER,
        .id = htobe32(STREAM_ID),
        .version = htobe32(STREAM_VERSION),
    };
    const struct stream_domain domain = {
        .type = type,
        .page_shift = XCTL_PAGE_SHIFT,
        .xen_major = XEN_MAJOR,
        .xen_minor = XEN_MINOR,
    };

    xlight__out_bytes(o, &image, sizeof(image));
    xlight__out_bytes(o, &domain, sizeof(domain));
}

void *xlight__out_record_space(struct xlight__out *o, uint32_t type, size_t size)
{
    const struct stream_record r = {type, (uint32_t)size};
    size_t padded = (size + STREAM_PAD - 1) & ~(size_t)(STREAM_PAD - 1);
    uint8_t *to;

    xlight__out_bytes(o, &r, sizeof(r));
    to = xlight__out_space(o, padded);
    if (to)
        memset(to + size, 0, padded - size);
    return to;
}

void xlight__out_record(struct xlight__out *o, uint32_t type, const void *head, size_t head_size,
                        const void *body, size_t body_size)
{
    uint8_t *to = xlight__out_record_space(o, type, head_size + body_size);

    if (to && head_size)
        memcpy(to, head, head_size);
    if (to && body_size)
        memcpy(to + head_size, body, body_size);
}
