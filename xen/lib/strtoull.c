/* SPDX-License-Identifier: MIT */
/*
 * strtoull.c - numbers and sizes from text. Values that do not fit become the largest number, which
 * every caller's own limit then refuses. No state, no locks.
 */
#include <xen/lib.h>

#define NUMBER_MAX (~0ULL)

static unsigned int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned int)(c - '0');
    c |= 0x20;
    if (c >= 'a' && c <= 'z')
        return (unsigned int)(c - 'a') + 10;
    return ~0U;
}

static unsigned long long mul_saturated(unsigned long long a, unsigned long long b)
{
    unsigned long long r;

    return __builtin_mul_overflow(a, b, &r) ? NUMBER_MAX : r;
}

unsigned long long simple_strtoull(const char *s, const char **end, unsigned int base)
{
    unsigned long long val = 0;
    bool hex = s[0] == '0' && (s[1] | 0x20) == 'x' && digit_value(s[2]) < 16;

    if (hex && (base == 0 || base == 16)) {
        s += 2;
        base = 16;
    } else if (base == 0) {
        base = s[0] == '0' ? 8 : 10;
    }

    for (; digit_value(*s) < base; s++) {
        unsigned int digit = digit_value(*s);

        val = mul_saturated(val, base);
        val = val > NUMBER_MAX - digit ? NUMBER_MAX : val + digit;
    }
    if (end)
        *end = s;
    return val;
}

unsigned long long parse_size(const char *s, const char **end, unsigned long plain_unit)
{
    const char *p;
    unsigned long long val = simple_strtoull(s, &p, 0), unit = plain_unit;

    if (p != s) {
        const char *after = p + 1;

        switch (*p | 0x20) {
        case 'b':
            unit = 1;
            break;
        case 'k':
            unit = 1ULL << 10;
            break;
        case 'm':
            unit = 1ULL << 20;
            break;
        case 'g':
            unit = 1ULL << 30;
            break;
        case 't':
            unit = 1ULL << 40;
            break;
        default:
            after = p;
        }
        p = after;
    }
    if (end)
        *end = p;
    return mul_saturated(val, unit);
}
