/* SPDX-License-Identifier: MIT */
/* test-ctrl-conformance.c - the suite that also runs in Dom0, on the simulated host. */
#include "test-main.h"

int conformance_main(int argc, char **argv);
#define main conformance_main
#include "../ctrl/conformance.c"
#undef main

START_TEST(simulated)
{
    char name[] = "conformance", where[] = "sim:", *argv[] = {name, where, NULL};

    ck_assert_int_eq(conformance_main(2, argv), 0);
}
END_TEST

START_TEST(no_such_host)
{
    char name[] = "conformance", where[] = "nonsense:", *argv[] = {name, where, NULL};

    ck_assert_int_eq(conformance_main(2, argv), 2);
}
END_TEST

TEST_MAIN("ctrl-conformance", simulated, no_such_host)
