/* SPDX-License-Identifier: MIT */

/*
 * AWS Signature Version 4 in a header: pure functions, the time is an argument. S3 takes paths as
 * they are sent, other services make them normal first.
 * Source: "Create a signed AWS API request" in the AWS IAM user guide.
 * Threads: safe; a struct sigv4_key is confined.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/digest.h"
#include "s3/http.h"

/* Payload hashes that need no look at the payload. */
#define SIGV4_UNSIGNED_PAYLOAD "UNSIGNED-PAYLOAD"
#define SIGV4_EMPTY_PAYLOAD "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

enum { SIGV4_HEADERS_MAX = 48 };

struct sigv4_request {
    const char *method;
    const char *path;                  /* encoded exactly as it is sent */
    const char *query;                 /* encoded, sorted, with "=" in each part; "": none */
    const struct http_header *headers; /* all of them are signed; at most SIGV4_HEADERS_MAX */
    size_t header_count;
    const char *payload_hash; /* hexadecimal SHA-256 of the body, or SIGV4_UNSIGNED_PAYLOAD */
    bool normalizes_path; /* for services other than S3: signed is the path without ".", ".." and
                             empty segments, encoded once more */
};

/* Which key signs, and when and where the signature counts. */
struct sigv4_scope {
    const char *key_id;
    const char *date; /* 20130524T000000Z, as the header x-amz-date has it */
    const char *region;
    const char *service;
};

/* The key derived from a secret for one day, region and service; kept because it is the same for
 * every request of a day. All zero: none yet. */
struct sigv4_key {
    char made_for[160];
    uint8_t bytes[SHA256_SIZE];
};

/* The steps, each into an empty buffer. */
void sigv4_canonical_request(const struct sigv4_request *request, struct buffer *out);
void sigv4_string_to_sign(const struct sigv4_scope *scope, const char *canonical_request,
                          struct buffer *out);

/* Does nothing when the key was made for this secret's scope already. A new secret needs a zeroed
 * key. */
void sigv4_derive_key(struct sigv4_key *key, const char *secret, const struct sigv4_scope *scope);

/* The value of the header Authorization, from the steps above. */
void sigv4_authorization(const struct sigv4_request *request, const struct sigv4_scope *scope,
                         const struct sigv4_key *key, struct buffer *out);
