/* SPDX-License-Identifier: MIT */

/* Plays scripted HTTP replies. */

#include "canned_server.h"

#include <arpa/inet.h>
#include <assert.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/cancel.h"
#include "base/memory.h"

enum { CONNECTIONS_MAX = 32, REQUESTS_MAX = 1024, REQUEST_LIMIT = 64 * 1024 * 1024 };

struct canned_server {
    const struct canned_reply *replies;
    size_t count;
    int listener;
    int stop[2]; /* a pipe: readable when the server should end */
    char url[64];
    pthread_t thread;
    struct pollfd waiting[2 + CONNECTIONS_MAX]; /* stop, listener, connections; -1: free */

    pthread_mutex_t lock;

    /* Guarded by lock. */
    char *requests[REQUESTS_MAX];
    size_t request_count;
    size_t connection_count;
};

static void remember(struct canned_server *server, struct buffer *request, size_t *number)
{
    pthread_mutex_lock(&server->lock);
    assert(server->request_count < REQUESTS_MAX);
    *number = server->request_count++;
    server->requests[*number] = buffer_take(request);
    pthread_mutex_unlock(&server->lock);
}

static size_t body_size(const char *head)
{
    const char *length = strcasestr(head, "\r\ncontent-length:");

    return length ? strtoul(length + strlen("\r\ncontent-length:"), NULL, 10) : 0;
}

/* Reads until the request is complete; false when the client is gone. */
static bool read_request(int connection, struct buffer *request)
{
    char piece[65536];

    for (;;) {
        const char *end = strstr(request->bytes, "\r\n\r\n");
        ssize_t got;

        if (end && request->size >= (size_t)(end + 4 - request->bytes) + body_size(request->bytes))
            return true;
        got = recv(connection, piece, sizeof(piece), 0);
        if (got <= 0 || !buffer_append(request, piece, (size_t)got))
            return false;
    }
}

static bool send_all(int connection, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(connection, bytes, size, MSG_NOSIGNAL);

        if (sent <= 0)
            return false;
        bytes += sent;
        size -= (size_t)sent;
    }
    return true;
}

static bool send_body(int connection, const struct canned_reply *canned, const char *bytes,
                      size_t size)
{
    bool ok = true;

    if (!canned->trickle_ms)
        return send_all(connection, bytes, size);
    for (size_t i = 0; ok && i < size; i++) {
        cancel_sleep(NULL, canned->trickle_ms);
        ok = send_all(connection, bytes + i, 1);
    }
    return ok;
}

/* The part of a body that "range: bytes=FIRST-LAST" asks for. */
static void find_range(const char *request, size_t size, size_t *first, size_t *last)
{
    const char *range = strcasestr(request, "\r\nrange: bytes=");
    char *end;

    assert(range);
    *first = strtoul(range + strlen("\r\nrange: bytes="), &end, 10);
    *last = strtoul(end + 1, NULL, 10);
    assert(*first <= *last && *last < size);
}

/* Returns whether the connection goes on. */
static bool reply(int connection, const struct canned_reply *canned, const char *request)
{
    const char *body = canned->body ? canned->body : "";
    size_t whole = canned->body_size ? canned->body_size : strlen(body);
    bool with_body = strncmp(request, "HEAD ", 5) != 0;
    size_t first = 0;
    size_t last = whole - 1;
    char range[96] = "";
    size_t size;
    size_t sent_size;
    char *head;
    bool ok;

    if (canned->by_range && canned->status == 206) {
        find_range(request, whole, &first, &last);
        snprintf(range, sizeof(range), "Content-Range: bytes %zu-%zu/%zu\r\n", first, last, whole);
    }
    size = last + 1 - first;
    sent_size = canned->cut && canned->cut < size ? canned->cut : size;

    if (canned->delay_ms)
        cancel_sleep(NULL, canned->delay_ms);
    if (canned->status == 0)
        return false;
    head = memory_format("HTTP/1.1 %d Scripted\r\nContent-Length: %zu\r\n%s%s\r\n", canned->status,
                         size, range, canned->headers ? canned->headers : "");
    ok = (canned->bare || send_all(connection, head, strlen(head))) &&
         (!with_body || send_body(connection, canned, body + first, sent_size));
    free(head);
    return ok && sent_size == size && !canned->bare;
}

static bool serve(struct canned_server *server, int connection)
{
    struct buffer request;
    size_t number;
    bool ok;

    buffer_init(&request, REQUEST_LIMIT);
    ok = read_request(connection, &request);
    if (ok) {
        remember(server, &request, &number);
        ok =
            reply(connection, &server->replies[number < server->count ? number : server->count - 1],
                  canned_server_request(server, number));
    }
    buffer_release(&request);
    return ok;
}

static void accept_connection(struct canned_server *server)
{
    int connection = accept(server->listener, NULL, NULL);

    pthread_mutex_lock(&server->lock);
    server->connection_count++;
    pthread_mutex_unlock(&server->lock);
    for (size_t i = 2; i < 2 + CONNECTIONS_MAX; i++) {
        if (server->waiting[i].fd < 0) {
            server->waiting[i].fd = connection;
            return;
        }
    }
    close(connection);
}

static void *serve_all(void *arg)
{
    struct canned_server *server = arg;

    while (poll(server->waiting, 2 + CONNECTIONS_MAX, -1) >= 0 && !server->waiting[0].revents) {
        for (size_t i = 2; i < 2 + CONNECTIONS_MAX; i++) {
            if (server->waiting[i].fd < 0 || !server->waiting[i].revents)
                continue;
            if (!serve(server, server->waiting[i].fd)) {
                close(server->waiting[i].fd);
                server->waiting[i].fd = -1;
            }
        }
        if (server->waiting[1].revents)
            accept_connection(server);
    }
    return NULL;
}

static void listen_on_loopback(struct canned_server *server)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof(address);
    bool ok;

    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ok = server->listener >= 0 &&
         bind(server->listener, (struct sockaddr *)&address, sizeof(address)) == 0 &&
         listen(server->listener, CONNECTIONS_MAX) == 0 &&
         getsockname(server->listener, (struct sockaddr *)&address, &length) == 0 &&
         pipe(server->stop) == 0;
    assert(ok);
    snprintf(server->url, sizeof(server->url), "http://127.0.0.1:%d", ntohs(address.sin_port));
}

struct canned_server *canned_server_start(const struct canned_reply *replies, size_t count)
{
    struct canned_server *server = memory_new(1, sizeof(*server));
    int failed;

    server->replies = replies;
    server->count = count;
    pthread_mutex_init(&server->lock, NULL);
    listen_on_loopback(server);
    for (size_t i = 0; i < 2 + CONNECTIONS_MAX; i++)
        server->waiting[i] = (struct pollfd){ .fd = -1, .events = POLLIN };
    server->waiting[0].fd = server->stop[0];
    server->waiting[1].fd = server->listener;
    failed = pthread_create(&server->thread, NULL, serve_all, server);
    assert(!failed);
    return server;
}

void canned_server_stop(struct canned_server *server)
{
    close(server->stop[1]);
    pthread_join(server->thread, NULL);
    close(server->stop[0]);
    for (size_t i = 1; i < 2 + CONNECTIONS_MAX; i++) {
        if (server->waiting[i].fd >= 0)
            close(server->waiting[i].fd);
    }
    for (size_t i = 0; i < server->request_count; i++)
        free(server->requests[i]);
    pthread_mutex_destroy(&server->lock);
    free(server);
}

const char *canned_server_url(const struct canned_server *server)
{
    return server->url;
}

size_t canned_server_requests(struct canned_server *server)
{
    size_t count;

    pthread_mutex_lock(&server->lock);
    count = server->request_count;
    pthread_mutex_unlock(&server->lock);
    return count;
}

size_t canned_server_connections(struct canned_server *server)
{
    size_t count;

    pthread_mutex_lock(&server->lock);
    count = server->connection_count;
    pthread_mutex_unlock(&server->lock);
    return count;
}

const char *canned_server_request(struct canned_server *server, size_t number)
{
    const char *request;

    pthread_mutex_lock(&server->lock);
    request = number < server->request_count ? server->requests[number] : "";
    pthread_mutex_unlock(&server->lock);
    return request;
}

bool canned_server_saw(struct canned_server *server, size_t number, const char *text)
{
    return strstr(canned_server_request(server, number), text) != NULL;
}
