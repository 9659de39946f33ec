# SPDX-License-Identifier: MIT
# Devices. Included by light.mk.

LIGHT_DEVICE_SOURCES = \
	libs/light/src/device/os-linux.c \
	libs/light/src/device/os-loop.c \
	libs/light/src/device/os-net.c \
	libs/light/src/device/os-sim.c \
	libs/light/src/device/os.h \
	libs/light/src/device/vdev.c \
	libs/light/src/device/vdev.h
