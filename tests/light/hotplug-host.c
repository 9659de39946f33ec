/* SPDX-License-Identifier: MIT */
/* hotplug-host.c - see hotplug-host.h. */
#include "light/hotplug-host.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

xlight_handle *h;
char image[64], locks[64], scripts[64];

void make_file(const char *path, const char *text, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    ck_assert_int_eq(fchmod(fd, mode), 0);
    close(fd);
}

void begin(unsigned int flags)
{
    h = sim_start("");
    snprintf(image, sizeof(image), "%s/image", sim_dir);
    snprintf(locks, sizeof(locks), "%s/locks", sim_dir);
    snprintf(scripts, sizeof(scripts), "%s/scripts", sim_dir);
    h->os->lock_dir = locks;
    h->os->script_dir = scripts;
    h->os->wait_ms = 300U * (unsigned int)sim_scale();
    make_file(image, "disk", 0600);
    ck_assert_int_eq(mkdir(scripts, 0700), 0);
    ck_assert_int_eq(xlight__sim_disk(h->os, "/dev/sim", 8, 17), 0);
    ck_assert_int_eq(xlight__sim_net(h->os, "xenbr0", true), 0);
    ck_assert_int_eq(xlight__sim_net(h->os, "vif1.0", false), 0);
    fake_backend_start(flags);
}

struct xlight_config *parse(const char *text)
{
    struct xlight_config *c = NULL;
    char whole[2048];
    int len = snprintf(whole, sizeof(whole), "name = \"x\"\nkernel = \"/k\"\n%s", text);

    ck_assert_int_eq(xlight_config_parse("test", whole, (size_t)len, NULL, &c), 0);
    return c;
}

static struct xlight_config *last_config; /* must live as long as what uses it */

void end(void)
{
    xlight_config_free(last_config);
    last_config = NULL;
    fake_backend_stop();
    sim_end(h);
}

/* All devices of a configuration for domain 1, as one operation. */
int start(const char *text, xlight_op **ret_op)
{
    struct xlight__client c = {.h = h, .domid = 1, .type = XLIGHT_PV};
    int rc = xlight__op_new(h, 1, ret_op, "cannot add devices");

    ck_assert_int_eq(rc, 0);
    xlight_config_free(last_config);
    last_config = parse(text);
    rc = xlight__devices_create(*ret_op, &c, last_config);
    if (rc)
        xlight_op_free(*ret_op);
    return rc;
}

int come(const char *text)
{
    xlight_op *op;
    int rc = start(text, &op);

    if (rc)
        return rc;
    rc = xlight_op_wait(op);
    xlight_op_free(op);
    return rc;
}

static int run_destroy(xlight_op *op, void *state)
{
    return xlight__devices_destroy(op, 1, state);
}

int go(void)
{
    static const struct xlight__step steps[] = {{"all", run_destroy, NULL}};
    static const struct xlight__part part = XLIGHT__PART(steps, NULL);
    struct xlight__noted noted = {.rc = 0};
    xlight_op *op;
    int rc;

    ck_assert_int_eq(xlight__op_new(h, 1, &op, "cannot remove devices"), 0);
    ck_assert_int_eq(xlight__op_add(op, &part, &noted), 0);
    rc = xlight_op_wait(op);
    xlight_op_free(op);
    return rc ? rc : noted.rc;
}

void check_node(const char *path, const char *wanted)
{
    char *value = NULL;
    int rc = xstore_read_string(h->store, XBT_NULL, path, &value);

    ck_assert_msg(rc == 0 || rc == -ENOENT, "%s: %d", path, rc);
    if (wanted)
        ck_assert_pstr_eq(value, wanted);
    else
        ck_assert_ptr_null(value);
    free(value);
}

void check_nothing_left(void)
{
    char *a = store_dump(h->store, "/libxl/1"), *b = store_dump(h->store, "/local/domain");
    const struct xlight__sim_net *vif = xlight__sim_find_net(h->os, "vif1.0");

    ck_assert_str_eq(a, "");
    ck_assert_str_eq(b, "");
    free(a);
    free(b);
    ck_assert_uint_eq(xlight__sim_loops(h->os), 0);
    ck_assert(!vif || (!vif->up && !vif->master[0]));
}

static char all[512];
const char *all_devices(void)
{
    snprintf(all, sizeof(all),
             "disk = [\"%s,raw,xvda,rw\", \"/dev/sim,raw,xvdb,rw\"]\nvif = [\"mtu=1400\"]\n",
             image);
    return all;
}

void make_script(const char *name, const char *text)
{
    char path[128], whole[1024];

    snprintf(path, sizeof(path), "%s/%s", scripts, name);
    snprintf(whole, sizeof(whole), "#!/bin/sh\n%s\n", text);
    make_file(path, whole, 0700);
}

/* What a script has written, in the directory of this host. */
char *output(void)
{
    static char text[2048];
    char path[64];
    size_t n;
    FILE *f;

    snprintf(path, sizeof(path), "%s/out", sim_dir);
    f = fopen(path, "re");
    ck_assert_ptr_nonnull(f);
    n = fread(text, 1, sizeof(text) - 1, f);
    text[n] = 0;
    fclose(f);
    unlink(path);
    return text;
}

void make_domain(void)
{
    struct xen_domctl_createdomain config = {
        .max_vcpus = 1, .max_evtchn_port = -1, .max_grant_frames = 4, .max_maptrack_frames = 4};
    domid_t domid = 0;

    memset(config.handle, 0x77, sizeof(config.handle));
    config.grant_opts = 1;
    ck_assert_int_eq(xctl_domain_create(h->ctrl, 0, &config, &domid), 0);
    ck_assert_uint_eq(domid, 1);
    ck_assert_int_eq(xstore_write_string(h->store, XBT_NULL, "/libxl/1/type", "pv"), 0);
}

int attach(enum xlight_device_kind kind, const char *text)
{
    union {
        struct xlight_disk disk;
        struct xlight_nic nic;
        struct xlight_vkb vkb;
        struct xlight_channel channel;
    } config;
    xlight_op *op = NULL;
    int rc;

    xlight_device_config_init(kind, &config);
    ck_assert_int_eq(xlight_device_parse(kind, text, NULL, &config), 0);
    rc = xlight_device_attach_start(h, 1, kind, &config, &op);
    xlight_device_config_clear(kind, &config);
    if (rc)
        return rc;
    rc = xlight_op_wait(op);
    xlight_op_free(op);
    return rc;
}

int detach(enum xlight_device_kind kind, int devid, enum xlight_detach how)
{
    xlight_op *op = NULL;
    int rc = xlight_device_detach_start(h, 1, kind, devid, how, &op);

    if (rc)
        return rc;
    rc = xlight_op_wait(op);
    xlight_op_free(op);
    return rc;
}
