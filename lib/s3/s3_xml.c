/* SPDX-License-Identifier: MIT */

/* Reads S3's XML. The libxml2 door. */

#include "s3/s3_xml.h"

#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/tree.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/percent.h"

static pthread_once_t prepared = PTHREAD_ONCE_INIT;

static bool is_named(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

/* S3 never sends a document type, and without one there are no entities to expand. */
static bool has_doctype(const char *text, size_t size)
{
    return memmem(text, size, "<!DOCTYPE", strlen("<!DOCTYPE")) != NULL;
}

/* In UTF-16 a document type escapes the search above, but not the parser. */
static bool is_usable(const xmlDoc *document, const char *root)
{
    return !document->intSubset && is_named(xmlDocGetRootElement(document), root);
}

/* NULL when text is not well-formed or its root is another one. */
static xmlDoc *read_document(const char *text, size_t size, const char *root)
{
    xmlDoc *document;

    pthread_once(&prepared, xmlInitParser);
    if (size == 0 || size > INT_MAX || has_doctype(text, size))
        return NULL;
    document = xmlReadMemory(text, (int)size, NULL, NULL,
                             XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    if (document && !is_usable(document, root)) {
        xmlFreeDoc(document);
        return NULL;
    }
    return document;
}

static bool not_understood(struct error *err, const char *root)
{
    return error_set(err, ERROR_OBJECT, "S3.InvalidResponse",
                     "the response is not a well-formed %s document", root);
}

static bool lacks(struct error *err, const char *root, const char *name)
{
    return error_set(err, ERROR_OBJECT, "S3.InvalidResponse", "the %s document has no valid %s",
                     root, name);
}

static const xmlNode *find_child(const xmlNode *parent, const char *name)
{
    for (const xmlNode *child = parent->children; child; child = child->next) {
        if (is_named(child, name))
            return child;
    }
    return NULL;
}

/* The text of the child of that name, which the caller frees; NULL when there is no such child. */
static char *child_text(const xmlNode *parent, const char *name)
{
    const xmlNode *child = find_child(parent, name);
    xmlChar *content = child ? xmlNodeGetContent(child) : NULL;
    char *text = memory_copy_text((const char *)content);

    xmlFree(content);
    return text;
}

/* The same, but what is empty is not there. */
static char *child_text_if_any(const xmlNode *parent, const char *name)
{
    char *text = child_text(parent, name);

    if (text && *text)
        return text;
    free(text);
    return NULL;
}

static void copy_child(const xmlNode *parent, const char *name, char *to, size_t size)
{
    char *text = child_text(parent, name);
    size_t length = text ? strnlen(text, size - 1) : 0;

    if (length > 0)
        memcpy(to, text, length);
    to[length] = '\0';
    free(text);
}

static void read_error(const xmlNode *element, struct s3_xml_error *error)
{
    copy_child(element, "Code", error->code, sizeof(error->code));
    copy_child(element, "Message", error->message, sizeof(error->message));
    copy_child(element, "RequestId", error->request_id, sizeof(error->request_id));
    copy_child(element, "Region", error->region, sizeof(error->region));
}

bool s3_xml_read_error(const char *text, size_t size, struct s3_xml_error *error)
{
    xmlDoc *document = read_document(text, size, "Error");

    *error = (struct s3_xml_error){ 0 };
    if (!document)
        return false;
    read_error(xmlDocGetRootElement(document), error);
    xmlFreeDoc(document);
    return true;
}

bool s3_xml_read_sts_error(const char *text, size_t size, struct s3_xml_error *error)
{
    xmlDoc *document = read_document(text, size, "ErrorResponse");
    const xmlNode *element;

    if (!document) /* some servers do not wrap it */
        return s3_xml_read_error(text, size, error);
    *error = (struct s3_xml_error){ 0 };
    element = find_child(xmlDocGetRootElement(document), "Error");
    if (element)
        read_error(element, error);
    xmlFreeDoc(document);
    return element != NULL;
}

static bool read_key(const xmlNode *contents, bool encoded, struct object *object)
{
    object->key = child_text_if_any(contents, "Key");
    return object->key && (!encoded || percent_decode(object->key, true));
}

static bool read_size(const xmlNode *contents, uint64_t *bytes)
{
    char *text = child_text(contents, "Size");
    bool ok = text && number_parse_count(text, INT64_MAX, bytes);

    free(text);
    return ok;
}

static bool read_modified(const xmlNode *contents, int64_t *wall_ms)
{
    char *text = child_text(contents, "LastModified");
    bool ok = text && clock_parse_iso(text, wall_ms);

    free(text);
    return ok;
}

static bool read_object(const xmlNode *contents, bool encoded, struct object *object,
                        struct error *err)
{
    if (!read_key(contents, encoded, object))
        return lacks(err, "ListBucketResult", "Key");
    if (!read_size(contents, &object->size))
        return lacks(err, "ListBucketResult", "Size");
    if (!read_modified(contents, &object->modified_ms))
        return lacks(err, "ListBucketResult", "LastModified");
    object->etag = child_text_if_any(contents, "ETag");
    object->storage_class = child_text_if_any(contents, "StorageClass");
    return true;
}

static bool child_is(const xmlNode *parent, const char *name, const char *value)
{
    char *text = child_text(parent, name);
    bool is = text && strcmp(text, value) == 0;

    free(text);
    return is;
}

static bool read_listing(const xmlNode *root, struct s3_xml_page *page, struct error *err)
{
    bool encoded = child_is(root, "EncodingType", "url");

    page->objects = memory_new(xmlChildElementCount((xmlNode *)root), sizeof(*page->objects));
    for (const xmlNode *child = root->children; child; child = child->next) {
        if (is_named(child, "Contents") &&
            !read_object(child, encoded, &page->objects[page->count++], err))
            return false;
    }
    if (!find_child(root, "IsTruncated"))
        return lacks(err, "ListBucketResult", "IsTruncated");
    if (child_is(root, "IsTruncated", "false"))
        return true;
    page->next_token = child_text_if_any(root, "NextContinuationToken");
    return page->next_token || lacks(err, "ListBucketResult", "NextContinuationToken");
}

bool s3_xml_read_page(const char *text, size_t size, struct s3_xml_page *page, struct error *err)
{
    xmlDoc *document = read_document(text, size, "ListBucketResult");
    bool ok;

    *page = (struct s3_xml_page){ 0 };
    if (!document)
        return not_understood(err, "ListBucketResult");
    ok = read_listing(xmlDocGetRootElement(document), page, err);
    if (!ok)
        s3_xml_page_release(page);
    xmlFreeDoc(document);
    return ok;
}

void s3_xml_page_release(struct s3_xml_page *page)
{
    for (size_t i = 0; i < page->count; i++)
        object_release(&page->objects[i]);
    free(page->objects);
    free(page->next_token);
    *page = (struct s3_xml_page){ 0 };
}

/* An upload whose key or id cannot be read is nobody's to end, so it is left out. */
static void read_upload(const xmlNode *element, bool encoded, struct s3_xml_uploads *page)
{
    char *key = child_text_if_any(element, "Key");
    char *id = child_text_if_any(element, "UploadId");

    if (key && id && (!encoded || percent_decode(key, true))) {
        struct s3_xml_upload upload = { key, id, 0 };
        char *initiated = child_text(element, "Initiated");

        if (initiated && !clock_parse_iso(initiated, &upload.initiated_ms))
            upload.initiated_ms = 0;
        free(initiated);
        page->uploads[page->count++] = upload;
        return;
    }
    free(key);
    free(id);
}

bool s3_xml_read_uploads(const char *text, size_t size, struct s3_xml_uploads *page,
                         struct error *err)
{
    static const char name[] = "ListMultipartUploadsResult";
    xmlDoc *document = read_document(text, size, name);
    const xmlNode *root;
    bool encoded;

    *page = (struct s3_xml_uploads){ 0 };
    if (!document)
        return not_understood(err, name);
    root = xmlDocGetRootElement(document);
    encoded = child_is(root, "EncodingType", "url");
    page->uploads = memory_new(xmlChildElementCount((xmlNode *)root), sizeof(*page->uploads));
    for (const xmlNode *child = root->children; child; child = child->next) {
        if (is_named(child, "Upload"))
            read_upload(child, encoded, page);
    }
    xmlFreeDoc(document);
    return true;
}

void s3_xml_uploads_release(struct s3_xml_uploads *page)
{
    for (size_t i = 0; i < page->count; i++) {
        free(page->uploads[i].key);
        free(page->uploads[i].id);
    }
    free(page->uploads);
    *page = (struct s3_xml_uploads){ 0 };
}

bool s3_xml_read_upload_id(const char *text, size_t size, char **id, struct error *err)
{
    static const char root[] = "InitiateMultipartUploadResult";
    xmlDoc *document = read_document(text, size, root);

    if (!document)
        return not_understood(err, root);
    *id = child_text_if_any(xmlDocGetRootElement(document), "UploadId");
    xmlFreeDoc(document);
    return *id || lacks(err, root, "UploadId");
}

bool s3_xml_read_completed(const char *text, size_t size, char **etag, struct error *err)
{
    static const char root[] = "CompleteMultipartUploadResult";
    xmlDoc *document = read_document(text, size, root);

    if (!document)
        return not_understood(err, root);
    *etag = child_text_if_any(xmlDocGetRootElement(document), "ETag");
    xmlFreeDoc(document);
    return true;
}

static bool read_role_keys(const xmlNode *credentials, struct s3_xml_role_keys *keys)
{
    char *expiration = child_text_if_any(credentials, "Expiration");
    bool ok = expiration && clock_parse_iso(expiration, &keys->expires_ms);

    keys->id = child_text_if_any(credentials, "AccessKeyId");
    keys->secret = child_text_if_any(credentials, "SecretAccessKey");
    keys->token = child_text_if_any(credentials, "SessionToken");
    free(expiration);
    return ok && keys->id && keys->secret && keys->token;
}

bool s3_xml_read_role_keys(const char *text, size_t size, struct s3_xml_role_keys *keys)
{
    static const char *const calls[] = { "AssumeRole", "AssumeRoleWithWebIdentity" };
    bool ok = false;

    *keys = (struct s3_xml_role_keys){ 0 };
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]) && !ok; i++) {
        char *root = memory_format("%sResponse", calls[i]);
        char *name = memory_format("%sResult", calls[i]);
        xmlDoc *document = read_document(text, size, root);
        const xmlNode *result = document ? find_child(xmlDocGetRootElement(document), name) : NULL;
        const xmlNode *credentials = result ? find_child(result, "Credentials") : NULL;

        ok = credentials && read_role_keys(credentials, keys);
        xmlFreeDoc(document);
        free(name);
        free(root);
    }
    if (ok)
        return true;
    memory_free_secret(keys->id);
    memory_free_secret(keys->secret);
    memory_free_secret(keys->token);
    *keys = (struct s3_xml_role_keys){ 0 };
    return false;
}
