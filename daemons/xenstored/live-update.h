/* SPDX-License-Identifier: MIT */
/* live-update.h - a new process takes over everything from this one (live-update.c). */
#ifndef XENSTORED_LIVE_UPDATE_H
#define XENSTORED_LIVE_UPDATE_H

#include "conn.h"
#include "state.h"

/* The arguments we were started with; set once by main(). */
void live_update_init(char **argv);
/* The program and the command line for the next update; NULL: as before. -ENOMEM, -ENOENT. */
int live_update_set_program(const char *file);
int live_update_set_arguments(const char *line);
void live_update_abort(void);

/* Writes the state, lets the new program check it, and becomes the new program, which answers
 * `msg`. Returns only on failure, with the cause in *ret_why; nothing has changed then. */
int live_update_run(struct conn *c, const struct xsd_sockmsg *msg, const char **ret_why);

/* In the new program: takes over from descriptor fd. With `check`, only reads it and gives its
 * verdict: nothing outside this process is touched. */
int live_update_restore(int fd, bool check);

/* The two halves, for tests and fuzzing. */
void live_update_save(struct state_out *out, const struct conn *asks,
                      const struct xsd_sockmsg *msg);
int live_update_load(struct state_in *in, bool check);

#endif /* XENSTORED_LIVE_UPDATE_H */
