/* SPDX-License-Identifier: MIT */
/* sample.c - what the host is like at one moment, and the summary of it. */
#include "xentop.h"
#include <inttypes.h>
#include <time.h>

int sample_take(xlight_handle *h, struct sample *ret_sample)
{
    struct sample s = {NULL, NULL, 0, 0};
    struct timespec now;
    int rc = xlight_host_info(h, &s.host);

    if (!rc)
        rc = xlight_stat(h, &s.list, &s.nr);
    if (rc) {
        sample_free(&s);
        return rc;
    }
    clock_gettime(CLOCK_MONOTONIC, &now);
    s.seconds = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
    *ret_sample = s;
    return 0;
}

void sample_free(struct sample *s)
{
    xlight_host_free(s->host);
    xlight_stat_free(s->list, s->nr);
    *s = (struct sample){NULL, NULL, 0, 0};
}

void summary_format(const struct sample *now, char text[3][128])
{
    unsigned int run = 0, block = 0, pause = 0, crash = 0, die = 0, stop = 0;
    const struct xlight_host *host = now->host;
    time_t t = time(NULL);
    char clock[16];

    for (unsigned int i = 0; i < now->nr; i++) {
        const struct xlight_domain *d = &now->list[i].domain;

        if (d->running)
            run++;
        else if (d->blocked)
            block++;
        else if (d->paused)
            pause++;
        else if (d->shutdown && d->shutdown_reason == 3)
            crash++;
        else if (d->shutdown)
            stop++;
        else if (d->dying)
            die++;
    }
    strftime(clock, sizeof(clock), "%H:%M:%S", localtime(&t));
    snprintf(text[0], 128, "xentop - %s   Xen %" PRIu32 ".%" PRIu32 "%s", clock, host->major,
             host->minor, host->extra);
    snprintf(text[1], 128,
             "%u domains: %u running, %u blocked, %u paused, %u crashed, %u dying, %u shutdown",
             now->nr, run, block, pause, crash, die, stop);
    snprintf(text[2], 128,
             "Mem: %" PRIu64 "k total, %" PRIu64 "k used, %" PRIu64 "k free    CPUs: %" PRIu32
             " @ %" PRIu32 "MHz",
             host->memory_kb, host->memory_kb - host->free_kb, host->free_kb, host->cpus,
             host->khz / 1000);
}
