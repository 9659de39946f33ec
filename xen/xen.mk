# SPDX-License-Identifier: MIT
# The hypervisor: a freestanding program with its own flags and linker script.

XEN_CPPFLAGS = -nostdinc -isystem $(CC_INCLUDE) -I$(top_builddir)/xen/arch/x86/include \
	-I$(top_srcdir)/xen/include -I$(top_srcdir)/xen/arch/x86/include $(XEN_DEBUG_CPPFLAGS)
XEN_CFLAGS = -std=gnu11 $(WARN_CFLAGS) -ffreestanding -fno-builtin -fpie -fvisibility=hidden \
	-mno-red-zone -mgeneral-regs-only -fno-stack-protector -fno-strict-aliasing \
	-fno-asynchronous-unwind-tables -fno-omit-frame-pointer -fcf-protection=none \
	-fmacro-prefix-map=$(srcdir)/=

XEN_ASM_OFFSETS = xen/arch/x86/include/asm/offsets.h
BUILT_SOURCES += $(XEN_ASM_OFFSETS)
xen/arch/x86/boot/xenolith-head.$(OBJEXT) xen/arch/x86/cpu/xenolith-entry.$(OBJEXT): $(XEN_ASM_OFFSETS)
CLEANFILES += $(XEN_ASM_OFFSETS) xen/xen.lds xen/offsets.s xen/offsets.d

# Structure offsets for assembler code, computed by the compiler. They change with any header that
# describes a structure: the compiler writes down which ones it read.
-include xen/offsets.d
$(XEN_ASM_OFFSETS): $(srcdir)/xen/arch/x86/offsets.c
	$(AM_V_GEN)$(MKDIR_P) $(@D) xen && \
	$(CC) $(XEN_CPPFLAGS) $(XEN_CFLAGS) -O2 -S -MMD -MP -MT $@ -MF xen/offsets.d -o xen/offsets.s $(srcdir)/xen/arch/x86/offsets.c && \
	$(SED) -n 's/^.*@define \([A-Za-z_0-9]*\) [$$]*\([-0-9]*\).*/#define \1 \2/p' xen/offsets.s > $@.tmp && mv $@.tmp $@

xen/xen.lds: $(srcdir)/xen/arch/x86/boot/xen.lds.S $(srcdir)/xen/arch/x86/include/asm/layout.h
	$(AM_V_GEN)$(MKDIR_P) xen && $(CC) $(XEN_CPPFLAGS) -D__ASSEMBLER__ -E -P -x c -o $@ $<

noinst_PROGRAMS += xen/xenolith
xen_xenolith_CPPFLAGS = $(XEN_CPPFLAGS)
xen_xenolith_CFLAGS = $(XEN_CFLAGS)
xen_xenolith_CCASFLAGS = -D__ASSEMBLER__ -include $(XEN_ASM_OFFSETS)
xen_xenolith_LDFLAGS = -nostdlib -static -no-pie -Wl,-T,xen/xen.lds -Wl,-z,max-page-size=4096 \
	-Wl,--build-id=sha1 -Wl,--no-warn-rwx-segments -Wl,-z,noexecstack -Wl,--fatal-warnings
xen_xenolith_LDADD =
EXTRA_xen_xenolith_DEPENDENCIES = xen/xen.lds
EXTRA_DIST += xen/arch/x86/boot/xen.lds.S xen/arch/x86/offsets.c

include xen/sources.mk

# Debian's GRUB scripts look for this name.
.PHONY: install-hypervisor uninstall-hypervisor
INSTALL_HOOKS += install-hypervisor
install-hypervisor:
	$(MKDIR_P) $(DESTDIR)$(bootdir)
	gzip -9n < xen/xenolith > $(DESTDIR)$(bootdir)/xen-xenolith-$(VERSION).gz
UNINSTALL_HOOKS += uninstall-hypervisor
uninstall-hypervisor:
	rm -f $(DESTDIR)$(bootdir)/xen-xenolith-$(VERSION).gz
