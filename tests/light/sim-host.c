/* SPDX-License-Identifier: MIT */
/* sim-host.c - starts and ends the parts of a simulated host. */
#include "sim-host.h"
#include "test-main.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xenolith/ctrl-sim.h>

char sim_dir[32], sim_where[256];
static char name[32];
static const char *sim_options;
static pid_t store_pid, console_pid;

int sim_scale(void)
{
    const char *slow = getenv("TEST_SCALE");

    return slow && atoi(slow) > 0 ? atoi(slow) : 1;
}

static pid_t start(const char *program, const char *const *argv)
{
    pid_t pid = fork();

    if (!pid) {
        /* A test that fails ends at once. */
        prctl(PR_SET_PDEATHSIG, SIGKILL);
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
    snprintf(sim_where, sizeof(sim_where), "sim:%s,store=%s/socket,state=%s/state%s%s", name,
             sim_dir, sim_dir, *options ? "," : "", options);
    sim_options = options;
    start_store();
    while (xlight_open(sim_where, &h)) {
        ck_assert_msg(tries-- > 0, "the store daemon does not start");
        usleep(20000);
    }
    return h;
}

void sim_start_console(void)
{
    char host[64], pid[64];
    const char *const argv[] = {"xenconsoled", "-i", "--log=none", host, pid, NULL};

    snprintf(host, sizeof(host), "--host=sim:%s", name);
    snprintf(pid, sizeof(pid), "--pid-file=%s/console.pid", sim_dir);
    console_pid = start(BUILD_DIR "/daemons/xenconsoled/xenconsoled", argv);
}

static void end(pid_t *pid)
{
    if (!*pid)
        return;
    kill(*pid, SIGKILL);
    waitpid(*pid, NULL, 0);
    *pid = 0;
}

void sim_kill_store(void)
{
    end(&store_pid);
}

void sim_end(xlight_handle *h)
{
    char command[64];

    xlight_close(h);
    end(&console_pid);
    end(&store_pid);
    ck_assert_int_eq(xctl_sim_remove(name), 0);
    snprintf(command, sizeof(command), "rm -r %s", sim_dir);
    ck_assert_int_eq(system(command), 0);
}
