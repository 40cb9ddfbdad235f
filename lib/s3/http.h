/* SPDX-License-Identifier: MIT */

/*
 * One HTTP exchange at a time on a handle that keeps its connections open.
 * Threads: confined; http_prepare belongs before the first thread.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/cancel.h"
#include "base/error.h"
#include "base/spool.h"
#include "s3/http_response.h"

struct http;

struct http_settings {
    const char *ca_bundle;   /* borrowed; PEM file; NULL: the system's */
    long connect_timeout_ms; /* until the connection stands, TLS included */
    int64_t read_timeout_ms; /* without an answer, or with less than HTTP_LEAST_SPEED */
    bool no_proxy;           /* whatever the environment says */
};

struct http_header {
    const char *name; /* lower case */
    const char *value;
};

struct http_body {
    const char *bytes;         /* borrowed; NULL: a range of spool */
    const struct spool *spool; /* borrowed; used when bytes is NULL */
    uint64_t offset;           /* of the range in spool */
    uint64_t size;
};

/* Takes the body of a 2xx response piece by piece; response has its headers already. */
struct http_taker {
    bool (*take)(struct http_taker *taker, const struct http_response *response, const char *bytes,
                 size_t size, struct error *err);
};

/* Where the body of a 2xx response goes: without spool and taker into the response's own buffer. */
struct http_sink {
    struct http_taker *taker; /* borrowed; NULL: nobody, and the rest counts */
    struct spool *spool;      /* borrowed */
    uint64_t first;           /* of the range that was asked for: a 206 must begin there */
    uint64_t limit;           /* the spool must not become longer; UINT64_MAX: any length */
};

struct http_request {
    const char *method;
    const char *url;
    const struct http_header *headers;
    size_t header_count;
    struct http_body body; /* sent with PUT and POST only */
    struct http_sink sink;
    const struct cancel *cancel; /* NULL: not interruptible */
    long timeout_ms;             /* for all of it; 0: as long as it gets on */
};

/* The body as it lies in memory, or NULL: it is in a file, or there is none. */
const char *http_body_bytes(const struct http_body *body);

/* Process-wide set-up of libcurl; any number of times. */
void http_prepare(void);

/* settings is copied. */
MUST_USE struct http *http_open(const struct http_settings *settings);

/* NULL is fine. */
void http_close(struct http *http);

/*
 * Sends request and fills *response, which keeps what arrived also after a failure. True: there is
 * a status and a complete body, whatever the status says. After a failure the next exchange gets
 * a new connection.
 */
bool http_exchange(struct http *http, const struct http_request *request,
                   struct http_response *response, struct error *err);

/* libcurl and what it is built on, with versions, in one line; borrowed. */
const char *http_libraries(void);
