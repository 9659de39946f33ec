# SPDX-License-Identifier: MIT
# libxenolith-ctrl. Who links it: X_CPPFLAGS = $(CTRL_CPPFLAGS), X_LDADD = $(CTRL_LIBS). configure
# links include/xenolith/public in the build tree to the ABI headers, which are installed there too.

CTRL_CPPFLAGS = -D_GNU_SOURCE -I$(top_srcdir)/libs/ctrl/include -I$(top_builddir)/include
CTRL_LIBS = libs/ctrl/libxenolith-ctrl.la

CTRL_SOURCES = \
	libs/ctrl/src/bitmap.c \
	libs/ctrl/src/buffer.c \
	libs/ctrl/src/call.c \
	libs/ctrl/src/cpu-policy.c \
	libs/ctrl/src/cpupool.c \
	libs/ctrl/src/device.c \
	libs/ctrl/src/dm.c \
	libs/ctrl/src/domain-list.c \
	libs/ctrl/src/domain.c \
	libs/ctrl/src/error.c \
	libs/ctrl/src/evtchn.c \
	libs/ctrl/src/fill.c \
	libs/ctrl/src/foreign.c \
	libs/ctrl/src/grant.c \
	libs/ctrl/src/handle.c \
	libs/ctrl/src/host.c \
	libs/ctrl/src/hvm.c \
	libs/ctrl/src/hypfs.c \
	libs/ctrl/src/linux-abi.h \
	libs/ctrl/src/linux-evtchn.c \
	libs/ctrl/src/linux-foreign.c \
	libs/ctrl/src/linux-grant.c \
	libs/ctrl/src/linux.c \
	libs/ctrl/src/memory.c \
	libs/ctrl/src/paging.c \
	libs/ctrl/src/physmap.c \
	libs/ctrl/src/platform.c \
	libs/ctrl/src/private.h \
	libs/ctrl/src/sched.c \
	libs/ctrl/src/sim/audit.c \
	libs/ctrl/src/sim/config.c \
	libs/ctrl/src/sim/cpupool.c \
	libs/ctrl/src/sim/dm.c \
	libs/ctrl/src/sim/domain.c \
	libs/ctrl/src/sim/domctl.c \
	libs/ctrl/src/sim/evtchn.c \
	libs/ctrl/src/sim/fill.c \
	libs/ctrl/src/sim/frames.c \
	libs/ctrl/src/sim/grant.c \
	libs/ctrl/src/sim/heap.c \
	libs/ctrl/src/sim/host.c \
	libs/ctrl/src/sim/hvm.c \
	libs/ctrl/src/sim/hypercall.c \
	libs/ctrl/src/sim/hypfs.c \
	libs/ctrl/src/sim/map.c \
	libs/ctrl/src/sim/memory.c \
	libs/ctrl/src/sim/policy.c \
	libs/ctrl/src/sim/sim.h \
	libs/ctrl/src/sim/sysctl.c \
	libs/ctrl/src/sim/vcpu.c \
	libs/ctrl/src/vcpu.c \
	libs/ctrl/src/version.c

# Everything once, for the library and for programs that must run without it.
noinst_LTLIBRARIES += libs/ctrl/libctrl-core.la
libs_ctrl_libctrl_core_la_SOURCES = $(CTRL_SOURCES)
libs_ctrl_libctrl_core_la_CPPFLAGS = $(CTRL_CPPFLAGS)
libs_ctrl_libctrl_core_la_CFLAGS = $(TOOL_CFLAGS) -pthread

lib_LTLIBRARIES += libs/ctrl/libxenolith-ctrl.la
libs_ctrl_libxenolith_ctrl_la_SOURCES =
libs_ctrl_libxenolith_ctrl_la_LIBADD = libs/ctrl/libctrl-core.la
libs_ctrl_libxenolith_ctrl_la_LDFLAGS = -version-info 0:0:0 -pthread -Wl,-z,defs -Wl,-z,now \
	-Wl,--version-script=$(srcdir)/libs/ctrl/libxenolith-ctrl.map
EXTRA_libs_ctrl_libxenolith_ctrl_la_DEPENDENCIES = libs/ctrl/libxenolith-ctrl.map
EXTRA_DIST += libs/ctrl/libxenolith-ctrl.map

xenolithinclude_HEADERS += \
	libs/ctrl/include/xenolith/ctrl-device.h \
	libs/ctrl/include/xenolith/ctrl-domain.h \
	libs/ctrl/include/xenolith/ctrl-event.h \
	libs/ctrl/include/xenolith/ctrl-foreign.h \
	libs/ctrl/include/xenolith/ctrl-grant.h \
	libs/ctrl/include/xenolith/ctrl-host.h \
	libs/ctrl/include/xenolith/ctrl-hvm.h \
	libs/ctrl/include/xenolith/ctrl-memory.h \
	libs/ctrl/include/xenolith/ctrl-sim.h \
	libs/ctrl/include/xenolith/ctrl-vcpu.h \
	libs/ctrl/include/xenolith/ctrl.h
pkgconfig_DATA += libs/ctrl/xenolith-ctrl.pc

# The ABI.
xenpublicdir = $(xenolithincludedir)/public
xenpublic_HEADERS = \
	xen/include/public/callback.h xen/include/public/domctl.h \
	xen/include/public/elfnote.h xen/include/public/errno.h \
	xen/include/public/event_channel.h xen/include/public/features.h \
	xen/include/public/grant_table.h xen/include/public/hypfs.h \
	xen/include/public/kexec.h xen/include/public/memory.h xen/include/public/nmi.h \
	xen/include/public/physdev.h xen/include/public/platform.h xen/include/public/pmu.h \
	xen/include/public/sched.h xen/include/public/sysctl.h xen/include/public/trace.h \
	xen/include/public/vcpu.h xen/include/public/version.h \
	xen/include/public/xen-compat.h xen/include/public/xen.h \
	xen/include/public/xenolith.h
xenpublicarchdir = $(xenpublicdir)/arch-x86
xenpublicarch_HEADERS = \
	xen/include/public/arch-x86/cpuid.h xen/include/public/arch-x86/pmu.h \
	xen/include/public/arch-x86/xen-mca.h xen/include/public/arch-x86/xen-x86_64.h \
	xen/include/public/arch-x86/xen.h
xenpublicarchhvmdir = $(xenpublicdir)/arch-x86/hvm
xenpublicarchhvm_HEADERS = \
	xen/include/public/arch-x86/hvm/save.h xen/include/public/arch-x86/hvm/start_info.h
xenpublichvmdir = $(xenpublicdir)/hvm
xenpublichvm_HEADERS = \
	xen/include/public/hvm/dm_op.h xen/include/public/hvm/e820.h \
	xen/include/public/hvm/hvm_op.h xen/include/public/hvm/hvm_vcpu.h \
	xen/include/public/hvm/params.h
xenpubliciodir = $(xenpublicdir)/io
xenpublicio_HEADERS = \
	xen/include/public/io/console.h xen/include/public/io/xenbus.h \
	xen/include/public/io/xs_wire.h
