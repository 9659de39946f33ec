/* SPDX-License-Identifier: MIT */
/*
 * talk.c - what both ends of a migration say to each other: texts that never change, as Xen's xl
 * has them. Pure code.
 */
#include "stream.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define TEXT(s) s, sizeof(s) /* with its zero */

static const struct {
    const char *text;
    size_t size;
    const char *name;
} words[] = {
    [XLIGHT__READY] = {"xl migration receiver ready, send binary domain data.\n", 54,
                       "its greeting"},
    [XLIGHT__RECEIVED] = {TEXT("domain received, ready to unpause"), "word that it has all"},
    [XLIGHT__START] = {TEXT("domain is yours, you are cleared to unpause"),
                       "the permission to start the guest"},
    [XLIGHT__REPORT] = {TEXT("my copy unpause results are as follows"),
                        "word of whether the guest runs"},
    /* As long as the header it stands for, so that who does not know it need not wait for more. */
    [XLIGHT__PACK] = {TEXT("xenolith: the guest shall come in frames of zst"), "its wish"},
    [XLIGHT__PACK_OK] = {TEXT("xenolith: frames of zstd are fine"),
                         "word that it takes compressed guests"},
};
_Static_assert(sizeof("xenolith: the guest shall come in frames of zst") ==
                   sizeof(struct stream_container),
               "this is what a receiver reads first");

const char *xlight__word(enum xlight__word word, size_t *ret_size)
{
    *ret_size = words[word].size;
    return words[word].text;
}

size_t xlight__hear_left(const struct xlight__hear *e, enum xlight__word word)
{
    return words[word].size - e->got;
}

/* What came instead, as far as it can be shown: mostly the message of a shell. */
static void quote(const struct xlight__hear *e, char *text, size_t size)
{
    size_t n = 0;

    for (size_t i = 0; i < e->got && n + 2 < size; i++) {
        char c = e->seen[i];

        if (c == '\n' && n)
            break;
        text[n++] = c >= ' ' && c < 127 && c != '"' ? c : '?';
    }
    text[n] = 0;
}

int xlight__hear(struct xlight__hear *e, enum xlight__word word, const void *bytes, size_t size,
                 struct xlight__why *why)
{
    char text[XLIGHT__HEAR_MOST + 1];

    if (size > xlight__hear_left(e, word))
        return xlight__why(why, -EMSGSIZE, "more came than is wanted");
    memcpy(e->seen + e->got, bytes, size);
    e->got += size;
    if (memcmp(e->seen, words[word].text, e->got)) {
        quote(e, text, sizeof(text));
        return xlight__why(why, -EPROTO, "the other end says \"%s\" in place of %s", text,
                           words[word].name);
    }
    if (e->got < words[word].size)
        return -EAGAIN;
    e->got = 0;
    return 0;
}
