/* SPDX-License-Identifier: MIT */

/* Windows of time, one after the other. */

#include "s3/http_pace.h"

void http_pace_init(struct http_pace *pace, int64_t window_ms)
{
    *pace = (struct http_pace){ .window_ms = window_ms };
}

static void begin_window(struct http_pace *pace, uint64_t bytes, int64_t now_ms)
{
    pace->began_ms = now_ms;
    pace->had = bytes;
}

/* A server that thinks, or answers in bits, need only give a sign of life. */
static uint64_t least_bytes(const struct http_pace *pace)
{
    if (pace->phase == HTTP_WAITING || pace->phase == HTTP_ANSWERING)
        return 1;
    return (uint64_t)pace->window_ms * HTTP_LEAST_SPEED / 1000;
}

bool http_pace_is_lost(struct http_pace *pace, enum http_phase phase, uint64_t bytes,
                       int64_t now_ms)
{
    if (phase == HTTP_CONNECTING || phase != pace->phase || bytes < pace->had) {
        pace->phase = phase;
        begin_window(pace, bytes, now_ms);
        return false;
    }
    if (now_ms - pace->began_ms < pace->window_ms)
        return false;
    if (bytes - pace->had < least_bytes(pace))
        return true;
    begin_window(pace, bytes, now_ms);
    return false;
}
