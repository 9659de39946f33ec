/* SPDX-License-Identifier: MIT */
/* fields.h - how the tables of fields are written, and what finds its way through them. */
#ifndef XENOLITH_LIGHT_CONFIG_FIELDS_H
#define XENOLITH_LIGHT_CONFIG_FIELDS_H

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <xenolith/light-config.h>

#define PV  (1U << XLIGHT_PV)
#define PVH (1U << XLIGHT_PVH)
#define HVM (1U << XLIGHT_HVM)

/* A field: its place in struct T, which the table's file defines, and what else there is to say. */
#define FIELD(k, member, json_, ...)                                                  \
    {                                                                                 \
        .kind = XLIGHT_##k, .offset = offsetof(T, member), .json = json_, __VA_ARGS__ \
    }
#define LIST(k, member, count, json_, ...)                                      \
    {                                                                           \
        .kind = XLIGHT_LIST, .item = XLIGHT_##k, .offset = offsetof(T, member), \
        .nr_offset = offsetof(T, count), .json = json_, __VA_ARGS__             \
    }
/* A key without a place of its own. */
#define KEY(key_, ...)                                   \
    {                                                    \
        .kind = XLIGHT_NOTHING, .key = key_, __VA_ARGS__ \
    }
/* An object in JSON that is there even if nothing is in it. */
#define GROUP(json_, ...)                                  \
    {                                                      \
        .kind = XLIGHT_NOTHING, .json = json_, __VA_ARGS__ \
    }

#define TYPE(name_, struct_, fields_, ...)                             \
    {                                                                  \
        .name = name_, .size = sizeof(struct_), .fields = fields_,     \
        .nr_fields = sizeof(fields_) / sizeof(fields_[0]), __VA_ARGS__ \
    }

extern const struct xlight_type xlight__disk_type, xlight__nic_type, xlight__pci_type,
    xlight__vfb_type, xlight__vkb_type, xlight__vtpm_type, xlight__p9_type, xlight__pvcalls_type,
    xlight__channel_type, xlight__usbctrl_type, xlight__usbdev_type, xlight__cpuid_type,
    xlight__msr_type, xlight__vnuma_type, xlight__ioports_type, xlight__iomem_type;

extern const struct xlight_name xlight__type_names[], xlight__action_names[];
extern const struct xlight_name xlight__viridian_names[];

static inline void *xlight__at(const void *obj, size_t offset)
{
    return (char *)(uintptr_t)obj + offset;
}

/* The size of one item of a list. */
size_t xlight__item_size(const struct xlight_field *f);

/* The items of a list and their number. */
void *xlight__items(const void *obj, const struct xlight_field *f, unsigned int *ret_nr);

/* One more item at the end of a list, as if nothing had been given. NULL: no memory. */
void *xlight__append(void *obj, const struct xlight_field *f);

/* The field of a type by the name of its key, or by its name in JSON, or NULL. */
const struct xlight_field *xlight__by_key(const struct xlight_type *type, const char *key);
const struct xlight_field *xlight__by_json(const struct xlight_type *type, const char *name);

/* The entry of an enumeration, or NULL. */
const struct xlight_name *xlight__name_of(const struct xlight_name *names, int value);
/* How configuration files call it. */
static inline const char *xlight__key_of(const struct xlight_name *n)
{
    return n->key ? n->key : n->json;
}

/* Whether the field means anything to a domain of this type. */
static inline bool xlight__has_field(const struct xlight_field *f, int domain_type)
{
    return !f->domains || (f->domains & 1U << domain_type);
}

/* Whether the field is in a part that only domains of other types have at all. */
bool xlight__is_foreign(const struct xlight_field *f, int domain_type);

/* The most similar of n words, or NULL when none is near enough to be meant. */
const char *xlight__nearest(const char *word, const char *(*get)(const void *arg, unsigned int i),
                            const void *arg, unsigned int n);

/* Makes a field as if it had not been given, freeing what it holds. */
void xlight__clear_field(const struct xlight_field *f, void *obj);

/* Whether two structures have the same in a field. */
bool xlight__same_field(const struct xlight_field *f, const void *a, const void *b);

/* Whether a field is as if it had not been given. Groups are not. */
bool xlight__is_preset(const struct xlight_field *f, const void *obj);

void xlight__format_uuid(const uint8_t uuid[16], char text[37]);
void xlight__format_mac(const uint8_t mac[6], char text[18]);

/* A bit of a set; setting makes the set as large as needed. -ENOMEM. */
bool xlight__bit(const struct xlight_bits *b, uint32_t bit);
bool xlight__same_bits(const struct xlight_bits *a, const struct xlight_bits *b);
int xlight__set_bit(struct xlight_bits *b, uint32_t bit, bool on);

#endif /* XENOLITH_LIGHT_CONFIG_FIELDS_H */
