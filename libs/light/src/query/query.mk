# SPDX-License-Identifier: MIT
# Questions about a running host, and changes to it.

LIGHT_QUERY_SOURCES = \
	libs/light/src/query/tables.c
