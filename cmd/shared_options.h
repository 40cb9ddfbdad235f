/* SPDX-License-Identifier: MIT */

/*
 * The option rows that several commands have, for a struct type with the named fields.
 * Threads: immutable.
 */

#pragma once

#include "options.h"
#include "run/run_settings.h"

extern const char *const s3_addressing_names[];
extern const char *const s3_checksum_names[];

/* clang-format off */
/* NOLINTBEGIN(bugprone-macro-parentheses): a path of fields cannot stand in parentheses. */

/* s3 is a struct s3_settings. */
#define S3_OPTIONS(type, s3) \
    OPTION_ROW_TEXT(type, "endpoint-url", 0, s3.endpoint_url, "URL", "talk to this S3 server instead of AWS"), \
    OPTION_ROW_TEXT(type, "region", 0, s3.region, "NAME", "region of the buckets"), \
    OPTION_ROW_TEXT(type, "profile", 0, s3.profile, "NAME", "profile in the AWS files to take keys from"), \
    OPTION_ROW_TEXT(type, "ca-bundle", 0, s3.ca_bundle, "FILE", "certificates to trust for https"), \
    OPTION_ROW(type, "addressing-style", 0, OPTION_CHOICE, s3.addressing, unsigned, "STYLE", s3_addressing_names, 0, 0, "auto, virtual (bucket.host) or path (host/bucket)"), \
    OPTION_ROW(type, "connect-timeout", 0, OPTION_DURATION, s3.connect_timeout_ms, uint64_t, "TIME", NULL, 1, 0, "give up a connection that does not come about (10s)"), \
    OPTION_ROW(type, "read-timeout", 0, OPTION_DURATION, s3.read_timeout_ms, uint64_t, "TIME", NULL, 1, 0, "try again after silence or a trickle this long (60s)"), \
    OPTION_ROW_FLAG(type, "no-sign-request", 0, s3.no_sign_request, "send no credentials: public buckets"), \
    OPTION_ROW_FLAG(type, "request-payer", 0, s3.request_payer, "this account pays for requests"), \
    OPTION_ROW_TEXT(type, "expected-bucket-owner", 0, s3.expected_bucket_owner, "ACCOUNT", "refuse buckets of any other account"), \
    OPTION_ROW(type, "checksum-algorithm", 0, OPTION_CHOICE, s3.checksum, unsigned, "NAME", s3_checksum_names, 0, 0, "check of what is sent: CRC32 or CRC64NVME"), \
    OPTION_ROW_TEXT(type, "acl", 0, s3.acl, "ACL", "canned ACL of what is written"), \
    OPTION_ROW_TEXT(type, "sse", 0, s3.sse, "KIND", "encryption: AES256, aws:kms or aws:kms:dsse"), \
    OPTION_ROW_TEXT(type, "sse-kms-key-id", 0, s3.sse_kms_key_id, "ID", "KMS key for --sse aws:kms")

/* wanted is a struct selection, most a uint64_t. */
#define SELECTION_OPTIONS(type, wanted, most) \
    OPTION_ROW(type, "include", 0, OPTION_INCLUDE, wanted, struct selection, "GLOB", NULL, 0, 0, "take what matches; the last match of both kinds counts"), \
    OPTION_ROW(type, "exclude", 0, OPTION_EXCLUDE, wanted, struct selection, "GLOB", NULL, 0, 0, "leave out what matches; * matches / too"), \
    OPTION_ROW(type, "min-size", 0, OPTION_SIZE, wanted.min_size, uint64_t, "SIZE", NULL, 0, INT64_MAX, "leave out smaller objects"), \
    OPTION_ROW(type, "max-size", 0, OPTION_SIZE, wanted.max_size, uint64_t, "SIZE", NULL, 1, INT64_MAX, "leave out larger objects"), \
    OPTION_ROW(type, "newer-than", 0, OPTION_TIME, wanted.newer_than_ms, int64_t, "DATE", NULL, 0, 0, "leave out what is older: a date, or an age such as 2d"), \
    OPTION_ROW(type, "max-items", 0, OPTION_COUNT64, most, uint64_t, "N", NULL, 1, INT64_MAX, "stop after N items")

/* NOLINTEND(bugprone-macro-parentheses) */
/* clang-format on */
