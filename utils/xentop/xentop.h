/* SPDX-License-Identifier: MIT */
/* xentop.h - what xentop shows, apart from how it gets to the screen. */
#ifndef UTILS_XENTOP_XENTOP_H
#define UTILS_XENTOP_XENTOP_H

#include <stdio.h>
#include <xenolith/light-host.h>
#include <xenolith/light-stat.h>

/* What the host was like at one moment. */
struct sample {
    struct xlight_host *host;
    struct xlight_stat *list;
    unsigned int nr;
    double seconds; /* of a clock that only goes on */
};

/* What is to be shown. */
struct view {
    bool vcpus, networks, disks, repeat_head, full_names;
    unsigned int sort;  /* number of the column */
    unsigned int first; /* domains before this one are not shown */
};

/* One line of the table, for whoever draws it. */
enum line { LINE_HEAD, LINE_DOMAIN, LINE_DETAIL };
typedef void draw_fn(void *arg, enum line kind, const char *text);

/* Columns: how many, and where one is in a line of the last table. */
unsigned int table_columns(void);
void table_column(unsigned int column, unsigned int *ret_start, unsigned int *ret_width);

/*
 * The domains of a sample, sorted, line by line; last (may be NULL) is the sample before it. Stops
 * when the memory runs out: -ENOMEM.
 */
int table_draw(const struct sample *now, const struct sample *last, const struct view *view,
               draw_fn *draw, void *arg);

/* What is above the table, three lines. */
void summary_format(const struct sample *now, char text[3][128]);

/* Takes a sample, and frees one. Returns what the library says. */
int sample_take(xlight_handle *h, struct sample *ret_sample);
void sample_free(struct sample *s);

/* The loop of the screen: until the user quits, or rounds (0: any number) are done. */
int screen_run(xlight_handle *h, struct view *view, unsigned int delay, unsigned int rounds);

#endif /* UTILS_XENTOP_XENTOP_H */
