/* SPDX-License-Identifier: MIT */
/*
 * restore.c - the plan of restoring: a new domain, as create makes one, which gets its content out
 * of a stream. It does not run before the stream has been read to its end. Its middle,
 * move_arrival, is migration's, too.
 */
#include "../build/guest.h"
#include "move.h"
#include <fcntl.h>
#include <inttypes.h>
#include <sys/epoll.h>
#include <unistd.h>

#define SLACK 4096U /* pages that it may have beyond its configuration: see dump-frames.c */

static int64_t read_fd(void *arg, void *buf, size_t size)
{
    const struct move_in *s = arg;

    for (;;) {
        ssize_t got = move_file_read(&s->file, buf, size);

        if (got >= 0)
            return got;
        if (errno != EINTR)
            return -errno;
    }
}

/* The next item; -EAGAIN: it is waited for. */
static int next(xlight_op *op, struct move_in *s, struct xlight__item *i)
{
    int rc;

    s->k.h->why.nr = 0;
    rc = xlight__in_next(&s->in, i, &s->k.h->why);
    s->transfer.bytes += s->in.from.taken - s->counted;
    s->counted = s->in.from.taken;
    s->transfer.time_ns = move_now() - s->from;
    if (rc == -EAGAIN)
        return move_file_wait(op, &s->file, EPOLLIN);
    if (rc && s->file.wire && s->file.wire->why[0])
        rc = xlight__wrap(s->k.h, rc, s->k.domid, "%s", s->file.wire->why);
    return rc ? xlight__wrap(s->k.h, rc, s->k.domid, "cannot use what is in %s",
                             s->file.path ? s->file.path : "the stream")
              : 0;
}

static int open_file(xlight_op *op, void *state)
{
    struct move_in *s = state;
    int rc = move_file_open(s->k.h, s->k.domid, &s->file, O_RDONLY);

    (void)op;
    return rc ? rc : move_lazy_open(s);
}

static int parse_config(struct move_in *s, const struct xlight__item *i)
{
    const char *name = "its configuration";
    xlight_messages *m = NULL;
    int rc = xlight_messages_new(&m);

    if (!rc)
        rc = s->in.xl_config ? xlight_config_parse(name, i->body, i->length - 1, m, &s->own)
                             : xlight_config_from_json(name, i->body, m, &s->own);
    if (rc)
        xlight__fail_messages(s->k.h, rc, s->k.domid, m);
    xlight_messages_free(m);
    if (rc)
        return rc;
    if (s->k.moved)
        return move_arrives(s);
    /* The id that it had may be another one's by now. */
    s->own->domid = XLIGHT_NO_DOMAIN;
    return 0;
}

static int read_config(xlight_op *op, void *state)
{
    struct move_in *s = state;
    struct xlight__item i;
    int rc;

    if (xlight__op_first(op)) {
        s->from = move_now();
        xlight__op_set_transfer(op, &s->transfer);
    }
    rc = next(op, s, &i);
    if (!rc)
        rc = move_lazy_check(s);
    if (rc || s->k.c)
        return rc;
    rc = parse_config(s, &i);
    s->k.c = s->own;
    return rc;
}

/* Lists of its pages are as long as it may be large: no stranger chooses how much they take. */
static int check_size(struct move_in *s)
{
    struct xen_sysctl_physinfo host;
    int rc = xctl_host_info(s->k.h->ctrl, &host);

    if (rc)
        return xlight__fail_ctrl(s->k.h, rc, s->k.domid, "cannot learn how much memory there is");
    s->most = s->k.c->max_memory_kb / 4;
    if (s->most > host.total_pages)
        return xlight__fail(s->k.h, -E2BIG, s->k.domid,
                            "it can become as large as %" PRIu64 " MiB, and this host has %" PRIu64
                            " MiB",
                            s->most >> 8, host.total_pages >> 8);
    s->most += SLACK;
    return 0;
}

static int check(xlight_op *op, void *state)
{
    struct move_in *s = state;
    const struct xlight_config *c = s->k.c;
    int rc = life_check(s->k.h, s->k.c);

    (void)op;
    if (rc)
        return rc;
    if (c->type != XLIGHT_PV)
        return xlight__fail(s->k.h, -EOPNOTSUPP, s->k.domid,
                            "there is no support for HVM and PVH guests");
    rc = check_size(s);
    if (rc)
        return rc;
    s->vcpus = calloc((size_t)c->max_vcpus, sizeof(*s->vcpus));
    return s->vcpus ? 0 : xlight__fail(s->k.h, -ENOMEM, s->k.domid, "no memory for its vCPUs");
}

static int prepare(xlight_op *op, void *state)
{
    struct move_in *s = state;
    struct life_create *k = &s->k;
    int rc;

    (void)op;
    k->build.h = k->h->ctrl;
    k->build.domid = k->domid;
    k->build.claim = k->c->claim_mode != XLIGHT_NO;
    rc = xctl_domain_set_address_size(k->h->ctrl, k->domid, 64);
    if (!rc)
        rc = xctl_domain_info(k->h->ctrl, k->domid, &s->info);
    if (rc)
        return xlight__fail_ctrl(k->h, rc, k->domid, "cannot prepare the domain");
    rc = move_lazy_offered(s);
    return rc ? rc : life_make_ports(k);
}

/*
 * Its memory is set aside, so that others can create theirs while it comes, which may take long. A
 * host whose settings do not want that lets them wait.
 */
static int claim(xlight_op *op, void *state)
{
    struct move_in *s = state;
    struct life_create *k = &s->k;
    struct xlight__guest g = {.h = k->h->ctrl, .domid = k->domid, .why = &k->h->why};
    int rc;

    if (!k->build.claim)
        return 0;
    k->h->why.nr = 0;
    rc = xlight__guest_claim(&g, &k->build, k->c->memory_kb / 4);
    return rc ? xlight__wrap(k->h, rc, k->domid, "cannot set its memory aside")
              : life_unlock(op, state);
}

static int unclaim(xlight_op *op, void *state)
{
    struct move_in *s = state;
    struct xlight__guest g = {.h = s->k.h->ctrl, .domid = s->k.domid};

    xlight__guest_unclaim(&g, &s->k.build);
    return life_unlock(op, state);
}

static int take_shared_info(struct move_in *s, const struct xlight__item *i)
{
    if (!s->shared_info)
        s->shared_info = malloc(STREAM_PAGE);
    if (!s->shared_info)
        return xlight__fail(s->k.h, -ENOMEM, s->k.domid, "no memory for its state");
    memcpy(s->shared_info, i->body, STREAM_PAGE);
    return 0;
}

static int take_tsc(struct move_in *s, const struct xlight__item *i)
{
    const struct stream_tsc *r = i->body;

    s->tsc_given = true;
    s->tsc = (struct xctl_tsc_info){
        .mode = r->mode, .khz = r->khz, .incarnation = r->incarnation, .elapsed_ns = r->ns};
    return 0;
}

static int take_record(struct move_in *s, const struct xlight__item *i)
{
    int rc;

    switch (i->type) {
    case STREAM_PAGE_DATA:
        return s->lazy ? move_lazy_note(s, i->body, i->content) : move_take_pages(s, i->body);
    case STREAM_PV_P2M_FRAMES:
        return move_take_frames(s, i->body);
    case STREAM_PV_VCPU_BASIC:
    case STREAM_PV_VCPU_EXTENDED:
    case STREAM_PV_VCPU_XSAVE:
    case STREAM_PV_VCPU_MSRS:
        return move_take_vcpu(s, i);
    case STREAM_SHARED_INFO:
        return take_shared_info(s, i);
    case STREAM_TSC_INFO:
        return take_tsc(s, i);
    case STREAM_CPUID_POLICY:
    case STREAM_MSR_POLICY:
        return move_take_policy(s, i);
    case STREAM_END:
        rc = move_check_pages(s);
        if (!rc)
            rc = move_lazy_mark(s);
        s->over = !rc;
        return rc ? rc : move_finish(s);
    default:
        /* Those that one need not know, or that have nothing to say. */
        return 0;
    }
}

static int take_guest(struct move_in *s, const struct xlight__item *i)
{
    const struct stream_domain *d = i->body;

    return d->type == STREAM_PV
               ? 0
               : xlight__fail(s->k.h, -EBADMSG, s->k.domid,
                              "its configuration says PV, but this is a virtual machine");
}

/* An item at a time, so that others have their turn. */
static int read_guest(xlight_op *op, void *state)
{
    struct move_in *s = state;
    struct xlight__item i;
    int rc = next(op, s, &i);

    if (rc)
        return rc;
    if (i.kind == XLIGHT__ITEM_GUEST)
        rc = take_guest(s, &i);
    else if (i.kind == XLIGHT__ITEM_RECORD)
        rc = take_record(s, &i);
    if (rc)
        return xlight__wrap(s->k.h, rc, s->k.domid, "cannot restore the guest");
    return s->over ? 0 : xlight__op_yield(op);
}

static int read_end(xlight_op *op, void *state)
{
    struct move_in *s = state;
    struct xlight__item i;
    int rc = next(op, s, &i);

    if (rc)
        return rc;
    return i.kind == XLIGHT__ITEM_END ? 0 : xlight__op_yield(op);
}

static const struct xlight__step first_steps[] = {
    {"opening the file", open_file, NULL},
};
static const struct xlight__part first_part = XLIGHT__PART(first_steps, move_in_free);

static const struct xlight__step arrival_steps[] = {
    {"reading its configuration", read_config, NULL},
    {"checking the configuration", check, NULL},
    {"waiting for other creations", life_lock, life_unlock},
    {"making room in domain 0", life_make_room, life_make_room_undo},
    {"making an empty domain", life_make, life_make_undo},
    {"making its home in the store", life_settle, life_settle_undo},
    {"giving it vCPUs", life_set_vcpus, NULL},
    {"setting up its machine", life_set_machine, NULL},
    {"preparing it", prepare, NULL},
    {"setting its memory aside", claim, NULL},
    {"reading the guest", read_guest, NULL},
    {"reading the rest", read_end, NULL},
    {"letting others create", unclaim, NULL},
    {"setting its share of the CPUs", life_set_scheduling, NULL},
    {"telling it and the daemons", life_publish, NULL},
    {"giving it devices of the host", life_set_access, NULL},
    {"adding its devices", life_add_devices, NULL},
    {"waiting for its console", life_await_console, NULL},
    {"saving its configuration", life_save, life_save_undo},
};
const struct xlight__part move_arrival = XLIGHT__PART(arrival_steps, NULL);

static const struct xlight__step last_steps[] = {
    {"starting it", move_lazy_start, NULL},
    {"reading the rest of its memory", move_lazy_fetch, NULL},
};
static const struct xlight__part last_part = XLIGHT__PART(last_steps, NULL);
static const struct xlight__part *const rest[] = {&move_arrival, &last_part};

void move_in_free(void *state)
{
    struct move_in *s = state;

    move_line_close(&s->line);
    (void)move_file_close(&s->file);
    if (s->k.lock_fd >= 0)
        close(s->k.lock_fd);
    for (int i = 0; s->vcpus && i < s->k.c->max_vcpus; i++)
        for (int j = 0; j < 4; j++)
            free(s->vcpus[i].blobs[j]);
    free(s->vcpus);
    move_lazy_free(s);
    xlight_config_free(s->own);
    xlight__in_free(&s->in);
    free(s->shared_info);
    free(s->list_pfns);
    free(s->types);
    free(s->p2m);
    free(s->file.path);
    free(s->name);
    free(s);
}

struct move_in *move_in_new(xlight_handle *h)
{
    struct move_in *s = calloc(1, sizeof(*s));

    if (!s) {
        xlight__fail(h, -ENOMEM, XLIGHT_NO_DOMAIN, "no memory to restore a domain");
        return NULL;
    }
    s->k.h = h;
    s->k.kernel_fd = s->k.ramdisk_fd = s->k.lock_fd = -1;
    s->file.fd = -1;
    move_line_init(&s->line, h, 0, -1, -1);
    xlight__in_init(&s->in, read_fd, s);
    return s;
}

static int start(xlight_handle *h, const char *path, int fd, const struct xlight_restore_options *o,
                 xlight_op **ret_op)
{
    struct move_in *s;
    xlight_op *op;
    int rc = o ? life_check_options(h, o, sizeof(*o)) : 0;

    if (rc)
        return rc;
    s = move_in_new(h);
    if (!s)
        return -ENOMEM;
    s->k.c = o ? o->config : NULL;
    s->k.paused = o && o->paused;
    s->k.balloon = o && o->balloon;
    s->k.lock_file = o ? o->lock_file : NULL;
    s->lazy = o && o->lazy;
    s->in.pass = s->lazy ? move_lazy_pass : NULL;
    if (move_file_init(&s->file, path, fd)) {
        move_in_free(s);
        return xlight__fail(h, -ENOMEM, XLIGHT_NO_DOMAIN, "no memory to restore a domain");
    }
    rc = xlight__op_start(h, XLIGHT_NO_DOMAIN, &first_part, s, &op,
                          "cannot restore a domain from %s", path ? path : "a descriptor");
    return rc ? rc : xlight__op_then(op, rest, 2, s, ret_op);
}

int xlight_domain_restore_start(xlight_handle *h, const char *path,
                                const struct xlight_restore_options *options, xlight_op **ret_op)
{
    return start(h, path, -1, options, ret_op);
}

int xlight_domain_restore_fd_start(xlight_handle *h, int fd,
                                   const struct xlight_restore_options *options, xlight_op **ret_op)
{
    return start(h, NULL, fd, options, ret_op);
}
