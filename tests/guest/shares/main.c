/* SPDX-License-Identifier: MIT */
/*
 * CPU time by weight between busy domains that are pinned to one CPU while another CPU is shared by
 * others; who is moved to another CPU neither starves there nor takes all; a cap is reached, and
 * kept.
 */
#include "guest.h"

#define MS 1000000UL

static void child_spins(void)
{
    for (;;)
        barrier();
}

static void pin(domid_t id, unsigned int cpu)
{
    static uint8_t map;

    map = (uint8_t)(1U << cpu);
    ctl_clear();
    ctl.u.vcpuaffinity.flags = XEN_VCPUAFFINITY_HARD;
    ctl.u.vcpuaffinity.cpumap_hard.bitmap = (uintptr_t)&map;
    ctl.u.vcpuaffinity.cpumap_hard.nr_bits = 8;
    NEED(domctl(XEN_DOMCTL_setvcpuaffinity, id) == 0);
}

static void weigh(domid_t id, uint16_t weight, uint16_t cap)
{
    ctl_clear();
    ctl.u.scheduler_op.sched_id = XEN_SCHEDULER_CREDIT2;
    ctl.u.scheduler_op.cmd = XEN_DOMCTL_SCHEDOP_putinfo;
    ctl.u.scheduler_op.u.credit2.weight = weight;
    ctl.u.scheduler_op.u.credit2.cap = cap;
    NEED(domctl(XEN_DOMCTL_scheduler_op, id) == 0);
}

static uint64_t used(const struct child *c)
{
    return domain_info(c->id)->cpu_time;
}

static void spin_for(uint64_t ns)
{
    for (uint64_t end = system_time() + ns; system_time() < end;)
        barrier();
}

static void start(struct child *c, uint16_t weight, unsigned int cpu)
{
    child_make(c, child_spins, 1);
    pin(c->id, cpu);
    weigh(c->id, weight, 0);
    child_run(c);
}

/*
 * The computer that emulates ours may be busy: a vCPU that it does not run is charged for the time
 * all the same. That spoils a measurement now and then, not three in a row; so each has three
 * tries, and wide bounds. What they are to catch was far beyond, each time.
 */
#define TRIES 3

/* What a and b get in a while is in the relation of 1 to 4. */
static void check_ratio(const struct child *a, const struct child *b)
{
    bool good = false;

    for (int i = 0; i < TRIES && !good; i++) {
        uint64_t first_a = used(a), first_b = used(b), got_a, got_b;

        spin_for(2000 * MS);
        got_a = used(a) - first_a;
        got_b = used(b) - first_b;
        print("1 to 4: %lu and %lu us\n", got_a / 1000, got_b / 1000);
        good = got_b * 10 >= got_a * 26 && got_b <= got_a * 6;
    }
    CHECK(good);
}

/* c gets between low and high percent of its CPU. */
static void check_percent(const struct child *c, uint64_t low, uint64_t high)
{
    bool good = false;

    for (int i = 0; i < TRIES && !good; i++) {
        uint64_t begin = system_time(), first = used(c), percent;

        spin_for(1000 * MS);
        percent = (used(c) - first) * 100 / (system_time() - begin);
        print("%lu %%, wanted %lu to %lu\n", percent, low, high);
        good = percent >= low && percent <= high;
    }
    CHECK(good);
}

void test_main(void)
{
    static struct child light, heavy, other;

    pin(0, 0);
    start(&other, 256, 0); /* half of CPU 0 */
    start(&light, 256, 1);
    start(&heavy, 1024, 1);
    check_ratio(&light, &heavy);
    pin(other.id, 1);
    check_percent(&other, 5, 40); /* a sixth is its own, though it is far ahead */
    pin(light.id, 0);
    check_percent(&light, 15, 85); /* half, though it is far behind */
    child_end(&other);
    child_end(&light);
    weigh(heavy.id, 1024, 60); /* alone on its CPU */
    check_percent(&heavy, 20, 70);
    child_end(&heavy);
    success();
}
