/* SPDX-License-Identifier: MIT */
/* devset.c - devices that come or go together. */
#include "device.h"

struct xlight__devset *xlight__devset_new(const struct xlight__client *c)
{
    struct xlight__devset *set = calloc(1, sizeof(*set));

    if (set)
        set->client = *c;
    else
        xlight__fail(c->h, -ENOMEM, c->domid, "no memory for devices");
    return set;
}

int xlight__devset_find_others(struct xlight__devset *set)
{
    const struct xlight__client *c = &set->client;
    char *text = NULL;
    int rc = xlight__dev_read(c->h, c->domid, XSTORE_PATH("/libxl/%u", c->domid),
                              XLIGHT__NO_HOTPLUG, &text);

    if (!rc)
        set->others = text != NULL;
    free(text);
    return rc;
}

void xlight__devset_free(void *state)
{
    struct xlight__devset *set = state;

    if (!set)
        return;
    for (unsigned int i = 0; i < set->nr; i++) {
        struct xlight__devset_item *item = &set->items[i];

        xlight__hotplug_end(&item->hotplug);
        if (item->conf)
            xlight_type_clear(item->dev.kind->type, item->conf);
        free(item->conf);
    }
    free(set->items);
    free(set);
}

static int add(struct xlight__devset *set, struct xlight__devset_item **ret_item)
{
    struct xlight__devset_item *items = realloc(set->items, (set->nr + 1) * sizeof(*items));

    if (!items)
        return xlight__fail(set->client.h, -ENOMEM, set->client.domid, "no memory for devices");
    set->items = items;
    *ret_item = &items[set->nr];
    memset(*ret_item, 0, sizeof(**ret_item));
    return 0;
}

/* Whether the set has a device already, or which id is the next one. */
static struct xlight__dev *devs_of(const struct xlight__devset *set)
{
    struct xlight__dev *devs = calloc(set->nr + 1, sizeof(*devs));

    for (unsigned int i = 0; devs && i < set->nr; i++)
        devs[i] = set->items[i].dev;
    return devs;
}

int xlight__devset_make(struct xlight__devset *set, const struct xlight__kind *kind, void *conf)
{
    const struct xlight__client *c = &set->client;
    struct xlight__devset_item *item = NULL;
    struct xlight__dev *devs = devs_of(set);
    void *copy = calloc(1, kind->type->size);
    int rc = devs && copy ? add(set, &item)
                          : xlight__fail(c->h, -ENOMEM, c->domid, "no memory for devices");

    if (!rc)
        rc = xlight__dev_make(c, kind, conf, devs, set->nr, &item->dev);
    if (!rc && xlight__type_copy(kind->type, copy, conf))
        rc = xlight__fail(c->h, -ENOMEM, c->domid, "no memory for devices");
    free(devs);
    if (rc) {
        free(copy);
        return rc;
    }
    item->conf = copy;
    set->nr++;
    return 0;
}

int xlight__devset_take(struct xlight__devset *set, const struct xlight__dev *dev)
{
    struct xlight__devset_item *item;
    int rc = add(set, &item);

    if (rc)
        return rc;
    item->dev = *dev;
    item->written = item->ready = true;
    set->nr++;
    return 0;
}
