/* SPDX-License-Identifier: MIT */
/* test-light-model.c - device models: they start, serve, and end. */
#include "light/hotplug-host.h"
#include "device/daemon.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Signals for single processes by their numbers, which may be somebody else's by then. */
static unsigned int signals;
int __real_kill(pid_t pid, int sig);
int __wrap_kill(pid_t pid, int sig);

int __wrap_kill(pid_t pid, int sig)
{
    signals += pid > 0 && sig > 0;
    return __real_kill(pid, sig);
}

/* A device model that says that it is ready, and then lives on. */
#define READY                                                    \
    "XENSTORED_PATH=%s/socket %s/utils/xenstore/xenstore write " \
    "/local/domain/0/device-model/1/state running\n"

static const char *screen(const char *script)
{
    static char text[512];

    snprintf(text, sizeof(text), "vfb = [\"\"]\ndevice_model_override = \"%s/%s\"\n", scripts,
             script);
    return text;
}

static int model_pid(void)
{
    int pid = 0;

    ck_assert_int_eq(
        xstore_read_int(h->store, XBT_NULL, "/local/domain/1/image/device-model-pid", &pid), 0);
    return pid;
}

START_TEST(device_models)
{
    struct xlight_config *config;
    char script[512];
    bool runs = true;
    int pid;

    begin(0);
    signals = 0;
    snprintf(script, sizeof(script), "echo \"$*\" >%s/out\n" READY "while :; do sleep 0.1; done",
             sim_dir, sim_dir, BUILD_DIR);
    make_script("qemu", script);
    config = parse(screen("qemu"));
    ck_assert(xlight__needs_model(config));
    xlight_config_free(config);
    ck_assert_int_eq(come(screen("qemu")), 0);
    ck_assert_str_eq(output(), "-xen-domid 1 -no-shutdown -nodefaults -no-user-config -xen-attach "
                               "-name x -vnc 127.0.0.1:0,to=99 -display none -machine xenpv -m "
                               "32\n");
    pid = model_pid();
    ck_assert(xlight__daemon_is(pid, "-xen-domid", "1"));
    ck_assert(!xlight__daemon_is(pid, "-xen-domid", "2"));
    ck_assert_int_eq(xlight__model_runs(h, 1, &runs), 0);
    ck_assert(runs);
    /* It is no child of ours, and in a session of its own. */
    ck_assert_int_eq(getsid(pid), pid);
    ck_assert_int_eq(go(), 0);
    ck_assert(!xlight__daemon_is(pid, "-xen-domid", "1"));
    check_nothing_left();
    /* One that does not want to end. */
    snprintf(script, sizeof(script), "trap '' HUP\n" READY "while :; do sleep 0.1; done", sim_dir,
             BUILD_DIR);
    make_script("qemu", script);
    ck_assert_int_eq(come(screen("qemu")), 0);
    pid = model_pid();
    ck_assert_int_eq(go(), 0);
    for (int i = 0; i < 100 && xlight__daemon_is(pid, "-xen-domid", "1"); i++)
        usleep(10000);
    ck_assert(!xlight__daemon_is(pid, "-xen-domid", "1"));
    check_nothing_left();
    /* A number that is somebody else's by now is left alone. */
    ck_assert_int_eq(
        xstore_write_int(h->store, XBT_NULL, "/local/domain/1/image/device-model-pid", getpid()),
        0);
    ck_assert_int_eq(xlight__model_runs(h, 1, &runs), 0);
    ck_assert(!runs);
    ck_assert_int_eq(go(), 0);
    /* It cannot be had. */
    ck_assert_int_eq(come(screen("none")), -ENOENT);
    check_nothing_left();
    make_script("qemu", "exit 1");
    ck_assert_int_eq(come(screen("qemu")), -ECHILD);
    ck_assert_str_eq(xlight_error_text(h, 1), "the device model has ended at once");
    check_nothing_left();
    h->os->wait_ms /= 10;
    make_script("qemu", "while :; do sleep 0.1; done");
    ck_assert_int_eq(come(screen("qemu")), -ETIMEDOUT);
    check_nothing_left();
    ck_assert_uint_eq(signals, 0);
    end();
}
END_TEST

TEST_MAIN("light-model", device_models)
