/* SPDX-License-Identifier: MIT */
/* explain.c - xl explain: what a key of configuration files means, from the library's tables. */
#include "xl.h"
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void print_names(const struct xlight_name *names)
{
    for (const struct xlight_name *n = names; n->json; n++)
        printf("%s\"%s\"", n == names ? "" : n[1].json ? ", " : " or ", n->key ? n->key : n->json);
}

/* How a value looks like. */
static void print_syntax(const struct xlight_field *f)
{
    if (f->syntax) {
        fputs(f->syntax, stdout);
        return;
    }
    switch (f->kind) {
    case XLIGHT_BOOL:
    case XLIGHT_TRISTATE:
        fputs("0 or 1", stdout);
        break;
    case XLIGHT_INT:
    case XLIGHT_U32:
    case XLIGHT_U64:
        fputs("number", stdout);
        break;
    case XLIGHT_ENUM:
        print_names(f->names);
        break;
    case XLIGHT_UUID:
        fputs("\"xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx\"", stdout);
        break;
    case XLIGHT_LIST:
        fputs(f->item == XLIGHT_STRING ? "[\"text\", ...]" : "[number, ...]", stdout);
        break;
    default:
        fputs("\"text\"", stdout);
    }
}

static void print_domains(unsigned int domains)
{
    static const char *const types[] = {
        [XLIGHT_HVM] = "HVM", [XLIGHT_PV] = "PV", [XLIGHT_PVH] = "PVH"};
    bool first = true;

    for (unsigned int i = 1; i <= XLIGHT_PVH; i++)
        if (domains & 1U << i) {
            printf("%s%s", first ? "    Only for " : " and ", types[i]);
            first = false;
        }
    puts(" guests.");
}

static void print_parts(const struct xlight_type *type)
{
    for (unsigned int i = 0; i < type->nr_fields; i++) {
        const struct xlight_field *f = &type->fields[i];

        if (!f->key || !f->help)
            continue;
        printf("    %s", f->key);
        if (!f->syntax || strcmp(f->syntax, "flag")) {
            putchar('=');
            print_syntax(f);
        }
        printf("\n        %s\n", f->help);
    }
}

static void explain(const struct xlight_field *f)
{
    printf("%s = ", f->key);
    print_syntax(f);
    printf("\n    %s\n", f->help);
    if (f->min || f->max)
        printf("    From %" PRId64 " to %" PRId64 ".\n", f->min, f->max);
    if (f->domains)
        print_domains(f->domains);
    if (f->kind == XLIGHT_LIST && f->type)
        print_parts(f->type);
}

static void list_all(const struct xlight_type *type)
{
    for (unsigned int i = 0; i < type->nr_fields; i++)
        if (type->fields[i].key)
            puts(type->fields[i].key);
}

static const struct xlight_field *find(const struct xlight_type *type, const char *key)
{
    for (unsigned int i = 0; i < type->nr_fields; i++)
        if (type->fields[i].key && !strcmp(type->fields[i].key, key))
            return &type->fields[i];
    return NULL;
}

int cmd_explain(struct xl *xl, int argc, char **argv)
{
    static const struct option options[] = {{"conf", no_argument, NULL, 'c'}, XL_LAST_OPTION};
    const struct xlight_type *type = xlight_config_type();
    int opt, status = XL_OK;

    (void)xl;
    while ((opt = xl_getopt(argc, argv, "ch", options, 0, &status)) >= 0)
        type = xlight_settings_type();
    if (opt == -2)
        return status;
    if (optind == argc)
        list_all(type);
    for (int i = optind; i < argc; i++) {
        const struct xlight_field *f = find(type, argv[i]);
        const char *near = f ? NULL : xlight_nearest_key(type, argv[i]);

        if (f) {
            explain(f);
            continue;
        }
        fprintf(stderr, "xl: there is no key \"%s\"%s%s%s\n", argv[i],
                near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
        status = XL_FAILED;
    }
    return status;
}
