/* SPDX-License-Identifier: MIT */
/*
 * test-light-life.c - domains that are created and destroyed on a simulated host with our daemons:
 * what there is of them, and that nothing is left when a step is cancelled.
 */
#include "device/os.h"
#include "light/fake-backend.h"
#include "light/life-host.h"
#include <poll.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xenolith/ctrl-sim.h>
#include <xenolith/light-control.h>
#include <xenolith/light-domain.h>
#include <xenolith/public/sched.h>

/* "n0,r5" */
static char *perms(const char *format, uint32_t domid)
{
    static char buf[64];
    struct xs_permissions *p;
    unsigned int nr;
    char path[256], *at = buf;

    snprintf(path, sizeof(path), format, domid);
    ck_assert_int_eq(xstore_get_perms(h->store, XBT_NULL, path, &p, &nr), 0);
    for (unsigned int i = 0; i < nr; i++)
        at += sprintf(at, "%s%c%u", i ? "," : "", "nrwb"[p[i].perms & 3], p[i].id);
    free(p);
    return buf;
}

static void check_home(uint32_t d, const char *type)
{
    char want[64];

    ck_assert_str_eq(value("/local/domain/%u/name", d), "g");
    ck_assert_str_eq(value("/local/domain/%u/vm", d), "/vm/01020304-0506-0708-090a-0b0c0d0e0f10");
    ck_assert_str_eq(value("/vm/01020304-0506-0708-090a-0b0c0d0e0f10/name", d), "g");
    ck_assert_str_eq(value("/libxl/%u/type", d), type);
    snprintf(want, sizeof(want), "%u", d);
    ck_assert_str_eq(value("/local/domain/%u/domid", d), want);
    ck_assert_str_eq(value("/local/domain/%u/memory/target", d), "8192");
    ck_assert_str_eq(value("/local/domain/%u/memory/static-max", d), "16384");
    ck_assert_str_eq(value("/local/domain/%u/cpu/0/availability", d), "online");
    ck_assert_str_eq(value("/local/domain/%u/cpu/1/availability", d), "online");
    ck_assert_str_eq(value("/local/domain/%u/cpu/2/availability", d), "offline");
    ck_assert_str_eq(value("/local/domain/%u/console/type", d), "xenconsoled");
    ck_assert_str_eq(value("/local/domain/%u/console/limit", d), "1048576");
    ck_assert_str_eq(value("/local/domain/0/backend/console/%u/0/frontend-id", d), want);
    ck_assert_str_eq(value("/libxl/%u/device/console/0/protocol", d), "vt100");
    ck_assert_int_eq(*value("/local/domain/%u/console/tty", d), '/');
    snprintf(want, sizeof(want), "n0,r%u", d);
    ck_assert_str_eq(perms("/local/domain/%u", d), want);
    ck_assert_str_eq(perms("/local/domain/%u/name", d), want);
    ck_assert_str_eq(perms("/local/domain/%u/console/ring-ref", d), want);
    ck_assert_str_eq(perms("/local/domain/0/backend/console/%u/0/state", d), want);
    ck_assert_str_eq(perms("/libxl/%u/type", d), "n0");
    snprintf(want, sizeof(want), "n%u", d);
    ck_assert_str_eq(perms("/local/domain/%u/control/shutdown", d), want);
    ck_assert_str_eq(perms("/local/domain/%u/data", d), want);
}

static void check_domain(uint32_t domid, const char *type)
{
    struct xlight_domain *d;
    struct xlight_config *c;
    bool introduced = false;

    check_home(domid, type);
    ck_assert_int_eq(xlight_domain_info(h, domid, &d), 0);
    ck_assert_uint_eq(d->vcpus, 3);
    ck_assert_uint_eq(d->uuid[15], 16);
    ck_assert(d->paused);
    ck_assert_uint_ge(d->memory_kb, 8192);
    xlight_domain_list_free(d, 1);
    ck_assert_int_eq(xstore_is_introduced(h->store, (uint16_t)domid, &introduced), 0);
    ck_assert(introduced);
    /* What was written down is what was chosen. */
    ck_assert_int_eq(xlight_domain_config(h, domid, &c), 0);
    ck_assert_str_eq(c->name, "g");
    ck_assert_uint_eq(c->memory_kb, 8192);
    ck_assert_uint_eq(c->max_memory_kb, 16384);
    xlight_config_free(c);
}

START_TEST(pv_and_pvh)
{
    static const char *const more[] = {"maxmem = 16\nvcpus = 2\nmaxvcpus = 3\n",
                                       "type = \"pvh\"\nmaxmem = 16\nvcpus = 2\nmaxvcpus = 3\n"};
    struct xlight_domain *d;
    uint32_t domid;

    setup("");
    for (int i = 0; i < 2; i++) {
        domid = create(more[i], true);
        check_domain(domid, i ? "pvh" : "pv");
        ck_assert_str_eq(value("/vm/01020304-0506-0708-090a-0b0c0d0e0f10/image/ostype", 0),
                         i ? "(none)" : "linux");
        ck_assert_int_eq(xlight_domain_unpause(h, domid), 0);
        ck_assert_int_eq(xlight_domain_unpause(h, domid), -EINVAL);
        ck_assert_int_eq(xlight_domain_pause(h, domid), 0);
        ck_assert_int_eq(xlight_domain_info(h, domid, &d), 0);
        ck_assert(d->paused);
        xlight_domain_list_free(d, 1);
        ck_assert_int_eq(destroy(domid), 0);
        sim_check_snapshot(h, nothing, more[i]);
    }
    domid = create("", false);
    ck_assert_int_eq(xlight_domain_info(h, domid, &d), 0);
    ck_assert(!d->paused);
    xlight_domain_list_free(d, 1);
    ck_assert_int_eq(destroy(domid), 0);
    teardown();
}
END_TEST

START_TEST(settings_reach_the_hypervisor)
{
    struct xen_domctl_sched_credit2 sched;
    struct xctl_tsc_info tsc;
    uint8_t hard = 0, soft = 0;
    uint32_t domid;

    setup("cpus=4");
    domid = create("vcpus = 2\ncpus = [\"1\", \"2-3\"]\ncpus_soft = \"all\"\ncpu_weight = 512\n"
                   "cap = 50\ntsc_mode = \"native\"\n",
                   true);
    ck_assert_int_eq(xctl_vcpu_get_affinity(h->ctrl, (domid_t)domid, 0, &hard, &soft, 4), 0);
    ck_assert_uint_eq(hard, 2);
    ck_assert_int_eq(xctl_vcpu_get_affinity(h->ctrl, (domid_t)domid, 1, &hard, &soft, 4), 0);
    ck_assert_uint_eq(hard, 0xc);
    ck_assert_uint_eq(soft, 0xf);
    ck_assert_int_eq(xctl_sched_credit2_get(h->ctrl, (domid_t)domid, &sched), 0);
    ck_assert_uint_eq(sched.weight, 512);
    ck_assert_uint_eq(sched.cap, 50);
    ck_assert_int_eq(xctl_domain_get_tsc(h->ctrl, (domid_t)domid, &tsc), 0);
    ck_assert_uint_eq(tsc.mode, 2);
    ck_assert_int_eq(destroy(domid), 0);
    teardown();
}
END_TEST

static void refuse(const char *more, int rc, const char *why)
{
    struct xlight_config *c = config(more);
    xlight_op *op = create_start(c, true);

    ck_assert_int_eq(xlight_op_wait(op), rc);
    ck_assert_msg(strstr(text(), why), "\"%s\" is not in \"%s\"", why, text());
    xlight_op_free(op);
    xlight_config_free(c);
    sim_check_snapshot(h, nothing, why);
}

START_TEST(refused_before_anything_is_made)
{
    uint32_t domid;
    char *before;

    setup("mem=256");
    refuse("kernel = \"/nonexistent\"", -ENOENT,
           "cannot create domain \"g\": cannot read /nonexistent: No such file or directory");
    refuse("kernel = \"/etc/passwd\"", -ENOEXEC, "cannot use /etc/passwd as kernel");
    refuse("kernel = \"/dev/null\"", -EINVAL, "cannot read /dev/null");
    refuse("ramdisk = \"/nonexistent\"", -ENOENT, "cannot read /nonexistent");
    refuse("pci = [ \"01:00.0\" ]", -EOPNOTSUPP, "no support for PCI devices");
    refuse("memory = 4000\nclaim_mode = 1", -ENOMEM, "set memory aside");
    refuse("pool = \"other\"", -ENOENT, "there is no pool \"other\"");
    refuse("cpus = \"99\"", -EINVAL, "cannot pin vCPU 0");
    refuse("type = \"pvh\"\nmaxvcpus = 129", -EINVAL, "1 to 128 vCPUs, not 129");
    before = nothing;
    domid = create("", true);
    nothing = sim_snapshot(h);
    refuse("uuid = \"11020304-0506-0708-090a-0b0c0d0e0f10\"", -EEXIST,
           "has the name \"g\" already");
    /* A copy of its configuration, of which only the name was changed. */
    refuse("name = \"copy\"", -EEXIST,
           "(\"g\") has the UUID 01020304-0506-0708-090a-0b0c0d0e0f10 already");
    ck_assert_int_eq(destroy(domid), 0);
    ck_assert_int_eq(destroy(4000), -ESRCH);
    ck_assert_int_eq(destroy(0), -EPERM);
    ck_assert_int_eq(destroy(0x7ff2), -ESRCH);
    free(nothing);
    nothing = before;
    teardown();
}
END_TEST

/* What a killed toolstack left of a domain keeps nobody from using its name and its UUID. */
START_TEST(stale_nodes)
{
    uint32_t domid;

    setup("");
    ck_assert_int_eq(xstore_write_string(h->store, XBT_NULL, "/local/domain/4000/name", "g"), 0);
    ck_assert_int_eq(xstore_write_string(h->store, XBT_NULL, "/local/domain/4000/vm",
                                         "/vm/01020304-0506-0708-090a-0b0c0d0e0f10"),
                     0);
    domid = create("", true);
    ck_assert_int_eq(destroy(domid), 0);
    ck_assert_int_eq(xstore_rm(h->store, XBT_NULL, "/local/domain/4000"), 0);
    teardown();
}
END_TEST

static void await_step(xlight_op *op, const char *step)
{
    struct xlight_progress p;

    for (int i = 0; i < 2000 * sim_scale(); i++) {
        xlight_op_progress(op, &p);
        if (!strcmp(p.step, step))
            return;
        ck_assert_msg(xlight_op_process(op) == -EINPROGRESS, "%s", text());
        usleep(2000);
    }
    ck_abort_msg("it does not come to: %s", step);
}

/* Who fails without a reason does not make us write in front of the chain. */
START_TEST(cause_of_a_domain)
{
    struct {
        uint32_t before[1 + sizeof(((struct xlight__why *)0)->links[0]) / 4];
        struct xlight__why why;
    } w = {.why = {0}}, none = w;

    xlight__why_domain(&w.why, 7);
    ck_assert_mem_eq(&w, &none, sizeof(w));
    xlight__why(&w.why, -EIO, "a");
    xlight__why(&w.why, -EIO, "b");
    xlight__why_domain(&w.why, 7);
    ck_assert_uint_eq(w.why.links[0].domid, XCTL_NO_DOMAIN);
    ck_assert_uint_eq(w.why.links[1].domid, 7);
}
END_TEST

START_TEST(ids_rest_for_a_minute)
{
    struct xen_domctl_createdomain d = {.max_vcpus = 1,
                                        .max_evtchn_port = -1,
                                        .max_grant_frames = 4,
                                        .grant_opts = XEN_DOMCTL_GRANT_version(1)};
    domid_t next = 0;
    uint32_t domid;
    bool recent = true;
    char path[128], line[64] = "";
    struct xlight_config *c;
    xlight_op *op;
    FILE *f;

    setup("");
    ck_assert_int_eq(xlight__domid_recent(h, 4321, &recent), 0);
    ck_assert(!recent);
    ck_assert_int_eq(xctl_domain_create(h->ctrl, 0, &d, &next), 0);
    ck_assert_int_eq(xctl_domain_destroy(h->ctrl, next), 0);
    ck_assert_int_eq(xlight__domid_leave(h, (domid_t)(next + 1)), 0);
    ck_assert_int_eq(xlight__domid_leave(h, (domid_t)(next + 2)), 0);
    ck_assert_int_eq(xlight__domid_recent(h, (domid_t)(next + 1), &recent), 0);
    ck_assert(recent);
    domid = create("", true);
    ck_assert_uint_eq(domid, next + 3U);
    ck_assert_int_eq(destroy(domid), 0);
    ck_assert_int_eq(xlight__domid_recent(h, (domid_t)domid, &recent), 0);
    ck_assert(recent);
    /* So does the id of one that was never finished. */
    c = config("");
    op = create_start(c, true);
    await_step(op, "building it");
    domid = xlight_op_domid(op);
    xlight_op_free(op);
    xlight_config_free(c);
    ck_assert_uint_eq(domid, next + 4U);
    ck_assert_int_eq(xlight__domid_recent(h, (domid_t)domid, &recent), 0);
    ck_assert(recent);
    /* Who wants one gets it. */
    snprintf(line, sizeof(line), "%u", domid);
    /* Old lines, and those of another boot, do not count, and go. */
    snprintf(path, sizeof(path), "%s/state/domid-history", sim_dir);
    f = fopen(path, "w");
    fprintf(f, "0 4321\n99999999 4322\n");
    fclose(f);
    ck_assert_int_eq(xlight__domid_recent(h, 4321, &recent), 0);
    ck_assert(!recent);
    ck_assert_int_eq(xlight__domid_recent(h, 4322, &recent), 0);
    ck_assert(!recent);
    ck_assert_int_eq(xlight__domid_leave(h, 5), 0);
    f = fopen(path, "r");
    ck_assert_ptr_nonnull(fgets(line, sizeof(line), f));
    ck_assert_ptr_nonnull(strstr(line, " 5\n"));
    ck_assert_ptr_null(fgets(line, sizeof(line), f));
    fclose(f);
    teardown();
}
END_TEST

/* Who waited for a lock gets it once its owner, and the file, have gone. */
START_TEST(locks_are_files)
{
    static const uint8_t uuid[16] = {1};
    char path[160];
    int lock, ends[2], status;
    pid_t pid;
    char c;

    setup("");
    snprintf(path, sizeof(path),
             "%s/state/userdata-l.7.01000000-0000-0000-0000-000000000000.domain-userdata-lock",
             sim_dir);
    ck_assert_int_eq(xlight__state_lock(h, 7, uuid, &lock), 0);
    ck_assert_int_eq(access(path, F_OK), 0);
    ck_assert_int_eq(pipe(ends), 0);
    pid = fork();
    if (!pid) {
        int mine, rc;

        /* Or the lock would be its own, too. */
        close(lock);
        rc = xlight__state_lock(h, 7, uuid, &mine);

        rc = rc || access(path, F_OK) || write(ends[1], "x", 1) != 1;
        xlight__state_unlock(h, 7, uuid, mine);
        _exit(rc);
    }
    close(ends[1]);
    usleep(20000);
    ck_assert_int_eq(waitpid(pid, NULL, WNOHANG), 0);
    xlight__state_unlock(h, 7, uuid, lock);
    ck_assert_int_eq(read(ends[0], &c, 1), 1);
    close(ends[0]);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(status, 0);
    ck_assert_int_ne(access(path, F_OK), 0);
    teardown();
}
END_TEST

static void check_saved_name(uint32_t domid, const char *name)
{
    struct xlight_config *c;

    ck_assert_int_eq(xlight_domain_config(h, domid, &c), 0);
    ck_assert_str_eq(c->name, name);
    xlight_config_free(c);
}

START_TEST(renames)
{
    uint32_t a, b;

    setup("");
    a = create("", true);
    b = create("name = \"b\"\nuuid = \"11020304-0506-0708-090a-0b0c0d0e0f10\"", true);
    ck_assert_int_eq(xlight_domain_rename(h, a, "b"), -EEXIST);
    ck_assert_ptr_nonnull(strstr(text(), "cannot rename domain"));
    ck_assert_int_eq(xlight_domain_rename(h, a, ""), -EINVAL);
    ck_assert_int_eq(xlight_domain_rename(h, 4000, "x"), -ESRCH);
    ck_assert_str_eq(value("/local/domain/%u/name", a), "g");
    ck_assert_int_eq(xlight_domain_rename(h, a, "c"), 0);
    ck_assert_str_eq(value("/local/domain/%u/name", a), "c");
    ck_assert_str_eq(value("/vm/01020304-0506-0708-090a-0b0c0d0e0f10/name", a), "c");
    check_saved_name(a, "c");
    check_saved_name(b, "b");
    ck_assert_int_eq(xlight_domain_rename(h, b, "g"), 0);
    ck_assert_int_eq(destroy(a), 0);
    ck_assert_int_eq(destroy(b), 0);
    teardown();
}
END_TEST

START_TEST(shutdown_and_wait)
{
    xlight_op *op, *waiter, *op2;
    uint32_t domid;

    setup("");
    domid = create("", false);
    ck_assert_int_eq(xlight_domain_wait_start(h, domid, &waiter), 0);
    ck_assert_int_eq(xlight_domain_shutdown_start(h, domid, false, true, &op), 0);
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(xlight_op_process(op), -EINPROGRESS);
        ck_assert_int_eq(xlight_op_process(waiter), -EINPROGRESS);
    }
    ck_assert_str_eq(value("/local/domain/%u/control/shutdown", domid), "poweroff");
    /* Called off before the guest has seen it. */
    xlight_op_free(op);
    ck_assert_str_eq(value("/local/domain/%u/control/shutdown", domid), "");
    ck_assert_int_eq(xlight_domain_shutdown_start(h, domid, true, true, &op), 0);
    ck_assert_int_eq(xlight_domain_shutdown_start(h, domid, true, false, &op2), 0);
    ck_assert_int_eq(xlight_op_process(op2), -EINPROGRESS);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(xlight_op_process(op), -EINPROGRESS);
    ck_assert_str_eq(value("/local/domain/%u/control/shutdown", domid), "reboot");
    ck_assert_int_eq(xstore_write(h->store, XBT_NULL,
                                  XSTORE_PATH("/local/domain/%u/control/shutdown", domid), "", 0),
                     0);
    ck_assert_int_eq(xlight_op_wait(op2), 0);
    xlight_op_free(op2);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(xlight_op_process(op), -EINPROGRESS);
    ck_assert_int_eq(xctl_domain_shutdown(h->ctrl, (domid_t)domid, SHUTDOWN_reboot), 0);
    ck_assert_int_eq(xlight_op_wait(op), 0);
    ck_assert_int_eq(xlight_op_wait(waiter), 0);
    xlight_op_free(op);
    xlight_op_free(waiter);
    /* It has ended already. */
    ck_assert_int_eq(xlight_domain_shutdown_start(h, domid, false, true, &op), 0);
    ck_assert_int_eq(xlight_op_wait(op), 0);
    xlight_op_free(op);
    ck_assert_str_eq(value("/local/domain/%u/control/shutdown", domid), "");
    ck_assert_int_eq(destroy(domid), 0);
    /* A virtual machine whose guest has no drivers. */
    domid = create("type = \"pvh\"", false);
    ck_assert_int_eq(xlight_domain_shutdown_start(h, domid, false, true, &op), 0);
    ck_assert_int_eq(xlight_op_wait(op), -EOPNOTSUPP);
    xlight_op_free(op);
    ck_assert_int_eq(destroy(domid), 0);
    teardown();
}
END_TEST

START_TEST(room_in_dom0)
{
    struct xlight_create_options o = XLIGHT_CREATE_OPTIONS_INIT;
    struct xlight_memory before, now;
    struct xen_sysctl_physinfo info;
    struct xlight_config *c;
    xlight_op *op;
    char more[64];
    uint32_t a;

    setup("mem=4096");
    o.balloon = true;
    a = create("name = \"a\"\nuuid = \"11020304-0506-0708-090a-0b0c0d0e0f10\"\nmemory = 100", true);
    ck_assert_int_eq(xlight_memory_get(h, 0, &before), 0);
    ck_assert_int_eq(xctl_host_info(h->ctrl, &info), 0);
    snprintf(more, sizeof(more), "memory = %lu", (unsigned long)(info.free_pages / 256 + 50));
    c = config(more);
    ck_assert_int_eq(xlight_domain_create_start(h, c, &o, &op), 0);
    await_step(op, "making room in domain 0");
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(xlight_op_process(op), -EINPROGRESS);
    ck_assert_int_gt(xlight_op_timeout(op), 0);
    ck_assert_int_le(xlight_op_timeout(op), 100);
    ck_assert_int_eq(xlight_memory_get(h, 0, &now), 0);
    ck_assert_uint_le(now.target_kb, before.target_kb - (50 << 10));
    ck_assert_uint_gt(now.target_kb, before.target_kb - (60 << 10));
    /* It does not matter whose memory it is. */
    ck_assert_int_eq(destroy(a), 0);
    await_step(op, "making an empty domain");
    xlight_op_free(op);
    xlight_config_free(c);
    ck_assert_int_eq(xlight_memory_get(h, 0, &now), 0);
    ck_assert_uint_eq(now.target_kb, before.target_kb);
    c = config("memory = 100000");
    ck_assert_int_eq(xlight_domain_create_start(h, c, &o, &op), 0);
    ck_assert_int_eq(xlight_op_wait(op), -ENOMEM);
    ck_assert_ptr_nonnull(strstr(text(), "MiB are missing, and domain 0 has only"));
    xlight_op_free(op);
    xlight_config_free(c);
    /* What was set of domain 0 stays. */
    ck_assert_int_eq(xstore_rm(h->store, XBT_NULL, "/local/domain/0/memory"), 0);
    ck_assert_int_eq(xstore_rm(h->store, XBT_NULL, "/vm/00000000-0000-0000-0000-000000000000"), 0);
    teardown();
}
END_TEST

/* One turn; when there is nothing to do yet, not before there is. */
static int next_turn(xlight_op *op)
{
    struct pollfd p = {.fd = xlight_op_fd(op), .events = POLLIN};

    poll(&p, 1, xlight_op_timeout(op));
    return xlight_op_process(op);
}

/* After n turns of create. */
static void cancel_create(const char *more, int n, bool *ret_ended)
{
    struct xlight_config *c = config(more);
    xlight_op *op = create_start(c, false);
    char when[64];
    int rc = -EINPROGRESS;

    for (int i = 0; i < n && rc == -EINPROGRESS; i++)
        rc = next_turn(op);
    if (n % 2 && rc == -EINPROGRESS) {
        xlight_op_cancel(op);
        rc = xlight_op_wait(op);
        ck_assert_int_eq(rc, -ECANCELED);
    }
    *ret_ended = rc == 0;
    if (!rc)
        ck_assert_int_eq(destroy(xlight_op_domid(op)), 0);
    xlight_op_free(op);
    xlight_config_free(c);
    snprintf(when, sizeof(when), "cancelled after %d steps", n);
    sim_check_snapshot(h, nothing, when);
}

START_TEST(create_cancelled_everywhere)
{
    static const char *const more[] = {"", "type = \"pvh\"\nvcpus = 2\n"};

    setup("");
    for (int i = 0; i < 2; i++) {
        bool ended = false;

        for (int n = 0; !ended; n++) {
            ck_assert_int_lt(n, 200);
            cancel_create(more[i], n, &ended);
        }
    }
    teardown();
}
END_TEST

/* With devices, and something that serves them, everything as without. */
START_TEST(devices)
{
    bool ended = false;
    char more[512], name[16];
    uint32_t domid;
    char *v;

    setup("");
    fake_backend_start(0);
    ck_assert_int_eq(xlight__sim_net(h->os, "xenbr0", true), 0);
    for (unsigned int i = 1; i < 60; i++) {
        snprintf(name, sizeof(name), "vif%u.0", i);
        ck_assert_int_eq(xlight__sim_net(h->os, name, false), 0);
    }
    snprintf(more, sizeof(more), "disk = [\"%s/kernel,raw,xvda\"]\nvif = [\"\"]\n", sim_dir);
    domid = create(more, false);
    v = value("/local/domain/0/backend/vbd/%u/51712/physical-device", domid);
    ck_assert_pstr_eq(v, "7:0");
    v = value("/local/domain/0/backend/vif/%u/0/hotplug-status", domid);
    ck_assert_pstr_eq(v, "connected");
    v = perms("/local/domain/%u/device/vif/0", domid);
    ck_assert_ptr_nonnull(v);
    ck_assert_uint_eq(xlight__sim_loops(h->os), 1);
    ck_assert_int_eq(destroy(domid), 0);
    ck_assert_uint_eq(xlight__sim_loops(h->os), 0);
    for (int n = 0; !ended; n += 3) {
        ck_assert_int_lt(n, 400);
        cancel_create(more, n, &ended);
    }
    ck_assert_uint_eq(xlight__sim_loops(h->os), 0);
    fake_backend_stop();
    teardown();
}
END_TEST

/* Who is changing the configuration when its domain ends does not bring it back. */
START_TEST(destroyed_while_it_is_changed)
{
    uint8_t uuid[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    int ready[2], status, lock;
    uint32_t domid;
    char byte;
    pid_t pid;

    setup("");
    domid = create("", true);
    ck_assert_int_eq(pipe(ready), 0);
    pid = fork();
    if (!pid) {
        struct xlight_config *c;
        int rc = xlight__state_lock(h, (domid_t)domid, uuid, &lock);

        rc = rc ? rc : xlight__state_load(h, (domid_t)domid, uuid, &c);
        if (write(ready[1], "", 1) != 1)
            _exit(2);
        usleep(300000);
        rc = rc ? rc : xlight__state_save(h, (domid_t)domid, uuid, c);
        xlight__state_unlock(h, (domid_t)domid, uuid, lock);
        _exit(rc ? 1 : 0);
    }
    ck_assert_int_eq(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
    ck_assert_int_eq(destroy(domid), 0);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(status, 0);
    teardown();
}
END_TEST

TEST_MAIN("light-life", destroyed_while_it_is_changed, pv_and_pvh, settings_reach_the_hypervisor,
          refused_before_anything_is_made, stale_nodes, room_in_dom0, cause_of_a_domain,
          ids_rest_for_a_minute, locks_are_files, renames, shutdown_and_wait, devices,
          create_cancelled_everywhere)
