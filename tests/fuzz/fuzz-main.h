/* SPDX-License-Identifier: MIT */
/* fuzz-main.h - with FUZZ_STANDALONE, a main() that runs the target on each file given. */
#ifndef TESTS_FUZZ_MAIN_H
#define TESTS_FUZZ_MAIN_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#ifdef FUZZ_STANDALONE
#define FUZZ_INPUT_MAX (1UL << 24)

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        FILE *f = fopen(argv[i], "rb");
        uint8_t *buf = malloc(FUZZ_INPUT_MAX), *exact;
        size_t n;

        if (!f || !buf) {
            perror(argv[i]);
            return 1;
        }
        n = fread(buf, 1, FUZZ_INPUT_MAX, f);
        fclose(f);
        /* An exact copy, so that sanitizers see the first byte beyond it. */
        exact = realloc(buf, n ? n : 1);
        if (!exact)
            return 1;
        LLVMFuzzerTestOneInput(exact, n);
        free(exact);
    }
    return 0;
}
#endif

#endif /* TESTS_FUZZ_MAIN_H */
