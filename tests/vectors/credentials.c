/* SPDX-License-Identifier: MIT */

/*
 * The credentials suite of AWS's client for Rust: a folder per case, with env.json (the
 * environment), fs/ (the files of the machine), http-traffic.json (what is asked of services and
 * what they answer) and test-case.json (the keys that are found, or an error).
 * Usage: credentials DIR
 *
 * Requests are compared by method, URL, tokens and action; signatures and user agents are not, as
 * the traffic was recorded with other clients and keys. Of errors only that there is one counts:
 * each client has its own words, and avmap's are printed.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/log.h"
#include "base/memory.h"
#include "cases.h"
#include "s3/credentials.h"
#include "s3/setting.h"

/* The traffic while it is played. */
struct traffic {
    const json_t *events;
    size_t next;
    unsigned played;
    unsigned expected;
    char problem[512]; /* "": none */
};

/* Below the case's folder, with the paths in it turned into ones that exist; given. */
static char *real_path(const char *folder, const char *path)
{
    return memory_format("%s/fs%s", folder, path);
}

static const json_t *request_of(const json_t *event)
{
    const json_t *action = json_object_get(event, "action");

    return json_object_get(json_object_get(action, "Request"), "request");
}

static const char *header(const json_t *headers, const char *wanted)
{
    const char *name;
    json_t *values;

    json_object_foreach((json_t *)headers, name, values)
    {
        if (strcasecmp(name, wanted) == 0)
            return json_string_value(json_array_get(values, 0));
    }
    return NULL;
}

static const char *our_header(const struct http_request *request, const char *wanted)
{
    for (size_t i = 0; i < request->header_count; i++) {
        if (strcmp(request->headers[i].name, wanted) == 0)
            return request->headers[i].value;
    }
    return NULL;
}

/* Whether text has the same parameters, in any order, as other. */
static bool same_parameters(const char *text, const char *other)
{
    if (strlen(text) != strlen(other))
        return false;
    while (*text) {
        size_t length = strcspn(text, "&");
        const char *at = memmem(other, strlen(other), text, length);

        if (!at || (at[length] && at[length] != '&'))
            return false;
        text += length + (text[length] == '&');
    }
    return true;
}

static bool same_url(const char *one, const char *other)
{
    size_t length = strcspn(one, "?");
    size_t other_length = strcspn(other, "?");
    const char *query = one[length] ? one + length + 1 : "";
    const char *other_query = other[other_length] ? other + other_length + 1 : "";

    /* "http://host" and "http://host/" are the same. */
    if (length > 0 && one[length - 1] == '/')
        length--;
    if (other_length > 0 && other[other_length - 1] == '/')
        other_length--;
    return length == other_length && strncmp(one, other, length) == 0 &&
           same_parameters(query, other_query);
}

/* What the events up to the next request say of body or response. */
static const json_t *find_action(const struct traffic *traffic, const char *kind,
                                 const char *direction)
{
    for (size_t i = traffic->next; i < json_array_size(traffic->events); i++) {
        const json_t *event = json_array_get(traffic->events, i);
        const json_t *action = json_object_get(json_object_get(event, "action"), kind);

        if (request_of(event))
            break;
        if (action && (!direction || strcmp(cases_text(action, "direction"), direction) == 0))
            return action;
    }
    return NULL;
}

static const char *data_text(const json_t *data)
{
    return cases_text(json_object_get(data, "data"), "Utf8");
}

static bool mismatch(struct traffic *traffic, const char *what, const char *ours,
                     const char *theirs)
{
    snprintf(traffic->problem, sizeof(traffic->problem), "%s is %s and should be %s", what,
             ours ? ours : "nothing", theirs ? theirs : "nothing");
    return false;
}

static bool check_headers(struct traffic *traffic, const struct http_request *ours,
                          const json_t *theirs)
{
    static const char *const names[] = { "x-aws-ec2-metadata-token",
                                         "x-aws-ec2-metadata-token-ttl-seconds",
                                         "x-amz-sso_bearer_token", "authorization" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *one = our_header(ours, names[i]);
        const char *other = header(theirs, names[i]);
        bool is_signed = other && strncmp(other, "AWS4", 4) == 0;

        if (!one != !other || (one && !is_signed && strcmp(one, other) != 0))
            return mismatch(traffic, names[i], one, other);
    }
    return true;
}

static bool check_request(struct traffic *traffic, const struct http_request *ours,
                          const json_t *theirs)
{
    const char *method = cases_text(theirs, "method");
    const char *url = cases_text(theirs, "uri");
    const json_t *data = find_action(traffic, "Data", "Request");
    size_t action = data ? strcspn(data_text(data), "&") : 0;

    if (strcmp(ours->method, *method ? method : "GET") != 0)
        return mismatch(traffic, "the method", ours->method, method);
    if (!same_url(ours->url, url))
        return mismatch(traffic, "the URL", ours->url, url);
    if (action &&
        (ours->body.size < action || strncmp(ours->body.bytes, data_text(data), action) != 0))
        return mismatch(traffic, "the action", ours->body.bytes, data_text(data));
    return check_headers(traffic, ours, json_object_get(theirs, "headers"));
}

static void fill(struct http_response *response, const json_t *answer, const json_t *data)
{
    http_response_clear(response);
    response->status = (int)json_integer_value(json_object_get(answer, "status"));
    if (data)
        buffer_append_text(&response->body, data_text(data));
}

static bool play(void *arg, const struct http_request *request, struct http_response *response,
                 struct error *err)
{
    struct traffic *traffic = arg;
    const json_t *expected = NULL;
    const json_t *answer;

    while (traffic->next < json_array_size(traffic->events) && !expected)
        expected = request_of(json_array_get(traffic->events, traffic->next++));
    if (!expected || traffic->problem[0] || !check_request(traffic, request, expected)) {
        if (!traffic->problem[0])
            snprintf(traffic->problem, sizeof(traffic->problem), "nobody was to be asked for %s",
                     request->url);
        return error_set(err, ERROR_TRANSIENT, "S3.ConnectionFailed", "nobody there");
    }
    traffic->played++;
    answer =
        json_object_get(json_object_get(find_action(traffic, "Response", NULL), "response"), "Ok");
    if (!answer)
        return error_set(err, ERROR_TRANSIENT, "S3.ConnectionFailed", "the connection broke");
    fill(response, answer, find_action(traffic, "Data", "Response"));
    return true;
}

static void set_environment(const char *folder)
{
    static const char *const paths[] = { "HOME", "AWS_WEB_IDENTITY_TOKEN_FILE",
                                         "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
                                         "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE" };
    char *path = memory_format("%s/env.json", folder);
    json_t *environment = cases_read_json(path);
    const char *name;
    json_t *value;
    char *log = memory_copy_text(getenv("AVMAP_TEST_LOG"));

    clearenv();
    if (log)
        setenv("AVMAP_TEST_LOG", log, 1); /* for cases.c */
    free(log);
    setenv("PATH", "/usr/bin:/bin", 1);
    setenv("HOME", "/nowhere", 1);
    json_object_foreach(environment, name, value)
    {
        setenv(name, json_string_value(value), 1);
    }
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        const char *given = getenv(paths[i]);
        char *real = given && *given == '/' ? real_path(folder, given) : NULL;

        if (real)
            setenv(paths[i], real, 1);
        free(real);
    }
    json_decref(environment);
    free(path);
}

/* Text of a shared file, with the paths in it below the case's folder. */
static char *with_real_paths(const char *text, const char *folder)
{
    static const char name[] = "web_identity_token_file";
    struct buffer out;

    buffer_init(&out, SIZE_MAX);
    while (*text) {
        const char *found = strstr(text, name);
        size_t length = found ? (size_t)(found - text) + strlen(name) : strlen(text);

        buffer_append(&out, text, length);
        text += length;
        length = strspn(text, " =");
        buffer_append(&out, text, found ? length : 0);
        text += found ? length : 0;
        if (found && *text == '/')
            buffer_append_format(&out, "%s/fs", folder);
    }
    return buffer_take(&out);
}

static bool read_file(struct s3_profiles *profiles, enum s3_profiles_file file, const char *folder,
                      struct error *err)
{
    char *text = cases_read(s3_profiles_path(profiles, file));
    char *real = text ? with_real_paths(text, folder) : NULL;
    bool ok = !real || s3_profiles_read(profiles, file, real, err);

    free(real);
    free(text);
    return ok;
}

static bool find_keys(const char *folder, struct traffic *traffic, struct key_set *keys,
                      struct error *err)
{
    struct s3_profiles *profiles = s3_profiles_new();
    const char *chosen = setting_variable("AWS_PROFILE");
    struct credentials_place place = {
        .profiles = profiles,
        .profile = chosen ? chosen : "default",
        .web = { play, traffic },
    };
    struct credentials *credentials = NULL;
    bool ok;

    /* Loaded for the paths, then read again with them. */
    ok = s3_profiles_load(profiles, err) &&
         read_file(profiles, S3_PROFILES_CREDENTIALS, folder, err) &&
         read_file(profiles, S3_PROFILES_CONFIG, folder, err);
    if (ok && chosen && !s3_profiles_has(profiles, chosen))
        ok = error_set(err, ERROR_USAGE, "Avmap.Usage", "there is no profile %s", chosen);
    if (ok) {
        place.region = setting_variable("AWS_REGION");
        if (!place.region)
            place.region = setting_variable("AWS_DEFAULT_REGION");
        if (!place.region)
            place.region = s3_profiles_find(profiles, place.profile, "region");
        credentials = credentials_new(&place);
        ok = credentials_update(credentials, NULL, keys, err);
    }
    credentials_free(credentials);
    s3_profiles_free(profiles);
    return ok;
}

static void check_keys(struct cases *cases, const char *name, const struct key_set *keys,
                       const json_t *expected)
{
    json_int_t expiry = json_integer_value(json_object_get(expected, "expiry"));

    if (!cases_equal(cases, name, "the id", keys->id, cases_text(expected, "access_key_id")) ||
        !cases_equal(cases, name, "the secret", keys->secret,
                     cases_text(expected, "secret_access_key")) ||
        !cases_equal(cases, name, "the token", keys->token, cases_text(expected, "session_token")))
        return;
    if (keys->expires_ms / 1000 != expiry)
        cases_failed(cases, name, "the keys end at %lld and should at %lld",
                     (long long)keys->expires_ms / 1000, (long long)expiry);
    else
        cases_passed(cases, name);
}

/* How a case ended. */
struct ending {
    bool ok;
    struct key_set keys;
    struct error err;
};

static void judge(struct cases *cases, const char *name, const struct traffic *traffic,
                  const struct ending *ending, const json_t *result)
{
    const json_t *expected = json_object_get(result, "Ok");

    if (expected && traffic->problem[0]) {
        cases_failed(cases, name, "%s", traffic->problem);
    } else if (expected && !ending->ok) {
        cases_failed(cases, name, "an error: %s", ending->err.text);
    } else if (expected && traffic->played != traffic->expected) {
        cases_failed(cases, name, "%u of %u requests were made", traffic->played,
                     traffic->expected);
    } else if (expected) {
        check_keys(cases, name, &ending->keys, expected);
    } else if (ending->ok) {
        cases_failed(cases, name, "keys %s, and should be an error: %s", ending->keys.id,
                     cases_text(result, "ErrorContains"));
    } else {
        cases_passed(cases, name);
        printf("    %s\n", ending->err.text);
    }
}

static void run_case(struct cases *cases, const char *folder, const json_t *test)
{
    char *path = memory_format("%s/http-traffic.json", folder);
    json_t *recorded = cases_read_json(path);
    struct traffic traffic = { .events = json_object_get(recorded, "events") };
    const char *slash = strrchr(folder, '/');
    struct ending ending = { .ok = false };

    for (size_t i = 0; i < json_array_size(traffic.events); i++)
        traffic.expected += request_of(json_array_get(traffic.events, i)) != NULL;
    set_environment(folder);
    ending.ok = find_keys(folder, &traffic, &ending.keys, &ending.err);
    judge(cases, slash ? slash + 1 : folder, &traffic, &ending, json_object_get(test, "result"));
    credentials_wipe(&ending.keys);
    json_decref(recorded);
    free(path);
}

static void visit(struct cases *cases, const char *path)
{
    static const char file[] = "/test-case.json";
    const char *end = strstr(path, file);
    json_t *test;
    char *folder;

    if (!end || end[strlen(file)])
        return;
    folder = memory_copy_bytes(path, (size_t)(end - path));
    test = cases_read_json(path);
    run_case(cases, folder, test);
    json_decref(test);
    free(folder);
}

int main(int argc, char **argv)
{
    log_set_level(LOG_WARNING);
    return cases_run("credentials", argc, argv, visit);
}
