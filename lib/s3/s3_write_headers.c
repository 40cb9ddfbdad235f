/* SPDX-License-Identifier: MIT */

/* Headers of objects. */

#include "s3/s3_write_headers.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"

enum { METADATA_MAX = 10 };

static const char metadata_prefix[] = "x-amz-meta-";
static const char own_prefix[] = "avmap-"; /* of what avmap itself notes in metadata */

static bool is_name(const char *text)
{
    return *text && !text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                       "0123456789-_.")];
}

static bool is_reserved(const char *name)
{
    return strncasecmp(name, own_prefix, strlen(own_prefix)) == 0;
}

/* The rest of the text after one pair, NULL at the end. */
static char *split_pair(char *text, char **name, char **value)
{
    char *rest = strchr(text, ',');

    if (rest)
        *rest++ = '\0';
    *name = text;
    *value = strchr(text, '=');
    if (*value)
        *(*value)++ = '\0';
    return rest;
}

/* S3 knows no case in names, and would join the values of equal ones. */
static bool is_among(const char *name, const char *const *names, int count)
{
    for (int i = 0; i < count; i++) {
        if (strcasecmp(names[i], name) == 0)
            return true;
    }
    return false;
}

static bool check_metadata(const char *metadata, struct error *err)
{
    const char *names[METADATA_MAX];
    char *copy = memory_copy_text(metadata);
    char *rest = copy;
    bool ok = true;
    int count = 0;

    while (rest && ok) {
        char *name;
        char *value;

        rest = split_pair(rest, &name, &value);
        ok = is_name(name) && value && *value && count < METADATA_MAX && !is_reserved(name) &&
             !is_among(name, names, count);
        if (ok)
            names[count++] = name;
    }
    free(copy);
    return ok ||
           error_set(err, ERROR_USAGE, "Avmap.Usage",
                     "--metadata: \"%s\" is not of the form NAME=VALUE[,NAME=VALUE...], with at "
                     "most %d of them, no name twice and none that begins with %s",
                     metadata, METADATA_MAX, own_prefix);
}

/* Otherwise every item would fail at its upload. */
static bool check_characters(const struct s3_settings *settings, struct error *err)
{
    const struct {
        const char *option;
        const char *value;
    } given[] = {
        { "acl", settings->acl },
        { "sse-kms-key-id", settings->sse_kms_key_id },
        { "tagging", settings->tagging },
        { "storage-class", settings->storage_class },
        { "metadata", settings->metadata },
        { "cache-control", settings->cache_control },
        { "content-type", settings->content_type },
        { "expected-bucket-owner", settings->expected_bucket_owner },
    };

    for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
        for (const char *byte = given[i].value; byte && *byte; byte++) {
            if (iscntrl((unsigned char)*byte))
                return error_set(err, ERROR_USAGE, "Avmap.Usage",
                                 "--%s has a line break or another control character",
                                 given[i].option);
        }
    }
    return true;
}

bool s3_write_headers_check(const struct s3_settings *settings, struct error *err)
{
    static const char *const kinds[] = { "AES256", "aws:kms", "aws:kms:dsse" };
    bool known = !settings->sse;

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        known = known || strcmp(settings->sse, kinds[i]) == 0;
    if (!known)
        return error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "--sse: \"%s\" is none of AES256, aws:kms and aws:kms:dsse",
                         settings->sse);
    if (settings->sse_kms_key_id && (!settings->sse || strcmp(settings->sse, "AES256") == 0))
        return error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "--sse-kms-key-id needs --sse aws:kms or aws:kms:dsse beside it");
    return check_characters(settings, err) &&
           (!settings->metadata || check_metadata(settings->metadata, err));
}

static void add(struct s3_write_headers *headers, const char *name, const char *value)
{
    assert(headers->count < S3_WRITE_HEADERS_MAX);
    if (value)
        headers->list[headers->count++] = (struct http_header){ name, value };
}

/* Turns "name=value,..." into "x-amz-meta-name\0value\0..." and lists it. */
static void add_metadata(struct s3_write_headers *headers, const char *metadata)
{
    char *copy = memory_copy_text(metadata);
    char *rest = copy;
    char *to;

    headers->metadata =
        memory_new(strlen(metadata) + 2 + METADATA_MAX * (sizeof(metadata_prefix) + 1), 1);
    to = headers->metadata;
    while (rest) {
        char *header = to;
        char *name;
        char *value;

        rest = split_pair(rest, &name, &value);
        to = stpcpy(stpcpy(to, metadata_prefix), name) + 1;
        for (char *byte = header; *byte; byte++)
            *byte = (char)tolower((unsigned char)*byte);
        add(headers, header, to);
        to = stpcpy(to, value) + 1;
    }
    free(copy);
}

void s3_write_headers_init(struct s3_write_headers *headers, const struct s3_settings *settings,
                           const struct s3_upload_request *request)
{
    const char *type = settings->content_type && !request->is_record ? settings->content_type
                                                                     : request->content_type;

    *headers = (struct s3_write_headers){ .count = 0 };
    add(headers, "content-type", type);
    add(headers, "x-amz-acl", settings->acl);
    add(headers, "x-amz-server-side-encryption", settings->sse);
    add(headers, "x-amz-server-side-encryption-aws-kms-key-id", settings->sse_kms_key_id);
    add(headers, "x-amz-meta-avmap-source-etag", request->source_etag);
    add(headers, "x-amz-meta-avmap-recipe", request->recipe);
    add(headers, "x-amz-meta-avmap-files", request->files);
    if (request->is_record)
        return;
    add(headers, "cache-control", settings->cache_control);
    add(headers, "x-amz-storage-class", settings->storage_class);
    add(headers, "x-amz-tagging", settings->tagging);
    if (settings->metadata)
        add_metadata(headers, settings->metadata);
}

void s3_write_headers_release(struct s3_write_headers *headers)
{
    free(headers->metadata);
    *headers = (struct s3_write_headers){ .count = 0 };
}
