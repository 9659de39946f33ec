/* SPDX-License-Identifier: MIT */
/*
 * json-write.c - structures as JSON. A configuration has the shape that Xen's toolstack gives it:
 * what has not been given is left out, but for the objects that are always there. Of anything else
 * all fields are written.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <yajl/yajl_gen.h>
#include "fields.h"

struct writer {
    yajl_gen gen;
    int domain_type;
    bool cpuid; /* both of its lists are there, or none */
    bool all;   /* also what has not been given */
    yajl_gen_status status;
};

static void put(struct writer *w, yajl_gen_status status)
{
    if (w->status == yajl_gen_status_ok)
        w->status = status;
}

static void put_text(struct writer *w, const char *text, size_t len)
{
    put(w, yajl_gen_string(w->gen, (const unsigned char *)text, len));
}

static void put_string(struct writer *w, const char *text)
{
    put_text(w, text, strlen(text));
}

static void put_bits(struct writer *w, const struct xlight_bits *b)
{
    if (b->text) {
        put_string(w, b->text);
        return;
    }
    put(w, yajl_gen_array_open(w->gen));
    for (uint32_t i = 0; i < b->nr; i++)
        if (xlight__bit(b, i))
            put(w, yajl_gen_integer(w->gen, i));
    put(w, yajl_gen_array_close(w->gen));
}

static void put_struct(struct writer *w, const struct xlight_type *type, const void *obj);

static void put_one(struct writer *w, const struct xlight_field *f, enum xlight_kind kind,
                    const void *at)
{
    const struct xlight_name *name;
    char text[40];

    switch (kind) {
    case XLIGHT_BOOL:
        put(w, yajl_gen_bool(w->gen, *(const bool *)at));
        break;
    case XLIGHT_TRISTATE:
        put_string(w, *(const int8_t *)at == XLIGHT_YES  ? "True"
                      : *(const int8_t *)at == XLIGHT_NO ? "False"
                                                         : "<default>");
        break;
    case XLIGHT_INT:
        put(w, yajl_gen_integer(w->gen, *(const int *)at));
        break;
    case XLIGHT_U32:
        put(w, yajl_gen_integer(w->gen, *(const uint32_t *)at));
        break;
    case XLIGHT_U64:
        snprintf(text, sizeof(text), "%" PRIu64, *(const uint64_t *)at);
        put(w, yajl_gen_number(w->gen, text, strlen(text)));
        break;
    case XLIGHT_ENUM:
        name = xlight__name_of(f->names, *(const int *)at);
        if (name || !w->all)
            put_string(w, name ? name->json : "unknown");
        else
            put(w, yajl_gen_null(w->gen));
        break;
    case XLIGHT_STRING:
        if (*(char *const *)at)
            put_string(w, *(char *const *)at);
        else
            put(w, yajl_gen_null(w->gen));
        break;
    case XLIGHT_UUID:
        xlight__format_uuid(at, text);
        put_string(w, text);
        break;
    case XLIGHT_MAC:
        xlight__format_mac(at, text);
        put_string(w, text);
        break;
    case XLIGHT_BITS:
        put_bits(w, at);
        break;
    case XLIGHT_STRUCT:
        put_struct(w, f->type, at);
        break;
    default:
        break;
    }
}

static void put_list(struct writer *w, const struct xlight_field *f, const void *obj)
{
    unsigned int nr;
    char *items = xlight__items(obj, f, &nr);

    put(w, yajl_gen_array_open(w->gen));
    for (unsigned int i = 0; i < nr; i++)
        put_one(w, f, f->item, items + i * xlight__item_size(f));
    put(w, yajl_gen_array_close(w->gen));
}

/* Closes the objects of "a/b/" that "a/c/" is not in, and opens those that are missing. */
static void change_group(struct writer *w, const char *from, size_t from_len, const char *to,
                         size_t to_len)
{
    size_t same = 0, end;

    for (size_t i = 0; i < from_len && i < to_len && from[i] == to[i]; i++)
        if (from[i] == '/')
            same = i + 1;
    for (size_t i = same; i < from_len; i++)
        if (from[i] == '/')
            put(w, yajl_gen_map_close(w->gen));
    for (; same < to_len; same = end + 1) {
        end = (size_t)(strchr(to + same, '/') - to);
        put_text(w, to + same, end - same);
        put(w, yajl_gen_map_open(w->gen));
    }
}

/* "connection.pty": {} or "connection.socket": {"path": ...} */
static void put_connection(struct writer *w, const struct xlight_channel *c)
{
    if (!c->connection)
        return;
    put_string(w, c->connection == XLIGHT_CHANNEL_PTY ? "connection.pty" : "connection.socket");
    put(w, yajl_gen_map_open(w->gen));
    if (c->connection == XLIGHT_CHANNEL_SOCKET && c->path) {
        put_string(w, "path");
        put_string(w, c->path);
    }
    put(w, yajl_gen_map_close(w->gen));
}

static bool is_cpuid(const struct xlight_field *f)
{
    return f->type == &xlight__cpuid_type || f->type == &xlight__msr_type;
}

static bool is_left_out(const struct writer *w, const struct xlight_field *f, const void *obj)
{
    return xlight__is_foreign(f, w->domain_type) ||
           (xlight__is_preset(f, obj) && !(is_cpuid(f) && w->cpuid));
}

static void put_struct(struct writer *w, const struct xlight_type *type, const void *obj)
{
    const char *group = "";
    size_t len = 0;

    put(w, yajl_gen_map_open(w->gen));
    for (unsigned int i = 0; i < type->nr_fields; i++) {
        const struct xlight_field *f = &type->fields[i];
        const char *slash = f->json ? strrchr(f->json, '/') : NULL;
        size_t prefix = slash ? (size_t)(slash - f->json) + 1 : 0;

        if (!f->json || (!w->all && is_left_out(w, f, obj)))
            continue;
        change_group(w, group, len, f->json, prefix);
        group = f->json;
        len = prefix;
        if (f->kind == XLIGHT_NOTHING)
            continue;
        put_string(w, f->json + prefix);
        if (f->kind == XLIGHT_LIST)
            put_list(w, f, obj);
        else
            put_one(w, f, f->kind, xlight__at(obj, f->offset));
    }
    change_group(w, group, len, "", 0);
    if (type == &xlight__channel_type)
        put_connection(w, obj);
    put(w, yajl_gen_map_close(w->gen));
}

static int start(struct writer *w, bool lines)
{
    w->gen = yajl_gen_alloc(NULL);
    if (!w->gen)
        return -ENOMEM;
    yajl_gen_config(w->gen, yajl_gen_beautify, (int)lines);
    yajl_gen_config(w->gen, yajl_gen_validate_utf8, 1);
    yajl_gen_config(w->gen, yajl_gen_indent_string, "    ");
    return 0;
}

static int finish(struct writer *w, char **ret_text)
{
    const unsigned char *text;
    size_t len;
    int rc = 0;

    put(w, yajl_gen_get_buf(w->gen, &text, &len));
    if (w->status == yajl_gen_status_ok) {
        char *copy = strndup((const char *)text, len);

        if (copy)
            *ret_text = copy;
        else
            rc = -ENOMEM;
    } else {
        rc = w->status == yajl_gen_invalid_string ? -EILSEQ : -EIO;
    }
    yajl_gen_free(w->gen);
    return rc;
}

int xlight_config_to_json(const struct xlight_config *c, char **ret_text)
{
    struct writer w = {.domain_type = c->type, .cpuid = c->nr_cpuid || c->nr_msrs};

    if (start(&w, true))
        return -ENOMEM;
    put_struct(&w, xlight_config_type(), c);
    return finish(&w, ret_text);
}

int xlight_type_to_json(const struct xlight_type *type, const void *objs, unsigned int nr,
                        unsigned int flags, char **ret_text)
{
    struct writer w = {.all = !(flags & XLIGHT_JSON_BRIEF)};

    if (start(&w, !(flags & XLIGHT_JSON_LINE)))
        return -ENOMEM;
    if (flags & XLIGHT_JSON_LIST)
        put(&w, yajl_gen_array_open(w.gen));
    for (unsigned int i = 0; i < nr; i++)
        put_struct(&w, type, (const char *)objs + i * type->size);
    if (flags & XLIGHT_JSON_LIST)
        put(&w, yajl_gen_array_close(w.gen));
    return finish(&w, ret_text);
}
