/* SPDX-License-Identifier: MIT */
/*
 * param.h - hypervisor command line: one table row per option, collected by the linker.
 *
 * Options are separated by blanks: name, name=value, no-name for booleans. Unknown ones are
 * reported at boot together with the nearest known name; `help` lists all with their texts.
 */
#ifndef XEN_PARAM_H
#define XEN_PARAM_H

#include <xen/types.h>

enum param_kind {
    PARAM_BOOL,   /* bool:   name, name=1/on/yes/true, name=0/off/no/false, no-name */
    PARAM_UINT,   /* u32:    base 10 or 0x */
    PARAM_SIZE,   /* u64:    bytes with K, M, G, T; plain numbers are KiB */
    PARAM_STRING, /* char[]: truncation is an error */
    PARAM_CUSTOM, /* int (*)(const char *value): value "" when none was given */
};

struct param {
    const char *name;
    const char *help; /* one line, with unit and default */
    enum param_kind kind;
    u32 size; /* PARAM_STRING: size of the buffer */
    void *var;
    int (*parse)(const char *value);
};

#define PARAM_ROW(id, nm, k, v, sz, fn, txt)                                          \
    static const struct param param_##id __used __aligned(8) __section(".params") = { \
        .name = nm, .help = txt, .kind = k, .size = sz, .var = v, .parse = fn}
#define PARAM_BOOL_DEF(nm, v, txt)    PARAM_ROW(v, nm, PARAM_BOOL, &v, 0, 0, txt)
#define PARAM_UINT_DEF(nm, v, txt)    PARAM_ROW(v, nm, PARAM_UINT, &v, 0, 0, txt)
#define PARAM_SIZE_DEF(nm, v, txt)    PARAM_ROW(v, nm, PARAM_SIZE, &v, 0, 0, txt)
#define PARAM_STRING_DEF(nm, v, txt)  PARAM_ROW(v, nm, PARAM_STRING, v, sizeof(v), 0, txt)
#define PARAM_CUSTOM_DEF(nm, fn, txt) PARAM_ROW(fn, nm, PARAM_CUSTOM, 0, 0, fn, txt)

/*
 * Parses the whole command line against rows [first, last). For each option that is unknown or has
 * a bad value, calls report(option text, advice) and goes on. Returns the number of such options.
 */
unsigned int params_parse(const char *cmdline, const struct param *first, const struct param *last,
                          void (*report)(const char *option, const char *advice));

/* Lists all rows with their texts: for the option `help`. */
void params_print_help(const struct param *first, const struct param *last);

#endif /* XEN_PARAM_H */
