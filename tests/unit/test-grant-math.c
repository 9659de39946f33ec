/* SPDX-License-Identifier: MIT */
/* test-grant-math.c - pin counts, access checks, ranges and sizes of grant tables. */
#include "test-main.h"
#include <xen/lib.h>
#include "../../xen/common/gnttab/math.h"

START_TEST(test_pins)
{
    ck_assert_uint_eq(gnttab_pin_of(GNTMAP_host_map, 0), PIN_HOST_WRITE);
    ck_assert_uint_eq(gnttab_pin_of(GNTMAP_host_map, GNTMAP_readonly), PIN_HOST_READ);
    ck_assert_uint_eq(gnttab_pin_of(GNTMAP_device_map, 0), PIN_DEV_WRITE);
    ck_assert_uint_eq(gnttab_pin_of(GNTMAP_device_map, GNTMAP_readonly), PIN_DEV_READ);
    ck_assert(!(PIN_WRITE_MASK & (PIN_HOST_READ * PIN_COUNT_MASK)));
    ck_assert(!(PIN_WRITE_MASK & (PIN_DEV_READ * PIN_COUNT_MASK)));
    ck_assert_uint_eq(PIN_WRITE_MASK, 0xffff0000ffff0000ULL);
}
END_TEST

START_TEST(test_pin_never_overflows)
{
    u64 pin = PIN_HOST_READ * 0xffff;

    ck_assert(!gnttab_pin_fits(pin, PIN_HOST_READ));
    ck_assert(gnttab_pin_fits(pin, PIN_HOST_WRITE));
    ck_assert(gnttab_pin_fits(pin - PIN_HOST_READ, PIN_HOST_READ));
    ck_assert(!gnttab_pin_fits(PIN_DEV_WRITE * 0xffff, PIN_DEV_WRITE));
    ck_assert(gnttab_pin_fits(PIN_DEV_WRITE * 0xfffe, PIN_DEV_WRITE));
    ck_assert(!gnttab_pin_fits(pin, PIN_HOST_READ + PIN_DEV_READ));
}
END_TEST

START_TEST(test_access)
{
    u32 rw = gnttab_head(GTF_permit_access, 3);
    u32 ro = gnttab_head(GTF_permit_access | GTF_readonly, 3);

    ck_assert_int_eq(gnttab_check_head(rw, 3, true), GNTST_okay);
    ck_assert_int_eq(gnttab_check_head(rw, 3, false), GNTST_okay);
    ck_assert_int_eq(gnttab_check_head(rw, 4, false), GNTST_general_error);
    ck_assert_int_eq(gnttab_check_head(ro, 3, false), GNTST_okay);
    ck_assert_int_eq(gnttab_check_head(ro, 3, true), GNTST_general_error);
    ck_assert_int_eq(gnttab_check_head(gnttab_head(GTF_invalid, 3), 3, false), GNTST_general_error);
    ck_assert_int_eq(gnttab_check_head(gnttab_head(GTF_transitive, 3), 3, false),
                     GNTST_general_error);
    ck_assert_int_eq(gnttab_check_head(gnttab_head(GTF_accept_transfer, 3), 3, true),
                     GNTST_general_error);
    /* Entries that are in use can be used again. */
    ck_assert_int_eq(gnttab_check_head(rw | GTF_reading | GTF_writing, 3, true), GNTST_okay);
}
END_TEST

START_TEST(test_head_is_the_entry)
{
    struct grant_entry_v1 e = {.flags = GTF_permit_access | GTF_readonly, .domid = 0x7abc};
    u32 head;

    memcpy(&head, &e, sizeof(head));
    ck_assert_uint_eq(head, gnttab_head(e.flags, e.domid));
}
END_TEST

START_TEST(test_ranges)
{
    ck_assert(gnttab_range_inside(0, 4096, 0, 4096));
    ck_assert(!gnttab_range_inside(1, 4096, 0, 4096));
    ck_assert(gnttab_range_inside(4096, 0, 0, 4096));
    ck_assert(!gnttab_range_inside(0xffff, 0xffff, 0, 4096));
    ck_assert(!gnttab_range_inside(99, 1, 100, 8));
    ck_assert(gnttab_range_inside(100, 8, 100, 8));
    ck_assert(!gnttab_range_inside(101, 8, 100, 8));
}
END_TEST

START_TEST(test_sizes)
{
    ck_assert_uint_eq(V1_PER_FRAME, 512);
    ck_assert_uint_eq(V2_PER_FRAME, 256);
    ck_assert_uint_eq(gnttab_status_frames(0), 0);
    ck_assert_uint_eq(gnttab_status_frames(1), 1);
    ck_assert_uint_eq(gnttab_status_frames(8), 1);
    ck_assert_uint_eq(gnttab_status_frames(9), 2);
    ck_assert_uint_eq(gnttab_status_frames(64), 8);
}
END_TEST

TEST_MAIN("grant-math", test_pins, test_pin_never_overflows, test_access, test_head_is_the_entry,
          test_ranges, test_sizes)
