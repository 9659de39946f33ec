/* SPDX-License-Identifier: MIT */
/* console.c - one console of one guest. */
#include "console.h"
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <syslog.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define CHUNK 4096

int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* A node below the console's; the caller frees it. NULL: not there. */
static char *read_node(struct daemon *d, const struct console *c, const char *name)
{
    char path[192];

    snprintf(path, sizeof(path), "%s/%s", c->base, name);
    return xs_read(d->xs, XBT_NULL, path, NULL);
}

static bool read_number(struct daemon *d, const struct console *c, const char *name, uint32_t *ret)
{
    char *text = read_node(d, c, name), *end;
    unsigned long long v;
    bool ok;

    if (!text)
        return false;
    errno = 0;
    v = strtoull(text, &end, 10);
    ok = !errno && end != text && !*end;
    free(text);
    /* Frame numbers may be wider than what ring-ref was made for; as many bits as there are. */
    if (ok)
        *ret = (uint32_t)v;
    return ok;
}

/* The file's name is the guest's, which may say anything. */
static void open_log(struct daemon *d, struct console *c)
{
    char node[64], path[256] = "", num[24] = "", *name;

    if (d->log_guests) {
        snprintf(node, sizeof(node), "/local/domain/%u/name", c->domid);
        name = xs_read(d->xs, XBT_NULL, node, NULL);
        for (char *p = name; p && *p; p++)
            if (*p == '/' || (unsigned char)*p < ' ')
                *p = '_';
        if (c->num)
            snprintf(num, sizeof(num), "-console%u", c->num);
        if (name)
            snprintf(path, sizeof(path), "%s/guest-%s%s.log", d->log_dir, name, num);
        else
            snprintf(path, sizeof(path), "%s/guest-%u%s.log", d->log_dir, c->domid, num);
        free(name);
    }
    log_open(&c->log, path, d->stamp_guests);
}

struct console *console_get(struct daemon *d, domid_t domid, unsigned int num)
{
    struct console *c;

    for (c = d->consoles; c; c = c->next)
        if (c->domid == domid && c->num == num)
            return c;
    c = calloc(1, sizeof(*c));
    if (!c)
        return NULL;
    c->domid = domid;
    c->num = num;
    c->seen = true;
    c->master = c->slave = c->poll_index = -1;
    c->log.fd = -1;
    c->buffer.limit = 1 << 20;
    snprintf(c->base, sizeof(c->base), "/local/domain/%u/console", domid);
    if (num) {
        snprintf(c->base, sizeof(c->base), "/local/domain/%u/device/console/%u", domid, num);
        snprintf(c->back, sizeof(c->back), "/local/domain/0/backend/console/%u/%u", domid, num);
    }
    /* Its own token: the event names whose console has changed. */
    if (!xs_watch(d->xs, c->base, c->base))
        syslog(LOG_ERR, "cannot watch %s: %s", c->base, strerror(errno));
    c->next = d->consoles;
    d->consoles = c;
    return c;
}

static void unmap_ring(struct daemon *d, struct console *c)
{
    if (!c->ring)
        return;
    if (c->by_grant)
        (void)!xctl_grant_unmap(d->h, c->ring, 1);
    else
        (void)!xctl_foreign_unmap(d->h, c->ring, 1);
    c->ring = NULL;
}

/* By the reserved grant; guests of old toolstacks have none, then by frame. Drivers of other
 * consoles name a grant of their own, and nothing else will do: frames are the toolstack's to name.
 */
static int map_ring(struct daemon *d, struct console *c)
{
    struct xctl_grant g = {c->domid, c->num ? c->ref : GNTTAB_RESERVED_CONSOLE};
    xen_pfn_t frame = c->ref;
    void *p;

    int rc = xctl_grant_map(d->h, &g, 1, PROT_READ | PROT_WRITE, NULL, &p);

    c->by_grant = !rc;
    if (rc && !c->num)
        rc = xctl_foreign_map(d->h, c->domid, PROT_READ | PROT_WRITE, &frame, 1, NULL, &p);
    if (rc)
        return rc;
    c->ring = p;
    return 0;
}

static void unbind(struct daemon *d, struct console *c)
{
    if (c->local_port)
        (void)!xctl_evtchn_unbind(d->events, c->local_port);
    c->local_port = c->remote_port = 0;
}

bool console_write(struct daemon *d, const char *dir, const char *name, const char *value)
{
    unsigned int len = (unsigned int)strlen(value);
    char path[192];
    bool ok;

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    do {
        xs_transaction_t t = xs_transaction_start(d->xs);
        char *there;

        if (t == XBT_NULL)
            return false;
        there = xs_read(d->xs, t, dir, NULL);
        ok = there && xs_write(d->xs, t, path, value, len);
        free(there);
        if (!ok) {
            int error = errno;

            xs_transaction_end(d->xs, t, true);
            errno = error;
            return false;
        }
        ok = xs_transaction_end(d->xs, t, false);
    } while (!ok && errno == EAGAIN);
    return ok;
}

static bool open_terminal(struct daemon *d, struct console *c)
{
    struct termios t;
    char name[64];

    if (c->master >= 0)
        return true;
    if (openpty(&c->master, &c->slave, name, NULL, NULL))
        return false;
    if (!tcgetattr(c->slave, &t)) {
        cfmakeraw(&t);
        tcsetattr(c->slave, TCSANOW, &t);
    }
    fcntl(c->master, F_SETFD, FD_CLOEXEC);
    fcntl(c->slave, F_SETFD, FD_CLOEXEC);
    fcntl(c->master, F_SETFL, O_NONBLOCK);
    /* The guest can write the first one; clients of ours look into the second before. */
    if (console_write(d, c->base, "tty", name) &&
        (!c->num || console_write(d, c->back, "tty", name)))
        return true;
    close(c->master);
    close(c->slave);
    c->master = c->slave = -1;
    return false;
}

bool console_prepare(struct daemon *d, struct console *c)
{
    if (c->log.fd < 0)
        open_log(d, c);
    if (open_terminal(d, c))
        return true;
    /* Without its nodes the domain is being destroyed. */
    if (errno != ENOENT)
        syslog(LOG_ERR, "no terminal for console %u of domain %u: %s", c->num, c->domid,
               strerror(errno));
    return false;
}

bool console_connect(struct daemon *d, struct console *c)
{
    uint32_t ref, port;
    char why[256];
    int rc;

    if (!read_number(d, c, "ring-ref", &ref) || !read_number(d, c, "port", &port))
        return false;
    if (c->ring && c->ref == ref && c->remote_port == port && c->local_port)
        return true;
    if (c->ring && c->ref != ref)
        unmap_ring(d, c);
    unbind(d, c);
    c->ref = ref;
    rc = c->ring ? 0 : map_ring(d, c);
    if (!rc)
        rc = xctl_evtchn_bind_interdomain(d->events, c->domid, port, &c->local_port);
    if (rc) {
        xctl_error_format(d->h, why, sizeof(why));
        syslog(LOG_ERR, "console %u of domain %u: %s", c->num, c->domid, why);
        return false;
    }
    c->remote_port = port;
    return true;
}

bool console_update(struct daemon *d, struct console *c)
{
    uint32_t limit;
    char *type;
    bool ours;

    if (c->num)
        return secondary_update(d, c);
    type = read_node(d, c, "type");
    ours = !type || !strcmp(type, "xenconsoled");
    free(type);
    if (read_number(d, c, "limit", &limit))
        c->buffer.limit = limit;
    if (ours && console_connect(d, c))
        (void)console_prepare(d, c);
    return true;
}

static void replace_escapes(char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] == '\033')
            p[i] = '.';
}

/* From the ring to log and buffer. */
static void take_output(struct daemon *d, struct console *c)
{
    char data[CHUNK];
    bool any = false;
    size_t n;

    while (c->ring && !(d->keep_overflow && buffer_full(&c->buffer))) {
        n = ring_take(c->ring, data, sizeof(data));
        if (!n)
            break;
        any = true;
        buffer_add(&c->buffer, data, n);
        if (d->replace_escape)
            replace_escapes(data, n);
        log_write(&c->log, data, n);
        /* A guest that writes without end must not keep the others waiting. */
        if (n < sizeof(data))
            break;
    }
    if (any && c->local_port)
        (void)!xctl_evtchn_notify(d->events, c->local_port);
}

void console_disconnect(struct daemon *d, struct console *c)
{
    take_output(d, c);
    unbind(d, c);
    unmap_ring(d, c);
}

void console_event(struct daemon *d, struct console *c)
{
    int64_t now = now_ms();

    if (now - c->period >= PERIOD_MS) {
        c->period = now;
        c->events = 0;
    }
    take_output(d, c);
    if (++c->events < EVENTS_PER_PERIOD)
        (void)!xctl_evtchn_unmask(d->events, c->local_port);
    else
        c->masked = true;
}

short console_wants(struct daemon *d, struct console *c)
{
    short events = 0;

    (void)d;
    if (c->master < 0)
        return 0;
    if (c->buffer.len)
        events |= POLLOUT;
    if (c->ring && ring_room(c->ring))
        events |= POLLIN;
    return events;
}

static void to_terminal(struct daemon *d, struct console *c)
{
    ssize_t n = write(c->master, c->buffer.data, c->buffer.len);

    if (n <= 0)
        return;
    buffer_drop(&c->buffer, (size_t)n);
    if (d->keep_overflow)
        take_output(d, c);
}

static void from_terminal(struct daemon *d, struct console *c)
{
    char data[RING_IN_SIZE];
    size_t room = ring_room(c->ring);
    ssize_t n = read(c->master, data, room < sizeof(data) ? room : sizeof(data));

    if (n <= 0)
        return;
    ring_give(c->ring, data, (size_t)n);
    if (c->local_port)
        (void)!xctl_evtchn_notify(d->events, c->local_port);
}

void console_work(struct daemon *d, struct console *c, short revents)
{
    if (c->masked && now_ms() - c->period >= PERIOD_MS) {
        c->masked = false;
        c->events = 0;
        c->period = now_ms();
        take_output(d, c);
        (void)!xctl_evtchn_unmask(d->events, c->local_port);
    }
    if ((revents & POLLOUT) && c->buffer.len)
        to_terminal(d, c);
    if ((revents & POLLIN) && c->ring)
        from_terminal(d, c);
}

void console_free(struct daemon *d, struct console *c)
{
    struct console **at = &d->consoles;

    while (*at && *at != c)
        at = &(*at)->next;
    if (*at)
        *at = c->next;
    xs_unwatch(d->xs, c->base, c->base);
    console_disconnect(d, c);
    if (c->master >= 0) {
        close(c->master);
        close(c->slave);
    }
    log_close(&c->log);
    buffer_free(&c->buffer);
    free(c);
}
