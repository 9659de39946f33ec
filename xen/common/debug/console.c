/* SPDX-License-Identifier: MIT */
/*
 * console.c - printk, the message ring, and output to the serial port and the screen.
 *
 * A message passes: format (caller's stack) -> level filter and rate limit -> lines with a prefix
 * -> ring and consoles. Until console_init_early() there are no consoles: messages collect in the
 * ring and are shown then. console_init_late() enlarges the ring and makes the serial port
 * interrupt driven.
 *
 * One lock covers the ring, the devices and the line state. It is the last one in the lock order,
 * so that messages are possible with any lock held. An NMI or a fault may hit a CPU that holds it:
 * a flag per CPU detects that, and such a message is only counted (panic breaks the lock first).
 */
#include <xen/console.h>
#include <xen/event.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/param.h>
#include <xen/percpu.h>
#include <xen/softirq.h>
#include <xen/spinlock.h>
#include <xen/time.h>
#include <xen/uart.h>
#include <xen/vga.h>
#include "private.h"

#define LINE_BUFFER_SIZE 512
#define EARLY_RING_SIZE  16384U
#define RING_SIZE_MAX    (16UL << 20)
#define NO_UART          (-1)

enum level { LEVEL_ERROR, LEVEL_WARNING, LEVEL_INFO, LEVEL_DEBUG, NR_LEVELS };

/* Levels below `always` are printed, those below `limited` at a bounded rate, others never. */
struct log_policy {
    u8 always, limited;
};

#define RATE_WINDOW       SECONDS(5)
#define RATE_GUEST_CAUSED 10  /* messages about guests in a window */
#define RATE_GUEST_LINES  100 /* lines by one guest in a window */
#define RATE_ALL_LINES    400 /* by all: a crowd must not drown the host either */

enum timestamps { STAMP_NONE, STAMP_BOOT, STAMP_RAW };

static DEFINE_SPINLOCK(console_lock, LOCK_RANK_CONSOLE);
static bool console_busy[NR_CPUS]; /* by CPU: inside console_enter and console_leave */
static u32 nr_lost;                /* atomic: messages that found the CPU's flag set */

/* Under the console lock. Indices run freely; sizes are powers of two. */
static char early_ring[EARLY_RING_SIZE];
static char *ring = early_ring;
static u32 ring_size = EARLY_RING_SIZE;
static u32 ring_start, ring_end;
static bool at_line_start = true, line_shown = true, raw_line_open;
static struct rate_limit guest_caused_rate, guest_line_rate;

static int uart_used = NO_UART;
static bool late; /* interrupts, timers and tasklets work */

/* --- options --- */

#ifdef XENOLITH_DEBUG
static struct log_policy host_log = {NR_LEVELS, NR_LEVELS}, guest_log = {0, NR_LEVELS};
#else
static struct log_policy host_log = {LEVEL_INFO + 1, LEVEL_INFO + 1};
static struct log_policy guest_log = {0, LEVEL_WARNING + 1};
#endif
static enum timestamps stamps;
static char opt_console[32];
static u64 opt_conring_size = 64 << 10;
static bool opt_sync_console, opt_console_to_ring;

PARAM_STRING_DEF("console", opt_console,
                 "list of com1 or com2, vga, none; default: vga and a serial port given by com1=");
PARAM_SIZE_DEF("conring_size", opt_conring_size, "message ring, 16K to 16M; default 64K");
PARAM_BOOL_DEF("sync_console", opt_sync_console, "wait for the serial port on each message");
PARAM_BOOL_DEF("console_to_ring", opt_console_to_ring,
               "keep the hardware domain's output in the message ring too");

/* Number of levels that a name lets through; *s moves behind it. -EINVAL: no such name. */
static int parse_level(const char **s)
{
    static const struct {
        const char *name;
        int levels;
    } names[] = {{"none", 0},
                 {"error", LEVEL_ERROR + 1},
                 {"warning", LEVEL_WARNING + 1},
                 {"info", LEVEL_INFO + 1},
                 {"debug", NR_LEVELS},
                 {"all", NR_LEVELS}};

    for (unsigned int i = 0; i < ARRAY_SIZE(names); i++) {
        size_t len = strlen(names[i].name);

        if (strncmp(*s, names[i].name, len))
            continue;
        *s += len;
        return names[i].levels;
    }
    return -EINVAL;
}

/* LEVEL or LEVEL/LIMITED_LEVEL. */
static int parse_policy(const char *s, struct log_policy *policy)
{
    int always = parse_level(&s), limited = always;

    if (always < 0)
        return always;
    if (*s == '/') {
        s++;
        limited = parse_level(&s);
    }
    if (limited < 0 || *s)
        return -EINVAL;
    *policy = (struct log_policy){(u8)always, (u8)MAX(always, limited)};
    return 0;
}

static int parse_loglvl(const char *value)
{
    return parse_policy(value, &host_log);
}
PARAM_CUSTOM_DEF("loglvl", parse_loglvl,
                 "none, error, warning, info, debug or all; /LEVEL: up to there, rate limited");

static int parse_guest_loglvl(const char *value)
{
    return parse_policy(value, &guest_log);
}
PARAM_CUSTOM_DEF("guest_loglvl", parse_guest_loglvl,
                 "like loglvl, for messages that guests cause; default none/warning");

static int parse_timestamps(const char *value)
{
    if (!*value || !strcmp(value, "boot") || !strcmp(value, "1"))
        stamps = STAMP_BOOT;
    else if (!strcmp(value, "raw"))
        stamps = STAMP_RAW;
    else if (!strcmp(value, "none") || !strcmp(value, "0"))
        stamps = STAMP_NONE;
    else
        return -EINVAL;
    return 0;
}
PARAM_CUSTOM_DEF("console_timestamps", parse_timestamps,
                 "boot (seconds since start), raw (TSC) or none; default none");

/* --- the lock --- */

bool console_enter(unsigned long *ret_flags)
{
    unsigned long flags = local_irq_save();
    unsigned int cpu = smp_processor_id();

    /* Set before the lock is asked for: an NMI while we wait must not wait for it behind us. */
    if (console_busy[cpu]) {
        local_irq_restore(flags);
        return false;
    }
    WRITE_ONCE(console_busy[cpu], true);
    barrier();
    spin_lock(&console_lock);
    *ret_flags = flags;
    return true;
}

void console_leave(unsigned long flags)
{
    spin_unlock(&console_lock);
    barrier();
    WRITE_ONCE(console_busy[smp_processor_id()], false);
    local_irq_restore(flags);
}

void console_force_unlock(void)
{
    lock_check_stop();
    late = false;
    spin_lock_break(&console_lock);
    console_busy[smp_processor_id()] = false;
    if (uart_used != NO_UART)
        uart_stop_interrupts((unsigned int)uart_used);
}

/* --- devices and ring; all under the lock --- */

static void ring_write(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        ring[ring_end++ & (ring_size - 1)] = s[i];
    if (ring_end - ring_start > ring_size)
        ring_start = ring_end - ring_size;
}

static void devices_write(const char *s, size_t len)
{
    if (uart_used != NO_UART)
        uart_write((unsigned int)uart_used, s, len);
    vga_write(s, len);
}

/* Our lines end with \n alone; terminals want \r as well. */
static void devices_write_cooked(const char *s, size_t len)
{
    size_t from = 0;

    for (size_t i = 0; i < len; i++) {
        if (s[i] != '\n')
            continue;
        devices_write(s + from, i - from);
        devices_write("\r\n", 2);
        from = i + 1;
    }
    devices_write(s + from, len - from);
}

static void emit(const char *s, size_t len)
{
    ring_write(s, len);
    devices_write_cooked(s, len);
}

void console_write_raw_locked(const char *s, size_t len)
{
    if (!len)
        return;
    if (opt_console_to_ring)
        ring_write(s, len);
    devices_write(s, len);
    raw_line_open = s[len - 1] != '\n';
}

/* --- lines --- */

static s_time_t message_time(void)
{
    return cpu_khz ? NOW() : 0;
}

static void emit_line_start(const char *prefix, s_time_t now)
{
    char stamp[32];

    /* A prompt of the hardware domain, say: tools look for our prefix at the start of a line. */
    if (raw_line_open) {
        devices_write("\r\n", 2);
        raw_line_open = false;
    }
    emit(prefix, strlen(prefix));
    if (stamps == STAMP_BOOT)
        emit(stamp, (size_t)scnprintf(stamp, sizeof(stamp), "[%5llu.%06llu] ",
                                      (unsigned long long)now / NSEC_PER_SEC,
                                      (unsigned long long)now % NSEC_PER_SEC / 1000));
    else if (stamps == STAMP_RAW)
        emit(stamp,
             (size_t)scnprintf(stamp, sizeof(stamp), "[%016llx] ", (unsigned long long)rdtsc()));
}

static void emit_text(const char *s, size_t len, s_time_t now)
{
    while (len) {
        const char *nl = strchr(s, '\n');
        size_t n = nl ? (size_t)(nl - s) + 1 : len;

        if (at_line_start)
            emit_line_start("(XEN) ", now);
        emit(s, n);
        at_line_start = nl != NULL;
        s += n;
        len -= n;
    }
}

static __printf(2, 3) void emit_note(s_time_t now, const char *fmt, ...)
{
    char buf[80];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(buf, sizeof(buf), fmt, ap);
    va_end(ap);
    if (!at_line_start)
        emit("\n", 1);
    at_line_start = true;
    emit_text(buf, strlen(buf), now);
}

static bool rate_passes(struct rate_limit *r, u32 limit, s_time_t now)
{
    if (now - r->window_start > RATE_WINDOW || !r->window_start) {
        u32 suppressed = r->suppressed;

        *r = (struct rate_limit){.window_start = now};
        if (suppressed)
            emit_note(now, "(%u messages of guests suppressed)\n", suppressed);
    }
    if (r->in_window < limit) {
        r->in_window++;
        return true;
    }
    r->suppressed++;
    return false;
}

static bool level_passes(enum level level, bool by_guest, s_time_t now)
{
    const struct log_policy *policy = by_guest ? &guest_log : &host_log;

    if (level < policy->always)
        return true;
    return level < policy->limited && rate_passes(&guest_caused_rate, RATE_GUEST_CAUSED, now);
}

/* Splits the severity prefix off: true when there was one. */
static bool take_level(const char **s, enum level *ret_level, bool *ret_by_guest)
{
    *ret_level = LEVEL_INFO;
    *ret_by_guest = false;
    if ((*s)[0] != '\001' || !(*s)[1])
        return false;
    switch ((*s)[1]) {
    case 'E':
        *ret_by_guest = true;
        *ret_level = LEVEL_ERROR;
        break;
    case 'e':
        *ret_level = LEVEL_ERROR;
        break;
    case 'w':
        *ret_level = LEVEL_WARNING;
        break;
    case 'D':
        *ret_by_guest = true;
        *ret_level = LEVEL_DEBUG;
        break;
    case 'd':
        *ret_level = LEVEL_DEBUG;
        break;
    }
    *s += 2;
    return true;
}

static void notify_ring(void *unused __maybe_unused)
{
    send_global_virq(VIRQ_CON_RING);
}
static struct tasklet notify_tasklet = {.fn = notify_ring};

static void print_locked(const char *s, s_time_t now)
{
    enum level level;
    bool by_guest;
    u32 lost = xchg(&nr_lost, 0U);

    if (lost)
        emit_note(now, "(%u messages lost: printed while printing)\n", lost);
    /* A message without a level that continues a line shares the fate of its first part. */
    if (take_level(&s, &level, &by_guest) || at_line_start)
        line_shown = level_passes(level, by_guest, now);
    if (line_shown)
        emit_text(s, strlen(s), now);
    else if (*s)
        at_line_start = s[strlen(s) - 1] == '\n';
}

void printk(const char *fmt, ...)
{
    char buf[LINE_BUFFER_SIZE];
    s_time_t now = message_time();
    bool may_notify = local_irq_is_enabled(); /* so neither in an NMI nor inside a tasklet queue */
    unsigned long flags;
    va_list ap;

    va_start(ap, fmt);
    if ((size_t)vsnprintf(buf, sizeof(buf), fmt, ap) >= sizeof(buf))
        buf[sizeof(buf) - 2] = '\n';
    va_end(ap);
    if (!console_enter(&flags)) {
        __atomic_fetch_add(&nr_lost, 1, __ATOMIC_RELAXED);
        return;
    }
    print_locked(buf, now);
    console_leave(flags);
    if (may_notify && late)
        tasklet_schedule(&notify_tasklet);
}

static bool guest_line_passes(struct rate_limit *own_rate, s_time_t now)
{
    return guest_log.always == NR_LEVELS || (rate_passes(own_rate, RATE_GUEST_LINES, now) &&
                                             rate_passes(&guest_line_rate, RATE_ALL_LINES, now));
}

void console_guest_line(domid_t domid, const char *line, struct rate_limit *own_rate)
{
    s_time_t now = message_time();
    unsigned long flags;
    char prefix[16];

    snprintf(prefix, sizeof(prefix), "(d%u) ", (unsigned int)domid);
    if (!console_enter(&flags))
        return;
    if (guest_line_passes(own_rate, now)) {
        if (!at_line_start)
            emit("\n", 1);
        emit_line_start(prefix, now);
        emit(line, strlen(line));
        emit("\n", 1);
        at_line_start = true;
    }
    console_leave(flags);
}

/* --- start, end, and the ring's reader --- */

struct console_choice {
    bool uart[NR_UARTS];
    bool vga;
};

static bool word_is(const char *s, size_t len, const char *word)
{
    return len == strlen(word) && !strncmp(s, word, len);
}

static struct console_choice choose_consoles(const char *s)
{
    struct console_choice c = {.vga = !*s};

    /* By default a port that nobody described stays free for the hardware domain. */
    for (unsigned int i = 0; i < NR_UARTS; i++)
        c.uart[i] = !*s && uart_configured(i);
#ifdef XENOLITH_DEBUG
    c.uart[0] |= !*s && !c.uart[1];
#endif
    while (*s) {
        const char *comma = strchr(s, ',');
        size_t len = comma ? (size_t)(comma - s) : strlen(s);

        if (word_is(s, len, "com1"))
            c.uart[0] = true;
        else if (word_is(s, len, "com2"))
            c.uart[1] = true;
        else if (word_is(s, len, "vga"))
            c.vga = true;
        else if (len && !word_is(s, len, "none"))
            printk(XLOG_WARN "console=%s: part %s is not known (com1, com2, vga, none)\n",
                   opt_console, s);
        s += len + (comma != NULL);
    }
    return c;
}

/* What was printed before there was a console. */
static void replay_ring(void)
{
    u32 from = ring_start;

    while (from != ring_end) {
        u32 off = from & (ring_size - 1);
        u32 n = MIN(ring_end - from, ring_size - off);

        devices_write_cooked(ring + off, n);
        from += n;
    }
}

void console_init_early(void)
{
    struct console_choice c = choose_consoles(opt_console);
    int absent = NO_UART, unused = NO_UART;
    unsigned long flags;

    for (int i = 0; i < NR_UARTS; i++) {
        if (!c.uart[i])
            continue;
        if (uart_used != NO_UART)
            unused = i;
        else if (uart_open((unsigned int)i))
            absent = i;
        else
            uart_used = i;
    }
    if (c.vga)
        c.vga = vga_open() == 0;
    if (console_enter(&flags)) {
        replay_ring();
        console_leave(flags);
    }
    if (absent != NO_UART)
        printk(XLOG_WARN "com%d: no UART at I/O port %#x\n", absent + 1,
               uart_io_base((unsigned int)absent));
    if (unused != NO_UART)
        printk(XLOG_WARN "com%d: not used, one serial console is enough\n", unused + 1);
}

/* The largest power of two of pages within the limits that is not above the wish. */
static void enlarge_ring(void)
{
    u64 wish = MIN(opt_conring_size, (u64)RING_SIZE_MAX);
    unsigned int order = 0;
    unsigned long flags;
    u32 new_size;
    char *new_ring;

    while ((PAGE_SIZE << (order + 1)) <= wish)
        order++;
    new_size = (u32)(PAGE_SIZE << order);
    if (new_size <= ring_size)
        return;
    new_ring = alloc_xenheap_pages(order, 0);
    if (!new_ring) {
        printk(XLOG_WARN "No memory for conring_size=%uK: the ring keeps %uK\n", new_size >> 10,
               ring_size >> 10);
        return;
    }
    if (!console_enter(&flags)) {
        free_xenheap_pages(new_ring, order);
        return;
    }
    for (u32 i = ring_start; i != ring_end; i++)
        new_ring[i & (new_size - 1)] = ring[i & (ring_size - 1)];
    ring = new_ring;
    ring_size = new_size;
    console_leave(flags);
}

void console_init_late(void)
{
    enlarge_ring();
    if (uart_used != NO_UART)
        console_input_init((unsigned int)uart_used, !opt_sync_console);
    if (uart_used != NO_UART && opt_sync_console)
        printk(XLOG_WARN "sync_console: the machine waits for its serial port; it is slow now\n");
    late = true;
}

void console_end_boot(void)
{
    unsigned long flags;

    printk("VGA and serial input go to the hardware domain\n");
    if (console_enter(&flags)) {
        vga_end_boot();
        console_leave(flags);
    }
    console_input_end_boot();
}

unsigned int console_uart_ports(u16 *ret_base)
{
    if (uart_used == NO_UART)
        return 0;
    *ret_base = uart_io_base((unsigned int)uart_used);
    return UART_NR_IO_PORTS;
}

size_t console_ring_read(char *buf, size_t len, u32 *idx, bool clear)
{
    unsigned long flags;
    size_t n = 0;
    u32 from;

    if (!console_enter(&flags))
        return 0;
    /* Anything that is not a position in the ring, 0 above all, means the oldest text. */
    from = *idx - ring_start <= ring_end - ring_start ? *idx : ring_start;
    while (n < len && from != ring_end)
        buf[n++] = ring[from++ & (ring_size - 1)];
    if (clear)
        ring_start = from;
    console_leave(flags);
    *idx = from;
    return n;
}
