/* SPDX-License-Identifier: MIT */
/* buffer.c - what a guest has said and nobody has read yet. */
#include "buffer.h"
#include <stdlib.h>
#include <string.h>

/* A quarter from the start and the rest from the end is what limit keeps. */
static void cut_middle(struct buffer *b)
{
    size_t head = b->limit / 4, tail = b->limit - head;

    memmove(b->data + head, b->data + b->len - tail, tail);
    b->len = b->limit;
}

bool buffer_add(struct buffer *b, const char *data, size_t len)
{
    /* An empty buffer has no memory to point into. */
    if (!len)
        return true;
    if (b->len + len > b->room) {
        size_t room = b->room ? b->room : 4096;
        char *p;

        while (room < b->len + len)
            room *= 2;
        p = realloc(b->data, room);
        if (!p)
            return false;
        b->data = p;
        b->room = room;
    }
    memcpy(b->data + b->len, data, len);
    b->len += len;
    if (b->limit && b->len > b->limit + b->limit / 4)
        cut_middle(b);
    return true;
}

void buffer_drop(struct buffer *b, size_t n)
{
    n = n < b->len ? n : b->len;
    if (!n)
        return;
    b->len -= n;
    memmove(b->data, b->data + n, b->len);
    /* A large burst must not hold memory for ever. */
    if (!b->len && b->room > 65536)
        buffer_free(b);
}

bool buffer_full(const struct buffer *b)
{
    return b->limit && b->len >= b->limit;
}

void buffer_free(struct buffer *b)
{
    free(b->data);
    b->data = NULL;
    b->len = b->room = 0;
}
