/* SPDX-License-Identifier: MIT */
/*
 * fuzz-light-cpus.c - any text as a set of CPUs of a host with NUMA nodes, and as a file that says
 * what a pool of CPUs shall be.
 */
#include "fuzz-main.h"
#include <errno.h>
#include <string.h>
#include <xenolith/light-host.h>

#define CPUS 16U

static xlight_handle *host(void)
{
    static xlight_handle *h;

    /* No name: a host with one outlives the process, and would be another library's next time. */
    if (!h && xlight_open("sim:cpus=16,nodes=4", &h))
        abort();
    return h;
}

/* No more bits than the host has CPUs, none of them behind the last. */
static void check(const struct xlight_bits *b)
{
    if (b->nr != CPUS || !b->bytes || b->text)
        abort();
}

static void set_of_cpus(const char *text)
{
    struct xlight_bits b;
    int rc = xlight_host_parse_cpus(host(), text, &b);

    if (rc == -EINVAL)
        return;
    if (rc)
        abort();
    check(&b);
    xlight_bits_clear(&b);
}

static void pool(const char *text, size_t len)
{
    struct xlight_cpupool_config *c;
    struct xlight_bits b;
    int rc = xlight_cpupool_config_parse("fuzz", text, len, NULL, &c);

    if (rc == -EINVAL)
        return;
    if (rc)
        abort();
    if (!xlight_cpupool_config_cpus(host(), c, &b)) {
        check(&b);
        xlight_bits_clear(&b);
    }
    xlight_cpupool_config_free(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    char *text = malloc(len + 1);

    if (!text)
        return 0;
    memcpy(text, data, len);
    text[len] = 0;
    set_of_cpus(text);
    pool(text, len);
    free(text);
    return 0;
}
