/* SPDX-License-Identifier: MIT */
/* device.c - all devices of a domain at once, when it is made and when it ends. */
#include "device.h"
#include "../config/fields.h"

bool xlight__needs_model(const struct xlight_config *config)
{
    bool needed = config->nr_vfbs || config->nr_p9s || config->nr_channels;

    for (unsigned int i = 0; i < config->nr_disks; i++)
        needed |= config->disks[i].backend == XLIGHT_DISK_QDISK && !config->disks[i].backend_domid;
    for (unsigned int i = 0; i < config->nr_vkbs; i++)
        needed |= config->vkbs[i].backend_type == XLIGHT_VKB_QEMU;
    return needed;
}

int xlight__note(xlight_handle *h, struct xlight__noted *noted, int rc)
{
    if (!noted || rc == -EAGAIN)
        return rc;
    if (rc && !noted->rc) {
        noted->rc = rc;
        noted->why = h->why;
    }
    return 0;
}

static int make_kind(struct xlight__devset *set, const struct xlight__kind *kind,
                     struct xlight_config *config)
{
    char *list = *(char **)xlight__at(config, kind->list);
    unsigned int nr = *(unsigned int *)xlight__at(config, kind->nr);
    int rc = 0;

    for (unsigned int i = 0; !rc && i < nr; i++)
        rc = xlight__devset_make(set, kind, list + i * kind->type->size);
    return rc;
}

static int make_all(struct xlight__devset *set, struct xlight_config *config)
{
    int rc = 0;

    for (const struct xlight__kind *const *k = xlight__kinds; !rc && *k; k++)
        rc = make_kind(set, *k, config);
    return rc;
}

int xlight__devices_create(xlight_op *op, const struct xlight__client *c,
                           struct xlight_config *config)
{
    struct xlight__devset *set = xlight__devset_new(c);
    int rc = set ? make_all(set, config) : -ENOMEM;

    if (rc || !set->nr) {
        xlight__devset_free(set);
        return rc;
    }
    if (config->run_hotplug_scripts == XLIGHT_NO) {
        rc = xstore_write_string(c->h->store, XBT_NULL,
                                 XSTORE_PATH("/libxl/%u/" XLIGHT__NO_HOTPLUG, c->domid), "1");
        if (rc) {
            xlight__devset_free(set);
            return xlight__fail_store(c->h, rc, c->domid, "cannot note who runs hotplug scripts");
        }
    }
    rc = xlight__op_add(op, &xlight__part_coming, set);
    if (!rc && xlight__needs_model(config))
        rc = xlight__model_add(op, c, config);
    return rc;
}

/* The domain is going: nobody in it can object. */
static int take_all(struct xlight__devset *set)
{
    const struct xlight__client *c = &set->client;
    struct xlight__dev *list = NULL;
    unsigned int nr = 0;
    int rc = xlight__dev_list(c->h, c->domid, NULL, &list, &nr);

    for (unsigned int i = 0; !rc && i < nr; i++)
        rc = xlight__devset_take(set, &list[i]);
    free(list);
    return rc;
}

int xlight__devices_destroy(xlight_op *op, uint32_t domid, struct xlight__noted *noted)
{
    const struct xlight__client c = {.h = xlight__op_handle(op), .domid = domid};
    struct xlight__devset *set;
    int rc;

    if (!c.h->store)
        return 0;
    set = xlight__devset_new(&c);
    if (!set)
        return -ENOMEM;
    set->going = XLIGHT__FORCED;
    set->model_gone = true;
    set->noted = noted;
    rc = take_all(set);
    if (!rc)
        rc = xlight__model_end(op, domid, noted);
    if (rc) {
        xlight__devset_free(set);
        return rc;
    }
    return xlight__op_add(op, &xlight__part_going, set);
}
