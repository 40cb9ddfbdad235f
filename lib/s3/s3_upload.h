/* SPDX-License-Identifier: MIT */

/*
 * One spool to one key: a single PUT, or parts when it is larger than two of them. What it cannot
 * finish it aborts, so no part upload stays behind.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include "base/spool.h"
#include "s3/s3_client.h"

/* All borrowed. */
struct s3_upload_request {
    const char *bucket;
    const char *key;
    const char *content_type; /* NULL: not said */
    const char *source_etag;  /* noted as x-amz-meta-avmap-source-etag; NULL: not noted */
    const char *recipe;       /* noted as x-amz-meta-avmap-recipe; NULL: not noted */
    const char *files;        /* noted as x-amz-meta-avmap-files; NULL: not noted */
    bool is_record;           /* one of avmap's own files, not a result */
    bool only_new;            /* what is there already stays: ERROR_OBJECT, Avmap.AlreadyExists */
};

/* etag is given to the caller (quotes included; NULL when the server sent none); may be NULL. */
bool s3_upload(struct s3_client *client, const struct s3_upload_request *request,
               const struct spool *from, char **etag, struct error *err);

/*
 * For only_new: whether nothing is there yet. Not all servers look at the condition when parts are
 * completed, so it is asked before, too.
 */
bool s3_upload_check_new(struct s3_client *client, const struct s3_upload_request *request,
                         struct error *err);

/* The failure in the words of this request, into *err. */
void s3_upload_explain(const struct s3_upload_request *request, const struct error *failure,
                       struct error *err);
