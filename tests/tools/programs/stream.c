/* SPDX-License-Identifier: MIT */
/*
 * stream.c - data that can be checked without a copy of it: words of a generator, each of which
 * follows from the one before.
 *
 *   stream write MIB SEED    to standard output
 *   stream check MIB SEED    from standard input: exit status 0 when it is exactly that
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORDS 32768

static uint64_t expected[WORDS], buffer[WORDS];
static uint64_t state;

static void fill(uint64_t *words)
{
    for (size_t i = 0; i < WORDS; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        words[i] = state;
    }
}

/* The bytes that came, fewer only at the end of the input. */
static size_t read_all(void *to, size_t size)
{
    size_t done = 0;
    ssize_t n;

    while (done < size && (n = read(0, (char *)to + done, size - done)) != 0) {
        if (n < 0 && errno != EINTR)
            break;
        done += n > 0 ? (size_t)n : 0;
    }
    return done;
}

static bool write_all(const void *from, size_t size)
{
    size_t done = 0;

    while (done < size) {
        ssize_t n = write(1, (const char *)from + done, size - done);

        if (n < 0 && errno != EINTR)
            return false;
        done += n > 0 ? (size_t)n : 0;
    }
    return true;
}

int main(int argc, char **argv)
{
    bool check = argc == 4 && strcmp(argv[1], "check") == 0;
    unsigned long chunks;

    if (argc != 4 || (!check && strcmp(argv[1], "write")))
        return 2;
    chunks = strtoul(argv[2], NULL, 0) * ((1UL << 20) / sizeof(buffer));
    state = strtoull(argv[3], NULL, 0) * 2 + 1;
    for (unsigned long i = 0; i < chunks; i++) {
        fill(expected);
        if (!check && !write_all(expected, sizeof(expected))) {
            perror("stream: write");
            return 1;
        }
        if (check && (read_all(buffer, sizeof(buffer)) != sizeof(buffer) ||
                      memcmp(buffer, expected, sizeof(buffer)))) {
            fprintf(stderr, "stream: wrong or missing data in MiB %lu\n", i * sizeof(buffer) >> 20);
            return 1;
        }
    }
    if (check && read_all(buffer, 1)) {
        fprintf(stderr, "stream: more data than there should be\n");
        return 1;
    }
    return 0;
}
