/* SPDX-License-Identifier: MIT */

/*
 * Signed requests to one S3 service over connections that stay open, with retries of what is
 * transient (the only retry loop for requests). Each worker has its own client.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include "base/attributes.h"
#include "base/cancel.h"
#include "base/error.h"
#include "s3/s3_service.h"

struct http_response;
struct s3_client;
struct s3_request;

/* service and cancel are borrowed; cancel ends waits and transfers, and may be NULL. */
MUST_USE struct s3_client *s3_client_open(struct s3_service *service, const struct cancel *cancel);

/* Another one for the same service, which the same wish ends; for another thread. */
MUST_USE struct s3_client *s3_client_open_beside(const struct s3_client *client);

/* NULL is fine. */
void s3_client_close(struct s3_client *client);

struct s3_service *s3_client_service(struct s3_client *client);

/* What ends its waits and transfers; borrowed, NULL: nothing. */
const struct cancel *s3_client_cancel(const struct s3_client *client);

/* Whether the bucket is there and we may ask about it (HEAD bucket). A 403 here is ERROR_DENIED. */
bool s3_client_check_bucket(struct s3_client *client, const char *bucket, struct error *err);

/*
 * Sends request, for the other files of lib/s3, until S3 accepts it or trying again is of no use.
 * True: *response has a 2xx status and no error in its body. A request with a spool goes on where
 * the last attempt left off, in the same version of the object.
 */
bool s3_client_send(struct s3_client *client, const struct s3_request *request,
                    struct http_response *response, struct error *err);
