/* SPDX-License-Identifier: MIT */

/* Chooses how an object is read. */

#include "store/store_input.h"

#include <stdlib.h>

#include "base/memory.h"
#include "directory/directory_file.h"
#include "s3/s3_ranges.h"
#include "store/store_parts.h"

/* Below this one request is faster, and its bytes can be checked as a whole. */
enum { LARGE = 16 * 1024 * 1024 };

struct store_input {
    struct reader reader;
    struct s3_ranges *ranges;    /* owned; NULL: none */
    struct directory_file *file; /* owned; NULL: none */

    /* With ranges, in case that the server turns out to know none; all borrowed. */
    struct store *store;
    const struct object *object;
    struct spool *spool;
    struct reader_waits waits;
    bool is_whole;        /* it has, and the object is in spool now */
    struct error failure; /* unless this says why not */
};

static void ignore(void *waiter)
{
    (void)waiter;
}

/* Ranges of an object fit together only when something names its version. */
static bool is_pinned(const struct object *object)
{
    return object->etag || object->version_id;
}

static bool whole_is_there(const struct store_input *input, struct error *err)
{
    if (input->failure.kind == ERROR_NONE)
        return true;
    *err = input->failure;
    return false;
}

/* The same version, so that it goes on with what was read in ranges before. */
static bool fetch_whole(struct store_input *input, struct error *err)
{
    bool ok;

    if (!input->is_whole) {
        input->waits.begin(input->waits.waiter);
        ok = store_fetch(input->store, input->object, input->spool, &input->failure);
        input->waits.end(input->waits.waiter);
        input->is_whole = true;
        if (ok)
            input->failure.kind = ERROR_NONE;
    }
    return whole_is_there(input, err);
}

static bool read_ranges(void *source, uint64_t offset, void *bytes, size_t size, size_t *got,
                        struct error *err)
{
    struct store_input *input = source;
    const struct reader ranges = s3_ranges_reader(input->ranges);

    if (!input->is_whole && reader_read(&ranges, offset, bytes, size, got, err))
        return true;
    *got = 0;
    return s3_ranges_are_refused(input->ranges) && fetch_whole(input, err) &&
           spool_read(input->spool, offset, bytes, size, got, err);
}

static void open_ranges(struct store_input *input, struct s3_client *client,
                        const struct reader_waits *waits)
{
    const struct object *object = input->object;

    input->waits = waits ? *waits : (struct reader_waits){ ignore, ignore, NULL };
    input->ranges = s3_ranges_open(&(struct s3_ranges_request){
        .client = client,
        .bucket = store_bucket(input->store, object),
        .object = object,
        .budget = input->spool->budget,
        .waits = input->waits,
    });
    input->reader = (struct reader){ read_ranges, input, object->size };
}

static bool open_file(struct store_input *input, struct store *store, const struct object *object,
                      struct error *err)
{
    input->file = directory_file_open(store->root, object, err);
    if (!input->file)
        return false;
    input->reader = directory_file_reader(input->file);
    return true;
}

static bool open_spool(struct store_input *input, struct store *store, const struct object *object,
                       struct spool *spool, struct error *err)
{
    if (!store_fetch(store, object, spool, err))
        return false;
    input->reader = reader_of_spool(spool);
    return true;
}

struct store_input *store_input_open(struct store *store, const struct object *object,
                                     struct spool *spool, const struct reader_waits *waits,
                                     struct error *err)
{
    bool is_large = object->size > LARGE && !object->size_unknown && !object->needs_look_up;
    struct store_input *input = memory_new(1, sizeof(*input));
    struct s3_client *client;
    bool ok = store_client(store, object, &client, err);

    input->store = store;
    input->object = object;
    input->spool = spool;
    if (ok && is_large && client && is_pinned(object) && s3_ranges_are_known(client))
        open_ranges(input, client, waits);
    else if (ok && is_large && !client)
        ok = open_file(input, store, object, err);
    else if (ok)
        ok = open_spool(input, store, object, spool, err);
    if (ok)
        return input;
    store_input_close(input);
    return NULL;
}

struct reader store_input_reader(const struct store_input *input)
{
    return input->reader;
}

bool store_input_check(const struct store_input *input, struct error *err)
{
    if (input->is_whole)
        return whole_is_there(input, err);
    if (input->ranges)
        return s3_ranges_check(input->ranges, err);
    return !input->file || directory_file_check(input->file, err);
}

bool store_input_judge(const struct store_input *input, bool ok, struct error *err)
{
    struct error damage;

    if (ok)
        return store_input_check(input, err);
    if (err->kind == ERROR_MEDIA && !store_input_check(input, &damage))
        *err = damage;
    return false;
}

void store_input_close(struct store_input *input)
{
    if (!input)
        return;
    s3_ranges_close(input->ranges);
    directory_file_close(input->file);
    free(input);
}
