/* SPDX-License-Identifier: MIT */
/* settings.c - files whose keys are the fields of one structure: xl.conf(5), xlcpupool.cfg(5). */
#include "settings.h"
#include "read.h"

static int unknown(const struct reader *r, const struct cfg_setting *s,
                   const struct xlight_type *type)
{
    struct xlight__place at = {r->t->file, s->line, s->column, NULL, NULL};
    const char *near = xlight_nearest_key(type, s->key);

    return xlight__warning(r->m, &at, "unknown key \"%s\" is ignored%s%s%s", s->key,
                           near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static int read_one(struct reader *r, const struct cfg_setting *s, const struct xlight_field *f,
                    void *obj)
{
    struct xlight__place at = xlight__place_of(r, s, &s->value);
    const char *text;
    char **item;

    if (f->kind == XLIGHT_LIST && s->value.atom) {
        item = xlight__append(obj, f);
        return item ? xlight__set_string(item, s->value.atom) : -ENOMEM;
    }
    if (f->kind == XLIGHT_LIST)
        return xlight__read_list(r, s, f, obj);
    text = xlight__need_text(r, s, &s->value);
    return text ? xlight__read_field(r->m, &at, f, obj, text) : -EINVAL;
}

int xlight__read_settings(const char *file, const char *text, size_t len, xlight_messages *m,
                          const struct xlight_type *type, void *obj)
{
    struct cfg_tree t;
    struct reader r = {.t = &t, .m = m};
    int rc = cfg_parse(file, text, len, m, &t);

    for (unsigned int i = 0; rc != -ENOMEM && i < t.nr; i++) {
        const struct xlight_field *f = xlight__by_key(type, t.settings[i].key);
        int this = f && f->kind != XLIGHT_NOTHING ? read_one(&r, &t.settings[i], f, obj)
                   : f                            ? 0
                                                  : unknown(&r, &t.settings[i], type);

        rc = this ? this : rc;
    }
    cfg_free(&t);
    return rc;
}
