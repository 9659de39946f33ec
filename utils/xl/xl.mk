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
	utils/xl/events.c \
	utils/xl/explain.c \
	utils/xl/hypervisor.c \
	utils/xl/info.c \
	utils/xl/life.c \
	utils/xl/list.c \
	utils/xl/main.c \
	utils/xl/monitor.c \
	utils/xl/run.c \
	utils/xl/run.h \
	utils/xl/sched-rtds.c \
	utils/xl/sched.c \
	utils/xl/sched.h \
	utils/xl/shutdown.c \
	utils/xl/uptime.c \
	utils/xl/vcpu-list.c \
	utils/xl/xl.h
utils_xl_xl_CPPFLAGS = -D_GNU_SOURCE $(LIGHT_CPPFLAGS) -DXENLIBEXECDIR='"$(xenlibexecdir)"' \
	-DXEN_LOG_DIR='"/var/log/xen"' -DXEN_DUMP_DIR='"/var/lib/xen/dump"'
utils_xl_xl_CFLAGS = $(TOOL_CFLAGS)
utils_xl_xl_LDADD = $(LIGHT_LIBS)

# Manual pages are made of what xl tells. Installed when xl is, as the completion for bash.
XL_MAN = utils/xl/xl.1 utils/xl/xl.cfg.5 utils/xl/xl.conf.5
noinst_DATA += $(XL_MAN)
CLEANFILES += $(XL_MAN)
$(XL_MAN): utils/xl/xl$(EXEEXT) utils/xl/make-man
	$(AM_V_GEN)$(srcdir)/utils/xl/make-man utils/xl/xl $(@F) >$@.new && mv $@.new $@
EXTRA_DIST += utils/xl/make-man utils/xl/xl.bash-completion
