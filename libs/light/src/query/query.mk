# SPDX-License-Identifier: MIT
# Questions about a running host, and changes to it.

LIGHT_QUERY_SOURCES = \
	libs/light/src/query/console.c \
	libs/light/src/query/control.c \
	libs/light/src/query/cpu-set.c \
	libs/light/src/query/event-look.c \
	libs/light/src/query/event.c \
	libs/light/src/query/event.h \
	libs/light/src/query/host.c \
	libs/light/src/query/memory.c \
	libs/light/src/query/pool-config.c \
	libs/light/src/query/pool-split.c \
	libs/light/src/query/pool.c \
	libs/light/src/query/query.c \
	libs/light/src/query/query.h \
	libs/light/src/query/sched.c \
	libs/light/src/query/stat.c \
	libs/light/src/query/tables.c \
	libs/light/src/query/topology.c
