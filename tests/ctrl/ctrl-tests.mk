# SPDX-License-Identifier: MIT
# Tests of libs/ctrl. The library is compiled once more, with sanitizers and allocations that can be
# made to fail; the conformance suite is a program without any needs, to be run in Dom0.

CTRL_TEST_CFLAGS = $(TOOL_CFLAGS) $(CTRL_CPPFLAGS) -I$(top_srcdir)/tests/shim $(CHECK_CFLAGS) \
	-pthread $(SANITIZE) -g -O1

check_LIBRARIES += tests/ctrl/libctrl-san.a
tests_ctrl_libctrl_san_a_SOURCES = $(CTRL_SOURCES) tests/ctrl/fail-alloc.c
tests_ctrl_libctrl_san_a_CFLAGS = $(CTRL_TEST_CFLAGS) $(FAIL_ALLOC)

check_PROGRAMS += tests/ctrl/conformance
tests_ctrl_conformance_SOURCES = tests/ctrl/conformance.c
tests_ctrl_conformance_CFLAGS = $(TOOL_CFLAGS) $(CTRL_CPPFLAGS)
tests_ctrl_conformance_LDADD = libs/ctrl/libctrl-core.la
tests_ctrl_conformance_LDFLAGS = -all-static

tests_unit_test_ctrl_conformance_SOURCES = tests/unit/test-ctrl-conformance.c
tests_unit_test_ctrl_conformance_CFLAGS = $(CTRL_TEST_CFLAGS)
tests_unit_test_ctrl_conformance_LDADD = tests/ctrl/libctrl-san.a $(CHECK_LIBS)

tests_unit_test_ctrl_errors_SOURCES = tests/unit/test-ctrl-errors.c
tests_unit_test_ctrl_errors_CFLAGS = $(CTRL_TEST_CFLAGS)
tests_unit_test_ctrl_errors_LDADD = tests/ctrl/libctrl-san.a $(CHECK_LIBS)

tests_unit_test_ctrl_sim_SOURCES = tests/unit/test-ctrl-sim.c
tests_unit_test_ctrl_sim_CFLAGS = $(CTRL_TEST_CFLAGS)
tests_unit_test_ctrl_sim_LDADD = tests/ctrl/libctrl-san.a $(CHECK_LIBS)

tests_unit_test_ctrl_threads_SOURCES = tests/unit/test-ctrl-threads.c
tests_unit_test_ctrl_threads_CFLAGS = $(CTRL_TEST_CFLAGS)
tests_unit_test_ctrl_threads_LDADD = tests/ctrl/libctrl-san.a $(CHECK_LIBS)

tests_unit_test_console_ring_SOURCES = tests/unit/test-console-ring.c \
	daemons/xenconsoled/buffer.c daemons/xenconsoled/log.c daemons/xenconsoled/ring.c
tests_unit_test_console_ring_CFLAGS = $(CTRL_TEST_CFLAGS) -I$(top_srcdir)
tests_unit_test_console_ring_LDADD = $(CHECK_LIBS)

# Runs the daemons and the client of this build.
tests_unit_test_xenconsoled_SOURCES = tests/unit/test-xenconsoled.c
tests_unit_test_xenconsoled_CFLAGS = $(CTRL_TEST_CFLAGS) $(STORE_CPPFLAGS) \
	-DBUILD_DIR='"$(abs_top_builddir)"'
tests_unit_test_xenconsoled_LDADD = tests/ctrl/libctrl-san.a $(STORE_LIBS) $(CHECK_LIBS)
