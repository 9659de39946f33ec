/* SPDX-License-Identifier: MIT */
/*
 * stream.h - a guest as bytes: what save writes, and restore and migration read. Pure code: knows
 * no host, and no file.
 *
 * Three formats are nested, each as Xen 4.17 has it:
 *
 *   container  magic, flags, the configuration as JSON; of xl
 *   light      a header and records, most significant byte first; of libxl, version 2
 *   guest      the content of the first of these records: two headers, and records of pages,
 *              vCPUs and so on; of libxc, versions 3 and 2
 *
 *   format.h   the numbers and structures
 *   in.c       takes a stream apart, item by item
 *   check.c    what a single record must be like, and in which order they come
 *   out.c      puts one together
 *   pack.c     a stream in frames of zstd, around all that
 *   talk.c     what both ends of a migration say before and after it
 *
 * The reader trusts nothing: an item that it hands out has been checked as far as one can without
 * a host, so that users need not look at lengths again.
 */
#ifndef XENOLITH_LIGHT_STREAM_STREAM_H
#define XENOLITH_LIGHT_STREAM_STREAM_H

#include "../build/why.h"
#include "format.h"
#include <stdbool.h>
#include <stddef.h>

/* Names for the user, such as "PAGE_DATA"; of types that we do not know "unknown". */
const char *xlight__record_name(uint32_t type);
const char *xlight__light_record_name(uint32_t type);

/* Whether pages of this type, 0 to 15, are followed by their content. */
static inline bool xlight__page_has_data(unsigned int type)
{
    return type <= 4 || (type >= 9 && type <= 12);
}

/* Out: everything goes to a growing buffer, which the caller empties when it likes. */

struct xlight__out {
    uint8_t *data;
    size_t used, room;
    bool failed; /* no memory: everything from then on does nothing */
};
void xlight__out_free(struct xlight__out *o);
/* Room for size bytes, to be filled in; NULL: no memory. Valid until the next call. */
void *xlight__out_space(struct xlight__out *o, size_t size);
void xlight__out_bytes(struct xlight__out *o, const void *data, size_t size);

/* json with its final zero. */
void xlight__out_container(struct xlight__out *o, const char *json);
void xlight__out_light_header(struct xlight__out *o);
void xlight__out_light_record(struct xlight__out *o, uint32_t type, const void *body, size_t size);
void xlight__out_guest_headers(struct xlight__out *o, uint32_t type);
/* A body in two parts, either of which may be empty. */
void xlight__out_record(struct xlight__out *o, uint32_t type, const void *head, size_t head_size,
                        const void *body, size_t body_size);
/* Space for the body of a record; the padding is there. */
void *xlight__out_record_space(struct xlight__out *o, uint32_t type, size_t size);

/* pack.c. What turns a stream into frames of zstd. NULL: no memory. */
struct ZSTD_CCtx_s *xlight__pack_new(void);
void xlight__pack_free(struct ZSTD_CCtx_s *z);
/* All of one buffer becomes a frame at the end of the other; to has failed if one of them has. */
void xlight__pack(struct ZSTD_CCtx_s *z, struct xlight__out *from, struct xlight__out *to);

/* In */

/* Bytes that come as they are, or in frames of zstd; which it is, is seen by the first ones. */
#define XLIGHT__PACK_MAGIC 4U
enum xlight__packed { XLIGHT__UNKNOWN, XLIGHT__PLAIN, XLIGHT__PACKED };
struct xlight__unpack {
    /*
     * Reads at most size bytes, never more than are needed: whatever is behind the stream stays
     * there. Returns how many, 0 at the end, or a negative errno; -EAGAIN: not yet.
     */
    int64_t (*read)(void *arg, void *buf, size_t size);
    void *arg;
    int kind;       /* enum xlight__packed */
    uint64_t taken; /* bytes that were read */

    /* The rest is its own. */
    uint8_t head[XLIGHT__PACK_MAGIC]; /* what it was seen by */
    unsigned int nr_head, head_at;
    struct ZSTD_DCtx_s *z;
    uint8_t *buf; /* of a frame, not looked at yet */
    size_t have, at, room;
    size_t need;  /* how much zstd wants to have next */
    bool more;    /* it has something that there was no room for */
    bool between; /* no frame has begun */
};
/* It is known which it is; some bytes have been read already, no more than the magic has. */
void xlight__unpack_told(struct xlight__unpack *u, bool packed, const void *head, size_t size);
/* As u->read; but says in why what is wrong, unless it is -EAGAIN. -EBADMSG: frames are damaged. */
int64_t xlight__unpack_read(struct xlight__unpack *u, void *buf, size_t size,
                            struct xlight__why *why);
/* The last byte was had: the frame that it was in must end there, too. Can be -EAGAIN. */
int xlight__unpack_end(struct xlight__unpack *u, struct xlight__why *why);
void xlight__unpack_free(struct xlight__unpack *u);

/* What of the guest's records has come; for the order. */
struct xlight__seen {
    uint32_t version; /* of the format: 2 or 3 */
    uint32_t type;    /* STREAM_PV or STREAM_HVM */
    bool info, cpuid, msr, fixed, frames, pages, verify, tail, shared_info, tsc, vcpu0;
    bool context, params;
    uint64_t max_pfn; /* PV: the highest one that there can be */
};

enum xlight__item_kind {
    XLIGHT__ITEM_CONFIG, /* body: the configuration, a string with its zero, of length bytes */
    XLIGHT__ITEM_GUEST,  /* the guest's headers; body: struct stream_domain */
    XLIGHT__ITEM_RECORD, /* of the guest */
    XLIGHT__ITEM_LIGHT_RECORD, /* of the host's side */
    XLIGHT__ITEM_END
};

struct xlight__item {
    enum xlight__item_kind kind;
    uint32_t type;
    const void *body; /* aligned to 8, good until the next call */
    size_t length;    /* of all of it, also of what was passed over */
    uint64_t content; /* PAGE_DATA: where the content of its pages is in the stream */
};

struct xlight__in {
    struct xlight__unpack from;
    bool xl_config; /* the configuration is no JSON, but as in files */
    /* Passes over bytes of the stream, with the argument of read: the content of pages is not read,
     * and not part of an item's body. NULL: it is. */
    int (*pass)(void *arg, uint64_t size);

    /* The rest is its own. */
    int state;
    uint8_t *buf;
    size_t have, room;
    size_t skip;     /* size of what comes next */
    uint64_t at;     /* of buf, in the stream */
    uint64_t passed; /* bytes behind it that were not read */
    uint64_t records;
    struct xlight__seen seen;
    bool context; /* LIBXC_CONTEXT was there */
    bool whole;   /* what is in buf was handed out */
};
/* read is that of struct xlight__unpack; when it says -EAGAIN, so does next(). */
void xlight__in_init(struct xlight__in *in, int64_t (*read)(void *arg, void *buf, size_t size),
                     void *arg);
void xlight__in_free(struct xlight__in *in);
/*
 * 0 with the next item, -EAGAIN, or an error with the cause in why: -EBADMSG, it is no such stream
 * or is damaged; -ENODATA, it ends in the middle; -EOPNOTSUPP, it is of a kind that we do not know.
 */
int xlight__in_next(struct xlight__in *in, struct xlight__item *ret_item, struct xlight__why *why);

/* check.c. One record of the guest, then of the host's side. */
int xlight__check_record(struct xlight__seen *seen, uint32_t type, const void *body, size_t length,
                         struct xlight__why *why);
int xlight__check_light_record(const struct xlight__seen *seen, uint32_t type, const void *body,
                               size_t length, struct xlight__why *why);

/* talk.c */

enum xlight__word {
    XLIGHT__READY,    /* the receiver: send it */
    XLIGHT__RECEIVED, /* the receiver has the guest, paused */
    XLIGHT__START,    /* the guest is the other end's from now on */
    XLIGHT__REPORT,   /* the receiver; behind it is a byte: 0, the guest runs */
    XLIGHT__PACK,     /* ours, in place of the stream's beginning: it comes in frames of zstd */
    XLIGHT__PACK_OK,  /* ... the receiver's answer */
};
#define XLIGHT__HEAR_MOST 64

/* What has come of a message. */
struct xlight__hear {
    size_t got;
    char seen[XLIGHT__HEAR_MOST];
};

/* Its bytes, maybe with a zero at the end. */
const char *xlight__word(enum xlight__word word, size_t *ret_size);
/* How many are still to come, at least 1. */
size_t xlight__hear_left(const struct xlight__hear *e, enum xlight__word word);
/*
 * More bytes, no more than are still to come. -EAGAIN: it is not whole; 0: it is, and the next one
 * can come; -EPROTO: it is none, and why quotes what is there.
 */
int xlight__hear(struct xlight__hear *e, enum xlight__word word, const void *bytes, size_t size,
                 struct xlight__why *why);

#endif /* XENOLITH_LIGHT_STREAM_STREAM_H */
