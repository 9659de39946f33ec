/* SPDX-License-Identifier: MIT */
/*
 * common.i - typemaps that the interface files of all libraries share. What is said here:
 *
 *   int f(...)             0 or a count is returned as None or a number, an error is thrown with its
 *                          causes. %count(f): always the number. %value(f): the number itself, it
 *                          is no error.
 *   handles                %handle(TYPE, KIND): objects that may die in any order; see bind.h.
 *                          %closes(f): the call that ends one.
 *   TYPE *ret_x            a result: numbers, strings, structures (%result_struct)
 *   records                %record...: structures that have a table of fields, see light-field.h,
 *                          cross as JSON text.
 *   strings                NULL is not taken, but for parameters called where
 *   buf, size              a text that is returned
 *
 * Python has more: buffers, lists, callbacks; see python.i. In other languages what has no typemap
 * is a pointer.
 */
%{
#include "bind.h"
%}

%include <stdint.i>
%include <typemaps.i>

#define __attribute__(x)

/* Redefinitions are ours: what is declared before the header is included goes first. */
#pragma SWIG nowarn=302,314,451

#ifdef SWIGPYTHON
%include "python.i"
#else
%include "other.i"
#endif

/* Errors */

%typemap(out) int {
    if ($1 < 0) {
        bind_throw($1);
        SWIG_fail;
    }
    BIND_RESULT($1);
}
%define %value(FUNCTION)
%typemap(out) int FUNCTION { BIND_NUMBER($1); }
%enddef

/* A number of 0 or more, which is returned in any case. */
%define %count(FUNCTION)
%typemap(out) int FUNCTION {
    if ($1 < 0) {
        bind_throw($1);
        SWIG_fail;
    }
    BIND_NUMBER($1);
}
%enddef

/* Handles */

%define %handle(TYPE, KIND)
%nodefaultctor TYPE;
%nodefaultdtor TYPE;
struct TYPE {
};
%typemap(in) struct TYPE * (struct bind_obj *pinned = NULL, void *raw = NULL),
             const struct TYPE * (struct bind_obj *pinned = NULL, void *raw = NULL) {
    if (BIND_CONVERT($input, &raw, $descriptor(struct TYPE *)) < 0 || !raw) {
        bind_wrong("a " #TYPE " is needed");
        SWIG_fail;
    }
    if (!bind_pin(raw)) {
        bind_wrong("this " #TYPE " has been closed");
        SWIG_fail;
    }
    pinned = raw;
    bind_concerns(pinned);
    $1 = pinned->ptr;
}
%typemap(freearg) struct TYPE *, const struct TYPE * {
    if (pinned$argnum && !bind_unpin(pinned$argnum)) {
        BIND_ENTER_FREE;
        bind_unuse(pinned$argnum);
        BIND_LEAVE_FREE;
    }
    bind_call.obj = bind_call.also = NULL;
}
%typemap(in) struct TYPE *self (void *raw = NULL), struct TYPE *CLOSE (void *raw = NULL) {
    if (BIND_CONVERT($input, &raw, $descriptor(struct TYPE *)) < 0 || !raw) {
        bind_wrong("a " #TYPE " is needed");
        SWIG_fail;
    }
    $1 = raw;
}
%typemap(freearg) struct TYPE *self, struct TYPE *CLOSE "";
%typemap(in, numinputs=0) struct TYPE ** (struct TYPE *made = NULL) { $1 = &made; }
%typemap(argout) struct TYPE ** {
    struct bind_obj *obj = bind_made(made$argnum, &KIND);
    if (!obj) {
        bind_throw(-ENOMEM);
        SWIG_fail;
    }
    BIND_APPEND_NEW(obj, $descriptor(struct TYPE *));
}
%extend TYPE {
    ~TYPE() { bind_drop((struct bind_obj *)$self); }
}
%enddef

%define %closes(FUNCTION, TYPE)
%feature("action") FUNCTION { bind_close((struct bind_obj *)arg1); }
void FUNCTION(struct TYPE *CLOSE);
%enddef

/* Results */

%apply int *OUTPUT { int *ret_value, int *ret_devid, int *ret_scheduler, int *ret_pirq, int *ret_code,
                     int *ret_fd, int *ret_port };
%apply bool *OUTPUT { bool * };
%apply unsigned int *OUTPUT { unsigned int * };
%apply uint8_t *OUTPUT { uint8_t *ret_value };
%apply uint16_t *OUTPUT { uint16_t *, domid_t *, ioservid_t * };
%apply uint32_t *OUTPUT { uint32_t * };
%apply uint64_t *OUTPUT { uint64_t * };
%apply int64_t *OUTPUT { int64_t * };
%apply unsigned long *OUTPUT { unsigned long *, xen_pfn_t * };

%define %result_struct(TYPE)
%typemap(in, numinputs=0) struct TYPE * {
    $1 = calloc(1, sizeof(*$1));
    if (!$1) {
        bind_throw(-ENOMEM);
        SWIG_fail;
    }
}
%typemap(argout) struct TYPE * {
    BIND_APPEND_NEW($1, $descriptor(struct TYPE *));
    $1 = NULL;
}
%typemap(freearg) struct TYPE * { free($1); }
%typemap(in) struct TYPE *self {
    void *raw = NULL;
    if (BIND_CONVERT($input, &raw, $descriptor(struct TYPE *)) < 0 || !raw) {
        bind_wrong("a " #TYPE " is needed");
        SWIG_fail;
    }
    $1 = raw;
}
%typemap(argout) struct TYPE *self "";
%typemap(freearg) struct TYPE *self "";
%enddef

/* Strings */

%typemap(check) const char * {
    if (!$1) {
        bind_wrong("$1_name must not be NULL");
        SWIG_fail;
    }
}
%typemap(check) const char *where "";

%typemap(in, numinputs=0) char **ret_text (char *text = NULL) { $1 = &text; }
%typemap(argout) char **ret_text { BIND_APPEND_STRING(text$argnum); }
%typemap(freearg) char **ret_text { free(text$argnum); }
%apply char **ret_text { char **ret_answer, char **ret_string };

#define BIND_TEXT_SIZE 16384
%typemap(in, numinputs=0) (char *buf, size_t size) {
    $2 = BIND_TEXT_SIZE;
    $1 = calloc(1, $2);
    if (!$1) {
        bind_throw(-ENOMEM);
        SWIG_fail;
    }
}
%typemap(argout) (char *buf, size_t size) { BIND_APPEND_STRING($1); }
%typemap(freearg) (char *buf, size_t size) { free($1); }
%typemap(out) size_t { BIND_NOTHING; }

/* Why there is no handle. */
%typemap(in, numinputs=0) (char *why, size_t size) {
    bind_call.why[0] = 0;
    $1 = bind_call.why;
    $2 = sizeof(bind_call.why);
}
%typemap(freearg) (char *why, size_t size) { bind_call.why[0] = 0; }

%exception { BIND_ENTER; $action BIND_LEAVE; }
