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

static void open_ranges(struct store_input *input, struct store *store, struct s3_client *client,
                        const struct object *object, struct budget *budget,
                        const struct reader_waits *waits)
{
    input->ranges = s3_ranges_open(&(struct s3_ranges_request){
        .client = client,
        .bucket = store_bucket(store, object),
        .object = object,
        .budget = budget,
        .waits = waits ? *waits : (struct reader_waits){ ignore, ignore, NULL },
    });
    input->reader = s3_ranges_reader(input->ranges);
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

    if (ok && is_large && client && is_pinned(object))
        open_ranges(input, store, client, object, spool->budget, waits);
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
    if (input->ranges)
        return s3_ranges_check(input->ranges, err);
    return !input->file || directory_file_check(input->file, err);
}

void store_input_close(struct store_input *input)
{
    if (!input)
        return;
    s3_ranges_close(input->ranges);
    directory_file_close(input->file);
    free(input);
}
