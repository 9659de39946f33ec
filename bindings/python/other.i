/* SPDX-License-Identifier: MIT */
/*
 * other.i - what common.i says, in Lua: errors are strings with the causes. A language more needs
 * these names, no others.
 */
#ifdef SWIGLUA
#define %arg(Arg...) Arg
%{
static const char *bind_text(int rc)
{
    static __thread char text[2048];
    const struct bind_obj *w = bind_witness(rc);
    unsigned int count = w ? w->kind->count(w->ptr) : 0;
    size_t len = 0;

    snprintf(text, sizeof(text), "%s", *bind_call.why ? bind_call.why : strerror(-rc));
    for (unsigned int i = 0; i < count && len < sizeof(text); i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", i ? ": " : "",
                                w->kind->text(w->ptr, i));
    return text;
}

#define bind_throw(rc) lua_pushstring(L, bind_text(rc))
#define bind_wrong(text) lua_pushstring(L, text)
#define BIND_CONVERT(at, ptr, type) SWIG_ConvertPtr(L, at, ptr, type, 0)
#define BIND_ENTER bind_lock()
#define BIND_LEAVE bind_unlock()
#define BIND_ENTER_FREE
#define BIND_LEAVE_FREE
#define BIND_NOTHING
#define BIND_NUMBER(n) (lua_pushinteger(L, n), SWIG_arg++)
#define BIND_RESULT(n)      \
    do {                    \
        if (n)              \
            BIND_NUMBER(n); \
    } while (0)
#define BIND_TRUTH(b) (lua_pushboolean(L, b), SWIG_arg++)
#define BIND_STRING_OF(at) lua_tostring(L, at)
#define BIND_IS_NOTHING(at) lua_isnil(L, at)
#define BIND_APPEND_NEW(ptr, type) (SWIG_NewPointerObj(L, ptr, type, 1), SWIG_arg++)
#define BIND_APPEND_STRING(s) (lua_pushstring(L, s), SWIG_arg++)
%}
%typemap(in) (const char *text, size_t len) {
    $1 = (char *)lua_tolstring(L, $input, &$2);
    if (!$1) {
        bind_wrong("a text is needed");
        SWIG_fail;
    }
}
#endif
