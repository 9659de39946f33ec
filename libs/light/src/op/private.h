/* SPDX-License-Identifier: MIT */
/* private.h - what the files of op/ share. */
#ifndef XENOLITH_LIGHT_OP_PRIVATE_H
#define XENOLITH_LIGHT_OP_PRIVATE_H

#include "op.h"

/* A step of this operation, and the state of its part. */
struct op_item {
    const struct xlight__step *step;
    void *state;
};

struct op_part {
    const struct xlight__part *part;
    void *state;
};

/* What a step waits for. */
struct op_watch {
    struct op_watch *next;
    uint64_t serial; /* the token, unique in the handle */
    char path[];
};

struct op_waits {
    struct op_watch *watches;
    int *fds; /* in the epoll set */
    unsigned int nr_fds;
    bool has_deadline;
    uint64_t deadline; /* ns, CLOCK_MONOTONIC */
    uint64_t tick;     /* the same, once; 0: none */
    pid_t child;       /* 0: none */
    int child_fd;      /* a pidfd; -1: none, or it has ended */
    int child_status;
};

enum op_phase { OP_RUNNING, OP_UNDOING, OP_ENDED };

struct xlight_op {
    xlight_handle *h;
    xlight_op *next; /* of the handle's */
    int epoll_fd;
    int store_fd; /* in the epoll set; -1: there is none, or it is lost */
    uint32_t domid;
    char want[XLIGHT__WHY_TEXT];
    struct op_part *parts;
    struct op_item *items;
    unsigned int nr_parts, nr_items;
    unsigned int at;     /* the step that runs; while undoing, how many are left to undo */
    unsigned int insert; /* where parts that are added go */
    enum op_phase phase;
    bool in_step; /* run or undo is being called */
    bool first;   /* ... or is to be called for the first time */
    bool ready;   /* something that the step waits for has happened */
    bool cancelled, committed;
    struct op_waits waits;
    int result;
    struct xlight__why why;
    const struct xlight_transfer *transfer; /* or NULL */
    bool console;                           /* a boot loader has a terminal */
};

/* wait.c */
void op_wait_forget(xlight_op *op);         /* all that the step waits for */
bool op_wait_anything(const xlight_op *op); /* it waits for something at all */
void op_wait_poll(xlight_op *op);           /* sets ready when something of it has happened */
void op_dispatch(xlight_handle *h);         /* the same for what has come from the store, for all */
int op_wait_timeout(const xlight_op *op);   /* milliseconds to the deadline, or -1 */

#endif /* XENOLITH_LIGHT_OP_PRIVATE_H */
