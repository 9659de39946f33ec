/* SPDX-License-Identifier: MIT */
/* fuzz-light-device.c - any text as the name of a disk, the path of a server, a device number. */
#include "fuzz-main.h"
#include "device/parse.h"
#include "device/vdev.h"
#include <limits.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    char *text = malloc(len + 1), server[XLIGHT__DEV_KIND], path[128];
    unsigned long decimal = 0;
    uint32_t of, domid;
    int number, devid;
    dev_t dev;

    if (!text)
        return 0;
    memcpy(text, data, len);
    text[len] = 0;
    if (!xlight__vdev_number(text, &number) && number < 0)
        abort();
    /* Nothing longer than the text comes out of it. */
    if (!xlight__dev_parse(text, &of, server, &domid, &devid)) {
        snprintf(path, sizeof(path), "/local/domain/%u/backend/%s/%u/%d", of, server, domid, devid);
        if (strlen(server) >= sizeof(server) || strchr(server, '/') || !*server || devid < 0 ||
            of >= 0x7ff4 || domid >= 0x7ff4 || strlen(path) > strlen(text))
            abort();
    }
    if (!xlight__parse_number(text, &dev) && strlen(text) > 17)
        abort();
    if (xlight__parse_decimal(text, INT_MAX, &decimal) && decimal > INT_MAX)
        abort();
    free(text);
    return 0;
}
