# SPDX-License-Identifier: MIT
# xentop.

sbin_PROGRAMS += utils/xentop/xentop
utils_xentop_xentop_SOURCES = \
	utils/xentop/main.c \
	utils/xentop/sample.c \
	utils/xentop/screen.c \
	utils/xentop/table.c \
	utils/xentop/xentop.h
utils_xentop_xentop_CPPFLAGS = $(LIGHT_CPPFLAGS)
utils_xentop_xentop_CFLAGS = $(TOOL_CFLAGS) $(NCURSES_CFLAGS) -DPACKAGE_VERSION='"$(VERSION)"'
utils_xentop_xentop_LDADD = $(LIGHT_LIBS) $(NCURSES_LIBS)
dist_man_MANS += utils/xentop/xentop.1
