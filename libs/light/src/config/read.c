/* SPDX-License-Identifier: MIT */
/* read.c - a configuration from an xl.cfg(5) file. */
#include "read.h"
#include "settings.h"
#include <stdio.h>

#define MAX_FILE (16U << 20)

/* Any beginning of "hvm", "pv" or "pvh", as xl takes it. */
static int read_type(struct reader *r)
{
    const struct cfg_setting *s = cfg_find(r->t, "type"), *b = cfg_find(r->t, "builder");
    struct xlight__place at;
    int builder = 0;

    r->c->type = 0;
    if (s && s->value.atom) {
        const char *text = s->value.atom;

        at = xlight__place_of(r, s, &s->value);
        if (*text && !strncmp(text, "hvm", strlen(text)))
            r->c->type = XLIGHT_HVM;
        else if (*text && !strncmp(text, "pv", strlen(text)))
            r->c->type = XLIGHT_PV;
        else if (xlight__read_name(r->m, &at, text, xlight__type_names, &r->c->type))
            return -EINVAL;
    }
    if (b && b->value.atom) {
        at = xlight__place_of(r, b, &b->value);
        builder = !strcmp(b->value.atom, "hvm")       ? XLIGHT_HVM
                  : !strcmp(b->value.atom, "generic") ? XLIGHT_PV
                                                      : 0;
        if (!builder)
            return xlight__error(r->m, &at, "\"%s\" is neither generic nor hvm", b->value.atom);
        if (r->c->type && r->c->type != builder)
            return xlight__error(r->m, &at, "\"%s\" contradicts type", b->value.atom);
        r->c->type = builder;
    }
    if (!r->c->type)
        r->c->type = XLIGHT_PV;
    return 0;
}

static int read_devices(struct reader *r, const struct cfg_setting *s, const struct xlight_field *f)
{
    int rc = xlight__need_list(r, s);

    for (unsigned int i = 0; rc != -ENOMEM && i < s->value.nr; i++) {
        const char *text = xlight__need_text(r, s, &s->value.items[i]);
        struct xlight__place at = xlight__place_of(r, s, &s->value.items[i]);
        void *item = text ? xlight__append(r->c, f) : NULL;
        int this = !text   ? -EINVAL
                   : !item ? -ENOMEM
                           : xlight__read_device(r->m, &at, f->type, item, text);

        rc = this ? this : rc;
    }
    return rc;
}

static int unknown_key(struct reader *r, const struct cfg_setting *s)
{
    struct xlight__place at = {r->t->file, s->line, s->column, NULL, NULL};
    const char *near = xlight_nearest_key(xlight_config_type(), s->key);

    return xlight__warning(r->m, &at, "unknown key \"%s\" is ignored%s%s%s", s->key,
                           near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static int read_value(struct reader *r, const struct cfg_setting *s, const struct xlight_field *f)
{
    struct xlight__place at = xlight__place_of(r, s, &s->value);
    const char *text;

    if (f->kind == XLIGHT_LIST)
        return f->item == XLIGHT_STRUCT ? read_devices(r, s, f) : xlight__read_list(r, s, f, r->c);
    text = xlight__need_text(r, s, &s->value);
    if (!text)
        return -EINVAL;
    if (s->added && f->kind != XLIGHT_STRING && f->kind != XLIGHT_ENUM)
        return xlight__error(r->m, &at, "+= is for text and lists, not for numbers");
    return xlight__read_field(r->m, &at, f, r->c, text);
}

static int read_setting(struct reader *r, const struct cfg_setting *s)
{
    const struct xlight_field *f = xlight_config_field(s->key);
    xlight__key_fn *special = xlight__special_key(s->key);
    struct xlight__place at = xlight__place_of(r, s, NULL);
    int rc;

    if (!f)
        return unknown_key(r, s);
    rc = special ? special(r, s) : read_value(r, s, f);
    if (rc || !r->c->type || xlight__has_field(f, r->c->type))
        return rc;
    return xlight__warning(r->m, &at, "has no effect on a guest of type %s",
                           xlight__name_of(xlight__type_names, r->c->type)->json);
}

/* Read last, in this order, as they depend on others: numbers of vCPUs, and each other. */
static const char *const late[] = {"vnuma", "cpus", "cpus_soft", "vkb"};

static bool is_late(const char *key)
{
    for (size_t i = 0; i < sizeof(late) / sizeof(late[0]); i++)
        if (!strcmp(key, late[i]))
            return true;
    return false;
}

static unsigned int nr_bits(const struct xlight_bits *b)
{
    unsigned int n = 0;

    while (xlight__bit(b, n))
        n++;
    return n;
}

/* What a file that says less about memory and vCPUs means. */
static void set_sizes(struct xlight_config *c)
{
    if (c->max_memory_kb == XLIGHT_UNSET_KB)
        c->max_memory_kb = c->memory_kb;
    if (!c->max_vcpus)
        c->max_vcpus = (int)nr_bits(&c->avail_vcpus);
}

/* Each screen comes with a keyboard, before those that are asked for. */
static int add_keyboards(struct reader *r)
{
    const struct xlight_field *f = xlight_config_field("vkb");

    for (unsigned int i = 0; i < r->c->nr_vfbs; i++)
        if (!xlight__append(r->c, f))
            return -ENOMEM;
    return 0;
}

static int read_late(struct reader *r)
{
    int rc = 0;

    for (size_t i = 0; rc != -ENOMEM && i < sizeof(late) / sizeof(late[0]); i++) {
        const struct cfg_setting *s = cfg_find(r->t, late[i]);
        int this = 0;

        if (i == 1)
            set_sizes(r->c);
        if (i == 3)
            this = xlight__set_screen(r);
        if (i == 3 && !this)
            this = add_keyboards(r);
        if (s && !this)
            this = read_setting(r, s);
        rc = this ? this : rc;
    }
    return rc;
}

static int read_tree(struct reader *r)
{
    int rc = read_type(r), this;

    for (unsigned int i = 0; rc != -ENOMEM && i < r->t->nr; i++) {
        if (is_late(r->t->settings[i].key))
            continue;
        this = read_setting(r, &r->t->settings[i]);
        rc = this ? this : rc;
    }
    if (rc != -ENOMEM) {
        this = read_late(r);
        rc = this ? this : rc;
    }
    if (rc == -ENOMEM)
        return rc;
    this = xlight__finish_config(r);
    return this ? this : rc;
}

int xlight_config_parse(const char *file, const char *text, size_t len, xlight_messages *m,
                        struct xlight_config **ret_c)
{
    struct cfg_tree t;
    struct reader r = {.t = &t, .m = m};
    int rc = cfg_parse(file, text, len, m, &t), this;

    if (rc != -ENOMEM) {
        this = xlight_config_new(&r.c);
        if (!this)
            this = read_tree(&r);
        rc = this ? this : rc;
    }
    cfg_free(&t);
    if (rc)
        xlight_config_free(r.c);
    else
        *ret_c = r.c;
    return rc;
}

static int read_all(const char *path, char **ret_text, size_t *ret_len)
{
    FILE *f = fopen(path, "re");
    char *text = NULL, *more;
    size_t len = 0, size = 0;
    int rc = f ? 0 : -errno;

    while (!rc && !feof(f)) {
        if (len == size) {
            size = size ? size * 2 : 4096;
            more = size > MAX_FILE ? NULL : realloc(text, size);
            if (!more) {
                rc = size > MAX_FILE ? -EFBIG : -ENOMEM;
                break;
            }
            text = more;
        }
        errno = 0;
        len += fread(text + len, 1, size - len, f);
        if (ferror(f))
            rc = errno ? -errno : -EIO;
    }
    if (f)
        fclose(f);
    if (rc) {
        free(text);
        return rc;
    }
    *ret_text = text;
    *ret_len = len;
    return 0;
}

int xlight__read_file(const char *path, xlight_messages *m, char **ret_text, size_t *ret_len)
{
    struct xlight__place at = {path, 0, 0, NULL, NULL};
    int rc = read_all(path, ret_text, ret_len);

    if (rc)
        xlight__error(m, &at, "cannot read the file: %s", strerror(-rc));
    return rc;
}

int xlight_config_read(const char *path, xlight_messages *m, struct xlight_config **ret_c)
{
    char *text = NULL;
    size_t len;
    int rc = xlight__read_file(path, m, &text, &len);

    if (rc)
        return rc;
    rc = xlight_config_parse(path, text, len, m, ret_c);
    free(text);
    return rc;
}
