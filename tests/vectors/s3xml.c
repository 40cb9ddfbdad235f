/* SPDX-License-Identifier: MIT */

/*
 * Documents that S3 sends: botocore's (NAME.xml with what is in it as NAME.json, and the answers of
 * its protocol tests), and the replies of the mock server of aws-c-s3 (OPERATION/NAME.json with
 * status, headers and body). Usage: s3xml DIR
 *
 * What avmap reads is read and compared: errors, listings of objects and of part uploads, the
 * replies to beginning and completing one, and the headers of parts and objects. Documents of other
 * kinds it never asks for; they pass when none of the readers takes them for its own.
 */

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/budget.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/spool.h"
#include "cases.h"
#include "s3/s3_error.h"
#include "s3/s3_integrity.h"
#include "s3/s3_xml.h"
#include "s3xml_documents.h"

enum { BODY_LIMIT = 1024 * 1024 };

static void check_xml(struct cases *cases, const char *path)
{
    char *json_path = memory_format("%.*s.json", (int)(strlen(path) - strlen(".xml")), path);
    json_t *expected = cases_read_json(json_path);
    char *text = cases_read(path);

    if (s3xml_documents_check(&(struct document){ cases, path, text, expected }))
        cases_passed(cases, path);
    free(text);
    json_decref(expected);
    free(json_path);
}

/* A reply of the mock server. Where it puts what was asked for, that is a whole object. */
struct reply {
    const struct document *document; /* its text is the body's */
    const json_t *headers;
    const char *operation;
    bool has_data; /* the body is an object's bytes, which are all "a" */
    struct http_response response;
};

static bool check_header(const struct reply *reply, const char *name, const char *got)
{
    const char *expected = cases_text(reply->headers, name);

    return *expected == '<' ||
           cases_equal(reply->document->cases, reply->document->name, name, got, expected);
}

/* Refused with the code that the body has; without one any word will do. */
static bool check_refusal(const struct reply *reply)
{
    const struct s3_request request = { .operation = reply->operation, .key = "key" };
    char region[S3_ERROR_REGION_SIZE];
    struct s3_xml_error error;
    struct error err;
    char word[80];

    s3_error_judge(&request, &reply->response, region, &err);
    s3_xml_read_error(reply->document->text, strlen(reply->document->text), &error);
    snprintf(word, sizeof(word), "S3.%s", error.code);
    return !error.code[0] || (s3xml_documents_check(reply->document) &&
                              cases_equal(reply->document->cases, reply->document->name,
                                          "the word of the error", err.word, word));
}

/* Behind the slash, as in "bytes 0-65535/65536"; 0: there is none. */
static uint64_t total_size(const char *range)
{
    const char *slash = strchr(range, '/');
    uint64_t size;

    return slash && number_parse_count(slash + 1, BODY_LIMIT, &size) ? size : 0;
}

/* Compares as a download does, of which the mock says in names that it must fail. */
static bool check_data(const struct reply *reply)
{
    const char *text = reply->document->text;
    bool has_body = reply->has_data || *text; /* else the mock's body is none that was meant */
    bool should = has_body && !strstr(reply->document->name, "unmatch");
    uint64_t size = reply->has_data ? total_size(reply->response.content_range) : strlen(text);
    char *data = reply->has_data ? memory_new(size, 1) : memory_copy_text(text);
    struct budget budget;
    struct spool spool;
    struct error err;
    struct s3_finding finding;
    bool intact = false;

    if (reply->has_data)
        memset(data, 'a', size);
    budget_init(&budget, 2 * (uint64_t)BODY_LIMIT);
    spool_init(&spool, &budget);
    if (!spool_write(&spool, 0, data, size, &err) ||
        !s3_integrity_check(&reply->response, &spool, false, &finding, &err))
        cases_failed(reply->document->cases, reply->document->name, "%s", err.text);
    else if ((intact = finding.verdict == S3_INTACT) != should)
        cases_failed(reply->document->cases, reply->document->name, "found %s",
                     intact ? "intact" : "damaged");
    spool_release(&spool);
    free(data);
    return intact == should;
}

static bool check_object_reply(const struct reply *reply)
{
    /* A part has the check of the whole object, and a HEAD has no body. */
    bool is_checked = reply->response.status == 200 && reply->response.crc32[0] &&
                      reply->response.content_length < 0;

    return check_header(reply, "ETag", reply->response.etag) &&
           check_header(reply, "Content-Range", reply->response.content_range) &&
           check_header(reply, "x-amz-checksum-crc32", reply->response.crc32) &&
           (!is_checked || check_data(reply));
}

static bool judge_reply(const struct reply *reply)
{
    if (s3_error_is(&reply->response))
        return check_refusal(reply);
    if (strcmp(reply->operation, "GetObject") == 0)
        return check_object_reply(reply);
    if (strcmp(reply->operation, "UploadPart") == 0)
        return check_header(reply, "ETag", reply->response.etag);
    return s3xml_documents_check(reply->document);
}

/* Where the mock puts the range that was asked for, it is the whole of the object. */
static void fill_response(struct reply *reply)
{
    static const char mark[] = "<request-range>/";
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)reply->headers, name, value)
    {
        const char *text = json_string_value(value);
        bool is_asked = strncmp(text, mark, strlen(mark)) == 0;
        char *line = is_asked ? memory_format("%s: bytes 0-%" PRIu64 "/%s", name,
                                              total_size(text) - 1, text + strlen(mark))
                              : memory_format("%s: %s", name, text);

        http_response_keep(&reply->response, line, strlen(line));
        free(line);
    }
    if (!reply->has_data)
        buffer_append_text(&reply->response.body, reply->document->text);
}

static void check_reply(struct cases *cases, const char *path, const json_t *given)
{
    const char *slash = strrchr(path, '/');
    const char *folder = memrchr(path, '/', (size_t)(slash - path));
    char *operation = memory_copy_bytes(folder + 1, (size_t)(slash - folder - 1));
    const json_t *lines = json_object_get(given, "body");
    struct buffer body;
    struct document document = { cases, path, NULL, NULL };
    struct reply reply = { &document, json_object_get(given, "headers"), operation, false, { 0 } };

    buffer_init(&body, SIZE_MAX);
    for (size_t i = 0; i < json_array_size(lines); i++)
        buffer_append_text(&body, json_string_value(json_array_get(lines, i)));
    document.text = body.bytes;
    reply.has_data = strcmp(body.bytes, "<data-to-send>") == 0;
    http_response_init(&reply.response, BODY_LIMIT);
    reply.response.status = (int)json_integer_value(json_object_get(given, "status"));
    fill_response(&reply);
    if (judge_reply(&reply))
        cases_passed(cases, path);
    http_response_release(&reply.response);
    buffer_release(&body);
    free(operation);
}

/* An answer of botocore's protocol tests, of which avmap knows the errors. */
static void check_answer(struct cases *cases, const json_t *test)
{
    const char *name = cases_text(test, "id");
    const char *code = cases_text(test, "errorCode");
    const char *text = cases_text(json_object_get(test, "response"), "body");
    struct s3_xml_error error;

    if (!*code) {
        if (s3xml_documents_check_other(&(struct document){ cases, name, text, NULL }))
            cases_passed(cases, name);
        return;
    }
    s3_xml_read_sts_error(text, strlen(text), &error);
    if (cases_equal(cases, name, "the code", error.code, code) &&
        (!json_object_get(test, "errorMessage") ||
         cases_equal(cases, name, "the message", error.message, cases_text(test, "errorMessage"))))
        cases_passed(cases, name);
}

static void check_json(struct cases *cases, const char *path)
{
    json_t *content = cases_read_json(path);
    size_t i;
    json_t *suite;

    if (json_object_get(content, "status"))
        check_reply(cases, path, content);
    json_array_foreach(content, i, suite)
    {
        size_t j;
        json_t *test;

        json_array_foreach(json_object_get(suite, "cases"), j, test)
        {
            if (json_object_get(test, "response"))
                check_answer(cases, test);
        }
    }
    json_decref(content);
}

static void visit(struct cases *cases, const char *path)
{
    size_t length = strlen(path);

    if (length > 4 && strcmp(path + length - 4, ".xml") == 0)
        check_xml(cases, path);
    else if (length > 5 && strcmp(path + length - 5, ".json") == 0)
        check_json(cases, path);
}

int main(int argc, char **argv)
{
    return cases_run("s3xml", argc, argv, visit);
}
