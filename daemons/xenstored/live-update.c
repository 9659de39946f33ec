/* SPDX-License-Identifier: MIT */
/*
 * live-update.c - a new process takes over.
 *
 * The state goes into a memory file, a child that runs the new program reads it and says whether it
 * could continue from it, and only then does this process exec() the new program. Process id,
 * sockets, event channels and the memory file stay; rings are mapped anew. A refusal leaves
 * everything as it was.
 *
 * Trees are written as the graph they are (state-tree.c), so that snapshots of open transactions go
 * on sharing what they shared. Nothing waits for transactions to end, or for clients to be idle:
 * half a request and half an answer go along.
 */
#include "live-update.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "conn-ring.h"
#include "conn-socket.h"
#include "domain.h"
#include "log.h"
#include "osdep.h"
#include "state-conn.h"
#include "state-tree.h"
#include "store.h"
#include "txn.h"
#include "watch.h"

#define STATE_MAGIC   0x65726f7473006c78ULL
#define STATE_VERSION 1

static char **our_argv;
static char *program;
static char **arguments; /* NULL: those of our_argv */

void live_update_init(char **argv)
{
    our_argv = argv;
}

int live_update_set_program(const char *file)
{
    char *copy;

    if (access(file, X_OK))
        return -errno;
    copy = strdup(file);
    if (!copy)
        return -ENOMEM;
    free(program);
    program = copy;
    return 0;
}

static void free_arguments(char **v)
{
    for (char **a = v; a && *a; a++)
        free(*a);
    free(v);
}

int live_update_set_arguments(const char *line)
{
    char **v = calloc(strlen(line) / 2 + 3, sizeof(*v)), *copy = strdup(line), *save = NULL;
    unsigned int nr = 1;

    if (v && copy) {
        v[0] = strdup(our_argv[0]);
        for (char *a = strtok_r(copy, " ", &save); a; a = strtok_r(NULL, " ", &save))
            v[nr++] = strdup(a);
        free(copy);
        free_arguments(arguments);
        arguments = v;
        return 0;
    }
    free(v);
    free(copy);
    return -ENOMEM;
}

void live_update_abort(void)
{
    free(program);
    free_arguments(arguments);
    program = NULL;
    arguments = NULL;
}

static void save_settings(struct state_out *out)
{
    put_u32(out, QUOTA_NR);
    for (unsigned int i = 0; i < QUOTA_NR; i++) {
        put_u32(out, quotas[i].value);
        put_u32(out, quotas[i].soft);
    }
    put_u32(out, trace_on ? strlen(trace_file()) : 0);
    put_bytes(out, trace_file(), trace_on ? strlen(trace_file()) : 0);
}

static void load_settings(struct state_in *in, bool check)
{
    uint32_t nr = get_count(in, 8), len;
    const char *file;
    char name[256] = "";

    for (uint32_t i = 0; i < nr; i++) {
        uint32_t value = get_u32(in), soft = get_u32(in);

        if (i < QUOTA_NR) {
            quotas[i].value = value;
            quotas[i].soft = soft;
        }
    }
    len = get_u32(in);
    file = get_bytes(in, len);
    if (!file || len >= sizeof(name))
        return;
    memcpy(name, file, len);
    if (len && !check)
        trace_open(name);
}

void live_update_save(struct state_out *out, const struct conn *asks, const struct xsd_sockmsg *msg)
{
    int fd, fd_ro;

    put_u64(out, STATE_MAGIC);
    put_u32(out, STATE_VERSION);
    put_u32(out, asks ? asks->id : 0);
    put_bytes(out, msg, sizeof(*msg));
    save_settings(out);
    save_trees(out);
    os->save(out);
    socket_listeners(&fd, &fd_ro);
    put_u32(out, fd);
    put_u32(out, fd_ro);
    save_conns(out);
}

/* A host for the check: everything works and nothing happens. */
static struct xenstore_domain_interface check_ring;

static int check_map(uint16_t domid, uint64_t gfn, void **ret_page)
{
    (void)domid, (void)gfn;
    *ret_page = &check_ring;
    return 0;
}

static int check_own(void **ret_page, uint32_t *ret_port)
{
    (void)ret_port;
    return check_map(0, 0, ret_page);
}

static void check_unmap(uint16_t domid, void *page)
{
    (void)domid, (void)page;
}

static void check_port(uint32_t port)
{
    (void)port;
}

static int check_state(uint16_t domid, unsigned int *ret_state)
{
    (void)domid;
    *ret_state = 0;
    return 0;
}

static const struct osdep osdep_check = {
    .map_ring = check_map,
    .own_ring = check_own,
    .unmap_ring = check_unmap,
    .unbind = check_port,
    .notify = check_port,
    .unmask = check_port,
    .domain_state = check_state,
};

static int restore_os(struct state_in *in, bool check)
{
    const struct osdep *real = os;
    int fd = -1, rc;

    if (!check) {
        rc = real->restore(in, &fd);
        return rc ? rc : os_source_add(fd);
    }
    os = &osdep_check;
    /* The records are skipped by the same code that reads them. */
    return real->restore(in, NULL);
}

static void close_on_exec(int fd, bool on)
{
    fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0);
}

/* What the new program needs stays open, or no longer does. */
static void keep_open(bool keep)
{
    struct conn *c;
    int fd, fd_ro;

    TAILQ_FOREACH(c, &conns, link)
    if (c->fd >= 0)
        close_on_exec(c->fd, !keep);
    os->keep_open(keep);
    socket_listeners(&fd, &fd_ro);
    close_on_exec(fd, !keep);
    close_on_exec(fd_ro, !keep);
}

int live_update_load(struct state_in *in, bool check)
{
    struct loaded_trees trees = {0};
    struct xsd_sockmsg msg = {0};
    const char *bytes;
    uint32_t asks, fd, fd_ro;
    int rc;

    if (get_u64(in) != STATE_MAGIC || get_u32(in) != STATE_VERSION)
        return -EINVAL;
    asks = get_u32(in);
    bytes = get_bytes(in, sizeof(msg));
    if (bytes)
        memcpy(&msg, bytes, sizeof(msg));
    load_settings(in, check);
    rc = load_trees(in, &trees);
    if (!rc)
        rc = restore_os(in, check);
    if (!rc)
        account_recount(store.root);
    fd = get_u32(in);
    fd_ro = get_u32(in);
    if (!rc && !check)
        rc = socket_listen_on(fd, fd_ro);
    if (!rc)
        rc = load_conns(in, &trees, check);
    loaded_trees_free(&trees);
    if (!rc && (in->failed || in->at != in->len))
        rc = -EINVAL;
    if (!rc && !check)
        keep_open(false);
    if (!rc && !check && conn_find(asks))
        conn_ack(conn_find(asks), &msg);
    return rc;
}

static const char *new_program(void)
{
    return program ? program : "/proc/self/exe";
}

/* Waits five seconds at most: everybody waits with us. */
static int wait_for_child(pid_t pid)
{
    const struct timespec tick = {.tv_nsec = 5000000};
    int status;

    for (unsigned int i = 0; i < 1000; i++) {
        pid_t got = waitpid(pid, &status, WNOHANG);

        if (got == pid)
            return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EINVAL;
        if (got < 0 && errno != EINTR)
            return -errno;
        nanosleep(&tick, NULL);
    }
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    return -ETIMEDOUT;
}

/* Our arguments, or new ones, with an option of our own in place of what an earlier update left. */
static char **make_argv(char *option, char *number)
{
    char **from = arguments ? arguments : our_argv, **v;
    unsigned int nr = 0, to = 0;

    while (from[nr])
        nr++;
    v = calloc(nr + 3, sizeof(*v));
    for (unsigned int i = 0; v && i < nr; i++) {
        if (!strcmp(from[i], "--live-update") && i + 1 < nr)
            i++;
        else
            v[to++] = from[i];
    }
    if (v) {
        v[to++] = option;
        v[to] = number;
    }
    return v;
}

static int let_check(int fd)
{
    char number[16], option[] = "--check-state";
    char **argv;
    pid_t pid;
    int rc;

    snprintf(number, sizeof(number), "%d", fd);
    argv = make_argv(option, number);
    pid = argv ? fork() : -1;
    rc = -errno;
    if (pid == 0) {
        execv(new_program(), argv);
        _exit(127);
    }
    free(argv);
    return pid < 0 ? rc : wait_for_child(pid);
}

static int write_state(struct conn *c, const struct xsd_sockmsg *msg)
{
    struct state_out out = {0};
    int fd = memfd_create("xenstored-state", 0), rc = 0;
    size_t done = 0;

    if (fd < 0)
        return -errno;
    live_update_save(&out, c, msg);
    while (!out.failed && done < out.len) {
        ssize_t n = write(fd, out.buf + done, out.len - done);

        if (n < 0) {
            rc = -errno;
            break;
        }
        done += n;
    }
    if (out.failed)
        rc = -ENOMEM;
    free(out.buf);
    if (rc)
        close(fd);
    return rc ? rc : fd;
}

int live_update_run(struct conn *c, const struct xsd_sockmsg *msg, const char **ret_why)
{
    char number[16], option[] = "--live-update";
    char **argv;
    int fd = write_state(c, msg), rc = fd < 0 ? fd : 0;

    *ret_why = "the state cannot be written";
    if (!rc) {
        *ret_why = "the new program cannot continue from our state";
        rc = let_check(fd);
    }
    if (!rc) {
        *ret_why = "the new program cannot be started";
        snprintf(number, sizeof(number), "%d", fd);
        argv = make_argv(option, number);
        keep_open(true);
        if (argv)
            execv(new_program(), argv);
        rc = argv ? -errno : -ENOMEM;
        keep_open(false);
        free(argv);
    }
    if (fd >= 0)
        close(fd);
    log_warn("live update: %s: %s", *ret_why, strerror(-rc));
    return rc;
}

int live_update_restore(int fd, bool check)
{
    struct state_in in = {0};
    struct stat st;
    void *map;
    int rc;

    if (fstat(fd, &st))
        return -errno;
    map = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (map == MAP_FAILED)
        return -errno;
    in.buf = map;
    in.len = st.st_size;
    rc = live_update_load(&in, check);
    munmap(map, st.st_size);
    close(fd);
    return rc;
}
