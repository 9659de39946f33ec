# SPDX-License-Identifier: MIT
# xentop. Installed when xl is.

noinst_PROGRAMS += utils/xentop/xentop
utils_xentop_xentop_SOURCES = \
	utils/xentop/main.c \
	utils/xentop/sample.c \
	utils/xentop/screen.c \
	utils/xentop/table.c \
	utils/xentop/xentop.h
utils_xentop_xentop_CPPFLAGS = $(LIGHT_CPPFLAGS)
utils_xentop_xentop_CFLAGS = $(TOOL_CFLAGS) $(NCURSES_CFLAGS) -DPACKAGE_VERSION='"$(VERSION)"'
utils_xentop_xentop_LDADD = $(LIGHT_LIBS) $(NCURSES_LIBS)
EXTRA_DIST += utils/xentop/xentop.1
