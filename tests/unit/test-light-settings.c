/* SPDX-License-Identifier: MIT */
/* test-light-settings.c - what xl.conf(5) says, and what domains become of it. */
#include "device/os.h"
#include "light/fake-backend.h"
#include "light/life-host.h"
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xenolith/ctrl.h>
#include <xenolith/light-device.h>
#include <xenolith/light-settings.h>

static struct xlight_settings *settings(const char *text)
{
    struct xlight_settings *s;

    ck_assert_int_eq(xlight_settings_parse("xl.conf", text, strlen(text), NULL, &s), 0);
    return s;
}

START_TEST(what_is_left_open)
{
    struct xlight_settings *s =
        settings("vif.default.script=\"vif-x\"\nvif.default.bridge=\"br9\"\nclaim_mode=0\n"
                 "vif.default.gatewaydev=\"eth9\"\nvif.default.backend=\"driver\"\n"
                 "run_hotplug_scripts=0\nblkdev_start=\"xvdz\"\nmax_grant_frames=12\n"
                 "max_maptrack_frames=13\nmax_grant_version=2\ndomid_policy=\"random\"\n");
    struct xlight_config *c;

    strcpy(sim_dir, "/tmp");
    c = config("vif = [\"\", \"bridge=br1,script=vif-y,backend=web,gatewaydev=eth1\"]\n");
    ck_assert_int_eq(xlight_settings_apply(s, c), 0);
    ck_assert_str_eq(c->nics[0].script, "vif-x");
    ck_assert_str_eq(c->nics[0].bridge, "br9");
    ck_assert_str_eq(c->nics[0].gatewaydev, "eth9");
    ck_assert_str_eq(c->nics[0].backend_domain, "driver");
    ck_assert_str_eq(c->nics[1].script, "vif-y");
    ck_assert_str_eq(c->nics[1].bridge, "br1");
    ck_assert_str_eq(c->nics[1].gatewaydev, "eth1");
    ck_assert_str_eq(c->nics[1].backend_domain, "web");
    ck_assert_int_eq(c->claim_mode, XLIGHT_NO);
    ck_assert_int_eq(c->run_hotplug_scripts, XLIGHT_NO);
    ck_assert_str_eq(c->blkdev_start, "xvdz");
    ck_assert_uint_eq(c->max_grant_frames, 12);
    ck_assert_uint_eq(c->max_maptrack_frames, 13);
    ck_assert_int_eq(c->max_grant_version, 2);
    ck_assert_uint_eq(c->domid, XLIGHT_RANDOM_DOMAIN);
    xlight_config_free(c);
    c = config("max_grant_frames = 20\nmax_maptrack_frames = 21\nmax_grant_version = 1\n");
    ck_assert_int_eq(xlight_settings_apply(s, c), 0);
    ck_assert_uint_eq(c->max_grant_frames, 20);
    ck_assert_uint_eq(c->max_maptrack_frames, 21);
    ck_assert_int_eq(c->max_grant_version, 1);
    xlight_config_free(c);
    xlight_settings_free(s);
    /* An empty file changes nothing. */
    s = settings("");
    c = config("vif = [\"\"]");
    ck_assert_int_eq(xlight_settings_apply(s, c), 0);
    ck_assert_ptr_null(c->nics[0].script);
    ck_assert_ptr_null(c->nics[0].backend_domain);
    ck_assert_int_eq(c->claim_mode, XLIGHT_YES);
    ck_assert_int_eq(c->run_hotplug_scripts, XLIGHT_YES);
    ck_assert_uint_eq(c->max_grant_frames, XLIGHT_UNSET_U32);
    ck_assert_int_eq(c->max_grant_version, -1);
    ck_assert_uint_eq(c->domid, 0);
    xlight_config_free(c);
    xlight_settings_free(s);
}
END_TEST

static void pinned(const char *conf, const char *more, uint8_t cpu0, uint8_t cpu1)
{
    struct xlight_settings *s = settings(conf);
    struct xlight_config *c = config(more);
    uint8_t hard = 0, soft = 0;
    domid_t domid;
    xlight_op *op;

    ck_assert_int_eq(xlight_settings_mask_config(h, s, c), 0);
    op = create_start(c, true);
    ck_assert_int_eq(xlight_op_wait(op), 0);
    domid = (domid_t)xlight_op_domid(op);
    xlight_op_free(op);
    ck_assert_int_eq(xctl_vcpu_get_affinity(h->ctrl, domid, 0, &hard, &soft, 4), 0);
    ck_assert_uint_eq(hard, cpu0);
    ck_assert_int_eq(xctl_vcpu_get_affinity(h->ctrl, domid, 1, &hard, &soft, 4), 0);
    ck_assert_uint_eq(hard, cpu1);
    ck_assert_int_eq(destroy(domid), 0);
    xlight_config_free(c);
    xlight_settings_free(s);
}

START_TEST(masks)
{
    struct xlight_settings *s = settings("vm.cpumask=\"0-1\"\nvm.hvm.cpumask=\"0,5\"");
    struct xlight_config *c;

    setup("cpus=4");
    pinned("", "vcpus = 2", 0xf, 0xf);
    pinned("vm.cpumask=\"1-2\"", "vcpus = 2", 6, 6);
    pinned("vm.cpumask=\"1-3\"\nvm.pv.cpumask=\"0-2\"", "vcpus = 2\ncpus = [\"1\", \"2-3\"]", 2, 4);
    pinned("vm.pv.cpumask=\"0\"", "vcpus = 2\ntype=\"pvh\"", 0xf, 0xf);
    pinned("vm.hvm.cpumask=\"0\"", "vcpus = 2\ntype=\"pvh\"", 1, 1);
    c = config("vcpus = 2\ncpus = [\"0\", \"2-3\"]");
    ck_assert_int_eq(xlight_settings_mask_config(h, s, c), -EINVAL);
    ck_assert_str_eq(text(), "vCPU 1 can run nowhere: vm.cpumask of xl.conf leaves no CPU");
    xlight_config_free(c);
    c = config("type=\"pvh\"");
    ck_assert_int_eq(xlight_settings_mask_config(h, s, c), -EINVAL);
    ck_assert_ptr_nonnull(strstr(text(), "vm.hvm.cpumask of xl.conf is wrong: there is no CPU 5"));
    xlight_config_free(c);
    xlight_settings_free(s);
    teardown();
}
END_TEST

static void options(const char *conf, bool balloon, const char *lock)
{
    struct xlight_create_options o = XLIGHT_CREATE_OPTIONS_INIT;
    struct xlight_settings *s = settings(conf);

    ck_assert_int_eq(xlight_settings_options(h, s, &o), 0);
    ck_assert_int_eq(o.balloon, balloon);
    if (lock)
        ck_assert_str_eq(o.lock_file, lock);
    else
        ck_assert_ptr_null(o.lock_file);
    xlight_settings_free(s);
}

START_TEST(how_domains_are_created)
{
    setup("");
    options("", true, NULL);
    options("autoballoon=\"off\"\nlockfile=\"/x\"", false, "/x");
    options("autoballoon=\"on\"", true, NULL);
    options("autoballoon=\"auto\"", true, NULL);
    teardown();
}
END_TEST

/* Another process, like Xen's xl, which locks as POSIX has it. Ends when its input does. */
static pid_t hold(const char *path, int *ret_end)
{
    struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int ready[2], end[2], fd;
    char byte;
    pid_t pid;

    ck_assert_int_eq(pipe(ready), 0);
    ck_assert_int_eq(pipe(end), 0);
    pid = fork();
    if (!pid) {
        close(end[1]);
        fd = open(path, O_RDWR | O_CREAT, 0600);
        if (fd < 0 || fcntl(fd, F_SETLK, &range) || write(ready[1], "", 1) != 1)
            _exit(1);
        _exit(read(end[0], &byte, 1) != 0);
    }
    ck_assert_int_eq(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
    close(end[0]);
    *ret_end = end[1];
    return pid;
}

static void go_on_for(xlight_op *op, int ms)
{
    for (int i = 0; i < ms / 10; i++) {
        int rc = xlight_op_process(op);

        if (rc != -EINPROGRESS)
            return;
        usleep(10000);
    }
}

START_TEST(one_creation_at_a_time)
{
    struct xlight_create_options o = XLIGHT_CREATE_OPTIONS_INIT;
    struct xlight_config *a, *b;
    struct xlight_progress p;
    char lock[64];
    xlight_op *ops[2];
    int end, status;
    uint32_t domid;
    pid_t pid;

    setup("");
    snprintf(lock, sizeof(lock), "%s/lock", sim_dir);
    o.lock_file = lock;
    pid = hold(lock, &end);
    a = config("");
    b = config("");
    b->uuid[0]++;
    strcpy(b->name, "h");
    ck_assert_int_eq(xlight_domain_create_start(h, a, &o, &ops[0]), 0);
    go_on_for(ops[0], 300);
    xlight_op_progress(ops[0], &p);
    ck_assert_str_eq(p.step, "waiting for other creations");
    /* What waits can be called off. */
    ck_assert_int_eq(xlight_domain_create_start(h, b, &o, &ops[1]), 0);
    go_on_for(ops[1], 100);
    xlight_op_cancel(ops[1]);
    ck_assert_int_eq(xlight_op_wait(ops[1]), -ECANCELED);
    xlight_op_free(ops[1]);
    close(end);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(status, 0);
    /* Two of one program side by side: neither waits for the other's end. */
    ck_assert_int_eq(xlight_domain_create_start(h, b, &o, &ops[1]), 0);
    ck_assert_int_eq(xlight_op_wait(ops[0]), 0);
    ck_assert_int_eq(xlight_op_wait(ops[1]), 0);
    for (int i = 0; i < 2; i++) {
        domid = xlight_op_domid(ops[i]);
        xlight_op_free(ops[i]);
        ck_assert_int_eq(destroy(domid), 0);
    }
    o.lock_file = "/nowhere/lock";
    ck_assert_int_eq(xlight_domain_create_start(h, a, &o, &ops[0]), 0);
    ck_assert_int_eq(xlight_op_wait(ops[0]), -ENOENT);
    ck_assert_ptr_nonnull(strstr(text(), "cannot open the lock file /nowhere/lock"));
    xlight_op_free(ops[0]);
    xlight_config_free(a);
    xlight_config_free(b);
    ck_assert_int_eq(unlink(lock), 0);
    teardown();
}
END_TEST

START_TEST(random_ids)
{
    uint32_t ids[4];

    setup("");
    for (int i = 0; i < 4; i++) {
        struct xlight_config *c = config("");
        xlight_op *op;

        c->domid = XLIGHT_RANDOM_DOMAIN;
        c->uuid[0] = (uint8_t)i;
        c->name[0] = (char)('a' + i);
        op = create_start(c, true);
        ck_assert_int_eq(xlight_op_wait(op), 0);
        ids[i] = xlight_op_domid(op);
        xlight_op_free(op);
        xlight_config_free(c);
    }
    /* Once in 1.4 billion they are neighbours by chance. */
    ck_assert(ids[1] != ids[0] + 1 || ids[2] != ids[1] + 1 || ids[3] != ids[2] + 1);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(destroy(ids[i]), 0);
    teardown();
}
END_TEST

/* Whoever does the hotplug then does it when devices come and when they go. */
START_TEST(others_run_the_scripts)
{
    struct xlight_config *c;
    char file[64], disk[128];
    uint32_t domid;
    xlight_op *op;

    setup("");
    fake_backend_start(0);
    snprintf(file, sizeof(file), "%s/disk", sim_dir);
    close(open(file, O_RDWR | O_CREAT, 0600));
    snprintf(disk, sizeof(disk), "disk = [\"%s,raw,xvda,rw\"]\nvif = [\"bridge=none\"]", file);
    c = config(disk);
    c->run_hotplug_scripts = XLIGHT_NO;
    op = create_start(c, true);
    ck_assert_msg(!xlight_op_wait(op), "%s", text());
    domid = xlight_op_domid(op);
    xlight_op_free(op);
    xlight_config_free(c);
    ck_assert_uint_eq(xlight__sim_loops(h->os), 0);
    ck_assert_str_eq(value("/local/domain/0/backend/vbd/%u/51712/physical-device", domid),
                     "(none)");
    ck_assert_int_eq(xlight_device_detach_start(h, domid, XLIGHT_NIC, 0, XLIGHT_DETACH_GENTLY, &op),
                     0);
    ck_assert_msg(!xlight_op_wait(op), "%s", text());
    xlight_op_free(op);
    ck_assert_int_eq(destroy(domid), 0);
    ck_assert_int_eq(unlink(file), 0);
    fake_backend_stop();
    teardown();
}
END_TEST

TEST_MAIN("light-settings", what_is_left_open, masks, how_domains_are_created,
          one_creation_at_a_time, random_ids, others_run_the_scripts)
