/* SPDX-License-Identifier: MIT */

/* S3 URLs. */

#include "s3/s3_url.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/percent.h"
#include "s3/access_point.h"

static const char scheme[] = "s3://";

bool s3_url_is(const char *text)
{
    return strncasecmp(text, scheme, strlen(scheme)) == 0;
}

static bool is_alphanumeric(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9');
}

/*
 * Buckets from before 2018 may have capitals, underscores and up to 255 characters, and other
 * servers have names that AWS would not give; what is right is for the server to say.
 */
static bool is_bucket_name(const char *name, size_t length)
{
    if (length < 2 || length > 255)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!is_alphanumeric(name[i]) && !strchr("._-", name[i]))
            return false;
    }
    return true;
}

static bool parse_arn(const char *text, char **bucket, char **key, struct error *err)
{
    size_t length = access_point_arn_length(text);
    char *arn = memory_copy_bytes(text, length);
    struct access_point point;

    if (!access_point_parse(arn, &point, err)) {
        free(arn);
        return false;
    }
    *bucket = arn;
    *key = memory_copy_text(text[length] ? text + length + 1 : "");
    return true;
}

bool s3_url_parse(const char *url, char **bucket, char **key, struct error *err)
{
    const char *name;
    size_t length;

    if (!s3_url_is(url))
        return error_set(err, ERROR_USAGE, "Avmap.Usage", "%s does not begin with s3://", url);
    name = url + strlen(scheme);
    if (access_point_is_arn(name))
        return parse_arn(name, bucket, key, err);
    length = strcspn(name, "/");
    if (!is_bucket_name(name, length))
        return error_set(err, ERROR_USAGE, "Avmap.Usage", "%s does not name a bucket", url);
    *bucket = memory_copy_bytes(name, length);
    *key = memory_copy_text(name[length] ? name + length + 1 : "");
    return true;
}

char *s3_url_version_query(const char *version_id)
{
    struct buffer query;

    if (!version_id)
        return NULL;
    buffer_init(&query, SIZE_MAX);
    buffer_append_text(&query, "versionId=");
    percent_encode(&query, version_id, PERCENT_KEEP_NAME);
    return buffer_take(&query);
}
