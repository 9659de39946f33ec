/* SPDX-License-Identifier: MIT */
/*
 * test-light-stream.c - saved guests as bytes: written and read again, cut at each byte, with bits
 * turned over, and with their records in any other order.
 */
#include "light/stream-make.h"
#include "test-main.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xenolith/light-move.h>

/* Bytes in memory, in pieces of any size. */
struct source {
    const uint8_t *data;
    size_t left, step;
    bool now; /* every other call says: not yet */
};

static int64_t take(void *arg, void *buf, size_t size)
{
    struct source *s = arg;
    size_t n = s->left < size ? s->left : size;

    if (s->step) {
        n = s->step < n ? s->step : n;
        s->now = !s->now;
        if (!s->now)
            return -EAGAIN;
    }
    memcpy(buf, s->data, n);
    s->data += n;
    s->left -= n;
    return (int64_t)n;
}

static char text[1024];

/* All of it; items may be NULL. 1: there is something behind it. */
static int read_all(const uint8_t *data, size_t size, size_t step, unsigned int items[5])
{
    struct source s = {data, size, step, false};
    struct xlight__why why = {0};
    struct xlight__item i = {0};
    struct xlight__in in;
    int rc;

    xlight__in_init(&in, take, &s);
    do {
        why.nr = 0;
        rc = xlight__in_next(&in, &i, &why);
        if (!rc && items)
            items[i.kind]++;
    } while (rc == -EAGAIN || (!rc && i.kind != XLIGHT__ITEM_END));
    xlight__in_free(&in);
    ck_assert(!rc || why.nr);
    xlight__why_format(&why, text, sizeof(text));
    return !rc && s.left ? 1 : rc;
}

static const unsigned int kinds[] = {0, MAKE_V2, MAKE_HVM, MAKE_VERIFY, MAKE_HVM | MAKE_V2};
#define NR_KINDS (sizeof(kinds) / sizeof(kinds[0]))

START_TEST(what_was_written)
{
    struct made m;

    for (size_t i = 0; i < NR_KINDS; i++) {
        unsigned int items[5] = {0};
        int rc;

        stream_make(&m, kinds[i]);
        ck_assert(!m.out.failed);
        rc = read_all(m.out.data, m.out.used, 0, items);
        ck_assert_msg(!rc, "%zu: %s", i, text);
        ck_assert_uint_eq(items[XLIGHT__ITEM_CONFIG], 1);
        ck_assert_uint_eq(items[XLIGHT__ITEM_GUEST], 1);
        ck_assert_uint_eq(items[XLIGHT__ITEM_LIGHT_RECORD], kinds[i] & MAKE_HVM ? 3 : 1);
        ck_assert_uint_eq(items[XLIGHT__ITEM_END], 1);
        /* In small pieces it is the same. */
        memset(items, 0, sizeof(items));
        ck_assert_int_eq(read_all(m.out.data, m.out.used, 7, items), 0);
        ck_assert_uint_eq(items[XLIGHT__ITEM_RECORD] + items[XLIGHT__ITEM_LIGHT_RECORD] +
                              items[XLIGHT__ITEM_END],
                          m.nr - 3);
        xlight__out_free(&m.out);
    }
}
END_TEST

/* The numbers of the formats, by hand. */
START_TEST(bytes_of_the_formats)
{
    static const uint8_t light[] = {'L', 'i', 'b', 'x', 'l', 'F', 'm', 't', 0, 0, 0, 2, 0, 0, 0, 0};
    static const uint8_t image[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 'X', 'E',
                                    'N',  'F',  0,    0,    0,    3,    0,    0,    0,   0,
                                    0,    0,    0,    0,    1,    0,    0,    0,    12,  0,
                                    0,    0,    4,    0,    0,    0,    17,   0,    0,   0};
    struct made m;
    uint8_t *d;

    stream_make(&m, 0);
    d = m.out.data;
    ck_assert_int_eq(memcmp(d, "Xen saved domain, xl format\n \0 \r\4\3\2\1\3\0\0\0\0\0\0\0", 44),
                     0);
    ck_assert_int_eq(memcmp(d + 44, "\x22\0\0\0\x1e\0\0\0{ \"c_info\"", 18), 0);
    ck_assert_int_eq(memcmp(d + m.parts[1].at, light, sizeof(light)), 0);
    ck_assert_int_eq(memcmp(d + m.parts[2].at, "\1\0\0\0\0\0\0\0", 8), 0);
    ck_assert_int_eq(memcmp(d + m.parts[3].at, image, sizeof(image)), 0);
    ck_assert_int_eq(memcmp(d + m.parts[4].at, "\2\0\0\0\x8\0\0\0\x8\4\0\0\0\0\0\0", 16), 0);
    xlight__out_free(&m.out);
}
END_TEST

/* Which part the byte is in, as the message must have it. */
static unsigned int index_of(const struct made *m, size_t at)
{
    unsigned int i = 0;

    while (at >= m->parts[i].at + m->parts[i].size)
        i++;
    return i;
}

static const char *part_of(const struct made *m, size_t at)
{
    return m->parts[index_of(m, at)].name;
}

static bool begins_part(const struct made *m, size_t at)
{
    for (unsigned int i = 0; i < m->nr; i++)
        if (m->parts[i].at == at)
            return true;
    return false;
}

/* Between parts, and at every nth byte of them. */
START_TEST(cut_anywhere)
{
    struct made m;

    for (size_t k = 0; k < NR_KINDS; k++) {
        stream_make(&m, kinds[k]);
        for (size_t n = 0; n < m.out.used; n++) {
            char at[64];

            if (n % test_every(3) && !begins_part(&m, n))
                continue;
            ck_assert_int_eq(read_all(m.out.data, n, 0, NULL), -ENODATA);
            snprintf(at, sizeof(at), "it ends at byte %zu", n);
            ck_assert_msg(strstr(text, at), "%zu: %s", n, text);
            /* The record has a name once its header is there. */
            if (n > m.parts[4].at + 8 && index_of(&m, n) == index_of(&m, n - 8))
                ck_assert_msg(strstr(text, part_of(&m, n)), "%zu: %s", n, text);
        }
        xlight__out_free(&m.out);
    }
}
END_TEST

/*
 * Bits of headers, of types, of lengths and of numbers of pages: each is noticed, unless it is in
 * something that can have any value.
 */
static bool is_free(const struct made *m, size_t at, unsigned int bit)
{
    const char *name = part_of(m, at);
    size_t in = at - m->parts[index_of(m, at)].at;

    /* Text, flags that one need not know, whose Xen it was, and content. */
    if (!strcmp(name, "container"))
        return (in >= 40 && in < 44) || in >= 52 || (in == 36 && bit == 0);
    if (!strcmp(name, "guest headers"))
        return in >= 32 || (in == 15 && bit == 0);
    /* A record that one need not know; and what looks like another one of the stopped guest. */
    if (in == 0 && (!strncmp(name, "EMULATOR", 8) || !strcmp(name, "X86_TSC_INFO") ||
                    !strcmp(name, "HVM_PARAMS") || !strncmp(name, "X86_PV_VCPU", 11)))
        return true;
    /* A blob that swallows what is behind it. */
    if (in == 4 && (!strcmp(name, "HVM_CONTEXT") || !strncmp(name, "EMULATOR", 8)))
        return true;
    if (in < 8)
        return in == 3 && bit == 7;
    if (!strcmp(name, "PAGE_DATA"))
        return in >= 16;
    if (!strcmp(name, "X86_PV_P2M_FRAMES"))
        return in < 16 || in >= 16;
    if (!strncmp(name, "X86_PV_VCPU", 11))
        return in < 10 || in >= 16;
    if (!strcmp(name, "X86_TSC_INFO"))
        return in < 28;
    if (!strcmp(name, "HVM_CONTEXT"))
        return in < 15;
    if (!strcmp(name, "HVM_PARAMS"))
        return in >= 12;
    if (!strncmp(name, "EMULATOR", 8))
        return in < (strcmp(name, "EMULATOR_CONTEXT") ? 20 : 21);
    return strcmp(name, "X86_PV_INFO") != 0;
}

START_TEST(bits_turned_over)
{
    unsigned int noticed = 0, step = test_every(5), first = 0;
    struct made m;

    for (size_t k = 0; k < 3; k++) {
        stream_make(&m, kinds[k]);
        for (size_t at = 0; at < m.out.used; at++) {
            for (unsigned int bit = first; bit < 8; bit += step) {
                int rc;

                m.out.data[at] ^= (uint8_t)(1U << bit);
                rc = read_all(m.out.data, m.out.used, 0, NULL);
                m.out.data[at] ^= (uint8_t)(1U << bit);
                noticed += rc != 0;
                if (!is_free(&m, at, bit))
                    ck_assert_msg(rc, "%s: bit %u of byte %zu", part_of(&m, at), bit, at);
            }
            first = (first + 3) % step;
            /* Pages are large, and can be anything. */
            if (at % 512 == 511 && at + 512 < m.out.used && !strcmp(part_of(&m, at), "PAGE_DATA") &&
                index_of(&m, at + 512) == index_of(&m, at))
                at += 500;
        }
        xlight__out_free(&m.out);
    }
    ck_assert_uint_gt(noticed, 2000 / step);
}
END_TEST

/* Two records that change places; what may come in any order is listed. */
static bool may_swap(const char *a, const char *b)
{
    static const char *const groups[][8] = {
        {"X86_PV_INFO", "X86_CPUID_POLICY", "X86_MSR_POLICY"},
        {"PAGE_DATA"},
        {"X86_TSC_INFO", "SHARED_INFO", "X86_PV_VCPU_BASIC", "X86_PV_VCPU_EXTENDED",
         "X86_PV_VCPU_XSAVE", "X86_PV_VCPU_MSRS", "HVM_CONTEXT", "HVM_PARAMS"},
        {"EMULATOR_XENSTORE_DATA", "EMULATOR_CONTEXT"},
    };

    for (size_t g = 0; g < 4; g++) {
        int found = 0;

        for (int i = 0; i < 8 && groups[g][i]; i++)
            found += !strcmp(groups[g][i], a) + !strcmp(groups[g][i], b);
        if (found == 2)
            return true;
    }
    return false;
}

static int read_swapped(const struct made *m, unsigned int a, unsigned int b)
{
    struct xlight__out o = {0};
    int rc;

    for (unsigned int i = 0; i < m->nr; i++) {
        unsigned int from = i == a ? b : i == b ? a : i;

        xlight__out_bytes(&o, m->out.data + m->parts[from].at, m->parts[from].size);
    }
    rc = read_all(o.data, o.used, 0, NULL);
    xlight__out_free(&o);
    return rc;
}

START_TEST(in_another_order)
{
    struct made m;

    for (size_t k = 0; k < 3; k++) {
        stream_make(&m, kinds[k]);
        for (unsigned int a = 0; a < m.nr; a++)
            for (unsigned int b = a + 1; b < m.nr; b++) {
                const char *na = m.parts[a].name, *nb = m.parts[b].name;
                int rc = read_swapped(&m, a, b);

                /* One END is like the other. */
                if (!strcmp(na, nb) || may_swap(na, nb))
                    ck_assert_msg(!rc, "%s and %s: %s", na, nb, text);
                else
                    ck_assert_msg(rc, "%zu: %s and %s", k, na, nb);
                if (rc < 0 && a > 3)
                    ck_assert_msg(strstr(text, "is broken"), "%s and %s: %s", na, nb, text);
            }
        xlight__out_free(&m.out);
    }
}
END_TEST

/* Without one of its records, or with one twice. */
START_TEST(one_record_less)
{
    static const char *const needed[] = {"X86_PV_INFO",       "STATIC_DATA_END",
                                         "X86_PV_P2M_FRAMES", "X86_PV_VCPU_BASIC",
                                         "SHARED_INFO",       "END"};
    struct made m;

    stream_make(&m, 0);
    for (unsigned int a = 4; a < m.nr; a++) {
        struct xlight__out o = {0};
        bool must = false;
        int rc;

        for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
            must |= !strcmp(m.parts[a].name, needed[i]);
        for (unsigned int i = 0; i < m.nr; i++)
            if (i != a)
                xlight__out_bytes(&o, m.out.data + m.parts[i].at, m.parts[i].size);
        rc = read_all(o.data, o.used, 0, NULL);
        ck_assert_msg(must == (rc != 0), "without %s: %s", m.parts[a].name, text);
        xlight__out_free(&o);
    }
    xlight__out_free(&m.out);
}
END_TEST

/* An entry in the middle of a stream is replaced; what the message must say. */
static void refuse(unsigned int flags, const char *name, size_t at, const void *bytes, size_t size,
                   const char *say)
{
    unsigned int i = 0;
    struct made m;

    stream_make(&m, flags);
    while (strcmp(m.parts[i].name, name))
        i++;
    memcpy(m.out.data + m.parts[i].at + at, bytes, size);
    ck_assert_int_lt(read_all(m.out.data, m.out.used, 0, NULL), 0);
    ck_assert_msg(strstr(text, say), "\"%s\" is not in \"%s\"", say, text);
    xlight__out_free(&m.out);
}

START_TEST(messages)
{
    static const uint64_t beyond = 5, odd = 1ULL << 55, type7 = 7ULL << 60, none = 0;
    static const uint32_t many = 0x7ffffff, huge = 0x8000001, checkpoint = 0xe, new = 77;

    refuse(0, "container", 0, "x", 1,
           "the file's header at byte 0 cannot be used: this is no saved");
    refuse(0, "container", 36, "\x13", 1, "parts that nobody knows: flags 0x13");
    refuse(0, "container", 36, "\1", 1, "before 4.6");
    refuse(0, "container", 48, "\x7f", 1, "the configuration shall have 127 bytes");
    refuse(0, "container", 60, "", 1, "the configuration is no text");
    refuse(0, "light header", 11, "\3", 1, "it has version 3, not 2");
    refuse(0, "light header", 15, "\1", 1, "options that we do not know: 0x1");
    refuse(0, "guest headers", 15, "\4", 1, "it has version 4, not 2 or 3");
    refuse(0, "guest headers", 24, "\3", 1, "a kind that we do not know: 3");
    refuse(0, "guest headers", 28, "\15", 1, "pages are not of 4 KiB");
    refuse(0, "X86_PV_INFO", 8, "\4\3", 2, "X86_PV_INFO (type 0x2) of the guest, at byte");
    refuse(0, "X86_PV_INFO", 8, "\4\3", 2, "is broken: it is a 32-bit guest");
    refuse(0, "PAGE_DATA", 4, &huge, 4, "PAGE_DATA (type 0x1) of the guest");
    refuse(0, "PAGE_DATA", 4, &huge, 4, "it shall have 134217729 bytes");
    refuse(0, "PAGE_DATA", 8, &many, 4, "it has no room for 134217727 entries");
    refuse(0, "PAGE_DATA", 8, &none, 4, "its head makes no sense");
    refuse(0, "PAGE_DATA", 16, &beyond, 8, "entry 0 is page 0x5, and 0x4 is the last one");
    refuse(0, "PAGE_DATA", 24, &odd, 8, "entry 1 is 0x80000000000000");
    refuse(0, "PAGE_DATA", 24, &type7, 8, "there is no type 7 of pages, as in entry 1");
    refuse(0, "PAGE_DATA", 32, &none, 8, "it has 12336 bytes, not 16432");
    refuse(0, "X86_PV_P2M_FRAMES", 16, &beyond, 8, "entry 0 is page 0x5");
    refuse(0, "X86_TSC_INFO", 0, &checkpoint, 4, "saved again and again");
    refuse(0, "X86_TSC_INFO", 0, &new, 4, "unknown (type 0x4d) of the guest");
    refuse(0, "X86_PV_VCPU_MSRS", 4, "\x20", 1, "it has 32 bytes, not 8 and a multiple of 16");
    refuse(MAKE_HVM, "HVM_CONTEXT", 15, "x", 1, "there is something in its padding");
    refuse(MAKE_HVM, "EMULATOR_XENSTORE_DATA", 17, "x", 1, "no list of names and values");
    refuse(MAKE_HVM, "HVM_CONTEXT", 0, "\7", 1, "does not belong to this kind of guest");
}
END_TEST

/* A record that one need not know is one that is not there. */
START_TEST(optional_records)
{
    static const uint64_t unknown[] = {0x500000000 + 0x80000077, 0};
    struct made m;

    stream_make(&m, 0);
    for (unsigned int a = 4; a < m.nr; a++) {
        struct xlight__out o = {0};

        xlight__out_bytes(&o, m.out.data, m.parts[a].at);
        xlight__out_bytes(&o, unknown, sizeof(unknown));
        xlight__out_bytes(&o, m.out.data + m.parts[a].at, m.out.used - m.parts[a].at);
        ck_assert_msg(!read_all(o.data, o.used, 0, NULL), "before %s: %s", m.parts[a].name, text);
        xlight__out_free(&o);
    }
    xlight__out_free(&m.out);
}
END_TEST

/* A length that nothing follows costs no memory. */
START_TEST(promises_cost_nothing)
{
    static const uint32_t large = 0x7ffffff;
    struct source s = {0};
    struct xlight__why why = {0};
    struct xlight__item i;
    struct xlight__in in;
    struct made m;
    int rc;

    stream_make(&m, 0);
    memcpy(m.out.data + m.parts[4].at + 4, &large, 4);
    s.data = m.out.data;
    s.left = m.out.used;
    xlight__in_init(&in, take, &s);
    do
        rc = xlight__in_next(&in, &i, &why);
    while (!rc);
    ck_assert_int_eq(rc, -ENODATA);
    ck_assert_uint_lt(in.room, 4 * m.out.used + 65537);
    xlight__in_free(&in);
    xlight__out_free(&m.out);
}
END_TEST

static int check_fd(const void *data, size_t size, struct xlight_stream_info *info)
{
    FILE *f = tmpfile();
    int rc;

    ck_assert_uint_eq(fwrite(data, 1, size, f), size);
    rewind(f);
    rc = xlight_stream_check(fileno(f), info, text, sizeof(text));
    fclose(f);
    return rc;
}

START_TEST(check_of_a_file)
{
    struct xlight_stream_info info = {.size = sizeof(info)};
    struct made m;

    stream_make(&m, 0);
    ck_assert_int_eq(check_fd(m.out.data, m.out.used, &info), 0);
    ck_assert_uint_eq(info.bytes, m.out.used);
    ck_assert_uint_eq(info.records, m.nr - 3);
    ck_assert_uint_eq(info.pages, 6);
    ck_assert_uint_eq(info.max_pfn, MAKE_PAGES - 1);
    ck_assert_uint_eq(info.vcpus, 1);
    ck_assert_uint_eq(info.version, 3);
    ck_assert_uint_eq(info.xen_major, 4);
    ck_assert_uint_eq(info.xen_minor, 17);
    ck_assert(!info.hvm);
    info.pages = 77;
    ck_assert_int_eq(check_fd(m.out.data, m.out.used - 1, &info), -ENODATA);
    ck_assert_ptr_nonnull(strstr(text, "of the host's side, at byte"));
    ck_assert_uint_eq(info.pages, 77);
    xlight__out_bytes(&m.out, "x", 1);
    ck_assert_int_eq(check_fd(m.out.data, m.out.used, &info), -EBADMSG);
    ck_assert_ptr_nonnull(strstr(text, "something follows its end"));
    xlight__out_free(&m.out);
    ck_assert_int_eq(xlight_stream_check(-1, &info, text, sizeof(text)), -EBADF);
    ck_assert_ptr_nonnull(strstr(text, "cannot read: Bad file descriptor"));
    info.size = 4;
    ck_assert_int_eq(xlight_stream_check(0, &info, text, sizeof(text)), -EINVAL);
}
END_TEST

/* The same in frames, of so many bytes each; the caller frees it. */
static struct xlight__out pack(const struct made *m, size_t each)
{
    struct ZSTD_CCtx_s *z = xlight__pack_new();
    struct xlight__out from = {0}, to = {0};

    for (size_t at = 0; at < m->out.used; at += each) {
        size_t left = m->out.used - at;

        xlight__out_bytes(&from, m->out.data + at, left < each ? left : each);
        xlight__pack(z, &from, &to);
        ck_assert_uint_eq(from.used, 0);
    }
    ck_assert(!to.failed);
    xlight__out_free(&from);
    xlight__pack_free(z);
    return to;
}

START_TEST(packed)
{
    static const size_t each[] = {1 << 20, 9000, 333, 7};
    struct xlight_stream_info info = {.size = sizeof(info)};
    struct made m;

    stream_make(&m, MAKE_VERIFY);
    for (size_t i = 0; i < sizeof(each) / sizeof(each[0]); i++) {
        struct xlight__out o = pack(&m, each[i]);
        unsigned int items[5] = {0};

        ck_assert_msg(!read_all(o.data, o.used, 0, items), "%s", text);
        ck_assert_uint_eq(items[XLIGHT__ITEM_RECORD] + items[XLIGHT__ITEM_LIGHT_RECORD] +
                              items[XLIGHT__ITEM_END],
                          m.nr - 3);
        for (size_t step = 1; step < 30; step += 3)
            ck_assert_msg(!read_all(o.data, o.used, step, NULL), "%s", text);
        ck_assert_int_eq(check_fd(o.data, o.used, &info), 0);
        ck_assert_uint_eq(info.bytes, m.out.used);
        ck_assert_uint_eq(info.packed_bytes, o.used);
        /* What is behind the last frame is somebody else's. */
        xlight__out_bytes(&o, "x", 1);
        ck_assert_int_eq(read_all(o.data, o.used, 0, NULL), 1);
        ck_assert_int_eq(check_fd(o.data, o.used, &info), -EBADMSG);
        xlight__out_free(&o);
    }
    /* ... but not in the same frame. */
    xlight__out_bytes(&m.out, "x", 1);
    for (size_t i = 0; i < 2; i++) {
        struct xlight__out o = pack(&m, i ? m.out.used : m.out.used - 1);

        ck_assert_int_eq(read_all(o.data, o.used, 0, NULL), i ? -EBADMSG : 1);
        if (i)
            ck_assert_msg(strstr(text, "something follows its end in the same frame"), "%s", text);
        xlight__out_free(&o);
    }
    xlight__out_free(&m.out);
}
END_TEST

START_TEST(packed_and_cut)
{
    struct made m;

    stream_make(&m, 0);
    for (size_t each = 500; each < 100000; each *= 100) {
        struct xlight__out o = pack(&m, each);

        for (size_t n = 0; n < o.used; n += n + 9 < o.used ? test_every(7) : 1)
            ck_assert_msg(read_all(o.data, n, 0, NULL) == -ENODATA, "%zu of %zu: %s", n, o.used,
                          text);
        xlight__out_free(&o);
    }
    xlight__out_free(&m.out);
}
END_TEST

/* What the frames unpack to is what was packed. */
static bool is_same(const struct xlight__out *o, const struct made *m)
{
    struct source s = {o->data, o->used, 0, false};
    struct xlight__unpack u = {.read = take, .arg = &s};
    uint8_t *all = malloc(m->out.used + 1);
    size_t had = 0;
    int64_t got;

    while ((got = xlight__unpack_read(&u, all + had, m->out.used + 1 - had, NULL)) > 0)
        had += (size_t)got;
    got = had == m->out.used && !memcmp(all, m->out.data, had);
    free(all);
    xlight__unpack_free(&u);
    return got;
}

/* Some bits are nobody's: they change nothing. All others are noticed. */
START_TEST(packed_and_turned_over)
{
    struct made m;

    stream_make(&m, 0);
    for (size_t each = 500; each < 100000; each *= 100) {
        struct xlight__out o = pack(&m, each);

        /* All bits of heads and of the end, and some of all others. */
        for (size_t at = 0; at < o.used * 8;
             at += at < 512 || at + 256 > o.used * 8 ? 1 : test_every(11)) {
            o.data[at / 8] ^= (uint8_t)(1U << at % 8);
            if (!read_all(o.data, o.used, 0, NULL))
                ck_assert_msg(is_same(&o, &m), "bit %zu", at);
            else if (at / 8 > 12 && at / 8 < o.used - 4 && each > m.out.used)
                ck_assert_msg(strstr(text, "frames of zstd are damaged") ||
                                  strstr(text, "is broken") || strstr(text, "it ends at") ||
                                  strstr(text, "cannot be used"),
                              "%s", text);
            o.data[at / 8] ^= (uint8_t)(1U << at % 8);
        }
        xlight__out_free(&o);
    }
    xlight__out_free(&m.out);
}
END_TEST

TEST_MAIN("light-stream", what_was_written, bytes_of_the_formats, cut_anywhere, bits_turned_over,
          in_another_order, one_record_less, messages, optional_records, promises_cost_nothing,
          check_of_a_file, packed, packed_and_cut, packed_and_turned_over)
