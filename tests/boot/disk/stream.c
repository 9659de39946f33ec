/* SPDX-License-Identifier: MIT */
/*
 * stream.c - bytes that are known from a seed and their position, for disks and networks.
 *
 *   stream write SEED MIB [END]     to standard output
 *   stream verify SEED MIB [END]    standard input must be that, to the last byte, and end or go on
 *
 * END is a TCP connection instead: ADDRESS:PORT is called (for up to 10 s), :PORT waits for one
 * caller. All goes through in pieces of 64 KiB, as real programs do it.
 *
 * A checksum says that something is wrong; this says where, and it notices blocks that changed
 * places. Exit status: 0 right, 1 wrong data, 2 could not read or write.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MIB   1048576UL
#define WORDS 8192UL /* in one piece, 64 KiB */

/* A bijective mixer: no two positions of one stream hold the same word. */
static uint64_t word_at(uint64_t seed, uint64_t position)
{
    uint64_t x = position ^ (seed << 48);

    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

static void fill(uint64_t *piece, uint64_t seed, uint64_t first)
{
    for (uint64_t i = 0; i < WORDS; i++)
        piece[i] = word_at(seed, first + i);
}

/* Reads or writes all of a piece; the count of bytes that went through before the end. */
static size_t transfer(ssize_t (*fn)(int fd, void *buf, size_t len), int fd, void *piece)
{
    size_t done = 0;

    while (done < WORDS * 8) {
        ssize_t n = fn(fd, (char *)piece + done, WORDS * 8 - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            fprintf(stderr, "stream: %s\n", strerror(errno));
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    return done;
}

static ssize_t write_any(int fd, void *buf, size_t len)
{
    return write(fd, buf, len);
}

static int report_difference(const uint64_t *got, const uint64_t *want, uint64_t first)
{
    uint64_t i = 0;

    while (got[i] == want[i])
        i++;
    printf("wrong at byte %llu: %016llx instead of %016llx\n", (unsigned long long)(first + i) * 8,
           (unsigned long long)got[i], (unsigned long long)want[i]);
    return 1;
}

static int await_caller(const struct sockaddr_in *addr)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1, caller;

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, (const struct sockaddr *)addr, sizeof(*addr)) || listen(fd, 1))
        return -1;
    caller = accept(fd, NULL, NULL);
    close(fd);
    return caller;
}

static int call(const struct sockaddr_in *addr)
{
    for (int tries = 0; tries < 50; tries++) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);

        if (connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) == 0)
            return fd;
        close(fd);
        usleep(200000);
    }
    return -1;
}

/* The descriptor for END; negative: none, and errno says why. */
static int open_end(const char *end)
{
    struct sockaddr_in addr = {.sin_family = AF_INET};
    char host[16] = "";
    const char *colon = strchr(end, ':');

    errno = EINVAL;
    if (colon == NULL || (size_t)(colon - end) >= sizeof(host))
        return -1;
    memcpy(host, end, (size_t)(colon - end));
    addr.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
    if (host[0] == 0)
        return await_caller(&addr);
    return inet_pton(AF_INET, host, &addr.sin_addr) == 1 ? call(&addr) : -1;
}

int main(int argc, char **argv)
{
    static uint64_t want[WORDS], got[WORDS];
    uint64_t seed, words;
    int verify, fd;

    if (argc < 4 || argc > 5 || (strcmp(argv[1], "write") && strcmp(argv[1], "verify"))) {
        fprintf(stderr, "usage: stream write|verify SEED MIB [ADDRESS:PORT|:PORT]\n");
        return 2;
    }
    verify = argv[1][0] == 'v';
    seed = strtoull(argv[2], NULL, 0);
    words = strtoull(argv[3], NULL, 0) * (MIB / 8);
    fd = argc == 5 ? open_end(argv[4]) : verify ? STDIN_FILENO : STDOUT_FILENO;
    if (fd < 0) {
        perror("stream");
        return 2;
    }

    for (uint64_t first = 0; first < words; first += WORDS) {
        fill(want, seed, first);
        if (!verify && transfer(write_any, fd, want) != sizeof(want))
            return 2;
        if (verify && transfer(read, fd, got) != sizeof(got)) {
            printf("ends after byte %llu at most\n", (unsigned long long)first * 8 + sizeof(got));
            return 2;
        }
        if (verify && memcmp(got, want, sizeof(got)))
            return report_difference(got, want, first);
    }
    if (verify)
        printf("right\n");
    return 0;
}
