/* SPDX-License-Identifier: MIT */
/*
 * python.i - what common.i says, in Python. Errors are made by xenolith.errors. The interpreter
 * lock is released during each call.
 */
%fragment("SWIG_FromCharPtr");
%{
/* Code and links to an exception of xenolith.errors. */
static void bind_throw(int rc)
{
    const struct bind_obj *w = bind_witness(rc);
    unsigned int count = w ? w->kind->count(w->ptr) : 0;
    PyObject *links = PyList_New(0), *module, *error = NULL;

    for (unsigned int i = 0; links && i < count; i++) {
        PyObject *link = Py_BuildValue(
            "iNN", -w->kind->code(w->ptr, i),
            PyLong_FromUnsignedLong(w->kind->domid ? w->kind->domid(w->ptr, i) : 0x7ff4U),
            SWIG_FromCharPtr(w->kind->text(w->ptr, i)));

        if (!link || PyList_Append(links, link))
            Py_CLEAR(links);
        Py_XDECREF(link);
    }
    module = links ? PyImport_ImportModule("xenolith.errors") : NULL;
    if (module)
        error = PyObject_CallMethod(module, "make", "iOs", -rc, links, bind_call.why);
    if (error)
        PyErr_SetObject((PyObject *)Py_TYPE(error), error);
    Py_XDECREF(error);
    Py_XDECREF(module);
    Py_XDECREF(links);
}

static void bind_wrong(const char *text)
{
    PyErr_SetString(PyExc_ValueError, text);
}

#define BIND_ENTER                                      \
    PyThreadState *bind_save = PyEval_SaveThread();     \
    bind_lock()
#define BIND_LEAVE                                      \
    bind_unlock();                                      \
    PyEval_RestoreThread(bind_save)
#define BIND_CONVERT(object, ptr, type) SWIG_ConvertPtr(object, ptr, type, 0)
#define BIND_ENTER_FREE PyThreadState *bind_save = PyEval_SaveThread()
#define BIND_LEAVE_FREE PyEval_RestoreThread(bind_save)
#define BIND_NOTHING (resultobj = SWIG_Py_Void())
#define BIND_RESULT(n) (resultobj = (n) ? PyLong_FromLong(n) : SWIG_Py_Void())
#define BIND_NUMBER(n) (resultobj = PyLong_FromLong(n))
#define BIND_TRUTH(b) (resultobj = PyBool_FromLong(b))
#define BIND_STRING_OF(object) PyUnicode_AsUTF8(object)
#define BIND_IS_NOTHING(object) ((object) == Py_None)
#define BIND_APPEND(value)                                        \
    do {                                                          \
        PyObject *bind_value = (value);                           \
        if (!bind_value)                                          \
            SWIG_fail;                                            \
        resultobj = SWIG_Python_AppendOutput(resultobj, bind_value); \
    } while (0)
#define BIND_APPEND_NEW(ptr, type) BIND_APPEND(SWIG_NewPointerObj(ptr, type, SWIG_POINTER_OWN))
#define BIND_APPEND_STRING(s) BIND_APPEND(SWIG_FromCharPtr(s))
%}

%apply (char *STRING, size_t LENGTH) { (const char *text, size_t len) };

/* Bytes that are returned; without a value None. */
%typemap(in, numinputs=0) (char **ret_value, size_t *ret_len) (char *value = NULL, size_t len = 0) {
    $1 = &value;
    $2 = &len;
}
%typemap(argout) (char **ret_value, size_t *ret_len) {
    BIND_APPEND(PyBytes_FromStringAndSize(value$argnum, (Py_ssize_t)len$argnum));
}
%typemap(freearg) (char **ret_value, size_t *ret_len) { free(value$argnum); }
%typemap(in, numinputs=0) (char **ret_text, size_t *ret_len) = (char **ret_value, size_t *ret_len);
%typemap(argout) (char **ret_text, size_t *ret_len) {
    BIND_APPEND(SWIG_FromCharPtrAndSize(value$argnum, len$argnum));
}
%typemap(freearg) (char **ret_text, size_t *ret_len) = (char **ret_value, size_t *ret_len);

/* Bytes that go in: any object that has them. */
%typemap(in) (const void *value, size_t len) (Py_buffer view = {0}) {
    if (PyObject_GetBuffer($input, &view, PyBUF_SIMPLE))
        SWIG_fail;
    $1 = view.buf;
    $2 = (size_t)view.len;
}
%typemap(freearg) (const void *value, size_t len) { PyBuffer_Release(&view$argnum); }

/* Names. */
%typemap(in, numinputs=0) (char ***ret_names, unsigned int *ret_nr)
    (char **names = NULL, unsigned int nr = 0) {
    $1 = &names;
    $2 = &nr;
}
%typemap(argout) (char ***ret_names, unsigned int *ret_nr) {
    PyObject *list = PyList_New(0);

    for (unsigned int i = 0; list && i < nr$argnum; i++) {
        PyObject *name = SWIG_FromCharPtr(names$argnum[i]);

        if (!name || PyList_Append(list, name))
            Py_CLEAR(list);
        Py_XDECREF(name);
    }
    BIND_APPEND(list);
}
%typemap(freearg) (char ***ret_names, unsigned int *ret_nr) { free(names$argnum); }

/* A list or tuple of strings, which are valid as long as that is. */
%{
__attribute__((unused)) static const char **bind_strings(PyObject *list, unsigned int *ret_nr)
{
    const char **strings;
    Py_ssize_t nr;

    if (!PyList_Check(list) && !PyTuple_Check(list)) {
        bind_wrong("a list or tuple of strings is needed");
        return NULL;
    }
    nr = PySequence_Fast_GET_SIZE(list);
    strings = calloc((size_t)nr + 1, sizeof(*strings));
    if (!strings)
        PyErr_NoMemory();
    for (Py_ssize_t i = 0; strings && i < nr; i++) {
        strings[i] = PyUnicode_AsUTF8(PySequence_Fast_GET_ITEM(list, i));
        if (!strings[i]) {
            free(strings);
            strings = NULL;
        }
    }
    *ret_nr = (unsigned int)nr;
    return strings;
}
%}
%typemap(in) (const char *const *strings, unsigned int nr) {
    $1 = ($1_ltype)bind_strings($input, &$2);
    if (!$1)
        SWIG_fail;
}
%typemap(freearg) (const char *const *strings, unsigned int nr) { free((void *)$1); }

/* 16 bytes. */
%typemap(in, numinputs=0) uint8_t ret_uuid[16] (uint8_t uuid[16]) { $1 = uuid; }
%typemap(argout) uint8_t ret_uuid[16] {
    BIND_APPEND(PyBytes_FromStringAndSize((char *)uuid$argnum, 16));
}
%typemap(in) const uint8_t uuid[16] (Py_buffer view = {0}) {
    if (PyObject_GetBuffer($input, &view, PyBUF_SIMPLE))
        SWIG_fail;
    if (view.len != 16) {
        bind_wrong("a UUID has 16 bytes");
        SWIG_fail;
    }
    $1 = view.buf;
}
%typemap(freearg) const uint8_t uuid[16] { PyBuffer_Release(&view$argnum); }
