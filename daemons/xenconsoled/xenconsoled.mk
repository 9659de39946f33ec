# SPDX-License-Identifier: MIT
# The console daemon, included from daemons/daemons.mk.

sbin_PROGRAMS += daemons/xenconsoled/xenconsoled
daemons_xenconsoled_xenconsoled_SOURCES = \
	daemons/xenconsoled/buffer.c daemons/xenconsoled/buffer.h \
	daemons/xenconsoled/console.c daemons/xenconsoled/console.h \
	daemons/xenconsoled/log.c daemons/xenconsoled/log.h \
	daemons/xenconsoled/main.c \
	daemons/xenconsoled/ring.c daemons/xenconsoled/ring.h \
	daemons/xenconsoled/secondary.c
daemons_xenconsoled_xenconsoled_CPPFLAGS = $(CTRL_CPPFLAGS) $(STORE_CPPFLAGS) \
	-DXENOLITH_VERSION='"$(VERSION)"'
daemons_xenconsoled_xenconsoled_CFLAGS = $(TOOL_CFLAGS)
daemons_xenconsoled_xenconsoled_LDADD = $(CTRL_LIBS) $(STORE_LIBS) -lutil
dist_man_MANS += daemons/xenconsoled/xenconsoled.8
