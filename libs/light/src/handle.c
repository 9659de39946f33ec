/* SPDX-License-Identifier: MIT */
/* handle.c - opening and closing a host: its hypervisor, and its store. */
#include "private.h"
#include "device/os.h"
#include <stdio.h>

/* Of this host; those of Xen's toolstack, so that both know each other's domains. */
#define STATE_DIR "/var/lib/xen"
#define RUN_DIR   "/run/xen"
#define CACHE_DIR "/var/cache/xenolith"

/*
 * Takes the option name=VALUE out of the options of a simulated host. *ret_value is to be freed;
 * NULL when there is no such option.
 */
static int take_option(char *host, const char *name, char **ret_value)
{
    size_t len = strlen(name);
    char *at = strstr(host, name), *end;

    while (at && (at[len] != '=' || (at[-1] != ',' && at[-1] != ':')))
        at = strstr(at + 1, name);
    if (!at)
        return 0;
    end = strchrnul(at, ',');
    *ret_value = strndup(at + len + 1, (size_t)(end - at) - len - 1);
    if (!*ret_value)
        return -ENOMEM;
    /* With one of the commas around it. */
    if (*end)
        end++;
    else if (at[-1] == ',')
        at--;
    memmove(at, end, strlen(end) + 1);
    return 0;
}

static char *join(const char *dir, const char *name)
{
    char *path = malloc(strlen(dir) + strlen(name) + 2);

    if (path)
        sprintf(path, "%s/%s", dir, name);
    return path;
}

/* Options of a simulated host that are ours: what is left of them goes to *ret_host. */
static int read_sim(xlight_handle *h, const char *where, char **ret_host, char **ret_store)
{
    char *host = strdup(where);
    int rc = host ? take_option(host, "store", ret_store) : -ENOMEM;

    if (!rc)
        rc = take_option(host, "state", &h->state_dir);
    if (!rc)
        rc = take_option(host, "sys", &h->sys_dir);
    if (!rc && h->state_dir) {
        h->run_dir = strdup(h->state_dir);
        h->cache_dir = join(h->state_dir, "kernels");
        rc = h->run_dir && h->cache_dir ? 0 : -ENOMEM;
    }
    *ret_host = host;
    return rc;
}

static int set_dirs(xlight_handle *h)
{
    h->state_dir = strdup(STATE_DIR);
    h->run_dir = strdup(RUN_DIR);
    h->cache_dir = strdup(CACHE_DIR);
    h->sys_dir = strdup("/sys");
    return h->state_dir && h->run_dir && h->cache_dir && h->sys_dir ? 0 : -ENOMEM;
}

static int open_ctrl(xlight_handle *h, const char *host)
{
    char why[512];
    int rc = xctl_open_why(host, &h->ctrl, why, sizeof(why));

    if (rc) {
        xlight__fail(h, rc, XLIGHT_NO_DOMAIN, "%s", why);
        return xlight__wrap(h, rc, XLIGHT_NO_DOMAIN, "cannot open the hypervisor");
    }
    rc = xctl_check_version(h->ctrl);
    if (rc)
        return xlight__fail_ctrl(h, rc, XLIGHT_NO_DOMAIN, "cannot work with this hypervisor");
    return 0;
}

static int open_store(xlight_handle *h, const char *path)
{
    char why[512];
    int rc = xstore_open_why(path, &h->store, why, sizeof(why));

    return rc ? xlight__fail(h, rc, XLIGHT_NO_DOMAIN, "%s", why) : 0;
}

static int open_parts(xlight_handle *h, const char *where)
{
    char *host = NULL, *path = NULL;
    bool sim = where && !strncmp(where, "sim:", 4);
    int rc = sim ? read_sim(h, where, &host, &path) : set_dirs(h);

    h->sim = sim;
    if (!rc)
        rc = sim ? xlight__os_sim(&h->os) : xlight__os_linux(&h->os);
    if (rc)
        xlight__fail(h, rc, XLIGHT_NO_DOMAIN, "no memory");
    else
        rc = open_ctrl(h, sim ? host : where);
    if (!rc && (path || !sim))
        rc = open_store(h, path);
    free(host);
    h->store_path = path;
    return rc;
}

int xlight_open_why(const char *where, xlight_handle **ret_h, char *why, size_t size)
{
    xlight_handle *h = calloc(1, sizeof(*h));
    int rc;

    if (!h) {
        snprintf(why, size, "no memory");
        return -ENOMEM;
    }
    rc = open_parts(h, where);
    if (rc) {
        xlight_error_format(h, why, size);
        xlight_close(h);
        return rc;
    }
    h->why.nr = 0;
    *ret_h = h;
    return 0;
}

int xlight_open(const char *where, xlight_handle **ret_h)
{
    return xlight_open_why(where, ret_h, NULL, 0);
}

void xlight_close(xlight_handle *h)
{
    if (!h)
        return;
    xstore_close(h->store);
    xctl_close(h->ctrl);
    free(h->state_dir);
    free(h->run_dir);
    free(h->cache_dir);
    xlight__os_free(h->os);
    free(h->sys_dir);
    free(h->store_path);
    free(h);
}

xctl_handle *xlight_ctrl(xlight_handle *h)
{
    return h->ctrl;
}

xstore_handle *xlight_store(xlight_handle *h)
{
    return h->store;
}
