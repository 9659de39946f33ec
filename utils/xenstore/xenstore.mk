# SPDX-License-Identifier: MIT
# xenstore, and a link to it for each of its commands. It has libstore's text functions of its own, and
# so runs with any libxenstore.so.4.

bin_PROGRAMS += utils/xenstore/xenstore
utils_xenstore_xenstore_SOURCES = \
	utils/xenstore/chmod.c \
	utils/xenstore/control.c \
	utils/xenstore/ls.c \
	utils/xenstore/main.c \
	utils/xenstore/nodes.c \
	utils/xenstore/tool.h \
	utils/xenstore/watch.c \
	libs/store/src/text.c libs/store/src/text.h
utils_xenstore_xenstore_CPPFLAGS = $(STORE_CPPFLAGS) -I$(top_srcdir)/libs/store/src -D_GNU_SOURCE
utils_xenstore_xenstore_CFLAGS = $(TOOL_CFLAGS)
utils_xenstore_xenstore_LDADD = $(STORE_LIBS)

XENSTORE_COMMANDS = chmod control exists list ls read rm watch write

.PHONY: install-xenstore-links uninstall-xenstore-links
INSTALL_HOOKS += install-xenstore-links
install-xenstore-links:
	$(MKDIR_P) $(DESTDIR)$(bindir)
	cd $(DESTDIR)$(bindir) && for c in $(XENSTORE_COMMANDS); do \
		rm -f xenstore-$$c && $(LN_S) xenstore xenstore-$$c || exit 1; done
UNINSTALL_HOOKS += uninstall-xenstore-links
uninstall-xenstore-links:
	cd $(DESTDIR)$(bindir) && for c in $(XENSTORE_COMMANDS); do rm -f xenstore-$$c; done

dist_man_MANS += \
	utils/xenstore/xenstore.1 utils/xenstore/xenstore-chmod.1 utils/xenstore/xenstore-control.1 \
	utils/xenstore/xenstore-exists.1 utils/xenstore/xenstore-list.1 utils/xenstore/xenstore-ls.1 \
	utils/xenstore/xenstore-read.1 utils/xenstore/xenstore-rm.1 utils/xenstore/xenstore-watch.1 \
	utils/xenstore/xenstore-write.1
