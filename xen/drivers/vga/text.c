/* SPDX-License-Identifier: MIT */
/*
 * text.c - messages on the VGA text screen, 80 columns by 25 lines, while the hypervisor boots.
 *
 * States: closed, open (after vga_open), given away (after vga_end_boot, final). The caller's
 * console lock covers everything. The screen memory is reached through the direct map; it is never
 * read except to find out whether it is there, because reads of it are slow.
 */
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/param.h>
#include <xen/vga.h>
#include <asm/system.h>

#define TEXT_MADDR  0xb8000
#define COLUMNS     80
#define LINES       25
#define LIGHT_GREY  0x07
#define CRTC_INDEX  0x3d4
#define CRTC_DATA   0x3d5
#define CRTC_CURSOR 0x0e /* high byte; low byte follows */
#define CRTC_START  0x0c /* first character shown: high, low */

static bool vga_is_open, vga_keep;
static unsigned int column;
/* What the screen shows: scrolling copies from here and not from the slow screen memory. */
static u16 shadow[LINES][COLUMNS];

/* Known words of `vga=`, separated by commas. */
static int parse_vga(const char *s)
{
    static const char *const ignored[] = {"text-80x25", "current"};
    bool keep = false;

    while (*s) {
        const char *comma = strchr(s, ',');
        size_t len = comma ? (size_t)(comma - s) : strlen(s);
        bool known = false;

        if (len == 4 && !strncmp(s, "keep", 4))
            known = keep = true;
        for (unsigned int i = 0; i < ARRAY_SIZE(ignored); i++)
            known |= len == strlen(ignored[i]) && !strncmp(s, ignored[i], len);
        if (!known)
            return -EINVAL;
        s += len + (comma != NULL);
    }
    vga_keep = keep;
    return 0;
}
PARAM_CUSTOM_DEF("vga", parse_vga,
                 "text-80x25, current (both: the mode the loader left), keep (go on after boot)");

static volatile u16 *screen(void)
{
    return maddr_to_virt(TEXT_MADDR);
}

static void crtc_write(u8 index, u16 val)
{
    outb(index, CRTC_INDEX);
    outb((u8)(val >> 8), CRTC_DATA);
    outb((u8)(index + 1), CRTC_INDEX);
    outb((u8)val, CRTC_DATA);
}

static void show_line(unsigned int line)
{
    for (unsigned int i = 0; i < COLUMNS; i++)
        screen()[line * COLUMNS + i] = shadow[line][i];
}

static void clear_line(unsigned int line)
{
    for (unsigned int i = 0; i < COLUMNS; i++)
        shadow[line][i] = LIGHT_GREY << 8 | ' ';
}

/* Without a graphics card, or with one that is not in a text mode, nothing can be stored there. */
static bool screen_answers(void)
{
    u16 old = screen()[0];
    bool ok;

    screen()[0] = 0x0741;
    ok = screen()[0] == 0x0741;
    screen()[0] = 0x0742;
    ok &= screen()[0] == 0x0742;
    screen()[0] = old;
    return ok;
}

int vga_open(void)
{
    if (!screen_answers())
        return -ENODEV;
    for (unsigned int line = 0; line < LINES; line++) {
        clear_line(line);
        show_line(line);
    }
    crtc_write(CRTC_START, 0);
    crtc_write(CRTC_CURSOR, (LINES - 1) * COLUMNS);
    column = 0;
    vga_is_open = true;
    return 0;
}

static void scroll(void)
{
    memmove(shadow[0], shadow[1], sizeof(shadow) - sizeof(shadow[0]));
    clear_line(LINES - 1);
    for (unsigned int line = 0; line < LINES; line++)
        show_line(line);
    column = 0;
}

static void put_char(char c)
{
    if (c == '\n') {
        scroll();
        return;
    }
    if (c == '\r') {
        column = 0;
        return;
    }
    if (c == '\t')
        c = ' ';
    if ((u8)c < 0x20)
        return;
    if (column == COLUMNS)
        scroll();
    shadow[LINES - 1][column] = (u16)(LIGHT_GREY << 8 | (u8)c);
    screen()[(LINES - 1) * COLUMNS + column] = shadow[LINES - 1][column];
    column++;
}

void vga_write(const char *s, size_t len)
{
    if (!vga_is_open)
        return;
    for (size_t i = 0; i < len; i++)
        put_char(s[i]);
    crtc_write(CRTC_CURSOR, (u16)((LINES - 1) * COLUMNS + MIN(column, COLUMNS - 1U)));
}

void vga_end_boot(void)
{
    if (!vga_keep)
        vga_is_open = false;
}
