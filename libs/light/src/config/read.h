/* SPDX-License-Identifier: MIT */
/*
 * read.h - from text to structures.
 *
 * All functions here that read a text report what is wrong to a list of messages and return 0,
 * -EINVAL (an error has been reported) or -ENOMEM.
 */
#ifndef XENOLITH_LIGHT_CONFIG_READ_H
#define XENOLITH_LIGHT_CONFIG_READ_H

#include <errno.h>
#include "fields.h"
#include "message.h"
#include "syntax.h"

/* A file that is being read. */
struct reader {
    const struct cfg_tree *t;
    xlight_messages *m;
    struct xlight_config *c;
};

/* Where a value of a key is, or an item of its list. */
struct xlight__place xlight__place_of(const struct reader *r, const struct cfg_setting *s,
                                      const struct cfg_value *v);

/* value.c */
int xlight__read_number(xlight_messages *m, const struct xlight__place *at, const char *text,
                        int base, int64_t min, int64_t max, int64_t *ret_value);
int xlight__read_name(xlight_messages *m, const struct xlight__place *at, const char *text,
                      const struct xlight_name *names, int *ret_value);
int xlight__read_uuid(xlight_messages *m, const struct xlight__place *at, const char *text,
                      uint8_t ret_uuid[16]);
int xlight__read_mac(xlight_messages *m, const struct xlight__place *at, const char *text,
                     uint8_t ret_mac[6]);
/* Replaces a string, freeing the old one. */
int xlight__set_string(char **string, const char *text);
/* Any field that is neither a list, nor bits, nor without a place. */
int xlight__read_field(xlight_messages *m, const struct xlight__place *at,
                       const struct xlight_field *f, void *obj, const char *text);
/* A list of texts or numbers; one text stands for a list of it. */
int xlight__read_list(struct reader *r, const struct cfg_setting *s, const struct xlight_field *f,
                      void *obj);
/* Reports that a list was given where a text is needed; the text, or NULL. */
const char *xlight__need_text(struct reader *r, const struct cfg_setting *s,
                              const struct cfg_value *v);
/* Reports that a text was given where a list is needed; returns 0 when it is a list. */
int xlight__need_list(struct reader *r, const struct cfg_setting *s);

/*
 * spec.c: a specification, "key=value,key=value,flag". special is asked first for each part, with
 * value NULL for what has no "="; it returns 1 for what it leaves to the table.
 */
typedef int xlight__special_fn(xlight_messages *m, const struct xlight__place *at, void *obj,
                               const char *key, const char *value);
int xlight__read_spec(xlight_messages *m, const struct xlight__place *at,
                      const struct xlight_type *type, xlight__special_fn *special, void *obj,
                      const char *text);
/* What to say of a part that no table knows. */
int xlight__unknown_part(xlight_messages *m, const struct xlight__place *at,
                         const struct xlight_type *type, const char *key);

/* Specifications, each from one string. */
int xlight__read_disk(xlight_messages *m, const struct xlight__place *at, struct xlight_disk *d,
                      const char *text);
int xlight__read_nic(xlight_messages *m, const struct xlight__place *at, struct xlight_nic *n,
                     const char *text);
int xlight__read_pci(xlight_messages *m, const struct xlight__place *at, struct xlight_pci *p,
                     const char *text);
int xlight__read_cpus(xlight_messages *m, const struct xlight__place *at, struct xlight_bits *b,
                      const char *text);
int xlight__read_ranges(xlight_messages *m, const struct xlight__place *at, struct xlight_bits *b,
                        uint32_t limit, const char *text);

/* device.c: an item of a list of devices, of any type that has specifications. */
int xlight__read_device(xlight_messages *m, const struct xlight__place *at,
                        const struct xlight_type *type, void *obj, const char *text);

/* Keys that are more than one field; each reads one setting. */
typedef int xlight__key_fn(struct reader *r, const struct cfg_setting *s);
xlight__key_fn *xlight__special_key(const char *key); /* special.c; NULL: nothing special */
xlight__key_fn xlight__key_cpuid, xlight__key_vnuma, xlight__key_cpus, xlight__key_vcpus;
xlight__key_fn xlight__key_ioports, xlight__key_iomem;

/* finish.c: the screen that keys outside of vfb ask for; its keyboard is added with others. */
int xlight__set_screen(struct reader *r);

/* finish.c: what follows from what has been read, and whether it fits together. */
int xlight__finish_config(struct reader *r);

#endif /* XENOLITH_LIGHT_CONFIG_READ_H */
