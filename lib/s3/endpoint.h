/* SPDX-License-Identifier: MIT */

/*
 * Where a bucket lives: scheme, host and path of its objects, in AWS or behind another server.
 * Threads: immutable after init.
 */

#pragma once

#include <stdbool.h>

#include "base/buffer.h"
#include "base/error.h"
#include "s3/s3_settings.h"

struct endpoint {
    bool tls;
    char *authority; /* owned; host or host:port, lower case; NULL: AWS, depending on the region */
    char *path;      /* owned; "" or "/something", put before every path */
    enum s3_addressing addressing;
    bool fips;            /* AWS's hosts with validated cryptography */
    bool dual_stack;      /* AWS's hosts that have IPv6 */
    bool accelerate;      /* AWS's hosts near the client, which pass on to the bucket's region */
    bool own_region_only; /* access points must be in the region that was said */
};

/* Signs and asks as us-east-1, but at the host that is in no region. */
#define ENDPOINT_GLOBAL_REGION "aws-global"

/* url may be NULL: AWS over TLS. Fails with ERROR_USAGE. */
bool endpoint_init(struct endpoint *endpoint, const char *url, enum s3_addressing addressing,
                   struct error *err);

/* Which of AWS's special hosts are asked for. */
struct endpoint_hosts {
    bool fips;
    bool dual_stack;
    bool accelerate;
};

/*
 * Asks for AWS's special hosts. Fails with ERROR_USAGE where there are none: in partitions without
 * them, and with a URL, as AWS's endpoint rules do. As botocore, s3_service lets a URL win over
 * FIPS and dual-stack hosts, and does not ask for them then.
 */
bool endpoint_choose_hosts(struct endpoint *endpoint, const char *region,
                           const struct endpoint_hosts *wanted, struct error *err);
void endpoint_release(struct endpoint *endpoint);

/*
 * Whether requests for bucket, in region, can be addressed; ERROR_USAGE says why not. Only then may
 * endpoint_locate be asked.
 */
bool endpoint_check_bucket(const struct endpoint *endpoint, const char *region, const char *bucket,
                           struct error *err);

/* Whether the servers are AWS's own. */
bool endpoint_is_aws(const struct endpoint *endpoint);

/* Whether all parts of an upload but the last must have one size: Cloudflare's R2 wants that. */
bool endpoint_wants_equal_parts(const struct endpoint *endpoint);

/* The region to sign for where requests are for region. */
const char *endpoint_signing_region(const char *region);

/*
 * Appends the host (as the Host header has it) and the encoded path; bucket may be NULL (the
 * service itself), and key too.
 */
void endpoint_locate(const struct endpoint *endpoint, const char *region, const char *bucket,
                     const char *key, struct buffer *host, struct buffer *path);

/* Whether text can be a region, and so a part of a host name. */
bool endpoint_is_region(const char *text);
