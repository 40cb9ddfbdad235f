/* SPDX-License-Identifier: MIT */

/* Asks for keys. */

#include "s3/credentials_web.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "s3/credentials_json.h"
#include "s3/s3_error.h"
#include "s3/s3_xml.h"

enum {
    ANSWER_LIMIT = 64 * 1024,
    FILE_LIMIT = 64 * 1024,
    READ_TIMEOUT_MS = 10 * 1000,
};

/* With jitter, as the jobs of an array ask all at once. */
static const struct backoff pauses = {
    .interval_ms = 400,
    .rate = 2,
    .max_delay_ms = 20000,
    .jitter = BACKOFF_FULL_JITTER,
};

static bool over_network(const struct credentials_place *place,
                         const struct credentials_question *question,
                         const struct http_request *request, struct http_response *response,
                         struct error *err)
{
    struct http_settings settings = {
        .ca_bundle = place->ca_bundle,
        .connect_timeout_ms = question->timeout_ms,
        .read_timeout_ms = READ_TIMEOUT_MS,
        .no_proxy = question->is_link_local,
    };
    struct http *http = http_open(&settings);
    bool ok = http_exchange(http, request, response, err);

    http_close(http);
    return ok;
}

/* What the service calls its refusal: STS in XML, the others in JSON. */
static const char *name_refusal(const struct http_response *response, struct s3_xml_error *error)
{
    const struct buffer *body = &response->body;

    if (response->status >= 400 && !s3_xml_read_sts_error(body->bytes, body->size, error))
        credentials_json_error(body->bytes, body->size, error->code, sizeof(error->code));
    return error->code;
}

/* STS asks to slow down with status 400. */
static bool is_passing(int status, const char *code)
{
    return status >= 500 || status == 429 || status == 408 || s3_error_is_passing(code);
}

/* Nothing of a URL that may be a secret: no user, no query, and no path that was chosen for us. */
static void log_attempt(const struct credentials_question *question, int status, unsigned number,
                        int64_t began_ms)
{
    const char *host = strstr(question->url, "://");
    const char *path;
    const char *user;

    host = host ? host + strlen("://") : question->url;
    path = host + strcspn(host, "/?#");
    user = memrchr(host, '@', (size_t)(path - host));
    host = user ? user + 1 : host;
    log_debug("%s %s %.*s%.*s: %d, %d ms, attempt %u", question->method, question->whom,
              (int)(path - host), host, question->hides_path ? 0 : (int)strcspn(path, "?#"), path,
              status, (int)(clock_monotonic_ms() - began_ms), number);
}

static bool attempt(const struct credentials_place *place,
                    const struct credentials_question *question, unsigned number,
                    struct http_response *response, struct error *err)
{
    struct http_request request = {
        .method = question->method,
        .url = question->url,
        .headers = question->headers,
        .header_count = question->header_count,
        .body = { .bytes = question->body, .size = question->body ? strlen(question->body) : 0 },
        .cancel = place->cancel,
        .timeout_ms = question->timeout_ms,
    };
    int64_t began_ms = clock_monotonic_ms();
    bool ok = place->web.exchange ? place->web.exchange(place->web.arg, &request, response, err)
                                  : over_network(place, question, &request, response, err);
    struct s3_xml_error refusal = { .code = "" };
    const char *code;

    log_attempt(question, response->status, number, began_ms);
    if (!ok)
        return false;
    code = name_refusal(response, &refusal);
    return !is_passing(response->status, code) ||
           error_set(err, ERROR_TRANSIENT, "S3.NoCredentials", "status %d%s%s", response->status,
                     *code ? " " : "", code);
}

bool credentials_ask(const struct credentials_place *place,
                     const struct credentials_question *question, struct http_response *response,
                     struct error *err)
{
    struct error failure;
    bool ok;

    http_response_init(response, ANSWER_LIMIT);
    for (unsigned number = 1;; number++) {
        ok = attempt(place, question, number, response, &failure);
        if (ok)
            return true;
        if (failure.kind != ERROR_TRANSIENT || number >= question->attempts ||
            (question->is_optional && response->status == 0))
            break;
        if (!cancel_sleep(place->cancel, (int64_t)backoff_delay_ms(&pauses, number))) {
            error_set(&failure, ERROR_CANCELLED, "Avmap.Interrupted", "interrupted");
            break;
        }
    }
    if (failure.kind == ERROR_CANCELLED)
        *err = failure;
    else
        error_set(err,
                  failure.kind == ERROR_TRANSIENT && response->status == 0 ? ERROR_TRANSIENT
                                                                           : ERROR_AUTH,
                  "S3.NoCredentials", "no keys from %s: %s", question->whom, failure.text);
    return false;
}

void credentials_forget(struct http_response *response)
{
    if (response->body.capacity)
        explicit_bzero(response->body.bytes, response->body.capacity);
    http_response_release(response);
}

char *credentials_read_file(const char *path, struct error *err)
{
    FILE *stream = fopen(path, "re");
    char *text;
    size_t size;

    if (!stream) {
        error_set(err, ERROR_AUTH, "S3.NoCredentials", "read %s: %s", path,
                  strerror(errno)); // NOLINT(concurrency-mt-unsafe): glibc's is safe
        return NULL;
    }
    text = memory_new(FILE_LIMIT + 1, 1);
    size = fread(text, 1, FILE_LIMIT, stream);
    fclose(stream);
    while (size > 0 && isspace((unsigned char)text[size - 1]))
        text[--size] = '\0';
    if (size > 0 && size < FILE_LIMIT)
        return text;
    memory_free_secret(text);
    error_set(err, ERROR_AUTH, "S3.NoCredentials", "%s is %s", path, size ? "too long" : "empty");
    return NULL;
}
