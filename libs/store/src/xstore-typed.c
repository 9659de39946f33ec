/* SPDX-License-Identifier: MIT */
/* xstore-typed.c - values that are numbers, truth, UUIDs or text. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "xstore.h"

static int not_a(xstore_handle *xs, int rc, const char *value, const char *what, const char *path)
{
    xs__fail(xs, rc, "\"%.60s\" is not %s", value, what);
    return xs__context(xs, rc, "cannot use %s", path);
}

int xstore_read_string(xstore_handle *xs, xs_transaction_t t, const char *path, char **ret_string)
{
    size_t len;
    char *value;
    int rc = xstore_read(xs, t, path, &value, &len);

    if (rc)
        return rc;
    if (strlen(value) != len) {
        rc = not_a(xs, -EBADMSG, value, "text: it has a zero inside", path);
        free(value);
        return rc;
    }
    *ret_string = value;
    return 0;
}

/*
 * An unsigned number without anything around it. Returns 0, -EBADMSG or -ERANGE. No strtoull(): it
 * takes blanks and signs.
 */
static int parse_u64(const char *text, uint64_t *ret_value)
{
    bool hex = text[0] == '0' && (text[1] | 0x20) == 'x';
    unsigned int base = hex ? 16 : 10;
    uint64_t value = 0;
    int rc = 0;

    text += hex ? 2 : 0;
    if (!*text)
        return -EBADMSG;
    for (; *text; text++) {
        static const char digits[] = "0123456789abcdef";
        char c = *text >= 'A' && *text <= 'F' ? *text | 0x20 : *text;
        const char *digit = memchr(digits, c, base);

        if (!digit)
            return -EBADMSG;
        if (value > (UINT64_MAX - (digit - digits)) / base)
            rc = -ERANGE;
        value = value * base + (digit - digits);
    }
    if (!rc)
        *ret_value = value;
    return rc;
}

int xstore_read_u64(xstore_handle *xs, xs_transaction_t t, const char *path, uint64_t *ret_value)
{
    char *text;
    int rc = xstore_read_string(xs, t, path, &text);

    if (rc)
        return rc;
    rc = parse_u64(text, ret_value);
    if (rc)
        not_a(xs, rc, text, "a number of up to 64 bits", path);
    free(text);
    return rc;
}

int xstore_read_int(xstore_handle *xs, xs_transaction_t t, const char *path, int *ret_value)
{
    uint64_t limit = INT_MAX, value;
    bool negative;
    char *text;
    int rc = xstore_read_string(xs, t, path, &text);

    if (rc)
        return rc;
    negative = *text == '-';
    limit += negative;
    rc = parse_u64(text + negative, &value);
    if (!rc && value > limit)
        rc = -ERANGE;
    if (rc)
        not_a(xs, rc, text, "a number of up to 32 bits", path);
    else
        *ret_value = negative ? (int)-(int64_t)value : (int)value;
    free(text);
    return rc;
}

int xstore_read_bool(xstore_handle *xs, xs_transaction_t t, const char *path, bool *ret_value)
{
    char *text;
    int rc = xstore_read_string(xs, t, path, &text);

    if (rc)
        return rc;
    if (strcmp(text, "0") && strcmp(text, "1"))
        rc = not_a(xs, -EBADMSG, text, "0 or 1", path);
    else
        *ret_value = *text == '1';
    free(text);
    return rc;
}

/* Where the 16 bytes are in the text. */
static const uint8_t uuid_places[16] = {0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};
#define UUID_LEN 36

static bool parse_uuid(const char *text, uint8_t uuid[16])
{
    static const char pattern[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

    if (strlen(text) != UUID_LEN)
        return false;
    for (int i = 0; i < UUID_LEN; i++)
        if (pattern[i] == '-' ? text[i] != '-' : !strchr("0123456789abcdefABCDEF", text[i]))
            return false;
    for (int i = 0; i < 16; i++) {
        char pair[] = {text[uuid_places[i]], text[uuid_places[i] + 1], '\0'};

        uuid[i] = strtoul(pair, NULL, 16);
    }
    return true;
}

int xstore_read_uuid(xstore_handle *xs, xs_transaction_t t, const char *path, uint8_t ret_uuid[16])
{
    char *text;
    int rc = xstore_read_string(xs, t, path, &text);

    if (rc)
        return rc;
    if (!parse_uuid(text, ret_uuid))
        rc = not_a(xs, -EBADMSG, text, "a UUID", path);
    free(text);
    return rc;
}

int xstore_write_string(xstore_handle *xs, xs_transaction_t t, const char *path, const char *string)
{
    return xstore_write(xs, t, path, string, strlen(string));
}

int xstore_write_format(xstore_handle *xs, xs_transaction_t t, const char *path, const char *format,
                        ...)
{
    char text[XENSTORE_PAYLOAD_MAX];
    va_list ap;
    int len;

    va_start(ap, format);
    len = vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    if (len < 0 || (size_t)len >= sizeof(text)) {
        xs__fail(xs, -E2BIG, "more than fits into a message");
        return xs__context(xs, -E2BIG, "cannot write %s", path ? path : "(no path)");
    }
    return xstore_write(xs, t, path, text, len);
}

int xstore_write_int(xstore_handle *xs, xs_transaction_t t, const char *path, int value)
{
    return xstore_write_format(xs, t, path, "%d", value);
}

int xstore_write_u64(xstore_handle *xs, xs_transaction_t t, const char *path, uint64_t value)
{
    return xstore_write_format(xs, t, path, "%" PRIu64, value);
}

int xstore_write_bool(xstore_handle *xs, xs_transaction_t t, const char *path, bool value)
{
    return xstore_write_string(xs, t, path, value ? "1" : "0");
}

int xstore_write_uuid(xstore_handle *xs, xs_transaction_t t, const char *path,
                      const uint8_t uuid[16])
{
    char text[] = "00000000-0000-0000-0000-000000000000";
    static const char digits[] = "0123456789abcdef";

    for (int i = 0; i < 16; i++) {
        text[uuid_places[i]] = digits[uuid[i] >> 4];
        text[uuid_places[i] + 1] = digits[uuid[i] & 15];
    }
    return xstore_write_string(xs, t, path, text);
}
