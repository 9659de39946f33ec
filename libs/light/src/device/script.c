/* SPDX-License-Identifier: MIT */
/* script.c - hotplug scripts, with the interface of Xen's. */
#include "hotplug.h"
#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* Whether somebody has put hooks beside vif-bridge, which is shell and must run in it. */
static bool has_hooks(const char *dir)
{
    char path[512];
    struct dirent *e;
    bool found = false;
    DIR *d;

    snprintf(path, sizeof(path), "%s/vif-post.d", dir);
    d = opendir(path);
    while (d && !found && (e = readdir(d)))
        found = !fnmatch("*.hook", e->d_name, 0) && !faccessat(dirfd(d), e->d_name, X_OK, 0);
    if (d)
        closedir(d);
    return found;
}

int xlight__script_is(xlight_handle *h, const struct xlight__dev *dev, const char *name,
                      bool *ret_is)
{
    const char *dir = h->os->script_dir;
    size_t len = strlen(dir);
    char *script = NULL;
    int rc = xlight__dev_read(h, dev->domid, dev->back, "script", &script);

    if (rc)
        return rc;
    *ret_is = !script ||
              (!strncmp(script, dir, len) && script[len] == '/' && !strcmp(script + len + 1, name));
    free(script);
    if (!strcmp(name, "vif-bridge") && has_hooks(dir))
        *ret_is = false;
    return 0;
}

/* The environment that Xen's scripts count on. */
struct script_env {
    char *script, *netdev;
    char vars[7][512];
    const char *list[8];
};

static void add_var(struct script_env *e, unsigned int *nr, const char *name, const char *value)
{
    snprintf(e->vars[*nr], sizeof(e->vars[0]), "%s=%s", name, value);
    e->list[*nr] = e->vars[*nr];
    ++*nr;
}

static void make_env(struct script_env *e, const struct xlight__dev *dev)
{
    char text[64];
    unsigned int nr = 0;

    add_var(e, &nr, "script", e->script);
    add_var(e, &nr, "XENBUS_TYPE", dev->server_name);
    snprintf(text, sizeof(text), "backend/%s/%u/%d", dev->server_name, dev->domid, dev->devid);
    add_var(e, &nr, "XENBUS_PATH", text);
    add_var(e, &nr, "XENBUS_BASE_PATH", "backend");
    if (!strcmp(dev->server_name, "vif")) {
        add_var(e, &nr, "netdev", e->netdev ? e->netdev : "");
        snprintf(text, sizeof(text), "vif%u.%d", dev->domid, dev->devid);
        add_var(e, &nr, "vif", text);
    }
}

/* What scripts print goes where Xen's write what they have to say; our caller's files are his own.
 */
static int open_log(const xlight_handle *h)
{
    char path[512];

    if (!h->os->log_dir)
        return -1;
    snprintf(path, sizeof(path), "%s/xen-hotplug.log", h->os->log_dir);
    return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0644);
}

static int start(xlight_op *op, const struct xlight__dev *dev, const char *action,
                 const char *argument)
{
    xlight_handle *h = xlight__op_handle(op);
    struct script_env e = {.script = NULL};
    const char *argv[4] = {NULL, action, argument, NULL};
    struct xlight__command c = {.argv = argv, .env = e.list, .log = -1};
    int rc = xlight__dev_read(h, dev->domid, dev->back, "script", &e.script);

    if (!rc && !e.script)
        rc = xlight__fail(h, -ENOENT, dev->domid, "no script is given");
    if (!rc)
        rc = xlight__dev_read(h, dev->domid, dev->back, "gatewaydev", &e.netdev);
    /* A name cut short would be another program. */
    if (!rc && strlen(e.script) + sizeof("script=") > sizeof(e.vars[0]))
        rc = xlight__fail(h, -ENAMETOOLONG, dev->domid, "the path of the script is too long");
    if (!rc && e.netdev && strlen(e.netdev) + sizeof("netdev=") > sizeof(e.vars[0]))
        rc = xlight__fail(h, -ENAMETOOLONG, dev->domid, "the name of gatewaydev is too long");
    if (!rc) {
        make_env(&e, dev);
        argv[0] = e.script;
        c.log = open_log(h);
        rc = xlight__op_spawn(op, &c);
        if (c.log >= 0)
            close(c.log);
    }
    free(e.script);
    free(e.netdev);
    return rc;
}

/* Says how it ended; what it wanted to tell is in the store. */
static int explain(xlight_handle *h, const struct xlight__dev *dev, const char *action, int status)
{
    char *script = NULL, *why = NULL, how[32];
    int rc = xlight__dev_read(h, dev->domid, dev->back, "script", &script);

    if (!rc)
        rc = xlight__dev_read(h, dev->domid, dev->back, "hotplug-error", &why);
    if (!rc) {
        if (WIFSIGNALED(status))
            snprintf(how, sizeof(how), "signal %d", WTERMSIG(status));
        else
            snprintf(how, sizeof(how), "exit status %d", WEXITSTATUS(status));
        rc = xlight__fail(h, -EIO, dev->domid, "%s %s: %s%s%s", script ? script : "the script",
                          action, how, why ? ", " : "", why ? why : "");
    }
    free(script);
    free(why);
    return rc;
}

int xlight__script_run(xlight_op *op, const struct xlight__dev *dev, const char *action,
                       const char *argument, struct xlight__hotplug_state *s)
{
    xlight_handle *h = xlight__op_handle(op);
    int rc, status = 0;

    if (!s->started) {
        rc = start(op, dev, action, argument);
        if (rc)
            return xlight__wrap(h, rc, dev->domid, "cannot run the script of %s", dev->name);
        s->started = true;
        s->clock = 0;
    }
    rc = xlight__op_child(op, &status);
    if (rc == -EAGAIN && xlight__op_clock(op, &s->clock, XLIGHT__SCRIPT_MS(h))) {
        rc = xlight__fail(h, -ETIMEDOUT, dev->domid, "the script takes longer than %u seconds",
                          XLIGHT__SCRIPT_MS(h) / 1000);
        /* The scripts of other devices may have to follow. */
        xlight__op_kill(op);
    }
    if (rc == -EAGAIN)
        return rc;
    s->started = false;
    s->clock = 0;
    if (!rc && status)
        rc = explain(h, dev, action, status);
    return rc ? xlight__wrap(h, rc, dev->domid, "the script of %s failed", dev->name) : 0;
}

int xlight__back_write(xlight_handle *h, xs_transaction_t t, const struct xlight__dev *dev,
                       const char *key, const char *value)
{
    int rc = xstore_write_string(h->store, t, XSTORE_PATH("%s/%s", dev->back, key), value);

    return rc ? xlight__fail_store(h, rc, dev->domid, "cannot write %s of %s", key, dev->name) : 0;
}
