# SPDX-License-Identifier: MIT
# Host unit tests, included from the top Makefile.am. One program for each tests/unit/test-NAME.c:
# add it to UNIT_TESTS, then its sources, flags and libraries in four lines as below.
#
# shim.c is needed by nearly all; shim-mem.c gives struct page_info and memory behind it;
# shim-alloc.c gives xzalloc_bytes() without the slab allocator.

UNIT_CFLAGS = -std=gnu11 -I$(top_srcdir)/tests/shim -I$(top_srcdir)/xen/include \
	-I$(top_srcdir)/xen/arch/x86/include $(CHECK_CFLAGS) -DXENOLITH_DEBUG=1 \
	-fno-strict-aliasing $(SANITIZE) -g -O1
UNIT_SHIM = tests/shim/shim.c
UNIT_SHIM_MEM = $(UNIT_SHIM) tests/shim/shim-mem.c
UNIT_SHIM_ALLOC = $(UNIT_SHIM) tests/shim/shim-alloc.c

UNIT_TESTS = \
	tests/unit/test-evtchn-fifo \
	tests/unit/test-grant-math \
	tests/unit/test-cpu-policy \
	tests/unit/test-spinlock \
	tests/unit/test-timer \
	tests/unit/test-sched \
	tests/unit/test-string \
	tests/unit/test-vsnprintf \
	tests/unit/test-bitmap \
	tests/unit/test-strtoull \
	tests/unit/test-buddy \
	tests/unit/test-heap \
	tests/unit/test-domheap \
	tests/unit/test-slab \
	tests/unit/test-rangeset \
	tests/unit/test-trace \
	tests/unit/test-dirty-map \
	tests/unit/test-shadow-pool \
	tests/unit/test-elf \
	tests/unit/test-params \
	tests/unit/test-e820 \
	tests/unit/test-dom0-mem \
	tests/unit/test-multiboot \
	tests/unit/test-acpi \
	tests/unit/test-emul \
	tests/unit/test-decompress \
	tests/unit/test-store-wire \
	tests/unit/test-store-client \
	tests/unit/test-store-threads \
	tests/unit/test-store-xstore \
	tests/unit/test-ctrl-conformance \
	tests/unit/test-ctrl-errors \
	tests/unit/test-ctrl-sim \
	tests/unit/test-ctrl-threads \
	tests/unit/test-light-attach \
	tests/unit/test-light-bootloader \
	tests/unit/test-light-broken \
	tests/unit/test-light-config \
	tests/unit/test-light-device \
	tests/unit/test-light-domain \
	tests/unit/test-light-handle \
	tests/unit/test-light-dump \
	tests/unit/test-light-life \
	tests/unit/test-light-life-fails \
	tests/unit/test-light-hotplug \
	tests/unit/test-light-model \
	tests/unit/test-light-scripts \
	tests/unit/test-light-op \
	tests/unit/test-light-migrate \
	tests/unit/test-light-migrate-fails \
	tests/unit/test-light-move \
	tests/unit/test-light-move-fails \
	tests/unit/test-light-query \
	tests/unit/test-light-stream \
	tests/unit/test-light-settings \
	tests/unit/test-light-os \
	tests/unit/test-console-ring \
	tests/unit/test-xenconsoled \
	tests/unit/test-xenstored-osdep \
	tests/unit/test-xenstored-ring \
	tests/unit/test-xenstored-tree \
	tests/unit/test-xenstored-wire

check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)
EXTRA_DIST += tests/unit/real-kernel.sh tests/shim/shim.h tests/shim/test-main.h tests/shim/fail-alloc.h tests/shim/fail-each.h tests/shim/asm/current.h \
	tests/shim/asm/layout.h tests/shim/asm/system.h

# These two include the source under test with its functions renamed.
tests_unit_test_string_SOURCES = tests/unit/test-string.c
tests_unit_test_string_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_string_LDADD = $(CHECK_LIBS)

tests_unit_test_vsnprintf_SOURCES = tests/unit/test-vsnprintf.c
tests_unit_test_vsnprintf_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_vsnprintf_LDADD = $(CHECK_LIBS)

tests_unit_test_spinlock_SOURCES = tests/unit/test-spinlock.c
tests_unit_test_spinlock_CFLAGS = $(UNIT_CFLAGS) -pthread
tests_unit_test_spinlock_LDADD = $(CHECK_LIBS)

tests_unit_test_cpu_policy_SOURCES = tests/unit/test-cpu-policy.c xen/lib/cpu-policy.c
tests_unit_test_cpu_policy_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_cpu_policy_LDADD = $(CHECK_LIBS)

tests_unit_test_bitmap_SOURCES = tests/unit/test-bitmap.c xen/lib/bitmap.c $(UNIT_SHIM)
tests_unit_test_bitmap_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_bitmap_LDADD = $(CHECK_LIBS)

tests_unit_test_strtoull_SOURCES = tests/unit/test-strtoull.c xen/lib/strtoull.c
tests_unit_test_strtoull_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_strtoull_LDADD = $(CHECK_LIBS)

tests_unit_test_buddy_SOURCES = tests/unit/test-buddy.c xen/common/mem/buddy.c $(UNIT_SHIM_MEM)
tests_unit_test_buddy_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_buddy_LDADD = $(CHECK_LIBS)

tests_unit_test_heap_SOURCES = tests/unit/test-heap.c xen/common/mem/heap.c \
	xen/common/mem/buddy.c $(UNIT_SHIM_MEM)
tests_unit_test_heap_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_heap_LDADD = $(CHECK_LIBS)

tests_unit_test_domheap_SOURCES = tests/unit/test-domheap.c xen/common/mem/domheap.c \
	xen/common/mem/heap.c xen/common/mem/buddy.c $(UNIT_SHIM_MEM)
tests_unit_test_domheap_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_domheap_LDADD = $(CHECK_LIBS)

tests_unit_test_slab_SOURCES = tests/unit/test-slab.c xen/common/mem/slab.c \
	xen/common/mem/heap.c xen/common/mem/buddy.c $(UNIT_SHIM_MEM)
tests_unit_test_slab_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_slab_LDADD = $(CHECK_LIBS)

tests_unit_test_trace_SOURCES = tests/unit/test-trace.c xen/common/trace/ring.c $(UNIT_SHIM)
tests_unit_test_trace_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_trace_LDADD = $(CHECK_LIBS)
tests_unit_test_dirty_map_SOURCES = tests/unit/test-dirty-map.c xen/arch/x86/mm/logdirty/dirty-map.c \
	xen/lib/bitmap.c $(UNIT_SHIM)
tests_unit_test_dirty_map_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_dirty_map_LDADD = $(CHECK_LIBS)

tests_unit_test_shadow_pool_SOURCES = tests/unit/test-shadow-pool.c \
	xen/arch/x86/mm/logdirty/shadow-pool.c $(UNIT_SHIM_ALLOC)
tests_unit_test_shadow_pool_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_shadow_pool_LDADD = $(CHECK_LIBS)

tests_unit_test_rangeset_SOURCES = tests/unit/test-rangeset.c xen/lib/rangeset.c $(UNIT_SHIM_ALLOC)
tests_unit_test_rangeset_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_rangeset_LDADD = $(CHECK_LIBS)

tests_unit_test_elf_SOURCES = tests/unit/test-elf.c xen/lib/elf.c
tests_unit_test_elf_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_elf_LDADD = $(CHECK_LIBS)

tests_unit_test_params_SOURCES = tests/unit/test-params.c xen/lib/params.c xen/lib/strtoull.c \
	$(UNIT_SHIM)
tests_unit_test_params_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_params_LDADD = $(CHECK_LIBS)

tests_unit_test_e820_SOURCES = tests/unit/test-e820.c xen/lib/e820.c $(UNIT_SHIM)
tests_unit_test_e820_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_e820_LDADD = $(CHECK_LIBS)

tests_unit_test_multiboot_SOURCES = tests/unit/test-multiboot.c xen/arch/x86/boot/multiboot.c \
	xen/lib/e820.c $(UNIT_SHIM)
tests_unit_test_multiboot_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_multiboot_LDADD = $(CHECK_LIBS)

tests_unit_test_dom0_mem_SOURCES = tests/unit/test-dom0-mem.c xen/arch/x86/pv/dom0-mem.c \
	xen/lib/strtoull.c
tests_unit_test_dom0_mem_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_dom0_mem_LDADD = $(CHECK_LIBS)

tests_unit_test_timer_SOURCES = tests/unit/test-timer.c xen/common/sched/heap.c
tests_unit_test_timer_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_timer_LDADD = $(CHECK_LIBS)

tests_unit_test_sched_SOURCES = tests/unit/test-sched.c xen/common/sched/fair-math.c \
	xen/arch/x86/time/scale.c
tests_unit_test_sched_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_sched_LDADD = $(CHECK_LIBS)

tests_unit_test_evtchn_fifo_SOURCES = tests/unit/test-evtchn-fifo.c xen/common/evtchn/domain.c \
	xen/common/evtchn/fifo.c xen/common/evtchn/fifo-setup.c xen/common/evtchn/port.c \
	xen/common/evtchn/two-level.c xen/common/evtchn/virq.c $(UNIT_SHIM_ALLOC)
tests_unit_test_evtchn_fifo_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_evtchn_fifo_LDADD = $(CHECK_LIBS)

tests_unit_test_grant_math_SOURCES = tests/unit/test-grant-math.c
tests_unit_test_grant_math_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_grant_math_LDADD = $(CHECK_LIBS)

tests_unit_test_acpi_SOURCES = tests/unit/test-acpi.c xen/drivers/acpi/parse.c $(UNIT_SHIM)
tests_unit_test_acpi_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_acpi_LDADD = $(CHECK_LIBS)

tests_unit_test_emul_SOURCES = tests/unit/test-emul.c xen/arch/x86/emul/alu.c \
	xen/arch/x86/emul/decode.c xen/arch/x86/emul/emulate.c xen/arch/x86/emul/operand.c \
	xen/arch/x86/emul/string.c xen/arch/x86/emul/system.c
tests_unit_test_emul_CFLAGS = $(UNIT_CFLAGS) -O2
tests_unit_test_emul_LDADD = $(CHECK_LIBS)

DECOMPRESS_SOURCES = xen/lib/decompress/bcj-x86.c xen/lib/decompress/checksum.c \
	xen/lib/decompress/decompress.c xen/lib/decompress/gzip.c xen/lib/decompress/inflate.c \
	xen/lib/decompress/lz4.c xen/lib/decompress/lzma2.c xen/lib/decompress/xz.c \
	xen/lib/decompress/zstd.c xen/lib/decompress/zstd-entropy.c \
	xen/lib/decompress/zstd-sequences.c
tests_unit_test_decompress_SOURCES = tests/unit/test-decompress.c $(DECOMPRESS_SOURCES)
# Optimised: these two run millions of instructions through their subjects.
tests_unit_test_decompress_CFLAGS = $(UNIT_CFLAGS) -O2
tests_unit_test_decompress_LDADD = $(CHECK_LIBS) -llzma -lz -lzstd -llz4

# Unpacks a kernel with our decoders, to compare with the packaged tools.
check_PROGRAMS += tests/unit/unpack-kernel
tests_unit_unpack_kernel_SOURCES = tests/unit/unpack-kernel.c $(DECOMPRESS_SOURCES)
tests_unit_unpack_kernel_CFLAGS = -std=gnu11 -I$(top_srcdir)/tests/shim -I$(top_srcdir)/xen/include \
	-I$(top_srcdir)/xen/arch/x86/include -O2
tests_unit_unpack_kernel_LDADD =

# The store library, compiled in so that sanitizers see it and allocations can be made to fail.
STORE_TEST_CFLAGS = $(TOOL_CFLAGS) $(STORE_CPPFLAGS) -I$(top_srcdir)/libs/store/src \
	-I$(top_srcdir)/tests/shim $(CHECK_CFLAGS) -pthread $(SANITIZE) -g -O1
STORE_TEST_SOURCES = $(STORE_SOURCES) tests/store/fake-server.c tests/store/fake-server.h
FAIL_ALLOC = -include $(top_srcdir)/tests/shim/fail-alloc.h

tests_unit_test_store_wire_SOURCES = tests/unit/test-store-wire.c $(STORE_SOURCES)
tests_unit_test_store_wire_CFLAGS = $(STORE_TEST_CFLAGS) $(FAIL_ALLOC)
tests_unit_test_store_wire_LDADD = $(CHECK_LIBS)

tests_unit_test_store_client_SOURCES = tests/unit/test-store-client.c $(STORE_TEST_SOURCES)
tests_unit_test_store_client_CFLAGS = $(STORE_TEST_CFLAGS) $(FAIL_ALLOC)
tests_unit_test_store_client_LDADD = $(CHECK_LIBS)

tests_unit_test_store_threads_SOURCES = tests/unit/test-store-threads.c $(STORE_TEST_SOURCES)
tests_unit_test_store_threads_CFLAGS = $(STORE_TEST_CFLAGS)
tests_unit_test_store_threads_LDADD = $(CHECK_LIBS)

tests_unit_test_store_xstore_SOURCES = tests/unit/test-store-xstore.c $(STORE_TEST_SOURCES)
tests_unit_test_store_xstore_CFLAGS = $(STORE_TEST_CFLAGS) $(FAIL_ALLOC)
tests_unit_test_store_xstore_LDADD = $(CHECK_LIBS)
# The store daemon without its main().
tests_unit_test_xenstored_osdep_SOURCES = tests/unit/test-xenstored-osdep.c daemons/xenstored/osdep/xen.c
tests_unit_test_xenstored_osdep_CFLAGS = $(XENSTORED_TEST_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_xenstored_osdep_LDADD = tests/xenstored/libxenstored.a libs/ctrl/libctrl-core.la $(CHECK_LIBS)

tests_unit_test_xenstored_ring_SOURCES = tests/unit/test-xenstored-ring.c
tests_unit_test_xenstored_ring_CFLAGS = $(XENSTORED_TEST_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_xenstored_ring_LDADD = tests/xenstored/libxenstored.a $(CHECK_LIBS)

tests_unit_test_xenstored_tree_SOURCES = tests/unit/test-xenstored-tree.c
tests_unit_test_xenstored_tree_CFLAGS = $(XENSTORED_TEST_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_xenstored_tree_LDFLAGS = -Wl,--wrap=malloc
tests_unit_test_xenstored_tree_LDADD = tests/xenstored/libxenstored.a $(CHECK_LIBS)

tests_unit_test_xenstored_wire_SOURCES = tests/unit/test-xenstored-wire.c
tests_unit_test_xenstored_wire_CFLAGS = $(XENSTORED_TEST_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_xenstored_wire_LDADD = tests/xenstored/libxenstored.a $(CHECK_LIBS)
