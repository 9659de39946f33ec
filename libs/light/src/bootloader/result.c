/* SPDX-License-Identifier: MIT */
/* result.c - what a boot loader says that it has chosen. */
#include "bootloader.h"
#include <ctype.h>

/* The value of "key value", or NULL when this is another key. */
static const char *value_of(const char *item, const char *key)
{
    size_t len = strlen(key);

    if (strncmp(item, key, len) || !isspace((unsigned char)item[len]))
        return NULL;
    item += len;
    while (isspace((unsigned char)*item))
        item++;
    return item;
}

static int take(const char *item, const char *key, char **string)
{
    const char *value = value_of(item, key);
    char *copy;

    if (!value)
        return 0;
    copy = strdup(value);
    if (!copy)
        return -ENOMEM;
    free(*string);
    *string = copy;
    return 0;
}

int xlight__boot_parse(const char *text, size_t len, struct xlight__boot_choice *choice)
{
    int rc = 0;

    if (len > XLIGHT__BOOT_MAX)
        return -E2BIG;
    for (size_t at = 0; !rc && at < len;) {
        /* The last one may lack its zero. */
        char *item = strndup(text + at, len - at);

        if (!item)
            return -ENOMEM;
        at += strlen(item) + 1;
        rc = take(item, "kernel", &choice->kernel);
        if (!rc)
            rc = take(item, "ramdisk", &choice->ramdisk);
        if (!rc)
            rc = take(item, "args", &choice->args);
        free(item);
    }
    if (!rc && (!choice->kernel || !*choice->kernel))
        rc = -EBADMSG;
    return rc;
}
