/* SPDX-License-Identifier: MIT */
/*
 * vsnprintf.c - formatted output into a buffer. No state, no locks, any context (also NMI).
 *
 * Conversions d i u x X o c s p %, flags 0 - + # and blank, width and precision (also by *), sizes
 * hh h l ll z. %p prints 16 hexadecimal digits. Anything else is copied through unchanged, so that
 * a wrong format shows up in the message instead of shifting the arguments.
 */
#include <xen/lib.h>

#define F_ZERO  0x01U
#define F_LEFT  0x02U
#define F_PLUS  0x04U
#define F_ALT   0x08U
#define F_BLANK 0x10U
#define F_UPPER 0x20U

/* Field widths from arguments may be anything; no line of ours is longer. */
#define WIDTH_MAX 4096

struct output {
    char *buf;
    size_t size;
    size_t len; /* characters produced; those at or beyond size are only counted */
};

struct spec {
    unsigned int flags;
    int width;
    int precision; /* -1: none */
    int size;      /* -2 hh, -1 h, 0, 1 l, 2 ll or z */
};

static void put(struct output *o, char c)
{
    if (o->len < o->size)
        o->buf[o->len] = c;
    o->len++;
}

static void pad(struct output *o, char c, int n)
{
    while (n-- > 0)
        put(o, c);
}

static void put_text(struct output *o, const struct spec *sp, const char *s)
{
    int n;

    if (!s)
        s = "(null)";
    n = (int)strnlen(s, sp->precision >= 0 ? (size_t)sp->precision : INT32_MAX);
    if (!(sp->flags & F_LEFT))
        pad(o, ' ', sp->width - n);
    for (int i = 0; i < n; i++)
        put(o, s[i]);
    if (sp->flags & F_LEFT)
        pad(o, ' ', sp->width - n);
}

static void put_char(struct output *o, const struct spec *sp, char c)
{
    if (!(sp->flags & F_LEFT))
        pad(o, ' ', sp->width - 1);
    put(o, c);
    if (sp->flags & F_LEFT)
        pad(o, ' ', sp->width - 1);
}

/* Digits of val, least significant first; none for 0. Returns their number. */
static int make_digits(char *digits, unsigned long long val, unsigned int base, bool upper)
{
    const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    int n = 0;

    for (; val; val /= base)
        digits[n++] = set[val % base];
    return n;
}

static void put_number(struct output *o, const struct spec *sp, unsigned long long val,
                       unsigned int base, const char *prefix)
{
    char digits[24];
    int n = make_digits(digits, val, base, (sp->flags & F_UPPER) != 0);
    int zeros = (sp->precision < 0 ? 1 : sp->precision) - n;
    int fill;

    if (base == 8 && (sp->flags & F_ALT) && zeros <= 0)
        zeros = 1;
    zeros = MAX(zeros, 0);
    fill = sp->width - n - zeros - (int)strlen(prefix);
    if ((sp->flags & F_ZERO) && !(sp->flags & F_LEFT) && sp->precision < 0 && fill > 0) {
        zeros += fill;
        fill = 0;
    }

    if (!(sp->flags & F_LEFT))
        pad(o, ' ', fill);
    while (*prefix)
        put(o, *prefix++);
    pad(o, '0', zeros);
    while (n > 0)
        put(o, digits[--n]);
    if (sp->flags & F_LEFT)
        pad(o, ' ', fill);
}

static void put_signed(struct output *o, const struct spec *sp, long long val)
{
    const char *sign = sp->flags & F_PLUS ? "+" : sp->flags & F_BLANK ? " " : "";

    if (val < 0)
        put_number(o, sp, 0 - (unsigned long long)val, 10, "-");
    else
        put_number(o, sp, (unsigned long long)val, 10, sign);
}

static void put_unsigned(struct output *o, struct spec *sp, char conv, unsigned long long val)
{
    const char *prefix = "";

    if (conv == 'X')
        sp->flags |= F_UPPER;
    if ((sp->flags & F_ALT) && val && (conv | 0x20) == 'x')
        prefix = conv == 'X' ? "0X" : "0x";
    put_number(o, sp, val, conv == 'u' ? 10 : conv == 'o' ? 8 : 16, prefix);
}

static void put_pointer(struct output *o, struct spec *sp, const void *p)
{
    sp->precision = 16;
    put_number(o, sp, (unsigned long)p, 16, "");
}

static unsigned int flag_of(char c)
{
    switch (c) {
    case '0':
        return F_ZERO;
    case '-':
        return F_LEFT;
    case '+':
        return F_PLUS;
    case '#':
        return F_ALT;
    case ' ':
        return F_BLANK;
    default:
        return 0;
    }
}

static const char *parse_int(const char *f, int *ret_val)
{
    int val = 0;

    for (; *f >= '0' && *f <= '9'; f++)
        val = MIN(val * 10 + (*f - '0'), WIDTH_MAX);
    *ret_val = val;
    return f;
}

static const char *parse_size_modifier(const char *f, int *ret_size)
{
    *ret_size = 0;
    if (*f == 'z')
        *ret_size = 2, f++;
    for (; *f == 'l' && *ret_size < 2; f++)
        ++*ret_size;
    for (; *f == 'h' && *ret_size <= 0 && *ret_size > -2; f++)
        --*ret_size;
    return f;
}

/* va_list may be an array type; the struct lets functions here pass it by address portably. */
struct args {
    va_list ap;
};

static const char *parse_spec(const char *f, struct spec *sp, struct args *args)
{
    unsigned int flag;

    *sp = (struct spec){.precision = -1};
    for (; (flag = flag_of(*f)) != 0; f++)
        sp->flags |= flag;

    if (*f == '*') {
        int w = va_arg(args->ap, int);

        if (w < 0)
            sp->flags |= F_LEFT;
        w = MAX(w, -WIDTH_MAX);
        sp->width = MIN(w < 0 ? -w : w, WIDTH_MAX);
        f++;
    } else {
        f = parse_int(f, &sp->width);
    }

    if (*f == '.') {
        f++;
        if (*f == '*') {
            int p = va_arg(args->ap, int);

            sp->precision = p < 0 ? -1 : MIN(p, WIDTH_MAX);
            f++;
        } else {
            f = parse_int(f, &sp->precision);
        }
    }
    return parse_size_modifier(f, &sp->size);
}

static long long signed_arg(struct args *args, int size)
{
    switch (size) {
    case 2:
        return va_arg(args->ap, long long);
    case 1:
        return va_arg(args->ap, long);
    case -1:
        return (s16)va_arg(args->ap, int);
    case -2:
        return (s8)va_arg(args->ap, int);
    default:
        return va_arg(args->ap, int);
    }
}

static unsigned long long unsigned_arg(struct args *args, int size)
{
    switch (size) {
    case 2:
        return va_arg(args->ap, unsigned long long);
    case 1:
        return va_arg(args->ap, unsigned long);
    case -1:
        return (u16)va_arg(args->ap, unsigned int);
    case -2:
        return (u8)va_arg(args->ap, unsigned int);
    default:
        return va_arg(args->ap, unsigned int);
    }
}

/* f points behind a '%'. Returns the first character after the conversion. */
static const char *convert(struct output *o, const char *f, struct args *args)
{
    const char *start = f;
    struct spec sp;

    f = parse_spec(f, &sp, args);
    switch (*f) {
    case 'd':
    case 'i':
        put_signed(o, &sp, signed_arg(args, sp.size));
        break;
    case 'u':
    case 'x':
    case 'X':
    case 'o':
        put_unsigned(o, &sp, *f, unsigned_arg(args, sp.size));
        break;
    case 'c':
        put_char(o, &sp, (char)va_arg(args->ap, int));
        break;
    case 's':
        put_text(o, &sp, va_arg(args->ap, const char *));
        break;
    case 'p':
        put_pointer(o, &sp, va_arg(args->ap, const void *));
        break;
    case '%':
        put(o, '%');
        break;
    default:
        put(o, '%');
        return start;
    }
    return f + 1;
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
    struct output o = {.buf = buf, .size = size};
    struct args args;

    va_copy(args.ap, ap);
    while (*fmt) {
        if (*fmt == '%')
            fmt = convert(&o, fmt + 1, &args);
        else
            put(&o, *fmt++);
    }
    va_end(args.ap);

    if (size)
        buf[MIN(o.len, size - 1)] = '\0';
    return (int)o.len;
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(buf, size, fmt, ap);
    va_end(ap);
    return n;
}

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
    va_list ap;
    int n;

    if (!size)
        return 0;
    va_start(ap, fmt);
    n = vsnprintf(buf, size, fmt, ap);
    va_end(ap);
    return MIN(n, (int)size - 1);
}
