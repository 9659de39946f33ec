# SPDX-License-Identifier: MIT
# Test kernels: small PV guests booted in place of Dom0, included from the top Makefile.am.
# tests/guest/new NAME adds one; tests/guest/run-one NAME boots it from the build tree.

GUEST_CPPFLAGS = -nostdinc -isystem $(CC_INCLUDE) -I$(top_srcdir)/xen/include \
	-I$(top_srcdir)/tests/guest/lib
GUEST_CFLAGS = -std=gnu11 -O2 $(WARN_CFLAGS) -ffreestanding -fno-builtin -fno-pie -mcmodel=kernel \
	-mno-red-zone -mgeneral-regs-only -fno-stack-protector -fno-strict-aliasing \
	-fno-asynchronous-unwind-tables -fno-omit-frame-pointer -fcf-protection=none
GUEST_LDS = $(srcdir)/tests/guest/lib/guest.lds

noinst_LIBRARIES += tests/guest/libguest.a
tests_guest_libguest_a_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_libguest_a_CFLAGS = $(GUEST_CFLAGS)
tests_guest_libguest_a_CCASFLAGS = -D__ASSEMBLER__
tests_guest_libguest_a_SOURCES = \
	tests/guest/lib/guest.h \
	tests/guest/lib/start.S \
	tests/guest/lib/entry.S \
	tests/guest/lib/report.c \
	tests/guest/lib/traps.c \
	tests/guest/lib/memory.c \
	tests/guest/lib/user.c \
	tests/guest/lib/domctl.c \
	tests/guest/lib/child.c \
	tests/guest/lib/counts.c \
	tests/guest/lib/frames.c \
	tests/guest/lib/events.c

GUEST_LINK = -nostdlib -static -no-pie -Wl,-T,$(GUEST_LDS) -Wl,-u,start \
	-Wl,-z,max-page-size=4096 -Wl,--build-id=none -Wl,--no-warn-rwx-segments \
	-Wl,-z,noexecstack -Wl,--fatal-warnings

EXTRA_DIST += tests/guest/lib/guest.lds tests/guest/run-one tests/guest/run-all tests/guest/list tests/guest/new \
	tests/guest/console-flood/hv-args \
	tests/guest/domctl-answers/timeout \
	tests/guest/fill/timeout \
	tests/guest/hostile/expect-crash \
	tests/guest/log-dirty/timeout \
	tests/guest/memory-limits/timeout \
	tests/guest/mmu-tlb/timeout \
	tests/guest/parked/hv-args \
	tests/guest/promotion/timeout \
	tests/guest/promotion-forced/hv-args \
	tests/guest/promotion-forced/timeout

noinst_PROGRAMS += tests/guest/console-io/kernel
tests_guest_console_io_kernel_SOURCES = tests/guest/console-io/main.c
tests_guest_console_io_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_console_io_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_console_io_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_console_io_kernel_LDADD = tests/guest/libguest.a
tests_guest_console_io_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/event-channel/kernel
tests_guest_event_channel_kernel_SOURCES = tests/guest/event-channel/main.c
tests_guest_event_channel_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_event_channel_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_event_channel_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_event_channel_kernel_LDADD = tests/guest/libguest.a
tests_guest_event_channel_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/grant-table/kernel
tests_guest_grant_table_kernel_SOURCES = tests/guest/grant-table/main.c
tests_guest_grant_table_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_grant_table_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_grant_table_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_grant_table_kernel_LDADD = tests/guest/libguest.a
tests_guest_grant_table_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/hostile/kernel
tests_guest_hostile_kernel_SOURCES = tests/guest/hostile/main.c
tests_guest_hostile_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_hostile_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_hostile_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_hostile_kernel_LDADD = tests/guest/libguest.a
tests_guest_hostile_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/hypercall-abi/kernel
tests_guest_hypercall_abi_kernel_SOURCES = tests/guest/hypercall-abi/main.c
tests_guest_hypercall_abi_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_hypercall_abi_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_hypercall_abi_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_hypercall_abi_kernel_LDADD = tests/guest/libguest.a
tests_guest_hypercall_abi_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/iret/kernel
tests_guest_iret_kernel_SOURCES = tests/guest/iret/main.c
tests_guest_iret_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_iret_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_iret_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_iret_kernel_LDADD = tests/guest/libguest.a
tests_guest_iret_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/memory-op/kernel
tests_guest_memory_op_kernel_SOURCES = tests/guest/memory-op/main.c
tests_guest_memory_op_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_memory_op_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_memory_op_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_memory_op_kernel_LDADD = tests/guest/libguest.a
tests_guest_memory_op_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/mmu-update/kernel
tests_guest_mmu_update_kernel_SOURCES = tests/guest/mmu-update/main.c
tests_guest_mmu_update_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_mmu_update_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_mmu_update_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_mmu_update_kernel_LDADD = tests/guest/libguest.a
tests_guest_mmu_update_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/multicall/kernel
tests_guest_multicall_kernel_SOURCES = tests/guest/multicall/main.c
tests_guest_multicall_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_multicall_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_multicall_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_multicall_kernel_LDADD = tests/guest/libguest.a
tests_guest_multicall_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/physdev/kernel
tests_guest_physdev_kernel_SOURCES = tests/guest/physdev/main.c
tests_guest_physdev_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_physdev_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_physdev_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_physdev_kernel_LDADD = tests/guest/libguest.a
tests_guest_physdev_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/pin-unpin/kernel
tests_guest_pin_unpin_kernel_SOURCES = tests/guest/pin-unpin/main.c
tests_guest_pin_unpin_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_pin_unpin_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_pin_unpin_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_pin_unpin_kernel_LDADD = tests/guest/libguest.a
tests_guest_pin_unpin_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/privileged-insn/kernel
tests_guest_privileged_insn_kernel_SOURCES = tests/guest/privileged-insn/main.c
tests_guest_privileged_insn_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_privileged_insn_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_privileged_insn_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_privileged_insn_kernel_LDADD = tests/guest/libguest.a
tests_guest_privileged_insn_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/sched-op/kernel
tests_guest_sched_op_kernel_SOURCES = tests/guest/sched-op/main.c
tests_guest_sched_op_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_sched_op_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_sched_op_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_sched_op_kernel_LDADD = tests/guest/libguest.a
tests_guest_sched_op_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/segments/kernel
tests_guest_segments_kernel_SOURCES = tests/guest/segments/main.c
tests_guest_segments_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_segments_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_segments_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_segments_kernel_LDADD = tests/guest/libguest.a
tests_guest_segments_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/selftest/kernel
tests_guest_selftest_kernel_SOURCES = tests/guest/selftest/main.c
tests_guest_selftest_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_selftest_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_selftest_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_selftest_kernel_LDADD = tests/guest/libguest.a
tests_guest_selftest_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/timer/kernel
tests_guest_timer_kernel_SOURCES = tests/guest/timer/main.c
tests_guest_timer_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_timer_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_timer_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_timer_kernel_LDADD = tests/guest/libguest.a
tests_guest_timer_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/traps/kernel
tests_guest_traps_kernel_SOURCES = tests/guest/traps/main.c
tests_guest_traps_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_traps_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_traps_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_traps_kernel_LDADD = tests/guest/libguest.a
tests_guest_traps_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/va-mapping/kernel
tests_guest_va_mapping_kernel_SOURCES = tests/guest/va-mapping/main.c
tests_guest_va_mapping_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_va_mapping_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_va_mapping_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_va_mapping_kernel_LDADD = tests/guest/libguest.a
tests_guest_va_mapping_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/vcpu-ops/kernel
tests_guest_vcpu_ops_kernel_SOURCES = tests/guest/vcpu-ops/main.c
tests_guest_vcpu_ops_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_vcpu_ops_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_vcpu_ops_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_vcpu_ops_kernel_LDADD = tests/guest/libguest.a
tests_guest_vcpu_ops_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/version/kernel
tests_guest_version_kernel_SOURCES = tests/guest/version/main.c
tests_guest_version_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_version_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_version_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_version_kernel_LDADD = tests/guest/libguest.a
tests_guest_version_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/domctl-answers/kernel
tests_guest_domctl_answers_kernel_SOURCES = tests/guest/domctl-answers/main.c
tests_guest_domctl_answers_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_domctl_answers_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_domctl_answers_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_domctl_answers_kernel_LDADD = tests/guest/libguest.a
tests_guest_domctl_answers_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/unprivileged/kernel
tests_guest_unprivileged_kernel_SOURCES = tests/guest/unprivileged/main.c
tests_guest_unprivileged_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_unprivileged_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_unprivileged_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_unprivileged_kernel_LDADD = tests/guest/libguest.a
tests_guest_unprivileged_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/hostile-child/kernel
tests_guest_hostile_child_kernel_SOURCES = tests/guest/hostile-child/main.c
tests_guest_hostile_child_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_hostile_child_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_hostile_child_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_hostile_child_kernel_LDADD = tests/guest/libguest.a
tests_guest_hostile_child_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/grant-v2/kernel
tests_guest_grant_v2_kernel_SOURCES = tests/guest/grant-v2/main.c
tests_guest_grant_v2_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_grant_v2_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_grant_v2_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_grant_v2_kernel_LDADD = tests/guest/libguest.a
tests_guest_grant_v2_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/grant-peer/kernel
tests_guest_grant_peer_kernel_SOURCES = tests/guest/grant-peer/main.c
tests_guest_grant_peer_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_grant_peer_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_grant_peer_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_grant_peer_kernel_LDADD = tests/guest/libguest.a
tests_guest_grant_peer_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/event-more/kernel
tests_guest_event_more_kernel_SOURCES = tests/guest/event-more/main.c
tests_guest_event_more_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_event_more_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_event_more_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_event_more_kernel_LDADD = tests/guest/libguest.a
tests_guest_event_more_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/promotion/kernel
tests_guest_promotion_kernel_SOURCES = tests/guest/promotion/main.c
tests_guest_promotion_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_promotion_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_promotion_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_promotion_kernel_LDADD = tests/guest/libguest.a
tests_guest_promotion_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/promotion-forced/kernel
tests_guest_promotion_forced_kernel_SOURCES = tests/guest/promotion-forced/main.c
tests_guest_promotion_forced_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_promotion_forced_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_promotion_forced_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_promotion_forced_kernel_LDADD = tests/guest/libguest.a
tests_guest_promotion_forced_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/event-fifo/kernel
tests_guest_event_fifo_kernel_SOURCES = tests/guest/event-fifo/main.c
tests_guest_event_fifo_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_event_fifo_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_event_fifo_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_event_fifo_kernel_LDADD = tests/guest/libguest.a
tests_guest_event_fifo_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/sched-more/kernel
tests_guest_sched_more_kernel_SOURCES = tests/guest/sched-more/main.c
tests_guest_sched_more_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_sched_more_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_sched_more_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_sched_more_kernel_LDADD = tests/guest/libguest.a
tests_guest_sched_more_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/vcpu-more/kernel
tests_guest_vcpu_more_kernel_SOURCES = tests/guest/vcpu-more/main.c
tests_guest_vcpu_more_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_vcpu_more_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_vcpu_more_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_vcpu_more_kernel_LDADD = tests/guest/libguest.a
tests_guest_vcpu_more_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/platform-op/kernel
tests_guest_platform_op_kernel_SOURCES = tests/guest/platform-op/main.c
tests_guest_platform_op_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_platform_op_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_platform_op_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_platform_op_kernel_LDADD = tests/guest/libguest.a
tests_guest_platform_op_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/fpu-state/kernel
tests_guest_fpu_state_kernel_SOURCES = tests/guest/fpu-state/main.c
tests_guest_fpu_state_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_fpu_state_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_fpu_state_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_fpu_state_kernel_LDADD = tests/guest/libguest.a
tests_guest_fpu_state_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/hypercall-fuzz/kernel
tests_guest_hypercall_fuzz_kernel_SOURCES = tests/guest/hypercall-fuzz/main.c
tests_guest_hypercall_fuzz_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_hypercall_fuzz_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_hypercall_fuzz_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_hypercall_fuzz_kernel_LDADD = tests/guest/libguest.a
tests_guest_hypercall_fuzz_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/debugreg/kernel
tests_guest_debugreg_kernel_SOURCES = tests/guest/debugreg/main.c
tests_guest_debugreg_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_debugreg_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_debugreg_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_debugreg_kernel_LDADD = tests/guest/libguest.a
tests_guest_debugreg_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/advisories/kernel
tests_guest_advisories_kernel_SOURCES = tests/guest/advisories/main.c
tests_guest_advisories_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_advisories_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_advisories_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_advisories_kernel_LDADD = tests/guest/libguest.a
tests_guest_advisories_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/insn-fuzz/kernel
tests_guest_insn_fuzz_kernel_SOURCES = tests/guest/insn-fuzz/main.c
tests_guest_insn_fuzz_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_insn_fuzz_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_insn_fuzz_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_insn_fuzz_kernel_LDADD = tests/guest/libguest.a
tests_guest_insn_fuzz_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/console-flood/kernel
tests_guest_console_flood_kernel_SOURCES = tests/guest/console-flood/main.c
tests_guest_console_flood_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_console_flood_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_console_flood_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_console_flood_kernel_LDADD = tests/guest/libguest.a
tests_guest_console_flood_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)
noinst_PROGRAMS += tests/guest/hypfs/kernel
tests_guest_hypfs_kernel_SOURCES = tests/guest/hypfs/main.c
tests_guest_hypfs_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_hypfs_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_hypfs_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_hypfs_kernel_LDADD = tests/guest/libguest.a
tests_guest_hypfs_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)
noinst_PROGRAMS += tests/guest/fill/kernel
tests_guest_fill_kernel_SOURCES = tests/guest/fill/main.c tests/guest/fill/serve.c \
	tests/guest/fill/hypercalls.c tests/guest/fill/multicalls.c \
	tests/guest/fill/by-frame.c tests/guest/fill/tables.c tests/guest/fill/grants.c \
	tests/guest/fill/misuse.c tests/guest/fill/parent.h \
	tests/guest/fill/worker.c tests/guest/fill/worker.h
tests_guest_fill_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_fill_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_fill_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_fill_kernel_LDADD = tests/guest/libguest.a
tests_guest_fill_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)
noinst_PROGRAMS += tests/guest/log-dirty/kernel
tests_guest_log_dirty_kernel_SOURCES = tests/guest/log-dirty/main.c tests/guest/log-dirty/worker.c \
	tests/guest/log-dirty/worker.h
tests_guest_log_dirty_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_log_dirty_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_log_dirty_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_log_dirty_kernel_LDADD = tests/guest/libguest.a
tests_guest_log_dirty_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)
noinst_PROGRAMS += tests/guest/mmu-child/kernel
tests_guest_mmu_child_kernel_SOURCES = tests/guest/mmu-child/main.c
tests_guest_mmu_child_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_mmu_child_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_mmu_child_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_mmu_child_kernel_LDADD = tests/guest/libguest.a
tests_guest_mmu_child_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/mmu-tlb/kernel
tests_guest_mmu_tlb_kernel_SOURCES = tests/guest/mmu-tlb/main.c
tests_guest_mmu_tlb_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_mmu_tlb_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_mmu_tlb_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_mmu_tlb_kernel_LDADD = tests/guest/libguest.a
tests_guest_mmu_tlb_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/memory-limits/kernel
tests_guest_memory_limits_kernel_SOURCES = tests/guest/memory-limits/main.c
tests_guest_memory_limits_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_memory_limits_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_memory_limits_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_memory_limits_kernel_LDADD = tests/guest/libguest.a
tests_guest_memory_limits_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/resume/kernel
tests_guest_resume_kernel_SOURCES = tests/guest/resume/main.c
tests_guest_resume_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_resume_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_resume_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_resume_kernel_LDADD = tests/guest/libguest.a
tests_guest_resume_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/shares/kernel
tests_guest_shares_kernel_SOURCES = tests/guest/shares/main.c
tests_guest_shares_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_shares_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_shares_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_shares_kernel_LDADD = tests/guest/libguest.a
tests_guest_shares_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/parked/kernel
tests_guest_parked_kernel_SOURCES = tests/guest/parked/main.c
tests_guest_parked_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_parked_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_parked_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_parked_kernel_LDADD = tests/guest/libguest.a
tests_guest_parked_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/mapped-death/kernel
tests_guest_mapped_death_kernel_SOURCES = tests/guest/mapped-death/main.c
tests_guest_mapped_death_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_mapped_death_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_mapped_death_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_mapped_death_kernel_LDADD = tests/guest/libguest.a
tests_guest_mapped_death_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)

noinst_PROGRAMS += tests/guest/cpu-features/kernel
tests_guest_cpu_features_kernel_SOURCES = tests/guest/cpu-features/main.c
tests_guest_cpu_features_kernel_CPPFLAGS = $(GUEST_CPPFLAGS)
tests_guest_cpu_features_kernel_CFLAGS = $(GUEST_CFLAGS)
tests_guest_cpu_features_kernel_LDFLAGS = $(GUEST_LINK)
tests_guest_cpu_features_kernel_LDADD = tests/guest/libguest.a
tests_guest_cpu_features_kernel_DEPENDENCIES = tests/guest/libguest.a $(GUEST_LDS)
