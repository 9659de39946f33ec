/* SPDX-License-Identifier: MIT */
/*
 * light-move.h - guests are written to files and come back, or go to other hosts. The rules of
 * light.h apply, what takes time is an operation as light-op.h has it, and errors that all calls on
 * a domain share are those of light-life.h.
 *
 * The files are those of Xen's toolstack, version 4.17: either one reads what the other has
 * written. So far only 64-bit PV guests can be suspended, saved and restored; -EOPNOTSUPP: it is
 * another one.
 */
#ifndef XENOLITH_LIGHT_MOVE_H
#define XENOLITH_LIGHT_MOVE_H

#include <xenolith/light-config.h>
#include <xenolith/light-life.h>
#include <xenolith/light-op.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Asks the guest to stop and waits until it has. Nothing is lost of it: xlight_domain_resume() lets
 * it go on. When the operation is called off, or fails, the guest goes on at once. -ETIMEDOUT: it
 * has not answered within two minutes; -EBUSY: it is paused, so it cannot; -EINVAL: it has shut
 * down.
 */
XLIGHT_CHECK int xlight_domain_suspend_start(xlight_handle *h, uint32_t domid, xlight_op **ret_op);

/* Lets a suspended guest go on. -EINVAL: it is not suspended. */
XLIGHT_CHECK int xlight_domain_resume(xlight_handle *h, uint32_t domid);

/* What becomes of a domain once it has been saved. */
enum xlight_after_save {
    XLIGHT_SAVE_DESTROY = 0,
    XLIGHT_SAVE_GO_ON = 1, /* it runs on */
    XLIGHT_SAVE_PAUSE = 2, /* it is paused, and runs on when it is unpaused */
};

struct xlight_save_options {
    size_t size; /* of this structure */
    enum xlight_after_save after;
    /* Most of its memory is written while it runs, so that it stands still for less time. */
    bool live;
    /* In frames of zstd. Xen's toolstack cannot read that; zstd -d makes a file that it can. */
    bool compress;
    /* To be written down in place of its own; NULL: its own. Stays the caller's until the end. */
    const struct xlight_config *config;
};
#define XLIGHT_SAVE_OPTIONS_INIT                                                    \
    {                                                                               \
        sizeof(struct xlight_save_options), XLIGHT_SAVE_DESTROY, false, false, NULL \
    }

/*
 * Saves a domain: its guest is suspended as by xlight_domain_suspend_start(), and written to a
 * file, which only its owner can read. Until all has been written it can be called off; then, and
 * after any failure, the file is removed, and the guest goes on where it was. options may be NULL.
 * With a descriptor, which may be a pipe or a socket, nothing is removed; it stays the caller's
 * until the operation is freed, and must not be read or written meanwhile.
 * -ENODATA: the guest has not come far enough to know its own memory; -E2BIG: it claims to have
 * more than it can have; -EFAULT: what it says of its memory makes no sense; -EBUSY: it has become
 * larger meanwhile; -ENOENT: nobody has written down its configuration.
 */
XLIGHT_CHECK int xlight_domain_save_start(xlight_handle *h, uint32_t domid, const char *path,
                                          const struct xlight_save_options *options,
                                          xlight_op **ret_op);
XLIGHT_CHECK int xlight_domain_save_fd_start(xlight_handle *h, uint32_t domid, int fd,
                                             const struct xlight_save_options *options,
                                             xlight_op **ret_op);

struct xlight_restore_options {
    size_t size;           /* of this structure */
    bool paused;           /* leaves the domain paused once it is whole */
    bool balloon;          /* takes memory of domain 0 that is missing */
    const char *lock_file; /* as in struct xlight_create_options; or NULL */
    /* In place of the one in the file; NULL: that one. Stays the caller's until the end. */
    struct xlight_config *config;
    /*
     * Lets it go on as soon as its page tables have been read. The rest of its memory follows, what
     * it needs first; the operation ends when all has come. From the start on it cannot be called
     * off, and freeing it takes until the end. If the rest cannot be read any more (what fails is
     * tried for a minute), or the process ends, the domain stands still and is to be destroyed by
     * the caller: -EIO and others. Until the end it can be neither saved nor migrated (-EBUSY), and
     * nobody else may write to the file. -ESRCH: it was destroyed meanwhile. -EOPNOTSUPP: the file
     * is compressed, or a pipe, or has its memory twice; or the hypervisor is another one than
     * Xenolith.
     */
    bool lazy;
};
#define XLIGHT_RESTORE_OPTIONS_INIT                                            \
    {                                                                          \
        sizeof(struct xlight_restore_options), false, false, NULL, NULL, false \
    }

/*
 * Makes a domain of a saved one, compressed or not, and lets it go on; xlight_op_domid() says
 * which. The file stays. options may be NULL. Of a descriptor nothing is read that is behind the
 * guest; else as above. Errors are those of xlight_stream_check() and xlight_domain_create_start();
 * also -ENOENT: there is no such file.
 */
XLIGHT_CHECK int xlight_domain_restore_start(xlight_handle *h, const char *path,
                                             const struct xlight_restore_options *options,
                                             xlight_op **ret_op);
XLIGHT_CHECK int xlight_domain_restore_fd_start(xlight_handle *h, int fd,
                                                const struct xlight_restore_options *options,
                                                xlight_op **ret_op);

/*
 * Migration: one host sends a guest while it runs, another one receives it, over any descriptors
 * between them; both are as in Xen's xl, version 4.17, so either end may be that one. A socket is
 * both descriptors at once. They stay the caller's, and must not be used until the operation is
 * freed. xlight_op_transfer() tells how far it is.
 */
struct xlight_migrate_options {
    size_t size; /* of this structure */
    /* To be sent in place of its own; NULL: its own. Stays the caller's until the end. */
    const struct xlight_config *config;
    bool keep_domid; /* asks the other end to give it the same id */
    bool verify;     /* sends its memory once more when the guest stands still, to be compared: */
                     /* when a page is another one then, the other end fails with -EBADMSG */
    /*
     * Memory is sent in rounds while the guest runs: all of it, then what was written to meanwhile.
     * It is stopped for the rest when that has less than few_pages (0: 50), or would take less than
     * downtime_ms at the speed so far (0: that does not count), or is not less than the round
     * before had; at the latest after so many rounds (0: 5).
     */
    unsigned int rounds, few_pages, downtime_ms;
    unsigned int bandwidth; /* MiB per second at most while it runs; 0: no limit */
    /* Sends it in frames of zstd, if the other end takes that: another one than ours fails. */
    bool compress;
};
#define XLIGHT_MIGRATE_OPTIONS_INIT                                                  \
    {                                                                                \
        sizeof(struct xlight_migrate_options), NULL, false, false, 0, 0, 0, 0, false \
    }

/*
 * Sends a domain. It runs on until its last pages are sent, and is destroyed when the other end has
 * said that it runs there. Whatever fails before the other end was told to start it, or when this
 * is called off until then, it goes on here; later it cannot be called off. -EPROTO: the other end
 * is no receiver, or says what makes no sense; -ECONNRESET, -EPIPE: it has gone; -ETIMEDOUT: it is
 * silent for two minutes while the guest stands still; -ECONNREFUSED: it had everything, but could
 * not start the guest, which goes on here; -EREMOTEIO: it was told to start the guest, and nobody
 * knows whether it did: the domain stays here, suspended, with
 * "--migratedaway" behind its name, to be destroyed or resumed by who knows. Also the errors of
 * xlight_domain_save_start().
 */
XLIGHT_CHECK int xlight_domain_migrate_start(xlight_handle *h, uint32_t domid, int in_fd,
                                             int out_fd,
                                             const struct xlight_migrate_options *options,
                                             xlight_op **ret_op);

/*
 * Receives a domain; xlight_op_domid() says which it is here. Until the other end gives permission
 * to start it, it has "--incoming" behind its name, is paused, and is destroyed if anything fails;
 * later failures are undone, too, and the other end is told that the guest is its own again.
 * options may be NULL; paused: it is not started in the end, although the other end hears that it
 * was. -EEXIST: there is a domain with this name, or with the id that is asked for; -EPROTO,
 * -ECONNRESET, -EPIPE, -ETIMEDOUT: as above; -ENODATA: the sender has gone in the middle. Also the
 * errors of xlight_domain_restore_start().
 */
XLIGHT_CHECK int xlight_domain_receive_start(xlight_handle *h, int in_fd, int out_fd,
                                             const struct xlight_create_options *options,
                                             xlight_op **ret_op);

/*
 * The same over a connection of the library's own, in place of a program like ssh: TCP, and TLS
 * above it. An address is tcp://HOST:PORT or tls://HOST:PORT; a HOST with colons is in brackets,
 * and PORT is 8002 if it is left out. The connection ends with the operation. It belongs to the
 * process that has begun: one that is forked meanwhile must neither go on with the operation nor
 * free it.
 *
 * TCP alone is for networks where everybody is trusted: anyone can send a guest, and read those
 * that are sent. With TLS both ends prove who they are: names of PEM files with a certificate, with
 * its key, and with the certificate of the authority that has signed those of both ends. They are
 * read when the operation is made; none of it need stay.
 */
struct xlight_tls_files {
    size_t size; /* of this structure */
    const char *certificate, *key, *authority;
    /* The name that must be in the other end's certificate; NULL: the HOST that is connected to, or
     * any when somebody connects. */
    const char *peer;
};
#define XLIGHT_TLS_FILES_INIT                                   \
    {                                                           \
        sizeof(struct xlight_tls_files), NULL, NULL, NULL, NULL \
    }

/*
 * Connects to a receiver, which may look up its name (that takes as long as the resolver does), and
 * goes on as xlight_domain_migrate_start(). tls is needed for tls:// only. -EINVAL: it is no
 * address, or files are missing or of no use; -EHOSTUNREACH: nobody knows the host; -EACCES: one of
 * both ends is not who it must be; -ECONNREFUSED and others: it does not answer. In all these cases
 * the guest runs on here.
 */
XLIGHT_CHECK int xlight_domain_migrate_to_start(xlight_handle *h, uint32_t domid,
                                                const char *address,
                                                const struct xlight_tls_files *tls,
                                                const struct xlight_migrate_options *options,
                                                xlight_op **ret_op);

/*
 * A socket that listens, to be closed by the caller; without a HOST, at all addresses of this one.
 * PORT 0: any that is free, which ret_port then says. -EINVAL: it is no address; -EADDRINUSE: the
 * port is somebody else's.
 */
XLIGHT_CHECK int xlight_listen(xlight_handle *h, const char *address, int *ret_fd, int *ret_port);

/*
 * Waits until somebody connects to a socket that listens, and goes on as
 * xlight_domain_receive_start(). The socket stays the caller's, and the next one can be received
 * from it. tls NULL: without TLS, whatever was listened at. -ETIMEDOUT: who connected has sent
 * nothing for two minutes; errors are also those of xlight_domain_migrate_to_start().
 */
XLIGHT_CHECK int xlight_domain_receive_from_start(xlight_handle *h, int listen_fd,
                                                  const struct xlight_tls_files *tls,
                                                  const struct xlight_create_options *options,
                                                  xlight_op **ret_op);

/* What is in a file with a saved guest. */
struct xlight_stream_info {
    size_t size;             /* of this structure; the caller sets it */
    uint64_t bytes, records; /* in all */
    uint64_t packed_bytes;   /* what they take compressed; 0: they are not */
    uint64_t pages;          /* with content; one that was written to meanwhile counts again */
    uint64_t max_pfn;        /* PV: the highest page that it can have */
    uint32_t vcpus;          /* PV: that are online */
    uint32_t version;        /* of the guest's part: 2 or 3 */
    uint32_t xen_major, xen_minor; /* who wrote it */
    bool hvm;                      /* a virtual machine; else PV */
};

/*
 * Reads a saved guest from a descriptor to its end, and looks whether all of it is there and goes
 * together. Needs no host. The descriptor stays the caller's; it may be a pipe, whose end is waited
 * for. On failure writes the reason to why, at most size bytes with the zero: which record is
 * broken, and what is wrong with it. -EBADMSG: it is no saved guest, or is damaged; -ENODATA: it
 * ends in the middle; -EOPNOTSUPP: it is of a kind that we cannot restore.
 */
XLIGHT_CHECK int xlight_stream_check(int fd, struct xlight_stream_info *ret_info, char *why,
                                     size_t size);

#ifdef __cplusplus
}
#endif

#endif /* XENOLITH_LIGHT_MOVE_H */
