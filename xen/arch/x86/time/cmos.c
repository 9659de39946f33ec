/* SPDX-License-Identifier: MIT */
/*
 * cmos.c - date and time from the MC146818 real-time clock, once at boot. It keeps UTC.
 */
#include <xen/acpi.h>
#include <xen/lib.h>
#include <asm/system.h>
#include "private.h"

#define CMOS_INDEX 0x70
#define CMOS_DATA  0x71

enum { SECOND, MINUTE, HOUR, DAY, MONTH, YEAR, CENTURY, NR_FIELDS };

static const u8 field_reg[NR_FIELDS] = {0x00, 0x02, 0x04, 0x07, 0x08, 0x09, 0};

#define REG_A            0x0a
#define REG_A_UPDATING   0x80
#define REG_B            0x0b
#define REG_B_24H        0x02
#define REG_B_BINARY     0x04
#define HOUR_PM          0x80
#define UPDATE_TRIES     100000 /* an update takes 2 ms; each try about 1 us */
#define CONSISTENT_TRIES 5

static u8 cmos_read(u8 reg)
{
    outb(reg, CMOS_INDEX);
    return inb(CMOS_DATA);
}

/* All fields just after it was seen that no update is under way. */
static bool read_fields(u8 f[NR_FIELDS])
{
    unsigned int tries = UPDATE_TRIES;

    while (cmos_read(REG_A) & REG_A_UPDATING)
        if (--tries == 0)
            return false;
    for (unsigned int i = 0; i < CENTURY; i++)
        f[i] = cmos_read(field_reg[i]);
    f[CENTURY] = acpi.century_reg ? cmos_read(acpi.century_reg) : 0;
    return true;
}

/* An update may still slip in between: two equal sets of readings are believed. */
static bool read_consistent(u8 f[NR_FIELDS])
{
    u8 again[NR_FIELDS];

    for (unsigned int i = 0; i < CONSISTENT_TRIES; i++) {
        if (!read_fields(f) || !read_fields(again))
            return false;
        if (memcmp(f, again, NR_FIELDS) == 0)
            return true;
    }
    return false;
}

static unsigned int from_bcd(u8 v)
{
    return (v >> 4) * 10U + (v & 15);
}

/* Days from 1970-01-01 in the Gregorian calendar; the year is taken to begin in March. */
static u64 days_from_date(unsigned int year, unsigned int month, unsigned int day)
{
    u64 y = month > 2 ? year : year - 1;
    u64 m = month > 2 ? month - 3 : month + 9;

    return y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - 719468;
}

static bool decode(const u8 f[NR_FIELDS], u8 reg_b, u64 *ret_secs)
{
    unsigned int v[NR_FIELDS];
    bool pm = !(reg_b & REG_B_24H) && (f[HOUR] & HOUR_PM);

    for (unsigned int i = 0; i < NR_FIELDS; i++) {
        u8 raw = i == HOUR && !(reg_b & REG_B_24H) ? f[i] & (u8)~HOUR_PM : f[i];

        v[i] = reg_b & REG_B_BINARY ? raw : from_bcd(raw);
    }
    if (!(reg_b & REG_B_24H))
        v[HOUR] = v[HOUR] % 12 + (pm ? 12 : 0);
    if (v[CENTURY] >= 19 && v[CENTURY] <= 29)
        v[YEAR] += v[CENTURY] * 100;
    else
        v[YEAR] += v[YEAR] < 70 ? 2000 : 1900;
    if (v[SECOND] > 59 || v[MINUTE] > 59 || v[HOUR] > 23 || v[DAY] < 1 || v[DAY] > 31 ||
        v[MONTH] < 1 || v[MONTH] > 12 || v[YEAR] < 1970)
        return false;
    *ret_secs = days_from_date(v[YEAR], v[MONTH], v[DAY]) * 86400 + v[HOUR] * 3600ULL +
                v[MINUTE] * 60ULL + v[SECOND];
    return true;
}

u64 cmos_read_time(void)
{
    u8 f[NR_FIELDS];
    u64 secs;

    if (!read_consistent(f) || !decode(f, cmos_read(REG_B), &secs)) {
        printk(XLOG_WARN "the real-time clock gives no valid time; it is 1970 until set\n");
        return 0;
    }
    return secs;
}
