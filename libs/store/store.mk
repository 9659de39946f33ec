# SPDX-License-Identifier: MIT
# libxenstore.so.4. Who links it: X_CPPFLAGS = $(STORE_CPPFLAGS), X_LDADD = $(STORE_LIBS).

STORE_CPPFLAGS = -I$(top_srcdir)/libs/store/include -I$(top_builddir)/include
STORE_LIBS = libs/store/libxenstore.la

STORE_SOURCES = \
	libs/store/src/connect.c libs/store/src/connect.h \
	libs/store/src/directory.c libs/store/src/directory.h \
	libs/store/src/handle.c libs/store/src/handle.h \
	libs/store/src/lib.c \
	libs/store/src/paths.c \
	libs/store/src/requests.c \
	libs/store/src/talk.c \
	libs/store/src/text.c libs/store/src/text.h \
	libs/store/src/watch.c \
	libs/store/src/wire.c libs/store/src/wire.h \
	libs/store/src/xstore-call.c \
	libs/store/src/xstore-domain.c \
	libs/store/src/xstore-error.c \
	libs/store/src/xstore-op.c \
	libs/store/src/xstore-txn.c \
	libs/store/src/xstore-typed.c \
	libs/store/src/xstore.c libs/store/src/xstore.h

lib_LTLIBRARIES += libs/store/libxenstore.la
libs_store_libxenstore_la_SOURCES = $(STORE_SOURCES)
libs_store_libxenstore_la_CPPFLAGS = $(STORE_CPPFLAGS)
libs_store_libxenstore_la_CFLAGS = $(TOOL_CFLAGS) -pthread
libs_store_libxenstore_la_LDFLAGS = -version-info 4:0:0 -pthread -Wl,-z,defs -Wl,-z,now \
	-Wl,--version-script=$(srcdir)/libs/store/libxenstore.map
EXTRA_libs_store_libxenstore_la_DEPENDENCIES = libs/store/libxenstore.map
EXTRA_DIST += libs/store/libxenstore.map

include_HEADERS += libs/store/include/xenstore.h libs/store/include/xenstore_lib.h
xenolithinclude_HEADERS += libs/store/include/xenolith/store.h
# Names of before 2011, with a warning in them.
xenstorecompatdir = $(includedir)
xenstorecompat_HEADERS = libs/store/include/compat/xs.h libs/store/include/compat/xs_lib.h
xeniodir = $(includedir)/xen/io
xenio_HEADERS = xen/include/public/io/xs_wire.h
pkgconfig_DATA += libs/store/xenstore.pc
