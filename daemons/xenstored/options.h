/* SPDX-License-Identifier: MIT */
/* options.h - the command line (options.c). */
#ifndef XENSTORED_OPTIONS_H
#define XENSTORED_OPTIONS_H

#include <stdbool.h>

struct options {
    const char *pid_file;
    const char *trace_file;
    const char *host; /* a socket: run without Xen */
    bool no_fork;
    bool no_domain_init; /* do not attach to the ring of our own domain */
    bool output_pid;
    bool verbose;
    int live_update; /* a descriptor with a state, or -1 */
    int check_state;
    int event_fd; /* gets one byte once we are ready */
};

/* Reads the options of C xenstored and of oxenstored 4.17. Sets quotas on the way. 0; -EINVAL after
 * saying what is wrong; 1 after --help. */
int options_parse(int argc, char **argv, struct options *ret_options);

#endif /* XENSTORED_OPTIONS_H */
