/* SPDX-License-Identifier: MIT */
/* value.c - reads values of single fields. */
#include "read.h"
#include <inttypes.h>
#include <stdio.h>

struct xlight__place xlight__place_of(const struct reader *r, const struct cfg_setting *s,
                                      const struct cfg_value *v)
{
    return (struct xlight__place){r->t->file, v ? v->line : s->line, v ? v->column : s->column,
                                  s->key, NULL};
}

int xlight__read_number(xlight_messages *m, const struct xlight__place *at, const char *text,
                        int base, int64_t min, int64_t max, int64_t *ret_value)
{
    char *end, limit[32];
    long long value;

    errno = 0;
    value = strtoll(text, &end, base);
    if (end == text || *end)
        return xlight__error(m, at, "\"%s\" is not a number%s", text,
                             base == 16 ? " in hexadecimal" : "");
    if (value >= min && value <= max && errno != ERANGE) {
        *ret_value = value;
        return 0;
    }
    snprintf(limit, sizeof(limit), base == 16 ? "%" PRIx64 : "%" PRId64, value < min ? min : max);
    return xlight__error(m, at, "must be at %s %s, not %s", value < min ? "least" : "most", limit,
                         text);
}

static const char *get_name(const void *arg, unsigned int i)
{
    return xlight__key_of((const struct xlight_name *)arg + i);
}

int xlight__read_name(xlight_messages *m, const struct xlight__place *at, const char *text,
                      const struct xlight_name *names, int *ret_value)
{
    char all[512];
    size_t len = 0;
    unsigned int n;
    const char *near;

    for (n = 0; names[n].json; n++) {
        if (!strcmp(text, xlight__key_of(&names[n]))) {
            *ret_value = names[n].value;
            return 0;
        }
        len += (size_t)snprintf(all + len, sizeof(all) - len, "%s%s", n ? ", " : "",
                                xlight__key_of(&names[n]));
    }
    near = xlight__nearest(text, get_name, names, n);
    return xlight__error(m, at, "\"%s\" is none of %s%s%s%s", text, all,
                         near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static int hex_digit(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int xlight__read_uuid(xlight_messages *m, const struct xlight__place *at, const char *text,
                      uint8_t ret_uuid[16])
{
    uint8_t uuid[16];
    const char *p = text;

    for (unsigned int i = 0; i < 16; i++) {
        if ((i == 4 || i == 6 || i == 8 || i == 10) && *p++ != '-')
            goto bad;
        if (hex_digit(p[0]) < 0 || hex_digit(p[1]) < 0)
            goto bad;
        uuid[i] = (uint8_t)(hex_digit(p[0]) << 4 | hex_digit(p[1]));
        p += 2;
    }
    if (*p)
        goto bad;
    memcpy(ret_uuid, uuid, 16);
    return 0;
bad:
    return xlight__error(m, at, "\"%s\" is not a UUID, 8-4-4-4-12 hexadecimal digits", text);
}

int xlight__read_mac(xlight_messages *m, const struct xlight__place *at, const char *text,
                     uint8_t ret_mac[6])
{
    uint8_t mac[6];
    const char *p = text;

    for (unsigned int i = 0; i < 6; i++) {
        int value = hex_digit(*p);

        if ((i && p[-1] != ':') || value < 0)
            goto bad;
        if (hex_digit(*++p) >= 0)
            value = value << 4 | hex_digit(*p++);
        mac[i] = (uint8_t)value;
        if (*p)
            p++;
        else if (i < 5)
            goto bad;
    }
    if (*p || p[-1] == ':')
        goto bad;
    memcpy(ret_mac, mac, 6);
    if (mac[0] & 1)
        return xlight__warning(m, at, "%s is an address of a group, not of one card", text);
    return 0;
bad:
    return xlight__error(m, at, "\"%s\" is not a MAC address, xx:xx:xx:xx:xx:xx", text);
}

int xlight__set_string(char **string, const char *text)
{
    char *copy = strdup(text);

    if (!copy)
        return -ENOMEM;
    free(*string);
    *string = copy;
    return 0;
}

static int read_tristate(xlight_messages *m, const struct xlight__place *at, const char *text,
                         bool *ret_yes)
{
    char *end;
    long value = strtol(text, &end, 0);

    if (end == text || *end)
        return xlight__error(m, at, "\"%s\" is neither 0 nor 1", text);
    *ret_yes = value;
    return 0;
}

static int read_integer(xlight_messages *m, const struct xlight__place *at,
                        const struct xlight_field *f, void *to, const char *text)
{
    bool limited = f->min || f->max;
    int64_t most = f->kind == XLIGHT_U64   ? INT64_MAX
                   : f->kind == XLIGHT_U32 ? UINT32_MAX
                                           : INT32_MAX;
    int64_t least = f->kind == XLIGHT_INT ? INT32_MIN : 0, value;
    uint64_t u64;
    uint32_t u32;
    int rc = xlight__read_number(m, at, text, 0, limited ? f->min : least, limited ? f->max : most,
                                 &value);

    if (rc)
        return rc;
    u64 = (uint64_t)value * (f->scale ? f->scale : 1);
    u32 = (uint32_t)u64;
    if (f->kind == XLIGHT_U64)
        memcpy(to, &u64, sizeof(u64));
    else
        memcpy(to, &u32, sizeof(u32));
    return 0;
}

int xlight__read_field(xlight_messages *m, const struct xlight__place *at,
                       const struct xlight_field *f, void *obj, const char *text)
{
    void *to = xlight__at(obj, f->offset);
    bool yes = false;
    int rc;

    switch (f->kind) {
    case XLIGHT_BOOL:
        rc = read_tristate(m, at, text, &yes);
        if (!rc)
            *(bool *)to = yes;
        return rc;
    case XLIGHT_TRISTATE:
        rc = read_tristate(m, at, text, &yes);
        if (!rc)
            *(int8_t *)to = yes ? XLIGHT_YES : XLIGHT_NO;
        return rc;
    case XLIGHT_INT:
    case XLIGHT_U32:
    case XLIGHT_U64:
        return read_integer(m, at, f, to, text);
    case XLIGHT_ENUM:
        return xlight__read_name(m, at, text, f->names, to);
    case XLIGHT_STRING:
        return xlight__set_string(to, text);
    case XLIGHT_UUID:
        return xlight__read_uuid(m, at, text, to);
    case XLIGHT_MAC:
        return xlight__read_mac(m, at, text, to);
    default:
        return -EINVAL;
    }
}

const char *xlight__need_text(struct reader *r, const struct cfg_setting *s,
                              const struct cfg_value *v)
{
    struct xlight__place at = xlight__place_of(r, s, v);

    if (!v->atom)
        xlight__error(r->m, &at, "must be one value, not a list");
    return v->atom;
}

int xlight__need_list(struct reader *r, const struct cfg_setting *s)
{
    struct xlight__place at = xlight__place_of(r, s, &s->value);

    return s->value.atom ? xlight__error(r->m, &at, "must be a list, in [ ]") : 0;
}

static int read_item(struct reader *r, const struct cfg_setting *s, const struct cfg_value *v,
                     const struct xlight_field *f, void *obj)
{
    const char *text = xlight__need_text(r, s, v);
    struct xlight__place at = xlight__place_of(r, s, v);
    int64_t value = 0;
    uint32_t u32;
    char **item;
    int rc = text ? 0 : -EINVAL;

    if (!rc && f->item == XLIGHT_U32)
        rc = xlight__read_number(r->m, &at, text, 10, 0, UINT32_MAX, &value);
    if (rc)
        return rc;
    item = xlight__append(obj, f);
    if (!item)
        return -ENOMEM;
    if (f->item == XLIGHT_STRING)
        return xlight__set_string(item, text);
    u32 = (uint32_t)value;
    memcpy(item, &u32, sizeof(u32));
    return 0;
}

int xlight__read_list(struct reader *r, const struct cfg_setting *s, const struct xlight_field *f,
                      void *obj)
{
    int rc = xlight__need_list(r, s);

    for (unsigned int i = 0; rc != -ENOMEM && i < s->value.nr; i++) {
        int this = read_item(r, s, &s->value.items[i], f, obj);

        rc = this ? this : rc;
    }
    return rc;
}
