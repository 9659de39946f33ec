# SPDX-License-Identifier: MIT
# The store daemon, included from daemons/daemons.mk.

sbin_PROGRAMS += daemons/xenstored/xenstored

XENSTORED_CFLAGS = $(TOOL_CFLAGS) $(CTRL_CPPFLAGS) -I$(top_srcdir) -fno-strict-aliasing
XENSTORED_PARTS = \
	daemons/xenstored/conn-ring.c daemons/xenstored/conn-ring.h \
	daemons/xenstored/conn-socket.c daemons/xenstored/conn-socket.h \
	daemons/xenstored/conn.c daemons/xenstored/conn.h \
	daemons/xenstored/control.c daemons/xenstored/control.h \
	daemons/xenstored/domain.c daemons/xenstored/domain.h \
	daemons/xenstored/live-update.c daemons/xenstored/live-update.h \
	daemons/xenstored/log.c daemons/xenstored/log.h \
	daemons/xenstored/options.c daemons/xenstored/options.h \
	daemons/xenstored/osdep.h \
	daemons/xenstored/perm.c daemons/xenstored/perm.h \
	daemons/xenstored/quota.c daemons/xenstored/quota.h \
	daemons/xenstored/request.c daemons/xenstored/request.h \
	daemons/xenstored/state-conn.c daemons/xenstored/state-conn.h \
	daemons/xenstored/state-tree.c daemons/xenstored/state-tree.h \
	daemons/xenstored/state.c daemons/xenstored/state.h \
	daemons/xenstored/store.c daemons/xenstored/store.h \
	daemons/xenstored/tree.c daemons/xenstored/tree.h \
	daemons/xenstored/txn.c daemons/xenstored/txn.h \
	daemons/xenstored/watch.c daemons/xenstored/watch.h \
	daemons/xenstored/wire.c daemons/xenstored/wire.h

daemons_xenstored_xenstored_SOURCES = daemons/xenstored/main.c daemons/xenstored/osdep/host.c \
	daemons/xenstored/osdep/xen.c $(XENSTORED_PARTS)
daemons_xenstored_xenstored_CFLAGS = $(XENSTORED_CFLAGS)
# Linked in: a live update exec()s a program, whatever libraries have been installed meanwhile.
daemons_xenstored_xenstored_LDADD = libs/ctrl/libctrl-core.la
dist_man_MANS += daemons/xenstored/xenstored.8

# The same with sanitizers, all but main.c as a library for the tests.
XENSTORED_TEST_CFLAGS = $(XENSTORED_CFLAGS) -g -O1 $(SANITIZE) \
	-fno-sanitize-recover=undefined

check_LIBRARIES += tests/xenstored/libxenstored.a
tests_xenstored_libxenstored_a_SOURCES = daemons/xenstored/osdep/host.c $(XENSTORED_PARTS)
tests_xenstored_libxenstored_a_CFLAGS = $(XENSTORED_TEST_CFLAGS)

check_PROGRAMS += tests/xenstored/xenstored-sanitized
tests_xenstored_xenstored_sanitized_SOURCES = daemons/xenstored/main.c daemons/xenstored/osdep/xen.c
tests_xenstored_xenstored_sanitized_CFLAGS = $(XENSTORED_TEST_CFLAGS)
tests_xenstored_xenstored_sanitized_LDADD = tests/xenstored/libxenstored.a libs/ctrl/libctrl-core.la
