/* SPDX-License-Identifier: MIT */

/* Hosts of AWS's services. */

#include "s3/service_url.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "s3/endpoint.h"
#include "s3/partition.h"
#include "s3/setting.h"

/* Most services' hosts are named like them. */
static const char *host_name(const char *service)
{
    if (strcmp(service, "sso") == 0)
        return "portal.sso";
    return strcmp(service, "sso_oidc") == 0 ? "oidc" : service;
}

static char *usual_url(const struct credentials_place *place, const char *service,
                       const char *region)
{
    const char *profile = place->profile;
    bool fips =
        setting_is_true(place->profiles, profile, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
    bool dual_stack = setting_is_true(place->profiles, profile, "AWS_USE_DUALSTACK_ENDPOINT",
                                      "use_dualstack_endpoint");
    const char *name = host_name(service);
    const struct partition *partition;

    if (strcmp(region, ENDPOINT_GLOBAL_REGION) == 0 && !fips && !dual_stack)
        return memory_format("https://%s.amazonaws.com", name);
    region = endpoint_signing_region(region);
    partition = partition_of(region);
    return memory_format("https://%s%s.%s.%s", name, fips ? "-fips" : "", region,
                         dual_stack ? partition->dual_stack_suffix : partition->suffix);
}

char *service_url(const struct credentials_place *place, const char *service, const char *region)
{
    const char *configured = setting_endpoint(place->profiles, place->profile, service);
    char *url = configured ? memory_copy_text(configured) : usual_url(place, service, region);
    size_t length = strlen(url);

    while (length > 0 && url[length - 1] == '/')
        url[--length] = '\0';
    return url;
}

bool service_url_split(const char *url, char **host, char **path)
{
    struct endpoint endpoint;
    struct error ignored;

    if (!endpoint_init(&endpoint, url, S3_ADDRESSING_PATH, &ignored))
        return false;
    *host = memory_copy_text(endpoint.authority);
    *path = memory_copy_text(endpoint.path[0] ? endpoint.path : "/");
    endpoint_release(&endpoint);
    return true;
}
