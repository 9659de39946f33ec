/* SPDX-License-Identifier: MIT */
/*
 * model.c - the device model: a QEMU process for each domain that needs one. Its pid is a node of
 * the domain; that it is ready it says itself, in another.
 */
#include "model.h"
#include "daemon.h"
#include "device.h"
#include "qmp.h"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <unistd.h>

/* How long it may take to become ready, and to end by itself. */
#define START_MS(m) (6 * (m)->h->os->wait_ms)
#define END_MS(m)   ((m)->h->os->wait_ms / 2)

struct model {
    xlight_handle *h;
    uint32_t domid;
    const struct xlight_config *config; /* NULL: it is to be ended */
    pid_t pid;                          /* 0: none that we know */
    int pidfd;                          /* plus 1 */
    bool asked;                         /* it has been asked to end */
    struct xlight__noted *noted;        /* or NULL */
    struct xlight__qmp qmp;
};

static const char *base(char buf[XSTORE_PATH_SIZE], uint32_t domid)
{
    return xstore_path(buf, "/local/domain/0/device-model/%u", domid);
}
#define BASE(m) base((char[XSTORE_PATH_SIZE]){0}, (m)->domid)

static void free_model(void *state)
{
    struct model *m = state;

    if (m->pidfd)
        close(m->pidfd - 1);
    xlight__qmp_end(&m->qmp);
    free(m);
}

/* The file that gets what it prints; false: there is none. */
static bool log_path(const struct model *m, char *path, size_t size)
{
    const char *name = m->config->name ? m->config->name : "unnamed";

    if (!m->h->os->log_dir || strchr(name, '/'))
        return false;
    return (size_t)snprintf(path, size, "%s/qemu-dm-%s.log", m->h->os->log_dir, name) < size;
}

static int open_log(const struct model *m)
{
    char path[512];
    int fd = log_path(m, path, sizeof(path))
                 ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)
                 : -1;

    return fd >= 0 ? fd : open("/dev/null", O_WRONLY | O_CLOEXEC);
}

static int spawn(struct model *m)
{
    /* What a guest can make it print has a limit (XSA-180). */
    static const char *const env[] = {"XEN_QEMU_CONSOLE_LIMIT=1048576", NULL};
    struct xlight__args args;
    int log, rc = xlight__model_args(m->config, m->domid, m->h->os->run_dir, &args);

    if (rc)
        return xlight__fail(m->h, rc, m->domid, "no memory for a device model");
    log = open_log(m);
    rc = log < 0 ? -errno : xlight__daemon_start((const char *const *)args.list, env, log, &m->pid);
    if (rc)
        rc = xlight__fail(m->h, rc, m->domid, "cannot start the device model %s: %s", args.list[0],
                          strerrordesc_np(-rc));
    if (log >= 0)
        close(log);
    xlight__args_free(&args);
    return rc;
}

static int start(struct model *m)
{
    xstore_handle *xs = m->h->store;
    int rc = xstore_rm(xs, XBT_NULL, BASE(m));

    if (!rc)
        rc = xstore_mkdir(xs, XBT_NULL, BASE(m));
    if (rc)
        return xlight__fail_store(m->h, rc, m->domid, "cannot prepare a device model");
    rc = spawn(m);
    if (rc)
        return rc;
    rc = xstore_write_int(xs, XBT_NULL,
                          XSTORE_PATH("/local/domain/%u/image/device-model-pid", m->domid),
                          (int)m->pid);
    return rc ? xlight__fail_store(m->h, rc, m->domid, "cannot note the device model") : 0;
}

/* From here on it is this process and no other, whoever gets its number later. */
static int open_process(struct model *m)
{
    int fd;

    if (m->pidfd)
        return 0;
    fd = pidfd_open(m->pid, 0);
    if (fd < 0)
        return -errno;
    m->pidfd = fd + 1;
    return 0;
}

/* Waits for its end, too. */
static int watch_process(xlight_op *op, struct model *m)
{
    int rc = open_process(m);

    return rc ? rc : xlight__op_wait_fd(op, m->pidfd - 1, EPOLLIN);
}

static bool has_ended(const struct model *m)
{
    struct pollfd p = {.fd = m->pidfd - 1, .events = POLLIN};

    return !m->pidfd || poll(&p, 1, 0) == 1;
}

static int run_start(xlight_op *op, void *state)
{
    struct model *m = state;

    (void)op;
    return start(m);
}

static int ended_at_once(const struct model *m)
{
    char path[512];

    if (log_path(m, path, sizeof(path)))
        return xlight__fail(m->h, -ECHILD, m->domid,
                            "the device model has ended at once; %s may say why", path);
    return xlight__fail(m->h, -ECHILD, m->domid, "the device model has ended at once");
}

static int run_wait(xlight_op *op, void *state)
{
    struct model *m = state;
    char *text = NULL;
    bool running;
    int rc = xlight__op_watch(op, XSTORE_PATH("/local/domain/0/device-model/%u/state", m->domid));

    if (!rc)
        rc = xlight__dev_read(m->h, m->domid, BASE(m), "state", &text);
    if (rc)
        return rc;
    running = text && !strcmp(text, "running");
    free(text);
    if (running)
        return 0;
    rc = watch_process(op, m);
    if (rc == -ESRCH || (!rc && has_ended(m)))
        return ended_at_once(m);
    if (rc)
        return rc;
    if (!xlight__op_expired(op, START_MS(m)))
        return -EAGAIN;
    return xlight__fail(m->h, -ETIMEDOUT, m->domid, "the device model does not become ready");
}

static void lose(struct model *m)
{
    if (m->pidfd)
        close(m->pidfd - 1);
    m->pid = 0;
    m->pidfd = 0;
}

/* Of its screen, for whoever looks at that from elsewhere; NULL: there is none. */
static const char *password_of(const struct model *m)
{
    const struct xlight_vfb *f = m->config->nr_vfbs ? &m->config->vfbs[0] : NULL;
    const char *password = f && f->vnc.enable == XLIGHT_YES ? f->vnc.password : NULL;

    return password && *password ? password : NULL;
}

/* For viewers that a user starts here. Only domain 0 may read it: the guest sees its other nodes.
 */
static int write_password(xstore_handle *xs, xs_transaction_t t, void *arg)
{
    const struct model *m = arg;
    const struct xs_permissions nobody = {.id = 0, .perms = XS_PERM_NONE};
    const char *path = XSTORE_PATH("/local/domain/%u/console/vnc-pass", m->domid);
    int rc = xstore_write_string(xs, t, path, "");

    if (!rc)
        rc = xstore_set_perms(xs, t, path, &nobody, 1);
    return rc ? rc : xstore_write_string(xs, t, path, password_of(m));
}

/* Until then QEMU, which knows that there is a password, lets nobody in. */
static int run_password(xlight_op *op, void *state)
{
    struct model *m = state;
    char socket[128];
    int rc;

    if (!password_of(m))
        return 0;
    if (!m->h->os->run_dir)
        return xlight__fail(m->h, -EOPNOTSUPP, m->domid,
                            "this host has no place for the device model's control socket");
    snprintf(socket, sizeof(socket), XLIGHT__MODEL_SOCKET, m->h->os->run_dir, "libxl", m->domid);
    rc = xlight__qmp_call(op, m->domid, socket, "change-vnc-password", "password", password_of(m),
                          &m->qmp);
    if (rc == -EAGAIN)
        return rc;
    xlight__qmp_end(&m->qmp);
    if (rc)
        return xlight__wrap(m->h, rc, m->domid, "cannot set the password of the screen");
    rc = xstore_transaction(m->h->store, write_password, m);
    return rc ? xlight__fail_store(m->h, rc, m->domid, "cannot note the password of the screen")
              : 0;
}

/* The number that was written down of it, if we have not started it ourselves. */
static int read_pid(struct model *m)
{
    char *text = NULL;
    int rc = xlight__dev_read(m->h, m->domid, XSTORE_PATH("/local/domain/%u/image", m->domid),
                              "device-model-pid", &text);

    if (text && atoi(text) > 1)
        m->pid = atoi(text);
    free(text);
    return rc;
}

/* The process, if it is there and is what we take it for; else m->pid is 0. */
static int find(struct model *m)
{
    char domid[16];
    int rc = m->pid ? 0 : read_pid(m);

    if (rc || !m->pid || m->pidfd)
        return rc;
    rc = open_process(m);
    if (rc && rc != -ESRCH)
        return xlight__fail(m->h, rc, m->domid, "cannot look at the device model: %s",
                            strerrordesc_np(-rc));
    /* Looked at only after it was opened: what is opened is this process, or one that has ended. */
    snprintf(domid, sizeof(domid), "%u", m->domid);
    if (rc || !xlight__daemon_is(m->pid, XLIGHT__MODEL_DOMID, domid))
        lose(m);
    return 0;
}

static int forget(struct model *m)
{
    static const char *const names[] = {"libxl", "libxenstat"};
    char path[128];
    int rc;

    for (unsigned int i = 0; m->h->os->run_dir && i < 2; i++) {
        snprintf(path, sizeof(path), XLIGHT__MODEL_SOCKET, m->h->os->run_dir, names[i], m->domid);
        unlink(path);
    }
    rc = xlight__erase(m->h, XBT_NULL, BASE(m));
    if (!rc)
        rc = xlight__erase(m->h, XBT_NULL,
                           XSTORE_PATH("/local/domain/%u/image/device-model-pid", m->domid));
    return rc ? xlight__fail_store(m->h, rc, m->domid, "cannot forget the device model") : 0;
}

/* Asks it to end, which saves what it has not written yet; then makes it end. */
static int run_end(xlight_op *op, void *state)
{
    struct model *m = state;
    int rc = find(m);

    if (rc)
        return rc;
    if (!m->pid || has_ended(m))
        return forget(m);
    rc = watch_process(op, m);
    if (rc == -ESRCH)
        return forget(m);
    if (rc)
        return xlight__fail(m->h, rc, m->domid, "cannot wait for the device model: %s",
                            strerrordesc_np(-rc));
    if (!m->asked) {
        pidfd_send_signal(m->pidfd - 1, SIGHUP, NULL, 0);
        m->asked = true;
    }
    if (xlight__op_expired(op, END_MS(m)))
        pidfd_send_signal(m->pidfd - 1, SIGKILL, NULL, 0);
    else
        return -EAGAIN;
    return forget(m);
}

static const struct xlight__step start_steps[] = {
    {"starting the device model", run_start, run_end},
    {"waiting for the device model", run_wait, NULL},
    {"setting the password of its screen", run_password, NULL},
};
static int run_end_noted(xlight_op *op, void *state)
{
    const struct model *m = state;

    return xlight__note(m->h, m->noted, run_end(op, state));
}

static const struct xlight__step end_steps[] = {
    {"ending the device model", run_end_noted, NULL},
};

static int add(xlight_op *op, const struct xlight__part *part, uint32_t domid,
               const struct xlight_config *config, struct xlight__noted *noted)
{
    xlight_handle *h = xlight__op_handle(op);
    struct model *m = calloc(1, sizeof(*m));

    if (!m)
        return xlight__fail(h, -ENOMEM, domid, "no memory for a device model");
    *m = (struct model){.h = h, .domid = domid, .config = config, .noted = noted};
    return xlight__op_add(op, part, m);
}

int xlight__model_add(xlight_op *op, const struct xlight__client *c,
                      const struct xlight_config *config)
{
    static const struct xlight__part part = XLIGHT__PART(start_steps, free_model);

    return add(op, &part, c->domid, config, NULL);
}

int xlight__model_end(xlight_op *op, uint32_t domid, struct xlight__noted *noted)
{
    static const struct xlight__part part = XLIGHT__PART(end_steps, free_model);

    return add(op, &part, domid, NULL, noted);
}

int xlight__model_runs(xlight_handle *h, uint32_t domid, bool *ret_runs)
{
    struct model m = {.h = h, .domid = domid};
    int rc = find(&m);

    if (!rc)
        *ret_runs = m.pid && !has_ended(&m);
    lose(&m);
    return rc;
}
