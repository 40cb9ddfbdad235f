/* SPDX-License-Identifier: MIT */

/* Puts an object while it is made. */

#include "store/store_write.h"

#include <string.h>

#include "base/clock.h"
#include "store/store_parts.h"

/* In a folder a file is worth it where S3 would begin with parts, too. */
enum { FILE_LEAST = 16 * 1024 * 1024 };

/* From here on the spool is the file that will be renamed. */
static bool use_file(struct store_write *write, struct error *err)
{
    return directory_write_open(&write->file, write->store->root, write->key, err) &&
           spool_use_file(write->spool, write->file.temporary.file, err);
}

static void use_stream(struct store_write *write)
{
    struct store *store = write->store;

    if (write->collects || !write->writer.only_start_changes)
        return;
    write->s3_request = store_s3_request(store, write->key, write->request);
    write->stream = s3_stream_open(store->client, &write->s3_request, write->spool);
    if (write->stream)
        write->writer.spool = NULL;
}

/* The object has outgrown what is collected; where it goes on is decided once. */
static bool outgrow(struct store_write *write, struct error *err)
{
    write->collected_max = UINT64_MAX;
    if (!write->store->client)
        return use_file(write, err);
    use_stream(write);
    return true;
}

static bool write_on(struct store_write *write, uint64_t offset, const void *bytes, size_t size,
                     struct error *err)
{
    if (write->collected_max < offset + size && !outgrow(write, err))
        return false;
    if (!write->stream)
        return spool_write(write->spool, offset, bytes, size, err);
    if (write->writer.ending)
        s3_stream_end_begins(write->stream);
    return s3_stream_write(write->stream, offset, bytes, size, err);
}

/* A CPU can be left to others meanwhile; what it takes to get it back is not spent here. */
static void wait_for_parts(struct store_write *write, size_t size)
{
    const struct reader_waits *waits = &write->waits;
    int64_t begin_ms;

    if (!write->stream || !waits->begin || !s3_stream_must_wait(write->stream, size))
        return;
    begin_ms = clock_monotonic_ms();
    waits->begin(waits->waiter);
    s3_stream_wait(write->stream);
    write->spent_ms += clock_monotonic_ms() - begin_ms;
    waits->end(waits->waiter);
}

static bool write_some(struct writer *writer, uint64_t offset, const void *bytes, size_t size,
                       struct error *err)
{
    struct store_write *write = (struct store_write *)writer;
    bool is_open = write->stream || write->file.temporary.name;
    int64_t begin_ms;
    bool ok;

    if (offset + size <= write->collected_max && !is_open)
        return spool_write(write->spool, offset, bytes, size, err);
    wait_for_parts(write, size);
    begin_ms = clock_monotonic_ms();
    ok = write_on(write, offset, bytes, size, err);
    write->spent_ms += clock_monotonic_ms() - begin_ms;
    write->failed |= !ok;
    write->written_twice |= !ok && strcmp(err->word, "Avmap.WrittenTwice") == 0;
    return ok;
}

void store_write_open(struct store_write *write, struct store *store, const char *key,
                      const struct store_put_request *request, struct spool *spool)
{
    *write = (struct store_write){
        .writer = { .write = write_some, .spool = spool },
        .store = store,
        .key = key,
        .request = request,
        .spool = spool,
        .file = { .temporary = { .file = -1, .lock = -1 } },
        .collected_max = store->client ? s3_stream_first_size(store->client) : FILE_LEAST,
    };
}

static bool finish(struct store_write *write, char **etag, struct error *err)
{
    const struct directory_marks marks = store_directory_marks(write->request);

    if (write->stream)
        return s3_stream_finish(write->stream, etag, err);
    if (write->file.temporary.name)
        return directory_write_finish(&write->file, &marks, write->request->only_new, err);
    return store_put(write->store, write->key, write->spool, write->request, etag, err);
}

bool store_write_finish(struct store_write *write, char **etag, struct error *err)
{
    int64_t begin_ms = clock_monotonic_ms();
    bool ok;

    if (etag)
        *etag = NULL;
    ok = finish(write, etag, err);
    write->spent_ms += clock_monotonic_ms() - begin_ms;
    write->failed |= !ok;
    return ok;
}

void store_write_close(struct store_write *write)
{
    s3_stream_close(write->stream);
    write->stream = NULL;
    directory_write_close(&write->file);
}
