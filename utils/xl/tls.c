/* SPDX-License-Identifier: MIT */
/* tls.c - the files for TLS: of options, or else of xl.conf(5). */
#include "run.h"
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <xenolith/light-move.h>

bool xl_tls_option(struct xlight_tls_files *files, int opt)
{
    if (opt == XL_TLS_CERT)
        files->certificate = optarg;
    else if (opt == XL_TLS_KEY)
        files->key = optarg;
    else if (opt == XL_TLS_CA)
        files->authority = optarg;
    else if (opt == XL_TLS_PEER)
        files->peer = optarg;
    else
        return false;
    return true;
}

/* The one that was asked for, or the host's, which may be an empty text. */
static void choose(const char **file, const char *setting)
{
    if (!*file && setting && *setting)
        *file = setting;
}

int xl_tls_files(const char *command, const char *address, const struct xlight_settings *s,
                 struct xlight_tls_files *files, const struct xlight_tls_files **ret_files)
{
    bool tls = !strncmp(address, "tls://", 6);

    *ret_files = NULL;
    if (!tls && (files->certificate || files->key || files->authority || files->peer)) {
        fprintf(stderr, "xl %s: --cert, --key, --ca and --peer are for tls://, not for %s\n",
                command, address);
        return XL_USAGE;
    }
    if (!tls)
        return XL_OK;
    choose(&files->certificate, s->tls_certificate);
    choose(&files->key, s->tls_key);
    choose(&files->authority, s->tls_authority);
    if (!files->certificate || !files->key || !files->authority) {
        fprintf(stderr,
                "xl %s: tls:// needs a certificate, its key and the authority's certificate: give "
                "--cert, --key and --ca, or migrate.tls.cert, migrate.tls.key and migrate.tls.ca "
                "in xl.conf\n",
                command);
        return XL_FAILED;
    }
    *ret_files = files;
    return XL_OK;
}
