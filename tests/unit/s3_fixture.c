/* SPDX-License-Identifier: MIT */

/* Sets up what most S3 tests need. */

#include "s3_fixture.h"

#include <assert.h>
#include <stdlib.h>

#include "s3/s3_service_parts.h"

enum { MEMORY = 1024 * 1024 };

void s3_fixture_clear_environment(void)
{
    static const char *const names[] = {
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_SECURITY_TOKEN",
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_S3",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        "AWS_CA_BUNDLE",
        "AWS_MAX_ATTEMPTS",
        "AWS_ROLE_ARN",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "http_proxy",
        "HTTP_PROXY",
        "all_proxy",
        "ALL_PROXY",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_RETRY_MODE",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_USE_FIPS_ENDPOINT",
        "AWS_USE_DUALSTACK_ENDPOINT",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        "AWS_ENDPOINT_URL_STS",
        "AWS_ENDPOINT_URL_SSO",
        "AWS_REQUEST_CHECKSUM_CALCULATION",
        "AWS_RESPONSE_CHECKSUM_VALIDATION",
    };

    for (size_t i = 0; i < COUNT(names); i++)
        unsetenv(names[i]);
    setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
    setenv("AWS_CONFIG_FILE", "/nowhere/config", 1);
    setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere/credentials", 1);
}

void s3_fixture_open(struct s3_fixture *fixture, const struct canned_reply *replies, size_t count)
{
    struct s3_settings settings = { .max_attempts = 4, .part_size = 1024 };
    bool ok;

    s3_fixture_clear_environment();
    setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", 1);
    ok = cancel_init(&fixture->cancel);
    assert(ok);
    fixture->server = canned_server_start(replies, count);
    settings.endpoint_url = canned_server_url(fixture->server);
    fixture->service = s3_service_new(&settings, NULL, &fixture->err);
    assert(fixture->service);
    fixture->service->single_put_max = 1024;
    fixture->service->first_delay_ms = 1;
    fixture->service->longest_delay_ms = 5;
    fixture->service->http.read_timeout_ms = 1000;
    fixture->client = s3_client_open(fixture->service, &fixture->cancel);
    assert(fixture->client);
    budget_init(&fixture->budget, MEMORY);
    spool_init(&fixture->spool, &fixture->budget);
}

void s3_fixture_close(struct s3_fixture *fixture)
{
    spool_release(&fixture->spool);
    s3_client_close(fixture->client);
    s3_service_free(fixture->service);
    canned_server_stop(fixture->server);
    cancel_release(&fixture->cancel);
}
