/* SPDX-License-Identifier: MIT */
/*
 * store.i - libxenstore.so.4: xstore_..., and Xen's own xs_.... Values are bytes; permissions are
 * pairs of a domain and XS_PERM_...; what would wait returns None from xstore_next_event() and
 * xstore_op_result().
 */
%module(package="xenolith.raw") store
%{
#include <xenolith/store.h>
#include "kinds.h"
#include "store-adapt.h"
%}
%include "common.i"

%value(xstore_error_code)
%value(xstore_get_fd)
%value(xstore_get_timeout)
%value(xs_fileno)
%value(xs_suspend_evtchn_port)

%rename("$ignore", %$isclass) "";
%rename("%s", %$isclass) xstore_handle;
%rename("%s", %$isclass) xstore_op;
%rename("%s", %$isclass) xs_handle;
%include "store-handles.i"
%handle(xs_handle, bind_xs)
%closes(xstore_close, xstore_handle)
%closes(xstore_op_free, xstore_op)
%closes(xs_close, xs_handle)
%closes(xs_daemon_close, xs_handle)

/* Ways that are safe from here; see store-adapt.h. */
%rename(xstore_path) bind_path;
%rename(xstore_write_format) bind_write_format;
%rename(xs_daemon_destroy_postfork) bind_postfork;
const char *bind_path(const char *path);
int bind_write_format(struct xstore_handle *xs, uint32_t t, const char *path, const char *string);
void bind_postfork(struct xs_handle *CLOSE);
%ignore xstore_path(char *, const char *, ...);
%ignore xstore_write_format(xstore_handle *, xs_transaction_t, const char *, const char *, ...);
%ignore xs_daemon_destroy_postfork(struct xs_handle *);
%typemap(newfree) const char *bind_path "";
%typemap(out) const char *bind_path {
    $result = $1 ? SWIG_FromCharPtr($1) : (bind_throw(-E2BIG), NULL);
    if (!$result)
        SWIG_fail;
}

#ifdef SWIGPYTHON
%include "store-python.i"
#endif

%include <xen/io/xs_wire.h>
%include <xenstore_lib.h>
%include <xenstore.h>
%include <xenolith/store.h>
