/* SPDX-License-Identifier: MIT */
/* handle.c - opening and closing a host: its hypervisor, and its store. */
#include "private.h"
#include <stdio.h>

#define STORE_OPTION "store="

/*
 * Takes the option store=PATH out of the options of a simulated host. Both results are to be
 * freed; *ret_path is NULL when there is no such option.
 */
static int split_options(const char *where, char **ret_host, char **ret_path)
{
    char *host = strdup(where), *path = NULL, *at, *end;

    if (!host)
        return -ENOMEM;
    at = strstr(host, STORE_OPTION);
    while (at && at[-1] != ',' && at[-1] != ':')
        at = strstr(at + 1, STORE_OPTION);
    if (at) {
        end = strchrnul(at, ',');
        path = strndup(at + strlen(STORE_OPTION), (size_t)(end - at) - strlen(STORE_OPTION));
        if (!path) {
            free(host);
            return -ENOMEM;
        }
        /* With one of the commas around it. */
        if (*end)
            end++;
        else if (at[-1] == ',')
            at--;
        memmove(at, end, strlen(end) + 1);
    }
    *ret_host = host;
    *ret_path = path;
    return 0;
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
    int rc = 0;

    if (sim)
        rc = split_options(where, &host, &path);
    if (rc)
        return xlight__fail(h, rc, XLIGHT_NO_DOMAIN, "no memory");
    rc = open_ctrl(h, sim ? host : where);
    if (!rc && (path || !sim))
        rc = open_store(h, path);
    free(host);
    free(path);
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
