/* SPDX-License-Identifier: MIT */
/*
 * stat.c - what domains have used. CPU time is the hypervisor's; devices are counted by the kernel
 * of their back end, below /sys.
 */
#include <dirent.h>
#include <stdio.h>
#include <xenolith/light-stat.h>
#include "query.h"

#define T struct xlight_vcpu_stat
static const struct xlight_field vcpu_fields[] = {
    FIELD(U32, vcpu, "vcpu"),
    FIELD(BOOL, online, "online"),
    FIELD(U64, cpu_time_ns, "cpu_time_ns"),
};
static const struct xlight_type vcpu_type = TYPE("vcpu-stat", T, vcpu_fields, );
#undef T

#define T struct xlight_vif_stat
static const struct xlight_field vif_fields[] = {
    FIELD(U32, devid, "devid"),           FIELD(U64, rx_bytes, "rx_bytes"),
    FIELD(U64, rx_packets, "rx_packets"), FIELD(U64, rx_errors, "rx_errors"),
    FIELD(U64, rx_dropped, "rx_dropped"), FIELD(U64, tx_bytes, "tx_bytes"),
    FIELD(U64, tx_packets, "tx_packets"), FIELD(U64, tx_errors, "tx_errors"),
    FIELD(U64, tx_dropped, "tx_dropped"),
};
static const struct xlight_type vif_type = TYPE("vif-stat", T, vif_fields, );
#undef T

#define T struct xlight_vbd_stat
static const struct xlight_field vbd_fields[] = {
    FIELD(U32, devid, "devid"),
    FIELD(BOOL, known, "known"),
    FIELD(U64, full, "full"),
    FIELD(U64, reads, "reads"),
    FIELD(U64, writes, "writes"),
    FIELD(U64, read_sectors, "read_sectors"),
    FIELD(U64, written_sectors, "written_sectors"),
};
static const struct xlight_type vbd_type = TYPE("vbd-stat", T, vbd_fields, );
#undef T

#define T struct xlight_stat
static const struct xlight_field stat_fields[] = {
    FIELD(U32, domain.domid, "domid"),
    FIELD(STRING, domain.name, "name"),
    FIELD(UUID, domain.uuid, "uuid"),
    FIELD(BOOL, domain.running, "running"),
    FIELD(BOOL, domain.blocked, "blocked"),
    FIELD(BOOL, domain.paused, "paused"),
    FIELD(BOOL, domain.shutdown, "shutdown"),
    FIELD(BOOL, domain.dying, "dying"),
    FIELD(INT, domain.shutdown_reason, "shutdown_reason", .preset = -1),
    FIELD(U64, domain.memory_kb, "memory_kb"),
    FIELD(U64, domain.max_memory_kb, "max_memory_kb"),
    FIELD(U64, domain.cpu_time_ns, "cpu_time_ns"),
    LIST(STRUCT, vcpus, nr_vcpus, "vcpus", .type = &vcpu_type),
    LIST(STRUCT, vifs, nr_vifs, "vifs", .type = &vif_type),
    LIST(STRUCT, vbds, nr_vbds, "vbds", .type = &vbd_type),
};
#undef T

const struct xlight_type *xlight_stat_type(void)
{
    static const struct xlight_type type = TYPE("stat", struct xlight_stat, stat_fields, );

    return &type;
}

static struct xlight_stat *find(struct xlight_stat *list, unsigned int nr, uint32_t domid)
{
    for (unsigned int i = 0; i < nr; i++)
        if (list[i].domain.domid == domid)
            return &list[i];
    return NULL;
}

/* A number from a file; false when there is none. */
static bool read_number(const char *dir, const char *name, uint64_t *ret)
{
    char path[512];
    unsigned long long n;
    bool ok;
    FILE *f;

    if ((size_t)snprintf(path, sizeof(path), "%s/statistics/%s", dir, name) >= sizeof(path))
        return false;
    f = fopen(path, "re");
    if (!f)
        return false;
    ok = fscanf(f, "%llu", &n) == 1;
    fclose(f);
    if (ok)
        *ret = n;
    return ok;
}

/* Which domain's device an interface is: its node says so, or else its name. */
static bool is_vif(const char *dir, const char *name, uint32_t *ret_domid, uint32_t *ret_devid)
{
    char path[512];
    int n = 0;
    FILE *f;

    if ((size_t)snprintf(path, sizeof(path), "%s/device/nodename", dir) >= sizeof(path))
        return false;
    f = fopen(path, "re");
    if (f) {
        n = fscanf(f, "backend/vif/%u/%u", ret_domid, ret_devid);
        fclose(f);
    }
    return n == 2 || sscanf(name, "vif%u.%u", ret_domid, ret_devid) == 2;
}

static int add_vif(xlight_handle *h, const char *dir, const char *name, struct xlight_stat *list,
                   unsigned int nr)
{
    struct xlight_vif_stat v = {0}, *to;
    struct xlight_stat *s;
    uint32_t domid;

    if (!is_vif(dir, name, &domid, &v.devid))
        return 0;
    s = find(list, nr, domid);
    if (!s || !read_number(dir, "rx_bytes", &v.rx_bytes) ||
        !read_number(dir, "rx_packets", &v.rx_packets) ||
        !read_number(dir, "rx_errors", &v.rx_errors) ||
        !read_number(dir, "rx_dropped", &v.rx_dropped) ||
        !read_number(dir, "tx_bytes", &v.tx_bytes) ||
        !read_number(dir, "tx_packets", &v.tx_packets) ||
        !read_number(dir, "tx_errors", &v.tx_errors) ||
        !read_number(dir, "tx_dropped", &v.tx_dropped))
        return 0;
    to = xlight__list_append(h, &vif_type, &s->vifs, &s->nr_vifs);
    if (!to)
        return -ENOMEM;
    *to = v;
    return 0;
}

static int add_vbd(xlight_handle *h, const char *dir, const char *name, struct xlight_stat *list,
                   unsigned int nr)
{
    struct xlight_vbd_stat v = {0}, *to;
    struct xlight_stat *s;
    unsigned int domid;

    if (sscanf(name, "vbd-%u-%u", &domid, &v.devid) != 2)
        return 0;
    s = find(list, nr, domid);
    if (!s)
        return 0;
    v.known = read_number(dir, "oo_req", &v.full) && read_number(dir, "rd_req", &v.reads) &&
              read_number(dir, "wr_req", &v.writes) &&
              read_number(dir, "rd_sect", &v.read_sectors) &&
              read_number(dir, "wr_sect", &v.written_sectors);
    if (!v.known)
        v = (struct xlight_vbd_stat){.devid = v.devid};
    to = xlight__list_append(h, &vbd_type, &s->vbds, &s->nr_vbds);
    if (!to)
        return -ENOMEM;
    *to = v;
    return 0;
}

/* Each device of one kind. A kernel without the driver has no such folder. */
static int add_devices(xlight_handle *h, const char *folder, struct xlight_stat *list,
                       unsigned int nr,
                       int (*add)(xlight_handle *h, const char *dir, const char *name,
                                  struct xlight_stat *list, unsigned int nr))
{
    char path[256], dir[512];
    struct dirent *entry;
    int rc = 0;
    DIR *d;

    snprintf(path, sizeof(path), "%s/%s", h->sys_dir, folder);
    d = opendir(path);
    if (!d)
        return errno == ENOENT ? 0
                               : xlight__fail(h, -errno, XLIGHT_NO_DOMAIN, "cannot open %s", path);
    while (!rc && (entry = readdir(d)))
        if (entry->d_name[0] != '.' &&
            (size_t)snprintf(dir, sizeof(dir), "%s/%s", path, entry->d_name) < sizeof(dir))
            rc = add(h, dir, entry->d_name, list, nr);
    closedir(d);
    return rc;
}

static int by_devid(const void *a, const void *b)
{
    /* Both kinds of devices begin with it. */
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

static int add_vcpus(xlight_handle *h, struct xlight_stat *s)
{
    struct xen_domctl_getvcpuinfo info;
    unsigned int vcpu = 0;
    int more;

    while ((more = xctl_vcpu_next(h->ctrl, (domid_t)s->domain.domid, &vcpu, &info)) > 0) {
        struct xlight_vcpu_stat *v = xlight__list_append(h, &vcpu_type, &s->vcpus, &s->nr_vcpus);

        if (!v)
            return -ENOMEM;
        *v = (struct xlight_vcpu_stat){vcpu, info.online, info.cpu_time};
        vcpu++;
    }
    /* The domain may have gone. */
    return !more || more == -ESRCH
               ? 0
               : xlight__fail_ctrl(h, more, s->domain.domid, "cannot see the vCPUs of domain %u",
                                   s->domain.domid);
}

static int fill(xlight_handle *h, struct xlight_stat *list, unsigned int nr)
{
    int rc = 0;

    for (unsigned int i = 0; !rc && i < nr; i++)
        rc = add_vcpus(h, &list[i]);
    if (!rc && h->sys_dir)
        rc = add_devices(h, "class/net", list, nr, add_vif);
    if (!rc && h->sys_dir)
        rc = add_devices(h, "bus/xen-backend/devices", list, nr, add_vbd);
    for (unsigned int i = 0; !rc && i < nr; i++) {
        if (list[i].nr_vifs)
            qsort(list[i].vifs, list[i].nr_vifs, sizeof(*list[i].vifs), by_devid);
        if (list[i].nr_vbds)
            qsort(list[i].vbds, list[i].nr_vbds, sizeof(*list[i].vbds), by_devid);
    }
    return rc;
}

int xlight_stat(xlight_handle *h, struct xlight_stat **ret_list, unsigned int *ret_nr)
{
    struct xlight_domain *domains;
    struct xlight_stat *list;
    unsigned int nr;
    int rc = xlight_domain_list(h, &domains, &nr);

    if (rc)
        return rc;
    list = calloc(nr + 1, sizeof(*list));
    if (!list) {
        xlight_domain_list_free(domains, nr);
        return xlight__no_memory(h, XLIGHT_NO_DOMAIN);
    }
    for (unsigned int i = 0; i < nr; i++)
        list[i].domain = domains[i];
    free(domains); /* what was in it has moved */
    rc = fill(h, list, nr);
    if (rc) {
        xlight_stat_free(list, nr);
        return rc;
    }
    *ret_list = list;
    *ret_nr = nr;
    return 0;
}

void xlight_stat_free(struct xlight_stat *list, unsigned int nr)
{
    xlight__list_free(xlight_stat_type(), list, nr);
}
