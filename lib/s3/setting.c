/* SPDX-License-Identifier: MIT */

/* Looks settings up where AWS's clients do. */

#include "s3/setting.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"

const char *setting_variable(const char *name)
{
    const char *value = getenv(name);

    return value && *value ? value : NULL;
}

const char *setting_find(const struct s3_profiles *profiles, const char *profile,
                         const char *variable, const char *name)
{
    const char *value = setting_variable(variable);

    return value ? value : s3_profiles_find(profiles, profile, name);
}

bool setting_is_true(const struct s3_profiles *profiles, const char *profile, const char *variable,
                     const char *name)
{
    const char *value = setting_find(profiles, profile, variable, name);

    return value && strcasecmp(value, "true") == 0;
}

static const char *endpoint_variable(const char *service)
{
    char *name = memory_format("AWS_ENDPOINT_URL_%s", service);
    const char *value;

    for (char *byte = name; *byte; byte++)
        *byte = (char)toupper((unsigned char)*byte);
    value = setting_variable(name);
    free(name);
    return value ? value : setting_variable("AWS_ENDPOINT_URL");
}

static const char *endpoint_of_section(const struct s3_profiles *profiles, const char *profile,
                                       const char *service)
{
    const char *section = s3_profiles_find(profiles, profile, "services");
    char *name = memory_format("%s.endpoint_url", service);
    const char *value = section ? s3_profiles_find_in(profiles, "services", section, name) : NULL;

    free(name);
    return value;
}

const char *setting_endpoint(const struct s3_profiles *profiles, const char *profile,
                             const char *service)
{
    const char *value;

    if (setting_is_true(profiles, profile, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
                        "ignore_configured_endpoint_urls"))
        return NULL;
    value = endpoint_variable(service);
    if (!value)
        value = endpoint_of_section(profiles, profile, service);
    return value ? value : s3_profiles_find(profiles, profile, "endpoint_url");
}
