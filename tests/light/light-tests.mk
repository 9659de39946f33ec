# SPDX-License-Identifier: MIT
# Tests of libs/light. The library, and the store library with it, are compiled once more, with
# sanitizers and allocations that can be made to fail.

LIGHT_TEST_CFLAGS = $(TOOL_CFLAGS) $(LIGHT_CPPFLAGS) $(YAJL_CFLAGS) $(LIGHT_BUILD_CFLAGS) $(GNUTLS_CFLAGS) \
	-I$(top_srcdir)/libs/light/src \
	-I$(top_srcdir)/tests -I$(top_srcdir)/tests/shim $(CHECK_CFLAGS) -pthread $(SANITIZE) -g -O1
LIGHT_TEST_LIBS = tests/light/liblight-san.a tests/ctrl/libctrl-san.a $(CHECK_LIBS) $(YAJL_LIBS) \
	$(LIGHT_BUILD_LIBS) $(GNUTLS_LIBS)

check_LIBRARIES += tests/light/liblight-san.a
tests_light_liblight_san_a_SOURCES = $(LIGHT_SOURCES) $(LIGHT_BUILD_SOURCES) $(STORE_SOURCES)
tests_light_liblight_san_a_CFLAGS = $(LIGHT_TEST_CFLAGS) $(FAIL_ALLOC)

tests_unit_test_light_broken_SOURCES = tests/unit/test-light-broken.c
tests_unit_test_light_broken_CFLAGS = $(LIGHT_TEST_CFLAGS) \
	-DBROKEN='"$(abs_top_srcdir)/tests/light/broken.txt"'
tests_unit_test_light_broken_LDADD = $(LIGHT_TEST_LIBS)

tests_unit_test_light_config_SOURCES = tests/unit/test-light-config.c
tests_unit_test_light_config_CFLAGS = $(LIGHT_TEST_CFLAGS) -DCONFIGS='"$(abs_top_srcdir)/tests/light/configs"'
tests_unit_test_light_config_LDADD = $(LIGHT_TEST_LIBS)

# Runs the store daemon of this build.
tests_unit_test_light_domain_SOURCES = tests/unit/test-light-domain.c
tests_unit_test_light_domain_CFLAGS = $(LIGHT_TEST_CFLAGS) -DBUILD_DIR='"$(abs_top_builddir)"'
tests_unit_test_light_domain_LDADD = $(LIGHT_TEST_LIBS)

tests_unit_test_light_handle_SOURCES = tests/unit/test-light-handle.c
tests_unit_test_light_handle_CFLAGS = $(LIGHT_TEST_CFLAGS)
tests_unit_test_light_handle_LDADD = $(LIGHT_TEST_LIBS)

# A host with a store daemon, for whatever needs one: the daemon with another idea of a host. The
# package for Python brings it along, for scripts to be tested on.
if PYTHON
pkglibexec_PROGRAMS = tests/light/sim-store
else
check_PROGRAMS += tests/light/sim-store
endif
tests_light_sim_store_SOURCES = tests/light/sim-store.c daemons/xenstored/main.c \
	daemons/xenstored/osdep/xen.c $(XENSTORED_PARTS)
tests_light_sim_store_CPPFLAGS = $(CTRL_CPPFLAGS)
tests_light_sim_store_CFLAGS = $(XENSTORED_CFLAGS)
tests_light_sim_store_LDADD = libs/ctrl/libctrl-core.la

check_PROGRAMS += tests/light/sim-end
tests_light_sim_end_SOURCES = tests/light/sim-end.c
tests_light_sim_end_CPPFLAGS = $(CTRL_CPPFLAGS)
tests_light_sim_end_CFLAGS = $(TOOL_CFLAGS)
tests_light_sim_end_LDADD = libs/ctrl/libctrl-core.la

LIGHT_TEST_HOST = tests/light/sim-host.c tests/light/sim-host.h
# With --wrap=xs__call.
LIGHT_TEST_CHECK = tests/light/sim-check.c $(LIGHT_TEST_HOST)
LIGHT_TEST_LIFE = tests/light/life-host.c tests/light/life-host.h $(LIGHT_TEST_CHECK) \
	$(BUILD_TEST_IMAGES) tests/light/fake-backend.c tests/light/fake-backend.h
LIGHT_TEST_LIFE_NEEDS = tests/light/sim-store$(EXEEXT) daemons/xenconsoled/xenconsoled$(EXEEXT)
LIGHT_TEST_HOST_CFLAGS = $(LIGHT_TEST_CFLAGS) -DBUILD_DIR='"$(abs_top_builddir)"'

tests_unit_test_light_op_SOURCES = tests/unit/test-light-op.c $(LIGHT_TEST_HOST)
tests_unit_test_light_op_CFLAGS = $(LIGHT_TEST_HOST_CFLAGS)
EXTRA_tests_unit_test_light_op_DEPENDENCIES = tests/light/sim-store$(EXEEXT)
tests_unit_test_light_op_LDADD = $(LIGHT_TEST_LIBS)

tests_unit_test_light_os_SOURCES = tests/unit/test-light-os.c
tests_unit_test_light_os_CFLAGS = $(LIGHT_TEST_CFLAGS)
tests_unit_test_light_os_LDFLAGS = -Wl,--wrap=open,--wrap=opendir
tests_unit_test_light_os_LDADD = $(LIGHT_TEST_LIBS)

tests_unit_test_light_dump_SOURCES = tests/unit/test-light-dump.c $(LIGHT_TEST_LIFE)
tests_unit_test_light_dump_CFLAGS = $(LIGHT_TEST_HOST_CFLAGS) -I$(top_srcdir)
EXTRA_tests_unit_test_light_dump_DEPENDENCIES = $(LIGHT_TEST_LIFE_NEEDS)
tests_unit_test_light_dump_LDFLAGS = -Wl,--wrap=xs__call
tests_unit_test_light_dump_LDADD = $(LIGHT_TEST_LIBS)

tests_unit_test_light_life_SOURCES = tests/unit/test-light-life.c $(LIGHT_TEST_LIFE)
tests_unit_test_light_life_CFLAGS = $(LIGHT_TEST_HOST_CFLAGS) -I$(top_srcdir)
EXTRA_tests_unit_test_light_life_DEPENDENCIES = $(LIGHT_TEST_LIFE_NEEDS)
tests_unit_test_light_life_LDFLAGS = -Wl,--wrap=xs__call
tests_unit_test_light_life_LDADD = $(LIGHT_TEST_LIBS)

tests_unit_test_light_life_fails_SOURCES = tests/unit/test-light-life-fails.c $(LIGHT_TEST_LIFE)
tests_unit_test_light_life_fails_CFLAGS = $(LIGHT_TEST_HOST_CFLAGS) -I$(top_srcdir)
EXTRA_tests_unit_test_light_life_fails_DEPENDENCIES = $(LIGHT_TEST_LIFE_NEEDS)
tests_unit_test_light_life_fails_LDFLAGS = -Wl,--wrap=xs__call
tests_unit_test_light_life_fails_LDADD = $(LIGHT_TEST_LIBS)

LIGHT_TEST_GUEST = tests/light/fake-guest.c tests/light/fake-guest.h $(LIGHT_TEST_LIFE)
tests_unit_test_light_move_SOURCES = tests/unit/test-light-move.c $(LIGHT_TEST_GUEST)
tests_unit_test_light_move_CFLAGS = $(LIGHT_TEST_HOST_CFLAGS) -I$(top_srcdir)
EXTRA_tests_unit_test_light_move_DEPENDENCIES = $(LIGHT_TEST_LIFE_NEEDS)
tests_unit_test_light_move_LDFLAGS = -Wl,--wrap=xs__call
tests_unit_test_light_move_LDADD = $(LIGHT_TEST_LIBS)

LIGHT_TEST_ENDS = tests/light/two-ends.c tests/light/two-ends.h $(LIGHT_TEST_GUEST)
LIGHT_TEST_FAILURES = tests/light/failures.c tests/light/failures.h
tests_unit_test_light_migrate_SOURCES = tests/unit/test-light-migrate.c $(LIGHT_TEST_ENDS)
tests_unit_test_light_migrate_CFLAGS = $(LIGHT_TEST_HOST_CFLAGS) -I$(top_srcdir)
EXTRA_tests_unit_test_light_migrate_DEPENDENCIES = $(LIGHT_TEST_LIFE_NEEDS)
tests_unit_test_light_migrate_LDFLAGS = -Wl,--wrap=xs__call
tests_unit_test_light_migrate_LDADD = $(LIGHT_TEST_LIBS)

tests_unit_test_light_migrate_fails_SOURCES = tests/unit/test-light-migrate-fails.c \
	$(LIGHT_TEST_FAILURES) $(LIGHT_TEST_ENDS)
tests_unit_test_light_migrate_fails_CFLAGS = $(LIGHT_TEST_HOST_CFLAGS) -I$(top_srcdir)
EXTRA_tests_unit_test_light_migrate_fails_DEPENDENCIES = $(LIGHT_TEST_LIFE_NEEDS)
tests_unit_test_light_migrate_fails_LDFLAGS = -Wl,--wrap=xs__call
tests_unit_test_light_migrate_fails_LDADD = $(LIGHT_TEST_LIBS)

tests_unit_test_light_move_fails_SOURCES = tests/unit/test-light-move-fails.c \
	$(LIGHT_TEST_FAILURES) $(LIGHT_TEST_GUEST)
tests_unit_test_light_move_fails_CFLAGS = $(LIGHT_TEST_HOST_CFLAGS) -I$(top_srcdir)
EXTRA_tests_unit_test_light_move_fails_DEPENDENCIES = $(LIGHT_TEST_LIFE_NEEDS)
tests_unit_test_light_move_fails_LDFLAGS = -Wl,--wrap=xs__call
tests_unit_test_light_move_fails_LDADD = $(LIGHT_TEST_LIBS)

tests_unit_test_light_stream_SOURCES = tests/unit/test-light-stream.c tests/light/stream-make.c \
	tests/light/stream-make.h
tests_unit_test_light_stream_CFLAGS = $(LIGHT_TEST_CFLAGS)
tests_unit_test_light_stream_LDADD = $(LIGHT_TEST_LIBS)

tests_unit_test_light_bootloader_SOURCES = tests/unit/test-light-bootloader.c $(LIGHT_TEST_LIFE)
tests_unit_test_light_bootloader_CFLAGS = $(LIGHT_TEST_HOST_CFLAGS) -I$(top_srcdir)
EXTRA_tests_unit_test_light_bootloader_DEPENDENCIES = $(LIGHT_TEST_LIFE_NEEDS)
tests_unit_test_light_bootloader_LDFLAGS = -Wl,--wrap=xs__call
tests_unit_test_light_bootloader_LDADD = $(LIGHT_TEST_LIBS)

tests_unit_test_light_query_SOURCES = tests/unit/test-light-query.c $(LIGHT_TEST_HOST)
tests_unit_test_light_query_CFLAGS = $(LIGHT_TEST_HOST_CFLAGS)
EXTRA_tests_unit_test_light_query_DEPENDENCIES = tests/light/sim-store$(EXEEXT)
tests_unit_test_light_query_LDADD = $(LIGHT_TEST_LIBS)

tests_unit_test_light_settings_SOURCES = tests/unit/test-light-settings.c $(LIGHT_TEST_LIFE)
tests_unit_test_light_settings_CFLAGS = $(LIGHT_TEST_HOST_CFLAGS) -I$(top_srcdir)
EXTRA_tests_unit_test_light_settings_DEPENDENCIES = $(LIGHT_TEST_LIFE_NEEDS)
tests_unit_test_light_settings_LDFLAGS = -Wl,--wrap=xs__call
tests_unit_test_light_settings_LDADD = $(LIGHT_TEST_LIBS)

# For shell scripts: domains come and go.
check_PROGRAMS += tests/light/sim-guest
tests_light_sim_guest_SOURCES = tests/light/sim-guest.c
tests_light_sim_guest_CFLAGS = $(TOOL_CFLAGS) $(LIGHT_CPPFLAGS)
tests_light_sim_guest_LDADD = libs/ctrl/libctrl-core.la $(STORE_LIBS)

check_PROGRAMS += tests/light/sim-pv
tests_light_sim_pv_SOURCES = tests/light/sim-pv.c $(LIGHT_TEST_GUEST)
tests_light_sim_pv_CFLAGS = $(LIGHT_TEST_HOST_CFLAGS) -I$(top_srcdir)
tests_light_sim_pv_LDFLAGS = -Wl,--wrap=xs__call
tests_light_sim_pv_LDADD = $(LIGHT_TEST_LIBS)

# ... and what serves devices.
LIGHT_TEST_DEVICES = $(LIGHT_TEST_HOST) tests/light/fake-backend.c tests/light/fake-backend.h \
	tests/light/store-dump.c tests/light/store-dump.h

tests_unit_test_light_device_SOURCES = tests/unit/test-light-device.c $(LIGHT_TEST_DEVICES)
tests_unit_test_light_device_CFLAGS = $(LIGHT_TEST_HOST_CFLAGS)
EXTRA_tests_unit_test_light_device_DEPENDENCIES = tests/light/sim-store$(EXEEXT)
tests_unit_test_light_device_LDADD = $(LIGHT_TEST_LIBS)

LIGHT_TEST_HOTPLUG = tests/light/hotplug-host.c tests/light/hotplug-host.h tests/light/sim-check.c \
	$(LIGHT_TEST_DEVICES)

tests_unit_test_light_attach_SOURCES = tests/unit/test-light-attach.c $(LIGHT_TEST_HOTPLUG)
tests_unit_test_light_attach_CFLAGS = $(LIGHT_TEST_HOST_CFLAGS) -I$(top_srcdir)
tests_unit_test_light_attach_LDFLAGS = -Wl,--wrap=xs__call
EXTRA_tests_unit_test_light_attach_DEPENDENCIES = tests/light/sim-store$(EXEEXT)
tests_unit_test_light_attach_LDADD = $(LIGHT_TEST_LIBS)

tests_unit_test_light_hotplug_SOURCES = tests/unit/test-light-hotplug.c $(LIGHT_TEST_HOTPLUG)
tests_unit_test_light_hotplug_CFLAGS = $(LIGHT_TEST_HOST_CFLAGS) -I$(top_srcdir)
tests_unit_test_light_hotplug_LDFLAGS = -Wl,--wrap=xs__call
EXTRA_tests_unit_test_light_hotplug_DEPENDENCIES = tests/light/sim-store$(EXEEXT)
tests_unit_test_light_hotplug_LDADD = $(LIGHT_TEST_LIBS)

tests_unit_test_light_model_SOURCES = tests/unit/test-light-model.c $(LIGHT_TEST_HOTPLUG)
tests_unit_test_light_model_CFLAGS = $(LIGHT_TEST_HOST_CFLAGS) -I$(top_srcdir)
tests_unit_test_light_model_LDFLAGS = -Wl,--wrap=xs__call,--wrap=kill
EXTRA_tests_unit_test_light_model_DEPENDENCIES = tests/light/sim-store$(EXEEXT)
tests_unit_test_light_model_LDADD = $(LIGHT_TEST_LIBS)

tests_unit_test_light_scripts_SOURCES = tests/unit/test-light-scripts.c $(LIGHT_TEST_HOTPLUG)
tests_unit_test_light_scripts_CFLAGS = $(LIGHT_TEST_HOST_CFLAGS) -I$(top_srcdir)
tests_unit_test_light_scripts_LDFLAGS = -Wl,--wrap=xs__call
EXTRA_tests_unit_test_light_scripts_DEPENDENCIES = tests/light/sim-store$(EXEEXT)
tests_unit_test_light_scripts_LDADD = $(LIGHT_TEST_LIBS)
