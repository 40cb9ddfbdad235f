/* SPDX-License-Identifier: MIT */

/* HTTP exchanges. The curl door. */

#include "s3/http.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "base/memory.h"
#include "s3/http_transfer.h"

enum {
    TRANSFER_BUFFER = 256 * 1024,
    DNS_CACHE_S = 60,
};

struct http {
    CURL *curl;
    int64_t read_timeout_ms;
    const char *plain_proxy; /* borrowed; for http:// alone; NULL: as curl decides */
    bool broken;             /* the last exchange failed, and its connection with it */
    char reason[CURL_ERROR_SIZE];
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
    http_transfer_attach(curl);
}

/*
 * The variable that AWS's other clients obey and curl does not, as a CGI script finds a header of
 * its visitor's there.
 */
static const char *find_plain_proxy(void)
{
    const char *proxy = getenv("HTTP_PROXY");

    return proxy && *proxy && !getenv("http_proxy") && !getenv("REQUEST_METHOD") ? proxy : NULL;
}

struct http *http_open(const struct http_settings *settings)
{
    struct http *http = memory_new(1, sizeof(*http));

    http_prepare();
    http->curl = curl_easy_init();
    require(http->curl != NULL);
    http->read_timeout_ms = settings->read_timeout_ms;
    if (!settings->no_proxy)
        http->plain_proxy = find_plain_proxy();
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

static void set_for_request(struct http *http, struct http_transfer *transfer,
                            struct curl_slist *headers)
{
    CURL *curl = http->curl;

    set_method(curl, transfer->request);
    SET(CURLOPT_URL, transfer->request->url);
    if (http->plain_proxy)
        SET(CURLOPT_PROXY,
            strncasecmp(transfer->request->url, "http://", 7) == 0 ? http->plain_proxy : NULL);
    SET(CURLOPT_HTTPHEADER, headers);
    SET(CURLOPT_TIMEOUT_MS, transfer->request->timeout_ms);
    /* S3 has many addresses; the one that failed should not be asked again. */
    SET(CURLOPT_FRESH_CONNECT, (long)http->broken);
    SET(CURLOPT_DNS_CACHE_TIMEOUT, http->broken ? 0L : (long)DNS_CACHE_S);
    http_transfer_begin(transfer);
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
    case CURLE_OUT_OF_MEMORY: /* by curl's own limits; for the rest there is memory, or no process
                               */
        return error_set(err, ERROR_TRANSIENT, "S3.InvalidResponse",
                         "a header of the response is too long");
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

static bool perform(struct http *http, struct http_transfer *transfer)
{
    long status = 0;
    CURLcode code;

    http->reason[0] = '\0';
    code = curl_easy_perform(http->curl);
    curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &status);
    transfer->response->status = (int)status;
    http->broken = code != CURLE_OK;
    if (transfer->refused)
        return false;
    if (transfer->stuck && code == CURLE_ABORTED_BY_CALLBACK)
        return http_transfer_explain_stuck(transfer);
    return code == CURLE_OK || transfer->cut || explain(http, code, transfer->err);
}

bool http_exchange(struct http *http, const struct http_request *request,
                   struct http_response *response, struct error *err)
{
    struct http_transfer transfer = {
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
    http_pace_init(&transfer.pace, http->read_timeout_ms);
    if (!list_headers(request, &headers, err))
        goto out;
    set_for_request(http, &transfer, headers);
    ok = perform(http, &transfer);
    response->resent = transfer.times_sent > 1;

out:
    curl_slist_free_all(headers);
    return ok;
}

const char *http_libraries(void)
{
    return curl_version();
}
