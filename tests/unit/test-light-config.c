/* SPDX-License-Identifier: MIT */
/*
 * test-light-config.c - configurations: files and JSON.
 *
 * tests/light/configs has files, and beside each the JSON that Debian's xl (4.17.7) makes of it:
 * "xl -N create FILE", on a host with 8 CPUs.
 */
#include "fail-each.h"
#include "test-main.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenolith/light-config.h>
#include <xenolith/light-domain.h>

static struct xlight_config *const untouched = (struct xlight_config *)1;

#define HEAD "name = 'x'\nkernel = '/k'\nuuid = '00000000-0000-4000-8000-000000000001'\n"

static char *slurp(const char *path)
{
    FILE *f = fopen(path, "r");
    char *text = calloc(1, 65536);

    ck_assert_ptr_nonnull(f);
    ck_assert_uint_lt(fread(text, 1, 65535, f), 65535);
    fclose(f);
    return text;
}

/* All messages, one a line. */
static const char *said(const xlight_messages *m)
{
    static char all[8192];
    size_t len = 0;

    all[0] = 0;
    for (unsigned int i = 0; i < xlight_messages_count(m); i++) {
        len += xlight_message_format(xlight_messages_get(m, i), all + len, sizeof(all) - len);
        len += (size_t)snprintf(all + len, sizeof(all) - len, "\n");
    }
    return all;
}

/* A configuration with nothing wrong in it but what said tells. */
static struct xlight_config *parse(const char *text, const char *expected)
{
    struct xlight_config *c = NULL;
    xlight_messages *m;

    ck_assert_int_eq(xlight_messages_new(&m), 0);
    ck_assert_msg(!xlight_config_parse("f", text, strlen(text), m, &c), "%s", said(m));
    ck_assert_str_eq(said(m), expected);
    xlight_messages_free(m);
    return c;
}

static void round_trip(const struct xlight_config *c, const char *json)
{
    struct xlight_config *again = NULL;
    char *text = NULL;

    ck_assert_int_eq(xlight_config_from_json("j", json, NULL, &again), 0);
    ck_assert(xlight_type_equal(xlight_config_type(), c, again));
    ck_assert_int_eq(xlight_config_to_json(again, &text), 0);
    ck_assert_str_eq(text, json);
    free(text);
    xlight_config_free(again);
}

/* What is written as a file is read as the same. */
static void text_round_trip(const struct xlight_config *c)
{
    struct xlight_config *again = NULL;
    char *text = NULL, *twice = NULL;
    xlight_messages *m;

    ck_assert_int_eq(xlight_messages_new(&m), 0);
    ck_assert_msg(!xlight_config_to_text(c, m, &text), "%s: %s", c->name, said(m));
    ck_assert_int_eq(xlight_config_parse("t", text, strlen(text), m, &again), 0);
    ck_assert_str_eq(said(m), "");
    ck_assert_msg(xlight_type_equal(xlight_config_type(), c, again), "%s", text);
    ck_assert_int_eq(xlight_config_to_text(again, m, &twice), 0);
    ck_assert_str_eq(text, twice);
    free(text);
    free(twice);
    xlight_messages_free(m);
    xlight_config_free(again);
}

static bool ends_with(const char *name, const char *end)
{
    size_t n = strlen(name), e = strlen(end);

    return n > e && !strcmp(name + n - e, end);
}

START_TEST(files_mean_what_they_mean_to_debian)
{
    DIR *d = opendir(CONFIGS);
    struct dirent *entry;
    char path[512];
    unsigned int n = 0;

    ck_assert_ptr_nonnull(d);
    while ((entry = readdir(d))) {
        struct xlight_config *c = NULL;
        char *expected, *json = NULL;
        xlight_messages *m;

        if (!ends_with(entry->d_name, ".cfg"))
            continue;
        ck_assert_int_eq(xlight_messages_new(&m), 0);
        snprintf(path, sizeof(path), CONFIGS "/%s", entry->d_name);
        ck_assert_msg(!xlight_config_read(path, m, &c), "%s", said(m));
        ck_assert_str_eq(said(m), "");
        ck_assert_int_eq(xlight_config_to_json(c, &json), 0);
        strcpy(path + strlen(path) - 3, "json");
        expected = slurp(path);
        ck_assert_msg(!strcmp(json, expected), "%s: %s", path, json);
        round_trip(c, json);
        text_round_trip(c);
        free(expected);
        free(json);
        xlight_messages_free(m);
        xlight_config_free(c);
        n++;
    }
    closedir(d);
    ck_assert_uint_ge(n, 21);
}
END_TEST

START_TEST(all_of_the_grammar)
{
    struct xlight_config *c =
        parse("\n\t ; ;name='a\"b' # ; x\nkernel=\"'\\\"\\\\\\x41\\101\\n\";memory=010\r\n"
              "maxmem=0x1f;cmdline=''\nvif=['',\n\n 'bridge=b' # c\n,];;p9=[\n] # end",
              "");

    ck_assert_str_eq(c->name, "a\"b");
    ck_assert_str_eq(c->kernel, "'\"\\AA\n");
    ck_assert_uint_eq(c->memory_kb, 8 * 1024);
    ck_assert_uint_eq(c->max_memory_kb, 31 * 1024);
    ck_assert_str_eq(c->cmdline, "");
    ck_assert_uint_eq(c->nr_nics, 2);
    ck_assert_str_eq(c->nics[1].bridge, "b");
    ck_assert_int_eq(c->nics[1].devid, 1);
    ck_assert_uint_eq(c->nr_p9s, 0);
    xlight_config_free(c);
}
END_TEST

START_TEST(what_has_not_been_given)
{
    struct xlight_config *c = parse("name='x'\nkernel='/k'\n", ""), *d = parse(HEAD, "");
    static const uint8_t uuid[16] = {[6] = 0x40, [8] = 0x80, [15] = 1};

    ck_assert_int_eq(c->type, XLIGHT_PV);
    ck_assert_uint_eq(c->memory_kb, XLIGHT_UNSET_KB);
    ck_assert_uint_eq(c->max_memory_kb, XLIGHT_UNSET_KB);
    ck_assert_int_eq(c->max_vcpus, 0);
    ck_assert_int_eq(c->on_reboot, XLIGHT_RESTART);
    ck_assert_int_eq(c->on_crash, XLIGHT_DESTROY);
    ck_assert_int_eq(c->claim_mode, XLIGHT_YES);
    ck_assert_int_eq(c->cpu_weight, -1);
    /* A random UUID, version 4; or the one that was given. */
    ck_assert_int_eq(c->uuid[6] >> 4, 4);
    ck_assert_int_eq(c->uuid[8] >> 6, 2);
    ck_assert(memcmp(c->uuid, d->uuid, 16));
    ck_assert(!memcmp(d->uuid, uuid, 16));
    xlight_config_free(c);
    xlight_config_free(d);
    xlight_config_free(NULL);
}
END_TEST

START_TEST(sets_of_cpus_that_the_host_knows)
{
    struct xlight_config *c =
        parse(HEAD "vcpus=2\ncpus=['all,^5-8','node:0,node:2,^9-11,18-20']", "");
    char *json;

    ck_assert_uint_eq(c->nr_hard_affinity, 2);
    ck_assert_str_eq(c->hard_affinity[0].text, "all,^5-8");
    ck_assert_ptr_null(c->hard_affinity[0].bytes);
    ck_assert_str_eq(c->hard_affinity[1].text, "node:0,node:2,^9-11,18-20");
    ck_assert_int_eq(xlight_config_to_json(c, &json), 0);
    ck_assert_ptr_nonnull(strstr(json, "\"all,^5-8\""));
    round_trip(c, json);
    text_round_trip(c);
    free(json);
    xlight_config_free(c);
    /* Without a number of vCPUs there is one. */
    c = parse(HEAD "cpus='0-6,^1'", "");
    ck_assert_uint_eq(c->nr_hard_affinity, 1);
    text_round_trip(c);
    xlight_config_free(c);
}
END_TEST

START_TEST(warnings_do_not_fail)
{
    xlight_config_free(parse(HEAD
                             "memroy=5\nzzz=[]\ntype='pv'\nhap=1\nvif=['colour=red','briage=b']",
                             "f:4:1: warning: unknown key \"memroy\" is ignored; did you mean "
                             "\"memory\"?\n"
                             "f:5:1: warning: unknown key \"zzz\" is ignored\n"
                             "f:7:1: warning: hap: has no effect on a guest of type pv\n"
                             "f:8:6: warning: vif: unknown parameter \"colour\"\n"
                             "f:8:19: warning: vif: unknown parameter \"briage\"; did you mean "
                             "\"bridge\"?\n"));
}
END_TEST

START_TEST(files_that_are_not_there)
{
    struct xlight_config *c = untouched;
    xlight_messages *m;

    ck_assert_int_eq(xlight_messages_new(&m), 0);
    ck_assert_int_eq(xlight_config_read("/nonexistent/a.cfg", m, &c), -ENOENT);
    ck_assert_str_eq(said(m), "/nonexistent/a.cfg: error: cannot read the file: "
                              "No such file or directory\n");
    ck_assert_int_eq(xlight_config_read("/", m, &c), -EISDIR);
    ck_assert_uint_eq(xlight_messages_errors(m), 2);
    ck_assert_ptr_null(xlight_messages_get(m, 2));
    ck_assert_ptr_eq(c, untouched);
    /* Nobody has to listen. */
    ck_assert_int_eq(xlight_config_parse("f", "x", 1, NULL, &c), -EINVAL);
    ck_assert_int_eq(xlight_config_from_json("f", "[]", NULL, &c), -EINVAL);
    ck_assert_ptr_eq(c, untouched);
    xlight_messages_free(m);
    xlight_messages_free(NULL);
}
END_TEST

START_TEST(json_is_utf_8)
{
    struct xlight_config *c = parse(HEAD "extra = '\xc3\xa4'\nroot = '\xe4'", "");
    char *json = (char *)1;

    ck_assert_int_eq(xlight_config_to_json(c, &json), -EILSEQ);
    ck_assert_ptr_eq(json, (char *)1);
    free(c->cmdline);
    c->cmdline = strdup("\xc3\xa4");
    ck_assert_int_eq(xlight_config_to_json(c, &json), 0);
    ck_assert_ptr_nonnull(strstr(json, "\"\xc3\xa4\""));
    free(json);
    xlight_config_free(c);
}
END_TEST

START_TEST(keys_of_other_types_leave_nothing)
{
    struct xlight_config *c =
        parse(HEAD "pvshim_path = '/x'\nserial = ['a']\nmmio_hole = 512\ntimer_mode = 1",
              "f:4:1: warning: pvshim_path: has no effect on a guest of type pv\n"
              "f:5:1: warning: serial: has no effect on a guest of type pv\n"
              "f:6:1: warning: mmio_hole: has no effect on a guest of type pv\n"
              "f:7:14: warning: timer_mode: numbers are out of use; write "
              "\"no_delay_for_missed_ticks\"\n"
              "f:7:1: warning: timer_mode: has no effect on a guest of type pv\n");

    ck_assert_ptr_null(c->pvh.pvshim_path);
    ck_assert_uint_eq(c->hvm.nr_serials, 0);
    ck_assert_uint_eq(c->hvm.mmio_hole_kb, XLIGHT_UNSET_KB);
    /* What all types have somewhere stays, as with Debian's tools. */
    ck_assert_int_eq(c->timer_mode, 1);
    xlight_config_free(c);
}
END_TEST

/* A key that is longer than all that it could be. */
START_TEST(long_words_are_like_nothing)
{
    char word[1000], text[1200];
    xlight_messages *m;
    struct xlight_config *c = NULL;

    memset(word, 'w', sizeof(word) - 1);
    word[sizeof(word) - 1] = 0;
    ck_assert_ptr_null(xlight_nearest_key(xlight_config_type(), word));
    ck_assert_ptr_null(xlight_nearest_key(xlight_config_type(), ""));
    snprintf(text, sizeof(text), HEAD "cpuid = 'host,%s=1'", word);
    ck_assert_int_eq(xlight_messages_new(&m), 0);
    ck_assert_int_eq(xlight_config_parse("f", text, strlen(text), m, &c), -EINVAL);
    xlight_messages_free(m);
}
END_TEST

/* The same with a JSON text in place of a configuration. */
static void cannot_say(const char *json, const char *expected)
{
    struct xlight_config *c = NULL;
    char *text = (char *)1;
    xlight_messages *m;

    ck_assert_int_eq(xlight_messages_new(&m), 0);
    ck_assert_msg(!xlight_config_from_json("j", json, m, &c), "%s", said(m));
    ck_assert_int_eq(xlight_config_to_text(c, m, &text), -EDOM);
    ck_assert_str_eq(said(m), expected);
    ck_assert_ptr_eq(text, (char *)1);
    xlight_config_free(c);
    xlight_messages_free(m);
}

#define JSON(c_info, b_info, rest)                                                                \
    "{\"c_info\":{\"type\":\"pv\",\"name\":\"x\"" c_info "},\"b_info\":{\"kernel\":\"/k\"" b_info \
    "}" rest "}"

START_TEST(what_files_cannot_say)
{
    cannot_say("{}", "error: name: is required\n"
                     "error: kernel: is missing; give a kernel, a bootloader or a firmware\n");
    cannot_say(JSON("", ",\"max_memkb\":1000", ""), "error: maxmem: must be at least 1, not 0\n");
    cannot_say(JSON("", ",\"max_memkb\":1025", ""),
               "error: maxmem: has a value that a file cannot say\n");
    cannot_say(JSON(",\"domid\":7", "", ""),
               "error: c_info/domid: has a value that a file cannot say\n");
    cannot_say(JSON("", ",\"max_vcpus\":4,\"avail_vcpus\":[0,2]", ""),
               "error: b_info/avail_vcpus: has a value that a file cannot say\n");
    cannot_say(JSON("", ",\"claim_mode\":\"False\"", ""),
               "error: b_info/claim_mode: has a value that a file cannot say\n");
    cannot_say(JSON("", "", ",\"nics\":[{\"bridge\":\"a,b\"}]"),
               "warning: vif: unknown parameter \"b\"\n"
               "error: vif: has a value that a file cannot say\n");
    cannot_say(
        JSON("", "", ",\"disks\":[{\"vdev\":\"xvda\",\"pdev_path\":\"/a\",\"removable\":1}]"),
        "error: disk: has a value that a file cannot say\n");
    cannot_say(JSON("", ",\"bootloader_args\":[null]", ""),
               "error: bootloader_args: has a value that a file cannot say\n");
    cannot_say(
        JSON("", ",\"cpuid\":{\"cpuid\":[{\"leaf\":1,\"eax\":\"01\"}],\"msr\":[{\"index\":266}]}",
             ""),
        "error: b_info/cpuid/cpuid: has a value that a file cannot say\n");
}
END_TEST

START_TEST(keyboards_of_screens_come_first)
{
    struct xlight_config *c = parse(HEAD "vkb = ['backend-type=qemu']\nvnc = 1", "");

    ck_assert_uint_eq(c->nr_vfbs, 1);
    ck_assert_uint_eq(c->nr_vkbs, 2);
    ck_assert_int_eq(c->vkbs[0].backend_type, 0);
    ck_assert_int_eq(c->vkbs[0].devid, 0);
    ck_assert_int_eq(c->vkbs[1].backend_type, XLIGHT_VKB_QEMU);
    text_round_trip(c);
    xlight_config_free(c);
}
END_TEST

START_TEST(letters_of_cpuid)
{
    struct xlight_config *c = parse(HEAD "cpuid = 'host,family=k,model=s,rdcl-no=s'", "");

    ck_assert_str_eq(c->cpuid[0].eax, "xxxx00000000ssssxxxxkkkkssssxxxx");
    ck_assert_int_eq(c->msrs[0].policy[63], 'k');
    xlight_config_free(c);
}
END_TEST

static const struct {
    const char *json, *said;
} bad_json[] = {
    {"", "j: error: this is not JSON: parse error: premature EOF\n"},
    {"{\"c_info\": ", "j: error: this is not JSON: parse error: premature EOF\n"},
    {"[]", "j: error: must be an object, not an array\n"},
    {"{\"c_info\": 5}", "j: error: c_info: must be an object, not 5\n"},
    {"{\"c_info\": {\"name\": 5}}", "j: error: c_info/name: must be a text, not 5\n"},
    {"{\"c_info\": {\"type\": \"pvx\"}}",
     "j: error: c_info/type: must be one of pv, pvh, hvm, not \"pvx\"\n"},
    {"{\"c_info\": {\"hap\": true}}",
     "j: error: c_info/hap: must be \"True\", \"False\" or \"<default>\", not true\n"},
    {"{\"c_info\": {\"uuid\": \"x\"}}", "j: error: c_info/uuid: must be a UUID, not \"x\"\n"},
    {"{\"b_info\": {\"max_vcpus\": 1.5}}",
     "j: error: b_info/max_vcpus: must be a whole number, not 1.5\n"},
    {"{\"b_info\": {\"max_vcpus\": 99999999999}}",
     "j: error: b_info/max_vcpus: must be from -2147483648 to 2147483647, not 99999999999\n"},
    {"{\"b_info\": {\"max_memkb\": -1}}",
     "j: error: b_info/max_memkb: must be from 0 to 18446744073709551615, not -1\n"},
    {"{\"b_info\": {\"avail_vcpus\": [0, \"1\"]}}",
     "j: error: b_info/avail_vcpus: must be a whole number, not \"1\"\n"},
    {"{\"disks\": {}}", "j: error: disks: must be an array, not an object\n"},
    {"{\"disks\": [{}, {\"vdev\": []}]}",
     "j: error: disks[1]/vdev: must be a text, not an array\n"},
    {"{\"nics\": [{\"mac\": \"00:16:3e:00:00\"}]}",
     "j: error: nics[0]/mac: must be a MAC address, not \"00:16:3e:00:00\"\n"},
    {"{\"vfbs\": [{\"vnc\": {\"display\": null}}]}",
     "j: error: vfbs[0]/vnc/display: must be a whole number, not null\n"},
    {"{\"channels\": [{\"connection.pty\": 1}]}",
     "j: error: channels[0]/connection.pty: must be an object, not 1\n"},
    {"{\"x\": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "j: error: objects are nested deeper than 32\n"},
};

START_TEST(json_that_is_wrong)
{
    for (size_t i = 0; i < sizeof(bad_json) / sizeof(bad_json[0]); i++) {
        struct xlight_config *c = untouched;
        xlight_messages *m;

        ck_assert_int_eq(xlight_messages_new(&m), 0);
        ck_assert_int_eq(xlight_config_from_json("j", bad_json[i].json, m, &c), -EINVAL);
        ck_assert_str_eq(said(m), bad_json[i].said);
        ck_assert_ptr_eq(c, untouched);
        xlight_messages_free(m);
    }
}
END_TEST

START_TEST(json_of_other_releases)
{
    struct xlight_config *c = NULL;
    xlight_messages *m;

    ck_assert_int_eq(xlight_messages_new(&m), 0);
    ck_assert_int_eq(
        xlight_config_from_json(
            "j",
            "{\"future\": 1, \"b_info\": {\"cpuid\": [{\"leaf\": 0, \"eax\": \"k\"}], \"later\":"
            " {}, \"timer_mode\": \"unknown\"}}",
            m, &c),
        0);
    ck_assert_str_eq(said(m), "j: warning: future: is unknown, and ignored\n"
                              "j: warning: b_info/later: is unknown, and ignored\n");
    ck_assert_uint_eq(c->nr_cpuid, 1);
    ck_assert_uint_eq(c->cpuid[0].leaf, 0);
    ck_assert_int_eq(c->timer_mode, -1);
    xlight_config_free(c);
    xlight_messages_free(m);
}
END_TEST

/* One structure: what the text does not have stays, and all that is written can be read. */
START_TEST(json_of_one_structure)
{
    const struct xlight_type *type = xlight_domain_type();
    struct xlight_domain d, again;
    xlight_messages *m;
    char *text;

    xlight_type_init(type, &d);
    d.domid = 7;
    d.memory_kb = UINT64_MAX;
    d.type = 0; /* has no name: null */
    memcpy(d.uuid, "0123456789abcdef", 16);
    d.paused = true;
    ck_assert_int_eq(xlight_type_to_json(type, &d, 1, XLIGHT_JSON_LINE, &text), 0);
    ck_assert_int_eq(xlight_messages_new(&m), 0);
    xlight_type_init(type, &again);
    ck_assert_int_eq(xlight_type_from_json(type, text, m, &again), 0);
    ck_assert(xlight_type_equal(type, &d, &again));
    free(text);
    ck_assert_int_eq(
        xlight_type_from_json(type, "{\"name\": \"a\", \"vcpus\": 3, \"new\": 1}", m, &again), 0);
    ck_assert_str_eq(said(m), "warning: new: is unknown, and ignored\n");
    ck_assert_str_eq(again.name, "a");
    ck_assert_uint_eq(again.vcpus, 3);
    ck_assert_uint_eq(again.domid, 7);
    ck_assert_int_eq(xlight_type_from_json(type, "{\"vcpus\": -1}", m, &again), -EINVAL);
    ck_assert_int_eq(xlight_type_from_json(type, "[]", NULL, &again), -EINVAL);
    ck_assert_int_eq(xlight_type_from_json(type, "", NULL, &again), -EINVAL);
    xlight_type_clear(type, &again);
    xlight_type_clear(type, &d);
    xlight_messages_free(m);
}
END_TEST

/* As many errors as anyone can read. */
START_TEST(messages_have_an_end)
{
    struct xlight_config *c = untouched;
    char text[2001];
    xlight_messages *m;

    for (int i = 0; i < 2000; i += 2)
        memcpy(text + i, "=\n", 2);
    memcpy(text, HEAD, strlen(HEAD));
    ck_assert_int_eq(xlight_messages_new(&m), 0);
    ck_assert_int_eq(xlight_config_parse("f", text, 2000, m, &c), -EINVAL);
    ck_assert_uint_ge(xlight_messages_count(m), 1);
    xlight_messages_free(m);
}
END_TEST

static int read_once(const char *text, const char *json)
{
    struct xlight_config *c = NULL, *d = NULL;
    xlight_messages *m = NULL;
    char *out = NULL, *file = NULL;
    int rc = xlight_messages_new(&m);

    if (!rc)
        rc = xlight_config_parse("f", text, strlen(text), m, &c);
    if (!rc)
        rc = xlight_config_from_json("j", json, m, &d);
    if (!rc)
        rc = xlight_config_to_json(c, &out);
    if (!rc)
        rc = xlight_config_to_text(d, m, &file);
    free(file);
    free(out);
    xlight_config_free(c);
    xlight_config_free(d);
    xlight_messages_free(m);
    return rc;
}

START_TEST(no_memory_leaves_nothing)
{
    static const char *const names[] = {
        "devices",  "cpuid-flags", "cpuid-leaves", "vnuma",        "pci",       "cpus-list", "hvm",
        "added-up", "resources",   "bootloader",   "disk-options", "nic-forms", "pv-vnc"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[512], *text, *json;
        bool more = true;
        int n;

        snprintf(path, sizeof(path), CONFIGS "/%s.cfg", names[i]);
        text = slurp(path);
        strcpy(path + strlen(path) - 3, "json");
        json = slurp(path);
        for (n = 1; more; n++) {
            int rc;

            fail_each_begin(n);
            rc = read_once(text, json);
            more = fail_each_end();
            ck_assert_msg(!rc || (rc == -ENOMEM && more), "%s: allocation %d: %d", names[i], n, rc);
        }
        ck_assert_int_gt(n, 20);
        free(text);
        free(json);
    }
}
END_TEST

TEST_MAIN("light-config", files_mean_what_they_mean_to_debian, all_of_the_grammar,
          what_has_not_been_given, sets_of_cpus_that_the_host_knows, warnings_do_not_fail,
          files_that_are_not_there, json_is_utf_8, keyboards_of_screens_come_first,
          letters_of_cpuid, what_files_cannot_say, keys_of_other_types_leave_nothing,
          long_words_are_like_nothing, json_that_is_wrong, json_of_other_releases,
          json_of_one_structure, messages_have_an_end, no_memory_leaves_nothing)
