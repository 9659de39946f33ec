/* SPDX-License-Identifier: MIT */
/* wire.c - the parts of messages. Everything here reads what a guest sent, and trusts nothing. */
#include "wire.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct xsd_errors errors[] = {
    {EINVAL, "EINVAL"},       {EACCES, "EACCES"},   {EEXIST, "EEXIST"}, {EISDIR, "EISDIR"},
    {ENOENT, "ENOENT"},       {ENOMEM, "ENOMEM"},   {ENOSPC, "ENOSPC"}, {EIO, "EIO"},
    {ENOTEMPTY, "ENOTEMPTY"}, {ENOSYS, "ENOSYS"},   {EROFS, "EROFS"},   {EBUSY, "EBUSY"},
    {EAGAIN, "EAGAIN"},       {EISCONN, "EISCONN"}, {E2BIG, "E2BIG"},   {EPERM, "EPERM"},
};

const char *wire_error_name(int err)
{
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        if (errors[i].errnum == err)
            return errors[i].errstring;
    return "EINVAL";
}

const char *wire_type_name(uint32_t type)
{
    static const char *const names[XS_TYPE_COUNT] = {
        [XS_CONTROL] = "CONTROL",
        [XS_DIRECTORY] = "DIRECTORY",
        [XS_READ] = "READ",
        [XS_GET_PERMS] = "GET_PERMS",
        [XS_WATCH] = "WATCH",
        [XS_UNWATCH] = "UNWATCH",
        [XS_TRANSACTION_START] = "TRANSACTION_START",
        [XS_TRANSACTION_END] = "TRANSACTION_END",
        [XS_INTRODUCE] = "INTRODUCE",
        [XS_RELEASE] = "RELEASE",
        [XS_GET_DOMAIN_PATH] = "GET_DOMAIN_PATH",
        [XS_WRITE] = "WRITE",
        [XS_MKDIR] = "MKDIR",
        [XS_RM] = "RM",
        [XS_SET_PERMS] = "SET_PERMS",
        [XS_WATCH_EVENT] = "WATCH_EVENT",
        [XS_ERROR] = "ERROR",
        [XS_IS_DOMAIN_INTRODUCED] = "IS_DOMAIN_INTRODUCED",
        [XS_RESUME] = "RESUME",
        [XS_SET_TARGET] = "SET_TARGET",
        [XS_RESET_WATCHES] = "RESET_WATCHES",
        [XS_DIRECTORY_PART] = "DIRECTORY_PART",
    };

    return type < XS_TYPE_COUNT && names[type] ? names[type] : "UNKNOWN";
}

int wire_strings(const char *data, size_t len, const char **ret_vec, unsigned int max)
{
    const char *end = data + len;
    unsigned int nr = 0;

    if (!len || end[-1] != '\0')
        return -EINVAL;
    for (; data < end; data += strlen(data) + 1) {
        if (nr < max)
            ret_vec[nr] = data;
        nr++;
    }
    return nr;
}

int wire_number(const char *text, uint32_t max, uint32_t *ret_value)
{
    uint64_t value = 0;

    if (!*text)
        return -EINVAL;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return -EINVAL;
        value = value * 10 + (*text - '0');
        if (value > max)
            return -EINVAL;
    }
    *ret_value = value;
    return 0;
}

/* One byte of a table for each byte of a path: quicker than five comparisons. */
static const bool path_char[256] = {
    ['0' ... '9'] = true, ['A' ... 'Z'] = true, ['a' ... 'z'] = true,
    ['-'] = true,         ['_'] = true,         ['@'] = true,
};

bool wire_path_valid(const char *s, size_t len)
{
    bool slash = false;

    if (!len || len > XENSTORE_ABS_PATH_MAX || s[0] != '/')
        return false;
    for (size_t i = 0; i < len; i++) {
        if (s[i] == '/') {
            if (slash)
                return false;
            slash = true;
        } else if (path_char[(unsigned char)s[i]]) {
            slash = false;
        } else {
            return false;
        }
    }
    return len == 1 || !slash;
}

static bool special_valid(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!path_char[(unsigned char)s[i]])
            return false;
    return len <= XENSTORE_REL_PATH_MAX;
}

/* The bytes of "/local/domain/N/" in front of a path, 0 for a path elsewhere. */
static size_t domain_prefix(const char *s, size_t len)
{
    static const char base[] = "/local/domain/";
    size_t i = sizeof(base) - 1;

    if (len <= i || memcmp(s, base, i))
        return 0;
    while (i < len && s[i] >= '0' && s[i] <= '9')
        i++;
    return i < len && s[i] == '/' && i >= sizeof(base) ? i + 1 : 0;
}

int wire_path(const char *text, size_t len, uint16_t domid, bool special, unsigned int rel_max,
              struct path *ret_path)
{
    static char buf[XENSTORE_ABS_PATH_MAX + 1];
    size_t prefix = 0;

    if (!len || len > XENSTORE_ABS_PATH_MAX)
        return -EINVAL;
    if (text[0] == '@') {
        if (!special || !special_valid(text, len))
            return -EINVAL;
        *ret_path = (struct path){text, len, 0};
        return 0;
    }
    if (text[0] != '/') {
        prefix = sprintf(buf, "/local/domain/%u/", domid);
        if (prefix + len > XENSTORE_ABS_PATH_MAX)
            return -EINVAL;
        memcpy(buf + prefix, text, len);
        text = buf;
        len += prefix;
    }
    if (!wire_path_valid(text, len) || len - domain_prefix(text, len) > XENSTORE_ABS_PATH_MAX ||
        (domain_prefix(text, len) && len - domain_prefix(text, len) > rel_max))
        return -EINVAL;
    *ret_path = (struct path){text, len, prefix};
    return 0;
}
