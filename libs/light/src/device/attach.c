/* SPDX-License-Identifier: MIT */
/* attach.c - one device more, or fewer, while the domain runs. */
#include "../config/read.h"
#include "../state/state.h"
#include "device.h"
#include <stdio.h>
#include <xenolith/light-device.h>
#include <xenolith/light-domain.h>

void xlight_device_config_init(enum xlight_device_kind kind, void *config)
{
    xlight_type_init(xlight__kind_of((int)kind)->type, config);
}

void xlight_device_config_clear(enum xlight_device_kind kind, void *config)
{
    xlight_type_clear(xlight__kind_of((int)kind)->type, config);
}

int xlight_device_parse(enum xlight_device_kind kind, const char *text, xlight_messages *m,
                        void *config)
{
    const struct xlight__kind *k = xlight__kind_of((int)kind);
    struct xlight__place at = {.file = "command line"};
    xlight_messages *mine = NULL;
    int rc;

    if (!k)
        return -EINVAL;
    at.key = k->type->name;
    rc = m ? 0 : xlight_messages_new(&mine);
    if (!rc)
        rc = xlight__read_device(m ? m : mine, &at, k->type, config, text);
    xlight_messages_free(mine);
    return rc;
}

/* A change of one device of a domain. */
struct change {
    xlight_handle *h;
    uint32_t domid;
    const struct xlight__kind *kind;
    void *conf; /* of a new one */
    int devid;  /* of one that goes */
    enum xlight__going going;
};

static void free_change(void *state)
{
    struct change *k = state;

    if (k->conf)
        xlight_type_clear(k->kind->type, k->conf);
    free(k->conf);
    free(k);
}

/* The list of a configuration that has devices of this kind. */
static const struct xlight_field *list_field(const struct xlight__kind *kind)
{
    const struct xlight_type *type = xlight_config_type();

    for (unsigned int i = 0; i < type->nr_fields; i++)
        if (type->fields[i].kind == XLIGHT_LIST && type->fields[i].offset == kind->list)
            return &type->fields[i];
    return NULL;
}

static int add_item(const struct change *k, struct xlight_config *c)
{
    void *item = xlight__append(c, list_field(k->kind));

    if (!item)
        return -ENOMEM;
    xlight_type_clear(k->kind->type, item);
    /* On failure it is as if nothing had been given, and can be freed. */
    return xlight__type_copy(k->kind->type, item, k->conf);
}

static bool is_it(const struct change *k, const void *item)
{
    int devid = -1;

    if (k->kind != &xlight__kind_disk)
        return *(int *)xlight__at(item, k->kind->devid) == k->devid;
    return ((const struct xlight_disk *)item)->vdev &&
           !xlight_disk_number(((const struct xlight_disk *)item)->vdev, &devid) &&
           devid == k->devid;
}

static void remove_item(const struct change *k, struct xlight_config *c)
{
    size_t size = k->kind->type->size;
    unsigned int *nr = xlight__at(c, k->kind->nr);
    char *list = *(char **)xlight__at(c, k->kind->list);

    for (unsigned int i = 0; i < *nr; i++) {
        char *item = list + i * size;

        if (!is_it(k, item))
            continue;
        xlight_type_clear(k->kind->type, item);
        memmove(item, item + size, (*nr - i - 1) * size);
        --*nr;
        return;
    }
}

static int change_config(const struct change *k, const uint8_t uuid[16])
{
    struct xlight_config *c = NULL;
    int rc = xlight__state_load(k->h, (domid_t)k->domid, uuid, &c);

    /* Nobody has written one down: then nobody will miss the device in it. */
    if (rc)
        return rc == -ENOENT ? 0 : rc;
    if (!k->conf)
        remove_item(k, c);
    else if ((rc = add_item(k, c)))
        rc = xlight__fail(k->h, rc, k->domid, "no memory for a configuration");
    if (!rc)
        rc = xlight__state_save(k->h, (domid_t)k->domid, uuid, c);
    xlight_config_free(c);
    return rc;
}

/* The configuration that the next start of the domain will use. */
static int run_note(xlight_op *op, void *state)
{
    const struct change *k = state;
    struct xlight_domain *d;
    int lock, rc = xlight_domain_info(k->h, k->domid, &d);

    (void)op;
    if (rc)
        return rc;
    rc = xlight__state_lock(k->h, (domid_t)k->domid, d->uuid, &lock);
    if (!rc) {
        rc = change_config(k, d->uuid);
        xlight__state_unlock(k->h, (domid_t)k->domid, d->uuid, lock);
    }
    xlight_domain_list_free(d, 1);
    return rc;
}

static int check_model(const struct change *k, const struct xlight__devset *set)
{
    const struct xlight__dev *dev = &set->items[0].dev;
    bool runs = false;
    int rc;

    if (!dev->server->qemu || dev->server_domid)
        return 0;
    rc = xlight__model_runs(k->h, k->domid, &runs);
    if (rc || runs)
        return rc;
    return xlight__fail(k->h, -EOPNOTSUPP, k->domid,
                        "%s takes a device model, and the domain was created without one",
                        dev->name);
}

static int run_attach(xlight_op *op, void *state)
{
    struct change *k = state;
    struct xlight__client c = {.h = k->h, .domid = k->domid};
    struct xlight__devset *set;
    int rc = xlight__check_domain(k->h, k->domid, &c.type);

    if (rc)
        return rc;
    set = xlight__devset_new(&c);
    if (!set)
        return -ENOMEM;
    rc = xlight__devset_make(set, k->kind, k->conf);
    if (!rc)
        rc = check_model(k, set);
    if (rc) {
        xlight__devset_free(set);
        return rc;
    }
    return xlight__op_add(op, &xlight__part_coming, set);
}

static int run_detach(xlight_op *op, void *state)
{
    struct change *k = state;
    const struct xlight__client c = {.h = k->h, .domid = k->domid};
    struct xlight__devset *set;
    struct xlight__dev dev;
    int rc = xlight__check_domain(k->h, k->domid, NULL);

    if (!rc)
        rc = xlight__dev_find(k->h, k->domid, k->kind->name, k->devid, &dev);
    if (rc)
        return rc;
    set = xlight__devset_new(&c);
    if (!set)
        return -ENOMEM;
    set->going = k->going;
    rc = xlight__devset_take(set, &dev);
    if (rc) {
        xlight__devset_free(set);
        return rc;
    }
    return xlight__op_add(op, &xlight__part_going, set);
}

/* The device comes, or goes, between the two steps. */
static const struct xlight__step attaching[] = {
    {"checking the device", run_attach, NULL},
    {"noting the device", run_note, NULL},
};
static const struct xlight__step detaching[] = {
    {"looking for the device", run_detach, NULL},
    {"noting that the device is gone", run_note, NULL},
};
static const struct xlight__part attach_part = XLIGHT__PART(attaching, free_change);
static const struct xlight__part detach_part = XLIGHT__PART(detaching, free_change);

static int new_change(xlight_handle *h, uint32_t domid, const struct xlight__kind *kind,
                      struct change **ret_k)
{
    struct change *k = calloc(1, sizeof(*k));

    if (!k)
        return xlight__fail(h, -ENOMEM, domid, "no memory for a device");
    *k = (struct change){.h = h, .domid = domid, .kind = kind};
    *ret_k = k;
    return 0;
}

int xlight__attach_add(xlight_op *op, uint32_t domid, const struct xlight__kind *kind,
                       const void *conf)
{
    struct change *k = NULL;
    int rc = new_change(xlight__op_handle(op), domid, kind, &k);

    if (rc)
        return rc;
    k->conf = calloc(1, kind->type->size);
    if (!k->conf || xlight__type_copy(kind->type, k->conf, conf)) {
        free_change(k);
        return xlight__fail(xlight__op_handle(op), -ENOMEM, domid, "no memory for a device");
    }
    return xlight__op_add(op, &attach_part, k);
}

int xlight__detach_add(xlight_op *op, const struct xlight__dev *dev, enum xlight__going going)
{
    struct change *k = NULL;
    int rc = new_change(xlight__op_handle(op), dev->domid, dev->kind, &k);

    if (rc)
        return rc;
    k->devid = dev->devid;
    k->going = going;
    return xlight__op_add(op, &detach_part, k);
}

static int start(struct change *k, const struct xlight__part *part, xlight_op *op,
                 xlight_op **ret_op)
{
    int rc = xlight__op_add(op, part, k);

    if (rc) {
        xlight_op_free(op);
        return rc;
    }
    *ret_op = op;
    return 0;
}

/* Channels are arguments of the device model; folders and screens are made with it, too. */
static int check_kind(xlight_handle *h, uint32_t domid, const struct xlight__kind *kind)
{
    if (kind == &xlight__kind_disk || kind == &xlight__kind_nic || kind == &xlight__kind_vkb)
        return 0;
    return xlight__fail(h, kind ? -EOPNOTSUPP : -EINVAL, domid,
                        "such devices come and go with their domain only");
}

int xlight_device_attach_start(xlight_handle *h, uint32_t domid, enum xlight_device_kind kind,
                               const void *config, xlight_op **ret_op)
{
    const struct xlight__kind *type = xlight__kind_of((int)kind);
    struct change *k = NULL;
    xlight_op *op = NULL;
    int rc = check_kind(h, domid, type);

    if (!rc)
        rc = new_change(h, domid, type, &k);
    if (rc)
        return rc;
    k->conf = calloc(1, type->type->size);
    if (!k->conf || xlight__type_copy(type->type, k->conf, config))
        rc = xlight__fail(h, -ENOMEM, domid, "no memory for a device");
    if (!rc)
        rc = xlight__op_new(h, domid, &op, "cannot attach a %s to domain %u", type->word, domid);
    if (rc) {
        free_change(k);
        return rc;
    }
    return start(k, &attach_part, op, ret_op);
}

int xlight_device_detach_start(xlight_handle *h, uint32_t domid, enum xlight_device_kind kind,
                               int devid, enum xlight_detach how, xlight_op **ret_op)
{
    const struct xlight__kind *type = xlight__kind_of((int)kind);
    struct change *k = NULL;
    xlight_op *op = NULL;
    int rc = check_kind(h, domid, type);

    if (!rc)
        rc = new_change(h, domid, type, &k);
    if (rc)
        return rc;
    k->devid = devid;
    k->going = how == XLIGHT_DETACH_GENTLY         ? XLIGHT__GENTLY
               : how == XLIGHT_DETACH_FORCED_LATER ? XLIGHT__FORCED_LATER
                                                   : XLIGHT__FORCED;
    rc =
        xlight__op_new(h, domid, &op, "cannot detach %s %d of domain %u", type->word, devid, domid);
    if (rc) {
        free_change(k);
        return rc;
    }
    return start(k, &detach_part, op, ret_op);
}
