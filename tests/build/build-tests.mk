# SPDX-License-Identifier: MIT
# Tests of the domain builder. It is compiled once more, with sanitizers and allocations that can be
# made to fail, and runs on the simulated host.

BUILD_TEST_CFLAGS = $(CTRL_TEST_CFLAGS) $(LIGHT_BUILD_CFLAGS) -I$(top_srcdir)/libs/light/src/build \
	-I$(top_srcdir)/tests
BUILD_TEST_LIBS = tests/build/libbuild-san.a tests/ctrl/libctrl-san.a $(LIGHT_BUILD_LIBS) \
	$(CHECK_LIBS)

check_LIBRARIES += tests/build/libbuild-san.a
tests_build_libbuild_san_a_SOURCES = $(LIGHT_BUILD_SOURCES)
tests_build_libbuild_san_a_CFLAGS = $(BUILD_TEST_CFLAGS) $(FAIL_ALLOC)

BUILD_TEST_IMAGES = tests/build/images.c tests/build/images.h
BUILD_TEST_GUEST = $(BUILD_TEST_IMAGES) tests/build/sim-guest.c tests/build/sim-guest.h
BUILD_TESTS = tests/unit/test-build-cache tests/unit/test-build-cpu tests/unit/test-build-kernel \
	tests/unit/test-build-pv tests/unit/test-build-pvh tests/unit/test-build-unpack
check_PROGRAMS += $(BUILD_TESTS)
TESTS += $(BUILD_TESTS)

tests_unit_test_build_unpack_SOURCES = tests/unit/test-build-unpack.c $(BUILD_TEST_IMAGES)
tests_unit_test_build_unpack_CFLAGS = $(BUILD_TEST_CFLAGS)
tests_unit_test_build_unpack_LDADD = $(BUILD_TEST_LIBS)

tests_unit_test_build_cache_SOURCES = tests/unit/test-build-cache.c $(BUILD_TEST_IMAGES)
tests_unit_test_build_cache_CFLAGS = $(BUILD_TEST_CFLAGS)
tests_unit_test_build_cache_LDADD = $(BUILD_TEST_LIBS)

tests_unit_test_build_kernel_SOURCES = tests/unit/test-build-kernel.c $(BUILD_TEST_IMAGES)
tests_unit_test_build_kernel_CFLAGS = $(BUILD_TEST_CFLAGS)
tests_unit_test_build_kernel_LDADD = $(BUILD_TEST_LIBS)

tests_unit_test_build_pv_SOURCES = tests/unit/test-build-pv.c $(BUILD_TEST_GUEST)
tests_unit_test_build_pv_CFLAGS = $(BUILD_TEST_CFLAGS)
tests_unit_test_build_pv_LDFLAGS = -Wl,--wrap=xctl_memory_populate
tests_unit_test_build_pv_LDADD = $(BUILD_TEST_LIBS)

tests_unit_test_build_pvh_SOURCES = tests/unit/test-build-pvh.c $(BUILD_TEST_GUEST)
tests_unit_test_build_pvh_CFLAGS = $(BUILD_TEST_CFLAGS)
tests_unit_test_build_pvh_LDFLAGS = -Wl,--wrap=xctl_memory_populate
tests_unit_test_build_pvh_LDADD = $(BUILD_TEST_LIBS)

tests_unit_test_build_cpu_SOURCES = tests/unit/test-build-cpu.c $(BUILD_TEST_GUEST)
tests_unit_test_build_cpu_CFLAGS = $(BUILD_TEST_CFLAGS)
tests_unit_test_build_cpu_LDFLAGS = -Wl,--wrap=xctl_memory_populate -Wl,--wrap=xctl_host_cpu_policy
tests_unit_test_build_cpu_LDADD = $(BUILD_TEST_LIBS)

# Without needs of its own: it is run in Dom0, too.
check_PROGRAMS += tests/build/build-guest
tests_build_build_guest_SOURCES = tests/build/build-guest.c $(STORE_SOURCES)
tests_build_build_guest_CFLAGS = $(TOOL_CFLAGS) $(CTRL_CPPFLAGS) $(STORE_CPPFLAGS) \
	-I$(top_srcdir)/libs/light/src/build
tests_build_build_guest_LDADD = libs/light/liblight-build.la libs/ctrl/libctrl-core.la
tests_build_build_guest_LDFLAGS = -all-static
