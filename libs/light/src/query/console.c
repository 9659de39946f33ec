/* SPDX-License-Identifier: MIT */
/* console.c - the hypervisor's messages, its debug keys, and options that can change. */
#include <ctype.h>
#include <stdio.h>
#include "query.h"

/* Reads on until nothing new is there; clearing takes what was read with the last piece. */
int xlight_host_console(xlight_handle *h, bool clear, char **ret_text, size_t *ret_len)
{
    char *text = NULL, *more;
    size_t len = 0, room = 0;
    uint32_t index = 0, size;
    int rc;

    do {
        if (room - len < 16384) {
            room += 32768;
            more = realloc(text, room + 1);
            if (!more) {
                free(text);
                return xlight__no_memory(h, XLIGHT_NO_DOMAIN);
            }
            text = more;
        }
        size = 16384;
        rc = xctl_host_read_console(h->ctrl, text + len, &size, &index, clear);
        if (rc) {
            free(text);
            return xlight__fail_ctrl(h, rc, XLIGHT_NO_DOMAIN,
                                     "cannot read the hypervisor's messages");
        }
        len += size;
    } while (size);
    text[len] = 0;
    *ret_text = text;
    *ret_len = len;
    return 0;
}

int xlight_host_debug_keys(xlight_handle *h, const char *keys)
{
    int rc = xctl_host_debug_keys(h->ctrl, keys);

    return rc ? xlight__fail_ctrl(h, rc, XLIGHT_NO_DOMAIN, "cannot press keys \"%s\"", keys) : 0;
}

static bool read_bool(const char *text, uint64_t *ret)
{
    static const char *const words[][5] = {{"0", "no", "off", "false", "disable"},
                                           {"1", "yes", "on", "true", "enable"}};

    for (unsigned int value = 0; value < 2; value++)
        for (unsigned int i = 0; i < 5; i++)
            if (!strcmp(text, words[value][i])) {
                *ret = value;
                return true;
            }
    return false;
}

/* The value as the entry wants it. *ret_data points to the text or to *number. */
static int convert(const struct xen_hypfs_direntry *head, const char *text, uint64_t *number,
                   const void **ret_data, size_t *ret_size)
{
    unsigned int bits = head->content_len * 8;
    bool sign = head->type == XEN_HYPFS_TYPE_INT, fits;
    char *end;

    *ret_data = number;
    *ret_size = head->content_len;
    if (!head->max_write_len)
        return -EACCES;
    if (head->type == XEN_HYPFS_TYPE_STRING) {
        *ret_data = text;
        *ret_size = strlen(text) + 1;
        return 0;
    }
    if (!bits || bits > 64)
        return -EOPNOTSUPP;
    if (head->type == XEN_HYPFS_TYPE_BOOL)
        return read_bool(text, number) ? 0 : -EINVAL;
    if (head->type != XEN_HYPFS_TYPE_UINT && !sign)
        return -EOPNOTSUPP;
    if (!isdigit((unsigned char)*text) && !(sign && *text == '-'))
        return -EINVAL;
    errno = 0;
    *number = sign ? (uint64_t)strtoll(text, &end, 0) : strtoull(text, &end, 0);
    if (*end || end == text)
        return -EINVAL;
    fits = bits == 64 ||
           (sign ? (int64_t)*number >> (bits - 1) == (int64_t)*number >> 63 : !(*number >> bits));
    return errno || !fits ? -ERANGE : 0;
}

/* One option, "name=value", "name" or "no-name" as "noname", as on the command line. */
static int set_option(xlight_handle *h, char *option)
{
    struct xen_hypfs_direntry head;
    char *value = strchr(option, '='), path[256];
    bool no = !value && !strncmp(option, "no", 2);
    uint64_t number = 0;
    const void *data;
    size_t size = 0;
    int rc;

    if (value)
        *value++ = 0;
    else
        value = no ? "no" : "yes";
    if ((size_t)snprintf(path, sizeof(path), "/params/%s", option + (no ? 2 : 0)) >= sizeof(path))
        return xlight__fail(h, -ENAMETOOLONG, XLIGHT_NO_DOMAIN, "\"%s\" is too long", option);
    rc = xctl_hypfs_read(h->ctrl, path, &head, NULL, &size);
    if (rc)
        return xlight__fail_ctrl(h, rc, XLIGHT_NO_DOMAIN, "cannot change \"%s\"", option);
    rc = convert(&head, value, &number, &data, &size);
    if (rc)
        return xlight__fail(h, rc, XLIGHT_NO_DOMAIN, "cannot change \"%s\" to \"%s\"%s", option,
                            value,
                            rc == -EACCES   ? ": it is fixed once the hypervisor runs"
                            : rc == -ERANGE ? ": it is out of range"
                            : rc == -EINVAL ? ": not a value for this"
                                            : "");
    rc = xctl_hypfs_write(h->ctrl, path, data, size);
    return rc ? xlight__fail_ctrl(h, rc, XLIGHT_NO_DOMAIN, "cannot change \"%s\" to \"%s\"", option,
                                  value)
              : 0;
}

int xlight_host_set_options(xlight_handle *h, const char *options)
{
    char *copy = strdup(options), *next = copy, *option;
    int rc = copy ? 0 : xlight__no_memory(h, XLIGHT_NO_DOMAIN);

    while (!rc && (option = strsep(&next, " \t")))
        if (*option)
            rc = set_option(h, option);
    free(copy);
    return rc;
}
