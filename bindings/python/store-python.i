/* SPDX-License-Identifier: MIT */
/* store-python.i - what store.i says, in Python: permissions, events, requests, transactions, xs_. */
%{
/* Pairs of numbers from a list; the caller frees them. */
static struct xs_permissions *bind_perms(PyObject *list, unsigned int *ret_nr)
{
    PyObject *fast = PySequence_Fast(list, "a sequence of pairs is needed");
    Py_ssize_t nr = fast ? PySequence_Fast_GET_SIZE(fast) : 0;
    struct xs_permissions *perms = fast ? calloc((size_t)nr + 1, sizeof(*perms)) : NULL;

    if (fast && !perms)
        PyErr_NoMemory();
    for (Py_ssize_t i = 0; perms && i < nr; i++) {
        PyObject *pair = PySequence_Tuple(PySequence_Fast_GET_ITEM(fast, i));

        if (!pair || !PyArg_ParseTuple(pair, "II", &perms[i].id, &perms[i].perms)) {
            free(perms);
            perms = NULL;
        }
        Py_XDECREF(pair);
    }
    Py_XDECREF(fast);
    *ret_nr = (unsigned int)nr;
    return perms;
}

static PyObject *bind_perms_list(const struct xs_permissions *perms, unsigned int nr)
{
    PyObject *list = PyList_New(0);

    for (unsigned int i = 0; list && i < nr; i++) {
        PyObject *pair = Py_BuildValue("II", perms[i].id, perms[i].perms);

        if (!pair || PyList_Append(list, pair))
            Py_CLEAR(list);
        Py_XDECREF(pair);
    }
    return list;
}

/* A transaction's function in Python: called with the number of the transaction. */
static int bind_transact(xstore_handle *xs, xs_transaction_t t, void *arg)
{
    struct bind_call outer = bind_call;
    PyGILState_STATE state = PyGILState_Ensure();
    PyObject *result = PyObject_CallFunction(arg, "I", t);
    int rc = result ? 0 : -ECANCELED;

    (void)xs;
    Py_XDECREF(result);
    PyGILState_Release(state);
    bind_call = outer;
    return rc;
}

static void bind_throw_errno(void)
{
    int rc = errno ? -errno : -EIO;

    bind_call.obj = NULL;
    bind_throw(rc);
}

static PyObject *bind_str_or_throw(char *text)
{
    PyObject *result = NULL;

    if (!text)
        bind_throw_errno();
    else
        result = SWIG_FromCharPtr(text);
    free(text);
    return result;
}
%}

%typemap(in, numinputs=0) (struct xs_permissions **ret_perms, unsigned int *ret_nr)
    (struct xs_permissions *perms = NULL, unsigned int nr = 0) {
    $1 = &perms;
    $2 = &nr;
}
%typemap(argout) (struct xs_permissions **ret_perms, unsigned int *ret_nr) {
    BIND_APPEND(bind_perms_list(perms$argnum, nr$argnum));
}
%typemap(freearg) (struct xs_permissions **ret_perms, unsigned int *ret_nr) {
    free(perms$argnum);
}
%typemap(in) (const struct xs_permissions *perms, unsigned int nr),
             (struct xs_permissions *perms, unsigned int num_perms) {
    $1 = bind_perms($input, &$2);
    if (!$1)
        SWIG_fail;
}
%typemap(freearg) (const struct xs_permissions *perms, unsigned int nr),
                  (struct xs_permissions *perms, unsigned int num_perms) { free((void *)$1); }

/* (path, token), or None. */
%typemap(in, numinputs=0) struct xstore_event *ret_event (struct xstore_event event = {0}) {
    $1 = &event;
}
%typemap(out) int xstore_next_event {
    if ($1 && $1 != -EAGAIN) {
        bind_throw($1);
        SWIG_fail;
    }
    BIND_NOTHING;
}
%typemap(argout) struct xstore_event *ret_event {
    if (event$argnum.path)
        BIND_APPEND(Py_BuildValue("NN", SWIG_FromCharPtr(event$argnum.path),
                                  SWIG_FromCharPtr(event$argnum.token)));
}

%apply (const char *const *strings, unsigned int nr) { (const char *const *args, unsigned int nr) };

/* The parts of a request: a list of bytes. */
%typemap(in) (const struct xstore_part *parts, unsigned int nr) {
    Py_ssize_t count;

    if (!PyList_Check($input) && !PyTuple_Check($input)) {
        bind_wrong("a list or tuple of bytes is needed");
        SWIG_fail;
    }
    count = PySequence_Fast_GET_SIZE($input);
    $1 = calloc((size_t)count + 1, sizeof(*$1));
    if (!$1) {
        bind_throw(-ENOMEM);
        SWIG_fail;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        char *data;
        Py_ssize_t len;

        if (PyBytes_AsStringAndSize(PySequence_Fast_GET_ITEM($input, i), &data, &len))
            SWIG_fail;
        $1[i].data = data;
        $1[i].len = (size_t)len;
    }
    $2 = (unsigned int)count;
}
%typemap(freearg) (const struct xstore_part *parts, unsigned int nr) { free($1); }
%typemap(in, numinputs=0) (const char **ret_data, size_t *ret_len)
    (const char *data = NULL, size_t len = 0) {
    $1 = (char **)&data;
    $2 = &len;
}
%typemap(out) int xstore_op_result {
    if ($1 && $1 != -EINPROGRESS) {
        bind_throw($1);
        SWIG_fail;
    }
    BIND_NOTHING;
}
%typemap(argout) (const char **ret_data, size_t *ret_len) {
    if (data$argnum)
        BIND_APPEND(PyBytes_FromStringAndSize(data$argnum, (Py_ssize_t)len$argnum));
}

%typemap(in) (xstore_transaction_fn *fn, void *arg) {
    if (!PyCallable_Check($input)) {
        bind_wrong("a function is needed");
        SWIG_fail;
    }
    $1 = bind_transact;
    $2 = $input;
}
/* An exception of the function itself comes first. */
%typemap(out) int xstore_transaction {
    if (PyErr_Occurred())
        SWIG_fail;
    if ($1) {
        bind_throw($1);
        SWIG_fail;
    }
    BIND_NOTHING;
}
%exception xstore_transaction {
    BIND_ENTER;
    $action
    BIND_LEAVE;
}

/* Xen's interface: errno says why. Those that only tell something return a bool. */
%apply unsigned long { unsigned long flags };
%typemap(out) bool {
    if (!$1) {
        bind_throw_errno();
        SWIG_fail;
    }
    BIND_NOTHING;
}
%typemap(out) bool xs_is_domain_introduced { BIND_TRUTH($1); }
%typemap(out) bool xs_path_is_subpath { BIND_TRUTH($1); }
%typemap(out) struct xs_handle * {
    struct bind_obj *obj = $1 ? bind_made($1, &bind_xs) : NULL;

    if (!obj) {
        bind_throw_errno();
        SWIG_fail;
    }
    $result = SWIG_NewPointerObj(obj, $descriptor(struct xs_handle *), SWIG_POINTER_OWN);
}
%typemap(in, numinputs=0) unsigned int *num (unsigned int num = 0) { $1 = &num; }
%typemap(argout) unsigned int *num "";
%typemap(in, numinputs=0) unsigned int *len (unsigned int len = 0) { $1 = &len; }
%typemap(argout) unsigned int *len "";
%typemap(out) char **xs_directory {
    if (!$1) {
        bind_throw_errno();
        SWIG_fail;
    }
    $result = PyList_New(0);
    for (unsigned int i = 0; $result && i < *arg4; i++) {
        PyObject *name = SWIG_FromCharPtr($1[i]);

        if (!name || PyList_Append($result, name))
            Py_CLEAR($result);
        Py_XDECREF(name);
    }
    free($1);
}
%typemap(out) char **xs_check_watch, char **xs_read_watch {
    if (!$1) {
        bind_throw_errno();
        SWIG_fail;
    }
    $result = Py_BuildValue("NN", SWIG_FromCharPtr($1[XS_WATCH_PATH]),
                            SWIG_FromCharPtr($1[XS_WATCH_TOKEN]));
    free($1);
}
%typemap(out) void *xs_read {
    if (!$1) {
        bind_throw_errno();
        SWIG_fail;
    }
    $result = PyBytes_FromStringAndSize($1, (Py_ssize_t)*arg4);
    free($1);
}
%typemap(out) struct xs_permissions *xs_get_permissions {
    if (!$1) {
        bind_throw_errno();
        SWIG_fail;
    }
    $result = bind_perms_list($1, *arg4);
    free($1);
}
%typemap(out) char *xs_get_domain_path, char *xs_control_command, char *xs_debug_command {
    $result = bind_str_or_throw($1);
    if (!$result)
        SWIG_fail;
}
%typemap(out) xs_transaction_t xs_transaction_start {
    if (!$1) {
        bind_throw_errno();
        SWIG_fail;
    }
    $result = PyLong_FromUnsignedLong($1);
}
%typemap(in) (const void *data, unsigned int len) (Py_buffer view = {0}),
             (void *data, unsigned int len) (Py_buffer view = {0}) {
    if (PyObject_GetBuffer($input, &view, PyBUF_SIMPLE))
        SWIG_fail;
    $1 = view.buf;
    $2 = (unsigned int)view.len;
}
%typemap(argout) (const void *data, unsigned int len), (void *data, unsigned int len) "";
%typemap(freearg) (const void *data, unsigned int len), (void *data, unsigned int len) {
    PyBuffer_Release(&view$argnum);
}
/* Entries as the protocol has them: as many as there are zeros. */
%rename(xs_strings_to_perms) bind_strings_to_perms;
%ignore xs_strings_to_perms(struct xs_permissions *, unsigned int, const char *);
%exception bind_strings_to_perms { $action }
%inline %{
PyObject *bind_strings_to_perms(const void *data, unsigned int len)
{
    const char *strings = data;
    struct xs_permissions *perms = calloc(len + 1, sizeof(*perms));
    char *copy = calloc(1, len + 1);
    PyObject *list = NULL;
    unsigned int nr = 0;

    if (copy)
        memcpy(copy, strings, len);
    for (unsigned int i = 0; i < len; i++)
        nr += !strings[i];
    if (!copy || !perms)
        PyErr_NoMemory();
    else if (!xs_strings_to_perms(perms, nr, copy))
        bind_throw_errno();
    else
        list = bind_perms_list(perms, nr);
    free(copy);
    free(perms);
    return list;
}
%}
