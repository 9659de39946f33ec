/* SPDX-License-Identifier: MIT */
/*
 * What a test kernel may use: hypercalls, console, verdict, traps, memory,
 * events and time.  One vCPU at a time unless a test starts another itself.
 *
 * A test defines test_main().  It runs with traps caught, shared_info mapped
 * and events masked; returning from it prints the verdict.
 */
#ifndef GUEST_H
#define GUEST_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <public/xen.h>
#include <public/errno.h>
#include <public/version.h>
#include <public/sched.h>
#include <public/vcpu.h>
#include <public/memory.h>
#include <public/event_channel.h>
#include <public/callback.h>
#include <public/features.h>
#include <public/grant_table.h>
#include <public/physdev.h>
#include <public/domctl.h>
#include <public/arch-x86/cpuid.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define barrier()     __asm__ volatile("" ::: "memory")

void *memset(void *dest, int value, size_t n);
void *memcpy(void *dest, const void *src, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
char *strstr(const char *s, const char *what);

/* --- Hypercalls ---------------------------------------------------------- */

static inline long hypercall6(unsigned long nr, unsigned long a1, unsigned long a2,
                              unsigned long a3, unsigned long a4, unsigned long a5,
                              unsigned long a6)
{
    register unsigned long r10 __asm__("r10") = a4;
    register unsigned long r8 __asm__("r8") = a5;
    register unsigned long r9 __asm__("r9") = a6;
    long ret;

    __asm__ volatile("syscall"
                     : "=a"(ret), "+D"(a1), "+S"(a2), "+d"(a3), "+r"(r10), "+r"(r8), "+r"(r9)
                     : "0"(nr)
                     : "rcx", "r11", "memory", "cc");
    return ret;
}

/* hypercall(sched_op, cmd, arg): missing arguments are 0; integers and pointers mix. */
#define hypercall(name, ...) hypercall_pad(__HYPERVISOR_##name, __VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define hypercall_nr(...)    hypercall_pad(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)
#define hypercall_pad(nr, a, b, c, d, e, f, ...)                                                \
    hypercall6((unsigned long)(nr), (unsigned long)(a), (unsigned long)(b), (unsigned long)(c), \
               (unsigned long)(d), (unsigned long)(e), (unsigned long)(f))

/* --- Console and verdict (report.c) -------------------------------------- */

void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void vprint(const char *format, va_list ap) __attribute__((format(printf, 1, 0)));

enum verdict { VERDICT_SUCCESS, VERDICT_SKIP, VERDICT_FAILURE, VERDICT_ERROR };

/*
 * The worst verdict reported wins.
 * success: all that was to be shown was seen (also the default).
 * skip: the machine lacks what the test needs; nothing is said about the behaviour.
 * failure: the hypervisor behaves differently from what the test demands.
 * error: the test could not do its work (its own set-up went wrong).
 */
void success(void);
void skip(const char *format, ...) __attribute__((format(printf, 1, 2)));
void failure(const char *format, ...) __attribute__((format(printf, 1, 2)));
void error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Print the verdict and power off. */
void finish(void) __attribute__((noreturn));

/* Compare as signed numbers; on a difference report a failure and go on. */
#define CHECK_EQ(expr, expected) check_eq(__LINE__, #expr, (long)(expr), (long)(expected))
#define CHECK(cond)              check_true(__LINE__, #cond, (cond))
/* Set-up steps: without them the rest makes no sense. */
#define NEED(cond) need_true(__LINE__, #cond, (cond))

bool check_eq(int line, const char *what, long got, long expected);
bool check_true(int line, const char *what, bool ok);
void need_true(int line, const char *what, bool ok);

/* --- Traps (traps.c) ------------------------------------------------------ */

enum {
    VEC_DE = 0,
    VEC_DB = 1,
    VEC_BP = 3,
    VEC_OF = 4,
    VEC_UD = 6,
    VEC_NM = 7,
    VEC_TS = 10,
    VEC_NP = 11,
    VEC_SS = 12,
    VEC_GP = 13,
    VEC_PF = 14,
    VEC_EVENT = 256,
    VEC_SYSCALL = 257,
    VEC_FAILSAFE = 258
};

struct trap_frame {
    uint64_t r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
    uint64_t vector, error_code;
    uint64_t rip;
    uint16_t cs;
    uint16_t pad0;
    uint8_t saved_mask; /* event mask at the time of the trap */
    uint8_t pad1[3];
    uint64_t rflags, rsp, ss;
};

/* The frame of the last trap that was caught or hooked, and cr2 at that time. */
extern struct trap_frame trap_last;
extern uint64_t trap_last_cr2;

/* Run fn(arg).  Returns the vector that ended it, or -1 if it came back. */
int catch_trap(void (*fn)(void *), void *arg);

/* A hook sees a trap before anything else; true: handled, resume with *frame. */
typedef bool (*trap_hook_t)(struct trap_frame *frame);
extern trap_hook_t trap_hook[259];

void traps_init(void);
void trap_info_fill(struct trap_info *info, unsigned int vector, unsigned int flags);
extern char trap_stubs[], event_entry[], syscall_entry[], failsafe_entry[], secondary_entry[];

/* Memory access with the vector of the fault, or -1. */
int try_read(uint64_t va, uint64_t *ret_value);
int try_write(uint64_t va, uint64_t value);

/* iret to the frame (hypercall 23). */
void enter_frame(struct iret_context *frame) __attribute__((noreturn));

/* --- Memory (memory.c) ---------------------------------------------------- */

#define PAGE_SIZE 4096UL
#define VIRT_BASE 0xffffffff80000000UL
#define UNMAPPED  0x0000123456789000UL /* canonical, never mapped by the framework */
#define NONCANON  0x0000900000000000UL

#define PTE_P    0x001UL
#define PTE_RW   0x002UL
#define PTE_US   0x004UL
#define PTE_PWT  0x008UL
#define PTE_PCD  0x010UL
#define PTE_A    0x020UL
#define PTE_D    0x040UL
#define PTE_PSE  0x080UL
#define PTE_G    0x100UL
#define PTE_NX   (1UL << 63)
#define PTE_ADDR 0x000ffffffffff000UL
#define PTE_KERN (PTE_P | PTE_RW | PTE_US | PTE_A | PTE_D)
#define PTE_RO   (PTE_P | PTE_US | PTE_A | PTE_D)

extern struct start_info *start_info;
extern struct shared_info *shared_info;

/* Zeroed page of the image, never given back. */
void *page_alloc(void);

uint64_t pfn_of(const void *va);
uint64_t mfn_of(const void *va);
void *va_of_mfn(uint64_t mfn);
uint64_t m2p(uint64_t mfn);

/* Entry that maps va at level 1 to 4 in the boot table; NULL if a level above is missing. */
uint64_t *entry_of(uint64_t va, int level);
/* Machine address of that entry. */
uint64_t entry_maddr(const uint64_t *entry);

long map_va(const void *va, uint64_t pte);
long set_writable(const void *va, bool writable);
/* One mmu_update request on own tables. */
long mmu_update1(uint64_t ptr, uint64_t val);
long mmuext1(unsigned int cmd, uint64_t arg1, uint64_t arg2);

/* --- User mode (user.c) --------------------------------------------------- */

#define USER_CODE  0x0000000000400000UL
#define USER_STACK 0x0000000000500000UL /* page; the stack starts at its end */

/* Build and pin a user page table with one code and one stack page.  0 or a hypercall error. */
long user_init(void);
/* Copy code there and run it from USER_CODE in user mode until the first trap; its vector. */
int user_run(const void *code, size_t size);
extern uint64_t user_l4_mfn;

/* --- Events and time (events.c) ------------------------------------------ */

extern volatile unsigned long event_count[4096];
extern volatile unsigned long upcall_count;

struct vcpu_info *this_vcpu_info(void);
void set_vcpu_info(struct vcpu_info *info);
void events_on(void);
void events_off(void);
bool event_pending(uint32_t port);
void event_clear(uint32_t port);
void event_mask(uint32_t port);
bool event_masked(uint32_t port);
long evtchn_alloc(uint32_t *ret_port);
long evtchn_close_port(uint32_t port);
/* Handle pending events now, as the upcall does. */
void events_scan(void);

uint64_t system_time(void);
/* Spin until the system time, with hypercalls in between. */
void wait_until(uint64_t ns);

/* --- Other domains (domctl.c) --------------------------------------------- */

/* The argument of every domctl; its result is found here too. */
extern struct xen_domctl ctl;
void ctl_clear(void);
long domctl(unsigned int cmd, unsigned int domain);
/* With an argument of zeros. */
long domctl_plain(unsigned int cmd, unsigned int domain);
/* Limits of the domains made, -1: the default. */
extern int max_grant_frames, max_maptrack_frames;
extern uint32_t misc_flags; /* XEN_X86_* */
/* The usual arguments of createdomain. */
void ctl_fill_create(unsigned int vcpus);
/* A PV domain without memory, paused; with its vCPUs, or as createdomain leaves it. */
domid_t domain_make(unsigned int vcpus, bool with_vcpus);
void domain_end(domid_t id);
const struct xen_domctl_getdomaininfo *domain_info(domid_t id);

/* --- An unprivileged domain and a second vCPU (child.c) -------------------- */

struct child_box {
    volatile uint32_t verdict;  /* the worst it reported */
    volatile uint32_t used;     /* bytes of text, maybe more than there is room for */
    volatile uint64_t word[30]; /* for what a test wants to pass, both ways */
    char text[PAGE_SIZE - 8 - 30 * 8];
};

/* To be zero when first used. */
struct child {
    domid_t id;
    struct child_box *box; /* the child's page */
    /* Set before it is made: pages that nothing uses; the first of them, and the page tables: L4,
     * L3, L2 and three L1s.  These are page frame numbers, and pfn n is at VIRT_BASE + n pages. */
    unsigned int extra;
    uint64_t first_extra, first_table;
    /* If set: called while it is made, when its memory has its content and nothing refers to that
     * yet, but for the box. */
    void (*before_tables)(struct child *c);
};
/* Machine frame of a pfn of the child that was made last. */
uint64_t child_mfn(uint64_t pfn);

/* In a child: its side of the page, and that it is one. */
extern struct child_box child_box;
extern bool in_child;

/*
 * A domain with a copy of this kernel's memory as it is now, that will run fn, on the first of its
 * vCPUs, with traps caught and events masked.  CHECK and print() work in it; fn may return or call
 * finish().  make leaves it paused.
 */
void child_make(struct child *c, void (*fn)(void), unsigned int vcpus);
void child_run(struct child *c);
void child_start(struct child *c, void (*fn)(void), unsigned int vcpus);
/* Until it has shut down: SHUTDOWN_*, or -1 when the time is over.  Passes on what it reported. */
int child_wait(struct child *c, unsigned int ms);
int child_wait_silent(struct child *c, unsigned int ms); /* for one that may report nonsense */
void child_end(struct child *c);
/* Maps a frame of another domain writable at va, in place of what is there. */
long map_frame_of(const void *va, uint64_t mfn, domid_t domain);
void report_child(const struct child_box *box);

/* vCPU context that starts at fn; control registers are left to be filled in. */
void vcpu_context_fill(struct vcpu_guest_context *c, void (*fn)(void), void *stack_end);

/*
 * Run fn on vCPU 1, which is down before and afterwards.  It may make hypercalls and use memory,
 * but not print, CHECK or catch traps.  False: there is no vCPU 1.
 */
bool second_start(void (*fn)(void));
/* Until fn has returned; false: it has not. */
bool second_wait(unsigned int ms);

/* --- What the hypervisor has in use (counts.c) ------------------------------ */

struct counts {
    uint64_t frames, small;
};

void counts_take(struct counts *ret_counts);
/* Compare with now. Both wait a little for what is freed late. */
#define CHECK_COUNTS(before) compare_counts(__LINE__, before)
void compare_counts(int line, const struct counts *before);
/* --- Frames (frames.c) ---------------------------------------------------- */

/* What the frames of this domain are used for, as the hypervisor counts. */
struct frame_counts {
    uint64_t number[18];
};
void frames_count(struct frame_counts *c);
/* Reports each number that differs from before. */
#define CHECK_FRAMES(before) frames_compare(__LINE__, before)
void frames_compare(int line, const struct frame_counts *before);

void test_main(void);
void guest_main(struct start_info *si) __attribute__((noreturn));

#endif /* GUEST_H */
