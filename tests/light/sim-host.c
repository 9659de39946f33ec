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
static pid_t store_pid;

int sim_scale(void)
{
    const char *slow = getenv("TEST_SCALE");

    return slow && atoi(slow) > 0 ? atoi(slow) : 1;
}

static void start_store(void)
{
    char sock[64];

    snprintf(sock, sizeof(sock), "%s/host", sim_dir);
    store_pid = fork();
    if (!store_pid) {
        execl(BUILD_DIR "/daemons/xenstored/xenstored", "xenstored", "-N", "--host", sock,
              (char *)NULL);
        _exit(127);
    }
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
