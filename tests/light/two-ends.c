/* SPDX-License-Identifier: MIT */
/* two-ends.c - see two-ends.h. */
#include "light/two-ends.h"
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
#include <xenolith/ctrl-sim.h>

int ends[2];
xlight_op *out, *in;
uint32_t domid;
int out_rc, in_rc;
char out_text[1024], in_text[1024];

void make_guest(void)
{
    domid = create("maxmem = 16", false);
    guest_boot(domid);
}

void begin_with(unsigned int mib)
{
    guest_mib = mib;
    setup("");
    make_guest();
}

void begin(void)
{
    begin_with(LESS_MIB);
}

void open_line(void)
{
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    out = in = NULL;
    out_rc = in_rc = -EINPROGRESS;
}

void close_end(int i)
{
    if (ends[i] >= 0)
        close(ends[i]);
    ends[i] = -1;
}

void send_start(const struct xlight_migrate_options *o)
{
    ck_assert_int_eq(xlight_domain_migrate_start(h, domid, ends[0], ends[0], o, &out), 0);
}

void receive_start(bool paused)
{
    struct xlight_create_options o = XLIGHT_CREATE_OPTIONS_INIT;

    o.paused = paused;
    ck_assert_int_eq(xlight_domain_receive_start(h, ends[1], ends[1], &o, &in), 0);
}

/* Whoever has ended closes its end, as a program that ends does. */
static void turn_of(xlight_op *op, int *rc, int end, char text_of[1024])
{
    if (!op || *rc != -EINPROGRESS)
        return;
    *rc = xlight_op_process(op);
    if (*rc == -EINPROGRESS)
        return;
    snprintf(text_of, 1024, "%s", *rc ? text() : "");
    close_end(end);
}

void sender_turn(void)
{
    turn_of(out, &out_rc, 0, out_text);
}

void guest_turn(void)
{
    if (out && out_rc == -EINPROGRESS)
        guest_answer(domid);
}

void receiver_turn(void)
{
    turn_of(in, &in_rc, 1, in_text);
}

void turn(void)
{
    sender_turn();
    guest_turn();
    receiver_turn();
}

bool running(void)
{
    return (out && out_rc == -EINPROGRESS) || (in && in_rc == -EINPROGRESS);
}

void drive(void)
{
    for (int i = 0; running(); i++) {
        ck_assert_int_lt(i, 1000000);
        turn();
    }
}

void close_line(void)
{
    xlight_op_free(out);
    xlight_op_free(in);
    close_end(0);
    close_end(1);
}

bool info_of(uint32_t id, struct xen_domctl_getdomaininfo *info)
{
    return id != XLIGHT_NO_DOMAIN && !xctl_domain_info(h->ctrl, (domid_t)id, info) &&
           !(info->flags & XEN_DOMINF_dying);
}

bool can_run(uint32_t id)
{
    struct xen_domctl_getdomaininfo info;

    return info_of(id, &info) && !(info.flags & (XEN_DOMINF_shutdown | XEN_DOMINF_paused));
}

void check_stayed(const char *before, const char *when)
{
    guest_check_runs(domid, when);
    ck_assert_str_eq(value("/local/domain/%u/name", domid), "g");
    sim_check_snapshot(h, before, when);
}
