# SPDX-License-Identifier: MIT
# Saved guests: the format, which is pure code, what reads and writes it, and connections.

LIGHT_STREAM_SOURCES = \
	libs/light/src/stream/check.c \
	libs/light/src/stream/format.h \
	libs/light/src/stream/in.c \
	libs/light/src/stream/names.c \
	libs/light/src/stream/out.c \
	libs/light/src/stream/pack.c \
	libs/light/src/stream/stream.h \
	libs/light/src/stream/talk.c

LIGHT_WIRE_SOURCES = \
	libs/light/src/wire/address.c \
	libs/light/src/wire/tcp.c \
	libs/light/src/wire/tls.c \
	libs/light/src/wire/wire.h

LIGHT_MOVE_SOURCES = \
	$(LIGHT_STREAM_SOURCES) \
	$(LIGHT_WIRE_SOURCES) \
	libs/light/src/move/check.c \
	libs/light/src/move/file.c \
	libs/light/src/move/frames.c \
	libs/light/src/move/lazy.c \
	libs/light/src/move/line.c \
	libs/light/src/move/migrate.c \
	libs/light/src/move/move.h \
	libs/light/src/move/receive.c \
	libs/light/src/move/restore-pages.c \
	libs/light/src/move/restore-state.c \
	libs/light/src/move/restore.c \
	libs/light/src/move/save-pages.c \
	libs/light/src/move/save-state.c \
	libs/light/src/move/save.c \
	libs/light/src/move/suspend.c
