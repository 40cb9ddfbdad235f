/* SPDX-License-Identifier: MIT */

/* Curl's callbacks. */

#include "s3/http_transfer.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"

enum { HEADERS_LIMIT = 256 * 1024 }; /* of one response; S3 sends about 1 KiB */

static size_t receive_header(char *line, size_t one, size_t length, void *arg)
{
    struct http_transfer *transfer = arg;

    (void)one;
    transfer->headers_size += length;
    if (transfer->headers_size > HEADERS_LIMIT) {
        transfer->refused = true;
        error_set(transfer->err, ERROR_TRANSIENT, "S3.InvalidResponse",
                  "the response has more than %d bytes of headers", HEADERS_LIMIT);
        return 0;
    }
    /* A status line begins a response; what came before was an interim one (RFC 9110 15.2). */
    if (length > 5 && memcmp(line, "HTTP/", 5) == 0)
        http_response_clear(transfer->response);
    else
        http_response_keep(transfer->response, line, length);
    return length;
}

/* A 206 must begin where it was asked to; all other responses begin at the first byte. */
static bool find_position(struct http_transfer *transfer)
{
    const struct http_response *response = transfer->response;
    char *expected;
    bool matches;

    transfer->position = 0;
    if (response->status != 206)
        return true;
    transfer->position = transfer->request->sink.first;
    expected = memory_format("bytes %llu-", (unsigned long long)transfer->position);
    matches = strncmp(response->content_range, expected, strlen(expected)) == 0;
    free(expected);
    return matches || error_set(transfer->err, ERROR_OBJECT, "S3.InvalidResponse",
                                "asked for the bytes from %llu on, got \"%s\"",
                                (unsigned long long)transfer->position, response->content_range);
}

static bool fill_sink(struct http_transfer *transfer, const char *bytes, size_t size)
{
    const struct http_sink *sink = &transfer->request->sink;

    if (transfer->response->received == 0 && !find_position(transfer))
        return false;
    if (size > sink->limit || transfer->position > sink->limit - size)
        return error_set(transfer->err, ERROR_OBJECT, "S3.SizeMismatch",
                         "the object is longer than the %llu bytes expected",
                         (unsigned long long)sink->limit);
    if (!spool_write(sink->spool, transfer->position, bytes, size, transfer->err))
        return false;
    transfer->position += size;
    return true;
}

static bool fill_buffer(struct http_transfer *transfer, const char *bytes, size_t size)
{
    struct buffer *body = &transfer->response->body;
    size_t room = body->limit - body->size;

    if (size <= room)
        return buffer_append(body, bytes, size);
    if (transfer->response->status < 300)
        return error_set(transfer->err, ERROR_OBJECT, "S3.InvalidResponse",
                         "the response is longer than %zu bytes", body->limit);
    buffer_append(body, bytes, room);
    transfer->cut = true;
    return false;
}

static size_t receive_body(char *bytes, size_t one, size_t size, void *arg)
{
    struct http_transfer *transfer = arg;
    struct http_response *response = transfer->response;
    long status = 0;
    bool ok;

    (void)one;
    curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &status);
    response->status = (int)status;
    if (transfer->request->sink.taker && status < 300)
        ok = transfer->request->sink.taker->take(transfer->request->sink.taker, response, bytes,
                                                 size, transfer->err);
    else if (transfer->request->sink.spool && status < 300)
        ok = fill_sink(transfer, bytes, size);
    else
        ok = fill_buffer(transfer, bytes, size);
    if (!ok) {
        transfer->refused = !transfer->cut;
        return 0;
    }
    response->received += size;
    return size;
}

static size_t send_body(char *to, size_t one, size_t room, void *arg)
{
    struct http_transfer *transfer = arg;
    const struct http_body *body = &transfer->request->body;
    size_t count = room;

    (void)one;
    if (count > body->size - transfer->sent)
        count = (size_t)(body->size - transfer->sent);
    if (transfer->bytes) {
        memcpy(to, transfer->bytes + transfer->sent, count);
    } else if (count > 0 && !spool_read(body->spool, body->offset + transfer->sent, to, count,
                                        &count, transfer->err)) {
        transfer->refused = true;
        return CURL_READFUNC_ABORT;
    }
    transfer->sent += count;
    return count;
}

/* curl goes back to the start when a connection it had kept open turns out to be closed. */
static int seek_body(void *arg, curl_off_t offset, int origin)
{
    struct http_transfer *transfer = arg;

    if (origin != SEEK_SET || offset < 0 || (uint64_t)offset > transfer->request->body.size)
        return CURL_SEEKFUNC_FAIL;
    transfer->sent = (uint64_t)offset;
    return CURL_SEEKFUNC_OK;
}

/* Before the request goes out; again when curl sends it over another connection. */
static int note_request(void *arg, char *to, char *from, int to_port, int from_port)
{
    struct http_transfer *transfer = arg;

    (void)to;
    (void)from;
    (void)to_port;
    (void)from_port;
    transfer->times_sent++;
    return CURL_PREREQFUNC_OK;
}

static enum http_phase find_phase(const struct http_transfer *transfer, uint64_t up)
{
    const struct http_request *request = transfer->request;
    curl_off_t ready_us = 0;

    if (transfer->headers_size > 0)
        return request->sink.spool || request->sink.taker ? HTTP_RECEIVING : HTTP_ANSWERING;
    curl_easy_getinfo(transfer->curl, CURLINFO_PRETRANSFER_TIME_T, &ready_us);
    if (ready_us == 0)
        return HTTP_CONNECTING;
    return up < request->body.size ? HTTP_SENDING : HTTP_WAITING;
}

/* Curl calls this at least once a second. What it counts as sent has left for the kernel. */
static int look_round(void *arg, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                      curl_off_t up)
{
    struct http_transfer *transfer = arg;
    uint64_t moved = (uint64_t)up + (uint64_t)down + transfer->headers_size;

    (void)down_total;
    (void)up_total;
    transfer->stuck = http_pace_is_lost(&transfer->pace, find_phase(transfer, (uint64_t)up), moved,
                                        clock_monotonic_ms());
    return transfer->stuck || cancel_abandoned(transfer->request->cancel);
}

bool http_transfer_explain_stuck(const struct http_transfer *transfer)
{
    const struct http_pace *pace = &transfer->pace;
    double seconds = (double)pace->window_ms / 1000;

    if (pace->phase == HTTP_WAITING || pace->phase == HTTP_ANSWERING)
        return error_set(transfer->err, ERROR_TRANSIENT, "S3.Timeout", "no answer for %g s",
                         seconds);
    return error_set(transfer->err, ERROR_TRANSIENT, "S3.Timeout",
                     "less than %d bytes a second for %g s", HTTP_LEAST_SPEED, seconds);
}

static void require(bool done)
{
    if (!done)
        abort();
}

#define SET(option, value) require(curl_easy_setopt(curl, (option), (value)) == CURLE_OK)

void http_transfer_attach(CURL *curl)
{
    SET(CURLOPT_HEADERFUNCTION, receive_header);
    SET(CURLOPT_WRITEFUNCTION, receive_body);
    SET(CURLOPT_READFUNCTION, send_body);
    SET(CURLOPT_SEEKFUNCTION, seek_body);
    SET(CURLOPT_PREREQFUNCTION, note_request);
    SET(CURLOPT_XFERINFOFUNCTION, look_round);
    SET(CURLOPT_NOPROGRESS, 0L);
}

void http_transfer_begin(struct http_transfer *transfer)
{
    CURL *curl = transfer->curl;

    SET(CURLOPT_HEADERDATA, transfer);
    SET(CURLOPT_WRITEDATA, transfer);
    SET(CURLOPT_READDATA, transfer);
    SET(CURLOPT_SEEKDATA, transfer);
    SET(CURLOPT_PREREQDATA, transfer);
    SET(CURLOPT_XFERINFODATA, transfer);
}
