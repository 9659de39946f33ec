/* SPDX-License-Identifier: MIT */
/* fuzz-light-bootloader.c - anything as what a boot loader says that it has chosen. */
#include "bootloader/bootloader.h"
#include "fuzz-main.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct xlight__boot_choice c = {.kernel = NULL};
    int rc = xlight__boot_parse((const char *)data, len, &c);

    if (rc && rc != -EBADMSG && rc != -E2BIG)
        abort();
    if (!rc && (!c.kernel || !*c.kernel))
        abort();
    /* Nothing longer than the text comes out of it. */
    if ((c.kernel && strlen(c.kernel) > len) || (c.ramdisk && strlen(c.ramdisk) > len) ||
        (c.args && strlen(c.args) > len))
        abort();
    free(c.kernel);
    free(c.ramdisk);
    free(c.args);
    return 0;
}
