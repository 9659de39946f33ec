# SPDX-License-Identifier: MIT
# Devices. Included by light.mk.

LIGHT_DEVICE_SOURCES = \
	libs/light/src/device/attach.c \
	libs/light/src/device/block.c \
	libs/light/src/device/coming.c \
	libs/light/src/device/daemon.c \
	libs/light/src/device/daemon.h \
	libs/light/src/device/dev.c \
	libs/light/src/device/dev.h \
	libs/light/src/device/device.c \
	libs/light/src/device/device.h \
	libs/light/src/device/devset.c \
	libs/light/src/device/going.c \
	libs/light/src/device/hotplug.h \
	libs/light/src/device/kind-disk.c \
	libs/light/src/device/kind-more.c \
	libs/light/src/device/kind-nic.c \
	libs/light/src/device/list.c \
	libs/light/src/device/lock.c \
	libs/light/src/device/medium.c \
	libs/light/src/device/model-args.c \
	libs/light/src/device/model.c \
	libs/light/src/device/model.h \
	libs/light/src/device/nodes.c \
	libs/light/src/device/qmp.c \
	libs/light/src/device/qmp.h \
	libs/light/src/device/os-linux.c \
	libs/light/src/device/os-loop.c \
	libs/light/src/device/os-net.c \
	libs/light/src/device/os-sim.c \
	libs/light/src/device/os.h \
	libs/light/src/device/parse.c \
	libs/light/src/device/parse.h \
	libs/light/src/device/script.c \
	libs/light/src/device/sharing.c \
	libs/light/src/device/vdev.c \
	libs/light/src/device/vdev.h \
	libs/light/src/device/vif.c
