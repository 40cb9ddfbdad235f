/* SPDX-License-Identifier: MIT */

/*
 * Questions to services that hand out keys. What they answer is a secret.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include "s3/credentials_source.h"
#include "s3/http.h"

struct credentials_question {
    const char *whom; /* for messages: "STS" */
    const char *method;
    const char *url;
    const struct http_header *headers;
    size_t header_count;
    const char *body;   /* NULL: none */
    unsigned attempts;  /* while nothing, or a passing failure, comes back */
    long timeout_ms;    /* of each */
    bool is_link_local; /* not through a proxy */
    bool hides_path;    /* of the URL from the log: who knows it gets keys */
    bool is_optional;   /* when nobody is there, that is it */
};

/*
 * Gets an answer with any status that is not a passing failure. Fails with ERROR_AUTH or
 * ERROR_CANCELLED, but with ERROR_TRANSIENT when nobody was there at all. response is initialised
 * here, and released by the caller with credentials_forget, also after a failure.
 */
bool credentials_ask(const struct credentials_place *place,
                     const struct credentials_question *question, struct http_response *response,
                     struct error *err);
void credentials_forget(struct http_response *response);

/* The whole of a small file, without white space at its end, or NULL: *err is ERROR_AUTH. */
char *credentials_read_file(const char *path, struct error *err);
