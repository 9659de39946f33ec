/* SPDX-License-Identifier: MIT */
/* buffer.h - what a guest has said and nobody has read yet. */
#ifndef XENCONSOLED_BUFFER_H
#define XENCONSOLED_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Holds up to 5/4 of limit; then the middle is thrown away, so that the very first and the latest
 * text stay. A limit of 0 means none.
 */
struct buffer {
    char *data;
    size_t len, room, limit;
};

/* Appends; false if there is no memory: then nothing is. */
bool buffer_add(struct buffer *b, const char *data, size_t len);
/* Drops the first n bytes. */
void buffer_drop(struct buffer *b, size_t n);
/* Shall its owner wait before adding more (when overflow is to be kept)? */
bool buffer_full(const struct buffer *b);
void buffer_free(struct buffer *b);

#endif /* XENCONSOLED_BUFFER_H */
