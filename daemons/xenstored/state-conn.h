/* SPDX-License-Identifier: MIT */
/* state-conn.h - domains, connections and transactions in the state of a live update. */
#ifndef XENSTORED_STATE_CONN_H
#define XENSTORED_STATE_CONN_H

#include "state-tree.h"
#include "state.h"

void save_conns(struct state_out *out);
/* With `check`, sockets and rings are made of nothing. */
int load_conns(struct state_in *in, const struct loaded_trees *t, bool check);

/* main.c: waits for events of the host on this descriptor. */
int os_source_add(int fd);

#endif /* XENSTORED_STATE_CONN_H */
