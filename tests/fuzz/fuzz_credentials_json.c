/* SPDX-License-Identifier: MIT */

/* Any text as the JSON that services and programs hand keys out in. */

#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"
#include "s3/credentials_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static bool (*const readers[])(const char *text, size_t size, struct key_set *keys,
                                   struct error *err) = {
        credentials_json_metadata,
        credentials_json_process,
        credentials_json_sso,
    };
    const char *text = (const char *)bytes;
    int64_t expires_ms;
    struct error err;
    char code[16];
    char *token;

    for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
        struct key_set keys = { 0 };

        (void)readers[i](text, size, &keys, &err);
        credentials_wipe(&keys);
    }
    if (credentials_json_sso_token(text, size, &token, &expires_ms, &err))
        memory_free_secret(token);
    credentials_json_error(text, size, code, sizeof(code));
    return 0;
}
