/* SPDX-License-Identifier: MIT */
/* fuzz-light-json.c - any text as the JSON of a configuration. */
#include "fuzz-main.h"
#include <string.h>
#include <xenolith/light-config.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct xlight_config *c = NULL, *again = NULL;
    char *text = malloc(len + 1), *json = NULL, *file = NULL;

    if (!text)
        return 0;
    memcpy(text, data, len);
    text[len] = 0;
    if (!xlight_config_from_json("j", text, NULL, &c) && !xlight_config_to_json(c, &json)) {
        if (xlight_config_from_json("j", json, NULL, &again))
            abort();
    }
    if (c && !xlight_config_to_text(c, NULL, &file) && !*file)
        abort();
    free(file);
    free(json);
    free(text);
    xlight_config_free(c);
    xlight_config_free(again);
    return 0;
}
