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

/* A device model with a control socket, which answers as QEMU does and notes what it is asked. */
#define QEMU                                                                                 \
    "exec python3 - \"$@\" <<'END'\n"                                                        \
    "import json, os, socket, sys, subprocess, time\n"                                       \
    "path = [a for a in sys.argv if 'qmp-libxl-' in a][0].split('path=')[1].split(',')[0]\n" \
    "s = socket.socket(socket.AF_UNIX)\n"                                                    \
    "s.bind(path)\n"                                                                         \
    "s.listen(1)\n"                                                                          \
    "subprocess.run(['%s/utils/xenstore/xenstore', 'write',\n"                               \
    "                '/local/domain/0/device-model/1/state', 'running'],\n"                  \
    "               env={'XENSTORED_PATH': '%s/socket'})\n"                                  \
    "c, _ = s.accept()\n"                                                                    \
    "def say(text):\n"                                                                       \
    "    c.sendall(text.encode() + b'\\r\\n')\n"                                             \
    "say('{\"QMP\": {\"version\": {}, \"capabilities\": []}}')\n"                            \
    "for line in c.makefile():\n"                                                            \
    "    q = json.loads(line)\n"                                                             \
    "    with open('%s/out', 'a') as f:\n"                                                   \
    "        f.write(q['execute'] + ' ' + json.dumps(q.get('arguments')) + '\\n')\n"         \
    "    say('{\"timestamp\": {}, \"event\": \"X\"}')\n"                                     \
    "    %s\n"                                                                               \
    "time.sleep(1000)\n"                                                                     \
    "END"

static void make_qemu(const char *answer)
{
    char script[2048];

    snprintf(script, sizeof(script), QEMU, BUILD_DIR, sim_dir, sim_dir, answer);
    make_script("qemu", script);
}

static const char *secret(void)
{
    static char text[512];

    snprintf(text, sizeof(text),
             "vfb = [\"vnc=1,vncpasswd=a\\\"b\"]\n"
             "device_model_override = \"%s/qemu\"\n",
             scripts);
    return text;
}

/* QEMU is told; the guest is not. */
START_TEST(passwords)
{
    struct xs_permissions *p;
    unsigned int nr;

    begin(0);
    h->os->run_dir = sim_dir;
    h->os->wait_ms = 3000U * (unsigned int)sim_scale();
    make_qemu("say('{\"return\": {}}')");
    if (come(secret())) {
        char text[512];

        xlight_error_format(h, text, sizeof(text));
        ck_abort_msg("%s", text);
    }
    ck_assert_str_eq(output(), "qmp_capabilities null\n"
                               "change-vnc-password {\"password\": \"a\\\"b\"}\n");
    check_node("/local/domain/0/backend/vfb/1/0/vncpasswd", NULL);
    check_node("/local/domain/1/console/vnc-pass", "a\"b");
    ck_assert_int_eq(
        xstore_get_perms(h->store, XBT_NULL, "/local/domain/1/console/vnc-pass", &p, &nr), 0);
    ck_assert_uint_eq(nr, 1);
    ck_assert_uint_eq(p[0].id, 0);
    ck_assert_int_eq(p[0].perms, XS_PERM_NONE);
    free(p);
    ck_assert_int_eq(go(), 0);
    ck_assert_int_eq(xstore_rm(h->store, XBT_NULL, "/local/domain/1/console"), 0);
    /* A screen that anybody could look at is not what was asked for. */
    make_qemu("say('{\"error\": {\"class\": \"GenericError\", \"desc\": \"no luck\"}}')");
    ck_assert_int_eq(come(secret()), -EREMOTEIO);
    ck_assert_str_eq(xlight_error_text(h, 1), "cannot set the password of the screen");
    ck_assert_str_eq(xlight_error_text(h, 2), "the device model says: no luck");
    check_nothing_left();
    make_qemu("say('nonsense')");
    ck_assert_int_eq(come(secret()), -EPROTO);
    check_nothing_left();
    make_qemu("sys.exit()");
    ck_assert_int_eq(come(secret()), -ECONNRESET);
    check_nothing_left();
    make_qemu("say('x' * 10000)");
    ck_assert_int_eq(come(secret()), -EPROTO);
    check_nothing_left();
    h->os->run_dir = NULL;
    output();
    end();
}
END_TEST

TEST_MAIN("light-model", passwords, device_models)
