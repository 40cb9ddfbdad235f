/* SPDX-License-Identifier: MIT */

/* Reads documents of S3. */

#include "s3xml_documents.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "s3/s3_xml.h"

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

    if (!s3_xml_read_sts_error(document->text, strlen(document->text), &error)) {
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

static bool is_taken(const char *text)
{
    size_t size = strlen(text);
    struct s3_xml_error error;
    struct s3_xml_role_keys keys;
    struct s3_xml_page page;
    struct s3_xml_uploads uploads;
    struct error ignored;
    char *found = NULL;

    return s3_xml_read_error(text, size, &error) || s3_xml_read_sts_error(text, size, &error) ||
           s3_xml_read_role_keys(text, size, &keys) ||
           s3_xml_read_page(text, size, &page, &ignored) ||
           s3_xml_read_uploads(text, size, &uploads, &ignored) ||
           s3_xml_read_upload_id(text, size, &found, &ignored) ||
           s3_xml_read_completed(text, size, &found, &ignored);
}

bool s3xml_documents_check_other(const struct document *document)
{
    if (is_taken(document->text))
        cases_failed(document->cases, document->name, "taken for a document of another kind");
    return !is_taken(document->text);
}

/* The name of the first element, behind the declaration and comments; "" when there is none. */
static const char *find_root(const char *text)
{
    for (text = strchr(text, '<'); text && strchr("?!", text[1]); text = strchr(text + 1, '<'))
        continue;
    return text ? text + 1 : "";
}

bool s3xml_documents_check(const struct document *document)
{
    static const struct {
        const char *root;
        bool (*check)(const struct document *document);
    } kinds[] = {
        { "Error", check_error },
        { "ErrorResponse", check_error }, /* of STS */
        { "ListBucketResult", check_page },
        { "ListMultipartUploadsResult", check_uploads },
        { "InitiateMultipartUploadResult", check_begun },
        { "CompleteMultipartUploadResult", check_completed },
    };

    const char *root = find_root(document->text);

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        size_t length = strlen(kinds[i].root);

        if (strncmp(root, kinds[i].root, length) == 0 && strchr(" \t\r\n/>", root[length]))
            return kinds[i].check(document);
    }
    return s3xml_documents_check_other(document);
}
