# SPDX-License-Identifier: MIT
# The domain builder: a part of libxenolith-light that stands on libs/ctrl alone.

LIGHT_BUILD_SOURCES = \
	libs/light/src/build/acpi.c \
	libs/light/src/build/acpi.h \
	libs/light/src/build/blob.c \
	libs/light/src/build/blob.h \
	libs/light/src/build/build.h \
	libs/light/src/build/cache.c \
	libs/light/src/build/cache.h \
	libs/light/src/build/cpu.c \
	libs/light/src/build/cpu.h \
	libs/light/src/build/elf.c \
	libs/light/src/build/elf-image.h \
	libs/light/src/build/guest.c \
	libs/light/src/build/guest.h \
	libs/light/src/build/hvm-state.c \
	libs/light/src/build/hvm-state.h \
	libs/light/src/build/kernel.c \
	libs/light/src/build/kernel.h \
	libs/light/src/build/notes.c \
	libs/light/src/build/pv-layout.c \
	libs/light/src/build/pv-layout.h \
	libs/light/src/build/pv-tables.c \
	libs/light/src/build/pv.c \
	libs/light/src/build/pvh.c \
	libs/light/src/build/unpack-block.c \
	libs/light/src/build/unpack-lzma.c \
	libs/light/src/build/unpack-stream.c \
	libs/light/src/build/unpack.c \
	libs/light/src/build/unpack.h \
	libs/light/src/build/why.c \
	libs/light/src/build/why.h
LIGHT_BUILD_LIBS = $(ZLIB_LIBS) $(BZIP2_LIBS) $(LZMA_LIBS) $(DEFLATE_LIBS) $(ZSTD_LIBS) $(LZ4_LIBS) $(LZO_LIBS)
LIGHT_BUILD_CFLAGS = $(ZLIB_CFLAGS) $(LZMA_CFLAGS) $(DEFLATE_CFLAGS) $(ZSTD_CFLAGS) $(LZ4_CFLAGS) $(LZO_CFLAGS)

noinst_LTLIBRARIES += libs/light/liblight-build.la
libs_light_liblight_build_la_SOURCES = $(LIGHT_BUILD_SOURCES)
libs_light_liblight_build_la_CPPFLAGS = $(CTRL_CPPFLAGS)
libs_light_liblight_build_la_CFLAGS = $(TOOL_CFLAGS) $(LIGHT_BUILD_CFLAGS)
libs_light_liblight_build_la_LIBADD = $(LIGHT_BUILD_LIBS)
