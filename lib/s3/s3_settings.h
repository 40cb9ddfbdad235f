/* SPDX-License-Identifier: MIT */

/*
 * What the command line and the environment say about reaching S3.
 * Threads: immutable once the run starts.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

enum s3_addressing {
    S3_ADDRESSING_AUTO,    /* virtual for AWS and DNS-clean buckets, path for other endpoints */
    S3_ADDRESSING_VIRTUAL, /* bucket.host/key */
    S3_ADDRESSING_PATH,    /* host/bucket/key */
};

enum s3_checksum { S3_CHECKSUM_CRC32, S3_CHECKSUM_CRC64NVME };

/* All strings are borrowed; NULL means: find out from the environment and the profile. */
struct s3_settings {
    const char *endpoint_url; /* --endpoint-url: http(s)://host[:port] */
    const char *region;       /* --region */
    const char *profile;      /* --profile */
    const char *ca_bundle;    /* --ca-bundle: PEM file */
    enum s3_addressing addressing;
    enum s3_checksum checksum; /* --checksum-algorithm, for every object that is written */
    bool no_sign_request;      /* --no-sign-request: anonymous */
    bool request_payer;        /* --request-payer: with every request; this account pays */
    unsigned max_attempts;     /* per request, the first one included; 0: AWS_MAX_ATTEMPTS or 10 */
    uint64_t connect_timeout_ms; /* --connect-timeout; 0: 10 s */
    uint64_t read_timeout_ms;    /* --read-timeout: see struct http_settings; 0: 60 s */
    uint64_t part_size;          /* bytes of one part of a large upload; 0: 8 MiB */

    const char *expected_bucket_owner; /* --expected-bucket-owner: with every request; account id */

    /* For every object that is written. */
    const char *acl;            /* --acl: a canned one */
    const char *sse;            /* --sse: AES256, aws:kms or aws:kms:dsse */
    const char *sse_kms_key_id; /* --sse-kms-key-id */

    /* For results only, not for avmap's own files. */
    const char *storage_class; /* --storage-class */
    const char *tagging;       /* --tagging: name=value&name=value, encoded as in a query */
    const char *metadata;      /* --metadata: NAME=VALUE[,NAME=VALUE...] */
    const char *cache_control; /* --cache-control */
    const char *content_type;  /* --content-type, in place of the container's */
};
