/* SPDX-License-Identifier: MIT */

/*
 * The XML that S3 speaks: errors, listing pages and multipart uploads. Documents come from the
 * network and are not trusted: no entities, no other files, nothing assumed.
 * Threads: safe.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/object.h"

/* Fields that the document does not have are "". */
struct s3_xml_error {
    char code[64];
    char message[512];
    char request_id[128];
    char region[64]; /* with AuthorizationHeaderMalformed: the right one */
};

/* Returns false, with *error all "", when the text is not an error document. */
bool s3_xml_read_error(const char *text, size_t size, struct s3_xml_error *error);

/* The same for STS, whose errors are wrapped in another element. */
bool s3_xml_read_sts_error(const char *text, size_t size, struct s3_xml_error *error);

/* Keys as STS hands them out; all owned. */
struct s3_xml_role_keys {
    char *id;
    char *secret;
    char *token;
    int64_t expires_ms;
};

/* False, with nothing to release, when text is no answer of STS that has them all. */
bool s3_xml_read_role_keys(const char *text, size_t size, struct s3_xml_role_keys *keys);

struct s3_xml_page {
    struct object *objects; /* owned */
    size_t count;
    char *next_token; /* owned; NULL on the last page */
};

/* On failure (ERROR_OBJECT) there is nothing to release. */
bool s3_xml_read_page(const char *text, size_t size, struct s3_xml_page *page, struct error *err);

/* Leaves an empty page; an empty one is fine. */
void s3_xml_page_release(struct s3_xml_page *page);

/* Part uploads that were begun and not ended. All strings are owned. */
struct s3_xml_upload {
    char *key;
    char *id;
    int64_t initiated_ms; /* 0: the server does not say */
};

struct s3_xml_uploads {
    struct s3_xml_upload *uploads;
    size_t count;
};

/* On failure (ERROR_OBJECT) there is nothing to release. */
bool s3_xml_read_uploads(const char *text, size_t size, struct s3_xml_uploads *page,
                         struct error *err);
void s3_xml_uploads_release(struct s3_xml_uploads *page);

/* Gives the id of the upload that was begun. */
bool s3_xml_read_upload_id(const char *text, size_t size, char **id, struct error *err);

/* Gives the ETag of the completed object; NULL when the server sent an empty one. */
bool s3_xml_read_completed(const char *text, size_t size, char **etag, struct error *err);
