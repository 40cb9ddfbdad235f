/* SPDX-License-Identifier: MIT */

/*
 * An exchange as curl's callbacks see it: what they send, where they put what comes, and when they
 * give up. Only http.c includes this.
 * Threads: confined.
 */

#pragma once

#include <curl/curl.h>

#include "s3/http.h"
#include "s3/http_pace.h"

struct http_transfer {
    CURL *curl; /* borrowed, as all here */
    const struct http_request *request;
    struct http_response *response;
    const char *bytes; /* the request's body when it lies in memory */
    uint64_t sent;
    uint64_t position; /* in the sink, of the next byte */
    size_t headers_size;
    struct http_pace pace;
    unsigned times_sent;
    bool stuck;   /* its pace was lost */
    bool cut;     /* enough of an error's body was read */
    bool refused; /* a callback failed; *err says why */
    struct error *err;
};

/* Once per handle. */
void http_transfer_attach(CURL *curl);

/* For its next exchange; transfer is filled, and stays until that ends. */
void http_transfer_begin(struct http_transfer *transfer);

/* Of one that is stuck: fills its error. Returns false. */
bool http_transfer_explain_stuck(const struct http_transfer *transfer);
