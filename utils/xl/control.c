/* SPDX-License-Identifier: MIT */
/* control.c - xl mem-set, mem-max, vcpu-set, vcpu-pin, sysrq, trigger: changes of a running domain.
 */
#include <ctype.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenolith/light-control.h>
#include <xenolith/light-domain.h>
#include <xenolith/light-host.h>
#include <xenolith/light-sched.h>
#include "xl.h"

static const struct option no_options[] = {XL_LAST_OPTION};

/* "512", "512m", "1g": MiB without a unit; b, k, m, g or t in any case. */
static bool read_size(const char *text, uint64_t *ret_kb)
{
    static const char units[] = "bkmgt";
    const char *unit;
    char *end;
    uint64_t kb;

    if (*text < '0' || *text > '9')
        return false;
    kb = strtoull(text, &end, 10);
    unit = *end ? strchr(units, tolower((unsigned char)*end)) : units + 2;
    if (!unit || (*end && end[1]) || kb > UINT64_MAX >> 40)
        return false;
    *ret_kb = *unit == 'b' ? kb >> 10 : kb << 10 * (unit - units - 1);
    return true;
}

static int change_memory(struct xl *xl, int argc, char **argv,
                         int (*fn)(xlight_handle *h, uint32_t domid, uint64_t kb))
{
    xlight_handle *h;
    uint32_t domid;
    uint64_t kb;
    int status = XL_OK;

    if (xl_getopt(argc, argv, "h", no_options, 2, &status) != -1)
        return status;
    if (!read_size(argv[optind + 1], &kb)) {
        fprintf(stderr, "xl: \"%s\" is not an amount of memory like 512, 512m or 1g\n",
                argv[optind + 1]);
        return XL_FAILED;
    }
    h = xl_open(xl);
    if (!h)
        return XL_FAILED;
    if (xlight_domain_find(h, argv[optind], &domid) || fn(h, domid, kb))
        status = xl_fail(h);
    xlight_close(h);
    return status;
}

int cmd_mem_set(struct xl *xl, int argc, char **argv)
{
    return change_memory(xl, argc, argv, xlight_memory_set_target);
}

int cmd_mem_max(struct xl *xl, int argc, char **argv)
{
    return change_memory(xl, argc, argv, xlight_memory_set_maximum);
}

/* More than the host has CPUs is a slip most of the time; growing within what is used is not. */
static int is_too_much(xlight_handle *h, uint32_t domid, uint32_t nr, bool *ret_much)
{
    struct xlight_domain *d;
    struct xlight_host *host;
    int rc = xlight_domain_info(h, domid, &d);

    if (rc)
        return rc;
    rc = xlight_host_info(h, &host);
    if (!rc) {
        *ret_much = nr > d->vcpus_online && nr > host->max_cpu + 1;
        if (*ret_much)
            fprintf(stderr,
                    "xl: %" PRIu32 " vCPUs are more than the %" PRIu32
                    " CPUs of this host; --ignore-host sets them all the same\n",
                    nr, host->max_cpu + 1);
        xlight_host_free(host);
    }
    xlight_domain_list_free(d, 1);
    return rc;
}

int cmd_vcpu_set(struct xl *xl, int argc, char **argv)
{
    static const struct option options[] = {{"ignore-host", no_argument, NULL, 'i'},
                                            XL_LAST_OPTION};
    bool ignore = false, much = false;
    xlight_handle *h;
    uint32_t domid, nr;
    int opt, status = XL_OK;

    while ((opt = xl_getopt(argc, argv, "ih", options, 2, &status)) >= 0)
        ignore = true;
    if (opt == -2)
        return status;
    if (!xl_number(argv[optind + 1], &nr)) {
        fprintf(stderr, "xl: \"%s\" is not a number of vCPUs\n", argv[optind + 1]);
        return XL_FAILED;
    }
    h = xl_open(xl);
    if (!h)
        return XL_FAILED;
    if (xlight_domain_find(h, argv[optind], &domid) ||
        (!ignore && is_too_much(h, domid, nr, &much)) || (!much && xlight_vcpu_set(h, domid, nr)))
        status = xl_fail(h);
    else if (much)
        status = XL_FAILED;
    xlight_close(h);
    return status;
}

/* NULL for "-", which means to leave it. */
static int read_cpus(xlight_handle *h, const char *text, struct xlight_bits *b,
                     const struct xlight_bits **ret)
{
    *ret = NULL;
    if (!text || !strcmp(text, "-"))
        return 0;
    *ret = b;
    return xlight_host_parse_cpus(h, text, b);
}

static int pin(xlight_handle *h, uint32_t domid, const char *vcpu, const struct xlight_bits *hard,
               const struct xlight_bits *soft, bool force)
{
    struct xlight_vcpu *list;
    unsigned int nr;
    uint32_t one;
    int rc;

    if (xl_number(vcpu, &one))
        return xlight_vcpu_pin(h, domid, one, hard, soft, force);
    rc = xlight_vcpu_list(h, domid, &list, &nr);
    if (rc)
        return rc;
    for (unsigned int i = 0; !rc && i < nr; i++)
        rc = xlight_vcpu_pin(h, domid, list[i].vcpu, hard, soft, false);
    xlight_vcpu_list_free(list, nr);
    return rc;
}

/* Hard affinity keeps within the masks of xl.conf. */
static int mask_hard(const struct xl *xl, xlight_handle *h, uint32_t domid, struct xlight_bits *b)
{
    struct xlight_settings *s = xl_settings(xl);
    struct xlight_domain *d = NULL;
    int status = XL_OK;

    if (!s)
        return XL_FAILED;
    if (xlight_domain_info(h, domid, &d)) {
        status = xl_fail(h);
    } else {
        if (xlight_settings_mask(h, s, d->type, b))
            status = xl_fail(h);
        xlight_domain_list_free(d, 1);
    }
    xlight_settings_free(s);
    return status;
}

static int print_pin(const struct xlight_bits *hard, const struct xlight_bits *soft)
{
    fputs("cpumap: ", stdout);
    if (hard)
        xl_print_set(hard);
    else
        putchar('-');
    if (soft) {
        putchar(' ');
        xl_print_set(soft);
    }
    putchar('\n');
    return 0;
}

int cmd_vcpu_pin(struct xl *xl, int argc, char **argv)
{
    static const struct option options[] = {
        {"force", no_argument, NULL, 'f'},
        {"ignore-global-affinity-masks", no_argument, NULL, 'i'},
        XL_LAST_OPTION};
    struct xlight_bits bits[2] = {{NULL, 0, NULL}, {NULL, 0, NULL}};
    const struct xlight_bits *hard = NULL, *soft = NULL;
    const char *vcpu;
    bool force = false, ignore = false;
    uint32_t domid, one;
    xlight_handle *h;
    int opt, status = XL_OK;

    while ((opt = xl_getopt(argc, argv, "fih", options, 3, &status)) >= 0) {
        force |= opt == 'f';
        ignore |= opt == 'i';
    }
    if (opt == -2)
        return status;
    vcpu = argv[optind + 1];
    if (!xl_number(vcpu, &one) && (force || strcmp(vcpu, "all"))) {
        fprintf(stderr, "xl: \"%s\" is not the number of a vCPU%s\n", vcpu,
                force ? "; with --force there is no \"all\"" : "");
        return XL_FAILED;
    }
    h = xl_open(xl);
    if (!h)
        return XL_FAILED;
    if (xlight_domain_find(h, argv[optind], &domid) ||
        read_cpus(h, argv[optind + 2], &bits[0], &hard) ||
        read_cpus(h, argc > optind + 3 ? argv[optind + 3] : NULL, &bits[1], &soft))
        status = xl_fail(h);
    if (!status && hard && !ignore)
        status = mask_hard(xl, h, domid, &bits[0]);
    if (!status && (xl->dry_run ? print_pin(hard, soft) : pin(h, domid, vcpu, hard, soft, force)))
        status = xl_fail(h);
    xlight_bits_clear(&bits[0]);
    xlight_bits_clear(&bits[1]);
    xlight_close(h);
    return status;
}

int cmd_sysrq(struct xl *xl, int argc, char **argv)
{
    xlight_handle *h;
    uint32_t domid;
    int status = XL_OK;

    if (xl_getopt(argc, argv, "h", no_options, 2, &status) != -1)
        return status;
    if (strlen(argv[optind + 1]) != 1) {
        fprintf(stderr, "xl: \"%s\" is not one letter\n", argv[optind + 1]);
        return XL_FAILED;
    }
    h = xl_open(xl);
    if (!h)
        return XL_FAILED;
    if (xlight_domain_find(h, argv[optind], &domid) || xlight_sysrq(h, domid, argv[optind + 1][0]))
        status = xl_fail(h);
    xlight_close(h);
    return status;
}

int cmd_trigger(struct xl *xl, int argc, char **argv)
{
    uint32_t domid, vcpu = 0;
    xlight_handle *h;
    int status = XL_OK;

    if (xl_getopt(argc, argv, "h", no_options, 2, &status) != -1)
        return status;
    if (argc > optind + 2 && !xl_number(argv[optind + 2], &vcpu)) {
        fprintf(stderr, "xl: \"%s\" is not the number of a vCPU\n", argv[optind + 2]);
        return XL_FAILED;
    }
    h = xl_open(xl);
    if (!h)
        return XL_FAILED;
    if (xlight_domain_find(h, argv[optind], &domid) ||
        xlight_trigger(h, domid, argv[optind + 1], vcpu))
        status = xl_fail(h);
    xlight_close(h);
    return status;
}
