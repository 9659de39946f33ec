# SPDX-License-Identifier: MIT
# Phony targets for the tests that are not programs of check_PROGRAMS, and what a release ships.

.PHONY: run bench check-abi check-guest check-boot fuzz deb

run: all
	XENOLITH_BUILD=$(abs_builddir) $(srcdir)/run
bench: all
	XENOLITH_BUILD=$(abs_builddir) $(srcdir)/scripts/bench
check-abi check-guest check-boot: all
	XENOLITH_BUILD=$(abs_builddir) $(srcdir)/check $(@:check-%=%)
fuzz:
	XENOLITH_BUILD=$(abs_builddir) $(srcdir)/check fuzz

# Debian packages, in deb/packages of the build.
deb: all
	XENOLITH_BUILD=$(abs_builddir) $(srcdir)/scripts/deb

EXTRA_DIST += \
	scripts/bench scripts/bench-store scripts/bench-tools scripts/tools-image scripts/boot scripts/build scripts/deb scripts/disk-image scripts/dom0-image scripts/hang.bash scripts/lib.sh scripts/profile \
	scripts/record-reference scripts/setup \
	tests/bench/dom0-bench.c \
	tests/abi tests/abi.bash tests/boot tests/dist tests/fuzz tests/tools .ci/run .shellcheckrc
