/* SPDX-License-Identifier: MIT */
/* check.c - is all of a saved guest there? */
#include "../private.h"
#include "../stream/stream.h"
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>
#include <xenolith/light-move.h>

/* Waits when there is nothing yet: a descriptor may be set to not block. */
static int64_t read_fd(void *arg, void *buf, size_t size)
{
    int fd = *(const int *)arg;

    for (;;) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        ssize_t got = read(fd, buf, size);

        if (got >= 0)
            return got;
        if (errno == EAGAIN)
            poll(&p, 1, -1);
        else if (errno != EINTR)
            return -errno;
    }
}

static void count_pages(struct xlight_stream_info *info, const struct stream_pages *p)
{
    for (uint32_t i = 0; i < p->count; i++)
        info->pages += xlight__page_has_data((unsigned int)(p->pfns[i] >> STREAM_TYPE_SHIFT));
}

static void count(struct xlight_stream_info *info, const struct xlight__item *i)
{
    const struct stream_domain *d = i->body;

    if (i->kind == XLIGHT__ITEM_GUEST) {
        info->hvm = d->type == STREAM_HVM;
        info->xen_major = d->xen_major;
        info->xen_minor = d->xen_minor;
    } else if (i->kind == XLIGHT__ITEM_RECORD && i->type == STREAM_PAGE_DATA) {
        count_pages(info, i->body);
    } else if (i->kind == XLIGHT__ITEM_RECORD && i->type == STREAM_PV_VCPU_BASIC) {
        info->vcpus += i->length > sizeof(struct stream_vcpu);
    }
}

static int check_all(struct xlight__in *in, struct xlight_stream_info *info,
                     struct xlight__why *why)
{
    struct xlight__item i;
    uint8_t more;
    int rc;

    do {
        rc = xlight__in_next(in, &i, why);
        if (!rc)
            count(info, &i);
    } while (!rc && i.kind != XLIGHT__ITEM_END);
    if (rc)
        return rc;
    info->bytes = in->at + in->have;
    info->records = in->records;
    info->max_pfn = in->seen.max_pfn;
    info->version = in->seen.version;
    info->packed_bytes = in->from.kind == XLIGHT__PACKED ? in->from.taken : 0;
    if (in->from.read(in->from.arg, &more, 1) > 0)
        return xlight__why(why, -EBADMSG, "something follows its end, at byte %" PRIu64,
                           info->bytes);
    return 0;
}

int xlight_stream_check(int fd, struct xlight_stream_info *ret_info, char *why, size_t size)
{
    struct xlight_stream_info info = {.size = sizeof(info)};
    struct xlight__why chain = {0};
    struct xlight__in in;
    int rc;

    if (ret_info->size < sizeof(info)) {
        snprintf(why, size, "the size of the result was not set");
        return -EINVAL;
    }
    xlight__in_init(&in, read_fd, &fd);
    rc = check_all(&in, &info, &chain);
    xlight__in_free(&in);
    if (rc) {
        xlight__why_format(&chain, why, size);
        return rc;
    }
    info.size = ret_info->size;
    memcpy(ret_info, &info, sizeof(info));
    return 0;
}
