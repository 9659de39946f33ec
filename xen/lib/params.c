/* SPDX-License-Identifier: MIT */
/*
 * params.c - parses the hypervisor's command line against the option table; see param.h.
 *
 * A variable changes only when its option's whole text was valid. Boot CPU only, no locks.
 */
#include <xen/lib.h>
#include <xen/param.h>

#define OPTION_MAX 256
#define NAME_MAX   32 /* longer names get no advice */

static bool parse_bool(const char *s, bool *ret_val)
{
    static const char *const yes[] = {"1", "on", "yes", "true", "enable"};
    static const char *const no[] = {"0", "off", "no", "false", "disable"};

    for (unsigned int i = 0; i < ARRAY_SIZE(yes); i++) {
        if (!strcmp(s, yes[i]) || !strcmp(s, no[i])) {
            *ret_val = !strcmp(s, yes[i]);
            return true;
        }
    }
    return false;
}

/* NULL when fine, else what is wrong. value is NULL when there was no '='. */
static const char *set_bool(const struct param *p, const char *value, bool invert)
{
    bool val = true;

    if (invert && value)
        return "no- takes no value";
    if (value && !parse_bool(value, &val))
        return "expected on or off";
    *(bool *)p->var = val != invert;
    return NULL;
}

static const char *set_uint(const struct param *p, const char *value)
{
    const char *end;
    unsigned long long val = value ? simple_strtoull(value, &end, 0) : 0;

    if (!value || end == value || *end)
        return "expected a number";
    if (val > UINT32_MAX)
        return "number too large";
    *(u32 *)p->var = (u32)val;
    return NULL;
}

static const char *set_size(const struct param *p, const char *value)
{
    const char *end;
    unsigned long long val = value ? parse_size(value, &end, 1024) : 0;

    if (!value || end == value || *end)
        return "expected a size such as 512M";
    if (val == ~0ULL)
        return "size too large";
    *(u64 *)p->var = val;
    return NULL;
}

static const char *set_string(const struct param *p, const char *value)
{
    if (!value)
        return "expected a value";
    if (strlen(value) >= p->size)
        return "value too long";
    strlcpy(p->var, value, p->size);
    return NULL;
}

static const char *set_param(const struct param *p, const char *value, bool invert)
{
    if (invert && p->kind != PARAM_BOOL)
        return "only on/off options take no-";

    switch (p->kind) {
    case PARAM_BOOL:
        return set_bool(p, value, invert);
    case PARAM_UINT:
        return set_uint(p, value);
    case PARAM_SIZE:
        return set_size(p, value);
    case PARAM_STRING:
        return set_string(p, value);
    case PARAM_CUSTOM:
        return p->parse(value ? value : "") ? "value not accepted" : NULL;
    }
    return "broken option table";
}

static const struct param *find_param(const struct param *first, const struct param *last,
                                      const char *name)
{
    for (const struct param *p = first; p < last; p++)
        if (!strcmp(p->name, name))
            return p;
    return NULL;
}

/* Single-character insertions, deletions and replacements that turn a into b. */
static unsigned int edit_distance(const char *a, const char *b)
{
    u8 row[NAME_MAX + 1];
    size_t n = strlen(b);

    for (size_t j = 0; j <= n; j++)
        row[j] = (u8)j;
    for (size_t i = 1; a[i - 1]; i++) {
        u8 diagonal = row[0];

        row[0] = (u8)i;
        for (size_t j = 1; j <= n; j++) {
            u8 best = (u8)MIN(row[j], row[j - 1]) + 1;

            best = (u8)MIN(best, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = row[j];
            row[j] = best;
        }
    }
    return row[n];
}

static void advise_unknown(const struct param *first, const struct param *last, const char *name,
                           char *advice, size_t size)
{
    unsigned int best = ~0U, d;
    const struct param *nearest = NULL;

    for (const struct param *p = first; p < last && strlen(name) <= NAME_MAX; p++) {
        if (strlen(p->name) > NAME_MAX)
            continue;
        d = edit_distance(name, p->name);
        if (d < best) {
            best = d;
            nearest = p;
        }
    }
    /* A name that shares little with the one given would only confuse. */
    if (nearest && best <= MAX(1U, (unsigned int)strlen(name) / 3))
        snprintf(advice, size, "unknown option; did you mean '%s'?", nearest->name);
    else
        strlcpy(advice, "unknown option", size);
}

static bool parse_option(const char *option, const struct param *first, const struct param *last,
                         void (*report)(const char *option, const char *advice))
{
    char name[OPTION_MAX], advice[96];
    const char *value, *problem;
    const struct param *p;
    bool invert = false;
    char *eq;

    strlcpy(name, option, sizeof(name));
    eq = strchr(name, '=');
    if (eq)
        *eq = '\0';
    value = eq ? eq + 1 : NULL;

    p = find_param(first, last, name);
    if (!p && !strncmp(name, "no-", 3)) {
        p = find_param(first, last, name + 3);
        invert = p != NULL;
    }
    if (!p) {
        advise_unknown(first, last, name, advice, sizeof(advice));
        report(option, advice);
        return false;
    }
    problem = set_param(p, value, invert);
    if (problem)
        report(option, problem);
    return !problem;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

unsigned int params_parse(const char *cmdline, const struct param *first, const struct param *last,
                          void (*report)(const char *option, const char *advice))
{
    char option[OPTION_MAX];
    unsigned int bad = 0;

    for (const char *s = cmdline;;) {
        size_t len = 0;

        while (is_blank(*s))
            s++;
        if (!*s)
            return bad;
        while (s[len] && !is_blank(s[len]))
            len++;
        memcpy(option, s, MIN(len, sizeof(option) - 1));
        option[MIN(len, sizeof(option) - 1)] = '\0';
        s += len;

        if (len >= sizeof(option)) {
            report(option, "option too long");
            bad++;
        } else if (!parse_option(option, first, last, report)) {
            bad++;
        }
    }
}

void params_print_help(const struct param *first, const struct param *last)
{
    static const char *const form[] = {
        [PARAM_BOOL] = "[=on|off]", [PARAM_UINT] = "=<number>",  [PARAM_SIZE] = "=<size>",
        [PARAM_STRING] = "=<text>", [PARAM_CUSTOM] = "=<value>",
    };

    printk("Options of the hypervisor command line:\n");
    for (const struct param *p = first; p < last; p++)
        printk("  %s%s: %s\n", p->name, form[p->kind], p->help);
}
