/* SPDX-License-Identifier: MIT */
/*
 * ctrl-structs.i - structures of the ABI that scripts see. Those of %result come from a call, those
 * of %argument go in, or in and out.
 */
#ifdef SWIGPYTHON
%typemap(in) (const void *bytes, size_t nr) (Py_buffer view = {0}) {
    if (PyObject_GetBuffer($input, &view, PyBUF_SIMPLE))
        SWIG_fail;
    $1 = view.buf;
    $2 = (size_t)view.len;
}
%typemap(freearg) (const void *bytes, size_t nr) { PyBuffer_Release(&view$argnum); }
%typemap(out) size_t nr_bytes { $result = PyLong_FromSize_t($1); }
%define %bytes(NAME)
%newobject NAME::from_bytes;
%exception NAME::to_bytes { $action }
%extend NAME {
    /* The index-th of an array, copied; nothing when the array is shorter. */
    static struct NAME *from_bytes(const void *bytes, size_t nr, unsigned int index)
    {
        struct NAME *copy = nr / sizeof(*copy) > index ? malloc(sizeof(*copy)) : NULL;

        if (copy)
            memcpy(copy, (const struct NAME *)bytes + index, sizeof(*copy));
        return copy;
    }
    PyObject *to_bytes(void)
    {
        return PyBytes_FromStringAndSize((const char *)$self, sizeof(*$self));
    }
    static const unsigned int nr_bytes = sizeof(struct NAME);
}
%enddef
#else
%define %bytes(NAME)
%enddef
#endif

%define %argument(NAME)
%rename("%s", %$isclass) NAME;
%bytes(NAME)
%enddef
/* Parts of the others. */
%define %part(NAME)
%rename("%s", %$isclass) NAME;
%enddef
%define %result(NAME)
%argument(NAME)
%result_struct(NAME)
%enddef

%result(xen_domctl_getdomaininfo)
%result(xen_domctl_getvcpuinfo)
%result(xen_domctl_sched_credit)
%result(xen_domctl_sched_credit2)
%result(xen_domctl_sched_rtds)
%result(xen_compile_info)
%result(xen_sysctl_physinfo)
%result(xen_sysctl_credit_schedule)
%result(xen_sysctl_credit2_schedule)
%result(xen_sysctl_arinc653_schedule)
%result(xen_pod_target)
%result(xen_domctl_shadow_op_stats)
%result(evtchn_status)
%result(vcpu_guest_context)
%result(xen_domctl_ext_vcpucontext)
%result(xctl_tsc_info)
%result(xctl_cpu_policy_culprit)
%result(xctl_cpupool_info)
%result(xen_hypfs_direntry)
%argument(xen_domctl_createdomain)
%part(xen_arch_domainconfig)
%argument(xen_domctl_bind_pt_irq)
%argument(xen_domctl_psr_cmt_op)
%argument(xen_domctl_psr_alloc)
%argument(xen_sysctl_psr_cmt_op)
%argument(xen_sysctl_psr_alloc)
%argument(xen_sysctl_tbuf_op)
%argument(xen_platform_op)
%argument(xen_dm_op_inject_event)
%argument(xctl_grant_notify)
%argument(xctl_vnuma)
%argument(xen_sysctl_cputopo)
%argument(xen_sysctl_meminfo)
%argument(xen_sysctl_cpuinfo)
%argument(xen_domctl_schedparam_vcpu)
%argument(xen_domctl_vcpu_msr)
%argument(xen_cpuid_leaf)
%argument(xen_msr_entry)
%argument(xen_reserved_device_memory)
%argument(xen_vmemrange)
%argument(xenpf_resource_entry)
%argument(physdev_pci_device)
%argument(mmuext_op)
%argument(mmu_update)
%argument(xctl_e820_entry)
%argument(xctl_grant)
%argument(xctl_grant_copy)
%argument(xctl_dm_buf)

/* These go in, too. */
%define %in_and_out(NAME)
%typemap(in) const struct NAME * {
    void *raw = NULL;
    if (BIND_CONVERT($input, &raw, $descriptor(struct NAME *)) < 0 || !raw) {
        bind_wrong("a " #NAME " is needed");
        SWIG_fail;
    }
    $1 = raw;
}
%typemap(argout) const struct NAME * "";
%typemap(freearg) const struct NAME * "";
%enddef
%in_and_out(xen_domctl_sched_credit)
%in_and_out(xen_domctl_sched_credit2)
%in_and_out(xen_domctl_sched_rtds)
%in_and_out(xen_sysctl_credit_schedule)
%in_and_out(xen_sysctl_credit2_schedule)
%in_and_out(xen_sysctl_arinc653_schedule)
%in_and_out(vcpu_guest_context)
%in_and_out(xen_domctl_ext_vcpucontext)
%in_and_out(xctl_tsc_info)
%in_and_out(xen_domctl_createdomain)
%in_and_out(xen_domctl_bind_pt_irq)
%in_and_out(xen_dm_op_inject_event)
%in_and_out(xctl_vnuma)
/* Without a context a vCPU is taken down. */
%typemap(in) const struct vcpu_guest_context *ctx = SWIGTYPE *;
%in_and_out(xen_domctl_getdomaininfo)

/* A UUID, as 16 bytes. */
#ifdef SWIGPYTHON
%typemap(in) const xen_domain_handle_t uuid (Py_buffer view = {0}) {
    if (PyObject_GetBuffer($input, &view, PyBUF_SIMPLE))
        SWIG_fail;
    if (view.len != 16) {
        bind_wrong("a UUID has 16 bytes");
        SWIG_fail;
    }
    $1 = view.buf;
}
%typemap(freearg) const xen_domain_handle_t uuid { PyBuffer_Release(&view$argnum); }
#endif
