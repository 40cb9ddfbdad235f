/* SPDX-License-Identifier: MIT */

/* Lists a prefix page by page. */

#include "s3/s3_listing.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/percent.h"
#include "s3/http.h"
#include "s3/s3_request.h"
#include "s3/s3_xml.h"

enum {
    QUERY_LIMIT = 64 * 1024,
    TRIES = 3,                    /* of a page that cannot be read */
    PAGE_LIMIT = 8 * 1024 * 1024, /* 1000 keys of 1024 bytes, all of them encoded, take half */
};

struct s3_listing {
    struct s3_client *client; /* borrowed */
    char *bucket;
    char *prefix;
    char *start_after; /* owned; NULL: the first key */
    unsigned max_keys; /* of a page; 0: as many as the server likes */
    struct buffer query;
    struct http_response response;
    struct s3_xml_page page;
    size_t next;  /* in page */
    bool started; /* a page was read */

    /* While the first page is on its way, all of this is the thread's. */
    struct s3_client *own; /* owned; NULL: nothing was begun */
    struct cancel cancel;  /* below the client's; of own */
    pthread_t thread;
    bool under_way;
    bool arrived;
    struct error failure;
};

struct s3_listing *s3_listing_open(struct s3_client *client, const char *bucket, const char *prefix)
{
    struct s3_listing *listing = memory_new(1, sizeof(*listing));

    listing->client = client;
    listing->bucket = memory_copy_text(bucket);
    listing->prefix = memory_copy_text(prefix);
    buffer_init(&listing->query, QUERY_LIMIT);
    http_response_init(&listing->response, PAGE_LIMIT);
    return listing;
}

/* Whether the page has come that was asked for beforehand, or none was. */
static bool await_first(struct s3_listing *listing, struct error *err)
{
    if (!listing->under_way)
        return true;
    pthread_join(listing->thread, NULL);
    listing->under_way = false;
    if (!listing->arrived)
        *err = listing->failure;
    return listing->arrived;
}

void s3_listing_close(struct s3_listing *listing)
{
    struct error ignored;

    if (!listing)
        return;
    cancel_set_deadline(&listing->cancel, 1); /* long ago */
    (void)await_first(listing, &ignored);
    s3_client_close(listing->own);
    s3_xml_page_release(&listing->page);
    http_response_release(&listing->response);
    buffer_release(&listing->query);
    free(listing->start_after);
    free(listing->prefix);
    free(listing->bucket);
    free(listing);
}

static void add_parameter(struct buffer *query, const char *name, const char *value)
{
    buffer_append_format(query, "%s%s=", query->size ? "&" : "", name);
    percent_encode(query, value, PERCENT_KEEP_NAME);
}

/* The names are in byte order, as the signature wants them. */
static const char *write_query(struct s3_listing *listing)
{
    struct buffer *query = &listing->query;

    buffer_clear(query);
    if (listing->page.next_token)
        add_parameter(query, "continuation-token", listing->page.next_token);
    /* XML cannot carry all bytes that keys can. */
    add_parameter(query, "encoding-type", "url");
    add_parameter(query, "list-type", "2");
    if (listing->max_keys)
        buffer_append_format(query, "&max-keys=%u", listing->max_keys);
    if (*listing->prefix)
        add_parameter(query, "prefix", listing->prefix);
    if (listing->start_after && !listing->page.next_token)
        add_parameter(query, "start-after", listing->start_after);
    return query->bytes;
}

static bool repeats_itself(const struct s3_listing *listing, const struct s3_xml_page *page)
{
    return page->next_token && listing->page.next_token &&
           strcmp(page->next_token, listing->page.next_token) == 0;
}

/* A page that was damaged on the way comes again; nothing else protects it over plain HTTP. */
static bool fetch_page(struct s3_listing *listing, struct s3_xml_page *page, struct error *err)
{
    struct s3_request request = {
        .operation = "ListObjectsV2",
        .method = "GET",
        .bucket = listing->bucket,
        .query = write_query(listing),
    };
    const struct buffer *body = &listing->response.body;
    struct error damage;

    for (int number = 1; number <= TRIES; number++) {
        if (!s3_client_send(listing->client, &request, &listing->response, err))
            return false;
        if (s3_xml_read_page(body->bytes, body->size, page, &damage))
            return true;
    }
    *err = damage;
    error_prefix(err, "ListObjectsV2 s3://%s/%s", listing->bucket, listing->prefix);
    return false;
}

static bool read_page(struct s3_listing *listing, struct error *err)
{
    struct s3_xml_page page;

    if (!fetch_page(listing, &page, err))
        return false;
    if (repeats_itself(listing, &page)) {
        s3_xml_page_release(&page);
        return error_set(err, ERROR_OBJECT, "S3.InvalidResponse",
                         "ListObjectsV2 s3://%s/%s: the server repeats a page", listing->bucket,
                         listing->prefix);
    }
    s3_xml_page_release(&listing->page);
    listing->page = page;
    listing->next = 0;
    listing->started = true;
    return true;
}

static void *fetch_first(void *arg)
{
    struct s3_listing *listing = arg;

    listing->arrived = read_page(listing, &listing->failure);
    return NULL;
}

void s3_listing_begin(struct s3_listing *listing)
{
    cancel_init_item(&listing->cancel, s3_client_cancel(listing->client));
    listing->own = s3_client_open(s3_client_service(listing->client), &listing->cancel);
    listing->client = listing->own;
    /* Without a thread it is fetched when it is needed. */
    listing->under_way = pthread_create(&listing->thread, NULL, fetch_first, listing) == 0;
}

bool s3_listing_next(struct s3_listing *listing, struct object *object, bool *found,
                     struct error *err)
{
    if (!await_first(listing, err))
        return false;
    /* A page may be empty and yet not the last one. */
    while (listing->next == listing->page.count &&
           (!listing->started || listing->page.next_token)) {
        if (!read_page(listing, err))
            return false;
    }
    *found = listing->next < listing->page.count;
    if (*found) {
        struct object *next = &listing->page.objects[listing->next++];

        *object = *next;
        *next = (struct object){ 0 };
    }
    return true;
}

/* Whether a key begins with prefix and comes after start_after (or NULL); it is put into *key. */
static bool find_first(struct s3_client *client, const char *bucket, const char *prefix,
                       const char *start_after, char **key, struct error *err)
{
    struct s3_listing *listing = s3_listing_open(client, bucket, prefix);
    struct object object = { 0 };
    bool found = false;
    bool ok;

    listing->start_after = memory_copy_text(start_after);
    listing->max_keys = 1;
    ok = s3_listing_next(listing, &object, &found, err);
    *key = found ? memory_copy_text(object.key) : NULL;
    if (found)
        object_release(&object);
    s3_listing_close(listing);
    return ok;
}

bool s3_listing_look(struct s3_client *client, const char *bucket, const char *prefix,
                     const char *skip, enum contents *contents, struct error *err)
{
    char *key;
    bool passed_over = false;
    bool ok = find_first(client, bucket, prefix, NULL, &key, err);

    if (ok && key && skip && strncmp(key, skip, strlen(skip)) == 0) {
        /* No UTF-8 sorts after this character, so the next key is the first one behind skip. */
        char *last = memory_format("%s\xf4\x8f\xbf\xbf", skip);

        passed_over = true;
        free(key);
        ok = find_first(client, bucket, prefix, last, &key, err);
        free(last);
    }
    *contents = key ? CONTENTS_SOME : passed_over ? CONTENTS_PASSED_OVER : CONTENTS_NONE;
    free(key);
    return ok;
}
