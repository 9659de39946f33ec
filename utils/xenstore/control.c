/* SPDX-License-Identifier: MIT */
/*
 * control.c - xenstore-control: sends commands to the daemon.
 *
 * Live update is a sequence of them: announce the new program (by name to a daemon, by content to a
 * stub domain), its command line, then start, again and again while transactions are open.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "tool.h"

enum status { OK, FAILED, BAD_USAGE, REFUSED };

/* Bytes of a kernel in one message. */
#define CHUNK 2048

/* Sends a command with arguments, NULL behind the last. Returns the answer, or NULL and errno. */
static char *send_args(struct xs_handle *h, const char *cmd, const char *const *args)
{
    char body[XENSTORE_PAYLOAD_MAX];
    size_t len = 0;

    for (; *args; args++) {
        size_t n = strlen(*args) + 1;

        if (n > sizeof(body) - len) {
            errno = E2BIG;
            return NULL;
        }
        memcpy(body + len, *args, n);
        len += n;
    }
    return xs_control_command(h, cmd, body, len);
}

/* An answer that must be "OK"; frees it. */
static enum status expect_ok(char *answer, const char *failed)
{
    enum status status = answer && !strcmp(answer, "OK") ? OK : REFUSED;

    if (status)
        fprintf(stderr, "%s failed:\n%s\n", failed, answer ? answer : strerror(errno));
    free(answer);
    return status;
}

/* One step of a live update, "OK" or a message. */
#define STEP(h, failed, ...) \
    expect_ok(send_args(h, "live-update", (const char *const[]){__VA_ARGS__, NULL}), failed)

struct update {
    const char *program;
    const char *cmdline;  /* or NULL */
    unsigned int timeout; /* seconds */
    bool force;
};

static enum status start_update(struct xs_handle *h, const struct update *u)
{
    char seconds[16], *answer = strdup("BUSY");
    const char *const args[] = {"-s", "-t", seconds, u->force ? "-F" : NULL, NULL};
    time_t start = time(NULL);

    snprintf(seconds, sizeof(seconds), "%u", u->timeout);
    while (answer && !strcmp(answer, "BUSY") && time(NULL) - start < (time_t)u->timeout) {
        free(answer);
        answer = send_args(h, "live-update", args);
        if (answer && !strcmp(answer, "BUSY"))
            sleep(1);
    }
    return expect_ok(answer, "Starting live update");
}

static enum status send_chunks(struct xs_handle *h, FILE *f)
{
    char chunk[CHUNK], body[CHUNK + 32];
    enum status status = OK;
    size_t n;

    while (!status && (n = fread(chunk, 1, sizeof(chunk), f))) {
        int len = snprintf(body, sizeof(body), "-d%c%zu", 0, n) + 1;

        memcpy(body + len, chunk, n);
        body[len + n] = '\0';
        status = expect_ok(xs_control_command(h, "live-update", body, len + n + 1),
                           "Transfer of new binary");
    }
    return status;
}

/* The stub domain gets the file as it is: the kernel must not be compressed. */
static enum status send_kernel(struct xs_handle *h, const char *path)
{
    FILE *f = fopen(path, "rb");
    enum status status = FAILED;
    char size[24];
    long end;

    if (!f || fseek(f, 0, SEEK_END) || (end = ftell(f)) < 0) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
    } else {
        rewind(f);
        snprintf(size, sizeof(size), "%ld", end);
        status = STEP(h, "Starting live update", "-b", size);
        if (!status)
            status = send_chunks(h, f);
    }
    if (f)
        fclose(f);
    return status;
}

static enum status live_update(struct xs_handle *h, const struct update *u)
{
    char *domid = xs_read(h, XBT_NULL, "/tool/xenstored/domid", NULL);
    bool announced = true;
    enum status status;

    if (domid) {
        status = send_kernel(h, u->program);
    } else {
        status = STEP(h, "Setting update binary", "-f", u->program);
        announced = !status; /* a daemon that refused has nothing to forget */
    }
    free(domid);
    if (!status && u->cmdline)
        status = STEP(h, "Setting update binary", "-c", u->cmdline);
    if (!status)
        status = start_update(h, u);
    if (status && announced)
        free(send_args(h, "live-update", (const char *const[]){"-a", NULL}));
    return status;
}

static enum status parse_update(char **argv, struct update *u)
{
    for (; *argv; argv++) {
        const char *arg = *argv;
        bool is_cmdline = !strcmp(arg, "-c");

        if (!strcmp(arg, "-F")) {
            u->force = true;
        } else if (!is_cmdline && strcmp(arg, "-t")) {
            u->program = arg;
        } else if (!*++argv) {
            fprintf(stderr, "Missing %s value\n", is_cmdline ? "command line" : "timeout");
            return BAD_USAGE;
        } else if (is_cmdline) {
            u->cmdline = *argv;
        } else {
            u->timeout = atoi(*argv);
        }
    }
    if (u->program)
        return OK;
    fprintf(stderr, "Missing binary specification\n");
    return BAD_USAGE;
}

/* Any other command. The daemon says EINVAL to those it does not know. */
static enum status plain_command(struct xs_handle *h, const char *cmd, char **args)
{
    char *answer = send_args(h, cmd, (const char *const *)args);
    enum status status = answer ? OK : REFUSED;

    if (answer && *answer) {
        printf("%s\n", answer);
    } else if (!answer && errno != EINVAL) {
        fprintf(stderr, "Error %d when trying to execute command.\n", errno);
    } else if (!answer) {
        answer = xs_control_command(h, "help", NULL, 0);
        if (answer)
            fprintf(stderr, "Command not supported. Valid commands are:\n%s\n", answer);
        else
            fprintf(stderr, "Error when executing command.\n");
    }
    free(answer);
    return status;
}

int control_main(int argc, char **argv)
{
    struct update u = {.timeout = 60};
    struct xs_handle *h;
    enum status status;

    if (argc < 2) {
        fprintf(stderr, "Usage:\n%s <command> [<arg>...]\n", argv[0]);
        return BAD_USAGE;
    }
    h = xs_open(0);
    if (!h) {
        fprintf(stderr, "Failed to contact Xenstored.\n");
        return FAILED;
    }
    if (strcmp(argv[1], "live-update")) {
        status = plain_command(h, argv[1], argv + 2);
    } else {
        status = parse_update(argv + 2, &u);
        if (!status)
            status = live_update(h, &u);
    }
    xs_close(h);
    return fflush(stdout) ? FAILED : status;
}
