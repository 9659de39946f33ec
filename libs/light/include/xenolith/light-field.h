/* SPDX-License-Identifier: MIT */
/*
 * light-field.h - tables that describe the structures of light-config.h: what reads and writes
 * them, in files, JSON or other languages, goes by these. The rules of light.h apply.
 */
#ifndef XENOLITH_LIGHT_FIELD_H
#define XENOLITH_LIGHT_FIELD_H

#include <xenolith/light.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What is stored at the field's offset. */
enum xlight_kind {
    XLIGHT_NOTHING = 0, /* a key that sets other fields, or a group without fields */
    XLIGHT_BOOL,        /* bool */
    XLIGHT_TRISTATE,    /* int8_t, one of enum xlight_tristate */
    XLIGHT_INT,         /* int */
    XLIGHT_U32,         /* uint32_t */
    XLIGHT_U64,         /* uint64_t */
    XLIGHT_ENUM,        /* int, one of names */
    XLIGHT_STRING,      /* char *, or NULL */
    XLIGHT_UUID,        /* uint8_t[16] */
    XLIGHT_MAC,         /* uint8_t[6] */
    XLIGHT_BITS,        /* struct xlight_bits */
    XLIGHT_STRUCT,      /* only as what a list is of */
    XLIGHT_LIST         /* a pointer to nr (an unsigned int at nr_offset) items */
};

/* A value of an enumeration; lists end with json NULL. */
struct xlight_name {
    int value;
    const char *json;
    const char *key; /* in configuration files, if it differs there */
};

struct xlight_type;

struct xlight_field {
    const char *json; /* its name; "a/b": b in the object a; NULL: not in JSON */
    const char *key;  /* in configuration files; NULL: not there */
    enum xlight_kind kind;
    enum xlight_kind item;           /* of a list */
    const struct xlight_type *type;  /* of a list's structures */
    const struct xlight_name *names; /* of an enumeration */
    size_t offset, nr_offset;
    unsigned int domains; /* bits of 1 << enum xlight_type_of_domain; 0: all types have it */
    int64_t preset;       /* the value at first */
    int64_t min, max;   /* of a number in a configuration file, before it is scaled; both 0: any */
    unsigned int scale; /* the file's unit in ours, 1024 for MiB in KiB; 0: the same */
    const char *syntax; /* how the value of a key looks like, if the kind does not tell */
    const char *help;   /* of a key: one or two sentences */
};

struct xlight_type {
    const char *name;
    size_t size;
    const struct xlight_field *fields;
    unsigned int nr_fields;
    bool lenient; /* what is unknown in a specification is a warning only */
};

/*
 * Structures as JSON text, with all their fields in the order of the table: one object, or with
 * XLIGHT_JSON_LIST an array of nr. A value that is not known (no string, or none of the names) is
 * null. XLIGHT_JSON_LINE: without line breaks. XLIGHT_JSON_BRIEF: without what has its preset
 * value. The caller frees *ret_text. -EILSEQ: a string is not UTF-8.
 */
#define XLIGHT_JSON_LIST  1U
#define XLIGHT_JSON_LINE  2U
#define XLIGHT_JSON_BRIEF 4U
XLIGHT_CHECK int xlight_type_to_json(const struct xlight_type *type, const void *objs,
                                     unsigned int nr, unsigned int flags, char **ret_text);

/* The type of struct xlight_config, from where all others are reached. */
XLIGHT_API const struct xlight_type *xlight_config_type(void);

/* The field that a configuration file's key is for, or NULL. */
XLIGHT_API const struct xlight_field *xlight_config_field(const char *key);

/* The key of this type that is most like the word, or NULL when none is near. */
XLIGHT_API const char *xlight_nearest_key(const struct xlight_type *type, const char *word);

#ifdef __cplusplus
}
#endif

#endif /* XENOLITH_LIGHT_FIELD_H */
