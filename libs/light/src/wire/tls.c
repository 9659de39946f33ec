/* SPDX-License-Identifier: MIT */
/*
 * tls.c - TLS, by GnuTLS. Both ends have a certificate of the same authority; who connects also
 * checks that the other one's is for the host that was asked for.
 */
#include "wire.h"
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>

#define HANDSHAKE_MS 30000

static int no_memory(struct wire *w)
{
    return xlight__fail(w->h, -ENOMEM, XLIGHT_NO_DOMAIN, "no memory for TLS");
}

static int load_files(struct wire *w, const struct xlight_tls_files *tls)
{
    int n = gnutls_certificate_set_x509_trust_file(w->keys, tls->authority, GNUTLS_X509_FMT_PEM);

    if (n <= 0)
        return xlight__fail(w->h, -EINVAL, XLIGHT_NO_DOMAIN,
                            "cannot use %s as certificate of the authority: %s", tls->authority,
                            n ? gnutls_strerror(n) : "there is none in it");
    n = gnutls_certificate_set_x509_key_file(w->keys, tls->certificate, tls->key,
                                             GNUTLS_X509_FMT_PEM);
    if (n < 0)
        return xlight__fail(w->h, -EINVAL, XLIGHT_NO_DOMAIN,
                            "cannot use %s as certificate with %s as its key: %s", tls->certificate,
                            tls->key, gnutls_strerror(n));
    return 0;
}

int wire_tls_load(struct wire *w, const struct xlight_tls_files *tls)
{
    const char *peer;

    if (!tls || !tls->certificate || !tls->key || !tls->authority)
        return xlight__fail(w->h, -EINVAL, XLIGHT_NO_DOMAIN,
                            "TLS needs three files: a certificate, its key, and the certificate of "
                            "the authority");
    if (tls->size != sizeof(*tls))
        return xlight__fail(w->h, -EINVAL, XLIGHT_NO_DOMAIN, "the size of the files was not set");
    peer = tls->peer ? tls->peer : w->listener < 0 ? w->to.host : NULL;
    w->peer = peer ? strdup(peer) : NULL;
    if ((peer && !w->peer) || gnutls_certificate_allocate_credentials(&w->keys))
        return no_memory(w);
    return load_files(w, tls);
}

static int open_session(struct wire *w)
{
    bool server = w->listener >= 0;
    unsigned int flags = (server ? GNUTLS_SERVER : GNUTLS_CLIENT) | GNUTLS_NONBLOCK |
                         GNUTLS_NO_SIGNAL | GNUTLS_NO_TICKETS;
    int rc = gnutls_init(&w->session, flags);

    if (!rc)
        rc = gnutls_set_default_priority(w->session);
    if (!rc)
        rc = gnutls_credentials_set(w->session, GNUTLS_CRD_CERTIFICATE, w->keys);
    if (rc)
        return xlight__fail(w->h, -ENOMEM, XLIGHT_NO_DOMAIN, "cannot begin with TLS: %s",
                            gnutls_strerror(rc));
    if (server)
        gnutls_certificate_server_set_request(w->session, GNUTLS_CERT_REQUIRE);
    gnutls_session_set_verify_cert(w->session, w->peer, 0);
    gnutls_transport_set_int(w->session, w->fd);
    gnutls_handshake_set_timeout(w->session, GNUTLS_INDEFINITE_TIMEOUT);
    return 0;
}

/* Why it does not believe the other end. */
static int not_proven(struct wire *w)
{
    unsigned int status = gnutls_session_get_verify_cert_status(w->session);
    gnutls_datum_t text = {NULL, 0};
    int rc;

    (void)gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &text, 0);
    rc = xlight__fail(w->h, -EACCES, XLIGHT_NO_DOMAIN,
                      "the other end has not proven that it is %s: %s",
                      w->peer ? w->peer : "one of ours",
                      text.data ? (const char *)text.data : "its certificate is not good");
    gnutls_free(text.data);
    return rc;
}

/* For errno; why has the words. */
static int explain(struct wire *w, int rc)
{
    if (rc == GNUTLS_E_AGAIN)
        return EAGAIN;
    if (rc == GNUTLS_E_INTERRUPTED)
        return EINTR;
    if (rc == GNUTLS_E_PUSH_ERROR || rc == GNUTLS_E_PULL_ERROR)
        return ECONNRESET;
    if (rc == GNUTLS_E_FATAL_ALERT_RECEIVED) {
        snprintf(w->why, sizeof(w->why), "the other end refuses: %s",
                 gnutls_alert_get_name(gnutls_alert_get(w->session)));
        return EACCES;
    }
    snprintf(w->why, sizeof(w->why), "TLS has failed: %s", gnutls_strerror(rc));
    return EPROTO;
}

int wire_prove(xlight_op *op, struct wire *w)
{
    bool late;
    int rc;

    if (!w->keys)
        return 0;
    /* Who connects may have to wait for its turn. */
    late = w->listener >= 0 && xlight__op_expired(op, HANDSHAKE_MS);
    rc = w->session ? 0 : open_session(w);
    if (rc)
        return rc;
    do
        rc = gnutls_handshake(w->session);
    while (rc == GNUTLS_E_INTERRUPTED || rc == GNUTLS_E_WARNING_ALERT_RECEIVED);
    w->proven = !rc;
    if (!rc)
        return 0;
    if (rc == GNUTLS_E_AGAIN && !late) {
        rc = xlight__op_wait_fd(op, w->fd, wire_events(w, EPOLLIN));
        return rc ? rc : -EAGAIN;
    }
    if (rc == GNUTLS_E_AGAIN)
        return xlight__fail(w->h, -ETIMEDOUT, XLIGHT_NO_DOMAIN,
                            "the other end does not say who it is within %u s",
                            HANDSHAKE_MS / 1000);
    if (rc == GNUTLS_E_PREMATURE_TERMINATION || rc == GNUTLS_E_PULL_ERROR)
        return xlight__fail(w->h, -ECONNRESET, XLIGHT_NO_DOMAIN,
                            "the other end has gone before it was clear who it is");
    gnutls_alert_send_appropriate(w->session, rc);
    if (rc == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR)
        return not_proven(w);
    /* Who has only others does not show them. */
    if (rc == GNUTLS_E_CERTIFICATE_REQUIRED || rc == GNUTLS_E_NO_CERTIFICATE_FOUND)
        return xlight__fail(w->h, -EACCES, XLIGHT_NO_DOMAIN,
                            "the other end has no certificate of our authority");
    rc = -explain(w, rc);
    return xlight__fail(w->h, rc, XLIGHT_NO_DOMAIN, "%s", w->why);
}

void wire_tls_free(struct wire *w)
{
    if (w->session) {
        /*
         * The other end need not wait for more. Whoever does not take this will see a closed line.
         * What could not be sent so far must never be: whoever wanted to has given it up since.
         */
        if (w->proven && !w->pending)
            (void)gnutls_bye(w->session, GNUTLS_SHUT_WR);
        gnutls_deinit(w->session);
    }
    if (w->keys)
        gnutls_certificate_free_credentials(w->keys);
    w->session = NULL;
    w->keys = NULL;
}

uint32_t wire_events(const struct wire *w, uint32_t events)
{
    if (!w->session)
        return events;
    return gnutls_record_get_direction(w->session) ? EPOLLOUT : EPOLLIN;
}

ssize_t wire_tls_read(struct wire *w, void *buf, size_t size)
{
    ssize_t n;

    do
        n = gnutls_record_recv(w->session, buf, size);
    while (n == GNUTLS_E_INTERRUPTED || n == GNUTLS_E_WARNING_ALERT_RECEIVED);
    if (n >= 0)
        return n;
    /* What is said over it has an end of its own. */
    if (n == GNUTLS_E_PREMATURE_TERMINATION)
        return 0;
    errno = explain(w, (int)n);
    return -1;
}

/* What was taken once must be sent before anything else, and is what the caller begins with again.
 */
ssize_t wire_tls_write(struct wire *w, const void *data, size_t size)
{
    ssize_t n = gnutls_record_send(w->session, w->pending ? NULL : data, w->pending ? 0 : size);

    if (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED)
        w->pending = w->pending ? w->pending : size;
    else
        w->pending = 0;
    if (n >= 0)
        return n;
    errno = explain(w, (int)n);
    if (errno == ECONNRESET)
        errno = EPIPE;
    return -1;
}
