# SPDX-License-Identifier: MIT
# xl.

sbin_PROGRAMS += utils/xl/xl
utils_xl_xl_SOURCES = \
	utils/xl/check.c \
	utils/xl/common.c \
	utils/xl/console.c \
	utils/xl/control.c \
	utils/xl/cpupool.c \
	utils/xl/create.c \
	utils/xl/device.c \
	utils/xl/events.c \
	utils/xl/explain.c \
	utils/xl/hypervisor.c \
	utils/xl/info.c \
	utils/xl/life.c \
	utils/xl/list.c \
	utils/xl/main.c \
	utils/xl/monitor.c \
	utils/xl/migrate-receive.c \
	utils/xl/migrate.c \
	utils/xl/move.c \
	utils/xl/run.c \
	utils/xl/run.h \
	utils/xl/sched-rtds.c \
	utils/xl/sched.c \
	utils/xl/sched.h \
	utils/xl/shutdown.c \
	utils/xl/stream-check.c \
	utils/xl/tls.c \
	utils/xl/uptime.c \
	utils/xl/vcpu-list.c \
	utils/xl/xl.h
utils_xl_xl_CPPFLAGS = -D_GNU_SOURCE $(LIGHT_CPPFLAGS) -DXENLIBEXECDIR='"$(xenlibexecdir)"' \
	-DXEN_LOG_DIR='"/var/log/xen"' -DXEN_DUMP_DIR='"/var/lib/xen/dump"'
utils_xl_xl_CFLAGS = $(TOOL_CFLAGS)
utils_xl_xl_LDADD = $(LIGHT_LIBS)

# Manual pages are made of what xl tells.
XL_MAN = utils/xl/xl.1 utils/xl/xl.cfg.5 utils/xl/xl.conf.5
nodist_man_MANS += $(XL_MAN)
CLEANFILES += $(XL_MAN)
$(XL_MAN): utils/xl/xl$(EXEEXT) utils/xl/make-man
	$(AM_V_GEN)$(srcdir)/utils/xl/make-man utils/xl/xl $(@F) >$@.new && mv $@.new $@

# bash looks for the completion of a command under its name.
bashcompletiondir = $(datadir)/bash-completion/completions
INSTALL_HOOKS += install-xl-completion
install-xl-completion:
	$(MKDIR_P) $(DESTDIR)$(bashcompletiondir)
	$(INSTALL_DATA) $(srcdir)/utils/xl/xl.bash-completion $(DESTDIR)$(bashcompletiondir)/xl
UNINSTALL_HOOKS += uninstall-xl-completion
uninstall-xl-completion:
	rm -f $(DESTDIR)$(bashcompletiondir)/xl
EXTRA_DIST += utils/xl/make-man utils/xl/xl.bash-completion
