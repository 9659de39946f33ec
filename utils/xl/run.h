/* SPDX-License-Identifier: MIT */
/* run.h - what commands that change domains have in common. */
#ifndef UTILS_XL_RUN_H
#define UTILS_XL_RUN_H

#include "xl.h"
#include <xenolith/light-op.h>

/* Drives an operation to its end, says why if it failed, frees it. Returns the exit status. */
int xl_run(xlight_handle *h, xlight_op *op);
/* Drives several; results are left to the caller. */
int xl_run_all(xlight_op **ops, unsigned int nr);
/* Drives one, and calls tell now and then before it has ended. */
typedef void xl_tell_fn(const xlight_op *op, void *arg);
int xl_run_telling(xlight_op *op, xl_tell_fn *tell, void *arg);
/* Somebody has called it off, perhaps too late for what was being done. */
bool xl_stopped(void);

/* The domain that a user means; or the exit status, when it has been said that there is none. */
int xl_find(xlight_handle *h, const char *word, uint32_t *ret_domid);

/*
 * life.c: a whole command without options: fn for each domain that is named; returns the worst exit
 * status.
 */
typedef int xl_domain_fn(xlight_handle *h, uint32_t domid);
int xl_plain(struct xl *xl, int argc, char **argv, xl_domain_fn *fn);

/*
 * create.c: the configuration in a file with lines behind it; NULL: it has been said what is wrong.
 */
struct xlight_config *xl_read_config(const char *path, char **lines, int nr);

/* What a user wants of a domain that is there, paused. */
struct xl_wish {
    bool paused, console, foreground, alone, any_cpu;
    const struct xlight_settings *settings;
};
/* Does that. Returns the exit status. */
int xl_start(struct xl *xl, xlight_handle *h, struct xlight_config **c, uint32_t domid,
             const struct xl_wish *w);

/* move.c: the same, with what was written down of it. */
int xl_go_on(struct xl *xl, xlight_handle *h, uint32_t domid, const struct xl_wish *w);

/*
 * monitor.c: stays with a domain until its end, does what its configuration wants then, and stays
 * with the one that follows. *c is replaced when it changes. Messages go to stdout. Returns
 * the exit status.
 */
int xl_monitor(xlight_handle *h, const struct xlight_settings *s, struct xlight_config **c,
               uint32_t domid);
/* The same in a process of its own, with a handle of its own. */
int xl_monitor_start(const struct xl *xl, const struct xlight_settings *s, struct xlight_config **c,
                     uint32_t domid);

/* console.c: becomes the console client; returns only when that cannot be started. */
struct xl_console {
    const char *type, *number, *escape; /* or NULL */
    int notify;                         /* a descriptor for a byte once it is connected; or -1 */
};
int xl_console_exec(uint32_t domid, const struct xl_console *c);

/* tls.c: options for TLS, and the numbers of others that come after them. */
enum { XL_TLS_CERT = 256, XL_TLS_KEY, XL_TLS_CA, XL_TLS_PEER, XL_TLS_LAST };
#define XL_TLS_OPTIONS                                                                            \
    {"cert", required_argument, NULL, XL_TLS_CERT}, {"key", required_argument, NULL, XL_TLS_KEY}, \
        {"ca", required_argument, NULL, XL_TLS_CA},                                               \
    {                                                                                             \
        "peer", required_argument, NULL, XL_TLS_PEER                                              \
    }
struct xlight_tls_files;
/* Takes one of these, whose value is in optarg. False: it is another one. */
bool xl_tls_option(struct xlight_tls_files *files, int opt);
/*
 * Fills in what an address needs and the options do not have; *ret_files is NULL if it needs none.
 * Returns an exit status; has said what is missing.
 */
int xl_tls_files(const char *command, const char *address, const struct xlight_settings *s,
                 struct xlight_tls_files *files, const struct xlight_tls_files **ret_files);

#endif /* UTILS_XL_RUN_H */
