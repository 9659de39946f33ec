/* SPDX-License-Identifier: MIT */
/*
 * light-adapt.h - calls of libxenolith-light as scripts have them: with JSON text where C has
 * structures. What is wrong with a text goes to bind_call.why.
 */
#ifndef XENOLITH_LIGHT_ADAPT_H
#define XENOLITH_LIGHT_ADAPT_H

#include "bind.h"

/* As xlight_type_from_json(), with the first error for bind_throw(). */
static int bind_from_json(const struct xlight_type *type, const char *text, void *obj)
{
    xlight_messages *m;
    int rc = xlight_messages_new(&m);

    if (rc)
        return rc;
    rc = xlight_type_from_json(type, text, m, obj);
    for (unsigned int i = 0; rc && i < xlight_messages_count(m); i++)
        if (xlight_messages_get(m, i)->is_error) {
            xlight_message_format(xlight_messages_get(m, i), bind_call.why, sizeof(bind_call.why));
            break;
        }
    xlight_messages_free(m);
    return rc;
}

static void bind_free_list(void *list, unsigned int nr)
{
    (void)nr;
    free(list);
}

/* The structure that describes a kind of devices, by its list in a configuration. */
static const struct xlight_type *bind_device_config_type(enum xlight_device_kind kind)
{
    static const char *const lists[] = {
        [XLIGHT_DISK] = "disks", [XLIGHT_NIC] = "nics", [XLIGHT_CHANNEL] = "channels",
        [XLIGHT_P9] = "p9s",     [XLIGHT_VFB] = "vfbs", [XLIGHT_VKB] = "vkbs"};
    const struct xlight_type *config = xlight_config_type();

    for (unsigned int i = 0; i < config->nr_fields; i++) {
        const struct xlight_field *f = &config->fields[i];

        if (kind > 0 && kind < sizeof(lists) / sizeof(*lists) && f->json &&
            !strcmp(f->json, lists[kind]))
            return f->type;
    }
    snprintf(bind_call.why, sizeof(bind_call.why), "%d is no kind of devices", (int)kind);
    return NULL;
}

static int bind_device_attach(xlight_handle *h, uint32_t domid, enum xlight_device_kind kind,
                              const char *json, xlight_op **ret_op)
{
    const struct xlight_type *type = bind_device_config_type(kind);
    void *config;
    int rc;

    if (!type)
        return -EINVAL;
    config = calloc(1, type->size);
    if (!config)
        return -ENOMEM;
    xlight_type_init(type, config);
    rc = bind_from_json(type, json, config);
    if (!rc)
        rc = xlight_device_attach_start(h, domid, kind, config, ret_op);
    xlight_type_clear(type, config);
    free(config);
    return rc;
}

/* o: the options of a call, or none, with another configuration in them, or none. */
#define BIND_INSTEAD(TYPE, INIT, options, instead) \
    struct TYPE o = INIT;                          \
                                                   \
    if (options)                                   \
        o = *(options);                            \
    o.config = (instead)

static int bind_domain_save(xlight_handle *h, uint32_t domid, const char *path,
                            const struct xlight_save_options *options,
                            struct xlight_config *instead, xlight_op **ret_op)
{
    BIND_INSTEAD(xlight_save_options, XLIGHT_SAVE_OPTIONS_INIT, options, instead);
    return xlight_domain_save_start(h, domid, path, &o, ret_op);
}

static int bind_domain_save_fd(xlight_handle *h, uint32_t domid, int fd,
                               const struct xlight_save_options *options,
                               struct xlight_config *instead, xlight_op **ret_op)
{
    BIND_INSTEAD(xlight_save_options, XLIGHT_SAVE_OPTIONS_INIT, options, instead);
    return xlight_domain_save_fd_start(h, domid, fd, &o, ret_op);
}

static int bind_domain_restore(xlight_handle *h, const char *path,
                               const struct xlight_restore_options *options,
                               struct xlight_config *instead, xlight_op **ret_op)
{
    BIND_INSTEAD(xlight_restore_options, XLIGHT_RESTORE_OPTIONS_INIT, options, instead);
    return xlight_domain_restore_start(h, path, &o, ret_op);
}

static int bind_domain_restore_fd(xlight_handle *h, int fd,
                                  const struct xlight_restore_options *options,
                                  struct xlight_config *instead, xlight_op **ret_op)
{
    BIND_INSTEAD(xlight_restore_options, XLIGHT_RESTORE_OPTIONS_INIT, options, instead);
    return xlight_domain_restore_fd_start(h, fd, &o, ret_op);
}

static int bind_domain_migrate(xlight_handle *h, uint32_t domid, int in_fd, int out_fd,
                               const struct xlight_migrate_options *options,
                               struct xlight_config *instead, xlight_op **ret_op)
{
    BIND_INSTEAD(xlight_migrate_options, XLIGHT_MIGRATE_OPTIONS_INIT, options, instead);
    return xlight_domain_migrate_start(h, domid, in_fd, out_fd, &o, ret_op);
}

static int bind_domain_migrate_to(xlight_handle *h, uint32_t domid, const char *address,
                                  const struct xlight_tls_files *tls,
                                  const struct xlight_migrate_options *options,
                                  struct xlight_config *instead, xlight_op **ret_op)
{
    BIND_INSTEAD(xlight_migrate_options, XLIGHT_MIGRATE_OPTIONS_INIT, options, instead);
    return xlight_domain_migrate_to_start(h, domid, address, tls, &o, ret_op);
}

static int bind_device_parse(enum xlight_device_kind kind, const char *text, xlight_messages *m,
                             char **ret_text)
{
    const struct xlight_type *type = bind_device_config_type(kind);
    void *config;
    int rc;

    if (!type)
        return -EINVAL;
    config = calloc(1, type->size);
    if (!config)
        return -ENOMEM;
    xlight_device_config_init(kind, config);
    rc = xlight_device_parse(kind, text, m, config);
    if (!rc)
        rc = xlight_type_to_json(type, config, 1, XLIGHT_JSON_LINE, ret_text);
    xlight_device_config_clear(kind, config);
    free(config);
    return rc;
}

/* *ret_text stays NULL when there is no event. */
static int bind_events_next(xlight_events *e, char **ret_text)
{
    struct xlight_event event;
    int rc = xlight_events_next(e, &event);

    if (rc)
        return rc == -EAGAIN ? 0 : rc;
    rc = xlight_type_to_json(xlight_event_type(), &event, 1, XLIGHT_JSON_LINE, ret_text);
    xlight_event_clear(&event);
    return rc;
}

static int bind_sched_vcpus_set(xlight_handle *h, const char *const *strings, unsigned int nr)
{
    struct xlight_sched_vcpu *list = calloc(nr + 1, sizeof(*list));
    int rc = list ? 0 : -ENOMEM;

    for (unsigned int i = 0; !rc && i < nr; i++) {
        xlight_type_init(xlight_sched_vcpu_type(), &list[i]);
        rc = bind_from_json(xlight_sched_vcpu_type(), strings[i], &list[i]);
    }
    if (!rc)
        rc = xlight_sched_vcpus_set(h, list, nr);
    free(list);
    return rc;
}

/* A name of a file that stays: of these there are few. NULL: no memory, and then no lock. */
static const char *bind_lasting(const char *path)
{
    static struct lasting {
        struct lasting *next;
        char path[];
    } * all;
    struct lasting *l;

    for (l = __atomic_load_n(&all, __ATOMIC_ACQUIRE); l; l = l->next)
        if (!strcmp(l->path, path))
            return l->path;
    l = malloc(sizeof(*l) + strlen(path) + 1);
    if (!l)
        return NULL;
    strcpy(l->path, path);
    l->next = __atomic_load_n(&all, __ATOMIC_ACQUIRE);
    while (
        !__atomic_compare_exchange_n(&all, &l->next, l, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        ;
    return l->path;
}

/* *ret_text stays NULL when there is no file to lock. */
static int bind_settings_options(xlight_handle *h, const struct xlight_settings *s,
                                 bool *ret_balloon, char **ret_text)
{
    struct xlight_create_options o = XLIGHT_CREATE_OPTIONS_INIT;
    int rc = xlight_settings_options(h, s, &o);
    char *path = NULL;

    if (!rc && o.lock_file) {
        path = strdup(o.lock_file);
        rc = path ? 0 : -ENOMEM;
    }
    if (rc)
        return rc;
    *ret_balloon = o.balloon;
    *ret_text = path;
    return 0;
}

static int bind_settings_apply_nic(const struct xlight_settings *s, const char *json,
                                   char **ret_text)
{
    const struct xlight_type *type = bind_device_config_type(XLIGHT_NIC);
    struct xlight_nic nic;
    int rc;

    xlight_type_init(type, &nic);
    rc = bind_from_json(type, json, &nic);
    if (!rc)
        rc = xlight_settings_apply_nic(s, &nic);
    if (!rc)
        rc = xlight_type_to_json(type, &nic, 1, XLIGHT_JSON_LINE, ret_text);
    xlight_type_clear(type, &nic);
    return rc;
}

/* The set as users write it; it gets as many bits as the host has CPUs. */
static int bind_settings_mask(xlight_handle *h, const struct xlight_settings *s, int type,
                              const char *text, struct xlight_bits *cpus)
{
    int rc = xlight_host_parse_cpus(h, text, cpus);

    return rc ? rc : xlight_settings_mask(h, s, type, cpus);
}

/* "0-3,8" for a set; the caller frees it. A set that is text already stays as it is. */
static char *bind_bits_text(const struct xlight_bits *bits)
{
    size_t len;
    char *text;

    if (!bits->bytes)
        return strdup(bits->text ? bits->text : "");
    len = xctl_bitmap_format(bits->bytes, bits->nr, NULL, 0);
    text = malloc(len + 1);
    if (text)
        xctl_bitmap_format(bits->bytes, bits->nr, text, len + 1);
    return text;
}

/* The other way round, with no more bits than it takes. */
#define BIND_MAX_BITS 65536U
static int bind_bits_parse(const char *text, struct xlight_bits *bits)
{
    uint8_t *bytes = calloc(1, BIND_MAX_BITS / 8);
    unsigned int nr = BIND_MAX_BITS;
    int rc = bytes ? 0 : -ENOMEM;

    if (!rc && *text)
        rc = xctl_bitmap_parse(text, bytes, BIND_MAX_BITS);
    if (rc == -EINVAL || rc == -ERANGE)
        snprintf(bind_call.why, sizeof(bind_call.why), "\"%.100s\" is no list like 0-3,8", text);
    if (rc) {
        free(bytes);
        return rc;
    }
    while (nr && !(bytes[(nr - 1) / 8] >> (nr - 1) % 8 & 1))
        nr--;
    bits->bytes = bytes;
    bits->nr = nr;
    return 0;
}

#endif /* XENOLITH_LIGHT_ADAPT_H */
