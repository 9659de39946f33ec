/* SPDX-License-Identifier: MIT */
/*
 * op.h - inside of operations: what their steps are made of.
 *
 * An operation is a row of parts. A part is a const table of steps and a state that they work on;
 * steps are done in order. A step can add parts, which come next, behind itself: how many devices
 * there are is found out on the way.
 *
 * run and undo return
 *     0         done, the next one follows
 *     -EAGAIN   waiting, for whatever was asked for with the calls below: they are called again
 * when one of these has happened, or for no reason, and look again at what they wait for an error
 * after it was explained with xlight__fail() or its like
 *
 * When run fails, or the operation is cancelled, undo is called for all steps whose run was called,
 * the last one first: also for the one that failed or was waiting. It undoes what has been done of
 * the step, which can be nothing, half or all. An undo that fails is noted and the rest is undone
 * nevertheless. No undo: there is nothing to be undone.
 *
 * What a step waits for is forgotten when it is over, as are its child and its deadline; so each
 * can ask again for the same at every call.
 */
#ifndef XENOLITH_LIGHT_OP_OP_H
#define XENOLITH_LIGHT_OP_OP_H

#include "../private.h"
#include <sys/types.h>
#include <xenolith/light-op.h>

struct xlight__step {
    const char *name; /* for the user: "creating the domain" */
    int (*run)(xlight_op *op, void *state);
    int (*undo)(xlight_op *op, void *state); /* or NULL */
};

struct xlight__part {
    const struct xlight__step *steps;
    unsigned int nr;
    void (*free)(void *state); /* at the end of the operation; or NULL */
};
#define XLIGHT__PART(table, free_state)                           \
    {                                                             \
        (table), sizeof(table) / sizeof((table)[0]), (free_state) \
    }

/*
 * An operation without parts. want is what is said when it fails: "cannot create domain \"web\"";
 * domid is the domain that this is about, or XLIGHT_NO_DOMAIN. The caller frees it.
 */
int xlight__op_new(xlight_handle *h, uint32_t domid, xlight_op **ret_op, const char *want, ...)
    __attribute__((format(printf, 4, 5)));

/*
 * Adds a part: while the operation is being made behind all others, while a step runs behind it and
 * what it has added before. The state belongs to the operation from then on, also when this fails.
 * Not from undo.
 */
int xlight__op_add(xlight_op *op, const struct xlight__part *part, void *state);

/* An operation of one part, in one go. The state is the operation's, also when this fails. */
int xlight__op_start(xlight_handle *h, uint32_t domid, const struct xlight__part *part, void *state,
                     xlight_op **ret_op, const char *want, ...)
    __attribute__((format(printf, 6, 7)));
/* ... and what is behind it: parts with the same state. When this fails, the operation is freed. */
int xlight__op_then(xlight_op *op, const struct xlight__part *const *parts, unsigned int nr,
                    void *state, xlight_op **ret_op);

xlight_handle *xlight__op_handle(const xlight_op *op);

/* The operation is about this domain from now on. */
void xlight__op_set_domid(xlight_op *op, uint32_t domid);

/* What xlight_op_transfer() tells from now on; it must stay as long as the state of a part. */
void xlight__op_set_transfer(xlight_op *op, const struct xlight_transfer *t);

/* What xlight_op_console() tells from now on. */
void xlight__op_set_console(xlight_op *op, bool there);

/* This call of run or undo is the first one for its step. */
bool xlight__op_first(const xlight_op *op);

/* From now on it cannot be cancelled, and errors end it where it is, without undoing anything. */
void xlight__op_commit(xlight_op *op);

/* Waits for a change of this node or below. Needs a store. */
int xlight__op_watch(xlight_op *op, const char *path);

/* Waits for EPOLLIN or others of a descriptor, which stays the caller's. */
int xlight__op_wait_fd(xlight_op *op, int fd, uint32_t events);
/* ... not any more; for one that is to be closed before the step has ended. */
void xlight__op_forget_fd(xlight_op *op, int fd);

/* For long work: -EAGAIN, to be called again as soon as others had their turn. */
int xlight__op_yield(xlight_op *op);

/* Waits this long from now, at each call anew; for what says nothing when it changes. */
void xlight__op_tick(xlight_op *op, unsigned int ms);

/* At the first call starts a clock; true once ms milliseconds of this step are over. */
bool xlight__op_expired(xlight_op *op, unsigned int ms);

/*
 * The same with a clock of the caller's, for a step that does several things one after the other,
 * each with a limit of its own. *clock is 0 at first. Waits for its end, too.
 */
bool xlight__op_clock(xlight_op *op, uint64_t *clock, unsigned int ms);

/*
 * Starts a program, at most one at a time, in a process group of its own and with no descriptor but
 * stdin (nothing), stdout and stderr. argv and env end with NULL; variables of env replace those
 * that we have. log, a descriptor, gets what it prints; -1: nobody does. With tty, the path of a
 * terminal, it has that for all three instead, and a session of its own.
 */
struct xlight__command {
    const char *const *argv;
    const char *const *env; /* NAME=VALUE; or NULL */
    int log;
    const char *tty; /* or NULL */
};
int xlight__op_spawn(xlight_op *op, const struct xlight__command *c);

/*
 * -EAGAIN while the program runs; else 0 and its status as waitpid() has it. One that still runs
 * when the step is over is killed, with its group.
 */
int xlight__op_child(xlight_op *op, int *ret_status);
/* Kills it now, with its group, so that another one can be started. Fine without one. */
void xlight__op_kill(xlight_op *op);

#endif /* XENOLITH_LIGHT_OP_OP_H */
