/* SPDX-License-Identifier: MIT */
/* device.c - xl block-*, network-*, vkb-*, channel-list: devices of domains that run. */
#include "run.h"
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenolith/light-device.h>
#include <xenolith/light-domain.h>
#include <xenolith/light-field.h>

static const struct option no_options[] = {XL_LAST_OPTION};

/* The arguments as one specification, "A,B". To be freed. */
static char *join(char **words, int nr)
{
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);

    if (!f)
        return NULL;
    for (int i = 0; i < nr; i++)
        fprintf(f, "%s%s", i ? "," : "", words[i]);
    if (fclose(f)) {
        free(text);
        return NULL;
    }
    return text;
}

/* Reads what a new device shall be; has said why not. */
static int parse(enum xlight_device_kind kind, char **words, int nr, void *config)
{
    char *text = join(words, nr);
    xlight_messages *m = NULL;
    int rc = text ? xlight_messages_new(&m) : -ENOMEM;

    if (!rc) {
        rc = xlight_device_parse(kind, text, m, config);
        xl_say(m);
    } else {
        fputs("xl: no memory\n", stderr);
    }
    xlight_messages_free(m);
    free(text);
    return rc;
}

/* key is that of configuration files. */
static int attach(struct xl *xl, const char *domain, enum xlight_device_kind kind, const char *key,
                  const void *config)
{
    xlight_handle *h;
    xlight_op *op = NULL;
    uint32_t domid;
    int status;

    if (xl->dry_run) {
        printf("%s: ", key);
        return xl_json(xlight_config_field(key)->type, config, 1, 0);
    }
    h = xl_open(xl);
    if (!h)
        return XL_FAILED;
    if (xlight_domain_find(h, domain, &domid)) {
        status = xl_fail(h);
    } else {
        status =
            xlight_device_attach_start(h, domid, kind, config, &op) ? xl_fail(h) : xl_run(h, op);
    }
    xlight_close(h);
    return status;
}

/* What xl.conf says of interfaces that leave it open. */
static int apply_settings(const struct xl *xl, struct xlight_nic *nic)
{
    struct xlight_settings *s = xl_settings(xl);
    int rc;

    if (!s)
        return XL_FAILED;
    rc = xlight_settings_apply_nic(s, nic);
    xlight_settings_free(s);
    if (rc)
        fputs("xl: no memory\n", stderr);
    return rc ? XL_FAILED : XL_OK;
}

/* DOMAIN SPECIFICATION... */
static int attach_command(struct xl *xl, int argc, char **argv, int min,
                          enum xlight_device_kind kind, const char *key)
{
    union {
        struct xlight_disk disk;
        struct xlight_nic nic;
        struct xlight_vkb vkb;
    } config;
    int status = XL_OK;

    if (xl_getopt(argc, argv, "", no_options, min, &status) == -2)
        return status;
    xlight_device_config_init(kind, &config);
    if (parse(kind, argv + optind + 1, argc - optind - 1, &config) ||
        (kind == XLIGHT_NIC && apply_settings(xl, &config.nic)))
        status = XL_FAILED;
    else
        status = attach(xl, argv[optind], kind, key, &config);
    xlight_device_config_clear(kind, &config);
    return status;
}

int cmd_block_attach(struct xl *xl, int argc, char **argv)
{
    return attach_command(xl, argc, argv, 2, XLIGHT_DISK, "disk");
}

int cmd_network_attach(struct xl *xl, int argc, char **argv)
{
    return attach_command(xl, argc, argv, 1, XLIGHT_NIC, "vif");
}

int cmd_vkb_attach(struct xl *xl, int argc, char **argv)
{
    return attach_command(xl, argc, argv, 2, XLIGHT_VKB, "vkb");
}

/* "00:16:3e:00:00:01"; false: it is no such address. */
static bool is_mac(const char *word, uint8_t mac[6])
{
    unsigned int b[6];
    int len = -1;

    if (sscanf(word, "%2x:%2x:%2x:%2x:%2x:%2x%n", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5], &len) !=
            6 ||
        word[len])
        return false;
    for (int i = 0; i < 6; i++)
        mac[i] = (uint8_t)b[i];
    return true;
}

/* The network interface that is meant, by its number or address. */
static int find_nic(xlight_handle *h, uint32_t domid, const char *word, int *ret_devid)
{
    struct xlight_device *list;
    unsigned int nr;
    uint8_t mac[6];
    uint32_t number;
    int found = -1;

    if (xl_number(word, &number) && number <= INT32_MAX) {
        *ret_devid = (int)number;
        return XL_OK;
    }
    if (is_mac(word, mac)) {
        if (xlight_device_list(h, domid, XLIGHT_NIC, &list, &nr))
            return xl_fail(h);
        for (unsigned int i = 0; i < nr; i++)
            if (!memcmp(list[i].mac, mac, sizeof(mac)))
                found = list[i].devid;
        xlight_device_list_free(list, nr);
    }
    if (found < 0) {
        fprintf(stderr, "xl: Unknown device %s.\n", word);
        return XL_FAILED;
    }
    *ret_devid = found;
    return XL_OK;
}

static int find_device(xlight_handle *h, uint32_t domid, enum xlight_device_kind kind,
                       const char *word, int *ret_devid)
{
    if (kind != XLIGHT_DISK)
        return find_nic(h, domid, word, ret_devid);
    if (!xlight_disk_number(word, ret_devid))
        return XL_OK;
    fprintf(stderr, "xl: a disk cannot be called %s\n", word);
    return XL_FAILED;
}

static int detach(struct xl *xl, char **words, enum xlight_device_kind kind, enum xlight_detach how)
{
    xlight_handle *h = xl_open(xl);
    xlight_op *op = NULL;
    uint32_t domid;
    int devid, status;

    if (!h)
        return XL_FAILED;
    if (xlight_domain_find(h, words[0], &domid)) {
        status = xl_fail(h);
    } else {
        status = find_device(h, domid, kind, words[1], &devid);
        if (status == XL_OK)
            status = xlight_device_detach_start(h, domid, kind, devid, how, &op) ? xl_fail(h)
                                                                                 : xl_run(h, op);
    }
    xlight_close(h);
    return status;
}

static int change_medium(struct xl *xl, const char *domain, const char *drive, const char *target)
{
    xlight_handle *h = xl_open(xl);
    xlight_op *op = NULL;
    uint32_t domid;
    int status;

    if (!h)
        return XL_FAILED;
    if (xlight_domain_find(h, domain, &domid) ||
        xlight_medium_change_start(h, domid, drive, target, &op))
        status = xl_fail(h);
    else
        status = xl_run(h, op);
    xlight_close(h);
    return status;
}

int cmd_cd_eject(struct xl *xl, int argc, char **argv)
{
    int status;

    if (xl_getopt(argc, argv, "", no_options, 2, &status) == -2)
        return status;
    return change_medium(xl, argv[optind], argv[optind + 1], NULL);
}

/* Xen's xl also takes file:/PATH and phy:/PATH, which say no more than the path. */
int cmd_cd_insert(struct xl *xl, int argc, char **argv)
{
    const char *target;
    int status;

    if (xl_getopt(argc, argv, "", no_options, 3, &status) == -2)
        return status;
    target = argv[optind + 2];
    if (!strncmp(target, "file:", 5) || !strncmp(target, "phy:", 4))
        target = strchr(target, ':') + 1;
    return change_medium(xl, argv[optind], argv[optind + 1], target);
}

int cmd_block_detach(struct xl *xl, int argc, char **argv)
{
    static const struct option options[] = {{"force", no_argument, NULL, 'f'}, XL_LAST_OPTION};
    enum xlight_detach how = XLIGHT_DETACH_GENTLY;
    int opt, status;

    while ((opt = xl_getopt(argc, argv, "f", options, 2, &status)) != -1) {
        if (opt == -2)
            return status;
        how = XLIGHT_DETACH_FORCED;
    }
    return detach(xl, argv + optind, XLIGHT_DISK, how);
}

static int detach_command(struct xl *xl, int argc, char **argv, enum xlight_device_kind kind)
{
    int status;

    if (xl_getopt(argc, argv, "", no_options, 2, &status) == -2)
        return status;
    return detach(xl, argv + optind, kind, XLIGHT_DETACH_FORCED_LATER);
}

int cmd_network_detach(struct xl *xl, int argc, char **argv)
{
    return detach_command(xl, argc, argv, XLIGHT_NIC);
}

int cmd_vkb_detach(struct xl *xl, int argc, char **argv)
{
    return detach_command(xl, argc, argv, XLIGHT_VKB);
}

/* Lists: the devices of all domains that are named, one behind the other. */
struct devices {
    struct xlight_device *list;
    unsigned int nr;
};

static int add_devices(xlight_handle *h, const char *domain, enum xlight_device_kind kind,
                       struct devices *all)
{
    struct xlight_device *list, *more;
    unsigned int nr;
    uint32_t domid;

    if (xlight_domain_find(h, domain, &domid) || xlight_device_list(h, domid, kind, &list, &nr))
        return xl_fail(h);
    more = realloc(all->list, (all->nr + nr + 1) * sizeof(*more));
    if (!more) {
        xlight_device_list_free(list, nr);
        fputs("xl: no memory\n", stderr);
        return XL_FAILED;
    }
    if (nr)
        memcpy(more + all->nr, list, nr * sizeof(*more));
    free(list);
    all->list = more;
    all->nr += nr;
    return XL_OK;
}

static int list_command(struct xl *xl, int argc, char **argv, enum xlight_device_kind kind,
                        void (*print)(const struct xlight_device *list, unsigned int nr))
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'}, XL_LAST_OPTION};
    struct devices all = {NULL, 0};
    bool json = false;
    xlight_handle *h;
    int opt, status = XL_OK;

    while ((opt = xl_getopt(argc, argv, "", options, 1, &status)) != -1) {
        if (opt == -2)
            return status;
        json = true;
    }
    h = xl_open(xl);
    if (!h)
        return XL_FAILED;
    status = XL_OK;
    for (int i = optind; i < argc; i++)
        if (add_devices(h, argv[i], kind, &all))
            status = XL_FAILED;
    if (!json)
        print(all.list, all.nr);
    else if (xl_json(xlight_device_type(), all.list, all.nr, XLIGHT_JSON_LIST))
        status = XL_FAILED;
    xlight_device_list_free(all.list, all.nr);
    xlight_close(h);
    return status;
}

static void print_disks(const struct xlight_device *list, unsigned int nr)
{
    printf("%-5s %-3s %-6s %-5s %-6s %-8s %-30s\n", "Vdev", "BE", "handle", "state", "evt-ch",
           "ring-ref", "BE-path");
    for (unsigned int i = 0; i < nr; i++)
        printf("%-5d %-3u %-6u %-5d %-6d %-8d %-30s\n", list[i].devid, list[i].backend_domid,
               list[i].domid, list[i].state, list[i].event_channel, list[i].ring_ref,
               list[i].backend);
}

int cmd_block_list(struct xl *xl, int argc, char **argv)
{
    return list_command(xl, argc, argv, XLIGHT_DISK, print_disks);
}

static void print_nics(const struct xlight_device *list, unsigned int nr)
{
    printf("%-3s %-2s %-17s %-6s %-5s %-6s %5s/%-5s %-30s\n", "Idx", "BE", "Mac Addr.", "handle",
           "state", "evt-ch", "tx-", "rx-ring-ref", "BE-path");
    for (unsigned int i = 0; i < nr; i++) {
        const uint8_t *mac = list[i].mac;

        printf("%-3d %-2u %02x:%02x:%02x:%02x:%02x:%02x", list[i].devid, list[i].backend_domid,
               mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
        printf("%6d %5d %6d %5d/%-11d %-30s\n", list[i].devid, list[i].state, list[i].event_channel,
               list[i].ring_ref, list[i].rx_ring_ref, list[i].backend);
    }
}

int cmd_network_list(struct xl *xl, int argc, char **argv)
{
    return list_command(xl, argc, argv, XLIGHT_NIC, print_nics);
}

static void print_channels(const struct xlight_device *list, unsigned int nr)
{
    unsigned int index = 0;

    printf("%-3s %-2s %-5s %-6s %8s %-10s %-30s\n", "Idx", "BE", "state", "evt-ch", "ring-ref",
           "connection", "");
    for (unsigned int i = 0; i < nr; i++) {
        const struct xlight_device *d = &list[i];
        bool pty = d->connection && !strcmp(d->connection, "pty");

        /* Channels are counted, each domain's for themselves. */
        index = i && d[-1].domid == d->domid ? index + 1 : 0;
        printf("%-3u %-2u %-5d %-6d %-8d %-10s ", index, d->backend_domid, d->state,
               d->event_channel, d->ring_ref, d->connection ? d->connection : "unknown");
        if (pty)
            printf("%-30s ", d->path ? d->path : "/NO-SUCH-PATH");
        putchar('\n');
    }
}

int cmd_channel_list(struct xl *xl, int argc, char **argv)
{
    return list_command(xl, argc, argv, XLIGHT_CHANNEL, print_channels);
}

static void print_vkbs(const struct xlight_device *list, unsigned int nr)
{
    printf("%-3s %-2s %-6s %-5s %-6s %6s %-10s %-10s %-30s\n", "Idx", "BE", "handle", "state",
           "evt-ch", "ref", "ID", "BE-type", "BE-path");
    for (unsigned int i = 0; i < nr; i++)
        printf("%-3d %-2u %6d %5d %6d %6d %-10s %-10s %-30s\n", list[i].devid,
               list[i].backend_domid, list[i].devid, list[i].state, list[i].event_channel,
               list[i].ring_ref, list[i].name ? list[i].name : "(null)",
               strcmp(list[i].server, "vinput") ? "qemu" : "linux", list[i].backend);
}

int cmd_vkb_list(struct xl *xl, int argc, char **argv)
{
    return list_command(xl, argc, argv, XLIGHT_VKB, print_vkbs);
}
