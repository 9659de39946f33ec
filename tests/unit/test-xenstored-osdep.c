/* SPDX-License-Identifier: MIT */
/* test-xenstored-osdep.c - what the daemon asks of a host that is not open. */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include "daemons/xenstored/domain.h"
#include "daemons/xenstored/osdep.h"
#include "daemons/xenstored/state-conn.h"
#include "daemons/xenstored/store.h"
#include "../shim/test-main.h"

const struct osdep *os;

int os_source_add(int fd)
{
    return fd; /* main.c's; never called here */
}

/* There is no page for the hypercall yet. */
START_TEST(xen_refuses_when_closed)
{
    unsigned int state = 77;

    ck_assert_int_eq(osdep_xen.domain_state(0, &state), -EBADF);
    ck_assert_int_eq(osdep_xen.domain_state(5, &state), -EBADF);
    ck_assert_uint_eq(state, 77);
}
END_TEST

/* The first nodes name Domain 0, so making them asks the host. */
START_TEST(first_nodes_ask_the_host)
{
    os = &osdep_xen;
    domain_init();
    ck_assert_int_eq(store_init(), 0);
    store_fini();
    domain_fini();
}
END_TEST

/* In a child, because it ends the program. */
START_TEST(test_host_must_be_open)
{
    pid_t pid = fork();
    int status = 0;

    if (pid == 0) {
        close(2);
        accounts[0] = (struct account){0}; /* nothing named Domain 0 yet */
        os = &osdep_host;
        domain_init();
        _exit(store_init() != 0);
    }
    ck_assert_int_gt(pid, 0);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}
END_TEST

TEST_MAIN("xenstored-osdep", xen_refuses_when_closed, first_nodes_ask_the_host,
          test_host_must_be_open)
