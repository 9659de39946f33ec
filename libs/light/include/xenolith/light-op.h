/* SPDX-License-Identifier: MIT */
/*
 * light-op.h - operations: whatever takes time, or has to wait. The rules of light.h apply.
 *
 * A call like xlight_domain_create_start() makes an operation and does nothing else yet. It is then
 * driven from any event loop, and any number of them at once with one handle:
 *
 *     wait until xlight_op_fd() is readable, at most xlight_op_timeout() milliseconds;
 *     call xlight_op_process(), until that returns something else than -EINPROGRESS.
 *
 * xlight_op_wait() is this loop for one operation. No code of an operation runs outside of
 * xlight_op_process(), xlight_op_wait() and xlight_op_free().
 *
 * When an operation fails or is cancelled, what it has done so far is undone, which may take time
 * as well. Some have a point of no return; from there on they run to their end.
 *
 * Operations wait for changes of the store through the connection of their handle: as long as one
 * exists, watches that a program sets itself belong on a connection of its own.
 */
#ifndef XENOLITH_LIGHT_OP_H
#define XENOLITH_LIGHT_OP_H

#include <xenolith/light.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct xlight_op xlight_op;

/* Readable when xlight_op_process() can go on. It belongs to the operation: only wait for it. */
XLIGHT_API int xlight_op_fd(const xlight_op *op);

/* Milliseconds until xlight_op_process() must be called anyway; -1: no limit. Ask before each wait.
 */
XLIGHT_API int xlight_op_timeout(xlight_op *op);

/*
 * Goes on as far as possible without waiting for others; may compute for a while, as when a kernel
 * is unpacked. -EINPROGRESS: call it again later; otherwise the operation has ended, and this is
 * its result, as xlight_op_result() has it.
 */
XLIGHT_CHECK int xlight_op_process(xlight_op *op);

/* Waits for the end; returns the result. */
XLIGHT_CHECK int xlight_op_wait(xlight_op *op);

/*
 * Asks for an end: what was done is undone in the next calls of xlight_op_process(), and the result
 * is -ECANCELED. No effect on one that has failed, has ended, or is beyond its point of no return.
 */
XLIGHT_API void xlight_op_cancel(xlight_op *op);

/*
 * 0 or the error that the operation ended with, which the handle then explains; -EINPROGRESS: it
 * has not ended yet.
 */
XLIGHT_API int xlight_op_result(const xlight_op *op);

/* The domain that it is about; XLIGHT_NO_DOMAIN: none, or none yet. */
XLIGHT_API uint32_t xlight_op_domid(const xlight_op *op);

/*
 * Frees an operation; NULL is fine. One that has not ended is cancelled before, which may take
 * time: what it waits for is waited for here. All must be freed before their handle is closed.
 */
XLIGHT_API void xlight_op_free(xlight_op *op);

struct xlight_progress {
    const char *step;         /* what is being done, such as "building the domain"; "" at the end */
    unsigned int done, steps; /* how many are behind, out of how many; that can grow */
    bool undoing;             /* it has failed or was cancelled; done counts down */
};
/* The text stays as long as the library is loaded. */
XLIGHT_API void xlight_op_progress(const xlight_op *op, struct xlight_progress *ret_progress);

/* What an operation that saves, restores or migrates a guest has written or read of it so far. */
struct xlight_transfer {
    unsigned int round;   /* that is being sent; while the guest runs, from 1 on; then one more */
    uint64_t round_pages; /* what this round consists of; all pages, in the first one */
    uint64_t round_done;  /* ... of it so far */
    uint64_t pages;       /* with content, in all rounds: one that was sent twice counts twice */
    uint64_t bytes;       /* of all kinds */
    uint64_t time_ns;     /* since the first of them */
    /* How long the guest has not run: until the other end said that it does, or all was written. */
    uint64_t downtime_ns;
};
/* All of it 0: it moves no guest. */
XLIGHT_API void xlight_op_transfer(const xlight_op *op, struct xlight_transfer *ret_transfer);

/*
 * Whether the domain's console, as the store names its terminal, can be opened while the operation
 * is under way: a boot loader talks there, and may wait for a choice. That terminal goes away with
 * the program; the guest's own comes later, with the console daemon.
 */
XLIGHT_API bool xlight_op_console(const xlight_op *op);

#ifdef __cplusplus
}
#endif

#endif /* XENOLITH_LIGHT_OP_H */
