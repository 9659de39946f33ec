/* SPDX-License-Identifier: MIT */
/* fuzz-light-spec.c - any text as the specification of a disk, a network card and other devices. */
#include "fuzz-main.h"
#include <string.h>
#include "config/read.h"

static void try_type(const struct xlight_type *type, const char *text)
{
    struct xlight__place at = {"f", 1, 1, "key", NULL};
    void *obj = malloc(type->size);
    struct xlight_disk *d = obj;
    xlight_messages *m;

    if (!obj || xlight_messages_new(&m))
        abort();
    xlight_type_init(type, obj);
    if (!xlight__read_device(m, &at, type, obj, text) != !xlight_messages_errors(m))
        abort();
    if (type == &xlight__disk_type && !xlight_messages_errors(m) &&
        (!d->vdev || !*d->vdev || !d->format || (!d->target && !d->cdrom)))
        abort();
    xlight_messages_free(m);
    xlight_type_clear(type, obj);
    free(obj);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const struct xlight_type *const types[] = {
        &xlight__disk_type, &xlight__nic_type, &xlight__pci_type,     &xlight__vfb_type,
        &xlight__vkb_type,  &xlight__p9_type,  &xlight__channel_type, &xlight__usbdev_type};
    char *text;

    if (!len)
        return 0;
    text = malloc(len);
    if (!text)
        return 0;
    memcpy(text, data + 1, len - 1);
    text[len - 1] = 0;
    try_type(types[data[0] % (sizeof(types) / sizeof(types[0]))], text);
    free(text);
    return 0;
}
