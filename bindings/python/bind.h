/* SPDX-License-Identifier: MIT */
/*
 * bind.h - what the wrappers of all libraries share, in whatever language: objects that may die in
 * any order, and the call that is being made.
 *
 * What a script holds is a struct bind_obj, not the library's pointer. An object uses its parent:
 * a handle is closed when it has been closed, or nobody holds it, and the last thing made from it
 * is gone. Numbers of uses and holders are atomic; the rest is written once, or under the lock.
 *
 * The libraries want one thread at a time for a handle and all made from it. Wrappers let other
 * threads of the interpreter run during a call, so they take the lock of the root for it.
 */
#ifndef XENOLITH_BIND_H
#define XENOLITH_BIND_H

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BIND_STAYS 1U /* closing only ends the use of its name: something points into it */
#define BIND_ALONE 2U /* it does not need what it was made with */
#define BIND_KEPT  4U /* what is made with it points to it */

/* What kind of an object; the last four explain a failure, and are NULL where a parent does. */
struct bind_kind {
    const char *name;
    void (*destroy)(void *ptr);
    unsigned int flags;
    unsigned int (*count)(const void *ptr);
    int (*code)(const void *ptr, unsigned int link);
    uint32_t (*domid)(const void *ptr, unsigned int link);
    const char *(*text)(const void *ptr, unsigned int link);
};

struct bind_obj {
    void *ptr;
    const struct bind_kind *kind;
    struct bind_obj *parent, *also; /* both are used; only the first is asked about failures */
    unsigned int uses;              /* itself while it is open, and what was made from it */
    unsigned int holders;           /* the script, and what was made from it */
    bool closed;
    pthread_mutex_t lock; /* of a root; recursive */
};

/* The call of this thread: what it is about, and why there is no object at all. */
struct bind_call {
    struct bind_obj *obj, *also;
    struct bind_obj *locked;
    char why[1024];
};
static __thread struct bind_call bind_call;

/* NULL: no memory; ptr is destroyed then. */
static struct bind_obj *bind_new(void *ptr, const struct bind_kind *kind, struct bind_obj *parent,
                                 struct bind_obj *also)
{
    struct bind_obj *obj = calloc(1, sizeof(*obj));
    pthread_mutexattr_t attr;

    if (!obj) {
        kind->destroy(ptr);
        return NULL;
    }
    obj->ptr = ptr;
    obj->kind = kind;
    obj->uses = obj->holders = 1;
    pthread_mutexattr_init(&attr);
    pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&obj->lock, &attr);
    pthread_mutexattr_destroy(&attr);
    obj->parent = parent;
    obj->also = also;
    for (int i = 0; i < 2; i++) {
        struct bind_obj *p = i ? also : parent;

        if (p) {
            __atomic_add_fetch(&p->uses, 1, __ATOMIC_SEQ_CST);
            __atomic_add_fetch(&p->holders, 1, __ATOMIC_SEQ_CST);
        }
    }
    return obj;
}

static struct bind_obj *bind_root(struct bind_obj *obj)
{
    while (obj->parent)
        obj = obj->parent;
    return obj;
}

static void bind_let_go(struct bind_obj *obj)
{
    if (__atomic_sub_fetch(&obj->holders, 1, __ATOMIC_SEQ_CST))
        return;
    pthread_mutex_destroy(&obj->lock);
    free(obj);
}

static void bind_unuse(struct bind_obj *obj)
{
    struct bind_obj *root = bind_root(obj), *parent = obj->parent, *also = obj->also;

    if (__atomic_sub_fetch(&obj->uses, 1, __ATOMIC_SEQ_CST))
        return;
    pthread_mutex_lock(&root->lock);
    obj->kind->destroy(obj->ptr);
    pthread_mutex_unlock(&root->lock);
    if (parent) {
        bind_unuse(parent);
        bind_let_go(parent);
    }
    if (also) {
        bind_unuse(also);
        bind_let_go(also);
    }
}

/* The script is done with it. */
static void bind_close(struct bind_obj *obj)
{
    if (__atomic_exchange_n(&obj->closed, true, __ATOMIC_SEQ_CST) || obj->kind->flags & BIND_STAYS)
        return;
    bind_unuse(obj);
}

/* The script does not even know it any more. */
static void bind_drop(struct bind_obj *obj)
{
    if (!__atomic_exchange_n(&obj->closed, true, __ATOMIC_SEQ_CST) || obj->kind->flags & BIND_STAYS)
        bind_unuse(obj);
    bind_let_go(obj);
}

/* For the time of a call. false: it is closed. */
static bool bind_pin(struct bind_obj *obj)
{
    unsigned int uses = __atomic_load_n(&obj->uses, __ATOMIC_SEQ_CST);

    while (uses && !__atomic_compare_exchange_n(&obj->uses, &uses, uses + 1, false,
                                                __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        ;
    if (!uses)
        return false;
    if (__atomic_load_n(&obj->closed, __ATOMIC_SEQ_CST)) {
        bind_unuse(obj);
        return false;
    }
    return true;
}

/* The end of a call, unless it is the last use: then bind_unuse() may take time. */
static bool bind_unpin(struct bind_obj *obj)
{
    unsigned int uses = __atomic_load_n(&obj->uses, __ATOMIC_SEQ_CST);

    while (uses > 1)
        if (__atomic_compare_exchange_n(&obj->uses, &uses, uses - 1, false, __ATOMIC_SEQ_CST,
                                        __ATOMIC_SEQ_CST))
            return true;
    return false;
}

/* A parameter of the call. */
static void bind_concerns(struct bind_obj *obj)
{
    if (obj->kind->flags & BIND_KEPT)
        bind_call.also = obj;
    else if (!(obj->kind->flags & BIND_ALONE))
        bind_call.obj = obj;
}

/* What the call has made. */
static struct bind_obj *bind_made(void *ptr, const struct bind_kind *kind)
{
    bool alone = kind->flags & BIND_ALONE;

    return bind_new(ptr, kind, alone ? NULL : bind_call.obj, alone ? NULL : bind_call.also);
}

/* Around each call. */
static void bind_lock(void)
{
    bind_call.locked = bind_call.obj ? bind_root(bind_call.obj) : NULL;
    if (bind_call.locked)
        pthread_mutex_lock(&bind_call.locked->lock);
}

static void bind_unlock(void)
{
    if (bind_call.locked)
        pthread_mutex_unlock(&bind_call.locked->lock);
    bind_call.locked = NULL;
}

/* Who can explain the failure rc of this call, or NULL. */
static const struct bind_obj *bind_witness(int rc)
{
    const struct bind_obj *obj = bind_call.obj;

    while (obj && !obj->kind->count)
        obj = obj->parent;
    if (!obj || !obj->kind->count(obj->ptr) || obj->kind->code(obj->ptr, 0) != rc)
        return NULL;
    return obj;
}

#endif /* XENOLITH_BIND_H */
