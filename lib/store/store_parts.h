/* SPDX-License-Identifier: MIT */

/*
 * What is inside a struct store, for the rest of lib/store.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include "directory/directory_marks.h"
#include "s3/s3_client.h"
#include "s3/s3_upload.h"
#include "store/store.h"

struct store {
    const struct location *location;
    struct s3_service *service; /* NULL: there is no S3 */
    const struct cancel *cancel;
    struct s3_client *client;  /* owned; NULL for a folder */
    struct s3_client *foreign; /* owned; of a folder, for objects that lie in S3; NULL: not yet */
    int root;                  /* owned; -1 for S3 */
};

/* The client for an object, or NULL when it is a file. False: there should be one. */
bool store_client(struct store *store, const struct object *object, struct s3_client **client,
                  struct error *err);

/* Where the object lies, when that is S3. */
const char *store_bucket(const struct store *store, const struct object *object);

/* The request as S3 and as folders have it; both borrow from it. */
struct s3_upload_request store_s3_request(const struct store *store, const char *key,
                                          const struct store_put_request *request);
struct directory_marks store_directory_marks(const struct store_put_request *request);
