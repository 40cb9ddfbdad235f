/* SPDX-License-Identifier: MIT */

/* Gathers what flags, environment and profile say, once per run. */

#include "s3/s3_service.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "s3/credentials_metadata.h"
#include "s3/s3_service_parts.h"
#include "s3/s3_write_headers.h"
#include "s3/setting.h"

enum {
    DEFAULT_ATTEMPTS = 10,
    STANDARD_ATTEMPTS = 3,
    LEGACY_ATTEMPTS = 5,
    MOST_ATTEMPTS = 1000,
    DEFAULT_PART_SIZE = 8 * 1024 * 1024, /* S3 advises 8 to 16 MiB; a few of them are in memory */
    FIRST_DELAY_MS = 100,
    LONGEST_DELAY_MS = 20 * 1000,
    CONNECT_TIMEOUT_MS = 10 * 1000,
    READ_TIMEOUT_MS = 60 * 1000, /* as botocore */
};

/* The first that is not NULL. */
static const char *first_of(const char *one, const char *two, const char *three, const char *four)
{
    if (one)
        return one;
    if (two)
        return two;
    return three ? three : four;
}

static const char *from_profile(const struct s3_service *service, const char *name)
{
    return s3_profiles_find(service->profiles, service->profile, name);
}

static bool choose_profile(struct s3_service *service, const struct s3_settings *settings,
                           struct error *err)
{
    const char *chosen = first_of(settings->profile, setting_variable("AWS_PROFILE"),
                                  setting_variable("AWS_DEFAULT_PROFILE"), NULL);

    service->profiles = s3_profiles_new();
    if (!s3_profiles_load(service->profiles, err))
        return false;
    service->profile = memory_copy_text(chosen ? chosen : "default");
    if (chosen && !s3_profiles_has(service->profiles, chosen))
        return error_set(err, ERROR_USAGE, "Avmap.Usage", "profile %s is in neither %s nor %s",
                         chosen, s3_profiles_path(service->profiles, S3_PROFILES_CREDENTIALS),
                         s3_profiles_path(service->profiles, S3_PROFILES_CONFIG));
    return true;
}

static bool choose_region(struct s3_service *service, const struct s3_settings *settings,
                          struct error *err)
{
    const char *region =
        first_of(settings->region, setting_variable("AWS_REGION"),
                 setting_variable("AWS_DEFAULT_REGION"), from_profile(service, "region"));

    service->region_known = region != NULL;
    if (!region)
        region = "us-east-1";
    if (!endpoint_is_region(region))
        return error_set(err, ERROR_USAGE, "Avmap.Usage", "%s cannot be a region", region);
    snprintf(service->region, sizeof(service->region), "%s", region);
    return true;
}

/* On EC2 the instance knows where it is; elsewhere, and for other servers, nobody is asked. */
static void ask_for_region(struct s3_service *service, const struct credentials_place *place)
{
    char *region;

    if (service->region_known || service->endpoint.authority)
        return;
    region = credentials_metadata_region(place);
    if (region && endpoint_is_region(region))
        snprintf(service->region, sizeof(service->region), "%s", region);
    free(region);
}

static bool choose_addressing(const struct s3_service *service, const struct s3_settings *settings,
                              enum s3_addressing *addressing, struct error *err)
{
    const char *style = from_profile(service, "s3.addressing_style");

    *addressing = settings->addressing;
    if (*addressing != S3_ADDRESSING_AUTO || !style || strcmp(style, "auto") == 0)
        return true;
    *addressing = strcmp(style, "path") == 0 ? S3_ADDRESSING_PATH : S3_ADDRESSING_VIRTUAL;
    return *addressing == S3_ADDRESSING_PATH || strcmp(style, "virtual") == 0 ||
           error_set(err, ERROR_USAGE, "Avmap.Usage",
                     "addressing_style %s of profile %s is none of auto, virtual and path", style,
                     service->profile);
}

static bool is_true(const struct s3_service *service, const char *variable, const char *name)
{
    return setting_is_true(service->profiles, service->profile, variable, name);
}

/* Where nothing comes before it, a typing error there would send everything to AWS itself. */
static bool check_services(const struct s3_service *service, struct error *err)
{
    const char *services = from_profile(service, "services");
    bool counts =
        !setting_variable("AWS_ENDPOINT_URL_S3") && !setting_variable("AWS_ENDPOINT_URL") &&
        !is_true(service, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls");

    return !services || !counts ||
           s3_profiles_has_section(service->profiles, "services", services) ||
           error_set(err, ERROR_USAGE, "Avmap.Usage",
                     "profile %s has services = %s, but there is no section [services %s] in %s",
                     service->profile, services, services,
                     s3_profiles_path(service->profiles, S3_PROFILES_CONFIG));
}

static bool choose_endpoint(struct s3_service *service, const struct s3_settings *settings,
                            struct error *err)
{
    const char *accelerate = from_profile(service, "s3.use_accelerate_endpoint");
    const char *dual_stack = from_profile(service, "s3.use_dualstack_endpoint"); /* the older way */
    struct endpoint_hosts hosts = {
        .fips = is_true(service, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"),
        .dual_stack = is_true(service, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint") ||
                      (dual_stack && strcasecmp(dual_stack, "true") == 0),
        .accelerate = accelerate && strcasecmp(accelerate, "true") == 0,
    };
    const char *by_arn = setting_find(service->profiles, service->profile, "AWS_S3_USE_ARN_REGION",
                                      "s3.use_arn_region");
    const char *url = settings->endpoint_url;
    enum s3_addressing addressing;

    if (!url && !check_services(service, err))
        return false;
    if (!url)
        url = setting_endpoint(service->profiles, service->profile, "s3");
    if (url &&
        (hosts.fips || hosts.dual_stack)) { /* as botocore; who names a host wants that one */
        log_warning("%s is taken as it is: %s hosts are AWS's", url,
                    hosts.fips ? "FIPS" : "dual-stack");
        hosts.fips = hosts.dual_stack = false;
    }
    if (!choose_addressing(service, settings, &addressing, err) ||
        !endpoint_init(&service->endpoint, url, addressing, err))
        return false;
    service->endpoint.own_region_only = by_arn && strcasecmp(by_arn, "true") != 0;
    return endpoint_choose_hosts(&service->endpoint, service->region, &hosts, err);
}

/* Curl would only say so at the first request, and then not why. */
static bool choose_ca_bundle(struct s3_service *service, const struct s3_settings *settings,
                             struct error *err)
{
    const char *path = first_of(settings->ca_bundle, setting_variable("AWS_CA_BUNDLE"),
                                from_profile(service, "ca_bundle"), NULL);

    service->ca_bundle = memory_copy_text(path);
    service->http = (struct http_settings){
        .ca_bundle = service->ca_bundle,
        .connect_timeout_ms =
            settings->connect_timeout_ms ? (long)settings->connect_timeout_ms : CONNECT_TIMEOUT_MS,
        .read_timeout_ms =
            settings->read_timeout_ms ? (int64_t)settings->read_timeout_ms : READ_TIMEOUT_MS,
    };
    return !path || access(path, R_OK) == 0 ||
           error_set_errno(err, ERROR_USAGE, errno, "read the CA bundle %s", path);
}

/* Nobody asked for a mode: adaptive, and patient, as a run may take hours. */
static bool choose_mode(struct s3_service *service, struct error *err)
{
    const char *mode =
        setting_find(service->profiles, service->profile, "AWS_RETRY_MODE", "retry_mode");

    service->adaptive = !mode || strcasecmp(mode, "adaptive") == 0;
    service->max_attempts = mode ? STANDARD_ATTEMPTS : DEFAULT_ATTEMPTS;
    if (!mode || service->adaptive || strcasecmp(mode, "standard") == 0)
        return true;
    service->max_attempts = LEGACY_ATTEMPTS;
    return strcasecmp(mode, "legacy") == 0 ||
           error_set(err, ERROR_USAGE, "Avmap.Usage",
                     "retry mode %s (AWS_RETRY_MODE, retry_mode) is none of standard, adaptive and "
                     "legacy",
                     mode);
}

static bool choose_attempts(struct s3_service *service, const struct s3_settings *settings,
                            struct error *err)
{
    const char *text =
        setting_find(service->profiles, service->profile, "AWS_MAX_ATTEMPTS", "max_attempts");
    uint64_t count = settings->max_attempts;

    if (!choose_mode(service, err))
        return false;
    if (count == 0 && text && !number_parse_count(text, MOST_ATTEMPTS, &count))
        return error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "%s as the number of attempts is not a count up to %d", text,
                         MOST_ATTEMPTS);
    if (count)
        service->max_attempts = (unsigned)count;
    return true;
}

static bool read_check_switch(const struct s3_service *service, const char *variable,
                              const char *name, bool *on, struct error *err)
{
    const char *text = setting_find(service->profiles, service->profile, variable, name);

    *on = !text || strcasecmp(text, "when_supported") == 0;
    return *on || strcasecmp(text, "when_required") == 0 ||
           error_set(err, ERROR_USAGE, "Avmap.Usage",
                     "%s (%s) is %s, neither when_supported nor when_required", variable, name,
                     text);
}

static bool choose_checks(struct s3_service *service, struct error *err)
{
    return read_check_switch(service, "AWS_REQUEST_CHECKSUM_CALCULATION",
                             "request_checksum_calculation", &service->sends_checks, err) &&
           read_check_switch(service, "AWS_RESPONSE_CHECKSUM_VALIDATION",
                             "response_checksum_validation", &service->wants_checks, err);
}

static bool find_credentials(struct s3_service *service, const struct s3_settings *settings,
                             const struct cancel *cancel, struct error *err)
{
    struct credentials_place place = {
        .profiles = service->profiles,
        .profile = service->profile,
        .profile_chosen = settings->profile != NULL,
        .region = service->region,
        .ca_bundle = service->ca_bundle,
        .clock = &service->clock,
        .cancel = cancel,
    };
    struct key_set keys = { 0 };
    bool ok;

    ask_for_region(service, &place);
    if (settings->no_sign_request)
        return true;
    service->credentials = credentials_new(&place);
    ok = credentials_update(service->credentials, cancel, &keys, err);
    credentials_wipe(&keys);
    return ok;
}

struct s3_service *s3_service_new(const struct s3_settings *settings, const struct cancel *cancel,
                                  struct error *err)
{
    struct s3_service *service = memory_new(1, sizeof(*service));

    http_prepare();
    service->settings = *settings;
    service->first_delay_ms = FIRST_DELAY_MS;
    service->longest_delay_ms = LONGEST_DELAY_MS;
    service->part_size = settings->part_size ? settings->part_size : DEFAULT_PART_SIZE;
    service->single_put_max = 2 * service->part_size;
    atomic_init(&service->clock.offset_ms, 0);
    atomic_init(&service->checks_refused, false);
    atomic_init(&service->ranges_refused, false);
    throttle_init(&service->throttle);
    retry_quota_init(&service->quota, clock_monotonic_ms());
    s3_regions_init(&service->regions);
    if (s3_write_headers_check(settings, err) && choose_profile(service, settings, err) &&
        choose_region(service, settings, err) && choose_endpoint(service, settings, err) &&
        choose_ca_bundle(service, settings, err) && choose_attempts(service, settings, err) &&
        choose_checks(service, err) && find_credentials(service, settings, cancel, err))
        return service;
    s3_service_free(service);
    return NULL;
}

void s3_service_set_notes(struct s3_service *service, const struct s3_upload_notes *notes)
{
    service->notes = *notes;
}

void s3_service_free(struct s3_service *service)
{
    if (!service)
        return;
    credentials_free(service->credentials);
    s3_profiles_free(service->profiles);
    free(service->profile);
    free(service->ca_bundle);
    endpoint_release(&service->endpoint);
    throttle_release(&service->throttle);
    s3_regions_release(&service->regions);
    free(service);
}

const char *s3_service_region(const struct s3_service *service)
{
    return service->region;
}

struct s3_traffic s3_service_traffic(const struct s3_service *service)
{
    if (!service)
        return (struct s3_traffic){ 0 };
    return (struct s3_traffic){
        .requests = atomic_load_explicit(&service->requests, memory_order_relaxed),
        .repeated = atomic_load_explicit(&service->repeated, memory_order_relaxed),
        .throttled = atomic_load_explicit(&service->throttled, memory_order_relaxed),
    };
}

bool s3_service_is_throttled(struct s3_service *service)
{
    return service->adaptive && throttle_is_slow(&service->throttle, clock_monotonic_ms());
}

void s3_service_renew_quota(struct s3_service *service)
{
    retry_quota_init(&service->quota, clock_monotonic_ms());
}

const char *s3_service_libraries(void)
{
    return http_libraries();
}
