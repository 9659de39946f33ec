# SPDX-License-Identifier: MIT
# Programs that embed libxenolith-light, for its users to read first; tests/light/examples.sh and
# tests/python/fleet.sh build them as they would, and run them.

noinst_PROGRAMS += examples/attach-disk examples/fleet examples/supervisor examples/watch-guest
examples_attach_disk_SOURCES = examples/attach-disk.c
examples_attach_disk_CPPFLAGS = $(LIGHT_CPPFLAGS)
examples_attach_disk_CFLAGS = $(TOOL_CFLAGS)
examples_attach_disk_LDADD = $(LIGHT_LIBS)

examples_fleet_SOURCES = examples/fleet.c
examples_fleet_CPPFLAGS = $(LIGHT_CPPFLAGS)
examples_fleet_CFLAGS = $(TOOL_CFLAGS)
examples_fleet_LDADD = $(LIGHT_LIBS)

examples_supervisor_SOURCES = examples/supervisor.c
examples_supervisor_CPPFLAGS = $(LIGHT_CPPFLAGS)
examples_supervisor_CFLAGS = $(TOOL_CFLAGS)
examples_supervisor_LDADD = $(LIGHT_LIBS)

examples_watch_guest_SOURCES = examples/watch-guest.c
examples_watch_guest_CPPFLAGS = $(LIGHT_CPPFLAGS)
examples_watch_guest_CFLAGS = $(TOOL_CFLAGS)
examples_watch_guest_LDADD = $(LIGHT_LIBS)
