/* SPDX-License-Identifier: MIT */
/*
 * ctrl.i - libxenolith-ctrl. Close to C: structures of the ABI are objects with the same fields,
 * arrays are anything with bytes (a bytearray for results; each structure has from_bytes(),
 * to_bytes() and nr_bytes), and a number of entries that follows an array is not written.
 */
%module(package="xenolith.raw") ctrl
%{
#include <xenolith/ctrl.h>
#include <xenolith/ctrl-sim.h>
#include "kinds.h"
%}
%include "common.i"

%value(xctl_error_code)
%value(xctl_evtchn_fd)
%value(xctl_domain_shutdown_reason)
%count(xctl_domain_iter_next)
%count(xctl_vcpu_next)
%count(xctl_dm_op)
%count(xctl_platform_op)
%count(xctl_platform_resource)

%rename("$ignore", %$isclass) "";
%rename("%s", %$isclass) xctl_handle;
%rename("%s", %$isclass) xctl_evtchn;
%rename("%s", %$isclass) xctl_domain_iter;
%include "ctrl-handles.i"
%closes(xctl_close, xctl_handle)
%closes(xctl_evtchn_close, xctl_evtchn)
%closes(xctl_domain_iter_free, xctl_domain_iter)

/* Texts with a size of their own. */
%define %result_text(TYPE)
%typemap(in, numinputs=0) TYPE ret_text (TYPE text) {
    memset(&text, 0, sizeof(text));
    $1 = (void *)&text;
}
%typemap(argout) TYPE ret_text { BIND_APPEND_STRING((char *)&text$argnum); }
%typemap(freearg) TYPE ret_text "";
%enddef
%result_text(xen_extraversion_t)
%result_text(xen_capabilities_info_t)
%result_text(xen_changeset_info_t)
%result_text(xen_commandline_t)

%include "ctrl-structs.i"
#ifdef SWIGPYTHON
%include "ctrl-arrays.i"
#endif
%include "ctrl-unbound.i"

/* Not calls: no lock, and other threads wait. */
%clearexception;
#define __extension__
%include <xenolith/public/arch-x86/xen-x86_64.h>
%include <xenolith/public/arch-x86/xen.h>
%include <xenolith/public/xen.h>
%include <xenolith/public/arch-x86/cpuid.h>
%include <xenolith/public/domctl.h>
%include <xenolith/public/sysctl.h>
%include <xenolith/public/memory.h>
%include <xenolith/public/platform.h>
%include <xenolith/public/version.h>
%include <xenolith/public/features.h>
%include <xenolith/public/sched.h>
%include <xenolith/public/event_channel.h>
%include <xenolith/public/grant_table.h>
%include <xenolith/public/hypfs.h>
%include <xenolith/public/physdev.h>
%include <xenolith/public/vcpu.h>
%include <xenolith/public/hvm/dm_op.h>
%include <xenolith/public/hvm/hvm_op.h>
%include <xenolith/public/hvm/params.h>
%exception { BIND_ENTER; $action BIND_LEAVE; }

%include <xenolith/ctrl.h>
%include <xenolith/ctrl-domain.h>
%include <xenolith/ctrl-vcpu.h>
%include <xenolith/ctrl-memory.h>
%include <xenolith/ctrl-host.h>
%include <xenolith/ctrl-event.h>
%include <xenolith/ctrl-grant.h>
%include <xenolith/ctrl-foreign.h>
%include <xenolith/ctrl-hvm.h>
%include <xenolith/ctrl-device.h>
%include <xenolith/ctrl-sim.h>
