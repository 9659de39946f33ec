/* SPDX-License-Identifier: MIT */
/*
 * sim-pv.c - for shell scripts: what a PV guest does of itself, on a simulated host where none
 * runs. sim-pv WHERE DOMID    it boots; then, until it is gone, suspends whenever it is asked to
 *   sim-pv kernel FILE    writes the kernel that such guests have
 *   sim-pv WHERE DOMID restored|runs    is it as a restored guest must be, or as one that runs on?
 */
#include "build/images.h"
#include "light/fake-guest.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static bool is_there(uint32_t domid)
{
    struct xen_domctl_getdomaininfo info;

    return !xctl_domain_info(h->ctrl, (domid_t)domid, &info) && !(info.flags & XEN_DOMINF_dying);
}

static char **args;
static int nr_args;

START_TEST(play)
{
    uint32_t domid = (uint32_t)strtoul(args[2], NULL, 10);

    /* Check would pass it on to its process group: to the script that has started this, too. */
    signal(SIGTERM, SIG_DFL);
    if (nr_args > 3 && !strcmp(args[3], "restored")) {
        guest_check_restored(domid, "restored");
        return;
    }
    if (nr_args > 3) {
        guest_check_runs(domid, "runs");
        return;
    }
    guest_boot(domid);
    puts("up");
    fflush(stdout);
    while (is_there(domid)) {
        guest_answer(domid);
        usleep(10000);
    }
}
END_TEST

static int write_kernel(const char *path)
{
    struct tiny tiny = {.init_p2m = true, .mod_start_pfn = true, .phys32 = true};
    FILE *f = fopen(path, "w");
    struct bytes elf = {0};
    int rc = 1;

    tiny_make(&tiny, &elf);
    if (f && fwrite(elf.data, 1, elf.len, f) == elf.len)
        rc = 0;
    if (f && fclose(f))
        rc = 1;
    bytes_free(&elf);
    return rc;
}

/* What looks into guests is made for tests. */
static int run_play(void)
{
    Suite *suite = suite_create("sim-pv");
    TCase *tc = tcase_create("play");
    SRunner *sr;
    int failed;

    tcase_add_test(tc, play);
    suite_add_tcase(suite, tc);
    sr = srunner_create(suite);
    srunner_set_fork_status(sr, CK_NOFORK);
    srunner_run_all(sr, CK_SILENT);
    failed = srunner_ntests_failed(sr);
    if (failed)
        srunner_print(sr, CK_NORMAL);
    srunner_free(sr);
    return failed != 0;
}

int main(int argc, char **argv)
{
    char why[512];
    int status;

    if (argc < 3)
        return 2;
    if (!strcmp(argv[1], "kernel"))
        return write_kernel(argv[2]);
    if (xlight_open_why(argv[1], &h, why, sizeof(why))) {
        fprintf(stderr, "sim-pv: %s\n", why);
        return 1;
    }
    args = argv;
    nr_args = argc;
    status = run_play();
    xlight_close(h);
    return status;
}
