/* SPDX-License-Identifier: MIT */

/*
 * A loopback HTTP server that answers each request with the next reply of a script, and remembers
 * what it was asked.
 * Threads: the server has its own; a struct canned_server is confined to the test.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"

struct canned_reply {
    int status;          /* 0: hang up without a word */
    const char *headers; /* more of them, each ended by \r\n; NULL: none */
    const char *body;    /* NULL: none */
    size_t body_size;    /* 0: as long as the text */
    size_t cut;          /* send only so many bytes of the body, then hang up; 0: all */
    int delay_ms;        /* before the reply */
    int trickle_ms;      /* before each byte of the body; 0: it goes as one */
    bool by_range;       /* a 206 with the part of the body that is asked for */
    bool bare;           /* the body alone, which is no HTTP */
};

struct canned_server;

/* The last reply is repeated without end. replies is borrowed. */
MUST_USE struct canned_server *canned_server_start(const struct canned_reply *replies,
                                                   size_t count);
void canned_server_stop(struct canned_server *server);

/* http://127.0.0.1:PORT */
const char *canned_server_url(const struct canned_server *server);

size_t canned_server_requests(struct canned_server *server);
size_t canned_server_connections(struct canned_server *server);

/* The head of a request, from 0, with its body after the empty line; "" when there is none. */
const char *canned_server_request(struct canned_server *server, size_t number);

/* Whether the request has this text in it. */
bool canned_server_saw(struct canned_server *server, size_t number, const char *text);
