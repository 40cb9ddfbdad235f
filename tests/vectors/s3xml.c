/* SPDX-License-Identifier: MIT */

/*
 * Documents that S3 sends: botocore's (NAME.xml with what is in it as NAME.json) and the replies of
 * the mock server of aws-c-s3 (JSON with status, headers and body). Usage: s3xml DIR
 *
 * Only what avmap reads is tried: errors, listings of objects and of part uploads, and the replies
 * to beginning and completing one. Documents of other kinds are skipped.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cases.h"
#include "s3/s3_xml.h"

/* A document, and what should be in it. */
struct document {
    struct cases *cases;
    const char *name;
    const char *text;
    const json_t *expected; /* NULL: only that it can be read */
};

static bool equal_number(const struct document *document, const char *what, size_t got,
                         size_t expected)
{
    if (got != expected)
        cases_failed(document->cases, document->name, "%s: %zu, and should be %zu", what, got,
                     expected);
    return got == expected;
}

static bool equal(const struct document *document, const char *what, const char *got,
                  const json_t *expected)
{
    return cases_equal(document->cases, document->name, what, got, cases_text(expected, what));
}

static bool check_error(const struct document *document)
{
    const json_t *expected = json_object_get(document->expected, "Error");
    struct s3_xml_error error;

    if (!s3_xml_read_error(document->text, strlen(document->text), &error)) {
        cases_failed(document->cases, document->name, "not read as an error");
        return false;
    }
    return !expected || (equal(document, "Code", error.code, expected) &&
                         equal(document, "Message", error.message, expected));
}

static bool check_object(const struct document *document, const struct object *object,
                         const json_t *expected)
{
    return equal(document, "Key", object->key, expected) &&
           equal(document, "ETag", object->etag, expected) &&
           equal(document, "StorageClass", object->storage_class, expected) &&
           equal_number(document, "Size", (size_t)object->size,
                        (size_t)json_integer_value(json_object_get(expected, "Size")));
}

static bool check_page(const struct document *document)
{
    const json_t *expected = json_object_get(document->expected, "Contents");
    struct s3_xml_page page;
    struct error err;
    bool ok = true;

    if (!s3_xml_read_page(document->text, strlen(document->text), &page, &err)) {
        cases_failed(document->cases, document->name, "%s", err.text);
        return false;
    }
    if (expected)
        ok = equal_number(document, "the number of objects", page.count, json_array_size(expected));
    for (size_t i = 0; i < page.count && ok && expected; i++)
        ok = check_object(document, &page.objects[i], json_array_get(expected, i));
    s3_xml_page_release(&page);
    return ok;
}

static bool check_uploads(const struct document *document)
{
    const json_t *expected = json_object_get(document->expected, "Uploads");
    struct s3_xml_uploads page;
    struct error err;
    bool ok;

    if (!s3_xml_read_uploads(document->text, strlen(document->text), &page, &err)) {
        cases_failed(document->cases, document->name, "%s", err.text);
        return false;
    }
    ok = equal_number(document, "the number of uploads", page.count, json_array_size(expected));
    for (size_t i = 0; i < page.count && ok; i++) {
        const json_t *upload = json_array_get(expected, i);

        ok = equal(document, "Key", page.uploads[i].key, upload) &&
             equal(document, "UploadId", page.uploads[i].id, upload);
    }
    s3_xml_uploads_release(&page);
    return ok;
}

static bool check_begun(const struct document *document)
{
    struct error err;
    char *id = NULL;

    if (!s3_xml_read_upload_id(document->text, strlen(document->text), &id, &err))
        cases_failed(document->cases, document->name, "%s", err.text);
    free(id);
    return id != NULL;
}

static bool check_completed(const struct document *document)
{
    struct error err;
    char *etag = NULL;
    bool ok = s3_xml_read_completed(document->text, strlen(document->text), &etag, &err);

    if (!ok)
        cases_failed(document->cases, document->name, "%s", err.text);
    free(etag);
    return ok;
}

/* The name of the first element, behind the declaration and comments; "" when there is none. */
static const char *find_root(const char *text)
{
    for (text = strchr(text, '<'); text && strchr("?!", text[1]); text = strchr(text + 1, '<'))
        continue;
    return text ? text + 1 : "";
}

static void check(const struct document *document)
{
    static const struct {
        const char *root;
        bool (*check)(const struct document *document);
    } kinds[] = {
        { "Error", check_error },
        { "ListBucketResult", check_page },
        { "ListMultipartUploadsResult", check_uploads },
        { "InitiateMultipartUploadResult", check_begun },
        { "CompleteMultipartUploadResult", check_completed },
    };

    const char *root = find_root(document->text);

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        size_t length = strlen(kinds[i].root);

        if (strncmp(root, kinds[i].root, length) != 0 || !strchr(" \t\r\n/>", root[length]))
            continue;
        if (kinds[i].check(document))
            cases_passed(document->cases, document->name);
        return;
    }
    cases_skipped(document->cases, document->name, "avmap does not read such documents");
}

static void check_xml(struct cases *cases, const char *path)
{
    char *json_path = memory_format("%.*s.json", (int)(strlen(path) - strlen(".xml")), path);
    json_t *expected = cases_read_json(json_path);
    char *text = cases_read(path);

    check(&(struct document){ cases, path, text, expected });
    free(text);
    json_decref(expected);
    free(json_path);
}

static void check_reply(struct cases *cases, const char *path)
{
    json_t *reply = cases_read_json(path);
    const json_t *lines = json_object_get(reply, "body");
    struct buffer body;

    if (json_object_get(reply, "status")) {
        buffer_init(&body, SIZE_MAX);
        for (size_t i = 0; i < json_array_size(lines); i++)
            buffer_append_text(&body, json_string_value(json_array_get(lines, i)));
        check(&(struct document){ cases, path, body.bytes, NULL });
        buffer_release(&body);
    }
    json_decref(reply);
}

static void visit(struct cases *cases, const char *path)
{
    size_t length = strlen(path);

    if (length > 4 && strcmp(path + length - 4, ".xml") == 0)
        check_xml(cases, path);
    else if (length > 5 && strcmp(path + length - 5, ".json") == 0)
        check_reply(cases, path);
}

int main(int argc, char **argv)
{
    struct cases cases;
    const char *folder = cases_begin(&cases, "s3xml", argc, argv);

    if (!folder)
        return 2;
    cases_walk(folder, visit, &cases);
    return cases_finish(&cases);
}
