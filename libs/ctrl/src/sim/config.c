/* SPDX-License-Identifier: MIT */
/* config.c - the text behind "sim:", as ctrl-sim.h describes it. */
#include "sim.h"

static bool name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

static int bad(const char **ret_why, const char *why)
{
    *ret_why = why;
    return -EINVAL;
}

/* Decimal, without sign; nothing else up to the end. */
static bool read_uint(const char *p, size_t len, unsigned int *ret)
{
    unsigned int v = 0;

    if (!len || len > 9)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (p[i] < '0' || p[i] > '9')
            return false;
        v = v * 10 + (unsigned int)(p[i] - '0');
    }
    *ret = v;
    return true;
}

static int set_option(struct sim_config *c, const char *p, size_t key, size_t len,
                      const char **ret_why)
{
    static const struct {
        const char *key;
        size_t offset;
        unsigned int min, max;
    } options[] = {
        {"cpus", offsetof(struct sim_config, cpus), 1, SIM_CPUS},
        {"nodes", offsetof(struct sim_config, nodes), 1, SIM_NODES},
        {"mem", offsetof(struct sim_config, mem_mib), 64, 65536},
        {"domid", offsetof(struct sim_config, domid), 0, DOMID_FIRST_RESERVED - 1},
        {"dom0", offsetof(struct sim_config, dom0_vcpus), 1, SIM_CPUS},
    };
    unsigned int v;

    for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
        if (strlen(options[i].key) != key || memcmp(options[i].key, p, key))
            continue;
        if (!read_uint(p + key + 1, len - key - 1, &v) || v < options[i].min || v > options[i].max)
            return bad(ret_why, "value of a simulated host's option is out of range");
        *(unsigned int *)((char *)c + options[i].offset) = v;
        return 0;
    }
    return bad(ret_why, "unknown option of a simulated host: there are cpus, nodes, mem, "
                        "domid, dom0");
}

static int set_name(struct sim_config *c, const char *p, size_t len, const char **ret_why)
{
    if (len >= sizeof(c->name))
        return bad(ret_why, "name of a simulated host is too long");
    for (size_t i = 0; i < len; i++)
        if (!name_char(p[i]))
            return bad(ret_why, "name of a simulated host: letters, digits, - _ . only");
    memcpy(c->name, p, len);
    c->name[len] = 0;
    return 0;
}

int sim_parse(const char *options, struct sim_config *ret_config, const char **ret_why)
{
    struct sim_config c = {.cpus = 4, .nodes = 1, .mem_mib = 4096};
    int rc;

    for (const char *p = options; *p;) {
        size_t len = strcspn(p, ","), key = strcspn(p, ",=");

        if (key < len)
            rc = set_option(&c, p, key, len, ret_why);
        else if (p == options)
            rc = set_name(&c, p, len, ret_why);
        else
            rc = bad(ret_why, "option of a simulated host without a value");
        if (rc)
            return rc;
        p += len;
        if (*p == ',')
            p++;
    }
    if (c.nodes > c.cpus)
        return bad(ret_why, "a simulated host needs a CPU for each node");
    if (!c.dom0_vcpus)
        c.dom0_vcpus = c.cpus;
    *ret_config = c;
    return 0;
}
