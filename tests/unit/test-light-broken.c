/* SPDX-License-Identifier: MIT */
/* test-light-broken.c - what is said about broken configuration files: tests/light/broken.txt. */
#include "test-main.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenolith/light-config.h>

#define TAIL  "name = 'x'\nkernel = '/k'\n"
#define ALONE "(alone)"

/* One broken file. */
struct sample {
    char title[128], file[1024], expected[1024];
};

/* Lines up to one that begins with this, which is left in line. False: the end. */
static bool read_until(FILE *f, const char *mark, char *line, char *text, size_t size)
{
    text[0] = 0;
    while (fgets(line, 1024, f)) {
        if (!strncmp(line, mark, strlen(mark)))
            return true;
        ck_assert_uint_lt(strlen(text) + strlen(line), size);
        strcat(text, line);
    }
    return false;
}

static void check(const struct sample *s)
{
    struct xlight_config *c = (struct xlight_config *)1;
    char said[1024], text[1024 + sizeof(TAIL)];
    size_t len = 0;
    xlight_messages *m;

    snprintf(text, sizeof(text), "%s%s", s->file, strstr(s->title, ALONE) ? "" : TAIL);
    ck_assert_int_eq(xlight_messages_new(&m), 0);
    ck_assert_msg(xlight_config_parse("f", text, strlen(text), m, &c) == -EINVAL, "%s", s->title);
    ck_assert_ptr_eq(c, (struct xlight_config *)1);
    ck_assert_uint_ge(xlight_messages_errors(m), 1);
    for (unsigned int i = 0; i < xlight_messages_count(m); i++) {
        len += xlight_message_format(xlight_messages_get(m, i), said + len, sizeof(said) - len - 1);
        ck_assert_uint_lt(len, sizeof(said) - 1);
        strcpy(said + len++, "\n");
    }
    ck_assert_msg(!strcmp(said, s->expected), "%s: says\n%s", s->title, said);
    xlight_messages_free(m);
}

START_TEST(each_says_what_is_wrong)
{
    FILE *f = fopen(BROKEN, "r");
    char line[1024];
    struct sample s;
    unsigned int n = 0;

    ck_assert_ptr_nonnull(f);
    ck_assert(read_until(f, "===", line, s.file, sizeof(s.file)));
    for (bool more = true; more; n++) {
        snprintf(s.title, sizeof(s.title), "%.100s", line + 4);
        ck_assert(read_until(f, "---", line, s.file, sizeof(s.file)));
        more = read_until(f, "===", line, s.expected, sizeof(s.expected));
        check(&s);
    }
    fclose(f);
    ck_assert_uint_ge(n, 100);
}
END_TEST

TEST_MAIN("light-broken", each_says_what_is_wrong)
