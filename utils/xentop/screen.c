/* SPDX-License-Identifier: MIT */
/* screen.c - xentop on a terminal: draws again after each delay, and follows keys. */
#include <errno.h>
#include <ncurses.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "xentop.h"

#define KEY_ESCAPE 27
#define PROMPT     16

static volatile sig_atomic_t ended;

struct screen {
    struct view *view;
    unsigned int delay;
    bool asking; /* for another delay */
    char answer[PROMPT];
    int row; /* of the next line */
};

static void end(int sig)
{
    (void)sig;
    ended = 1;
}

/* The last line belongs to the menu. */
static void put_line(void *arg, enum line kind, const char *text)
{
    struct screen *s = arg;
    unsigned int start, width;

    if (s->row >= LINES - 1)
        return;
    table_column(s->view->sort, &start, &width);
    if (kind == LINE_HEAD)
        attron(A_REVERSE);
    mvaddnstr(s->row, 0, text, COLS);
    if (kind == LINE_HEAD)
        attroff(A_REVERSE);
    if (kind != LINE_DETAIL && (int)start < COLS)
        mvchgat(s->row, (int)start, (int)width, kind == LINE_HEAD ? A_REVERSE | A_BOLD : A_BOLD, 0,
                NULL);
    s->row++;
}

/* The letter to press stands out, and what is switched on, too. */
static void put_item(const char *before, char key, const char *after, bool on)
{
    if (on)
        attron(A_BOLD);
    addstr(before);
    addch(A_REVERSE | (chtype)key);
    addstr(after);
    attroff(A_BOLD);
    addstr("  ");
}

static void put_menu(const struct screen *s)
{
    move(LINES - 1, 2);
    if (s->asking) {
        printw("Delay(sec): %s", s->answer);
        return;
    }
    put_item("", 'D', "elay", false);
    put_item("", 'N', "etworks", s->view->networks);
    put_item("v", 'B', "ds", s->view->disks);
    put_item("", 'V', "CPUs", s->view->vcpus);
    put_item("", 'R', "epeat header", s->view->repeat_head);
    put_item("", 'S', "ort order", false);
    put_item("", 'Q', "uit", false);
}

static int draw(struct screen *s, const struct sample *now, const struct sample *last)
{
    char text[3][128];
    int rc;

    erase();
    summary_format(now, text);
    for (s->row = 0; s->row < 3; s->row++)
        mvaddnstr(s->row, 0, text[s->row], COLS);
    rc = table_draw(now, last, s->view, put_line, s);
    put_menu(s);
    refresh();
    return rc;
}

/* While a delay is asked for. */
static void answer(struct screen *s, int key)
{
    size_t len = strlen(s->answer);
    int delay;

    if (key == '\r' || key == '\n' || key == KEY_ENTER) {
        delay = atoi(s->answer);
        if (delay > 0)
            s->delay = (unsigned int)delay;
        s->asking = false;
    } else if (key == KEY_ESCAPE) {
        s->asking = false;
    } else if (key == KEY_BACKSPACE || key == 127) {
        if (len)
            s->answer[len - 1] = 0;
    } else if (key >= '0' && key <= '9' && len + 1 < PROMPT) {
        s->answer[len] = (char)key;
        s->answer[len + 1] = 0;
    }
}

/* True when the user wants to go. */
static bool follow(struct screen *s, int key)
{
    struct view *v = s->view;

    switch (key) {
    case 'n':
    case 'N':
        v->networks = !v->networks;
        break;
    case 'b':
    case 'B':
        v->disks = !v->disks;
        break;
    case 'v':
    case 'V':
        v->vcpus = !v->vcpus;
        break;
    case 'r':
    case 'R':
        v->repeat_head = !v->repeat_head;
        break;
    case 's':
    case 'S':
        v->sort = (v->sort + 1) % table_columns();
        break;
    case 'd':
    case 'D':
        s->asking = true;
        s->answer[0] = 0;
        break;
    case KEY_DOWN:
        v->first++;
        break;
    case KEY_UP:
        v->first -= v->first > 0;
        break;
    case 'L' & 0x1f:
        clear();
        break;
    case 'q':
    case 'Q':
    case KEY_ESCAPE:
        return true;
    default:
        break;
    }
    return false;
}

static double clock_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Keys until the next sample is due. True when the user wants to go. */
static bool wait_for_keys(struct screen *s, const struct sample *now, const struct sample *last)
{
    double until = now->seconds + s->delay;

    while (!ended && clock_now() < until) {
        int left = (int)((until - clock_now()) * 1000), key;

        timeout(left > 500 ? 500 : left > 0 ? left : 0);
        key = getch();
        if (key == ERR)
            continue;
        if (s->asking)
            answer(s, key);
        else if (follow(s, key))
            return true;
        if (s->view->first >= now->nr && now->nr)
            s->view->first = now->nr - 1;
        until = now->seconds + s->delay;
        if (draw(s, now, last))
            return true;
    }
    return ended;
}

int screen_run(xlight_handle *h, struct view *view, unsigned int delay, unsigned int rounds)
{
    struct screen s = {.view = view, .delay = delay};
    struct sample now = {NULL, NULL, 0, 0}, last = {NULL, NULL, 0, 0};
    struct sigaction act = {.sa_handler = end};
    int rc;

    sigaction(SIGINT, &act, NULL);
    sigaction(SIGTERM, &act, NULL);
    rc = sample_take(h, &now);
    if (rc)
        return rc;
    initscr();
    cbreak();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    curs_set(0);
    for (unsigned int round = 1; !rc; round++) {
        rc = draw(&s, &now, last.host ? &last : NULL);
        if (rc || (rounds && round >= rounds) || wait_for_keys(&s, &now, last.host ? &last : NULL))
            break;
        sample_free(&last);
        last = now;
        now = (struct sample){NULL, NULL, 0, 0};
        rc = sample_take(h, &now);
    }
    endwin();
    sample_free(&last);
    sample_free(&now);
    return rc;
}
