/* SPDX-License-Identifier: MIT */
/*
 * test-light-migrate-fails.c - migration with each call, each request to the store and many
 * allocations failing once (of these every nth: test_every), at either end: there are never two
 * guests that can run, one can unless the sender says that nobody knows, and what is left can be
 * tidied up.
 */
#include "light/failures.h"
#include "light/two-ends.h"
#include <stdio.h>
#include <xenolith/light-domain.h>

/* What the receiver would have said last was not said: only the sender cannot know. */
static void check_unknown(uint32_t copy, const char *when)
{
    ck_assert_msg(strstr(out_text, "it stays suspended here, as \"g--migratedaway\""), "%s: %s",
                  when, out_text);
    ck_assert_msg(!can_run(domid), "%s: it can run here", when);
    if (can_run(copy)) {
        guest_check_restored(copy, when);
        ck_assert_int_eq(destroy(copy), 0);
        ck_assert_int_eq(destroy(domid), 0);
        return;
    }
    ck_assert_int_eq(xlight_domain_resume(h, domid), 0);
    ck_assert_int_eq(xlight_domain_rename(h, domid, "g"), 0);
    guest_check_runs(domid, when);
    ck_assert_int_eq(destroy(domid), 0);
}

/* It went. What is left here, when that is what failed, can be destroyed. */
static void check_went(uint32_t copy, const char *when)
{
    int rc = -ESRCH;

    ck_assert_msg(!in_rc && can_run(copy), "%s: none can run: %s, %s", when, out_text, in_text);
    ck_assert_msg(!can_run(domid), "%s: both can run", when);
    guest_check_restored(copy, when);
    ck_assert_int_eq(destroy(copy), 0);
    if (out_rc)
        rc = destroy(domid);
    ck_assert(!rc || rc == -ESRCH);
}

static void check_outcome(const char *before, const char *when)
{
    uint32_t copy = xlight_op_domid(in);
    bool stayed = can_run(domid);

    close_line();
    if (stayed && out_rc != -EREMOTEIO) {
        ck_assert_msg(out_rc && in_rc, "%s: both think that they have it", when);
        check_stayed(before, when);
        return;
    }
    if (out_rc == -EREMOTEIO)
        check_unknown(copy, when);
    else
        check_went(copy, when);
    sim_check_snapshot(h, nothing, when);
    make_guest();
}

/* The nth one fails of those at one end; false: there are fewer. */
static bool migrate_with_failure(bool sender, const struct failure *f, unsigned int n)
{
    char *before = sim_snapshot(h), when[160];
    unsigned int left = n;

    open_line();
    send_start(NULL);
    receive_start(false);
    while (running()) {
        if (left && sender)
            f->arm(left);
        sender_turn();
        if (left && sender)
            left = f->disarm();
        guest_turn();
        if (left && !sender)
            f->arm(left);
        receiver_turn();
        if (left && !sender)
            left = f->disarm();
    }
    snprintf(when, sizeof(when), "%s %u of the %s fails: %d and %d", f->what, n,
             sender ? "sender" : "receiver", out_rc, in_rc);
    ck_assert_msg(!left || (!out_rc && !in_rc), "%s: %s, %s", when, out_text, in_text);
    ck_assert_msg(!out_rc || out_text[0], "%s: the sender does not say why", when);
    ck_assert_msg(!in_rc || in_text[0], "%s: the receiver does not say why", when);
    check_outcome(before, when);
    free(before);
    return !left;
}

static void each_failing(bool sender)
{
    begin();
    for (size_t i = 0; i < NR_FAILURES; i++) {
        unsigned int n = 1;

        while (migrate_with_failure(sender, &failures[i], n))
            n += failures_step(&failures[i]);
        ck_assert_uint_gt(n, 15);
    }
    ck_assert_int_eq(destroy(domid), 0);
    teardown();
}

START_TEST(sender_with_each_failing)
{
    each_failing(true);
}
END_TEST

START_TEST(receiver_with_each_failing)
{
    each_failing(false);
}
END_TEST

TEST_MAIN("light-migrate-fails", sender_with_each_failing, receiver_with_each_failing)
