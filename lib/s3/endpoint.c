/* SPDX-License-Identifier: MIT */

/* Host and path of buckets and objects. */

#include "s3/endpoint.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/percent.h"
#include "s3/access_point.h"
#include "s3/partition.h"

static const char lower_case_digits[] = "abcdefghijklmnopqrstuvwxyz0123456789";

static bool ends_in(const char *text, const char *end)
{
    size_t length = strlen(text);
    size_t end_length = strlen(end);

    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

/* Curl leaves the usual port out of Host, so it must not be in what is signed either. */
static void drop_usual_port(struct endpoint *endpoint)
{
    const char *port = endpoint->tls ? ":443" : ":80";

    if (ends_in(endpoint->authority, port))
        endpoint->authority[strlen(endpoint->authority) - strlen(port)] = '\0';
}

/* host, host:port or [address]:port, where the port can be one. */
static bool is_authority(const char *text, size_t length)
{
    char *copy = memory_copy_bytes(text, length);
    char *end = *copy == '[' ? strchr(copy, ']') : copy + strcspn(copy, ":[]");
    uint64_t port = 1;
    bool ok = end && end > copy;

    if (ok && *end == ']')
        end++;
    if (ok && *end)
        ok = *end == ':' && number_parse_count(end + 1, 65535, &port) && port > 0;
    free(copy);
    return ok;
}

bool endpoint_init(struct endpoint *endpoint, const char *url, enum s3_addressing addressing,
                   struct error *err)
{
    const char *rest = url;
    size_t host_length;
    size_t path_length;

    *endpoint = (struct endpoint){ .tls = true, .addressing = addressing };
    if (!url) {
        endpoint->path = memory_copy_text("");
        return true;
    }
    if (strchr(url, '@'))
        return error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "the endpoint URL has a user name in it; keys come from the environment "
                         "or a profile");
    endpoint->tls = strncasecmp(url, "https://", 8) == 0;
    if (!endpoint->tls && strncasecmp(url, "http://", 7) != 0)
        return error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "endpoint %s begins with neither http:// nor https://", url);
    rest += endpoint->tls ? 8 : 7;
    host_length = strspn(rest, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                               ".-_:[]");
    path_length = strspn(rest + host_length, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                             "0123456789.-_~/");
    if (!is_authority(rest, host_length) || rest[host_length + path_length] ||
        (path_length > 0 && rest[host_length] != '/'))
        return error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "endpoint %s is not of the form http(s)://host[:port][/path]", url);
    endpoint->authority = memory_copy_bytes(rest, host_length);
    for (char *byte = endpoint->authority; *byte; byte++)
        *byte = (char)tolower((unsigned char)*byte);
    drop_usual_port(endpoint);
    while (path_length > 0 && rest[host_length + path_length - 1] == '/')
        path_length--;
    endpoint->path = memory_copy_bytes(rest + host_length, path_length);
    return true;
}

static bool refuse_hosts(const struct endpoint *endpoint, const char *what, const char *settings,
                         struct error *err)
{
    return error_set(
        err, ERROR_USAGE, "Avmap.Usage",
        "%s hosts are asked for, but the endpoint is https://%s; take one of them back "
        "(%s)",
        what, endpoint->authority, settings);
}

bool endpoint_choose_hosts(struct endpoint *endpoint, const char *region,
                           const struct endpoint_hosts *wanted, struct error *err)
{
    if (endpoint->authority && wanted->dual_stack)
        return refuse_hosts(endpoint, "dual-stack",
                            "use_dualstack_endpoint, AWS_USE_DUALSTACK_ENDPOINT", err);
    if (endpoint->authority && wanted->fips)
        return refuse_hosts(endpoint, "FIPS", "use_fips_endpoint, AWS_USE_FIPS_ENDPOINT", err);
    if (endpoint->authority && wanted->accelerate)
        return refuse_hosts(endpoint, "accelerate", "use_accelerate_endpoint", err);
    if (wanted->fips && wanted->accelerate)
        return error_set(
            err, ERROR_USAGE, "Avmap.Usage",
            "accelerate hosts are asked for (use_accelerate_endpoint), and FIPS hosts, "
            "too; there are none that are both");
    if (wanted->fips && !partition_of(region)->has_fips)
        return error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "FIPS hosts are asked for (use_fips_endpoint), but the partition of "
                         "region %s has none",
                         region);
    if (wanted->accelerate && strcmp(partition_of(region)->name, "aws") != 0)
        return error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "accelerate hosts are asked for (use_accelerate_endpoint), but the "
                         "partition of region %s has none",
                         region);
    endpoint->fips = wanted->fips;
    endpoint->dual_stack = wanted->dual_stack;
    endpoint->accelerate = wanted->accelerate;
    return true;
}

void endpoint_release(struct endpoint *endpoint)
{
    free(endpoint->authority);
    free(endpoint->path);
    *endpoint = (struct endpoint){ 0 };
}

static bool is_ip_address(const char *authority)
{
    return authority[0] == '[' || authority[strspn(authority, "0123456789.")] == ':' ||
           authority[strspn(authority, "0123456789.")] == '\0';
}

bool endpoint_is_aws(const struct endpoint *endpoint)
{
    return !endpoint->authority || partition_has_host(endpoint->authority);
}

bool endpoint_wants_equal_parts(const struct endpoint *endpoint)
{
    static const char domain[] = ".r2.cloudflarestorage.com";
    const char *found = endpoint->authority ? strstr(endpoint->authority, domain) : NULL;

    return found && (!found[strlen(domain)] || found[strlen(domain)] == ':');
}

/* Labels of lower-case letters, digits and inner hyphens, as in a host name. */
static bool is_dns_clean(const char *bucket, bool dots_allowed)
{
    size_t length = strlen(bucket);

    if (length < 3 || length > 63 || bucket[strspn(bucket, "0123456789.")] == '\0')
        return false;
    while (*bucket) {
        size_t label = strspn(bucket, "abcdefghijklmnopqrstuvwxyz0123456789-");

        if (label == 0 || bucket[0] == '-' || bucket[label - 1] == '-')
            return false;
        bucket += label;
        if (*bucket == '.' && dots_allowed && bucket[1])
            bucket++;
        else if (*bucket)
            return false;
    }
    return true;
}

/* Those of interface endpoints (PrivateLink) have no certificate for hosts of buckets. */
static bool names_buckets(const struct endpoint *endpoint)
{
    return endpoint_is_aws(endpoint) &&
           !(endpoint->authority && strstr(endpoint->authority, ".vpce."));
}

/* A certificate for *.s3.<region>.amazonaws.com does not cover a bucket name with dots. */
static bool is_virtual(const struct endpoint *endpoint, const char *bucket)
{
    bool asked = endpoint->addressing == S3_ADDRESSING_VIRTUAL;

    if (endpoint->addressing == S3_ADDRESSING_PATH)
        return false;
    if (endpoint->authority && is_ip_address(endpoint->authority))
        return false;
    return (asked || names_buckets(endpoint)) && is_dns_clean(bucket, !endpoint->tls);
}

static bool refuse(const char *bucket, const char *why, struct error *err)
{
    return error_set(err, ERROR_USAGE, "Avmap.Usage", "%s: %s", bucket, why);
}

static bool check_access_point(const struct endpoint *endpoint, const char *region,
                               const char *bucket, struct error *err)
{
    struct access_point point;

    if (!access_point_parse(bucket, &point, err))
        return false;
    if (endpoint->addressing == S3_ADDRESSING_PATH)
        return refuse(bucket, "an access point cannot be addressed in path style", err);
    if (endpoint->accelerate)
        return refuse(bucket, "access points have no accelerate hosts (use_accelerate_endpoint)",
                      err);
    if (strcmp(point.partition, partition_of(point.region)->name) != 0)
        return refuse(bucket, "no region of that name is in the ARN's partition", err);
    if (strcmp(point.partition, partition_of(region)->name) != 0)
        return refuse(bucket, "the access point is in another partition than the region is", err);
    if (endpoint->own_region_only && strcmp(point.region, region) != 0)
        return refuse(bucket,
                      "the access point is in another region, and use_arn_region "
                      "(AWS_S3_USE_ARN_REGION) is false",
                      err);
    return true;
}

bool endpoint_check_bucket(const struct endpoint *endpoint, const char *region, const char *bucket,
                           struct error *err)
{
    if (access_point_is_arn(bucket))
        return check_access_point(endpoint, region, bucket, err);
    if (endpoint_is_aws(endpoint) && (ends_in(bucket, "--x-s3") || ends_in(bucket, "--xa-s3")))
        return refuse(
            bucket,
            "directory buckets (S3 Express One Zone) are not supported: they are listed in "
            "no order and need sessions of their own; use a general purpose bucket",
            err);
    if (endpoint_is_aws(endpoint) && ends_in(bucket, "--op-s3"))
        return refuse(bucket,
                      "buckets on Outposts are not supported: they are signed for another service",
                      err);
    if (endpoint->accelerate && !is_virtual(endpoint, bucket))
        return refuse(
            bucket,
            "accelerate hosts (use_accelerate_endpoint) need a name without dots that fits "
            "into a host name, and not the path style",
            err);
    return true;
}

const char *endpoint_signing_region(const char *region)
{
    return strcmp(region, ENDPOINT_GLOBAL_REGION) == 0 ? "us-east-1" : region;
}

/* kind is "" for buckets. */
static void append_aws_host(const struct endpoint *endpoint, const char *region, const char *kind,
                            struct buffer *host)
{
    bool special = endpoint->fips || endpoint->dual_stack;
    bool is_global = strcmp(region, ENDPOINT_GLOBAL_REGION) == 0;

    if (endpoint->accelerate && !(is_global && special)) {
        buffer_append_format(host, "s3-accelerate%s.amazonaws.com",
                             endpoint->dual_stack ? ".dualstack" : "");
        return;
    }

    if (is_global && !special) {
        buffer_append_text(host, "s3.amazonaws.com");
        return;
    }
    region = endpoint_signing_region(region);
    buffer_append_format(host, "s3%s%s%s.%s.%s", endpoint->accelerate ? "-accelerate" : kind,
                         endpoint->fips ? "-fips" : "", endpoint->dual_stack ? ".dualstack" : "",
                         region, partition_of(region)->suffix);
}

void endpoint_locate(const struct endpoint *endpoint, const char *region, const char *bucket,
                     const char *key, struct buffer *host, struct buffer *path)
{
    struct access_point point = { .name = "" };
    struct error ignored;
    bool by_arn =
        bucket && access_point_is_arn(bucket) && access_point_parse(bucket, &point, &ignored);
    bool virtual = by_arn || (bucket && is_virtual(endpoint, bucket));

    if (by_arn)
        buffer_append_format(host, "%s-%s.", point.name, point.account);
    else if (virtual)
        buffer_append_format(host, "%s.", bucket);
    if (endpoint->authority)
        buffer_append_text(host, endpoint->authority);
    else
        append_aws_host(endpoint, by_arn ? point.region : region, by_arn ? "-accesspoint" : "",
                        host);

    buffer_append_text(path, endpoint->path);
    if (bucket && !virtual) {
        buffer_append_text(path, "/");
        percent_encode(path, bucket, PERCENT_KEEP_NAME);
    }
    if (key || virtual || !bucket)
        buffer_append_text(path, "/");
    if (key)
        percent_encode(path, key, PERCENT_KEEP_PATH);
}

bool endpoint_is_region(const char *text)
{
    size_t length = strlen(text);

    for (size_t i = 0; i < length; i++) {
        if (!strchr(lower_case_digits, text[i]) && text[i] != '-')
            return false;
    }
    return length > 0 && length < 64 && text[0] != '-' && text[length - 1] != '-';
}
