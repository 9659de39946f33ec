/* SPDX-License-Identifier: MIT */
/* sim-host.c - starts and ends the parts of a simulated host. */
#include "sim-host.h"
#include "test-main.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xenolith/ctrl-sim.h>

char sim_dir[32], sim_where[256];
static char name[32];
static const char *sim_options;
static pid_t store_pid;

int sim_scale(void)
{
    const char *slow = getenv("TEST_SCALE");

    return slow && atoi(slow) > 0 ? atoi(slow) : 1;
}

static pid_t start(const char *program, const char *const *argv)
{
    pid_t pid = fork();

    if (!pid) {
        execv(program, (char **)(uintptr_t)argv);
        _exit(127);
    }
    ck_assert_int_gt(pid, 0);
    return pid;
}

static void start_store(void)
{
    char host[64];
    const char *const argv[] = {"xenstored", "-N", "--host", host, NULL};

    snprintf(host, sizeof(host), "sim:%s%s%s", name, *sim_options ? "," : "", sim_options);
    store_pid = start(BUILD_DIR "/tests/light/sim-store", argv);
}

xlight_handle *sim_start(const char *options)
{
    xlight_handle *h = NULL;
    int tries = 500 * sim_scale();

    strcpy(sim_dir, "/tmp/sim-host-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(sim_dir));
    setenv("XENSTORED_RUNDIR", sim_dir, 1);
    snprintf(name, sizeof(name), "%s", sim_dir + strlen("/tmp/"));
    snprintf(sim_where, sizeof(sim_where), "sim:%s,store=%s/socket%s%s", name, sim_dir,
             *options ? "," : "", options);
    sim_options = options;
    start_store();
    while (xlight_open(sim_where, &h)) {
        ck_assert_msg(tries-- > 0, "the store daemon does not start");
        usleep(20000);
    }
    return h;
}

void sim_kill_store(void)
{
    kill(store_pid, SIGKILL);
    waitpid(store_pid, NULL, 0);
    store_pid = 0;
}

void sim_end(xlight_handle *h)
{
    char command[64];

    xlight_close(h);
    if (store_pid)
        sim_kill_store();
    ck_assert_int_eq(xctl_sim_remove(name), 0);
    snprintf(command, sizeof(command), "rm -r %s", sim_dir);
    ck_assert_int_eq(system(command), 0);
}
