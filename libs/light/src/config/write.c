/* SPDX-License-Identifier: MIT */
/*
 * write.c - a configuration as the text of an xl.cfg(5) file.
 *
 * Files say less than structures do. So what has been written is read again and compared, and
 * nothing gets lost silently.
 */
#include "write.h"
#include <errno.h>
#include <inttypes.h>
#include "message.h"

void xlight__put_quoted(FILE *out, const char *text)
{
    putc('"', out);
    for (; text && *text; text++) {
        if (*text == '"' || *text == '\\')
            fprintf(out, "\\%c", *text);
        else if (*text == '\n')
            fputs("\\n", out);
        else if (*text == '\t')
            fputs("\\t", out);
        else if ((unsigned char)*text < ' ' || *text == 0x7f)
            fprintf(out, "\\x%02x", (unsigned char)*text);
        else
            putc(*text, out);
    }
    putc('"', out);
}

void xlight__put_set(FILE *out, const struct xlight_bits *b)
{
    const char *comma = "";

    if (b->text)
        fputs(b->text, out);
    for (uint32_t i = 0; !b->text && i < b->nr; i++) {
        uint32_t first = i;

        if (!xlight__bit(b, i))
            continue;
        while (xlight__bit(b, i + 1))
            i++;
        fprintf(out, i > first ? "%s%u-%u" : "%s%u", comma, first, i);
        comma = ",";
    }
}

void xlight__put_plain(FILE *out, const struct xlight_field *f, const void *obj)
{
    const void *at = xlight__at(obj, f->offset);
    const struct xlight_name *name;
    char text[40];

    switch (f->kind) {
    case XLIGHT_BOOL:
        fputs(*(const bool *)at ? "1" : "0", out);
        break;
    case XLIGHT_TRISTATE:
        fputs(*(const int8_t *)at == XLIGHT_YES ? "1" : "0", out);
        break;
    case XLIGHT_U32:
        /* What may be negative is so, whatever the structure has. */
        fprintf(out, f->min < 0 ? "%" PRId32 : "%" PRIu32, *(const uint32_t *)at);
        break;
    case XLIGHT_INT:
        fprintf(out, "%d", *(const int *)at);
        break;
    case XLIGHT_U64:
        fprintf(out, "%" PRIu64, *(const uint64_t *)at / (f->scale ? f->scale : 1));
        break;
    case XLIGHT_ENUM:
        name = xlight__name_of(f->names, *(const int *)at);
        fputs(name ? xlight__key_of(name) : "", out);
        break;
    case XLIGHT_STRING:
        fputs(*(char *const *)at, out);
        break;
    case XLIGHT_UUID:
        xlight__format_uuid(at, text);
        fputs(text, out);
        break;
    case XLIGHT_MAC:
        xlight__format_mac(at, text);
        fputs(text, out);
        break;
    default:
        break;
    }
}

static void put_simple(FILE *out, const struct xlight_field *f, const struct xlight_config *c)
{
    bool quotes = f->kind == XLIGHT_ENUM || f->kind == XLIGHT_UUID || f->min < 0;

    fprintf(out, "%s = ", f->key);
    if (f->kind == XLIGHT_STRING) {
        xlight__put_quoted(out, *(char *const *)xlight__at(c, f->offset));
    } else {
        fputs(quotes ? "\"" : "", out);
        xlight__put_plain(out, f, c);
        fputs(quotes ? "\"" : "", out);
    }
    putc('\n', out);
}

static void put_list(FILE *out, const struct xlight_field *f, const struct xlight_config *c)
{
    unsigned int nr;
    char *items = xlight__items(c, f, &nr);
    /* Screens come with a keyboard each; the others have to be said. */
    unsigned int first = f->type == &xlight__vkb_type ? c->nr_vfbs : 0;

    if (nr <= first)
        return;
    fprintf(out, "%s = [", f->key);
    for (unsigned int i = first; i < nr; i++) {
        const void *item = items + i * xlight__item_size(f);

        fputs(i == first ? "" : f->item == XLIGHT_STRUCT ? ",\n    " : ", ", out);
        if (f->item == XLIGHT_U32)
            fprintf(out, "%u", *(const uint32_t *)item);
        else if (f->item == XLIGHT_STRING)
            xlight__put_quoted(out, *(char *const *)item);
        else
            xlight__put_device(out, f->type, item);
    }
    fputs("]\n", out);
}

static void put_config(FILE *out, const struct xlight_config *c)
{
    const struct xlight_type *type = xlight_config_type();

    for (unsigned int i = 0; i < type->nr_fields; i++) {
        const struct xlight_field *f = &type->fields[i];

        if (!f->key || f->kind == XLIGHT_NOTHING || xlight__is_foreign(f, c->type))
            continue;
        /* Whatever a file does not say, these are not destroy. */
        if (xlight__is_preset(f, c) && f->offset != offsetof(struct xlight_config, on_reboot) &&
            f->offset != offsetof(struct xlight_config, on_soft_reset))
            continue;
        if (f->kind == XLIGHT_LIST)
            put_list(out, f, c);
        else
            put_simple(out, f, c);
    }
    xlight__put_special(out, c);
}

/* Whether what has been given in a is the same in b. Names the field of a that is not. */
static bool says_same(const struct xlight_type *type, const void *a, const void *b,
                      const struct xlight_field **ret_field)
{
    const struct xlight_field *inner;

    for (unsigned int i = 0; i < type->nr_fields; i++) {
        const struct xlight_field *f = &type->fields[i];
        unsigned int nr_a, nr_b;
        char *as, *bs;
        bool same = true;

        if (f->kind == XLIGHT_NOTHING || xlight__is_preset(f, a))
            continue;
        if (f->kind == XLIGHT_LIST && f->item == XLIGHT_STRUCT) {
            as = xlight__items(a, f, &nr_a);
            bs = xlight__items(b, f, &nr_b);
            same = nr_a == nr_b;
            for (unsigned int n = 0; same && n < nr_a; n++)
                same = says_same(f->type, as + n * f->type->size, bs + n * f->type->size, &inner);
        } else {
            same = xlight__same_field(f, a, b);
        }
        if (!same) {
            *ret_field = f;
            return false;
        }
    }
    return true;
}

/* Passes on what was said, without places in a text that nobody sees. */
static int pass_on(const xlight_messages *from, xlight_messages *to)
{
    int rc = 0;

    for (unsigned int i = 0; rc != -ENOMEM && i < xlight_messages_count(from); i++) {
        const struct xlight_message *msg = xlight_messages_get(from, i);
        struct xlight__place at = {.key = msg->key};

        if (msg->is_error)
            rc = xlight__error(to, &at, "%s", msg->text);
        else
            rc = xlight__warning(to, &at, "%s", msg->text);
    }
    return rc == -ENOMEM ? rc : 0;
}

static int check(const struct xlight_config *c, const char *text, size_t len, xlight_messages *m)
{
    const struct xlight_field *f = NULL;
    struct xlight_config *again = NULL;
    struct xlight__place at = {0};
    xlight_messages *said;
    int rc = xlight_messages_new(&said);

    if (rc)
        return rc;
    rc = xlight_config_parse(NULL, text, len, said, &again);
    if (pass_on(said, m))
        rc = -ENOMEM;
    if (!rc && !says_same(xlight_config_type(), c, again, &f)) {
        at.key = f->key ? f->key : f->json;
        rc = xlight__error(m, &at, "has a value that a file cannot say");
    }
    xlight_config_free(again);
    xlight_messages_free(said);
    return rc == -EINVAL ? -EDOM : rc;
}

int xlight_config_to_text(const struct xlight_config *c, xlight_messages *m, char **ret_text)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    int rc;

    if (!out)
        return -ENOMEM;
    put_config(out, c);
    rc = fclose(out) ? -ENOMEM : 0;
    if (!rc)
        rc = check(c, text, len, m);
    if (rc)
        free(text);
    else
        *ret_text = text;
    return rc;
}
