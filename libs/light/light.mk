# SPDX-License-Identifier: MIT
# libxenolith-light. Who links it: X_CPPFLAGS = $(LIGHT_CPPFLAGS), X_LDADD = $(LIGHT_LIBS).

include libs/light/src/build/build.mk

LIGHT_CPPFLAGS = $(CTRL_CPPFLAGS) $(STORE_CPPFLAGS) -I$(top_srcdir)/libs/light/include
LIGHT_LIBS = libs/light/libxenolith-light.la $(CTRL_LIBS) $(STORE_LIBS)

LIGHT_SOURCES = \
	libs/light/src/error.c \
	libs/light/src/handle.c \
	libs/light/src/private.h

lib_LTLIBRARIES += libs/light/libxenolith-light.la
libs_light_libxenolith_light_la_SOURCES = $(LIGHT_SOURCES)
libs_light_libxenolith_light_la_CPPFLAGS = $(LIGHT_CPPFLAGS)
libs_light_libxenolith_light_la_CFLAGS = $(TOOL_CFLAGS) $(YAJL_CFLAGS)
libs_light_libxenolith_light_la_LIBADD = libs/light/liblight-build.la $(CTRL_LIBS) $(STORE_LIBS) $(YAJL_LIBS)
libs_light_libxenolith_light_la_LDFLAGS = -version-info 0:0:0 -Wl,-z,defs -Wl,-z,now \
	-Wl,--version-script=$(srcdir)/libs/light/libxenolith-light.map
EXTRA_libs_light_libxenolith_light_la_DEPENDENCIES = libs/light/libxenolith-light.map
EXTRA_DIST += libs/light/libxenolith-light.map

xenolithinclude_HEADERS += \
	libs/light/include/xenolith/light.h
pkgconfig_DATA += libs/light/xenolith-light.pc
