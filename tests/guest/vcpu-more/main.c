/* SPDX-License-Identifier: MIT */
/*
 * vcpu_op beyond starting a vCPU: all timers on two vCPUs, runstate and time areas in good and bad
 * places, NMIs, the callbacks and their misuse.
 */
#include "guest.h"

#define MS 1000000UL

static long vcpu(unsigned int cmd, unsigned int id, const void *arg)
{
    return hypercall(vcpu_op, cmd, id, arg);
}

static uint32_t timer_port;

static bool timer_comes(uint64_t ms)
{
    uint64_t end = system_time() + ms * MS;

    while (!event_pending(timer_port) && system_time() < end)
        hypercall(sched_op, SCHEDOP_yield, 0);
    return event_pending(timer_port);
}

static void check_singleshot(void)
{
    struct vcpu_set_singleshot_timer s = {.timeout_abs_ns = system_time() + 10 * MS};

    CHECK_EQ(vcpu(VCPUOP_set_singleshot_timer, 0, &s), 0);
    CHECK(!event_pending(timer_port));
    CHECK(timer_comes(1000));
    CHECK(system_time() >= s.timeout_abs_ns);
    event_clear(timer_port);
    /* In the past: at once. */
    s = (struct vcpu_set_singleshot_timer){.timeout_abs_ns = 1};
    CHECK_EQ(vcpu(VCPUOP_set_singleshot_timer, 0, &s), 0);
    CHECK(timer_comes(1000));
    event_clear(timer_port);
    s.flags = VCPU_SSHOTTMR_future; /* without effect in 4.17 */
    CHECK_EQ(vcpu(VCPUOP_set_singleshot_timer, 0, &s), 0);
    CHECK(timer_comes(1000));
    event_clear(timer_port);
    s = (struct vcpu_set_singleshot_timer){.timeout_abs_ns = system_time() + 20 * MS};
    CHECK_EQ(vcpu(VCPUOP_set_singleshot_timer, 0, &s), 0);
    CHECK_EQ(vcpu(VCPUOP_stop_singleshot_timer, 0, NULL), 0);
    CHECK(!timer_comes(30));
    CHECK_EQ(vcpu(VCPUOP_stop_singleshot_timer, 0, NULL), 0);
    s.timeout_abs_ns = ~0UL;
    CHECK_EQ(vcpu(VCPUOP_set_singleshot_timer, 0, &s), 0);
    CHECK_EQ(vcpu(VCPUOP_stop_singleshot_timer, 0, NULL), 0);
    event_clear(timer_port);
    CHECK_EQ(vcpu(VCPUOP_set_singleshot_timer, 1, &s), -XEN_EINVAL);
    CHECK_EQ(vcpu(VCPUOP_stop_singleshot_timer, 1, NULL), -XEN_EINVAL);
    CHECK_EQ(vcpu(VCPUOP_set_singleshot_timer, 0, (void *)UNMAPPED), -XEN_EFAULT);
}

static void check_periodic(void)
{
    struct vcpu_set_periodic_timer p = {.period_ns = 5 * MS};
    unsigned int n = 0;

    CHECK_EQ(vcpu(VCPUOP_set_periodic_timer, 0, &p), 0);
    for (; n < 3 && timer_comes(1000); n++)
        event_clear(timer_port);
    CHECK_EQ(n, 3);
    CHECK_EQ(vcpu(VCPUOP_stop_periodic_timer, 0, NULL), 0);
    event_clear(timer_port);
    CHECK(!timer_comes(20));
    CHECK_EQ(vcpu(VCPUOP_stop_periodic_timer, 0, NULL), 0);
    p.period_ns = MS - 1;
    CHECK_EQ(vcpu(VCPUOP_set_periodic_timer, 0, &p), -XEN_EINVAL);
    p.period_ns = 0;
    CHECK_EQ(vcpu(VCPUOP_set_periodic_timer, 0, &p), -XEN_EINVAL);
    p.period_ns = 7200 * 1000 * MS;
    CHECK_EQ(vcpu(VCPUOP_set_periodic_timer, 0, &p), 0);
    p.period_ns = 1UL << 63;
    CHECK_EQ(vcpu(VCPUOP_set_periodic_timer, 0, &p), -XEN_EINVAL);
    p.period_ns = ~0UL;
    CHECK_EQ(vcpu(VCPUOP_set_periodic_timer, 0, &p), -XEN_EINVAL);
    CHECK_EQ(vcpu(VCPUOP_stop_periodic_timer, 0, NULL), 0);
    CHECK_EQ(vcpu(VCPUOP_set_periodic_timer, 0, (void *)UNMAPPED), -XEN_EFAULT);
    /* For another vCPU, which is down. */
    p.period_ns = 100 * MS;
    CHECK_EQ(vcpu(VCPUOP_set_periodic_timer, 1, &p), 0);
    CHECK_EQ(vcpu(VCPUOP_stop_periodic_timer, 1, NULL), 0);
}

static void check_timer_op(void)
{
    uint64_t now = system_time();

    CHECK_EQ(hypercall(set_timer_op, now + 5 * MS), 0);
    CHECK(timer_comes(1000));
    event_clear(timer_port);
    CHECK_EQ(hypercall(set_timer_op, 1), 0);
    CHECK(timer_comes(1000));
    event_clear(timer_port);
    /* Far too late for a wish: it comes soon. */
    CHECK_EQ(hypercall(set_timer_op, 1UL << 62), 0);
    CHECK(timer_comes(1000));
    event_clear(timer_port);
    CHECK_EQ(hypercall(set_timer_op, system_time() + 10 * MS), 0);
    CHECK_EQ(hypercall(set_timer_op, 0), 0);
    CHECK(!timer_comes(20));
}

/* --- areas --- */

static long register_runstate(unsigned int id, uint64_t va)
{
    struct vcpu_register_runstate_memory_area r = {.addr = {.p = va}};

    return vcpu(VCPUOP_register_runstate_memory_area, id, &r);
}

static long register_time(unsigned int id, uint64_t va)
{
    struct vcpu_register_time_memory_area r = {.addr = {.p = va}};

    return vcpu(VCPUOP_register_vcpu_time_memory_area, id, &r);
}

static void sleep_a_little(void)
{
    struct sched_poll p = {.timeout = system_time() + 3 * MS};

    hypercall(sched_op, SCHEDOP_poll, &p);
}

static void check_runstate_area(char *page)
{
    volatile struct vcpu_runstate_info *area = (void *)(page + 64);
    uint64_t blocked;

    CHECK_EQ(register_runstate(0, (uintptr_t)area), 0);
    CHECK_EQ(area->state, RUNSTATE_running);
    blocked = area->time[RUNSTATE_blocked];
    sleep_a_little();
    CHECK(area->time[RUNSTATE_blocked] >= blocked + MS);
    CHECK_EQ(area->state_entry_time >> 63, 0);
    /* The flag that an update is under way: gone when it is over. */
    CHECK_EQ(hypercall(vm_assist, VMASST_CMD_enable, VMASST_TYPE_runstate_update_flag), 0);
    sleep_a_little();
    CHECK_EQ(area->state_entry_time >> 63, 0);
    CHECK_EQ(area->state, RUNSTATE_running);
    CHECK_EQ(hypercall(vm_assist, VMASST_CMD_disable, VMASST_TYPE_runstate_update_flag), 0);
    CHECK_EQ(register_runstate(1, (uintptr_t)page + 512), 0);
    CHECK_EQ(((struct vcpu_runstate_info *)(page + 512))->state, RUNSTATE_offline);
}

/* Places that cannot be written to, now or later: the guest misses its figures, no more. */
static void check_bad_areas(char *page)
{
    CHECK_EQ(register_runstate(0, HYPERVISOR_VIRT_START), -XEN_EFAULT);
    CHECK_EQ(register_runstate(0, HYPERVISOR_VIRT_START - 8), -XEN_EFAULT);
    CHECK_EQ(register_runstate(0, HYPERVISOR_VIRT_END - 8), -XEN_EFAULT);
    CHECK_EQ(register_runstate(0, UNMAPPED), 0);
    sleep_a_little();
    CHECK_EQ(register_runstate(1, UNMAPPED), 0);
    CHECK_EQ(register_runstate(0, 0), 0);
    sleep_a_little();
    NEED(map_va(page + PAGE_SIZE, 0) == 0);
    CHECK_EQ(register_runstate(0, (uintptr_t)page + PAGE_SIZE - 24), 0);
    sleep_a_little();
    NEED(set_writable(page, false) == 0);
    CHECK_EQ(register_runstate(0, (uintptr_t)page + 64), 0);
    sleep_a_little();
    NEED(set_writable(page, true) == 0 && set_writable(page + PAGE_SIZE, true) == 0);
    CHECK_EQ(register_runstate(0, start_info->pt_base + 64), 0);
    sleep_a_little();
    CHECK_EQ(register_runstate(0, (uintptr_t)page + 64), 0);
}

static void check_time_area(char *page)
{
    volatile struct vcpu_time_info *t = (void *)(page + 1024);

    CHECK_EQ(register_time(0, (uintptr_t)t), 0);
    CHECK(t->version != 0 && !(t->version & 1));
    CHECK_EQ(t->tsc_to_system_mul, this_vcpu_info()->time.tsc_to_system_mul);
    CHECK_EQ(register_time(0, HYPERVISOR_VIRT_START), -XEN_EFAULT);
    CHECK_EQ(register_time(0, UNMAPPED), 0);
    sleep_a_little();
    CHECK_EQ(register_time(0, (uintptr_t)t), 0);
    CHECK_EQ(register_time(4000, (uintptr_t)t), -XEN_ENOENT);
    CHECK_EQ(vcpu(VCPUOP_register_vcpu_time_memory_area, 0, (void *)UNMAPPED), -XEN_EFAULT);
}

/* --- callbacks --- */

static long callback(unsigned int type, uint64_t address)
{
    struct callback_register r = {.type = (uint16_t)type, .address = address};

    return hypercall(callback_op, CALLBACKOP_register, &r);
}

static long uncallback(unsigned int type)
{
    struct callback_unregister u = {.type = (uint16_t)type};

    return hypercall(callback_op, CALLBACKOP_unregister, &u);
}

static volatile unsigned int nmis;

static bool nmi_hook(struct trap_frame *f)
{
    (void)f;
    nmis++;
    return true;
}

static void check_nmi(void)
{
    trap_hook[2] = nmi_hook;
    CHECK_EQ(callback(CALLBACKTYPE_nmi, NONCANON), -XEN_EINVAL);
    CHECK_EQ(callback(CALLBACKTYPE_nmi, (uintptr_t)trap_stubs + 2 * 16), 0);
    CHECK_EQ(vcpu(VCPUOP_send_nmi, 0, NULL), 0);
    hypercall(xen_version, XENVER_version, 0);
    CHECK_EQ(nmis, 1);
    CHECK_EQ(vcpu(VCPUOP_send_nmi, 4000, NULL), -XEN_ENOENT);
    CHECK_EQ(vcpu(VCPUOP_send_nmi, 1, NULL), 0);
    CHECK_EQ(uncallback(CALLBACKTYPE_nmi), 0);
    CHECK_EQ(vcpu(VCPUOP_send_nmi, 0, NULL), 0);
    hypercall(xen_version, XENVER_version, 0);
    CHECK_EQ(nmis, 1);
    trap_hook[2] = NULL;
}

static void check_callbacks(void)
{
    static const unsigned int kinds[] = {CALLBACKTYPE_event, CALLBACKTYPE_failsafe,
                                         CALLBACKTYPE_syscall};
    size_t i;

    for (i = 0; i < ARRAY_SIZE(kinds); i++) {
        CHECK_EQ(callback(kinds[i], NONCANON), -XEN_EINVAL);
        CHECK_EQ(uncallback(kinds[i]), -XEN_EINVAL);
    }
    CHECK_EQ(callback(100, (uintptr_t)event_entry), -XEN_ENOSYS);
    CHECK_EQ(callback(6, (uintptr_t)event_entry), -XEN_ENOSYS);
    CHECK_EQ(uncallback(100), -XEN_ENOSYS);
    /* 4.17 takes entries for 32-bit programs; refused, they use int 0x80. */
    CHECK(callback(CALLBACKTYPE_sysenter, NONCANON) == -XEN_EINVAL);
    CHECK(callback(CALLBACKTYPE_syscall32, NONCANON) == -XEN_EINVAL);
    CHECK_EQ(hypercall(callback_op, 2, UNMAPPED), -XEN_ENOSYS);
    CHECK_EQ(hypercall(callback_op, CALLBACKOP_register, UNMAPPED), -XEN_EFAULT);
    CHECK_EQ(hypercall(callback_op, CALLBACKOP_unregister, UNMAPPED), -XEN_EFAULT);
}

static void check_rest(void)
{
    static struct vcpu_get_physid id;

    CHECK_EQ(vcpu(VCPUOP_get_physid, 0, &id), -XEN_EINVAL);
    CHECK_EQ(vcpu(14, 0, &id), -XEN_ENOSYS);
    CHECK_EQ(vcpu(0x7fffffff, 0, &id), -XEN_ENOSYS);
    CHECK_EQ(hypercall(vm_assist, VMASST_CMD_enable, 6), -XEN_EINVAL);
    CHECK_EQ(hypercall(vm_assist, VMASST_CMD_enable, ~0U), -XEN_EINVAL);
    CHECK_EQ(hypercall(vm_assist, 2, VMASST_TYPE_writable_pagetables), -XEN_ENOSYS);
    CHECK_EQ(hypercall(xenpmu_op, 4, 0), -XEN_EOPNOTSUPP);
}

void test_main(void)
{
    struct evtchn_bind_virq v = {.virq = VIRQ_TIMER, .vcpu = 0};
    char *page = page_alloc();

    page_alloc();
    NEED(vcpu(VCPUOP_stop_periodic_timer, 0, NULL) == 0);
    NEED(hypercall(event_channel_op, EVTCHNOP_bind_virq, &v) == 0);
    timer_port = v.port;
    event_mask(timer_port);
    event_clear(timer_port);
    check_singleshot();
    check_periodic();
    check_timer_op();
    check_runstate_area(page);
    check_bad_areas(page);
    check_time_area(page);
    check_nmi();
    check_callbacks();
    check_rest();
}
