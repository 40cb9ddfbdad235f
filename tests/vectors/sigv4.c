/* SPDX-License-Identifier: MIT */

/*
 * Suites of AWS Signature Version 4: folders of aws-c-auth (context.json, request.txt and the
 * expected header-*.txt), and JSON files with "cases": S3's worked examples and requests that
 * botocore signed. Every stage is compared. Usage: sigv4 DIR
 *
 * Of a request of the first kind the path is there before any encoding. Signatures in URLs are not
 * avmap's business and are not compared.
 */

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/percent.h"
#include "cases.h"
#include "s3/sigv4.h"

enum { LIMIT = 1024 * 1024, PARTS_MAX = 64 };

/* By name, then by value: "a=1" comes before "a-b=1" although "-" comes before "=". */
static int compare_parts(const void *one, const void *other)
{
    const char *first = *(const char *const *)one;
    const char *second = *(const char *const *)other;
    size_t first_length = strcspn(first, "=");
    size_t second_length = strcspn(second, "=");
    size_t shorter = first_length < second_length ? first_length : second_length;
    int order = memcmp(first, second, shorter);

    if (order == 0 && first_length != second_length)
        return first_length < second_length ? -1 : 1;
    return order ? order : strcmp(first, second);
}

/* The query as signed: each part encoded once and with "=", all in order. */
static void sort_query(char *query, struct buffer *out)
{
    char *parts[PARTS_MAX];
    size_t count = 0;
    char *save = NULL;

    for (char *part = strtok_r(query, "&", &save); part && count < PARTS_MAX;
         part = strtok_r(NULL, "&", &save)) {
        char *value = strchr(part, '=');
        struct buffer text;

        if (value)
            *value++ = '\0';
        else
            value = part + strlen(part);
        (void)(percent_decode(part, false) && percent_decode(value, false));
        buffer_init(&text, LIMIT);
        percent_encode(&text, part, PERCENT_KEEP_NAME);
        buffer_append_text(&text, "=");
        percent_encode(&text, value, PERCENT_KEEP_NAME);
        parts[count++] = buffer_take(&text);
    }
    qsort(parts, count, sizeof(parts[0]), compare_parts);
    for (size_t i = 0; i < count; i++) {
        buffer_append_format(out, "%s%s", i > 0 ? "&" : "", parts[i]);
        free(parts[i]);
    }
}

struct expectation {
    const char *canonical_request;
    const char *string_to_sign;
    const char *signature;
};

static void check(struct cases *cases, const char *name, const struct sigv4_request *request,
                  const struct sigv4_scope *scope, const char *secret,
                  const struct expectation *expected)
{
    struct sigv4_key key = { 0 };
    struct buffer canonical;
    struct buffer to_sign;
    struct buffer out;

    buffer_init(&canonical, LIMIT);
    buffer_init(&to_sign, LIMIT);
    buffer_init(&out, LIMIT);
    sigv4_canonical_request(request, &canonical);
    sigv4_string_to_sign(scope, canonical.bytes, &to_sign);
    sigv4_derive_key(&key, secret, scope);
    sigv4_authorization(request, scope, &key, &out);
    if (cases_equal(cases, name, "the canonical request", canonical.bytes,
                    expected->canonical_request) &&
        cases_equal(cases, name, "the string to sign", to_sign.bytes, expected->string_to_sign) &&
        cases_equal(cases, name, "the signature",
                    strstr(out.bytes, "Signature=") + strlen("Signature="), expected->signature))
        cases_passed(cases, name);
    buffer_release(&canonical);
    buffer_release(&to_sign);
    buffer_release(&out);
}

static char *lower_case(const char *text)
{
    char *copy = memory_copy_text(text);

    for (char *byte = copy; *byte; byte++)
        *byte = (char)tolower((unsigned char)*byte);
    return copy;
}

/* Botocore's requests: a URL, and headers of which Authorization says which are signed. */
static void check_botocore_case(struct cases *cases, const json_t *request, const json_t *keys)
{
    const json_t *given = json_object_get(request, "headers");
    char *authorization = memory_copy_text(cases_text(given, "Authorization"));
    char *signed_names = strstr(authorization, "SignedHeaders=") + strlen("SignedHeaders=");
    char *scope_text = strchr(strstr(authorization, "Credential="), '/') + 1;
    char *url = memory_copy_text(strstr(cases_text(request, "url"), "://") + 3);
    char *query = strchr(url, '?');
    char *path = memory_copy_text(strchr(url, '/'));
    struct http_header headers[SIGV4_HEADERS_MAX];
    struct buffer sorted_query;
    size_t count = 0;
    char *region = strchr(scope_text, '/') + 1;
    const char *name;
    json_t *value;

    *strchr(signed_names, ',') = '\0';
    *strchr(region, '/') = '\0';
    path[strcspn(path, "?")] = '\0';
    buffer_init(&sorted_query, LIMIT);
    if (query)
        sort_query(query + 1, &sorted_query);
    url[strcspn(url, "/")] = '\0';
    headers[count++] = (struct http_header){ memory_copy_text("host"), url };
    json_object_foreach((json_t *)given, name, value)
    {
        char *lower = lower_case(name);
        char *found = strstr(signed_names, lower);

        if (strcmp(lower, "host") != 0 && found && strchr(";", found[strlen(lower)]))
            headers[count++] = (struct http_header){ lower, json_string_value(value) };
        else
            free(lower);
    }
    check(cases, cases_text(request, "url"),
          &(struct sigv4_request){
              .method = cases_text(request, "method"),
              .path = path,
              .query = sorted_query.bytes,
              .headers = headers,
              .header_count = count,
              .payload_hash = cases_text(given, "X-Amz-Content-SHA256"),
          },
          &(struct sigv4_scope){
              .key_id = cases_text(keys, "access_key_id"),
              .date = cases_text(given, "X-Amz-Date"),
              .region = region,
              .service = "s3",
          },
          cases_text(keys, "secret_access_key"),
          &(struct expectation){ cases_text(request, "canonical_request"),
                                 cases_text(request, "string_to_sign"),
                                 cases_text(request, "signature") });
    for (size_t i = 0; i < count; i++)
        free((char *)headers[i].name);
    buffer_release(&sorted_query);
    free(path);
    free(url);
    free(authorization);
}

/* The worked examples: every part is there as it is signed. */
static void check_example(struct cases *cases, const json_t *example, const json_t *keys)
{
    char *to_sign = memory_copy_text(cases_text(example, "string_to_sign"));
    char *date = to_sign + strcspn(to_sign, "\n") + 1;
    char *scope_text = date + strcspn(date, "\n") + 1;
    char *region = scope_text + strcspn(scope_text, "/") + 1;
    struct http_header headers[SIGV4_HEADERS_MAX];
    size_t count = 0;
    const char *name;
    json_t *value;

    date[strcspn(date, "\n")] = '\0';
    region[strcspn(region, "/")] = '\0';
    json_object_foreach(json_object_get(example, "headers"), name, value)
    {
        headers[count++] = (struct http_header){ name, json_string_value(value) };
    }
    check(cases, cases_text(example, "name"),
          &(struct sigv4_request){
              .method = cases_text(example, "method"),
              .path = cases_text(example, "canonical_uri"),
              .query = cases_text(example, "canonical_query"),
              .headers = headers,
              .header_count = count,
              .payload_hash = cases_text(example, "payload_hash"),
          },
          &(struct sigv4_scope){
              .key_id = cases_text(keys, "access_key_id"),
              .date = date,
              .region = region,
              .service = "s3",
          },
          cases_text(keys, "secret_access_key"),
          &(struct expectation){ cases_text(example, "canonical_request"),
                                 cases_text(example, "string_to_sign"),
                                 cases_text(example, "signature") });
    free(to_sign);
}

static void check_file(struct cases *cases, const char *path)
{
    json_t *all = cases_read_json(path);
    const json_t *keys = json_object_get(all, "credentials");
    size_t i;
    json_t *request;

    json_array_foreach(json_object_get(all, "cases"), i, request)
    {
        if (json_object_get(request, "canonical_uri"))
            check_example(cases, request, keys ? keys : all);
        else
            check_botocore_case(cases, request, keys);
    }
    json_decref(all);
}

/* "" when there is no such file. */
static char *read_part(const char *folder, const char *name)
{
    char *path = memory_format("%s/%s", folder, name);
    char *text = cases_read(path);

    free(path);
    return text ? text : memory_copy_text("");
}

/* Header lines, in place; a line that begins with white space goes on with the one before. */
static size_t read_headers(char *text, struct http_header *headers)
{
    char *save = NULL;
    size_t count = 0;

    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        char *value = strchr(line, ':');

        if (isspace((unsigned char)*line)) {
            line[-1] = '\n';
            continue;
        }
        *value = '\0';
        for (char *byte = line; *byte; byte++)
            *byte = (char)tolower((unsigned char)*byte);
        headers[count++] = (struct http_header){ line, value + 1 };
    }
    return count;
}

static void add_scope_headers(const json_t *context, const char *date, const char *payload_hash,
                              struct http_header *headers, size_t *count)
{
    const json_t *token = json_object_get(json_object_get(context, "credentials"), "token");

    headers[(*count)++] = (struct http_header){ "x-amz-date", date };
    if (json_is_true(json_object_get(context, "sign_body")))
        headers[(*count)++] = (struct http_header){ "x-amz-content-sha256", payload_hash };
    if (token && !json_is_true(json_object_get(context, "omit_session_token")))
        headers[(*count)++] =
            (struct http_header){ "x-amz-security-token", json_string_value(token) };
}

/* "2015-08-30T12:36:00Z" to "20150830T123600Z". */
static void compact_date(const char *from, char *to)
{
    for (; *from; from++) {
        if (*from != '-' && *from != ':')
            *to++ = *from;
    }
    *to = '\0';
}

static void check_suite_case(struct cases *cases, const char *name, const char *folder)
{
    char *context_path = memory_format("%s/context.json", folder);
    json_t *context = json_load_file(context_path, 0, NULL);
    const json_t *keys = json_object_get(context, "credentials");
    bool normalizes_path = json_is_true(json_object_get(context, "normalize"));
    char *request = read_part(folder, "request.txt");
    char *canonical = read_part(folder, "header-canonical-request.txt");
    char *string_to_sign = read_part(folder, "header-string-to-sign.txt");
    char *signature = read_part(folder, "header-signature.txt");
    char *body = strstr(request, "\n\n");
    char *path = strchr(request, ' ') + 1;
    char *line_end = strchr(request, '\n');
    struct http_header headers[SIGV4_HEADERS_MAX];
    uint8_t digest[SHA256_SIZE];
    char payload_hash[SHA256_HEX_SIZE];
    struct buffer signed_path;
    struct buffer query;
    char date[32];
    size_t count;
    char *mark;

    compact_date(cases_text(context, "timestamp"), date);
    if (body) {
        *body = '\0';
        body += 2;
    }
    digest_sha256(body ? body : "", body ? strlen(body) : 0, digest);
    digest_hex(digest, sizeof(digest), payload_hash);
    *line_end = '\0';
    *strrchr(request, ' ') = '\0';
    path[-1] = '\0';
    mark = strchr(path, '?');
    if (mark)
        *mark++ = '\0';
    buffer_init(&signed_path, LIMIT);
    buffer_init(&query, LIMIT);
    if (normalizes_path) /* encodes it, too */
        buffer_append_text(&signed_path, path);
    else
        percent_encode(&signed_path, path, PERCENT_KEEP_PATH);
    if (mark)
        sort_query(mark, &query);
    count = read_headers(line_end + 1, headers);
    add_scope_headers(context, date, payload_hash, headers, &count);
    check(cases, name,
          &(struct sigv4_request){ request, signed_path.bytes, query.bytes, headers, count,
                                   payload_hash, normalizes_path },
          &(struct sigv4_scope){ cases_text(keys, "access_key_id"), date,
                                 cases_text(context, "region"), cases_text(context, "service") },
          cases_text(keys, "secret_access_key"),
          &(struct expectation){ canonical, string_to_sign, signature });
    buffer_release(&signed_path);
    buffer_release(&query);
    free(signature);
    free(string_to_sign);
    free(canonical);
    free(request);
    json_decref(context);
    free(context_path);
}

static void visit(struct cases *cases, const char *path)
{
    const char *end = strstr(path, "/context.json");
    char *folder;
    const char *name;

    if (!end && strstr(path, ".json"))
        check_file(cases, path);
    if (!end || strstr(path, "/v4a/"))
        return;
    folder = memory_copy_bytes(path, (size_t)(end - path));
    name = strrchr(folder, '/') ? strrchr(folder, '/') + 1 : folder;
    check_suite_case(cases, name, folder);
    free(folder);
}

int main(int argc, char **argv)
{
    return cases_run("sigv4", argc, argv, visit);
}
