/* SPDX-License-Identifier: MIT */

/*
 * Judges whether an exchange still gets on: by its bytes in each window of time, not by how long it
 * takes in all.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

enum http_phase {
    HTTP_CONNECTING, /* which has a limit of its own */
    HTTP_SENDING,    /* the request's body */
    HTTP_WAITING,    /* for the first byte of the response */
    HTTP_RECEIVING,  /* an object */
    HTTP_ANSWERING,  /* a document, in bits as long as the server works on it */
};

/* Bytes a second; who sends an object more slowly is stuck, also when single bytes trickle in. */
enum { HTTP_LEAST_SPEED = 1024 };

struct http_pace {
    int64_t window_ms; /* length of a window */
    int64_t began_ms;  /* this window, by the monotonic clock */
    uint64_t had;      /* bytes, when it began */
    enum http_phase phase;
};

/* Begins with connecting. */
void http_pace_init(struct http_pace *pace, int64_t window_ms);

/*
 * Whether the window that ends now had too few bytes, given those of the exchange in both
 * directions so far. A new phase begins a new window.
 */
bool http_pace_is_lost(struct http_pace *pace, enum http_phase phase, uint64_t bytes,
                       int64_t now_ms);
