/* SPDX-License-Identifier: MIT */

/* Any text as a shared config or credentials file. */

#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"
#include "s3/credentials_source.h"
#include "s3/s3_profiles.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    enum s3_profiles_file file = size % 2 ? S3_PROFILES_CONFIG : S3_PROFILES_CREDENTIALS;
    struct s3_profiles *profiles = s3_profiles_new();
    struct credentials_place place = { .profiles = profiles, .profile = "default" };
    char *text = memory_copy_bytes(bytes, size);
    struct key_set keys = { 0 };
    struct error err;

    (void)s3_profiles_read(profiles, file, text, &err);
    s3_profiles_find(profiles, "default", "s3.addressing_style");
    s3_profiles_find_in(profiles, "services", "local", "s3.endpoint_url");
    if (credentials_profile.fetch(&place, &keys, &err)) {
        memory_free_secret(keys.id);
        memory_free_secret(keys.secret);
        memory_free_secret(keys.token);
    }
    free(text);
    s3_profiles_free(profiles);
    return 0;
}
