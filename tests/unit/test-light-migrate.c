/* SPDX-License-Identifier: MIT */
/*
 * test-light-migrate.c - guests on a simulated host are sent over a socket, and received on the
 * other side of it: one domain becomes another, as on two hosts. Whoever fails, and whenever,
 * exactly one of them can run.
 */
#include "light/two-ends.h"
#include "wire/wire.h"
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
#include <xenolith/ctrl-sim.h>
#include <xenolith/light-domain.h>
#include <xenolith/light-move.h>

static const char ready[] = "xl migration receiver ready, send binary domain data.\n";
static const char received[] = "domain received, ready to unpause";
static const char start[] = "domain is yours, you are cleared to unpause";
static const char report[] = "my copy unpause results are as follows";

static bool waits(xlight_op *op, const char *step)
{
    struct xlight_progress p;

    xlight_op_progress(op, &p);
    return !strcmp(p.step, step) && !p.undoing;
}

static void migrate(const struct xlight_migrate_options *o, bool paused)
{
    struct xlight_transfer t;

    open_line();
    send_start(o);
    receive_start(paused);
    drive();
    ck_assert_msg(!out_rc && !in_rc, "%s, %s", out_text, in_text);
    xlight_op_transfer(out, &t);
    ck_assert_uint_ge(t.round, 2);
    ck_assert_uint_ge(t.pages, guest_mib * 256);
    ck_assert_uint_gt(t.bytes, t.pages * 4096);
    ck_assert_uint_gt(t.downtime_ns, 0);
    ck_assert_uint_gt(t.time_ns, 0);
    xlight_op_transfer(in, &t);
    ck_assert_uint_ge(t.pages, guest_mib * 256);
    domid = xlight_op_domid(in);
    close_line();
}

static uint64_t value_number(const char *format)
{
    return strtoull(value(format, domid), NULL, 10);
}

START_TEST(there)
{
    struct xlight_migrate_options o = XLIGHT_MIGRATE_OPTIONS_INIT;
    struct xen_domctl_getdomaininfo info;
    char vm[128];
    uint32_t old;

    begin();
    for (int i = 0; i < 4; i++) {
        old = domid;
        snprintf(vm, sizeof(vm), "%s", value("/local/domain/%u/vm", domid));
        o.verify = i & 1;
        migrate(i ? &o : NULL, i & 2);
        ck_assert_uint_ne(domid, old);
        ck_assert(!info_of(old, &info));
        ck_assert(info_of(domid, &info));
        ck_assert_int_eq(!!(info.flags & XEN_DOMINF_paused), !!(i & 2));
        ck_assert_str_eq(value("/local/domain/%u/name", domid), "g");
        ck_assert_str_eq(value("/local/domain/%u/vm", domid), vm);
        strcat(vm, "/name");
        ck_assert_str_eq(value(vm, 0), "g");
        ck_assert_uint_eq(value_number("/local/domain/%u/memory/target"), guest_mib * 1024);
        guest_check_restored(domid, "migrated");
        if (i & 2)
            ck_assert_int_eq(xlight_domain_unpause(h, domid), 0);
        guest_boot(domid);
    }
    ck_assert_int_eq(destroy(domid), 0);
    sim_check_snapshot(h, nothing, "destroyed");
    teardown();
}
END_TEST

static int listener;

/* As open_line(), send_start(), receive_start(), over a socket of the library's. */
static void start_tcp(const struct xlight_migrate_options *o)
{
    char address[64];
    int port;

    out = in = NULL;
    out_rc = in_rc = -EINPROGRESS;
    ends[0] = ends[1] = -1;
    ck_assert_int_eq(xlight_listen(h, "tcp://127.0.0.1:0", &listener, &port), 0);
    snprintf(address, sizeof(address), "tcp://127.0.0.1:%d", port);
    ck_assert_int_eq(xlight_domain_migrate_to_start(h, domid, address, NULL, o, &out), 0);
    ck_assert_int_eq(xlight_domain_receive_from_start(h, listener, NULL, NULL, &in), 0);
}

/* An end that is over frees its operation, and with it the connection. */
static void drive_tcp(int turns)
{
    for (int i = 0; i < turns && running(); i++) {
        turn();
        if (out && out_rc != -EINPROGRESS && in_rc == -EINPROGRESS) {
            xlight_op_free(out);
            out = NULL;
        }
        if (in && in_rc != -EINPROGRESS && in_rc && out_rc == -EINPROGRESS) {
            xlight_op_free(in);
            in = NULL;
        }
    }
}

START_TEST(over_tcp)
{
    struct xlight_migrate_options o = XLIGHT_MIGRATE_OPTIONS_INIT;
    uint32_t copy;

    begin();
    for (int i = 0; i < 2; i++) {
        o.compress = i;
        start_tcp(&o);
        while (running()) {
            turn();
            if (in && in_rc != -EINPROGRESS)
                break;
        }
        copy = xlight_op_domid(in);
        drive_tcp(1000000);
        ck_assert_msg(!out_rc && !in_rc, "%s, %s", out_text, in_text);
        close_line();
        close(listener);
        domid = copy;
        guest_check_restored(domid, "over TCP");
        guest_boot(domid);
    }
    ck_assert_int_eq(destroy(domid), 0);
    sim_check_snapshot(h, nothing, "destroyed");
    teardown();
}
END_TEST

/* Called off at either end in the middle, nothing is left, not even a descriptor. */
START_TEST(called_off_over_tcp)
{
    char *before;

    begin();
    before = sim_snapshot(h);
    for (int n = 0; n < 16; n++) {
        start_tcp(NULL);
        drive_tcp(n / 2);
        if (running())
            xlight_op_cancel(n & 1 ? out : in);
        drive_tcp(300);
        /* One that nobody has connected to, or that waits for a greeting, would wait for ever. */
        if (out)
            xlight_op_cancel(out);
        if (in)
            xlight_op_cancel(in);
        drive_tcp(300);
        ck_assert_msg(!running(), "%d: it does not end", n);
        ck_assert_msg(out_rc && in_rc, "%d: it went", n);
        close_line();
        close(listener);
        check_stayed(before, "called off over TCP");
    }
    free(before);
    ck_assert_int_eq(destroy(domid), 0);
    teardown();
}
END_TEST

/* Who connects and says nothing, or no more, keeps others waiting for a moment only. */
START_TEST(silent_strangers)
{
    static const char *const words[] = {"", "z", "LibxlF"};
    char text[256];
    int port, fd;

    begin();
    wire_silence_ms = 1000;
    ck_assert_int_eq(xlight_listen(h, "tcp://127.0.0.1:0", &listener, &port), 0);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        struct sockaddr_in to = {.sin_family = AF_INET,
                                 .sin_port = htons((uint16_t)port),
                                 .sin_addr = {htonl(INADDR_LOOPBACK)}};

        out = in = NULL;
        ck_assert_int_eq(xlight_domain_receive_from_start(h, listener, NULL, NULL, &in), 0);
        fd = socket(AF_INET, SOCK_STREAM, 0);
        ck_assert_int_eq(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
        ck_assert_int_eq(send(fd, words[i], strlen(words[i]), 0), (ssize_t)strlen(words[i]));
        ck_assert_int_eq(xlight_op_wait(in), -ETIMEDOUT);
        xlight_error_format(h, text, sizeof(text));
        ck_assert_msg(strstr(text, "said nothing for 1 s"), "\"%s\": %s", words[i], text);
        xlight_op_free(in);
        close(fd);
    }
    in = NULL;
    close(listener);
    ck_assert_int_eq(destroy(domid), 0);
    teardown();
}
END_TEST

START_TEST(addresses)
{
    static const struct {
        const char *text, *host, *port;
        bool tls;
    } good[] = {
        {"tcp://a", "a", WIRE_PORT, false},
        {"tls://a.b:0", "a.b", "0", true},
        {"tcp://[::1]:65535", "::1", "65535", false},
        {"tls://[fe80::1%eth0]", "fe80::1%eth0", WIRE_PORT, true},
        {"tcp://:7", "", "7", false},
    };
    static const char *const bad[] = {"",           "a:1",           "tcp:/a",     "TCP://a",
                                      "tcp://a:",   "tcp://a:x",     "tcp://a/",   "tcp://[a",
                                      "tcp://[a]1", "tcp://a:65536", "tcp://a:-1", "tcp://a:1:2"};
    struct wire_address a;

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        ck_assert_int_eq(wire_parse(good[i].text, &a, NULL), 0);
        ck_assert_str_eq(a.host, good[i].host);
        ck_assert_str_eq(a.port, good[i].port);
        ck_assert(a.tls == good[i].tls);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct xlight__why why = {0};

        ck_assert_msg(wire_parse(bad[i], &a, &why) == -EINVAL && why.nr, "%s", bad[i]);
    }
}
END_TEST

/* Most of its memory is nothing. */
START_TEST(compressed)
{
    struct xlight_migrate_options o = XLIGHT_MIGRATE_OPTIONS_INIT;
    struct xlight_transfer sent, had;

    begin();
    o.compress = true;
    for (int i = 0; i < 2; i++) {
        o.verify = i;
        open_line();
        send_start(&o);
        receive_start(false);
        drive();
        ck_assert_msg(!out_rc && !in_rc, "%s, %s", out_text, in_text);
        xlight_op_transfer(out, &sent);
        xlight_op_transfer(in, &had);
        ck_assert_uint_ge(sent.pages, guest_mib * 256);
        ck_assert_uint_lt(sent.bytes, guest_mib << 17);
        ck_assert_uint_eq(sent.bytes, had.bytes);
        domid = xlight_op_domid(in);
        close_line();
        guest_check_restored(domid, "compressed");
        guest_boot(domid);
    }
    ck_assert_int_eq(destroy(domid), 0);
    teardown();
}
END_TEST

/* What was sent once more is not what was sent first. */
START_TEST(not_the_same_again)
{
    const uint64_t va = 0xffffffff80100000ULL + 3 * 4096;
    struct xlight_migrate_options o = XLIGHT_MIGRATE_OPTIONS_INIT;
    xen_pfn_t mfn;
    char *before;
    uint64_t *p;

    begin();
    before = sim_snapshot(h);
    for (int i = 0; i < 2; i++) {
        bool done = false;

        o.verify = true;
        o.compress = i;
        open_line();
        send_start(&o);
        receive_start(false);
        while (running()) {
            turn();
            if (done || out_rc != -EINPROGRESS || !waits(out, "writing its memory again"))
                continue;
            for (unsigned int page = 0; page < 2; page++) {
                p = guest_map(domid, va + page * 4096ULL, true, &mfn);
                p[7] ^= 1;
                guest_unmap(p);
            }
            done = true;
        }
        ck_assert(done);
        ck_assert_int_eq(in_rc, -EBADMSG);
        ck_assert_msg(strstr(in_text, "2 pages were not the same when they came again, page 0x"),
                      "%s", in_text);
        ck_assert(out_rc == -ECONNRESET || out_rc == -EPIPE);
        close_line();
        for (unsigned int page = 0; page < 2; page++) {
            p = guest_map(domid, va + page * 4096ULL, true, &mfn);
            p[7] ^= 1;
            guest_unmap(p);
        }
        check_stayed(before, "not the same");
    }
    free(before);
    ck_assert_int_eq(destroy(domid), 0);
    teardown();
}
END_TEST

/* A page of the guest's list, mapped; where its entry is there. */
static uint64_t *map_entry(uint64_t pfn)
{
    struct start_info *si = guest_map(domid, guest_start_info(domid), false, NULL);
    uint64_t va = si->mfn_list + pfn * 8, *list;

    guest_unmap(si);
    list = guest_map(domid, va & ~4095ULL, true, NULL);
    return list + va % 4096 / 8;
}

static void unmap_entry(uint64_t *entry)
{
    guest_unmap((void *)((uintptr_t)entry & ~4095UL));
}

/* As a balloon does: what the guest gives back after it was sent, it does not have there either. */
START_TEST(given_back_meanwhile)
{
    struct xen_domctl_getdomaininfo info;
    const uint64_t pfn = 1900;
    uint64_t *entry, pages;
    bool done = false;
    xen_pfn_t mfn;

    begin_with(8);
    open_line();
    send_start(NULL);
    receive_start(false);
    while (running()) {
        turn();
        if (done || !waits(out, "suspending it"))
            continue;
        entry = map_entry(pfn);
        mfn = *entry;
        *entry = ~0ULL;
        unmap_entry(entry);
        ck_assert_int_eq(xctl_memory_decrease(h->ctrl, (domid_t)domid, 0, &mfn, 1), 1);
        done = true;
    }
    ck_assert(done);
    ck_assert_msg(!out_rc && !in_rc, "%s, %s", out_text, in_text);
    ck_assert(!info_of(domid, &info));
    domid = xlight_op_domid(in);
    close_line();
    ck_assert(info_of(domid, &info));
    pages = info.tot_pages;
    entry = map_entry(pfn);
    ck_assert_uint_eq(*entry, ~0ULL);
    unmap_entry(entry);
    ck_assert_uint_eq(pages, guest_mib * 256 - 1);
    ck_assert_int_eq(destroy(domid), 0);
    teardown();
}
END_TEST

/* While the guest runs, its 8 MiB take as long as they must. */
START_TEST(bandwidth)
{
    struct xlight_migrate_options o = XLIGHT_MIGRATE_OPTIONS_INIT;
    struct xlight_transfer t;

    begin_with(8);
    o.bandwidth = 16;
    open_line();
    send_start(&o);
    receive_start(false);
    drive();
    ck_assert_msg(!out_rc && !in_rc, "%s, %s", out_text, in_text);
    xlight_op_transfer(out, &t);
    ck_assert_uint_ge(t.bytes, guest_mib << 20);
    ck_assert_uint_ge(t.time_ns, 400000000);
    domid = xlight_op_domid(in);
    close_line();
    ck_assert_int_eq(destroy(domid), 0);
    teardown();
}
END_TEST

/* Exactly one of both can run; it is the only one from now on. */
static void check_one(const char *before, const char *when)
{
    uint32_t copy = xlight_op_domid(in);

    close_line();
    if (out_rc) {
        ck_assert_msg(in_rc != 0, "%s: both can run", when);
        ck_assert_msg(out_rc != -EREMOTEIO, "%s: %s", when, out_text);
        check_stayed(before, when);
        return;
    }
    ck_assert_msg(!in_rc, "%s: none can run: %s", when, in_text);
    ck_assert(can_run(copy));
    guest_check_restored(copy, when);
    ck_assert_int_eq(destroy(copy), 0);
    sim_check_snapshot(h, nothing, when);
    make_guest();
}

/* Either end is called off after n turns; false: it has come to its end before. */
static bool call_off(bool sender, unsigned int n)
{
    char *before = sim_snapshot(h), when[64];
    bool called;

    snprintf(when, sizeof(when), "%s called off after %u turns", sender ? "sender" : "receiver", n);
    open_line();
    send_start(NULL);
    receive_start(false);
    for (unsigned int i = 0; i < n && running(); i++)
        turn();
    called = running();
    if (called)
        xlight_op_cancel(sender ? out : in);
    drive();
    check_one(before, when);
    free(before);
    return called;
}

START_TEST(called_off_everywhere)
{
    begin();
    for (int sender = 0; sender < 2; sender++) {
        unsigned int n = 0;

        while (call_off(sender, n))
            n += test_every(7);
        ck_assert_uint_gt(n, 20);
    }
    ck_assert_int_eq(destroy(domid), 0);
    teardown();
}
END_TEST

/* At the end it matters which of both is faster. */
static void call_off_at(bool sender, const char *step, int expected)
{
    char *before = sim_snapshot(h);

    open_line();
    send_start(NULL);
    receive_start(false);
    while (running() && !waits(sender ? out : in, step))
        turn();
    ck_assert_msg(running(), "there is no step \"%s\"", step);
    xlight_op_cancel(sender ? out : in);
    drive();
    ck_assert_msg(out_rc == expected, "called off when %s: %s", step,
                  out_rc ? out_text : "it went");
    check_one(before, step);
    free(before);
}

START_TEST(called_off_at_the_end)
{
    begin();
    call_off_at(false, "telling the other end that it is here", -ECONNRESET);
    call_off_at(false, "giving it its name", -ECONNREFUSED);
    call_off_at(false, "starting it", -ECONNREFUSED);
    call_off_at(false, "telling the other end that it runs", 0);
    call_off_at(true, "waiting until the other end has it", -ECANCELED);
    call_off_at(true, "calling it another name", -ECANCELED);
    call_off_at(true, "telling the other end to start it", -ECANCELED);
    call_off_at(true, "waiting until it runs at the other end", 0);
    call_off_at(true, "destroying it here", 0);
    ck_assert_int_eq(destroy(domid), 0);
    teardown();
}
END_TEST

/* The test is the receiver. It says some things, and goes. */
static void speak(const void *text, size_t size)
{
    ck_assert_int_eq(write(ends[1], text, size), (ssize_t)size);
}

/* What the sender has sent goes nowhere; true: after the guest it was told to start it. */
static bool drink(char last[sizeof(start)], size_t *all)
{
    char buf[4096];
    ssize_t got;

    while ((got = recv(ends[1], buf, sizeof(buf), MSG_DONTWAIT)) > 0) {
        size_t n = (size_t)got < sizeof(start) ? (size_t)got : sizeof(start);

        memmove(last, last + n, sizeof(start) - n);
        memcpy(last + sizeof(start) - n, buf + got - n, n);
        *all += (size_t)got;
    }
    return !memcmp(last, start, sizeof(start));
}

/* says: what it says at each time that it is waited for, with its size; then it goes. */
struct line {
    const char *when, *text;
    size_t size;
};

static int talk_to_sender(const struct line *lines, unsigned int nr)
{
    char last[sizeof(start)] = "";
    unsigned int at = 0;
    size_t all = 0;

    open_line();
    send_start(NULL);
    while (out_rc == -EINPROGRESS) {
        turn();
        if (ends[1] < 0)
            continue;
        drink(last, &all);
        if (at < nr && out_rc == -EINPROGRESS && waits(out, lines[at].when)) {
            if (lines[at].text)
                speak(lines[at].text, lines[at].size);
            at++;
            if (!lines[at - 1].text || (at == nr && lines[at - 1].size < 20))
                close_end(1);
        }
    }
    ck_assert_uint_eq(at, nr);
    close_line();
    return out_rc;
}

#define GREETING "waiting for the other end"
#define HAS      "waiting until the other end has it"
#define RUNS     "waiting until it runs at the other end"
#define LINE(when, text)             \
    {                                \
        (when), (text), sizeof(text) \
    }
#define GREET                              \
    {                                      \
        GREETING, ready, sizeof(ready) - 1 \
    }
#define SAYS(...)                       \
    (const struct line[]){__VA_ARGS__}, \
        sizeof((const struct line[]){__VA_ARGS__}) / sizeof(struct line)

START_TEST(bad_receivers)
{
    static const char rest[] = "my copy unpause results are as follows\0\7"
                               "domain is yours, you are cleared to unpause";
    static const char garbage[] = "my copy unpause results are as follows\0\7"
                                  "domain is mine, is it not? Or else it is not.";
    char *before;

    begin();
    before = sim_snapshot(h);
    ck_assert_int_eq(talk_to_sender(SAYS({GREETING, NULL, 0})), -ECONNRESET);
    ck_assert_ptr_nonnull(strstr(out_text, "the other end has gone"));
    check_stayed(before, "gone at once");
    ck_assert_int_eq(talk_to_sender(SAYS(LINE(GREETING, "bash: xl: command not found\n"))),
                     -EPROTO);
    ck_assert_msg(strstr(out_text, "the other end says \"bash: xl: command not found\" in place of "
                                   "its greeting"),
                  "%s", out_text);
    check_stayed(before, "no greeting");
    ck_assert_int_eq(talk_to_sender(SAYS({GREETING, ready, 10})), -ECONNRESET);
    check_stayed(before, "half a greeting");
    ck_assert_int_eq(talk_to_sender(SAYS(GREET, {"writing its memory while it runs", NULL, 0})),
                     -EPIPE);
    ck_assert_ptr_nonnull(strstr(out_text, "nobody reads any more at the other end"));
    check_stayed(before, "gone while it ran");
    ck_assert_int_eq(talk_to_sender(SAYS(GREET, {"writing its memory", NULL, 0})), -EPIPE);
    check_stayed(before, "gone when it stood still");
    ck_assert_int_eq(talk_to_sender(SAYS(GREET, {HAS, NULL, 0})), -ECONNRESET);
    check_stayed(before, "gone when all was sent");
    ck_assert_int_eq(talk_to_sender(SAYS(GREET, {HAS, received, 12})), -ECONNRESET);
    check_stayed(before, "gone in the middle of a word");
    ck_assert_int_eq(talk_to_sender(SAYS(GREET, LINE(HAS, "domain is broken, somehow!"))), -EPROTO);
    check_stayed(before, "no confirmation");
    ck_assert_int_eq(talk_to_sender(SAYS(GREET, LINE(HAS, received), LINE(RUNS, rest))),
                     -ECONNREFUSED);
    ck_assert_msg(strstr(out_text, "the other end could not start it (status 7): it goes on here"),
                  "%s", out_text);
    check_stayed(before, "given back");
    /* It has permission, and nobody knows what it does: there must not be two. */
    for (int i = 0; i < 3; i++) {
        struct line lines[] = {GREET, LINE(HAS, received), {RUNS, NULL, 0}};

        if (i == 1)
            lines[2] = (struct line)LINE(RUNS, garbage);
        else if (i == 2)
            lines[2] = (struct line){RUNS, report, 10};
        ck_assert_int_eq(talk_to_sender(lines, 3), -EREMOTEIO);
        ck_assert_msg(strstr(out_text, "it stays suspended here, as \"g--migratedaway\""), "%s",
                      out_text);
        ck_assert(!can_run(domid));
        ck_assert_str_eq(value("/local/domain/%u/name", domid), "g--migratedaway");
        ck_assert_int_eq(xlight_domain_resume(h, domid), 0);
        ck_assert_int_eq(xlight_domain_rename(h, domid, "g"), 0);
        check_stayed(before, "resumed by hand");
    }
    free(before);
    ck_assert_int_eq(destroy(domid), 0);
    teardown();
}
END_TEST

/* One that knows nothing of compression, and one that says nonsense. */
START_TEST(no_compression_there)
{
    struct xlight_migrate_options o = XLIGHT_MIGRATE_OPTIONS_INIT;
    char *before, wish[64] = "";

    begin();
    before = sim_snapshot(h);
    o.compress = true;
    for (int i = 0; i < 2; i++) {
        open_line();
        send_start(&o);
        speak(ready, sizeof(ready) - 1);
        while (out_rc == -EINPROGRESS && !waits(out, "agreeing on compression"))
            turn();
        turn();
        /* As much as the header of a guest, which Xen's xl reads first. */
        ck_assert_int_eq(recv(ends[1], wish, sizeof(wish), MSG_DONTWAIT), 48);
        if (i)
            speak("what?", 6);
        else
            close_end(1);
        drive();
        ck_assert_int_eq(out_rc, i ? -EPROTO : -ECONNRESET);
        ck_assert_msg(strstr(out_text, "the other end seems not to know compression"), "%s",
                      out_text);
        close_line();
        check_stayed(before, "no compression");
    }
    free(before);
    ck_assert_int_eq(destroy(domid), 0);
    teardown();
}
END_TEST

static struct wire last_wire;

static int linger(xlight_op *op, void *state)
{
    (void)state;
    return wire_linger(op, &last_wire);
}

/* What was said last arrives, although not all was read that came; who said it waits for that. */
START_TEST(last_words)
{
    static const struct xlight__step steps[] = {{"lingering", linger, NULL}};
    static const struct xlight__part part = XLIGHT__PART(steps, NULL);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(a);
    xlight_op *op;
    int end_there, port;
    char got[8];

    setup("");
    ck_assert_int_eq(xlight_listen(h, "tcp://127.0.0.1:0", &listener, &port), 0);
    ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&a, &size), 0);
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    end_there = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(connect(end_there, (struct sockaddr *)&a, sizeof(a)), 0);
    last_wire = (struct wire){.h = h, .fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)};
    ck_assert_int_ge(last_wire.fd, 0);
    ck_assert_int_eq(write(end_there, "unread", 6), 6);
    ck_assert_int_eq(write(last_wire.fd, "last", 4), 4);
    ck_assert_int_eq(xlight__op_start(h, XLIGHT_NO_DOMAIN, &part, NULL, &op, "cannot linger"), 0);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(xlight_op_process(op), -EINPROGRESS);
        ck_assert_int_eq(write(end_there, "more", 4), 4);
    }
    ck_assert_int_eq(read(end_there, got, sizeof(got)), 4);
    ck_assert(!memcmp(got, "last", 4));
    ck_assert_int_eq(read(end_there, got, sizeof(got)), 0);
    close(end_there);
    while (xlight_op_process(op) == -EINPROGRESS)
        usleep(1000);
    ck_assert_int_eq(xlight_op_result(op), 0);
    xlight_op_free(op);
    close(last_wire.fd);
    close(listener);
    teardown();
}
END_TEST

TEST_MAIN("light-migrate", there, addresses, over_tcp, called_off_over_tcp, silent_strangers,
          compressed, not_the_same_again, given_back_meanwhile, no_compression_there, bandwidth,
          called_off_everywhere, called_off_at_the_end, bad_receivers, last_words)
