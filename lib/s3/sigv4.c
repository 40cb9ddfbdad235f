/* SPDX-License-Identifier: MIT */

/* Signs requests. */

#include "s3/sigv4.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/percent.h"

enum { DAY_LENGTH = 8, TEXT_LIMIT = 1024 * 1024 };

struct sorted_headers {
    const struct http_header *by_name[SIGV4_HEADERS_MAX];
    size_t count;
};

/* Headers of the same name keep their order, so this is an insertion sort and not qsort. */
static void sort_headers(const struct sigv4_request *request, struct sorted_headers *sorted)
{
    assert(request->header_count <= SIGV4_HEADERS_MAX);
    sorted->count = 0;
    for (size_t i = 0; i < request->header_count; i++) {
        const struct http_header *header = &request->headers[i];
        size_t at = sorted->count++;

        for (; at > 0 && strcmp(sorted->by_name[at - 1]->name, header->name) > 0; at--)
            sorted->by_name[at] = sorted->by_name[at - 1];
        sorted->by_name[at] = header;
    }
}

static bool same_name_as_last(const struct sorted_headers *sorted, size_t i)
{
    return i > 0 && strcmp(sorted->by_name[i]->name, sorted->by_name[i - 1]->name) == 0;
}

static void append_names(struct buffer *out, const struct sorted_headers *sorted)
{
    for (size_t i = 0; i < sorted->count; i++) {
        if (same_name_as_last(sorted, i))
            continue;
        if (i > 0)
            buffer_append_text(out, ";");
        buffer_append_text(out, sorted->by_name[i]->name);
    }
}

/* Without white space around it, and with each run inside as one space. */
static void append_trimmed(struct buffer *out, const char *value)
{
    static const char white[] = " \t\r\n";

    for (value += strspn(value, white); *value; value += strspn(value, white)) {
        size_t word = strcspn(value, white);

        buffer_append(out, value, word);
        value += word;
        if (value[strspn(value, white)])
            buffer_append_text(out, " ");
    }
}

static void append_headers(struct buffer *out, const struct sorted_headers *sorted)
{
    for (size_t i = 0; i < sorted->count; i++) {
        if (same_name_as_last(sorted, i))
            buffer_append_text(out, ",");
        else
            buffer_append_format(out, "%s%s:", i > 0 ? "\n" : "", sorted->by_name[i]->name);
        append_trimmed(out, sorted->by_name[i]->value);
    }
    buffer_append_text(out, "\n");
}

/* In place, what is not empty to what it means (RFC 3986 5.2.4), with one slash where there are
 * several. */
static void remove_dot_segments(char *path)
{
    bool ends_in_slash = path[strlen(path) - 1] == '/';
    size_t kept = 0;

    for (const char *segment = path; *segment;) {
        size_t length;

        segment += strspn(segment, "/");
        length = strcspn(segment, "/");
        if (length == 2 && memcmp(segment, "..", 2) == 0) {
            while (kept > 0 && path[--kept] != '/')
                continue;
        } else if (length > 0 && !(length == 1 && *segment == '.')) {
            path[kept] = '/';
            memmove(path + kept + 1, segment, length);
            kept += length + 1;
        }
        segment += length;
    }
    if (kept == 0 || ends_in_slash)
        path[kept++] = '/';
    path[kept] = '\0';
}

static void append_path(struct buffer *out, const struct sigv4_request *request)
{
    char *path;

    if (!request->normalizes_path) {
        buffer_append_text(out, request->path);
        return;
    }
    path = memory_format("/%s", request->path);
    remove_dot_segments(path);
    percent_encode(out, path, PERCENT_KEEP_PATH);
    free(path);
}

static void append_request(struct buffer *out, const struct sigv4_request *request,
                           const struct sorted_headers *sorted)
{
    buffer_append_format(out, "%s\n", request->method);
    append_path(out, request);
    buffer_append_format(out, "\n%s\n", request->query);
    append_headers(out, sorted);
    buffer_append_text(out, "\n");
    append_names(out, sorted);
    buffer_append_format(out, "\n%s", request->payload_hash);
}

void sigv4_canonical_request(const struct sigv4_request *request, struct buffer *out)
{
    struct sorted_headers sorted;

    sort_headers(request, &sorted);
    append_request(out, request, &sorted);
}

static void append_scope(struct buffer *out, const struct sigv4_scope *scope)
{
    buffer_append_format(out, "%.*s/%s/%s/aws4_request", DAY_LENGTH, scope->date, scope->region,
                         scope->service);
}

void sigv4_string_to_sign(const struct sigv4_scope *scope, const char *canonical_request,
                          struct buffer *out)
{
    uint8_t digest[SHA256_SIZE];
    char hex[SHA256_HEX_SIZE];

    digest_sha256(canonical_request, strlen(canonical_request), digest);
    buffer_append_format(out, "AWS4-HMAC-SHA256\n%s\n", scope->date);
    append_scope(out, scope);
    buffer_append_format(out, "\n%s", digest_hex(digest, sizeof(digest), hex));
}

static void chain(uint8_t key[SHA256_SIZE], const char *text, size_t length)
{
    uint8_t next[SHA256_SIZE];

    digest_hmac_sha256(key, SHA256_SIZE, text, length, next);
    memcpy(key, next, SHA256_SIZE);
}

void sigv4_derive_key(struct sigv4_key *key, const char *secret, const struct sigv4_scope *scope)
{
    char wanted[sizeof(key->made_for)];
    char *seed;

    snprintf(wanted, sizeof(wanted), "%.*s/%s/%s", DAY_LENGTH, scope->date, scope->region,
             scope->service);
    if (strcmp(wanted, key->made_for) == 0)
        return;
    seed = memory_format("AWS4%s", secret);
    digest_hmac_sha256(seed, strlen(seed), scope->date, DAY_LENGTH, key->bytes);
    memory_free_secret(seed);
    chain(key->bytes, scope->region, strlen(scope->region));
    chain(key->bytes, scope->service, strlen(scope->service));
    chain(key->bytes, "aws4_request", strlen("aws4_request"));
    memcpy(key->made_for, wanted, sizeof(wanted));
}

void sigv4_authorization(const struct sigv4_request *request, const struct sigv4_scope *scope,
                         const struct sigv4_key *key, struct buffer *out)
{
    struct sorted_headers sorted;
    struct buffer canonical_request;
    struct buffer string_to_sign;
    uint8_t signature[SHA256_SIZE];
    char hex[SHA256_HEX_SIZE];

    buffer_init(&canonical_request, TEXT_LIMIT);
    buffer_init(&string_to_sign, TEXT_LIMIT);
    sort_headers(request, &sorted);
    append_request(&canonical_request, request, &sorted);
    sigv4_string_to_sign(scope, canonical_request.bytes, &string_to_sign);
    digest_hmac_sha256(key->bytes, SHA256_SIZE, string_to_sign.bytes, string_to_sign.size,
                       signature);

    buffer_append_format(out, "AWS4-HMAC-SHA256 Credential=%s/", scope->key_id);
    append_scope(out, scope);
    buffer_append_text(out, ", SignedHeaders=");
    append_names(out, &sorted);
    buffer_append_format(out, ", Signature=%s", digest_hex(signature, sizeof(signature), hex));
    buffer_release(&canonical_request);
    buffer_release(&string_to_sign);
}
