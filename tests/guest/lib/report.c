/* SPDX-License-Identifier: MIT */
/* Console output, a small printf, and the verdict line that the runner looks for. */
#include "guest.h"

static enum verdict verdict = VERDICT_SUCCESS;

static struct {
    char text[256];
    size_t used;
} line;

/* A child has no console of its own. */
static void line_to_box(void)
{
    size_t i;

    for (i = 0; i < line.used; i++, child_box.used++)
        if (child_box.used < sizeof(child_box.text))
            child_box.text[child_box.used] = line.text[i];
}

static void line_flush(void)
{
    if (in_child)
        line_to_box();
    else if (line.used)
        hypercall(console_io, CONSOLEIO_write, line.used, line.text);
    line.used = 0;
}

static void put_char(char c)
{
    line.text[line.used++] = c;
    if (c == '\n' || line.used == sizeof(line.text))
        line_flush();
}

static void put_padded(const char *s, size_t n, int width, char fill)
{
    for (; width > (int)n; width--)
        put_char(fill);
    while (n--)
        put_char(*s++);
}

static void put_number(uint64_t value, unsigned int base, bool negative, int width, char fill)
{
    char digits[24];
    size_t i = sizeof(digits);

    do {
        digits[--i] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    if (negative)
        digits[--i] = '-';
    put_padded(digits + i, sizeof(digits) - i, width, fill);
}

static void put_signed(int64_t v, int width, char fill)
{
    put_number(v < 0 ? 0 - (uint64_t)v : (uint64_t)v, 10, v < 0, width, fill);
}

/* Conversions: d u x p s c %, with 0, width, l and z. */
static const char *put_conversion(const char *f, va_list *ap)
{
    bool is_long = false;
    char fill = ' ';
    int width = 0;
    const char *s;

    if (*f == '0')
        fill = *f++;
    while (*f >= '0' && *f <= '9')
        width = width * 10 + (*f++ - '0');
    for (; *f == 'l' || *f == 'z'; f++)
        is_long = true;
    switch (*f) {
    case 'd':
        put_signed(is_long ? va_arg(*ap, long) : va_arg(*ap, int), width, fill);
        break;
    case 'u':
    case 'x':
        put_number(is_long ? va_arg(*ap, unsigned long) : va_arg(*ap, unsigned int),
                   *f == 'x' ? 16 : 10, false, width, fill);
        break;
    case 'p':
        put_number((uintptr_t)va_arg(*ap, void *), 16, false, 16, '0');
        break;
    case 's':
        s = va_arg(*ap, const char *);
        put_padded(s, strlen(s), width, ' ');
        break;
    case 'c':
        put_char((char)va_arg(*ap, int));
        break;
    default:
        put_char(*f);
    }
    return f + 1;
}

void vprint(const char *format, va_list ap)
{
    va_list copy;

    va_copy(copy, ap);
    while (*format) {
        if (*format != '%')
            put_char(*format++);
        else
            format = put_conversion(format + 1, &copy);
    }
    va_end(copy);
}

void print(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    vprint(format, ap);
    va_end(ap);
}

static void report(enum verdict v, const char *word, const char *format, va_list ap)
{
    if (v > verdict)
        verdict = v;
    if (in_child)
        child_box.verdict = verdict;
    print("%s: ", word);
    vprint(format, ap);
    print("\n");
}

void report_child(const struct child_box *box)
{
    size_t n = box->used < sizeof(box->text) ? box->used : sizeof(box->text), i;

    for (i = 0; i < n; i++)
        put_char(box->text[i]);
    line_flush();
    if (box->verdict > verdict)
        verdict = box->verdict < VERDICT_ERROR ? box->verdict : VERDICT_ERROR;
}

void success(void)
{
}

void skip(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    report(VERDICT_SKIP, "Skip", format, ap);
    va_end(ap);
}

void failure(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    report(VERDICT_FAILURE, "Failure", format, ap);
    va_end(ap);
}

void error(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    report(VERDICT_ERROR, "Error", format, ap);
    va_end(ap);
}

bool check_eq(int line_nr, const char *what, long got, long expected)
{
    if (got != expected)
        failure("line %d: %s is %ld (%lx), expected %ld (%lx)", line_nr, what, got,
                (unsigned long)got, expected, (unsigned long)expected);
    return got == expected;
}

bool check_true(int line_nr, const char *what, bool ok)
{
    if (!ok)
        failure("line %d: not true: %s", line_nr, what);
    return ok;
}

void need_true(int line_nr, const char *what, bool ok)
{
    if (ok)
        return;
    error("line %d: set-up failed: %s", line_nr, what);
    finish();
}

void finish(void)
{
    static const char *const word[] = {"SUCCESS", "SKIP", "FAILURE", "ERROR"};
    struct sched_shutdown stop = {.reason = SHUTDOWN_poweroff};

    if (!in_child)
        print("\nTest result: %s\n", word[verdict]);
    for (;;)
        hypercall(sched_op, SCHEDOP_shutdown, &stop);
}
