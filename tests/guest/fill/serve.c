/* SPDX-License-Identifier: MIT */
/*
 * The side that fills: it knows what belongs into each page, waits for the event that START was
 * told of, looks at what is wanted and fills it.
 *
 * Of the child's own pages its code is not filled when it starts, nor the end of its stack; of the
 * extra pages none is.
 */
#include "parent.h"

extern char data_start[], boot_stack_end[];

#define FIRST_PFN   0x100UL
#define STACK_PAGES 2
#define MAX_PLACED  100

struct child child = {.extra = EXTRA};
struct xen_domctl_fill_op *const fo = (struct xen_domctl_fill_op *)&ctl.u;
void (*when_made)(void);

static uint32_t port;
static uint64_t first, next; /* extra pages: the first, and the first that is not taken */
static bool wanted[EXTRA];
static struct box *box;
static char *window;

static char placed[MAX_PLACED][PAGE_SIZE];
static unsigned int nr_placed;
static char *place_of[EXTRA]; /* in placed[], or NULL */

long fill_op(uint32_t op, const uint64_t *frames, const void *pages, uint64_t nr)
{
    ctl_clear();
    fo->op = op;
    fo->port = port;
    fo->nr = nr;
    fo->frames = (uintptr_t)frames;
    fo->pages = (uintptr_t)pages;
    return domctl(XEN_DOMCTL_fill_op, child.id);
}

uint64_t unfilled(void)
{
    return domain_info(child.id)->paged_pages;
}

/* --- the child --- */

static void open_channel(void)
{
    struct evtchn_alloc_unbound a = {.dom = child.id, .remote_dom = DOMID_SELF};
    struct evtchn_bind_interdomain b = {.remote_dom = child.id};

    NEED(hypercall(event_channel_op, EVTCHNOP_alloc_unbound, &a) == 0);
    b.remote_port = port = a.port;
    NEED(hypercall(event_channel_op, EVTCHNOP_bind_interdomain, &b) == 0);
    event_clear(b.local_port); /* binding sends one */
    child.box->word[28] = b.local_port;
}

static uint32_t own_port(void)
{
    return (uint32_t)child.box->word[28];
}

static void mark(uint64_t pfn, uint64_t n)
{
    static uint64_t frames[EXTRA];

    for (uint64_t i = 0; i < n; i++)
        frames[i] = child_mfn(pfn + i);
    CHECK_EQ(fill_op(XEN_DOMCTL_FILL_MARK, frames, NULL, n), 0);
    CHECK_EQ(fo->nr, n);
}

static void begin(struct child *c)
{
    first = next = c->first_extra;
    open_channel();
    if (when_made)
        when_made();
    CHECK_EQ(fill_op(XEN_DOMCTL_FILL_START, NULL, NULL, 0), 0);
    CHECK_EQ(fo->unfilled, 0);
    if (when_made)
        check_marks();
    mark(first, EXTRA);
    CHECK_EQ(fo->unfilled, EXTRA);
    mark(first, EXTRA); /* again: no more than before */
    mark(FIRST_PFN, pfn_of(data_start) - FIRST_PFN);
    mark(pfn_of(boot_stack_end) - STACK_PAGES, STACK_PAGES);
    CHECK_EQ(fo->unfilled, EXTRA + pfn_of(data_start) - FIRST_PFN + STACK_PAGES);
    CHECK_EQ(unfilled(), EXTRA + pfn_of(data_start) - FIRST_PFN + STACK_PAGES);
}

void make_child(unsigned int vcpus)
{
    if (!window)
        window = page_alloc();
    nr_placed = 0;
    memset(place_of, 0, sizeof(place_of));
    memset(wanted, 0, sizeof(wanted));
    child.before_tables = begin;
    child_make(&child, worker_main, vcpus);
    box = (struct box *)(uintptr_t)child.box->word;
    child_run(&child);
}

void end_child(void)
{
    report_child(child.box);
    NEED(evtchn_close_port(own_port()) == 0);
    child_end(&child);
}

/* --- content --- */

uint64_t take(uint64_t n)
{
    NEED(next + n <= first + EXTRA);
    next += n;
    return next - n;
}

static bool is_extra(uint64_t pfn)
{
    return pfn >= first && pfn < first + EXTRA;
}

static void content(uint64_t pfn, void *page)
{
    uint64_t stack = pfn_of(boot_stack_end);

    if (is_extra(pfn) && place_of[pfn - first])
        memcpy(page, place_of[pfn - first], PAGE_SIZE);
    else if (is_extra(pfn))
        for (uint64_t i = 0; i < 512; i++)
            ((uint64_t *)page)[i] = filled(pfn, i);
    else if (pfn >= stack - STACK_PAGES && pfn < stack)
        memset(page, 0, PAGE_SIZE);
    else if (pfn >= FIRST_PFN && pfn < pfn_of(data_start))
        memcpy(page, pfn_va(pfn), PAGE_SIZE); /* the same code as ours */
    else
        failure("page %lx is wanted, which was never marked", pfn);
}

uint64_t place(uint64_t pfn, uint64_t offset, const void *data, size_t size)
{
    uint64_t address = va(pfn) + offset, n;

    for (; size; pfn++, offset = 0, size -= n, data = (const char *)data + n) {
        n = PAGE_SIZE - offset < size ? PAGE_SIZE - offset : size;
        if (!place_of[pfn - first]) {
            NEED(is_extra(pfn) && nr_placed < MAX_PLACED);
            content(pfn, placed[nr_placed]);
            place_of[pfn - first] = placed[nr_placed++];
        }
        memcpy(place_of[pfn - first] + offset, data, n);
    }
    return address;
}

uint64_t place_across(uint64_t *ret_second, const void *data, size_t size)
{
    uint64_t p = take(2), at = place(p, PAGE_SIZE - size / 2, data, size);

    fill_page(p);
    *ret_second = p + 1;
    return at;
}

uint64_t give(const void *data, size_t size)
{
    static uint64_t pfn, used = PAGE_SIZE;
    uint64_t at;

    if (PAGE_SIZE - used < size || pfn < first || pfn >= next) {
        pfn = take(1);
        fill_page(pfn);
        used = 0;
    }
    at = used;
    memcpy((char *)map_page(pfn, true) + at, data, size);
    unmap_page();
    used += (size + 15) & ~15UL;
    return va(pfn) + at;
}

void look(uint64_t address, void *data, size_t size)
{
    uint64_t pfn = pfn_of((void *)address), offset = address & (PAGE_SIZE - 1), n;

    for (; size; pfn++, offset = 0, size -= n, data = (char *)data + n) {
        n = PAGE_SIZE - offset < size ? PAGE_SIZE - offset : size;
        memcpy(data, (char *)map_page(pfn, false) + offset, n);
        unmap_page();
    }
}

void *map_page(uint64_t pfn, bool writable)
{
    NEED(hypercall(update_va_mapping_otherdomain, window,
                   child_mfn(pfn) << 12 | (writable ? PTE_KERN : PTE_RO), UVMF_INVLPG | UVMF_ALL,
                   child.id) == 0);
    return window;
}

void unmap_page(void)
{
    NEED(map_va(window, 0) == 0);
}

void check_changed(int line, uint64_t pfn, uint64_t from, uint64_t to)
{
    static char page[PAGE_SIZE];
    const char *now = map_page(pfn, false);

    content(pfn, page);
    for (uint64_t i = 0; i < PAGE_SIZE; i++)
        if (now[i] != page[i] && (i < from || i >= to)) {
            failure("line %d: byte %lu of page %lu is not as it was filled", line, i, pfn - first);
            break;
        }
    unmap_page();
}

/* --- filling --- */

static void fill_frame(uint64_t pfn, uint64_t mfn)
{
    static char page[PAGE_SIZE];

    content(pfn, page);
    CHECK_EQ(fill_op(XEN_DOMCTL_FILL_FILL, &mfn, page, 1), 0);
    CHECK_EQ(fo->nr, 1);
}

void fill_page(uint64_t pfn)
{
    fill_frame(pfn, child_mfn(pfn));
}

void fill_all(void)
{
    for (uint64_t i = 0; i < EXTRA; i++)
        fill_page(first + i);
    for (uint64_t i = FIRST_PFN; i < pfn_of(data_start); i++)
        fill_page(i);
    for (uint64_t i = 1; i <= STACK_PAGES; i++)
        fill_page(pfn_of(boot_stack_end) - i);
}

static void serve(void)
{
    uint64_t list[8], n;

    if (!event_pending(own_port()))
        return;
    event_clear(own_port());
    NEED(fill_op(XEN_DOMCTL_FILL_WANTED, list, NULL, ARRAY_SIZE(list)) == 0);
    n = fo->nr;
    for (uint64_t i = 0; i < n; i++) {
        uint64_t pfn = m2p(list[i]);

        if (is_extra(pfn))
            wanted[pfn - first] = true;
        fill_frame(pfn, list[i]);
    }
}

void wait_wanted(uint64_t *list, uint64_t n)
{
    uint64_t end = system_time() + 20000 * MS;

    do {
        NEED(fill_op(XEN_DOMCTL_FILL_WANTED, list, NULL, 8) == 0);
        hypercall(sched_op, SCHEDOP_yield, 0);
    } while (fo->nr < n && system_time() < end);
    CHECK_EQ(fo->nr, n);
}

void check_wanted(int line, uint64_t pfn, uint64_t n)
{
    for (uint64_t i = 0; i < EXTRA; i++)
        if (wanted[i] != (first + i >= pfn && first + i < pfn + n))
            failure("line %d: page %lu was %s (of %lu from %ld on)", line, i,
                    wanted[i] ? "wanted" : "not wanted", n, (long)(pfn - first));
    memset(wanted, 0, sizeof(wanted));
}

void check_wanted_among(int line, uint64_t pfn, uint64_t n)
{
    for (uint64_t i = pfn - first; n--; i++) {
        if (!wanted[i])
            failure("line %d: page %lu was not wanted", line, i);
        wanted[i] = false;
    }
}

/* --- requests --- */

void ask(unsigned int vcpu, uint32_t what, const uint64_t arg[6])
{
    box[vcpu].request = what;
    for (unsigned int i = 0; i < 6; i++)
        box[vcpu].arg[i] = arg[i];
    __sync_synchronize();
    box[vcpu].asked++;
}

bool answered(unsigned int vcpu)
{
    return box[vcpu].done == box[vcpu].asked;
}

/* Where they are. */
static void show_vcpus(void)
{
    static struct vcpu_guest_context c;

    CHECK_EQ(domctl_plain(XEN_DOMCTL_pausedomain, child.id), 0);
    print("flags %x, %lu pages to fill\n", domain_info(child.id)->flags, unfilled());
    for (unsigned int i = 0; i < 2; i++) {
        ctl_clear();
        ctl.u.vcpucontext.vcpu = i;
        ctl.u.vcpucontext.ctxt = (uintptr_t)&c;
        if (domctl(XEN_DOMCTL_getvcpucontext, child.id) == 0)
            print("vCPU %u: rip %lx rax %lx rdi %lx rsp %lx cr2 %lx\n", i, c.user_regs.rip,
                  c.user_regs.rax, c.user_regs.rdi, c.user_regs.rsp, c.ctrlreg[2]);
    }
}

static int64_t wait_for_answer(unsigned int vcpu, bool filling)
{
    uint64_t end = system_time() + 30000 * MS;

    while (!answered(vcpu)) {
        if (filling)
            serve();
        hypercall(sched_op, SCHEDOP_yield, 0);
        if (system_time() < end && !(domain_info(child.id)->flags & XEN_DOMINF_shutdown))
            continue;
        report_child(child.box);
        failure("request %u (hypercall %u, %lx) of the other domain is not answered",
                box[vcpu].request, box[vcpu].nr, box[vcpu].arg[0]);
        show_vcpus();
        finish();
    }
    return box[vcpu].result;
}

int64_t answer(unsigned int vcpu)
{
    return wait_for_answer(vcpu, true);
}

int64_t answer_unserved(unsigned int vcpu)
{
    return wait_for_answer(vcpu, false);
}

int64_t request(uint32_t what, uint64_t a, uint64_t b, uint64_t c)
{
    ask(0, what, (const uint64_t[6]){a, b, c});
    return answer(0);
}

int64_t child_hypercall(uint32_t nr, const uint64_t arg[6])
{
    box[0].nr = nr;
    ask(0, REQ_HYPERCALL, arg);
    return answer(0);
}

bool iret_lands(uint64_t frame)
{
    return request(REQ_IRET, frame, 0, 0) == VEC_UD &&
           request(REQ_PEEK, (uint64_t)&trap_last.rip, 0, 0) == (int64_t)iret_landing;
}

void set_entry(uint64_t pfn, uint64_t flags)
{
    CHECK_EQ(child_call(update_va_mapping, va(pfn), flags ? child_mfn(pfn) << 12 | flags : 0,
                        UVMF_INVLPG | UVMF_ALL),
             0);
}

uint64_t zero_page(bool fill)
{
    static const char zeros[PAGE_SIZE];
    uint64_t p = take(1);

    place(p, 0, zeros, PAGE_SIZE);
    if (fill)
        fill_page(p);
    set_entry(p, PTE_RO);
    return p;
}

int64_t child_mmuext(uint32_t cmd, uint64_t pfn, uint64_t source)
{
    struct mmuext_op op = {.cmd = cmd, .arg1.mfn = child_mfn(pfn)};

    if (cmd == MMUEXT_COPY_PAGE)
        op.arg2.src_mfn = child_mfn(source);
    return child_call(mmuext_op, give(&op, sizeof(op)), 1, 0, DOMID_SELF);
}

int64_t child_mmu_update(uint64_t ptr, uint64_t val)
{
    struct mmu_update u = {.ptr = ptr, .val = val};

    return child_call(mmu_update, give(&u, sizeof(u)), 1, 0, DOMID_SELF);
}
