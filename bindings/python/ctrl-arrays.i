/* SPDX-License-Identifier: MIT */
/*
 * ctrl-arrays.i - arrays of libxenolith-ctrl in Python: any object with bytes; None is NULL. Results
 * need one that can be written, such as a bytearray.
 */
%{
/* An array that an argument is; *ret_nr may be NULL. */
static int bind_array(PyObject *object, bool writable, size_t item, Py_buffer *view, void **ret_ptr,
                      size_t *ret_nr)
{
    size_t nr;

    if (object == Py_None) {
        *ret_ptr = NULL;
        *ret_nr = 0;
        return 0;
    }
    if (PyObject_GetBuffer(object, view, writable ? PyBUF_WRITABLE : PyBUF_SIMPLE))
        return -1;
    nr = (size_t)view->len / item;
    if (nr * item != (size_t)view->len) {
        PyErr_Format(PyExc_ValueError, "%zd bytes are no array of items of %zu bytes each",
                     view->len, item);
        return -1;
    }
    *ret_ptr = view->buf;
    *ret_nr = nr;
    return 0;
}

/* 64-bit numbers from a sequence, at most max. */
static int bind_numbers(PyObject *list, uint64_t *numbers, Py_ssize_t max)
{
    PyObject *fast = PySequence_Fast(list, "a sequence of numbers is needed");

    if (fast && PySequence_Fast_GET_SIZE(fast) > max)
        PyErr_Format(PyExc_ValueError, "at most %zd numbers", max);
    for (Py_ssize_t i = 0; fast && !PyErr_Occurred() && i < PySequence_Fast_GET_SIZE(fast); i++)
        numbers[i] = PyLong_AsUnsignedLongLongMask(PySequence_Fast_GET_ITEM(fast, i));
    Py_XDECREF(fast);
    return PyErr_Occurred() ? -1 : 0;
}
%}

/* An array and its length; WRITABLE when it is a result; PER: what an item counts as. */
%define %array(POINTER, COUNT, WRITABLE, ITEM, PER)
%typemap(in) (POINTER, COUNT) (Py_buffer view = {0}) {
    void *ptr;
    size_t nr;

    if (bind_array($input, WRITABLE, ITEM, &view, &ptr, &nr))
        SWIG_fail;
    $1 = ptr;
    $2 = ($2_ltype)(nr * PER);
}
%typemap(argout) (POINTER, COUNT) "";
%typemap(freearg) (POINTER, COUNT) { PyBuffer_Release(&view$argnum); }
%enddef
/* The same, where the length comes back. */
%define %array_and_length(POINTER, COUNT, WRITABLE, ITEM)
%typemap(in) (POINTER, COUNT) (Py_buffer view = {0}, $*2_ltype nr) {
    void *ptr;
    size_t size;

    if (bind_array($input, WRITABLE, ITEM, &view, &ptr, &size))
        SWIG_fail;
    $1 = ptr;
    nr = ($*2_ltype)size;
    $2 = &nr;
}
%typemap(argout) (POINTER, COUNT) { BIND_APPEND(PyLong_FromUnsignedLongLong(nr$argnum)); }
%typemap(freearg) (POINTER, COUNT) { PyBuffer_Release(&view$argnum); }
%enddef
/* An array whose length is said elsewhere. */
%define %array_only(POINTER, WRITABLE)
%typemap(in) POINTER (Py_buffer view = {0}) {
    void *ptr;
    size_t nr;

    if (bind_array($input, WRITABLE, 1, &view, &ptr, &nr))
        SWIG_fail;
    $1 = ptr;
}
%typemap(argout) POINTER "";
%typemap(freearg) POINTER { PyBuffer_Release(&view$argnum); }
%enddef

/* Sets, eight in a byte. */
%array(const uint8_t *nodes, unsigned int nr_bits, false, 1, 8)
%array(uint8_t *ret_nodes, unsigned int nr_bits, true, 1, 8)
%array(const uint8_t *bytes, unsigned int nr_bits, false, 1, 8)
%array(uint8_t *ret_bytes, unsigned int nr_bits, true, 1, 8)
%array(uint8_t *ret_cpus, unsigned int nr_bits, true, 1, 8)

/* Frames. */
%array(xen_pfn_t *frames, unsigned long count, true, sizeof(xen_pfn_t), 1)
%array(xen_pfn_t *ret_frames, unsigned long count, true, sizeof(xen_pfn_t), 1)
%array(const xen_pfn_t *frames, unsigned long count, false, sizeof(xen_pfn_t), 1)
%array(const xen_pfn_t *frames, unsigned int count, false, sizeof(xen_pfn_t), 1)
%array(xen_pfn_t *ret_frames, unsigned int max, true, sizeof(xen_pfn_t), 1)
%typemap(in) (unsigned int count, xen_pfn_t *frames) (Py_buffer view = {0}) {
    void *ptr;
    size_t nr;

    if (bind_array($input, true, sizeof(xen_pfn_t), &view, &ptr, &nr))
        SWIG_fail;
    $1 = (unsigned int)nr;
    $2 = ptr;
}
%typemap(argout) (unsigned int count, xen_pfn_t *frames) "";
%typemap(freearg) (unsigned int count, xen_pfn_t *frames) { PyBuffer_Release(&view$argnum); }

/* Structures. */
%define %structs(NAME, POINTER, COUNT, WRITABLE)
%array(%arg(struct NAME *POINTER), COUNT, WRITABLE, sizeof(struct NAME), 1)
%array(%arg(const struct NAME *POINTER), COUNT, false, sizeof(struct NAME), 1)
%enddef
%structs(xen_domctl_schedparam_vcpu, vcpus, unsigned int count, true)
%structs(xctl_e820_entry, map, unsigned int count, true)
%structs(xctl_e820_entry, ret_map, unsigned int max, true)
%structs(mmuext_op, ops, unsigned int count, false)
%structs(mmu_update, updates, unsigned int count, false)
%structs(xctl_grant, grants, unsigned int count, false)
%structs(xctl_grant_copy, copies, unsigned int count, true)
%structs(xenpf_resource_entry, entries, unsigned int count, true)
%structs(xen_domctl_vcpu_msr, msrs, uint32_t count, true)
%structs(xen_cpuid_leaf, leaves, uint32_t nr_leaves, false)
%structs(xen_msr_entry, msrs, uint32_t nr_msrs, false)
%structs(xctl_dm_buf, bufs, unsigned int count, false)
%typemap(in) (unsigned int max, struct xen_domctl_getdomaininfo *ret_infos) (Py_buffer view = {0}) {
    void *ptr;
    size_t nr;

    if (bind_array($input, true, sizeof(*$2), &view, &ptr, &nr))
        SWIG_fail;
    $1 = (unsigned int)nr;
    $2 = ptr;
}
%typemap(argout) (unsigned int max, struct xen_domctl_getdomaininfo *ret_infos) "";
%typemap(freearg) (unsigned int max, struct xen_domctl_getdomaininfo *ret_infos) {
    PyBuffer_Release(&view$argnum);
}
%array_and_length(struct xen_sysctl_cputopo *ret_cpus, unsigned int *count, true,
                  sizeof(struct xen_sysctl_cputopo))
%array_and_length(struct xen_sysctl_cpuinfo *ret_cpus, unsigned int *count, true,
                  sizeof(struct xen_sysctl_cpuinfo))
%array_and_length(struct xen_domctl_vcpu_msr *ret_msrs, uint32_t *count, true,
                  sizeof(struct xen_domctl_vcpu_msr))
%array_and_length(struct xen_reserved_device_memory *ret_entries, unsigned int *count, true,
                  sizeof(struct xen_reserved_device_memory))
%array_and_length(struct xen_cpuid_leaf *ret_leaves, uint32_t *nr_leaves, true,
                  sizeof(struct xen_cpuid_leaf))
%array_and_length(struct xen_msr_entry *ret_msrs, uint32_t *nr_msrs, true,
                  sizeof(struct xen_msr_entry))
%array_and_length(uint32_t *ret_words, uint32_t *count, true, sizeof(uint32_t))
%array(uint32_t *ret_sbdfs, uint32_t max, true, sizeof(uint32_t), 1)

/* Bytes. */
%array(const void *buf, uint32_t size, false, 1, 1)
%array(const void *buf, size_t size, false, 1, 1)
%array(const void *data, uint32_t size, false, 1, 1)
%array(const void *data, size_t size, false, 1, 1)
%array(void *buf, uint32_t size, true, 1, 1)
%array(uint8_t *ret_id, size_t size, true, 1, 1)
%array_and_length(void *buf, uint32_t *size, true, 1)
%array_and_length(void *buf, size_t *size, true, 1)
%array_and_length(char *buf, uint32_t *size, true, 1)
%apply uint64_t *OUTPUT { size_t *ret_len };

/* Arrays whose lengths are those of others. The lists of CPUs: both as long as nr_bits says. */
%array_only(uint8_t *hard, true)
%array_only(uint8_t *soft, true)
%array_only(uint8_t *ret_hard, true)
%array_only(uint8_t *ret_soft, true)
%array_only(uint8_t *ret_bitmap, true)
%array_only(int *ret_errs, true)
%array_only(uint32_t *ret_refs, true)
%array_only(uint32_t *ret_distance, true)
%array_only(uint32_t *ret_nodes, true)
%array_only(struct xen_sysctl_meminfo *ret_nodes, true)
%array_only(const struct physdev_pci_device *devs, false)
%array_only(const xen_ulong_t *idxs, false)
%array_only(const xen_pfn_t *gpfns, false)
%apply unsigned int *INOUT { unsigned int *count, unsigned int *vcpu };
%apply uint32_t *INOUT { uint32_t *index };

/* Arguments of a hypercall. */
%typemap(in) const uint64_t args[5] (uint64_t args[5] = {0}) {
    if (bind_numbers($input, args, 5))
        SWIG_fail;
    $1 = ($1_ltype)args;
}

/* Memory that is mapped, or for hypercalls: a number, see xenolith.raw.memory(). */
%typemap(in, numinputs=0) void ** (void *addr = NULL) { $1 = &addr; }
%typemap(argout) void ** { BIND_APPEND(PyLong_FromVoidPtr(addr$argnum)); }
%typemap(in) void *addr, void *buf {
    $1 = PyLong_AsVoidPtr($input);
    if (PyErr_Occurred())
        SWIG_fail;
}
%typemap(out) int64_t {
    if ($1 < 0) {
        bind_throw((int)$1);
        SWIG_fail;
    }
    $result = PyLong_FromLongLong($1);
}
%exception memory { $action }
%inline %{
/* A view of mapped memory, which must stay mapped as long as the view is used. */
PyObject *memory(void *addr, size_t size)
{
    return PyMemoryView_FromMemory(addr, (Py_ssize_t)size, PyBUF_WRITE);
}
%}
