/* SPDX-License-Identifier: MIT */
/* table.c - the lines of xentop, in the columns of Xen's tool. */
#include "xentop.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NO_LIMIT_KB (UINT32_MAX * UINT64_C(4)) /* max_pages of a domain without one */
#define TEXT        512

/* A row: a domain, its numbers added up. */
struct row {
    const struct xlight_stat *s;
    double cpu_percent;
    uint64_t net_tx, net_rx;
    uint64_t vbd_full, vbd_reads, vbd_writes, vbd_read_sectors, vbd_written_sectors;
    bool vbd_known; /* one back end counts, or there is no disk */
    uint64_t host_kb;
    unsigned int online;
    char name[TEXT];
};

struct column {
    const char *head;
    unsigned int width; /* at least */
    void (*print)(char *to, const struct row *r);
    int (*compare)(const struct row *a, const struct row *b); /* largest first, but for names */
};

static int more(uint64_t a, uint64_t b)
{
    return a > b ? -1 : a < b;
}

static void print_name(char *to, const struct row *r)
{
    strcpy(to, r->name);
}

static int compare_name(const struct row *a, const struct row *b)
{
    return strcasecmp(a->name, b->name);
}

static bool is_crashed(const struct xlight_domain *d)
{
    return d->shutdown && d->shutdown_reason == 3;
}

static unsigned int state_bits(const struct xlight_domain *d)
{
    return (unsigned int)d->dying << 5 | (unsigned int)(d->shutdown && !is_crashed(d)) << 4 |
           (unsigned int)d->blocked << 3 | (unsigned int)is_crashed(d) << 2 |
           (unsigned int)d->paused << 1 | (unsigned int)d->running;
}

static void print_state(char *to, const struct row *r)
{
    unsigned int bits = state_bits(&r->s->domain);

    for (unsigned int i = 0; i < 6; i++)
        to[i] = "dsbcpr"[i] * !!(bits & 32U >> i) + '-' * !(bits & 32U >> i);
    to[6] = 0;
}

static int compare_state(const struct row *a, const struct row *b)
{
    return more(state_bits(&a->s->domain), state_bits(&b->s->domain));
}

static void print_cpu(char *to, const struct row *r)
{
    sprintf(to, "%" PRIu64, r->s->domain.cpu_time_ns / 1000000000);
}

static int compare_cpu(const struct row *a, const struct row *b)
{
    return more(a->s->domain.cpu_time_ns, b->s->domain.cpu_time_ns);
}

static void print_percent(char *to, const struct row *r)
{
    sprintf(to, "%.1f", r->cpu_percent);
}

static int compare_percent(const struct row *a, const struct row *b)
{
    return a->cpu_percent > b->cpu_percent ? -1 : a->cpu_percent < b->cpu_percent;
}

static void print_mem(char *to, const struct row *r)
{
    sprintf(to, "%" PRIu64, r->s->domain.memory_kb);
}

static void print_mem_percent(char *to, const struct row *r)
{
    sprintf(to, "%.1f", (double)r->s->domain.memory_kb / (double)r->host_kb * 100);
}

static int compare_mem(const struct row *a, const struct row *b)
{
    return more(a->s->domain.memory_kb, b->s->domain.memory_kb);
}

static void print_max(char *to, const struct row *r)
{
    if (r->s->domain.max_memory_kb >= NO_LIMIT_KB)
        strcpy(to, "no limit");
    else
        sprintf(to, "%" PRIu64, r->s->domain.max_memory_kb);
}

static void print_max_percent(char *to, const struct row *r)
{
    if (r->s->domain.max_memory_kb >= NO_LIMIT_KB)
        strcpy(to, "n/a");
    else
        sprintf(to, "%.1f", (double)r->s->domain.max_memory_kb / (double)r->host_kb * 100);
}

static int compare_max(const struct row *a, const struct row *b)
{
    return more(a->s->domain.max_memory_kb, b->s->domain.max_memory_kb);
}

static void print_vcpus(char *to, const struct row *r)
{
    sprintf(to, "%u", r->online);
}

static int compare_vcpus(const struct row *a, const struct row *b)
{
    return more(a->online, b->online);
}

static void print_nets(char *to, const struct row *r)
{
    sprintf(to, "%u", r->s->nr_vifs);
}

static int compare_nets(const struct row *a, const struct row *b)
{
    return more(a->s->nr_vifs, b->s->nr_vifs);
}

static void print_vbds(char *to, const struct row *r)
{
    sprintf(to, "%u", r->s->nr_vbds);
}

static int compare_vbds(const struct row *a, const struct row *b)
{
    return more(a->s->nr_vbds, b->s->nr_vbds);
}

#define NET_COLUMN(field)                                                \
    static void print_##field(char *to, const struct row *r)             \
    {                                                                    \
        sprintf(to, "%" PRIu64, r->field / 1024);                        \
    }                                                                    \
    static int compare_##field(const struct row *a, const struct row *b) \
    {                                                                    \
        return more(a->field, b->field);                                 \
    }
NET_COLUMN(net_tx)
NET_COLUMN(net_rx)

#define VBD_COLUMN(field)                                                \
    static void print_##field(char *to, const struct row *r)             \
    {                                                                    \
        if (r->vbd_known)                                                \
            sprintf(to, "%" PRIu64, r->field);                           \
        else                                                             \
            strcpy(to, "-");                                             \
    }                                                                    \
    static int compare_##field(const struct row *a, const struct row *b) \
    {                                                                    \
        return more(a->field, b->field);                                 \
    }
VBD_COLUMN(vbd_full)
VBD_COLUMN(vbd_reads)
VBD_COLUMN(vbd_writes)
VBD_COLUMN(vbd_read_sectors)
VBD_COLUMN(vbd_written_sectors)

/* No security labels without XSM. */
static void print_ssid(char *to, const struct row *r)
{
    (void)r;
    strcpy(to, "0");
}

static int compare_ssid(const struct row *a, const struct row *b)
{
    return compare_name(a, b);
}

static const struct column columns[] = {
    {"NAME", 10, print_name, compare_name},
    {"STATE", 6, print_state, compare_state},
    {"CPU(sec)", 10, print_cpu, compare_cpu},
    {"CPU(%)", 6, print_percent, compare_percent},
    {"MEM(k)", 10, print_mem, compare_mem},
    {"MEM(%)", 6, print_mem_percent, compare_mem},
    {"MAXMEM(k)", 10, print_max, compare_max},
    {"MAXMEM(%)", 9, print_max_percent, compare_max},
    {"VCPUS", 5, print_vcpus, compare_vcpus},
    {"NETS", 4, print_nets, compare_nets},
    {"NETTX(k)", 8, print_net_tx, compare_net_tx},
    {"NETRX(k)", 8, print_net_rx, compare_net_rx},
    {"VBDS", 4, print_vbds, compare_vbds},
    {"VBD_OO", 8, print_vbd_full, compare_vbd_full},
    {"VBD_RD", 8, print_vbd_reads, compare_vbd_reads},
    {"VBD_WR", 8, print_vbd_writes, compare_vbd_writes},
    {"VBD_RSECT", 10, print_vbd_read_sectors, compare_vbd_read_sectors},
    {"VBD_WSECT", 10, print_vbd_written_sectors, compare_vbd_written_sectors},
    {"SSID", 4, print_ssid, compare_ssid},
};
#define NR_COLUMNS (sizeof(columns) / sizeof(columns[0]))

static unsigned int widths[NR_COLUMNS]; /* of the last table */

unsigned int table_columns(void)
{
    return NR_COLUMNS;
}

void table_column(unsigned int column, unsigned int *ret_start, unsigned int *ret_width)
{
    *ret_start = 0;
    for (unsigned int i = 0; i < column; i++)
        *ret_start += widths[i] + 1;
    *ret_width = widths[column];
}

static double percent(const struct sample *now, const struct sample *last,
                      const struct xlight_stat *s)
{
    for (unsigned int i = 0; last && now->seconds > last->seconds && i < last->nr; i++) {
        const struct xlight_domain *d = &last->list[i].domain;

        /* Another domain may have the id by now. */
        if (d->domid == s->domain.domid && d->cpu_time_ns <= s->domain.cpu_time_ns &&
            !memcmp(d->uuid, s->domain.uuid, sizeof(d->uuid)))
            return (double)(s->domain.cpu_time_ns - d->cpu_time_ns) / 1e7 /
                   (now->seconds - last->seconds);
    }
    return 0;
}

static void fill_row(struct row *r, const struct sample *now, const struct sample *last,
                     const struct xlight_stat *s, bool full_name)
{
    *r = (struct row){.s = s, .host_kb = now->host->memory_kb, .vbd_known = !s->nr_vbds};
    r->cpu_percent = percent(now, last, s);
    if (s->domain.name)
        snprintf(r->name, sizeof(r->name), full_name ? "%s" : "%.10s", s->domain.name);
    else
        snprintf(r->name, sizeof(r->name), "#%" PRIu32, s->domain.domid);
    for (unsigned int i = 0; i < s->nr_vcpus; i++)
        r->online += s->vcpus[i].online;
    for (unsigned int i = 0; i < s->nr_vifs; i++) {
        r->net_tx += s->vifs[i].tx_bytes;
        r->net_rx += s->vifs[i].rx_bytes;
    }
    for (unsigned int i = 0; i < s->nr_vbds; i++) {
        r->vbd_known |= s->vbds[i].known;
        r->vbd_full += s->vbds[i].full;
        r->vbd_reads += s->vbds[i].reads;
        r->vbd_writes += s->vbds[i].writes;
        r->vbd_read_sectors += s->vbds[i].read_sectors;
        r->vbd_written_sectors += s->vbds[i].written_sectors;
    }
}

static int compare_rows(const void *a, const void *b, void *arg)
{
    const struct row *x = a, *y = b;
    int order = columns[*(unsigned int *)arg].compare(x, y);

    return order ? order : x->s->domain.domid < y->s->domain.domid ? -1 : 1;
}

static void set_widths(const struct row *rows, unsigned int nr)
{
    char text[TEXT];

    for (unsigned int c = 0; c < NR_COLUMNS; c++) {
        widths[c] = columns[c].width;
        for (unsigned int i = 0; i < nr; i++) {
            columns[c].print(text, &rows[i]);
            if (strlen(text) > widths[c])
                widths[c] = (unsigned int)strlen(text);
        }
    }
}

/* A line of cells, right-aligned; heads when r is NULL. To be freed, or NULL. */
static char *make_line(const struct row *r)
{
    char cell[TEXT], *text = NULL;
    size_t len;
    FILE *f = open_memstream(&text, &len);

    if (!f)
        return NULL;
    for (unsigned int c = 0; c < NR_COLUMNS; c++) {
        if (r)
            columns[c].print(cell, r);
        fprintf(f, "%s%*s", c ? " " : "", (int)widths[c], r ? cell : columns[c].head);
    }
    if (fclose(f)) {
        free(text);
        return NULL;
    }
    return text;
}

static int draw_line(const struct row *r, draw_fn *draw, void *arg)
{
    char *text = make_line(r);

    if (!text)
        return -ENOMEM;
    draw(arg, r ? LINE_DOMAIN : LINE_HEAD, text);
    free(text);
    return 0;
}

/* Five to a line, the first line with a title. */
static void draw_vcpus(const struct xlight_stat *s, draw_fn *draw, void *arg)
{
    char text[TEXT];
    size_t len = (size_t)sprintf(text, "VCPUs(sec): ");

    for (unsigned int i = 0; i < s->nr_vcpus; i++) {
        if (!s->vcpus[i].online)
            continue;
        if (i && i % 5 == 0) {
            draw(arg, LINE_DETAIL, text);
            len = (size_t)sprintf(text, "        ");
        }
        len += (size_t)sprintf(text + len, " %2" PRIu32 ": %10" PRIu64 "s", s->vcpus[i].vcpu,
                               s->vcpus[i].cpu_time_ns / 1000000000);
    }
    draw(arg, LINE_DETAIL, text);
}

static void draw_networks(const struct xlight_stat *s, draw_fn *draw, void *arg)
{
    char text[TEXT];

    for (unsigned int i = 0; i < s->nr_vifs; i++) {
        const struct xlight_vif_stat *v = &s->vifs[i];

        sprintf(text,
                "Net%u RX: %8" PRIu64 "bytes %8" PRIu64 "pkts %8" PRIu64 "err %8" PRIu64
                "drop  TX: %8" PRIu64 "bytes %8" PRIu64 "pkts %8" PRIu64 "err %8" PRIu64 "drop",
                i, v->rx_bytes, v->rx_packets, v->rx_errors, v->rx_dropped, v->tx_bytes,
                v->tx_packets, v->tx_errors, v->tx_dropped);
        draw(arg, LINE_DETAIL, text);
    }
}

static void draw_disks(const struct xlight_stat *s, draw_fn *draw, void *arg)
{
    char text[TEXT], numbers[5][24];

    for (unsigned int i = 0; i < s->nr_vbds; i++) {
        const struct xlight_vbd_stat *v = &s->vbds[i];
        const uint64_t values[5] = {v->full, v->reads, v->writes, v->read_sectors,
                                    v->written_sectors};

        for (unsigned int n = 0; n < 5; n++)
            if (v->known)
                sprintf(numbers[n], "%" PRIu64, values[n]);
            else
                strcpy(numbers[n], "-");
        sprintf(text,
                "VBD BlkBack %4" PRIu32 " [%2" PRIx32 ":%2" PRIx32
                "]  OO: %8s   RD: %8s   WR: %8s   RSECT: %10s   WSECT: %10s",
                v->devid, v->devid >> 8, v->devid & 0xff, numbers[0], numbers[1], numbers[2],
                numbers[3], numbers[4]);
        draw(arg, LINE_DETAIL, text);
    }
}

int table_draw(const struct sample *now, const struct sample *last, const struct view *view,
               draw_fn *draw, void *arg)
{
    struct row *rows = calloc(now->nr + 1, sizeof(*rows));
    unsigned int sort = view->sort, first = view->first < now->nr ? view->first : now->nr - 1;
    int rc = 0;

    if (!rows)
        return -ENOMEM;
    if (!now->nr)
        first = 0;
    for (unsigned int i = 0; i < now->nr; i++)
        fill_row(&rows[i], now, last, &now->list[i], view->full_names);
    qsort_r(rows, now->nr, sizeof(*rows), compare_rows, &sort);
    set_widths(rows + first, now->nr - first);
    for (unsigned int i = first; !rc && i < now->nr; i++) {
        if (i == first || view->repeat_head)
            rc = draw_line(NULL, draw, arg);
        rc = rc ? rc : draw_line(&rows[i], draw, arg);
        if (!rc && view->vcpus)
            draw_vcpus(rows[i].s, draw, arg);
        if (!rc && view->networks)
            draw_networks(rows[i].s, draw, arg);
        if (!rc && view->disks)
            draw_disks(rows[i].s, draw, arg);
    }
    free(rows);
    return rc;
}
