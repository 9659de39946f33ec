/* SPDX-License-Identifier: MIT */
/* settings.h - files of the xl.cfg(5) grammar whose keys are just the fields of one structure. */
#ifndef XENOLITH_LIGHT_CONFIG_SETTINGS_H
#define XENOLITH_LIGHT_CONFIG_SETTINGS_H

#include "fields.h"
#include "message.h"

/*
 * Reads the fields of obj, which xlight_type_init() has prepared; one text stands for a list of it.
 * Unknown keys are warnings. -EINVAL: there are errors, and m knows them; -ENOMEM.
 */
int xlight__read_settings(const char *file, const char *text, size_t len, xlight_messages *m,
                          const struct xlight_type *type, void *obj);

/* read.c: the whole of a file, to be freed. Says why it cannot be read. */
int xlight__read_file(const char *path, xlight_messages *m, char **ret_text, size_t *ret_len);

#endif /* XENOLITH_LIGHT_CONFIG_SETTINGS_H */
