# SPDX-License-Identifier: MIT
# The console client, where xl looks for it; included from utils/utils.mk.

xenlibexecdir = $(libexecdir)/xen/bin
xenlibexec_PROGRAMS = utils/xenconsole/xenconsole
utils_xenconsole_xenconsole_SOURCES = utils/xenconsole/xenconsole.c
utils_xenconsole_xenconsole_CPPFLAGS = -D_GNU_SOURCE $(STORE_CPPFLAGS)
utils_xenconsole_xenconsole_CFLAGS = $(TOOL_CFLAGS)
utils_xenconsole_xenconsole_LDADD = $(STORE_LIBS)
dist_man_MANS += utils/xenconsole/xenconsole.1
