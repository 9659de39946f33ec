/* SPDX-License-Identifier: MIT */
/*
 * fuzz-light-config.c - any text as a configuration file; what is understood survives being
 * written as JSON, and as a file. And any text as the file xl.conf.
 */
#include "fuzz-main.h"
#include <string.h>
#include <xenolith/light-config.h>
#include <xenolith/light-settings.h>

static void read_settings(const uint8_t *data, size_t len)
{
    struct xlight_settings *s = NULL;
    xlight_messages *m;
    int rc;

    if (xlight_messages_new(&m))
        return;
    rc = xlight_settings_parse("f", (const char *)data, len, m, &s);
    if (!rc != !!s || !rc != !xlight_messages_errors(m))
        abort();
    xlight_settings_free(s);
    xlight_messages_free(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct xlight_config *c = NULL, *again = NULL;
    char *json = NULL, *text = NULL;
    xlight_messages *m;
    int rc;

    if (xlight_messages_new(&m))
        return 0;
    rc = xlight_config_parse("f", (const char *)data, len, m, &c);
    if (!rc != !!c || !rc != !xlight_messages_errors(m))
        abort();
    for (unsigned int i = 0; i < xlight_messages_count(m); i++) {
        char line[64];

        /* Never without a text, and never with what terminals would obey. */
        if (!xlight_message_format(xlight_messages_get(m, i), line, sizeof(line)))
            abort();
        for (char *p = line; *p; p++)
            if ((unsigned char)*p < ' ')
                abort();
    }
    /* Not when a string is not UTF-8. */
    if (c && !xlight_config_to_json(c, &json)) {
        if (xlight_config_from_json("j", json, NULL, &again) ||
            !xlight_type_equal(xlight_config_type(), c, again))
            abort();
    }
    free(json);
    xlight_config_free(again);
    again = NULL;
    /* Not when a value has a comma in it, for one. */
    if (c && !xlight_config_to_text(c, NULL, &text)) {
        if (xlight_config_parse("t", text, strlen(text), NULL, &again) ||
            !xlight_type_equal(xlight_config_type(), c, again))
            abort();
    }
    free(text);
    xlight_config_free(c);
    xlight_config_free(again);
    xlight_messages_free(m);
    read_settings(data, len);
    return 0;
}
