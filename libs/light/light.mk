# SPDX-License-Identifier: MIT
# libxenolith-light. Who links it: X_CPPFLAGS = $(LIGHT_CPPFLAGS), X_LDADD = $(LIGHT_LIBS).

include libs/light/src/build/build.mk
include libs/light/src/query/query.mk
include libs/light/src/device/device.mk
include libs/light/src/move/move.mk

LIGHT_CPPFLAGS = $(CTRL_CPPFLAGS) $(STORE_CPPFLAGS) -I$(top_srcdir)/libs/light/include
LIGHT_LIBS = libs/light/libxenolith-light.la $(CTRL_LIBS) $(STORE_LIBS)

# What needs no host, nor the libraries below.
LIGHT_CONFIG_SOURCES = \
	libs/light/src/config/config-fields.c \
	libs/light/src/config/cpuid-names.c \
	libs/light/src/config/cpuid.c \
	libs/light/src/config/cpuid.h \
	libs/light/src/config/cpus.c \
	libs/light/src/config/device-fields.c \
	libs/light/src/config/device.c \
	libs/light/src/config/disk.c \
	libs/light/src/config/fields.c \
	libs/light/src/config/fields.h \
	libs/light/src/config/finish.c \
	libs/light/src/config/json-read.c \
	libs/light/src/config/json-write.c \
	libs/light/src/config/lex.c \
	libs/light/src/config/lex.h \
	libs/light/src/config/message.c \
	libs/light/src/config/message.h \
	libs/light/src/config/nic.c \
	libs/light/src/config/pci.c \
	libs/light/src/config/read.c \
	libs/light/src/config/read.h \
	libs/light/src/config/resource.c \
	libs/light/src/config/settings.c \
	libs/light/src/config/settings.h \
	libs/light/src/config/spec.c \
	libs/light/src/config/special.c \
	libs/light/src/config/syntax.c \
	libs/light/src/config/syntax.h \
	libs/light/src/config/value.c \
	libs/light/src/config/vnuma.c \
	libs/light/src/config/write-device.c \
	libs/light/src/config/xl-conf.c \
	libs/light/src/config/write-special.c \
	libs/light/src/config/write.c \
	libs/light/src/config/write.h

LIGHT_SOURCES = \
	$(LIGHT_CONFIG_SOURCES) \
	$(LIGHT_QUERY_SOURCES) \
	$(LIGHT_DEVICE_SOURCES) \
	$(LIGHT_MOVE_SOURCES) \
	libs/light/src/bootloader/bootloader.c \
	libs/light/src/bootloader/bootloader.h \
	libs/light/src/bootloader/result.c \
	libs/light/src/bootloader/terminal.c \
	libs/light/src/bootloader/terminal.h \
	libs/light/src/domain-list.c \
	libs/light/src/error.c \
	libs/light/src/handle.c \
	libs/light/src/life/build.c \
	libs/light/src/life/check.c \
	libs/light/src/life/create.c \
	libs/light/src/life/destroy.c \
	libs/light/src/life/dump-frames.c \
	libs/light/src/life/dump.c \
	libs/light/src/life/dump.h \
	libs/light/src/life/life.h \
	libs/light/src/life/lock.c \
	libs/light/src/life/make.c \
	libs/light/src/life/room.c \
	libs/light/src/life/sched.c \
	libs/light/src/life/settings.c \
	libs/light/src/life/shutdown.c \
	libs/light/src/life/simple.c \
	libs/light/src/op/op.c \
	libs/light/src/op/op.h \
	libs/light/src/op/private.h \
	libs/light/src/op/wait.c \
	libs/light/src/private.h \
	libs/light/src/state/domids.c \
	libs/light/src/state/files.c \
	libs/light/src/state/home.c \
	libs/light/src/state/state.h \
	libs/light/src/vcpu-list.c

lib_LTLIBRARIES += libs/light/libxenolith-light.la
libs_light_libxenolith_light_la_SOURCES = $(LIGHT_SOURCES)
libs_light_libxenolith_light_la_CPPFLAGS = $(LIGHT_CPPFLAGS)
libs_light_libxenolith_light_la_CFLAGS = $(TOOL_CFLAGS) $(YAJL_CFLAGS) $(ZSTD_CFLAGS) $(GNUTLS_CFLAGS)
libs_light_libxenolith_light_la_LIBADD = libs/light/liblight-build.la $(CTRL_LIBS) $(STORE_LIBS) $(YAJL_LIBS) \
	$(ZSTD_LIBS) $(GNUTLS_LIBS)
libs_light_libxenolith_light_la_LDFLAGS = -version-info 0:0:0 -Wl,-z,defs -Wl,-z,now \
	-Wl,--version-script=$(srcdir)/libs/light/libxenolith-light.map
EXTRA_libs_light_libxenolith_light_la_DEPENDENCIES = libs/light/libxenolith-light.map
EXTRA_DIST += libs/light/libxenolith-light.map

xenolithinclude_HEADERS += \
	libs/light/include/xenolith/light-config.h \
	libs/light/include/xenolith/light-control.h \
	libs/light/include/xenolith/light-device.h \
	libs/light/include/xenolith/light-domain.h \
	libs/light/include/xenolith/light-event.h \
	libs/light/include/xenolith/light-field.h \
	libs/light/include/xenolith/light-life.h \
	libs/light/include/xenolith/light-host.h \
	libs/light/include/xenolith/light-message.h \
	libs/light/include/xenolith/light-move.h \
	libs/light/include/xenolith/light-sched.h \
	libs/light/include/xenolith/light-settings.h \
	libs/light/include/xenolith/light-stat.h \
	libs/light/include/xenolith/light-op.h \
	libs/light/include/xenolith/light.h
pkgconfig_DATA += libs/light/xenolith-light.pc
