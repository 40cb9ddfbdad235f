/* SPDX-License-Identifier: MIT */

/*
 * The endpoint suite of AWS's clients for S3: JSON files with "testCases", each the parameters of a
 * request and either its URL, with the region to sign for, or an error. Usage: endpoints DIR
 *
 * AWS's clients go to bucket.host on servers of others too, so that is asked for here; avmap left
 * to itself prefers host/bucket there. What avmap refuses by name, such as directory buckets and
 * Outposts, is skipped where AWS's clients take it.
 */

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cases.h"
#include "s3/access_point.h"
#include "s3/endpoint.h"

enum { LIMIT = 16 * 1024 };

struct parameters {
    const char *bucket; /* NULL: none */
    const char *region;
    const char *url; /* NULL: AWS */
    enum s3_addressing addressing;
    struct endpoint_hosts hosts;
    bool own_region_only;
};

static bool is_set(const json_t *parameters, const char *name)
{
    return json_is_true(json_object_get(parameters, name));
}

static struct parameters read_parameters(const json_t *parameters)
{
    struct parameters read = {
        .bucket = json_string_value(json_object_get(parameters, "Bucket")),
        .region = cases_text(parameters, "Region"),
        .url = json_string_value(json_object_get(parameters, "Endpoint")),
        .addressing =
            is_set(parameters, "ForcePathStyle") ? S3_ADDRESSING_PATH : S3_ADDRESSING_VIRTUAL,
        .hosts = { is_set(parameters, "UseFIPS"), is_set(parameters, "UseDualStack"),
                   is_set(parameters, "Accelerate") },
        .own_region_only = json_is_false(json_object_get(parameters, "UseArnRegion")),
    };

    if (is_set(parameters, "UseGlobalEndpoint") && strcmp(read.region, "us-east-1") == 0)
        read.region = ENDPOINT_GLOBAL_REGION;
    return read;
}

static const char *unsupported(const json_t *parameters)
{
    const char *bucket = cases_text(parameters, "Bucket");
    size_t length = strlen(bucket);

    if (strncmp(bucket, "arn:", 4) == 0 &&
        (strstr(bucket, ":s3-outposts:") || strstr(bucket, ":s3-object-lambda:") ||
         strstr(bucket, ":s3::")))
        return "access points of Outposts, Object Lambda and several regions";
    if (length > 6 &&
        (strcmp(bucket + length - 6, "--x-s3") == 0 || strcmp(bucket + length - 6, "--xa-s3") == 0))
        return "directory buckets";
    if (length > 7 && strcmp(bucket + length - 7, "--op-s3") == 0)
        return "Outposts";
    if (is_set(parameters, "UseObjectLambdaEndpoint") ||
        is_set(parameters, "UseS3ExpressControlEndpoint"))
        return "Object Lambda and directory buckets";
    return NULL;
}

/* Says the same; given to the caller. */
static char *without_final_slash(const char *url)
{
    size_t length = strlen(url);

    return memory_copy_bytes(url, length - (length > 0 && url[length - 1] == '/'));
}

/* The URL, given to the caller; NULL: an error. */
static char *find_url(const struct parameters *parameters, struct error *err)
{
    struct endpoint endpoint;
    struct buffer host;
    struct buffer path;
    char *url = NULL;

    if (!endpoint_is_region(parameters->region)) {
        error_set(err, ERROR_USAGE, "Avmap.Usage", "no region");
        return NULL;
    }
    if (!endpoint_init(&endpoint, parameters->url, parameters->addressing, err))
        return NULL;
    buffer_init(&host, LIMIT);
    buffer_init(&path, LIMIT);
    endpoint.own_region_only = parameters->own_region_only;
    if (endpoint_choose_hosts(&endpoint, parameters->region, &parameters->hosts, err) &&
        (!parameters->bucket ||
         endpoint_check_bucket(&endpoint, parameters->region, parameters->bucket, err))) {
        endpoint_locate(&endpoint, parameters->region, parameters->bucket, NULL, &host, &path);
        url = memory_format("%s://%s%s", endpoint.tls ? "https" : "http", host.bytes, path.bytes);
    }
    buffer_release(&host);
    buffer_release(&path);
    endpoint_release(&endpoint);
    return url;
}

static const char *signing_region(const json_t *endpoint)
{
    const json_t *schemes = json_object_get(json_object_get(endpoint, "properties"), "authSchemes");

    return cases_text(json_array_get(schemes, 0), "signingRegion");
}

/* The region that avmap signs for. */
static const char *our_region(const struct parameters *parameters, struct access_point *point)
{
    struct error ignored;

    if (parameters->bucket && access_point_is_arn(parameters->bucket) &&
        access_point_parse(parameters->bucket, point, &ignored))
        return point->region;
    return endpoint_signing_region(parameters->region);
}

static bool same_url(struct cases *cases, const char *name, const char *got, const char *expected)
{
    char *ours = without_final_slash(got);
    char *theirs = without_final_slash(expected);
    bool same = cases_equal(cases, name, "the URL", ours, theirs);

    free(theirs);
    free(ours);
    return same;
}

static void run_case(struct cases *cases, const json_t *test)
{
    const json_t *expected = json_object_get(test, "expect");
    const json_t *endpoint = json_object_get(expected, "endpoint");
    struct parameters parameters = read_parameters(json_object_get(test, "params"));
    const char *reason = unsupported(json_object_get(test, "params"));
    const char *name = cases_text(test, "documentation");
    struct access_point point;
    struct error err;
    char *url;

    if (reason) {
        cases_skipped(cases, name, reason);
        return;
    }
    url = find_url(&parameters, &err);
    if (!endpoint && url)
        cases_failed(cases, name, "%s, and should be an error: %s", url,
                     cases_text(expected, "error"));
    else if (endpoint && !url)
        cases_failed(cases, name, "an error: %s", err.text);
    else if (!url || (same_url(cases, name, url, cases_text(endpoint, "url")) &&
                      (!*signing_region(endpoint) ||
                       cases_equal(cases, name, "the region to sign for",
                                   our_region(&parameters, &point), signing_region(endpoint)))))
        cases_passed(cases, name);
    free(url);
}

static void visit(struct cases *cases, const char *path)
{
    cases_each(cases, path, "testCases", run_case);
}

int main(int argc, char **argv)
{
    return cases_run("endpoints", argc, argv, visit);
}
