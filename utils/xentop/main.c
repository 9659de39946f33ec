/* SPDX-License-Identifier: MIT */
/* main.c - xentop: options, and the mode without a screen. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "xentop.h"

static int usage(FILE *f, int status)
{
    fputs("Usage: xentop [-bfnrvx] [-d SECONDS] [-i ROUNDS] [--json] [-H HOST]\n\n"
          "Watches the host and its domains.\n\n"
          "Options:\n"
          "-b, --batch           print tables, without a screen and keys\n"
          "-d, --delay=SECONDS   time between two looks (3)\n"
          "-f, --full-name       names in full length\n"
          "-H, --host=HOST       another host, such as sim:\n"
          "-h, --help            this text\n"
          "-i, --iterations=N    end after N looks\n"
          "    --json            print a line of JSON for each look, without a screen\n"
          "-n, --networks        also network interfaces\n"
          "-r, --repeat-header   the head of the table before each domain\n"
          "-V, --version         the version\n"
          "-v, --vcpus           also vCPUs\n"
          "-x, --vbds            also disks\n",
          f);
    return status;
}

static void put_line(void *arg, enum line kind, const char *text)
{
    (void)kind;
    fprintf(arg, "%s\n", text);
}

/* {"time": seconds of the epoch, "domains": [...]} */
static int put_json(const struct sample *now)
{
    char *text;
    int rc = xlight_type_to_json(xlight_stat_type(), now->list, now->nr,
                                 XLIGHT_JSON_LIST | XLIGHT_JSON_LINE, &text);

    if (rc)
        return rc;
    printf("{\"time\":%lld,\"domains\":%s}\n", (long long)time(NULL), text);
    free(text);
    return 0;
}

static int run_batch(xlight_handle *h, const struct view *view, unsigned int delay,
                     unsigned int rounds, bool json)
{
    struct sample last = {NULL, NULL, 0, 0}, now;
    int rc = 0;

    for (unsigned int round = 1; !rc; round++) {
        rc = sample_take(h, &now);
        if (rc)
            break;
        rc = json ? put_json(&now)
                  : table_draw(&now, last.host ? &last : NULL, view, put_line, stdout);
        sample_free(&last);
        last = now;
        if (fflush(stdout))
            rc = -errno;
        if (rc || (rounds && round >= rounds))
            break;
        sleep(delay);
    }
    sample_free(&last);
    return rc;
}

static bool read_count(const char *text, unsigned int *ret)
{
    unsigned long n;
    char *end;

    n = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || !n || n > 1000000) {
        fprintf(stderr, "xentop: \"%s\" is not a number from 1 on\n", text);
        return false;
    }
    *ret = (unsigned int)n;
    return true;
}

static int run(const char *host, struct view *view, unsigned int delay, unsigned int rounds,
               bool batch, bool json)
{
    xlight_handle *h;
    char why[1024];
    int rc;

    if (xlight_open_why(host, &h, why, sizeof(why))) {
        fprintf(stderr, "xentop: %s\n", why);
        return 1;
    }
    rc = batch || json ? run_batch(h, view, delay, rounds, json)
                       : screen_run(h, view, delay, rounds);
    if (rc) {
        if (!xlight_error_format(h, why, sizeof(why)))
            snprintf(why, sizeof(why), "%s", strerror(-rc));
        fprintf(stderr, "xentop: %s\n", why);
    }
    xlight_close(h);
    return rc ? 1 : 0;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"batch", no_argument, NULL, 'b'},
                                            {"delay", required_argument, NULL, 'd'},
                                            {"full-name", no_argument, NULL, 'f'},
                                            {"host", required_argument, NULL, 'H'},
                                            {"help", no_argument, NULL, 'h'},
                                            {"iterations", required_argument, NULL, 'i'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"networks", no_argument, NULL, 'n'},
                                            {"repeat-header", no_argument, NULL, 'r'},
                                            {"version", no_argument, NULL, 'V'},
                                            {"vcpus", no_argument, NULL, 'v'},
                                            {"vbds", no_argument, NULL, 'x'},
                                            {NULL, 0, NULL, 0}};
    const char *host = getenv("XENOLITH_HOST");
    unsigned int delay = 3, rounds = 0;
    bool batch = false, json = false;
    struct view view = {0};
    int opt;

    while ((opt = getopt_long(argc, argv, "bd:fH:hi:nrVvx", options, NULL)) != -1) {
        if (opt == 'h')
            return usage(stdout, 0);
        if (opt == 'V')
            return puts("xentop of Xenolith " PACKAGE_VERSION) < 0;
        if (opt == '?' ||
            ((opt == 'd' || opt == 'i') && !read_count(optarg, opt == 'd' ? &delay : &rounds)))
            return opt == '?' ? usage(stderr, 1) : 1;
        batch |= opt == 'b';
        json |= opt == 'j';
        view.full_names |= opt == 'f';
        view.networks |= opt == 'n';
        view.repeat_head |= opt == 'r';
        view.vcpus |= opt == 'v';
        view.disks |= opt == 'x';
        if (opt == 'H')
            host = optarg;
    }
    if (optind < argc)
        return usage(stderr, 1);
    return run(host, &view, delay, rounds, batch, json);
}
