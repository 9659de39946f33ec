/* SPDX-License-Identifier: MIT */
/* fields.c - what can be done with any structure that has a table. */
#include "fields.h"
#include <errno.h>
#include <stdio.h>

static size_t kind_size(enum xlight_kind kind)
{
    switch (kind) {
    case XLIGHT_BOOL:
        return sizeof(bool);
    case XLIGHT_TRISTATE:
        return sizeof(int8_t);
    case XLIGHT_INT:
    case XLIGHT_ENUM:
        return sizeof(int);
    case XLIGHT_U32:
        return sizeof(uint32_t);
    case XLIGHT_U64:
        return sizeof(uint64_t);
    case XLIGHT_STRING:
        return sizeof(char *);
    case XLIGHT_UUID:
        return 16;
    case XLIGHT_MAC:
        return 6;
    case XLIGHT_BITS:
        return sizeof(struct xlight_bits);
    default:
        return 0;
    }
}

size_t xlight__item_size(const struct xlight_field *f)
{
    return f->item == XLIGHT_STRUCT ? f->type->size : kind_size(f->item);
}

void *xlight__items(const void *obj, const struct xlight_field *f, unsigned int *ret_nr)
{
    void *items;

    memcpy(ret_nr, xlight__at(obj, f->nr_offset), sizeof(*ret_nr));
    memcpy(&items, xlight__at(obj, f->offset), sizeof(items));
    return items;
}

static void put_items(void *obj, const struct xlight_field *f, void *items, unsigned int nr)
{
    memcpy(xlight__at(obj, f->nr_offset), &nr, sizeof(nr));
    memcpy(xlight__at(obj, f->offset), &items, sizeof(items));
}

void *xlight__append(void *obj, const struct xlight_field *f)
{
    unsigned int nr;
    size_t size = xlight__item_size(f);
    char *items = xlight__items(obj, f, &nr), *more = realloc(items, (nr + 1) * size);

    if (!more)
        return NULL;
    memset(more + nr * size, 0, size);
    if (f->item == XLIGHT_STRUCT)
        xlight_type_init(f->type, more + nr * size);
    put_items(obj, f, more, nr + 1);
    return more + nr * size;
}

static void preset(const struct xlight_field *f, void *at)
{
    uint64_t u64 = (uint64_t)f->preset;
    uint32_t u32 = (uint32_t)f->preset;
    int i = (int)f->preset;

    switch (f->kind) {
    case XLIGHT_INT:
    case XLIGHT_ENUM:
        memcpy(at, &i, sizeof(i));
        break;
    case XLIGHT_U32:
        memcpy(at, &u32, sizeof(u32));
        break;
    case XLIGHT_U64:
        memcpy(at, &u64, sizeof(u64));
        break;
    default:
        break;
    }
}

void xlight_type_init(const struct xlight_type *type, void *obj)
{
    memset(obj, 0, type->size);
    for (unsigned int i = 0; i < type->nr_fields; i++)
        preset(&type->fields[i], xlight__at(obj, type->fields[i].offset));
}

static void clear_one(enum xlight_kind kind, const struct xlight_type *type, void *at)
{
    char *string;
    struct xlight_bits *b = at;

    if (kind == XLIGHT_STRING) {
        memcpy(&string, at, sizeof(string));
        free(string);
    } else if (kind == XLIGHT_BITS) {
        free(b->bytes);
        free(b->text);
    } else if (kind == XLIGHT_STRUCT) {
        xlight_type_clear(type, at);
    }
}

void xlight__clear_field(const struct xlight_field *f, void *obj)
{
    void *at = xlight__at(obj, f->offset);
    unsigned int nr;
    char *items;

    if (f->kind != XLIGHT_LIST) {
        clear_one(f->kind, f->type, at);
        memset(at, 0, kind_size(f->kind));
        preset(f, at);
        return;
    }
    items = xlight__items(obj, f, &nr);
    for (unsigned int n = 0; n < nr; n++)
        clear_one(f->item, f->type, items + n * xlight__item_size(f));
    free(items);
    put_items(obj, f, NULL, 0);
}

void xlight_type_clear(const struct xlight_type *type, void *obj)
{
    for (unsigned int i = 0; i < type->nr_fields; i++)
        xlight__clear_field(&type->fields[i], obj);
}

static bool all_zero(const uint8_t *bytes, size_t n)
{
    while (n--)
        if (bytes[n])
            return false;
    return true;
}

bool xlight__is_preset(const struct xlight_field *f, const void *obj)
{
    const void *at = xlight__at(obj, f->offset);
    const struct xlight_bits *b = at;
    unsigned int nr;

    switch (f->kind) {
    case XLIGHT_BOOL:
        return !*(const bool *)at;
    case XLIGHT_TRISTATE:
        return !*(const int8_t *)at;
    case XLIGHT_INT:
    case XLIGHT_ENUM:
        return *(const int *)at == (int)f->preset;
    case XLIGHT_U32:
        return *(const uint32_t *)at == (uint32_t)f->preset;
    case XLIGHT_U64:
        return *(const uint64_t *)at == (uint64_t)f->preset;
    case XLIGHT_STRING:
        return !*(char *const *)at;
    case XLIGHT_UUID:
        return all_zero(at, 16);
    case XLIGHT_MAC:
        return all_zero(at, 6);
    case XLIGHT_BITS:
        return !b->text && all_zero(b->bytes, (b->nr + 7) / 8);
    case XLIGHT_LIST:
        xlight__items(obj, f, &nr);
        return !nr;
    default:
        return false; /* groups */
    }
}

void xlight__format_uuid(const uint8_t uuid[16], char text[37])
{
    for (unsigned int i = 0; i < 16; i++)
        text += sprintf(text, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", uuid[i]);
}

void xlight__format_mac(const uint8_t mac[6], char text[18])
{
    sprintf(text, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

static bool same_string(const char *a, const char *b)
{
    return a && b ? !strcmp(a, b) : a == b;
}

bool xlight__same_bits(const struct xlight_bits *a, const struct xlight_bits *b)
{
    uint32_t nr = a->nr > b->nr ? a->nr : b->nr;

    if (!same_string(a->text, b->text))
        return false;
    for (uint32_t i = 0; i < nr; i++)
        if (xlight__bit(a, i) != xlight__bit(b, i))
            return false;
    return true;
}

static bool same_one(enum xlight_kind kind, const struct xlight_type *type, const void *a,
                     const void *b)
{
    const char *as, *bs;

    if (kind == XLIGHT_STRING) {
        memcpy(&as, a, sizeof(as));
        memcpy(&bs, b, sizeof(bs));
        return same_string(as, bs);
    }
    if (kind == XLIGHT_BITS)
        return xlight__same_bits(a, b);
    if (kind == XLIGHT_STRUCT)
        return xlight_type_equal(type, a, b);
    return !memcmp(a, b, kind_size(kind));
}

bool xlight__same_field(const struct xlight_field *f, const void *a, const void *b)
{
    size_t size = f->kind == XLIGHT_LIST ? xlight__item_size(f) : 0;
    unsigned int nr_a, nr_b;
    char *as, *bs;

    if (f->kind != XLIGHT_LIST)
        return same_one(f->kind, f->type, xlight__at(a, f->offset), xlight__at(b, f->offset));
    as = xlight__items(a, f, &nr_a);
    bs = xlight__items(b, f, &nr_b);
    if (nr_a != nr_b)
        return false;
    for (size_t n = 0; n < nr_a; n++)
        if (!same_one(f->item, f->type, as + n * size, bs + n * size))
            return false;
    return true;
}

bool xlight_type_equal(const struct xlight_type *type, const void *a, const void *b)
{
    for (unsigned int i = 0; i < type->nr_fields; i++)
        if (!xlight__same_field(&type->fields[i], a, b))
            return false;
    return true;
}

const struct xlight_field *xlight__by_key(const struct xlight_type *type, const char *key)
{
    for (unsigned int i = 0; i < type->nr_fields; i++)
        if (type->fields[i].key && !strcmp(type->fields[i].key, key))
            return &type->fields[i];
    return NULL;
}

const struct xlight_field *xlight__by_json(const struct xlight_type *type, const char *name)
{
    for (unsigned int i = 0; i < type->nr_fields; i++)
        if (type->fields[i].json && !strcmp(type->fields[i].json, name))
            return &type->fields[i];
    return NULL;
}

bool xlight__is_foreign(const struct xlight_field *f, int domain_type)
{
    return !xlight__has_field(f, domain_type) && f->json && !strncmp(f->json, "b_info/type.", 12);
}

const struct xlight_name *xlight__name_of(const struct xlight_name *names, int value)
{
    for (; names->json; names++)
        if (names->value == value)
            return names;
    return NULL;
}

bool xlight__bit(const struct xlight_bits *b, uint32_t bit)
{
    return bit < b->nr && (b->bytes[bit / 8] & 1U << bit % 8);
}

int xlight__set_bit(struct xlight_bits *b, uint32_t bit, bool on)
{
    if (bit >= b->nr) {
        size_t old = (b->nr + 7) / 8, size = bit / 8 + 1;
        uint8_t *more;

        if (!on)
            return 0;
        more = realloc(b->bytes, size);
        if (!more)
            return -ENOMEM;
        memset(more + old, 0, size - old);
        b->bytes = more;
        b->nr = (uint32_t)size * 8;
    }
    if (on)
        b->bytes[bit / 8] |= (uint8_t)(1U << bit % 8);
    else
        b->bytes[bit / 8] &= (uint8_t) ~(1U << bit % 8);
    return 0;
}

/*
 * How many letters have to be inserted, removed, replaced or swapped to make one word of the other;
 * anything above LONG_WORD letters is far away.
 */
#define LONG_WORD 40
static unsigned int distance(const char *a, const char *b)
{
    unsigned int la = (unsigned int)strlen(a), lb = (unsigned int)strlen(b);
    unsigned int rows[3][LONG_WORD + 1], *before = rows[0], *last = rows[1], *row = rows[2], *t;

    if (la > LONG_WORD || lb > LONG_WORD)
        return LONG_WORD;
    for (unsigned int j = 0; j <= lb; j++)
        last[j] = j;
    for (unsigned int i = 1; i <= la; i++) {
        row[0] = i;
        for (unsigned int j = 1; j <= lb; j++) {
            unsigned int d = last[j - 1] + (a[i - 1] != b[j - 1]);

            if (d > last[j] + 1)
                d = last[j] + 1;
            if (d > row[j - 1] + 1)
                d = row[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                d > before[j - 2] + 1)
                d = before[j - 2] + 1;
            row[j] = d;
        }
        t = before, before = last, last = row, row = t;
    }
    return last[lb];
}

const char *xlight__nearest(const char *word, const char *(*get)(const void *arg, unsigned int i),
                            const void *arg, unsigned int n)
{
    /* One letter in three may be wrong. */
    unsigned int best = (unsigned int)strlen(word) / 3 + 1;
    const char *found = NULL;

    for (unsigned int i = 0; i < n; i++) {
        const char *candidate = get(arg, i);
        unsigned int d = candidate ? distance(word, candidate) : LONG_WORD;

        if (candidate && d < best && d < strlen(candidate)) {
            best = d;
            found = candidate;
        }
    }
    return found;
}

static const char *get_key(const void *arg, unsigned int i)
{
    const struct xlight_type *type = arg;

    return type->fields[i].key;
}

const char *xlight_nearest_key(const struct xlight_type *type, const char *word)
{
    return xlight__nearest(word, get_key, type, type->nr_fields);
}

int xlight_config_new(struct xlight_config **ret_c)
{
    struct xlight_config *c = malloc(sizeof(*c));

    if (!c)
        return -ENOMEM;
    xlight_type_init(xlight_config_type(), c);
    *ret_c = c;
    return 0;
}

void xlight_config_free(struct xlight_config *c)
{
    if (!c)
        return;
    xlight_type_clear(xlight_config_type(), c);
    free(c);
}
