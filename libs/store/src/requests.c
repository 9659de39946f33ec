/* SPDX-License-Identifier: MIT */
/* requests.c - the requests of libxenstore's interface, except watches. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "directory.h"
#include "handle.h"
#include "text.h"

/* A request with one string. */
static void *talk_string(struct xs_handle *h, enum xsd_sockmsg_type type, xs_transaction_t t,
                         const char *string, unsigned int *ret_len)
{
    struct xs__request rq;

    xs__request_init(&rq, type, t);
    xs__request_add_string(&rq, string);
    return xs__talk(h, &rq, ret_len);
}

/* Requests that are answered with "OK" only. */
static bool succeeded(void *reply)
{
    free(reply);
    return reply != NULL;
}

/* A request with up to two domains. */
static void *talk_domain(struct xs_handle *h, enum xsd_sockmsg_type type, unsigned int domid)
{
    struct xs__request rq;

    xs__request_init(&rq, type, XBT_NULL);
    xs__request_add_number(&rq, domid);
    return xs__talk(h, &rq, NULL);
}

/* Directories that do not fit into a message come in parts. */
static char **directory_parts(struct xs_handle *h, xs_transaction_t t, const char *path,
                              unsigned int *num)
{
    struct xs__directory dir = {0};
    struct xs__request rq;
    unsigned int len;
    char **names = NULL, *part;
    int rc;

    do {
        xs__request_init(&rq, XS_DIRECTORY_PART, t);
        xs__request_add_string(&rq, path);
        xs__request_add_number(&rq, dir.used);
        part = xs__talk(h, &rq, &len);
        /* Daemons that do not know parts cannot help with what was too big. */
        if (part)
            rc = xs__directory_add(&dir, part, len);
        else
            rc = errno == ENOSYS ? -E2BIG : -errno;
        free(part);
    } while (rc == -EAGAIN);
    if (!rc) {
        names = xs__split_strings(dir.names, dir.used, num);
        rc = names ? 0 : -ENOMEM;
    }
    free(dir.names);
    if (rc)
        errno = -rc;
    return names;
}

char **xs_directory(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned int *num)
{
    unsigned int len;
    char *reply = talk_string(h, XS_DIRECTORY, t, path, &len), **names;

    if (!reply)
        return errno == E2BIG ? directory_parts(h, t, path, num) : NULL;
    names = xs__split_strings(reply, len, num);
    free(reply);
    if (!names)
        errno = ENOMEM;
    return names;
}

void *xs_read(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned int *len)
{
    return talk_string(h, XS_READ, t, path, len);
}

bool xs_write(struct xs_handle *h, xs_transaction_t t, const char *path, const void *data,
              unsigned int len)
{
    struct xs__request rq;

    xs__request_init(&rq, XS_WRITE, t);
    xs__request_add_string(&rq, path);
    xs__request_add(&rq, data, len);
    return succeeded(xs__talk(h, &rq, NULL));
}

bool xs_mkdir(struct xs_handle *h, xs_transaction_t t, const char *path)
{
    return succeeded(talk_string(h, XS_MKDIR, t, path, NULL));
}

bool xs_rm(struct xs_handle *h, xs_transaction_t t, const char *path)
{
    return succeeded(talk_string(h, XS_RM, t, path, NULL));
}

bool xs_restrict(struct xs_handle *h, unsigned int domid)
{
    (void)h, (void)domid;
    errno = ENOSYS;
    return false;
}

struct xs_permissions *xs_get_permissions(struct xs_handle *h, xs_transaction_t t, const char *path,
                                          unsigned int *num)
{
    unsigned int len, count;
    char *reply = talk_string(h, XS_GET_PERMS, t, path, &len);
    struct xs_permissions *perms = NULL;
    int rc = 0;

    if (!reply)
        return NULL;
    count = xs__count_strings(reply, len);
    perms = malloc((count + 1) * sizeof(*perms));
    if (!perms) {
        rc = ENOMEM;
    } else if (!xs_strings_to_perms(perms, count, reply)) {
        rc = EINVAL;
        free(perms);
        perms = NULL;
    } else {
        *num = count;
    }
    free(reply);
    if (rc)
        errno = rc;
    return perms;
}

bool xs_set_permissions(struct xs_handle *h, xs_transaction_t t, const char *path,
                        struct xs_permissions *perms, unsigned int num_perms)
{
    struct xs__request rq;
    char text[XS__PERM_SIZE];

    xs__request_init(&rq, XS_SET_PERMS, t);
    xs__request_add_string(&rq, path);
    for (unsigned int i = 0; i < num_perms; i++) {
        if (!xs__perm_to_string(&perms[i], text)) {
            errno = EINVAL;
            return false;
        }
        xs__request_add_string(&rq, text);
    }
    return succeeded(xs__talk(h, &rq, NULL));
}

xs_transaction_t xs_transaction_start(struct xs_handle *h)
{
    char *reply = talk_string(h, XS_TRANSACTION_START, XBT_NULL, "", NULL);
    xs_transaction_t t = reply ? strtoul(reply, NULL, 0) : XBT_NULL;

    if (reply && t == XBT_NULL)
        errno = EINVAL;
    free(reply);
    return t;
}

bool xs_transaction_end(struct xs_handle *h, xs_transaction_t t, bool abort)
{
    return succeeded(talk_string(h, XS_TRANSACTION_END, t, abort ? "F" : "T", NULL));
}

bool xs_introduce_domain(struct xs_handle *h, unsigned int domid, unsigned long mfn,
                         unsigned int eventchn)
{
    struct xs__request rq;

    xs__request_init(&rq, XS_INTRODUCE, XBT_NULL);
    xs__request_add_number(&rq, domid);
    xs__request_add_number(&rq, mfn);
    xs__request_add_number(&rq, eventchn);
    return succeeded(xs__talk(h, &rq, NULL));
}

bool xs_set_target(struct xs_handle *h, unsigned int domid, unsigned int target)
{
    struct xs__request rq;

    xs__request_init(&rq, XS_SET_TARGET, XBT_NULL);
    xs__request_add_number(&rq, domid);
    xs__request_add_number(&rq, target);
    return succeeded(xs__talk(h, &rq, NULL));
}

bool xs_resume_domain(struct xs_handle *h, unsigned int domid)
{
    return succeeded(talk_domain(h, XS_RESUME, domid));
}

bool xs_release_domain(struct xs_handle *h, unsigned int domid)
{
    return succeeded(talk_domain(h, XS_RELEASE, domid));
}

char *xs_get_domain_path(struct xs_handle *h, unsigned int domid)
{
    return talk_domain(h, XS_GET_DOMAIN_PATH, domid);
}

bool xs_is_domain_introduced(struct xs_handle *h, unsigned int domid)
{
    char *reply = talk_domain(h, XS_IS_DOMAIN_INTRODUCED, domid);
    bool introduced = reply && strcmp(reply, "F");

    free(reply);
    return introduced;
}

char *xs_control_command(struct xs_handle *h, const char *cmd, void *data, unsigned int len)
{
    struct xs__request rq;

    xs__request_init(&rq, XS_CONTROL, XBT_NULL);
    xs__request_add_string(&rq, cmd);
    xs__request_add(&rq, data, len);
    return xs__talk(h, &rq, NULL);
}

char *xs_debug_command(struct xs_handle *h, const char *cmd, void *data, unsigned int len)
{
    return xs_control_command(h, cmd, data, len);
}

int xs_suspend_evtchn_port(int domid)
{
    struct xs_handle *h = xs_open(0);
    unsigned int len = 0;
    char path[64], *value;
    int port = -1;

    if (!h)
        return -1;
    snprintf(path, sizeof(path), "/local/domain/%d/device/suspend/event-channel", domid);
    value = xs_read(h, XBT_NULL, path, &len);
    if (value && len)
        port = atoi(value);
    free(value);
    xs_close(h);
    return port;
}
