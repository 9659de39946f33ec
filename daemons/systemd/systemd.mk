# SPDX-License-Identifier: MIT
# Units for systemd, included from daemons/daemons.mk. They are installed, not enabled.

UNITS_MADE = \
	daemons/systemd/xen-init-dom0.service \
	daemons/systemd/xenconsoled.service \
	daemons/systemd/xenstored.service

systemdsystemunit_DATA = $(UNITS_MADE) daemons/systemd/proc-xen.mount daemons/systemd/xen.service
EXTRA_DIST += $(UNITS_MADE:=.in) daemons/systemd/proc-xen.mount daemons/systemd/xen.service
CLEANFILES += $(UNITS_MADE)

$(UNITS_MADE): %: %.in Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	sed -e 's|[@]sbindir@|$(sbindir)|' -e 's|[@]bindir@|$(bindir)|' $< >$@.tmp && mv $@.tmp $@
