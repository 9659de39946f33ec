/* SPDX-License-Identifier: MIT */
/*
 * clock.c - how far this machine's clock is from that of the computer QEMU runs on.
 *
 *   clock serve    answers each byte of standard input with CLOCK_MONOTONIC: eight bytes, little
 *                  endian, ns. Runs on the host; that clock drives the timers QEMU emulates.
 *   clock ask FD   asks the server at descriptor FD from each CPU in turn, and prints for each
 *                  "FACT clock.LABEL.CPU=OURS THEIRS ROUND-TRIP", all in ns, of the quickest of
 *                  many questions: there the error is at most half the round trip.
 *                  Usage: clock ask FD LABEL
 *
 * OURS is CLOCK_MONOTONIC_RAW, which no time server corrects.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define QUESTIONS 200

static uint64_t now(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

static int serve(void)
{
    char question;

    while (read(STDIN_FILENO, &question, 1) == 1) {
        uint64_t answer = now(CLOCK_MONOTONIC);

        if (write(STDOUT_FILENO, &answer, sizeof(answer)) != sizeof(answer))
            return 1;
    }
    return 0;
}

struct sample {
    uint64_t ours, theirs, trip;
};

static int ask(int fd, struct sample *ret_sample)
{
    uint64_t before = now(CLOCK_MONOTONIC_RAW), theirs, after;

    /* Eight bytes sent at once arrive at once. */
    if (write(fd, "?", 1) != 1 || read(fd, &theirs, sizeof(theirs)) != sizeof(theirs))
        return -1;
    after = now(CLOCK_MONOTONIC_RAW);
    *ret_sample = (struct sample){before + (after - before) / 2, theirs, after - before};
    return 0;
}

static int ask_from(int cpu, int fd, const char *label)
{
    struct sample best = {0, 0, UINT64_MAX}, s;
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET((size_t)cpu, &set);
    if (sched_setaffinity(0, sizeof(set), &set))
        return -1;
    for (int i = 0; i < QUESTIONS; i++) {
        if (ask(fd, &s))
            return -1;
        if (s.trip < best.trip)
            best = s;
    }
    printf("FACT clock.%s.%d=%llu %llu %llu\n", label, cpu, (unsigned long long)best.ours,
           (unsigned long long)best.theirs, (unsigned long long)best.trip);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && !strcmp(argv[1], "serve"))
        return serve();
    if (argc != 4 || strcmp(argv[1], "ask")) {
        fprintf(stderr, "usage: clock serve | clock ask FD LABEL\n");
        return 2;
    }
    for (int cpu = 0; cpu < sysconf(_SC_NPROCESSORS_ONLN); cpu++)
        if (ask_from(cpu, atoi(argv[2]), argv[3])) {
            perror("clock");
            return 1;
        }
    return 0;
}
