/* SPDX-License-Identifier: MIT */
/*
 * save.c - the plan of saving: what is written when, and what becomes of the guest then. Its
 * middle, move_transfer, is migration's, too.
 *
 * The guest stays as it is until all of it has been written: whatever fails, and whoever calls it
 * off, it goes on where it was. Only then it is destroyed, if it shall be.
 */
#include "move.h"
#include <inttypes.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#define ROUNDS 5  /* of sending memory while the guest runs */
#define FEW    50 /* pages: not worth another round */

static int file_failed(struct move_out *s, int rc, const char *what)
{
    return move_file_failed(s->h, s->domid, &s->file, rc, what);
}

#define PIECE    65536U /* bytes that are written at once, when there is a limit */
#define NS_PER_S 1000000000ULL

/* How much may be written now. 0: later, and the operation waits until then. */
static size_t allowance(xlight_op *op, struct move_out *s, size_t size)
{
    uint64_t due, ns = move_now() - s->paid_from;

    if (!s->rate || s->final)
        return size;
    if (ns > NS_PER_S) {
        /* What was not used in the last second is not to be made up for. */
        s->paid_from += ns;
        s->paid = ns = 0;
    }
    due = s->paid * NS_PER_S / s->rate;
    if (due <= ns)
        return size < PIECE ? size : PIECE;
    xlight__op_tick(op, (unsigned int)((due - ns) / 1000000) + 1);
    return 0;
}

/* Nothing more can be written now. Who stands still because of that does not do so for ever. */
static int wait_writable(xlight_op *op, struct move_out *s)
{
    int rc = move_file_wait(op, &s->file, EPOLLOUT);

    if (rc == -EAGAIN && s->migrating && s->final &&
        xlight__op_clock(op, &s->clock, MOVE_ANSWER_MS))
        rc = xlight__fail(s->h, -ETIMEDOUT, s->domid, "the other end takes nothing any more");
    return rc;
}

/* What is to be written now: all that has come together, as it is or packed. */
static struct xlight__out *ready(struct move_out *s)
{
    if (!s->z)
        return &s->out;
    if (s->out.used) {
        s->raw += s->out.used;
        xlight__pack(s->z, &s->out, &s->packed);
    }
    return &s->packed;
}

int move_flush(xlight_op *op, struct move_out *s)
{
    struct xlight__out *o = ready(s);

    if (o->failed)
        return xlight__fail(s->h, -ENOMEM, s->domid, "no memory for a part of the saved guest");
    while (s->written < o->used) {
        size_t size = allowance(op, s, o->used - s->written);
        ssize_t n;

        if (!size)
            return -EAGAIN;
        n = move_file_write(&s->file, o->data + s->written, size);
        if (n < 0 && errno == EAGAIN)
            return wait_writable(op, s);
        if (n < 0 && errno != EINTR)
            return file_failed(s, -errno, "write");
        if (n > 0) {
            s->written += (size_t)n;
            s->transfer.bytes += (uint64_t)n;
            s->paid += (uint64_t)n;
            s->raw += s->z ? 0 : (uint64_t)n;
            s->clock = 0;
        }
    }
    s->transfer.time_ns = move_now() - s->from;
    o->used = s->written = 0;
    return 0;
}

/* Whether it is one that we can save, before anything is done to it. */
int move_look(xlight_op *op, void *state)
{
    struct move_out *s = state;
    struct xctl_vnuma none = {0};
    unsigned int bits = 0;
    int rc = xctl_memory_get_vnuma(s->h->ctrl, s->domid, &none);

    (void)op;
    if (rc != -EOPNOTSUPP)
        return rc && rc != -ENOBUFS
                   ? xlight__fail_ctrl(s->h, rc, s->domid, "cannot see whether it has NUMA nodes")
                   : xlight__fail(s->h, -EOPNOTSUPP, s->domid,
                                  "there is no support for virtual NUMA nodes");
    rc = xctl_domain_get_address_size(s->h->ctrl, s->domid, &bits);
    if (rc)
        return xlight__fail_ctrl(s->h, rc, s->domid, "cannot see what kind of guest it is");
    if (bits != 64)
        return xlight__fail(s->h, -EOPNOTSUPP, s->domid, "there is no support for 32-bit guests");
    return move_frames_open(&s->f, s->h, s->domid);
}

/* What may have changed since it was created, in the store. */
static int refresh_config(struct move_out *s)
{
    struct xlight_config *c = s->c;
    char *name = NULL;
    uint64_t kb;
    int rc = xstore_read(s->h->store, XBT_NULL, XSTORE_PATH("/local/domain/%u/name", s->domid),
                         &name, NULL);

    if (!rc) {
        free(c->name);
        c->name = name;
        rc = xstore_read_u64(s->h->store, XBT_NULL,
                             XSTORE_PATH("/local/domain/%u/memory/target", s->domid), &kb);
    }
    if (!rc)
        c->memory_kb = kb;
    if (!rc || rc == -ENOENT)
        rc = xstore_read_u64(s->h->store, XBT_NULL,
                             XSTORE_PATH("/local/domain/%u/memory/static-max", s->domid), &kb);
    if (!rc && kb >= c->memory_kb)
        c->max_memory_kb = kb;
    return rc && rc != -ENOENT
               ? xlight__fail_store(s->h, rc, s->domid, "cannot see its name and its memory")
               : 0;
}

static int make_config(struct move_out *s)
{
    struct xlight_config c;
    char *json = NULL;
    int rc = 0;

    if (!s->given)
        rc = xlight_domain_config(s->h, s->domid, &s->c);
    if (!rc && !s->given)
        rc = refresh_config(s);
    if (rc)
        return rc;
    /* Nothing in it is changed but this number. */
    c = s->given ? *s->given : *s->c;
    if (s->migrating)
        c.domid = s->keep_domid ? s->domid : XLIGHT_NO_DOMAIN;
    rc = xlight_config_to_json(&c, &json);
    if (rc)
        return xlight__fail(s->h, rc, s->domid, "cannot write its configuration as JSON: %s",
                            strerrordesc_np(-rc));
    xlight__out_container(&s->out, json);
    free(json);
    return 0;
}

static int put_config(xlight_op *op, void *state)
{
    struct move_out *s = state;
    int rc = 0;

    if (xlight__op_first(op)) {
        s->from = s->paid_from = move_now();
        xlight__op_set_transfer(op, &s->transfer);
        rc = make_config(s);
    }
    return rc ? rc : move_flush(op, s);
}

static int open_file(xlight_op *op, void *state)
{
    struct move_out *s = state;

    (void)op;
    return move_file_open(s->h, s->domid, &s->file, O_WRONLY | O_CREAT | O_TRUNC);
}

static int remove_file(xlight_op *op, void *state)
{
    struct move_out *s = state;

    (void)op;
    if (!s->file.path || !s->file.regular || !unlink(s->file.path) || errno == ENOENT)
        return 0;
    return file_failed(s, -errno, "remove");
}

static int put_fixed(xlight_op *op, void *state)
{
    struct move_out *s = state;
    int rc = 0;

    if (xlight__op_first(op)) {
        rc = move_put_fixed(s);
        if (!rc && s->live)
            rc = move_alloc_pages(s);
        if (!rc && s->live)
            move_put_frames(s);
    }
    return rc ? rc : move_flush(op, s);
}

static bool same_list(const struct move_frames *a, const struct move_frames *b)
{
    return a->nr == b->nr &&
           !memcmp(a->list_pfns, b->list_pfns, a->nr_list * sizeof(a->list_pfns[0]));
}

/* The list can have been moved while the guest ran. */
static int find_again(xlight_op *op, void *state)
{
    struct move_out *s = state;
    struct move_frames f;
    bool same;
    int rc = move_frames_open(&f, s->h, s->domid);

    (void)op;
    s->stopped = move_now();
    if (rc)
        return rc;
    if (s->live && f.nr != s->f.nr) {
        move_frames_close(&f);
        return xlight__fail(s->h, -EBUSY, s->domid,
                            "the guest made room for more memory meanwhile");
    }
    same = same_list(&s->f, &f);
    move_frames_close(&s->f);
    s->f = f;
    if (!s->live)
        rc = move_alloc_pages(s);
    if (!rc && !(s->live && same))
        move_put_frames(s);
    return rc;
}

static int put_state(xlight_op *op, void *state)
{
    struct move_out *s = state;
    int rc = xlight__op_first(op) ? move_put_state(s) : 0;

    return rc ? rc : move_flush(op, s);
}

/* From here on the file is whole, and the guest need not come back. */
static int close_file(xlight_op *op, void *state)
{
    struct move_out *s = state;
    int rc;

    (void)op;
    if (fsync(s->file.fd) && errno != EINVAL && errno != EROFS)
        return file_failed(s, -errno, "write");
    rc = move_file_close(&s->file);
    s->transfer.downtime_ns = move_now() - s->stopped;
    return rc ? file_failed(s, rc, "write") : 0;
}

static int leave(xlight_op *op, void *state)
{
    struct move_out *s = state;
    int rc = move_start_log_undo(op, s);

    move_frames_close(&s->f);
    if (rc)
        return rc;
    /* Which is the point of no return once it has begun. */
    if (s->after == XLIGHT_SAVE_DESTROY)
        return life_add_destroy(op, s->h, s->domid);
    if (s->after == XLIGHT_SAVE_PAUSE) {
        rc = xctl_domain_pause(s->h->ctrl, s->domid);
        if (rc)
            return xlight__fail_ctrl(s->h, rc, s->domid, "cannot pause it");
    }
    rc = move_resume(s->h, s->domid);
    if (rc && s->after == XLIGHT_SAVE_PAUSE && xctl_domain_unpause(s->h->ctrl, s->domid))
        return xlight__fail_ctrl(s->h, rc, s->domid, "it stays paused");
    /* It runs, so undoing would do that once more. */
    s->suspend.asked = rc != 0;
    return rc;
}

static const struct xlight__step transfer_steps[] = {
    {"writing its configuration", put_config, NULL},
    {"watching what it writes to", move_start_log, move_start_log_undo},
    {"writing what never changes", put_fixed, NULL},
    {"writing its memory while it runs", move_put_running, NULL},
    {"suspending it", move_suspend, move_suspend_undo},
    {"finding its memory again", find_again, NULL},
    {"writing its memory", move_put_rest, NULL},
    {"writing its memory again", move_put_again, NULL},
    {"writing its vCPUs", put_state, NULL},
};
const struct xlight__part move_transfer = XLIGHT__PART(transfer_steps, NULL);

static const struct xlight__step first_steps[] = {
    {"looking at the domain", move_look, NULL},
    {"making the file", open_file, remove_file},
};
static const struct xlight__part first_part = XLIGHT__PART(first_steps, move_out_free);

static const struct xlight__step last_steps[] = {
    {"closing the file", close_file, NULL},
    {"leaving it", leave, NULL},
};
static const struct xlight__part last_part = XLIGHT__PART(last_steps, NULL);
static const struct xlight__part *const rest[] = {&move_transfer, &last_part};

void move_out_free(void *state)
{
    struct move_out *s = state;

    move_line_close(&s->line);
    (void)move_file_close(&s->file);
    move_frames_close(&s->f);
    xlight__out_free(&s->out);
    xlight__out_free(&s->packed);
    xlight__pack_free(s->z);
    xlight_config_free(s->c);
    free(s->todo);
    free(s->sent);
    free(s->sent_frame);
    free(s->scratch);
    free(s->file.path);
    free(s->name);
    free(s->away);
    free(s);
}

int move_out_new(xlight_handle *h, uint32_t domid, struct move_out **ret_s)
{
    struct xen_domctl_getdomaininfo info;
    struct move_out *s;
    int rc = life_info(h, domid, &info);

    if (!rc && info.flags & XEN_DOMINF_hvm_guest)
        rc = xlight__fail(h, -EOPNOTSUPP, domid, "there is no support for HVM and PVH guests");
    if (!rc && !h->store)
        rc = xlight__fail(h, -ENOTCONN, domid, "this host has no store");
    if (!rc && info.paged_pages)
        rc = xlight__fail(h, -EBUSY, domid, "%" PRIu64 " pages of its memory have yet to be read",
                          info.paged_pages);
    if (rc)
        return rc;
    s = calloc(1, sizeof(*s));
    if (!s)
        return xlight__fail(h, -ENOMEM, domid, "no memory to save a domain");
    s->suspend = (struct move_suspend){h, (domid_t)domid, false};
    s->h = h;
    s->domid = (domid_t)domid;
    s->rounds = ROUNDS;
    s->few = FEW;
    s->file.fd = -1;
    move_line_init(&s->line, h, (domid_t)domid, -1, -1);
    s->f = (struct move_frames){.h = h, .domid = (domid_t)domid};
    *ret_s = s;
    return 0;
}

static int start(xlight_handle *h, uint32_t domid, const char *path, int fd,
                 const struct xlight_save_options *o, xlight_op **ret_op)
{
    struct move_out *s = NULL;
    xlight_op *op;
    int rc = o ? life_check_options(h, o, sizeof(*o)) : 0;

    if (!rc)
        rc = move_out_new(h, domid, &s);
    if (rc)
        return rc;
    s->live = o && o->live;
    s->given = o ? o->config : NULL;
    s->after = o ? (int)o->after : XLIGHT_SAVE_DESTROY;
    if (o && o->compress)
        s->z = xlight__pack_new();
    if ((o && o->compress && !s->z) || move_file_init(&s->file, path, fd)) {
        move_out_free(s);
        return xlight__fail(h, -ENOMEM, domid, "no memory to save a domain");
    }
    rc = xlight__op_start(h, domid, &first_part, s, &op, "cannot save domain %u", domid);
    return rc ? rc : xlight__op_then(op, rest, 2, s, ret_op);
}

int xlight_domain_save_start(xlight_handle *h, uint32_t domid, const char *path,
                             const struct xlight_save_options *options, xlight_op **ret_op)
{
    return start(h, domid, path, -1, options, ret_op);
}

int xlight_domain_save_fd_start(xlight_handle *h, uint32_t domid, int fd,
                                const struct xlight_save_options *options, xlight_op **ret_op)
{
    return start(h, domid, NULL, fd, options, ret_op);
}
