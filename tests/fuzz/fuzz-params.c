/* SPDX-License-Identifier: MIT */
/* fuzz-params.c - any text as a command line. Link with params.c, strtoull.c and the shim. */
#include "fuzz-main.h"
#include <string.h>
#include <xen/lib.h>
#include <xen/param.h>

static bool opt_bool;
static u32 opt_uint;
static u64 opt_size;
static char opt_text[8];
static unsigned int reports;

static int custom(const char *value)
{
    return (int)strlen(value) % 2;
}

static const struct param table[] = {
    {"watchdog", "bool", PARAM_BOOL, 0, &opt_bool, NULL},
    {"maxcpus", "number", PARAM_UINT, 0, &opt_uint, NULL},
    {"dom0_mem", "size", PARAM_SIZE, 0, &opt_size, NULL},
    {"con", "text", PARAM_STRING, sizeof(opt_text), opt_text, NULL},
    {"cpufreq", "custom", PARAM_CUSTOM, 0, NULL, custom},
};

static void report(const char *option, const char *advice)
{
    if (!*option || !*advice)
        abort();
    reports++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    char *text = malloc(len + 1);

    if (!text)
        return 0;
    memcpy(text, data, len);
    text[len] = '\0';
    reports = 0;
    if (params_parse(text, table, table + ARRAY_SIZE(table), report) != reports)
        abort();
    free(text);
    return 0;
}
