/* SPDX-License-Identifier: MIT */
/*
 * in.c - takes a stream apart.
 *
 * The buffer holds what has been read of the current item and nothing behind it. Its size follows
 * what has come, not what a header promises.
 */
#include "stream.h"
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define CONFIG_LIMIT (16U << 20)
#define STEP         65536U /* the buffer doubles, from this on */

enum state {
    CONTAINER,
    OPTIONAL_DATA,
    LIGHT_HEADER,
    LIGHT_RECORD,
    IMAGE,
    DOMAIN,
    RECORD,
    OVER,
};

void xlight__in_init(struct xlight__in *in, int64_t (*read)(void *arg, void *buf, size_t size),
                     void *arg)
{
    *in = (struct xlight__in){.from = {.read = read, .arg = arg}, .state = CONTAINER};
}

void xlight__in_free(struct xlight__in *in)
{
    xlight__unpack_free(&in->from);
    free(in->buf);
    in->buf = NULL;
    in->have = in->room = 0;
}

static int make_room(struct xlight__in *in, size_t want, struct xlight__why *why)
{
    size_t room = in->room * 2 > STEP ? in->room * 2 : STEP;
    void *buf;

    if (in->have < in->room)
        return 0;
    if (room > want && want > STEP)
        room = want;
    buf = realloc(in->buf, room);
    if (!buf)
        return xlight__why(why, -ENOMEM, "no memory for a part of a saved guest");
    in->buf = buf;
    in->room = room;
    return 0;
}

/* Reads until the buffer has this much. */
static int want(struct xlight__in *in, size_t size, struct xlight__why *why)
{
    while (in->have < size) {
        int rc = make_room(in, size, why);
        size_t room = in->room - in->have, rest = size - in->have;
        int64_t got;

        if (rc)
            return rc;
        got = xlight__unpack_read(&in->from, in->buf + in->have, rest < room ? rest : room, why);
        if (got < 0)
            return (int)got;
        if (!got)
            return xlight__why(why, -ENODATA, "it ends at byte %" PRIu64, in->at + in->have);
        in->have += (size_t)got;
    }
    return 0;
}

/* The item in the buffer was handed out, and is done with. */
static void drop(struct xlight__in *in)
{
    in->at += in->have + in->passed;
    in->have = in->passed = 0;
}

static int broken(struct xlight__in *in, int rc, const char *what, struct xlight__why *why)
{
    return rc == -EAGAIN
               ? rc
               : xlight__why(why, rc, "%s at byte %" PRIu64 " cannot be used", what, in->at);
}

static int check_container(struct xlight__in *in, struct xlight__why *why)
{
    const struct stream_container *c = (const void *)in->buf;

    if (memcmp(c->magic, STREAM_MAGIC, STREAM_MAGIC_SIZE))
        return xlight__why(why, -EBADMSG, "this is no saved domain");
    if (c->order != STREAM_ORDER)
        return xlight__why(why, -EOPNOTSUPP, "it is of another kind of machine");
    if (c->mandatory & ~(STREAM_JSON | STREAM_V2))
        return xlight__why(why, -EOPNOTSUPP, "it has parts that nobody knows: flags 0x%" PRIx32,
                           c->mandatory);
    if (!(c->mandatory & STREAM_V2))
        return xlight__why(why, -EOPNOTSUPP, "it was written by Xen before 4.6");
    if (c->length < sizeof(uint32_t) || c->length > CONFIG_LIMIT)
        return xlight__why(why, -EBADMSG, "it has %" PRIu32 " bytes of configuration", c->length);
    in->xl_config = !(c->mandatory & STREAM_JSON);
    in->skip = c->length;
    return 0;
}

static int check_config(struct xlight__in *in, struct xlight__item *i, struct xlight__why *why)
{
    uint32_t size;

    memcpy(&size, in->buf, sizeof(size));
    if (!size || size > in->skip - sizeof(size))
        return xlight__why(why, -EBADMSG, "the configuration shall have %" PRIu32 " bytes", size);
    if (memchr(in->buf + sizeof(size), 0, size) != in->buf + sizeof(size) + size - 1)
        return xlight__why(why, -EBADMSG, "the configuration is no text");
    *i = (struct xlight__item){XLIGHT__ITEM_CONFIG, 0, in->buf + sizeof(size), size, 0};
    return 0;
}

static int check_light_header(struct xlight__in *in, struct xlight__why *why)
{
    const struct stream_light_header *h = (const void *)in->buf;
    uint32_t version = be32toh(h->version), options = be32toh(h->options);

    if (be64toh(h->ident) != STREAM_LIGHT_IDENT)
        return xlight__why(why, -EBADMSG, "it is no saved domain");
    if (version != STREAM_LIGHT_VERSION)
        return xlight__why(why, -EOPNOTSUPP, "it has version %" PRIu32 ", not %u", version,
                           STREAM_LIGHT_VERSION);
    if (options)
        return xlight__why(why, -EOPNOTSUPP, "it has options that we do not know: 0x%" PRIx32,
                           options);
    return 0;
}

static int check_image(struct xlight__in *in, struct xlight__why *why)
{
    const struct stream_image *h = (const void *)in->buf;
    uint32_t version = be32toh(h->version);

    if (h->marker != STREAM_MARKER || be32toh(h->id) != STREAM_ID)
        return xlight__why(why, -EBADMSG, "it is no saved guest");
    if (version != 2 && version != STREAM_VERSION)
        return xlight__why(why, -EOPNOTSUPP, "it has version %" PRIu32 ", not 2 or %u", version,
                           STREAM_VERSION);
    if (h->options || h->zero[0] || h->zero[1] || h->zero[2])
        return xlight__why(why, -EOPNOTSUPP, "it has options that we do not know: 0x%x",
                           be16toh(h->options));
    in->seen = (struct xlight__seen){.version = version};
    return 0;
}

static int check_domain(struct xlight__in *in, struct xlight__item *i, struct xlight__why *why)
{
    const struct stream_domain *h = (const void *)in->buf;

    if (h->type != STREAM_PV && h->type != STREAM_HVM)
        return xlight__why(why, -EOPNOTSUPP, "it is of a kind that we do not know: %" PRIu32,
                           h->type);
    if (h->page_shift != 12 || h->zero)
        return xlight__why(why, -EOPNOTSUPP, "its pages are not of 4 KiB");
    in->seen.type = h->type;
    *i = (struct xlight__item){XLIGHT__ITEM_GUEST, 0, h, sizeof(*h), 0};
    return 0;
}

/* How much of a record is read: all, or only which pages it has. */
static int size_to_read(struct xlight__in *in, const struct stream_record *r, size_t padded,
                        size_t *ret_size, struct xlight__why *why)
{
    struct stream_pages p;
    uint64_t list;
    int rc;

    *ret_size = padded;
    if (!in->pass || in->state != RECORD || r->type != STREAM_PAGE_DATA || r->length < sizeof(p))
        return 0;
    rc = want(in, sizeof(*r) + sizeof(p), why);
    if (rc)
        return rc;
    memcpy(&p, in->buf + sizeof(*r), sizeof(p));
    list = sizeof(p) + p.count * (uint64_t)sizeof(p.pfns[0]);
    if (list < r->length)
        *ret_size = (size_t)list;
    return 0;
}

/* Header and body with its padding, into the buffer. */
static int want_record(struct xlight__in *in, struct xlight__item *i, struct xlight__why *why)
{
    struct stream_record r;
    size_t padded, size;
    int rc = want(in, sizeof(r), why);

    if (rc)
        return rc;
    memcpy(&r, in->buf, sizeof(r));
    i->type = r.type;
    i->length = r.length;
    if (r.length > STREAM_BODY_LIMIT)
        return xlight__why(why, -EBADMSG, "it shall have %" PRIu32 " bytes", r.length);
    padded = (r.length + STREAM_PAD - 1) & ~(size_t)(STREAM_PAD - 1);
    rc = size_to_read(in, &r, padded, &size, why);
    if (!rc)
        rc = want(in, sizeof(r) + size, why);
    i->body = in->buf + sizeof(r);
    in->passed = padded - size;
    i->content = in->at + in->have;
    for (size_t at = r.length; !rc && size == padded && at < padded; at++)
        if (in->buf[sizeof(r) + at])
            rc = xlight__why(why, -EBADMSG, "there is something in its padding");
    return rc;
}

/* What is wrong with a record, and which one it is. */
static int bad_record(struct xlight__in *in, int rc, const struct xlight__item *i, bool light,
                      struct xlight__why *why)
{
    const char *whose = light ? "the host's side" : "the guest";

    if (rc == -EAGAIN)
        return rc;
    if (in->have < sizeof(struct stream_record))
        return xlight__why(why, rc, "record %" PRIu64 ", of %s, at byte %" PRIu64 " is broken",
                           in->records, whose, in->at);
    return xlight__why(
        why, rc, "record %" PRIu64 ", %s (type 0x%" PRIx32 ") of %s, at byte %" PRIu64 " is broken",
        in->records, light ? xlight__light_record_name(i->type) : xlight__record_name(i->type),
        i->type, whose, in->at);
}

static int check_light_order(const struct xlight__in *in, uint32_t type, struct xlight__why *why)
{
    if (!in->context && type != LIGHT_GUEST && !(type & STREAM_OPTIONAL))
        return xlight__why(why, -EBADMSG, "it comes before LIBXC_CONTEXT");
    if (in->context && type == LIGHT_GUEST)
        return xlight__why(why, -EBADMSG, "there was one already");
    return 0;
}

static int light_record(struct xlight__in *in, struct xlight__item *i, struct xlight__why *why)
{
    int rc = want_record(in, i, why);

    if (!rc && i->type == LIGHT_END)
        rc = xlight__unpack_end(&in->from, why);
    i->kind = XLIGHT__ITEM_LIGHT_RECORD;
    if (!rc)
        rc = check_light_order(in, i->type, why);
    if (!rc)
        rc = xlight__check_light_record(&in->seen, i->type, i->body, i->length, why);
    if (rc)
        return bad_record(in, rc, i, true, why);
    in->records++;
    if (i->type == LIGHT_GUEST) {
        in->context = true;
        in->state = IMAGE;
    } else if (i->type == LIGHT_END) {
        i->kind = XLIGHT__ITEM_END;
        in->state = OVER;
    }
    return 0;
}

static int record(struct xlight__in *in, struct xlight__item *i, struct xlight__why *why)
{
    int rc = want_record(in, i, why);

    i->kind = XLIGHT__ITEM_RECORD;
    if (!rc)
        rc = xlight__check_record(&in->seen, i->type, i->body, i->length, why);
    if (!rc && in->passed && in->pass(in->from.arg, in->passed))
        rc = xlight__why(why, -EIO, "cannot pass over its pages");
    if (rc)
        return bad_record(in, rc, i, false, why);
    in->records++;
    if (i->type == STREAM_END)
        in->state = LIGHT_RECORD;
    return 0;
}

/* A header: read it, look at it, and what comes next. */
static int header(struct xlight__in *in, size_t size, const char *name, struct xlight__item *i,
                  struct xlight__why *why)
{
    int rc = want(in, size, why);

    if (rc)
        return broken(in, rc, name, why);
    switch (in->state) {
    case CONTAINER:
        rc = check_container(in, why);
        break;
    case OPTIONAL_DATA:
        rc = check_config(in, i, why);
        break;
    case LIGHT_HEADER:
        rc = check_light_header(in, why);
        break;
    case IMAGE:
        rc = check_image(in, why);
        break;
    default:
        rc = check_domain(in, i, why);
    }
    if (rc)
        return broken(in, rc, name, why);
    in->state++;
    return 0;
}

/* 1: there is no item yet. */
static int step(struct xlight__in *in, struct xlight__item *i, struct xlight__why *why)
{
    int rc;

    switch (in->state) {
    case CONTAINER:
        rc = header(in, sizeof(struct stream_container), "the file's header", i, why);
        return rc ? rc : 1;
    case OPTIONAL_DATA:
        return header(in, in->skip, "the configuration", i, why);
    case LIGHT_HEADER:
        rc = header(in, sizeof(struct stream_light_header), "the header", i, why);
        return rc ? rc : 1;
    case LIGHT_RECORD:
        return light_record(in, i, why);
    case IMAGE:
        rc = header(in, sizeof(struct stream_image), "the guest's header", i, why);
        return rc ? rc : 1;
    case DOMAIN:
        return header(in, sizeof(struct stream_domain), "the header of the domain", i, why);
    case RECORD:
        return record(in, i, why);
    default:
        *i = (struct xlight__item){.kind = XLIGHT__ITEM_END};
        return 0;
    }
}

int xlight__in_next(struct xlight__in *in, struct xlight__item *ret_item, struct xlight__why *why)
{
    struct xlight__item i = {0};
    int rc = 1;

    while (rc > 0) {
        /* What is half there stays; what was handed out goes. */
        if (in->whole)
            drop(in);
        in->whole = false;
        rc = step(in, &i, why);
        in->whole = rc >= 0;
    }
    if (!rc)
        *ret_item = i;
    return rc;
}
