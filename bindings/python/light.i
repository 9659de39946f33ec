/* SPDX-License-Identifier: MIT */
/*
 * light.i - libxenolith-light. Structures with a table of fields cross as JSON text, sets of CPUs
 * and nodes as lists like "0-3,8"; a configuration is an object.
 */
%module(package="xenolith.raw") light
%{
#include <xenolith/ctrl.h>
#include <xenolith/store.h>
#include <xenolith/light.h>
#include <xenolith/light-config.h>
#include <xenolith/light-control.h>
#include <xenolith/light-device.h>
#include <xenolith/light-domain.h>
#include <xenolith/light-event.h>
#include <xenolith/light-field.h>
#include <xenolith/light-host.h>
#include <xenolith/light-life.h>
#include <xenolith/light-message.h>
#include <xenolith/light-move.h>
#include <xenolith/light-op.h>
#include <xenolith/light-sched.h>
#include <xenolith/light-settings.h>
#include <xenolith/light-stat.h>
#include "kinds.h"
#include "light-adapt.h"
%}
%include "common.i"
%import(module="xenolith.raw.ctrl") "ctrl-handles.i"
%import(module="xenolith.raw.store") "store-handles.i"

/* Numbers that are no errors. */
%value(xlight_error_code)
%value(xlight_op_fd)
%value(xlight_op_timeout)
%value(xlight_op_result)
%value(xlight_events_fd)
%value(xlight_config_action)

/* Of structures only these are objects. */
%rename("$ignore", %$isclass) "";
%rename("%s", %$isclass) xlight_handle;
%rename("%s", %$isclass) xlight_op;
%rename("%s", %$isclass) xlight_events;
%rename("%s", %$isclass) xlight_messages;
%rename("%s", %$isclass) xlight_config;
%rename("%s", %$isclass) xlight_create_options;
%rename("%s", %$isclass) xlight_save_options;
%rename("%s", %$isclass) xlight_restore_options;
%rename("%s", %$isclass) xlight_migrate_options;
%rename("%s", %$isclass) xlight_tls_files;
%rename("%s", %$isclass) xlight_message;
%rename("%s", %$isclass) xlight_progress;
%rename("%s", %$isclass) xlight_transfer;
%rename("%s", %$isclass) xlight_memory;
%rename("%s", %$isclass) xlight_stream_info;
%rename("%s", %$isclass) xlight_type;
%rename("%s", %$isclass) xlight_field;
%rename("%s", %$isclass) xlight_name;

%handle(xlight_handle, bind_light)
%handle(xlight_op, bind_op)
%handle(xlight_events, bind_events)
%handle(xlight_messages, bind_messages)
%handle(xlight_config, bind_config)
%closes(xlight_close, xlight_handle)
%closes(xlight_op_free, xlight_op)
%closes(xlight_events_close, xlight_events)
%closes(xlight_messages_free, xlight_messages)
%closes(xlight_config_free, xlight_config)

/* Handles that may be left out. */
%define %may_be_nothing(TYPE, NAME)
%typemap(in) struct TYPE *NAME (struct bind_obj *pinned = NULL, void *raw = NULL) {
    if (BIND_CONVERT($input, &raw, $descriptor(struct TYPE *)) < 0) {
        bind_wrong("a " #TYPE ", or nothing, is needed");
        SWIG_fail;
    }
    if (raw && !bind_pin(raw)) {
        bind_wrong("this " #TYPE " has been closed");
        SWIG_fail;
    }
    pinned = raw;
    if (pinned)
        bind_concerns(pinned);
    $1 = pinned ? pinned->ptr : NULL;
}
%enddef
%may_be_nothing(xlight_messages, m)
%may_be_nothing(xlight_config, instead)

/* The handles below are lent. */
%typemap(out) struct xctl_handle *xlight_ctrl {
    struct bind_obj *lent = bind_new($1, &bind_ctrl_lent, bind_call.obj, NULL);

    if (!lent) {
        bind_throw(-ENOMEM);
        SWIG_fail;
    }
    BIND_APPEND_NEW(lent, $descriptor(struct xctl_handle *));
}
%typemap(out) struct xstore_handle *xlight_store {
    struct bind_obj *lent = $1 ? bind_new($1, &bind_store_lent, bind_call.obj, NULL) : NULL;

    if (lent)
        BIND_APPEND_NEW(lent, $descriptor(struct xstore_handle *));
    else
        BIND_NOTHING;
}

/* Records */
%define %record_out(ARGUMENT, TYPE_OF, OBJS, NR, FLAGS, FREE)
%typemap(argout) ARGUMENT {
    char *json = NULL;
    int rc = xlight_type_to_json(TYPE_OF(), OBJS, NR, FLAGS | XLIGHT_JSON_LINE, &json);

    FREE;
    if (rc) {
        bind_throw(rc);
        SWIG_fail;
    }
    BIND_APPEND_STRING(json);
    free(json);
}
%enddef
/* Lists, and lists of one. */
%define %record_list(TYPE, TYPE_OF, FREE)
%typemap(in, numinputs=0) (struct TYPE **ret_list, unsigned int *ret_nr)
    (struct TYPE *list = NULL, unsigned int nr = 0) {
    $1 = &list;
    $2 = &nr;
}
%record_out(%arg((struct TYPE **ret_list, unsigned int *ret_nr)), TYPE_OF, list$argnum, nr$argnum,
            XLIGHT_JSON_LIST, %arg(FREE(list$argnum, nr$argnum)))
%enddef
%define %record_pointer(TYPE, TYPE_OF, FREE...)
%typemap(in, numinputs=0) struct TYPE ** (struct TYPE *one = NULL) { $1 = &one; }
%record_out(struct TYPE **, TYPE_OF, one$argnum, 1, 0, %arg(FREE))
%enddef
/* In the caller's memory. */
%define %record_value(TYPE, TYPE_OF)
%typemap(in, numinputs=0) struct TYPE * (struct TYPE one) {
    memset(&one, 0, sizeof(one));
    $1 = &one;
}
%record_out(struct TYPE *, TYPE_OF, &one$argnum, 1, 0, %arg(xlight_type_clear(TYPE_OF(), &one$argnum)))
%enddef
%define %record_in(TYPE, TYPE_OF)
%typemap(in) const struct TYPE * (struct TYPE one, bool ready = false) {
    int rc;
    const char *text = BIND_STRING_OF($input);

    if (!text)
        SWIG_fail;
    xlight_type_init(TYPE_OF(), &one);
    ready = true;
    rc = bind_from_json(TYPE_OF(), text, &one);
    if (rc) {
        bind_throw(rc);
        SWIG_fail;
    }
    $1 = &one;
}
%typemap(freearg) const struct TYPE * {
    if (ready$argnum)
        xlight_type_clear(TYPE_OF(), &one$argnum);
    bind_call.why[0] = 0;
}
%typemap(argout) const struct TYPE * "";
%enddef

%record_list(xlight_domain, xlight_domain_type, xlight_domain_list_free)
%record_pointer(xlight_domain, xlight_domain_type, xlight_domain_list_free(one$argnum, 1))
%record_list(xlight_vcpu, xlight_vcpu_type, xlight_vcpu_list_free)
%record_list(xlight_device, xlight_device_type, xlight_device_list_free)
%record_list(xlight_host_cpu, xlight_host_cpu_type, xlight_host_cpus_free)
%record_list(xlight_node, xlight_node_type, xlight_host_nodes_free)
%record_list(xlight_pci_node, xlight_pci_node_type, xlight_host_pci_nodes_free)
%record_list(xlight_cpupool, xlight_cpupool_type, xlight_cpupool_list_free)
%record_list(xlight_stat, xlight_stat_type, xlight_stat_free)
%record_list(xlight_sched_vcpu, xlight_sched_vcpu_type, bind_free_list)
%record_pointer(xlight_host, xlight_host_type, xlight_host_free(one$argnum))
%record_pointer(xlight_settings, xlight_settings_type, xlight_settings_free(one$argnum))
%record_pointer(xlight_cpupool_config, xlight_cpupool_config_type,
                xlight_cpupool_config_free(one$argnum))
%record_value(xlight_sched, xlight_sched_type)
%record_value(xlight_sched_pool, xlight_sched_pool_type)
%record_in(xlight_sched, xlight_sched_type)
%record_in(xlight_sched_pool, xlight_sched_pool_type)
%record_in(xlight_cpupool_config, xlight_cpupool_config_type)
%record_in(xlight_settings, xlight_settings_type)
%result_struct(xlight_memory)
%result_struct(xlight_progress)
%result_struct(xlight_transfer)
%result_struct(xlight_stream_info)
%typemap(check) struct xlight_stream_info *ret_info { $1->size = sizeof(*$1); }

/* Sets of CPUs and nodes. */
%typemap(in, numinputs=0) struct xlight_bits * (struct xlight_bits bits = {0}) { $1 = &bits; }
%typemap(argout) struct xlight_bits * {
    char *text = bind_bits_text($1);

    if (!text) {
        bind_throw(-ENOMEM);
        SWIG_fail;
    }
    BIND_APPEND_STRING(text);
    free(text);
}
%typemap(freearg) struct xlight_bits * { xlight_bits_clear(&bits$argnum); }
%typemap(in) const struct xlight_bits * (struct xlight_bits bits = {0}) {
    const char *text = BIND_STRING_OF($input);
    int rc = text ? bind_bits_parse(text, &bits) : -EINVAL;

    if (!text)
        SWIG_fail;
    if (rc) {
        bind_throw(rc);
        SWIG_fail;
    }
    $1 = &bits;
}
%typemap(argout) const struct xlight_bits * "";
/* Either may be left out. */
%typemap(in) const struct xlight_bits *hard (struct xlight_bits bits = {0}),
             const struct xlight_bits *soft (struct xlight_bits bits = {0}) {
    if (!BIND_IS_NOTHING($input)) {
        const char *text = BIND_STRING_OF($input);
        int rc = text ? bind_bits_parse(text, &bits) : -EINVAL;

        if (!text)
            SWIG_fail;
        if (rc) {
            bind_throw(rc);
            SWIG_fail;
        }
        $1 = &bits;
    }
}

/* true: the operation has ended. */
%typemap(out) int xlight_op_process {
    if ($1 && $1 != -EINPROGRESS) {
        bind_throw($1);
        SWIG_fail;
    }
    BIND_TRUTH($1 != -EINPROGRESS);
}

/* What is made of arguments that C cannot take from here; see light-adapt.h. */
%rename(xlight_device_attach_start) bind_device_attach;
%rename(xlight_device_parse) bind_device_parse;
%rename(xlight_events_next) bind_events_next;
%rename(xlight_sched_vcpus_set) bind_sched_vcpus_set;
%rename(xlight_settings_apply_nic) bind_settings_apply_nic;
%rename(xlight_settings_mask) bind_settings_mask;
%rename(xlight_settings_options) bind_settings_options;
%rename(xlight_domain_save_start) bind_domain_save;
%rename(xlight_domain_save_fd_start) bind_domain_save_fd;
%rename(xlight_domain_restore_start) bind_domain_restore;
%rename(xlight_domain_restore_fd_start) bind_domain_restore_fd;
%rename(xlight_domain_migrate_start) bind_domain_migrate;
%rename(xlight_domain_migrate_to_start) bind_domain_migrate_to;
int bind_domain_save(struct xlight_handle *h, uint32_t domid, const char *path,
                     const struct xlight_save_options *options, struct xlight_config *instead,
                     struct xlight_op **ret_op);
int bind_domain_save_fd(struct xlight_handle *h, uint32_t domid, int fd,
                        const struct xlight_save_options *options, struct xlight_config *instead,
                        struct xlight_op **ret_op);
int bind_domain_restore(struct xlight_handle *h, const char *path,
                        const struct xlight_restore_options *options, struct xlight_config *instead,
                        struct xlight_op **ret_op);
int bind_domain_restore_fd(struct xlight_handle *h, int fd,
                           const struct xlight_restore_options *options,
                           struct xlight_config *instead, struct xlight_op **ret_op);
int bind_domain_migrate(struct xlight_handle *h, uint32_t domid, int in_fd, int out_fd,
                        const struct xlight_migrate_options *options, struct xlight_config *instead,
                        struct xlight_op **ret_op);
int bind_domain_migrate_to(struct xlight_handle *h, uint32_t domid, const char *address,
                           const struct xlight_tls_files *tls,
                           const struct xlight_migrate_options *options,
                           struct xlight_config *instead, struct xlight_op **ret_op);
int bind_device_attach(struct xlight_handle *h, uint32_t domid, enum xlight_device_kind kind,
                       const char *json, struct xlight_op **ret_op);
int bind_device_parse(enum xlight_device_kind kind, const char *text, struct xlight_messages *m,
                      char **ret_text);
int bind_events_next(struct xlight_events *e, char **ret_text);
int bind_sched_vcpus_set(struct xlight_handle *h, const char *const *strings, unsigned int nr);
int bind_settings_apply_nic(const struct xlight_settings *s, const char *json, char **ret_text);
int bind_settings_mask(struct xlight_handle *h, const struct xlight_settings *s, int type,
                       const char *text, struct xlight_bits *cpus);
int bind_settings_options(struct xlight_handle *h, const struct xlight_settings *s,
                          bool *ret_balloon, char **ret_text);
%ignore xlight_domain_save_start(xlight_handle *, uint32_t, const char *,
                                 const struct xlight_save_options *, xlight_op **);
%ignore xlight_domain_save_fd_start(xlight_handle *, uint32_t, int,
                                    const struct xlight_save_options *, xlight_op **);
%ignore xlight_domain_restore_start(xlight_handle *, const char *,
                                    const struct xlight_restore_options *, xlight_op **);
%ignore xlight_domain_restore_fd_start(xlight_handle *, int, const struct xlight_restore_options *,
                                       xlight_op **);
%ignore xlight_domain_migrate_start(xlight_handle *, uint32_t, int, int,
                                    const struct xlight_migrate_options *, xlight_op **);
%ignore xlight_domain_migrate_to_start(xlight_handle *, uint32_t, const char *,
                                       const struct xlight_tls_files *,
                                       const struct xlight_migrate_options *, xlight_op **);
%ignore xlight_settings_apply_nic(const struct xlight_settings *, struct xlight_nic *);
%ignore xlight_settings_mask(xlight_handle *, const struct xlight_settings *, int,
                             struct xlight_bits *);
%ignore xlight_settings_options(xlight_handle *, const struct xlight_settings *,
                                struct xlight_create_options *);
%ignore xlight_device_attach_start(xlight_handle *, uint32_t, enum xlight_device_kind, const void *,
                                   xlight_op **);
%ignore xlight_device_parse(enum xlight_device_kind, const char *, xlight_messages *, void *);
%ignore xlight_events_next(xlight_events *, struct xlight_event *);
%ignore xlight_sched_vcpus_set(xlight_handle *, const struct xlight_sched_vcpu *, unsigned int);

/* Texts in structures are the library's. */
%immutable;
%extend xlight_type {
    /* The i-th field, or nothing. */
    const struct xlight_field *field(unsigned int i)
    {
        return i < $self->nr_fields ? &$self->fields[i] : NULL;
    }
}
%extend xlight_field {
    /* The i-th name of an enumeration, or nothing. */
    const struct xlight_name *name(unsigned int i)
    {
        const struct xlight_name *n = $self->names;

        while (n && n->json && i--)
            n++;
        return n && n->json ? n : NULL;
    }
}
%mutable;
%immutable xlight_message::file;
%immutable xlight_message::key;
%immutable xlight_message::text;
%immutable xlight_progress::step;
/* Structures of options; all begin as nothing asked for. */
%define %options(NAME)
%immutable NAME::size;
%nodefaultctor NAME;
%extend NAME {
    NAME()
    {
        struct NAME *o = calloc(1, sizeof(*o));

        if (o)
            o->size = sizeof(*o);
        return o;
    }
}
%enddef
%options(xlight_create_options)
%options(xlight_save_options)
%options(xlight_restore_options)
%options(xlight_migrate_options)
%options(xlight_tls_files)
%immutable xlight_tls_files::certificate;
%immutable xlight_tls_files::key;
%immutable xlight_tls_files::authority;
%immutable xlight_tls_files::peer;
/* peer "": whoever is meant by the address. */
%extend xlight_tls_files {
    void set(const char *certificate, const char *key, const char *authority, const char *peer)
    {
        $self->certificate = bind_lasting(certificate);
        $self->key = bind_lasting(key);
        $self->authority = bind_lasting(authority);
        $self->peer = *peer ? bind_lasting(peer) : NULL;
    }
}
/* These would have to live as long as the operation; configurations are arguments of their own. */
%ignore xlight_save_options::config;
%ignore xlight_restore_options::config;
%ignore xlight_restore_options::lock_file;
%ignore xlight_migrate_options::config;
/* It must live as long as the operation; see bind_lasting(). */
%immutable xlight_create_options::lock_file;
/* No medium. */
%typemap(check) const char *target "";
%extend xlight_create_options {
    void set_lock_file(const char *path) { $self->lock_file = bind_lasting(path); }
}
#ifdef SWIGPYTHON
%pythonappend xlight_messages_get %{
    if val is not None:
        val._list = m
%}
#endif

%include "light-unbound.i"
%include <xenolith/light.h>
%include <xenolith/light-field.h>
%include <xenolith/light-message.h>
%include <xenolith/light-config.h>
%include <xenolith/light-op.h>
%include <xenolith/light-control.h>
%include <xenolith/light-device.h>
%include <xenolith/light-domain.h>
%include <xenolith/light-event.h>
%include <xenolith/light-host.h>
%include <xenolith/light-life.h>
%include <xenolith/light-move.h>
%include <xenolith/light-sched.h>
%include <xenolith/light-settings.h>
%include <xenolith/light-stat.h>
