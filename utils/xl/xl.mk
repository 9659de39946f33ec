# SPDX-License-Identifier: MIT
# xl. Not installed yet: it would stand in the way of a whole one.

noinst_PROGRAMS += utils/xl/xl
utils_xl_xl_SOURCES = \
	utils/xl/check.c \
	utils/xl/common.c \
	utils/xl/control.c \
	utils/xl/cpupool.c \
	utils/xl/create.c \
	utils/xl/explain.c \
	utils/xl/hypervisor.c \
	utils/xl/info.c \
	utils/xl/list.c \
	utils/xl/main.c \
	utils/xl/sched-rtds.c \
	utils/xl/sched.c \
	utils/xl/sched.h \
	utils/xl/uptime.c \
	utils/xl/vcpu-list.c \
	utils/xl/xl.h
utils_xl_xl_CPPFLAGS = $(LIGHT_CPPFLAGS)
utils_xl_xl_CFLAGS = $(TOOL_CFLAGS)
utils_xl_xl_LDADD = $(LIGHT_LIBS)
