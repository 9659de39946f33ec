/* SPDX-License-Identifier: MIT */
/*
 * move.h - inside of saving, restoring and migrating PV guests.
 *
 *   file.c           what it is written to and read from
 *   frames.c         which frame each page of a guest is, and the other way
 *   suspend.c        stops a guest with its consent, and lets it go on
 *   save.c           the plan of saving
 *   save-pages.c     ... the guest's memory, in rounds while it runs
 *   save-state.c     ... everything else
 *   restore.c        the plan of restoring
 *   restore-pages.c  ... memory
 *   restore-state.c  ... everything else, at the end
 *   lazy.c           ... memory after the guest has begun to run
 *   migrate.c        the plan of sending a guest to another host, around that of saving
 *   receive.c        ... of receiving it, around that of restoring
 *   line.c           what both say to each other
 *   check.c          whether a stream is whole
 *
 * The hypervisor knows frames of the machine; the stream knows pages of the guest. So page tables,
 * registers and what else has frames in it is translated when it is written, and back when it is
 * read.
 */
#ifndef XENOLITH_LIGHT_MOVE_MOVE_H
#define XENOLITH_LIGHT_MOVE_MOVE_H

#include "../life/life.h"
#include "../stream/stream.h"
#include "../wire/wire.h"
#include <xenolith/light-move.h>

#define MOVE_NO_FRAME (~0ULL)

/* Entries of page tables, of all levels. */
#define MOVE_PRESENT    1ULL
#define MOVE_LARGE      (1ULL << 7)
#define MOVE_FRAME_MASK 0x000ffffffffff000ULL
/* Slots of a top table that are the hypervisor's. */
#define MOVE_XEN_FIRST 256U
#define MOVE_XEN_LAST  271U

/* file.c */
struct move_file {
    char *path; /* to be freed; NULL: fd is the caller's */
    int fd;
    bool own;      /* fd is to be closed */
    bool nonblock; /* fd is to block again */
    bool regular;
    struct wire *wire; /* fd is its own, and stays; or NULL */
};
int move_file_init(struct move_file *f, const char *path, int fd);
/* Opens the path, if there is one; a pipe or a socket does not block from then on. */
int move_file_open(xlight_handle *h, uint32_t domid, struct move_file *f, int flags);
/* The caller's descriptor is as it was. Can be called twice. */
int move_file_close(struct move_file *f);
/*
 * write() without a signal when nobody reads any more. Any thread may have that signal blocked or
 * not, and gets none because of us.
 */
ssize_t move_file_write(const struct move_file *f, const void *data, size_t size);
ssize_t move_file_read(const struct move_file *f, void *buf, size_t size);
/* After EAGAIN: waits for EPOLLIN or EPOLLOUT. -EAGAIN, or an error. */
int move_file_wait(xlight_op *op, const struct move_file *f, uint32_t events);
/* "cannot WHAT FILE", and why. */
int move_file_failed(xlight_handle *h, uint32_t domid, const struct move_file *f, int rc,
                     const char *what);

/* line.c */
struct move_line {
    xlight_handle *h;
    domid_t domid;
    struct move_file in, out; /* both may be one descriptor */
    struct wire *wire;        /* ... that of a connection of ours; or NULL */
    struct xlight__hear hear;
    size_t said;
    bool told; /* all of what is said last */
};
void move_line_init(struct move_line *l, xlight_handle *h, domid_t domid, int in_fd, int out_fd);
/* Steps call these one after the other until they are done: a connection is made, if it shall be;
 * both ends prove who they are, if they must; then the descriptors are ready. */
int move_line_connect(xlight_op *op, struct move_line *l);
int move_line_prove(xlight_op *op, struct move_line *l);
int move_line_open(struct move_line *l);
/* Nothing more is to be said on it. */
void move_line_end(struct move_line *l);
void move_line_close(struct move_line *l);
/* Waits for a word of the other end; ms: for how long, or 0. -ECONNRESET: it has gone. */
int move_hear(xlight_op *op, struct move_line *l, enum xlight__word word, unsigned int ms);
int move_hear_byte(xlight_op *op, struct move_line *l, uint8_t *ret_byte, unsigned int ms);
/* Says something; the whole of it must be the same at each call of a step. */
int move_say_bytes(xlight_op *op, struct move_line *l, const void *bytes, size_t size);
/* The same with what is said last: until the other end has taken it, or has gone. */
int move_say_last(xlight_op *op, struct move_line *l, const void *bytes, size_t size);
int move_say(xlight_op *op, struct move_line *l, enum xlight__word word);
#define MOVE_ANSWER_MS 120000 /* while the guest stands still */

/* Nanoseconds of a clock that only goes forward. */
uint64_t move_now(void);

/* frames.c */
struct move_frames {
    xlight_handle *h;
    domid_t domid;
    uint64_t nr;      /* pages that the guest's list has */
    uint64_t max_mfn; /* the highest frame of the machine */
    uint64_t nr_list; /* pages of the list itself */
    xen_pfn_t *list;  /* ... frames */
    uint64_t *list_pfns;
    void *map;              /* the list, as the guest has it now */
    struct shared_info *si; /* as the guest has it now */
    xen_pfn_t *p2m;         /* a copy of the list */
    uint32_t *pages;        /* of frames: a hash table of pages + 1 */
    uint64_t mask, factor;  /* of its size; of its function */
};
/* Finds the list of a guest, which must have made one. close is fine after a failure, and twice. */
int move_frames_open(struct move_frames *f, xlight_handle *h, domid_t domid);
void move_frames_close(struct move_frames *f);
/* The guest's list as it is now. */
void move_frames_copy(struct move_frames *f);
/* Whether a frame is one of the guest; which page it is. */
bool move_frames_find(const struct move_frames *f, uint64_t mfn, uint64_t *ret_pfn);

/* suspend.c */
struct move_suspend {
    xlight_handle *h;
    domid_t domid;
    bool asked; /* the guest was asked, or had been suspended before */
};
/* A step; state is a struct move_suspend. undo withdraws the request, or lets the guest go on. */
int move_suspend(xlight_op *op, void *state);
int move_suspend_undo(xlight_op *op, void *state);
/* The guest goes on as if it had not been suspended. */
int move_resume(xlight_handle *h, domid_t domid);

/* Saving. */
struct move_out {
    struct move_suspend suspend; /* first: the state of its steps, too */
    xlight_handle *h;
    domid_t domid;
    const struct xlight_config *given; /* what is to be written down of it, or NULL */
    struct xlight_config *c;
    struct move_file file;
    struct move_line line; /* migrating: file has its way out */
    bool migrating;
    bool keep_domid;
    char *name, *away; /* of the domain; what it is called when it is the other end's */
    bool renamed, reported;
    uint8_t refused; /* what the other end says of its failure */
    bool live, logging;
    bool verify;              /* sends all of it twice */
    bool again;               /* ... for the second time */
    unsigned int rounds;      /* at most, with the guest running */
    uint64_t few;             /* pages: not worth another round */
    unsigned int most_ms;     /* ... how long sending the rest may take; 0: whatever */
    uint64_t rate;            /* bytes per second while it runs; 0: no limit */
    uint64_t paid, paid_from; /* bytes since when, ns */
    uint64_t clock;           /* of the other end's silence */
    uint64_t from, stopped;   /* when it began, when the guest stopped; ns */
    struct xlight_transfer transfer;
    int after; /* enum xlight_after_save */
    struct xlight__out out;
    struct ZSTD_CCtx_s *z;     /* compressing; or NULL */
    struct xlight__out packed; /* ... what comes of out */
    bool pack_said;            /* ... the other end knows that it shall be */
    size_t written;            /* of out, or packed */
    uint64_t raw;              /* bytes of the guest so far, however few they become */
    struct move_frames f;
    uint8_t *todo; /* a bit for each page */
    uint8_t *sent; /* how a page was sent: its type and MOVE_SENT; 0: it was not */
    xen_pfn_t *sent_frame;
    uint8_t *scratch; /* pages of a batch */
    uint64_t at;      /* page that comes next in this round */
    uint64_t dirty;   /* pages of this round */
    bool final;       /* the guest is suspended */
};
#define MOVE_SENT 0x80U

/* What has been written to out goes to the descriptor; -EAGAIN: later. */
int move_flush(xlight_op *op, struct move_out *s);
/* save.c. Checks a domain and makes the state for its part; needs no file yet. */
int move_out_new(xlight_handle *h, uint32_t domid, struct move_out **ret_s);
void move_out_free(void *state);
int move_look(xlight_op *op, void *state);
/* From the configuration to the last record; its steps have a struct move_out. */
extern const struct xlight__part move_transfer;
/* save-pages.c; steps, state is a struct move_out. */
int move_start_log(xlight_op *op, void *state);
int move_start_log_undo(xlight_op *op, void *state);
int move_put_running(xlight_op *op, void *state);
int move_put_rest(xlight_op *op, void *state);
int move_put_again(xlight_op *op, void *state);
int move_alloc_pages(struct move_out *s);
/* save-state.c; to out. */
int move_put_fixed(struct move_out *s);
void move_put_frames(struct move_out *s);
int move_put_state(struct move_out *s);

/* Restoring. */
struct move_vcpu {
    void *blobs[4]; /* as BASIC, EXTENDED, XSAVE, MSRS */
    size_t sizes[4];
};
struct move_in {
    struct life_create k; /* first: the state of its steps, too */
    struct move_file file;
    struct move_line line; /* migrating: file has its way in */
    char *name;            /* migrating: what it is to be called in the end */
    bool received;         /* the other end knows that we have it */
    bool packed;           /* it wants to send it compressed */
    bool first;            /* the first byte has come */
    uint64_t differ;       /* pages that were not the same when they came again */
    uint64_t first_differ; /* ... the first of them */
    uint64_t from;         /* when it began, ns */
    struct xlight_transfer transfer;
    uint64_t counted;          /* bytes of the stream that are in it */
    struct xlight_config *own; /* the stream's configuration */
    struct xlight__in in;
    uint64_t most;  /* pages that it can have */
    uint64_t nr;    /* ... that it has; of the arrays */
    xen_pfn_t *p2m; /* MOVE_NO_FRAME: no memory yet */
    uint8_t *types;
    uint64_t *list_pfns; /* where its list goes */
    struct move_vcpu *vcpus;
    void *shared_info;
    struct xen_domctl_getdomaininfo info;
    bool tsc_given;
    struct xctl_tsc_info tsc;
    bool over; /* the guest is whole */

    /* lazy.c; the rest only if it is so. */
    bool lazy;
    uint64_t base; /* of the stream in its file */
    uint64_t
        *where; /* of each page: where its content is in the file; 0: it has come, or has none */
    struct move_late *late;  /* pages that come after the start, by frame */
    struct move_late *queue; /* ... as they lie in the file */
    uint64_t nr_late, next_late;
    uint64_t left;    /* pages that have not come */
    bool filled;      /* all have */
    uint64_t trouble; /* since when nothing works; a clock of op.h */
    uint8_t *batch;   /* pages on their way */
    uint8_t page[STREAM_PAGE];
};
/* A page that comes late. */
struct move_late {
    uint64_t mfn;
    uint64_t where; /* in the file */
};
/* restore.c. */
struct move_in *move_in_new(xlight_handle *h);
void move_in_free(void *state);
/* From the configuration until the domain is whole, and paused; its steps have a struct move_in. */
extern const struct xlight__part move_arrival;
/* receive.c. The configuration has come: it gets a name for as long as it is on its way. */
int move_arrives(struct move_in *s);
/* restore-pages.c; behind VERIFY pages are only compared. */
int move_take_frames(struct move_in *s, const struct stream_frames *r);
int move_take_pages(struct move_in *s, const struct stream_pages *r);
/* All pages have come: were they the same? */
int move_check_pages(struct move_in *s);
/* Gives memory to pages that have none; at most STREAM_BATCH, and some may be there twice. */
int move_populate(struct move_in *s, const uint64_t *pfns, unsigned int nr);
/* Content of pages, as the stream has them: at most STREAM_BATCH. */
int move_write_pages(struct move_in *s, const uint64_t *entries, const xen_pfn_t *frames,
                     unsigned int nr, const uint8_t *data);
/*
 * lazy.c. Once the file is open; once there is a domain; once it is known how it is written. pass
 * is that of the stream; note takes pages whose content is at this byte of the stream; mark is for
 * the end, before anything refers to its frames. All are fine if it is not lazy, but for note.
 */
int move_lazy_open(struct move_in *s);
int move_lazy_offered(struct move_in *s);
int move_lazy_check(struct move_in *s);
int move_lazy_pass(void *arg, uint64_t size);
int move_lazy_note(struct move_in *s, const struct stream_pages *r, uint64_t at);
int move_lazy_mark(struct move_in *s);
void move_lazy_free(struct move_in *s);
int move_lazy_start(xlight_op *op, void *state); /* steps; state is a struct move_in */
int move_lazy_fetch(xlight_op *op, void *state);
/* restore-state.c */
int move_take_policy(struct move_in *s, const struct xlight__item *i);
int move_take_vcpu(struct move_in *s, const struct xlight__item *i);
int move_finish(struct move_in *s);

#endif /* XENOLITH_LIGHT_MOVE_MOVE_H */
