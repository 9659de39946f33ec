/* SPDX-License-Identifier: MIT */
/* json-read.c - a configuration from JSON, in the shape that Xen's toolstack has. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <yajl/yajl_tree.h>
#include "fields.h"
#include "message.h"

#define MAX_DEPTH 32
#define PATH_SIZE 256

struct json_reader {
    const char *file;
    xlight_messages *m;
    char path[PATH_SIZE]; /* of the value that is being read */
};

/* Of a text or a number; else "". */
static const char *string_of(yajl_val v)
{
    return v->type == yajl_t_string ? v->u.string : "";
}

static const char *number_of(yajl_val v)
{
    return v->type == yajl_t_number ? v->u.number.r : "";
}

/* The value as a message shows it. */
static const char *describe(yajl_val v, char buf[80])
{
    static const char *const types[] = {[yajl_t_object] = "an object",
                                        [yajl_t_array] = "an array",
                                        [yajl_t_true] = "true",
                                        [yajl_t_false] = "false",
                                        [yajl_t_null] = "null"};

    if (v->type == yajl_t_string)
        snprintf(buf, 80, "\"%.64s\"", v->u.string);
    else
        snprintf(buf, 80, "%.64s", v->type == yajl_t_number ? v->u.number.r : types[v->type]);
    return buf;
}

static int wrong(struct json_reader *r, const char *what, yajl_val v)
{
    struct xlight__place at = {r->file, 0, 0, r->path, NULL};
    char buf[80];

    return xlight__error(r->m, &at, "must be %s, not %s", what, describe(v, buf));
}

static int read_number(struct json_reader *r, yajl_val v, int64_t min, uint64_t max,
                       uint64_t *ret_value)
{
    char *end;
    const char *text = number_of(v);
    char range[64];
    uint64_t value;

    errno = 0;
    value = *text == '-' ? (uint64_t)strtoll(text, &end, 10) : strtoull(text, &end, 10);
    if (!*text || *end)
        return wrong(r, "a whole number", v);
    if (errno || (*text == '-' ? (int64_t)value < min : value > max)) {
        snprintf(range, sizeof(range), "from %" PRId64 " to %" PRIu64, min, max);
        return wrong(r, range, v);
    }
    *ret_value = value;
    return 0;
}

static int read_tristate(struct json_reader *r, yajl_val v, int8_t *ret_value)
{
    const char *text = string_of(v);

    if (!strcmp(text, "True"))
        *ret_value = XLIGHT_YES;
    else if (!strcmp(text, "False"))
        *ret_value = XLIGHT_NO;
    else if (!strcmp(text, "<default>"))
        *ret_value = XLIGHT_DEFAULT;
    else
        return wrong(r, "\"True\", \"False\" or \"<default>\"", v);
    return 0;
}

static int read_enum(struct json_reader *r, yajl_val v, const struct xlight_name *names,
                     int *ret_value)
{
    char all[256] = "one of";
    size_t len = strlen(all);

    for (const struct xlight_name *n = names; n->json; n++) {
        if (YAJL_IS_STRING(v) && !strcmp(string_of(v), n->json)) {
            *ret_value = n->value;
            return 0;
        }
        len += (size_t)snprintf(all + len, sizeof(all) - len, "%s%s", n == names ? " " : ", ",
                                n->json);
    }
    /* What has not been given has a name that is not in files, or none. */
    if (v->type == yajl_t_null || (YAJL_IS_STRING(v) && !strcmp(string_of(v), "unknown")))
        return 0;
    return wrong(r, all, v);
}

static int read_string(struct json_reader *r, yajl_val v, char **string)
{
    char *copy;

    if (v->type == yajl_t_null)
        return 0;
    if (!YAJL_IS_STRING(v))
        return wrong(r, "a text", v);
    copy = strdup(string_of(v));
    if (!copy)
        return -ENOMEM;
    free(*string);
    *string = copy;
    return 0;
}

/* n bytes in hexadecimal, with or without - and : between them. */
static int read_bytes(struct json_reader *r, yajl_val v, const char *what, unsigned int n,
                      uint8_t *bytes)
{
    char text[40];
    uint8_t value[16];
    unsigned int used = 0, byte;

    snprintf(text, sizeof(text), "%s", string_of(v));
    for (unsigned int i = 0; i < n; i++) {
        int now = 0;

        if (i && (text[used] == '-' || text[used] == ':'))
            used++;
        if (sscanf(text + used, "%2x%n", &byte, &now) != 1 || now != 2)
            return wrong(r, what, v);
        value[i] = (uint8_t)byte;
        used += 2;
    }
    if (text[used])
        return wrong(r, what, v);
    memcpy(bytes, value, n);
    return 0;
}

static int read_bits(struct json_reader *r, yajl_val v, struct xlight_bits *b)
{
    uint64_t bit;
    int rc = 0;

    if (YAJL_IS_STRING(v))
        return read_string(r, v, &b->text);
    if (!YAJL_IS_ARRAY(v))
        return wrong(r, "an array of numbers", v);
    for (size_t i = 0; !rc && i < YAJL_GET_ARRAY(v)->len; i++) {
        rc = read_number(r, YAJL_GET_ARRAY(v)->values[i], 0, 65535, &bit);
        if (!rc)
            rc = xlight__set_bit(b, (uint32_t)bit, true);
    }
    return rc;
}

static int read_struct(struct json_reader *r, const struct xlight_type *type, void *obj, yajl_val v,
                       const char *prefix);

static int read_integer(struct json_reader *r, enum xlight_kind kind, yajl_val v, void *at)
{
    uint64_t value = 0;
    int rc = kind == XLIGHT_U64   ? read_number(r, v, 0, UINT64_MAX, &value)
             : kind == XLIGHT_U32 ? read_number(r, v, 0, UINT32_MAX, &value)
                                  : read_number(r, v, INT32_MIN, INT32_MAX, &value);
    uint32_t u32 = (uint32_t)value;

    if (!rc && kind == XLIGHT_U64)
        memcpy(at, &value, sizeof(value));
    else if (!rc)
        memcpy(at, &u32, sizeof(u32));
    return rc;
}

static int read_one(struct json_reader *r, const struct xlight_field *f, enum xlight_kind kind,
                    yajl_val v, void *at)
{
    switch (kind) {
    case XLIGHT_BOOL:
        if (v->type != yajl_t_true && v->type != yajl_t_false)
            return wrong(r, "true or false", v);
        *(bool *)at = v->type == yajl_t_true;
        return 0;
    case XLIGHT_TRISTATE:
        return read_tristate(r, v, at);
    case XLIGHT_INT:
    case XLIGHT_U32:
    case XLIGHT_U64:
        return read_integer(r, kind, v, at);
    case XLIGHT_ENUM:
        return read_enum(r, v, f->names, at);
    case XLIGHT_STRING:
        return read_string(r, v, at);
    case XLIGHT_UUID:
        return read_bytes(r, v, "a UUID", 16, at);
    case XLIGHT_MAC:
        return read_bytes(r, v, "a MAC address", 6, at);
    case XLIGHT_BITS:
        return read_bits(r, v, at);
    case XLIGHT_STRUCT:
        return read_struct(r, f->type, at, v, "");
    default:
        return 0;
    }
}

/* Puts a name behind the path; returns where it ended before. */
static size_t enter(struct json_reader *r, const char *name)
{
    size_t len = strlen(r->path);

    snprintf(r->path + len, PATH_SIZE - len, "%s%.60s", len ? "/" : "", name);
    return len;
}

static int read_list(struct json_reader *r, const struct xlight_field *f, void *obj, yajl_val v)
{
    int rc = 0;

    if (!YAJL_IS_ARRAY(v))
        return wrong(r, "an array", v);
    for (size_t i = 0; rc != -ENOMEM && i < YAJL_GET_ARRAY(v)->len; i++) {
        void *item = xlight__append(obj, f);
        size_t len = strlen(r->path);
        int this;

        if (!item)
            return -ENOMEM;
        snprintf(r->path + len, PATH_SIZE - len, "[%zu]", i);
        this = read_one(r, f, f->item, YAJL_GET_ARRAY(v)->values[i], item);
        rc = this ? this : rc;
        r->path[len] = 0;
    }
    return rc;
}

/* Whether there are fields below a name: an object in our terms. */
static bool is_group(const struct xlight_type *type, const char *name)
{
    size_t len = strlen(name);

    for (unsigned int i = 0; i < type->nr_fields; i++)
        if (type->fields[i].json && !strncmp(type->fields[i].json, name, len) &&
            type->fields[i].json[len] == '/')
            return true;
    return false;
}

static int read_connection(struct json_reader *r, struct xlight_channel *c, const char *kind,
                           yajl_val v)
{
    static const char *const path[] = {"path", NULL};
    yajl_val value;

    if (!YAJL_IS_OBJECT(v))
        return wrong(r, "an object", v);
    c->connection = !strcmp(kind, "socket") ? XLIGHT_CHANNEL_SOCKET : XLIGHT_CHANNEL_PTY;
    value = yajl_tree_get(v, (const char **)(uintptr_t)path, yajl_t_any);
    return value ? read_string(r, value, &c->path) : 0;
}

static int read_member(struct json_reader *r, const struct xlight_type *type, void *obj,
                       const char *name, yajl_val v)
{
    const struct xlight_field *f = xlight__by_json(type, name);
    struct xlight__place at = {r->file, 0, 0, r->path, NULL};

    /* Before Xen 4.17.1 policies for CPUID were not in an object of their own. */
    if (!f && !strcmp(name, "b_info/cpuid") && YAJL_IS_ARRAY(v))
        f = xlight__by_json(type, "b_info/cpuid/cpuid");
    if (f && f->kind == XLIGHT_LIST)
        return read_list(r, f, obj, v);
    if (f && f->kind != XLIGHT_NOTHING)
        return read_one(r, f, f->kind, v, xlight__at(obj, f->offset));
    if (is_group(type, name))
        return read_struct(r, type, obj, v, name);
    if (type == &xlight__channel_type &&
        (!strcmp(name, "connection.pty") || !strcmp(name, "connection.socket")))
        return read_connection(r, obj, strchr(name, '.') + 1, v);
    return xlight__warning(r->m, &at, "is unknown, and ignored");
}

/* An object that is a structure, or with a prefix a part of one. */
static int read_struct(struct json_reader *r, const struct xlight_type *type, void *obj, yajl_val v,
                       const char *prefix)
{
    char name[128];
    int rc = 0;

    if (!YAJL_IS_OBJECT(v))
        return wrong(r, "an object", v);
    for (size_t i = 0; rc != -ENOMEM && i < YAJL_GET_OBJECT(v)->len; i++) {
        const char *key = YAJL_GET_OBJECT(v)->keys[i];
        size_t len = enter(r, key);
        int this = 0;

        snprintf(name, sizeof(name), "%s%s%s", prefix, *prefix ? "/" : "", key);
        this = read_member(r, type, obj, name, YAJL_GET_OBJECT(v)->values[i]);
        rc = this ? this : rc;
        r->path[len] = 0;
    }
    return rc;
}

/* libyajl frees trees by recursion. */
static bool too_deep(const char *text)
{
    unsigned int depth = 0;
    bool string = false;

    for (; *text; text++) {
        if (*text == '\\' && string && text[1])
            text++;
        else if (*text == '"')
            string = !string;
        else if (!string && (*text == '[' || *text == '{') && ++depth > MAX_DEPTH)
            return true;
        else if (!string && (*text == ']' || *text == '}') && depth)
            depth--;
    }
    return false;
}

static int read_text(const struct xlight_type *type, const char *file, const char *text,
                     xlight_messages *m, void *obj)
{
    struct json_reader r = {.file = file, .m = m};
    struct xlight__place at = {file, 0, 0, NULL, NULL};
    char why[256] = "";
    yajl_val v;
    int rc;

    if (too_deep(text))
        return xlight__error(m, &at, "objects are nested deeper than %d", MAX_DEPTH);
    v = yajl_tree_parse(text, why, sizeof(why));
    why[strcspn(why, "\n")] = 0;
    if (!v)
        return xlight__error(m, &at, "this is not JSON: %s", *why ? why : "there is nothing");
    rc = read_struct(&r, type, obj, v, "");
    yajl_tree_free(v);
    return rc;
}

int xlight_type_from_json(const struct xlight_type *type, const char *text, xlight_messages *m,
                          void *obj)
{
    return read_text(type, "", text, m, obj);
}

int xlight_config_from_json(const char *file, const char *text, xlight_messages *m,
                            struct xlight_config **ret_c)
{
    struct xlight_config *c;
    int rc = xlight_config_new(&c);

    if (rc)
        return rc;
    rc = read_text(xlight_config_type(), file, text, m, c);
    if (rc)
        xlight_config_free(c);
    else
        *ret_c = c;
    return rc;
}
