/* SPDX-License-Identifier: MIT */

/* HTTP exchanges. The curl door. */

#include "s3/http.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "base/clock.h"
#include "base/memory.h"
#include "s3/http_pace.h"

enum {
    TRANSFER_BUFFER = 256 * 1024,
    HEADERS_LIMIT = 256 * 1024, /* of one response; S3 sends about 1 KiB */
    DNS_CACHE_S = 60,
};

struct http {
    CURL *curl;
    int64_t read_timeout_ms;
    bool broken; /* the last exchange failed, and its connection with it */
    char reason[CURL_ERROR_SIZE];
};

/* What the callbacks need of the exchange under way. */
struct exchange {
    CURL *curl;
    const struct http_request *request;
    struct http_response *response;
    const char *bytes; /* the request's body when it lies in memory */
    uint64_t sent;
    uint64_t position; /* in the sink, of the next byte */
    size_t headers_size;
    struct http_pace pace;
    bool resent;
    bool stuck;   /* its pace was lost */
    bool cut;     /* enough of an error's body was read */
    bool refused; /* a callback failed; *err says why */
    struct error *err;
};

static pthread_once_t prepared = PTHREAD_ONCE_INIT;

static void require(bool done)
{
    if (!done)
        abort();
}

static void prepare(void)
{
    require(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
}

void http_prepare(void)
{
    pthread_once(&prepared, prepare);
}

const char *http_body_bytes(const struct http_body *body)
{
    const char *spooled = body->spool ? spool_bytes(body->spool) : NULL;

    return spooled ? spooled + body->offset : body->bytes;
}

static size_t receive_header(char *line, size_t one, size_t length, void *arg)
{
    struct exchange *exchange = arg;

    (void)one;
    exchange->headers_size += length;
    if (exchange->headers_size > HEADERS_LIMIT) {
        exchange->refused = true;
        error_set(exchange->err, ERROR_TRANSIENT, "S3.InvalidResponse",
                  "the response has more than %d bytes of headers", HEADERS_LIMIT);
        return 0;
    }
    /* A status line begins a response; what came before was an interim one (RFC 9110 15.2). */
    if (length > 5 && memcmp(line, "HTTP/", 5) == 0)
        http_response_clear(exchange->response);
    else
        http_response_keep(exchange->response, line, length);
    return length;
}

/* A 206 must begin where it was asked to; all other responses begin at the first byte. */
static bool find_position(struct exchange *exchange)
{
    const struct http_response *response = exchange->response;
    char *expected;
    bool matches;

    exchange->position = 0;
    if (response->status != 206)
        return true;
    exchange->position = exchange->request->sink.first;
    expected = memory_format("bytes %llu-", (unsigned long long)exchange->position);
    matches = strncmp(response->content_range, expected, strlen(expected)) == 0;
    free(expected);
    return matches || error_set(exchange->err, ERROR_OBJECT, "S3.InvalidResponse",
                                "asked for the bytes from %llu on, got \"%s\"",
                                (unsigned long long)exchange->position, response->content_range);
}

static bool fill_sink(struct exchange *exchange, const char *bytes, size_t size)
{
    const struct http_sink *sink = &exchange->request->sink;

    if (exchange->response->received == 0 && !find_position(exchange))
        return false;
    if (size > sink->limit || exchange->position > sink->limit - size)
        return error_set(exchange->err, ERROR_OBJECT, "S3.SizeMismatch",
                         "the object is longer than the %llu bytes expected",
                         (unsigned long long)sink->limit);
    if (!spool_write(sink->spool, exchange->position, bytes, size, exchange->err))
        return false;
    exchange->position += size;
    return true;
}

static bool fill_buffer(struct exchange *exchange, const char *bytes, size_t size)
{
    struct buffer *body = &exchange->response->body;
    size_t room = body->limit - body->size;

    if (size <= room)
        return buffer_append(body, bytes, size);
    if (exchange->response->status < 300)
        return error_set(exchange->err, ERROR_OBJECT, "S3.InvalidResponse",
                         "the response is longer than %zu bytes", body->limit);
    buffer_append(body, bytes, room);
    exchange->cut = true;
    return false;
}

static size_t receive_body(char *bytes, size_t one, size_t size, void *arg)
{
    struct exchange *exchange = arg;
    struct http_response *response = exchange->response;
    long status = 0;
    bool ok;

    (void)one;
    curl_easy_getinfo(exchange->curl, CURLINFO_RESPONSE_CODE, &status);
    response->status = (int)status;
    if (exchange->request->sink.taker && status < 300)
        ok = exchange->request->sink.taker->take(exchange->request->sink.taker, response, bytes,
                                                 size, exchange->err);
    else if (exchange->request->sink.spool && status < 300)
        ok = fill_sink(exchange, bytes, size);
    else
        ok = fill_buffer(exchange, bytes, size);
    if (!ok) {
        exchange->refused = !exchange->cut;
        return 0;
    }
    response->received += size;
    return size;
}

static size_t send_body(char *to, size_t one, size_t room, void *arg)
{
    struct exchange *exchange = arg;
    const struct http_body *body = &exchange->request->body;
    size_t count = room;

    (void)one;
    if (count > body->size - exchange->sent)
        count = (size_t)(body->size - exchange->sent);
    if (exchange->bytes) {
        memcpy(to, exchange->bytes + exchange->sent, count);
    } else if (count > 0 && !spool_read(body->spool, body->offset + exchange->sent, to, count,
                                        &count, exchange->err)) {
        exchange->refused = true;
        return CURL_READFUNC_ABORT;
    }
    exchange->sent += count;
    return count;
}

/* curl goes back to the start when a connection it had kept open turns out to be closed. */
static int seek_body(void *arg, curl_off_t offset, int origin)
{
    struct exchange *exchange = arg;

    if (origin != SEEK_SET || offset < 0 || (uint64_t)offset > exchange->request->body.size)
        return CURL_SEEKFUNC_FAIL;
    exchange->resent = exchange->sent > 0;
    exchange->sent = (uint64_t)offset;
    return CURL_SEEKFUNC_OK;
}

static enum http_phase find_phase(const struct exchange *exchange, uint64_t up)
{
    const struct http_request *request = exchange->request;
    curl_off_t ready_us = 0;

    if (exchange->headers_size > 0)
        return request->sink.spool ? HTTP_RECEIVING : HTTP_ANSWERING;
    curl_easy_getinfo(exchange->curl, CURLINFO_PRETRANSFER_TIME_T, &ready_us);
    if (ready_us == 0)
        return HTTP_CONNECTING;
    return up < request->body.size ? HTTP_SENDING : HTTP_WAITING;
}

/* Curl calls this at least once a second. What it counts as sent has left for the kernel. */
static int look_round(void *arg, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                      curl_off_t up)
{
    struct exchange *exchange = arg;
    uint64_t moved = (uint64_t)up + (uint64_t)down + exchange->headers_size;

    (void)down_total;
    (void)up_total;
    exchange->stuck = http_pace_is_lost(&exchange->pace, find_phase(exchange, (uint64_t)up), moved,
                                        clock_monotonic_ms());
    return exchange->stuck || cancel_abandoned(exchange->request->cancel);
}

/* A line break in a value would begin a header of its own; keys and ETags come from outside. */
static bool is_sendable(const char *value)
{
    if (!*value)
        return false;
    for (; *value; value++) {
        unsigned char byte = (unsigned char)*value;

        if (byte < 0x20 || byte == 0x7f)
            return false;
    }
    return true;
}

static bool list_headers(const struct http_request *request, struct curl_slist **list,
                         struct error *err)
{
    /* Curl's own ideas: S3 needs neither, and waiting for a 100 costs a round trip. */
    *list = curl_slist_append(NULL, "Expect:");
    *list = curl_slist_append(*list, "Accept:");
    for (size_t i = 0; i < request->header_count; i++) {
        const struct http_header *header = &request->headers[i];
        char *line;

        if (!is_sendable(header->value))
            return error_set(err, ERROR_OBJECT, "S3.InvalidHeader",
                             "the value of header %s cannot be sent", header->name);
        line = memory_format("%s: %s", header->name, header->value);
        *list = curl_slist_append(*list, line);
        free(line);
        require(*list != NULL);
    }
    return true;
}

#define SET(option, value) require(curl_easy_setopt(curl, (option), (value)) == CURLE_OK)

/* Once per handle: curl 7.88 refuses a buffer size after some failed transfers. */
static void set_for_good(struct http *http, const struct http_settings *settings)
{
    CURL *curl = http->curl;

    SET(CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075500
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
#else
    SET(CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_PATH_AS_IS, 1L);
    SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    SET(CURLOPT_TCP_NODELAY, 1L);
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    SET(CURLOPT_BUFFERSIZE, (long)TRANSFER_BUFFER);
    SET(CURLOPT_UPLOAD_BUFFERSIZE, (long)TRANSFER_BUFFER);
    SET(CURLOPT_CONNECTTIMEOUT_MS, settings->connect_timeout_ms);
    SET(CURLOPT_USERAGENT, "avmap/" AVMAP_VERSION);
    SET(CURLOPT_ERRORBUFFER, http->reason);
    if (settings->ca_bundle)
        SET(CURLOPT_CAINFO, settings->ca_bundle); /* curl copies it */
    if (settings->no_proxy)
        SET(CURLOPT_PROXY, "");
    SET(CURLOPT_HEADERFUNCTION, receive_header);
    SET(CURLOPT_WRITEFUNCTION, receive_body);
    SET(CURLOPT_READFUNCTION, send_body);
    SET(CURLOPT_SEEKFUNCTION, seek_body);
    SET(CURLOPT_XFERINFOFUNCTION, look_round);
    SET(CURLOPT_NOPROGRESS, 0L);
}

struct http *http_open(const struct http_settings *settings)
{
    struct http *http = memory_new(1, sizeof(*http));

    http_prepare();
    http->curl = curl_easy_init();
    require(http->curl != NULL);
    http->read_timeout_ms = settings->read_timeout_ms;
    set_for_good(http, settings);
    return http;
}

void http_close(struct http *http)
{
    if (!http)
        return;
    curl_easy_cleanup(http->curl);
    free(http);
}

static void set_method(CURL *curl, const struct http_request *request)
{
    const char *method = request->method;

    SET(CURLOPT_HTTPGET, 1L); /* undoes NOBODY and UPLOAD of the request before */
    if (strcmp(method, "HEAD") == 0) {
        SET(CURLOPT_NOBODY, 1L);
    } else if (strcmp(method, "PUT") == 0 || strcmp(method, "POST") == 0) {
        SET(CURLOPT_UPLOAD, 1L);
        SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)request->body.size);
    }
    SET(CURLOPT_CUSTOMREQUEST, method);
}

static void set_for_request(struct http *http, struct exchange *exchange,
                            struct curl_slist *headers)
{
    CURL *curl = http->curl;

    set_method(curl, exchange->request);
    SET(CURLOPT_URL, exchange->request->url);
    SET(CURLOPT_HTTPHEADER, headers);
    SET(CURLOPT_TIMEOUT_MS, exchange->request->timeout_ms);
    /* S3 has many addresses; the one that failed should not be asked again. */
    SET(CURLOPT_FRESH_CONNECT, (long)http->broken);
    SET(CURLOPT_DNS_CACHE_TIMEOUT, http->broken ? 0L : (long)DNS_CACHE_S);
    SET(CURLOPT_HEADERDATA, exchange);
    SET(CURLOPT_WRITEDATA, exchange);
    SET(CURLOPT_READDATA, exchange);
    SET(CURLOPT_SEEKDATA, exchange);
    SET(CURLOPT_XFERINFODATA, exchange);
}

static bool explain(struct http *http, CURLcode code, struct error *err)
{
    const char *reason = http->reason[0] ? http->reason : curl_easy_strerror(code);
    long number = 0;

    switch (code) {
    case CURLE_ABORTED_BY_CALLBACK:
        return error_set(err, ERROR_CANCELLED, "Avmap.Interrupted", "interrupted");
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
        return error_set(err, ERROR_AUTH, "S3.TlsNotVerified",
                         "%s (--ca-bundle names the certificates to trust)", reason);
    case CURLE_URL_MALFORMAT:
        return error_set(err, ERROR_USAGE, "Avmap.Usage", "%s", reason);
    case CURLE_OUT_OF_MEMORY:
        return error_set_errno(err, ERROR_LOCAL, ENOMEM, "%s", reason);
    case CURLE_OPERATION_TIMEDOUT:
        return error_set(err, ERROR_TRANSIENT, "S3.Timeout", "%s", reason);
    case CURLE_COULDNT_CONNECT:
        curl_easy_getinfo(http->curl, CURLINFO_OS_ERRNO, &number);
        if (number == EMFILE || number == ENFILE)
            return error_set_errno(err, ERROR_LOCAL, (int)number, "open a connection");
        break;
    default:
        break;
    }
    return error_set(err, ERROR_TRANSIENT, "S3.ConnectionFailed", "%s", reason);
}

static bool explain_stuck(const struct exchange *exchange)
{
    const struct http_pace *pace = &exchange->pace;
    double seconds = (double)pace->window_ms / 1000;

    if (pace->phase == HTTP_WAITING || pace->phase == HTTP_ANSWERING)
        return error_set(exchange->err, ERROR_TRANSIENT, "S3.Timeout", "no answer for %g s",
                         seconds);
    return error_set(exchange->err, ERROR_TRANSIENT, "S3.Timeout",
                     "less than %d bytes a second for %g s", HTTP_LEAST_SPEED, seconds);
}

static bool perform(struct http *http, struct exchange *exchange)
{
    long status = 0;
    CURLcode code;

    http->reason[0] = '\0';
    code = curl_easy_perform(http->curl);
    curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &status);
    exchange->response->status = (int)status;
    http->broken = code != CURLE_OK;
    if (exchange->refused)
        return false;
    if (exchange->stuck && code == CURLE_ABORTED_BY_CALLBACK)
        return explain_stuck(exchange);
    return code == CURLE_OK || exchange->cut || explain(http, code, exchange->err);
}

bool http_exchange(struct http *http, const struct http_request *request,
                   struct http_response *response, struct error *err)
{
    struct exchange exchange = {
        .curl = http->curl,
        .request = request,
        .response = response,
        .bytes = http_body_bytes(&request->body),
        .err = err,
    };
    struct curl_slist *headers = NULL;
    bool ok = false;

    assert(!request->sink.spool || request->sink.first <= request->sink.limit);
    http_response_clear(response);
    http_pace_init(&exchange.pace, http->read_timeout_ms);
    if (!list_headers(request, &headers, err))
        goto out;
    set_for_request(http, &exchange, headers);
    ok = perform(http, &exchange);
    response->resent = exchange.resent;

out:
    curl_slist_free_all(headers);
    return ok;
}

const char *http_libraries(void)
{
    return curl_version();
}
