/* SPDX-License-Identifier: MIT */

/* Takes one object away. */

#include "s3/s3_delete.h"

#include "s3/http.h"
#include "s3/s3_request.h"

enum { CLEAN_UP_MS = 2000 };

bool s3_delete(struct s3_client *client, const char *bucket, const char *key, struct error *err)
{
    const struct s3_request request = { .operation = "DeleteObject",
                                        .method = "DELETE",
                                        .bucket = bucket,
                                        .key = key,
                                        .clean_up_ms = CLEAN_UP_MS };
    struct http_response response;
    struct error failure;
    bool ok;

    http_response_init(&response, S3_ANSWER_LIMIT);
    ok = s3_client_send(client, &request, &response, &failure) ||
         (response.status == 404 && failure.kind == ERROR_NOT_FOUND);
    if (!ok)
        *err = failure;
    http_response_release(&response);
    return ok;
}
