/* SPDX-License-Identifier: MIT */
/* create.c - xl create, as far as it needs no host: the configuration that would be used. */
#include "xl.h"
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The file, with arguments like memory=512 as lines behind it. To be freed; NULL and errno. */
static char *read_text(const char *path, char **lines, int nr, size_t *ret_len)
{
    FILE *f = fopen(path, "re"), *out;
    char *text = NULL, buf[4096];
    size_t n;
    bool bad;

    if (!f)
        return NULL;
    out = open_memstream(&text, ret_len);
    if (!out) {
        fclose(f);
        return NULL;
    }
    while ((n = fread(buf, 1, sizeof(buf), f)))
        fwrite(buf, 1, n, out);
    bad = ferror(f);
    for (int i = 0; i < nr; i++)
        fprintf(out, "\n%s", lines[i]);
    fclose(f);
    if (fclose(out) || bad) {
        free(text);
        errno = bad ? EIO : ENOMEM;
        return NULL;
    }
    return text;
}

static int print_json(const struct xlight_config *c)
{
    char *json;
    int rc = xlight_config_to_json(c, &json);

    if (rc) {
        fprintf(stderr, "xl: cannot write JSON: %s\n", strerror(-rc));
        return XL_FAILED;
    }
    fputs(json, stdout);
    free(json);
    return fflush(stdout) ? XL_FAILED : XL_OK;
}

static int dry_run(const char *path, char **lines, int nr)
{
    struct xlight_config *c;
    xlight_messages *m;
    size_t len = 0;
    char *text = read_text(path, lines, nr, &len);
    int status = XL_FAILED;

    if (!text || xlight_messages_new(&m)) {
        fprintf(stderr, "xl: cannot read %s: %s\n", path, strerror(text ? ENOMEM : errno));
        free(text);
        return XL_FAILED;
    }
    if (!xlight_config_parse(path, text, len, m, &c)) {
        xl_say(m);
        status = print_json(c);
        xlight_config_free(c);
    } else {
        xl_say(m);
    }
    free(text);
    xlight_messages_free(m);
    return status;
}

int cmd_create(struct xl *xl, int argc, char **argv)
{
    static const struct option options[] = {{"dryrun", no_argument, NULL, 'n'},
                                            {"defconfig", required_argument, NULL, 'f'},
                                            {"quiet", no_argument, NULL, 'q'},
                                            {NULL, 0, NULL, 0}};
    const char *path = NULL;
    int opt;

    while ((opt = getopt_long(argc, argv, "nf:q", options, NULL)) != -1) {
        if (opt == 'n')
            xl->dry_run = true;
        else if (opt == 'f')
            path = optarg;
        else if (opt == 'q')
            xl->quiet = true;
        else
            return xl_usage("create");
    }
    if (!path && optind < argc && !strchr(argv[optind], '='))
        path = argv[optind++];
    if (!path)
        return xl_usage("create");
    if (!xl->dry_run) {
        fprintf(stderr, "xl: nothing can be created yet; -n shows what would be\n");
        return XL_FAILED;
    }
    if (!xl->quiet)
        fprintf(stderr, "Parsing config from %s\n", path);
    return dry_run(path, argv + optind, argc - optind);
}
