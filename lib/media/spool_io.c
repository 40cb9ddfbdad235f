/* SPDX-License-Identifier: MIT */

/* Reads from a reader and writes to a writer where libav expects a file. */

#include "media/spool_io.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <libavutil/error.h>
#include <libavutil/mem.h>

#include "base/memory.h"
#include "media/libav_compat.h"

/* The sizes of ffmpeg's own file protocol: demuxers notice them when they probe and seek. */
enum { READ_BUFFER_SIZE = 32 * 1024, WRITE_BUFFER_SIZE = 256 * 1024 };

/* libavformat would pass on each packet by itself; so much is still in the CPU's first cache. */
enum { FLUSH_SIZE = 16 * 1024 };

static int64_t size_of(const struct spool_io *io)
{
    return (int64_t)(io->sink ? io->sink->size : io->source.size);
}

static int read_some(void *opaque, uint8_t *bytes, int size)
{
    struct spool_io *io = opaque;
    size_t got;

    /* A demuxer may look through a whole object for something it knows. */
    if (io->interrupt.callback && io->interrupt.callback(io->interrupt.opaque)) {
        error_set(&io->failure, ERROR_CANCELLED, "Avmap.Interrupted", "interrupted while reading");
        return AVERROR_EXIT;
    }
    if (!reader_read(&io->source, (uint64_t)io->position, bytes, (size_t)size, &got, &io->failure))
        return AVERROR(EIO);
    io->position += (int64_t)got;
    return got > 0 ? (int)got : AVERROR_EOF;
}

static int write_all(void *opaque, libav_written_byte *bytes, int size)
{
    struct spool_io *io = opaque;

    if (io->size_limit &&
        io->size_elsewhere + (uint64_t)io->position + (uint64_t)size > io->size_limit) {
        error_set(&io->failure, ERROR_MEDIA, "Media.ResultTooLarge",
                  "the result would be larger than the limit of %" PRIu64 " bytes", io->size_limit);
        return AVERROR(EIO);
    }
    if (!writer_write(io->sink, (uint64_t)io->position, bytes, (size_t)size, &io->failure))
        return AVERROR(EIO);
    io->position += size;
    return size;
}

static int64_t move(void *opaque, int64_t offset, int whence)
{
    struct spool_io *io = opaque;
    int64_t size = size_of(io);

    switch (whence & ~AVSEEK_FORCE) {
    case AVSEEK_SIZE:
        return size;
    case SEEK_CUR:
        offset += io->position;
        break;
    case SEEK_END:
        offset += size;
        break;
    default:
        break;
    }
    if (offset < 0)
        return AVERROR(EINVAL);
    io->position = offset;
    return offset;
}

/* Without a sink it reads. */
static struct spool_io *open_io(struct reader source, struct writer *sink)
{
    struct spool_io *io = memory_new(1, sizeof(*io));
    int size = sink ? WRITE_BUFFER_SIZE : READ_BUFFER_SIZE;
    unsigned char *buffer = av_malloc((size_t)size);

    io->source = source;
    io->sink = sink;
    if (buffer)
        io->context = avio_alloc_context(buffer, size, !!sink, io, sink ? NULL : read_some,
                                         sink ? write_all : NULL, move);
    if (!io->context) {
        av_free(buffer);
        free(io);
        return NULL;
    }
    io->context->min_packet_size = sink ? FLUSH_SIZE : 0;
    return io;
}

struct spool_io *spool_io_read(struct reader source)
{
    return open_io(source, NULL);
}

struct spool_io *spool_io_write(struct writer *writer)
{
    return open_io((struct reader){ .size = 0 }, writer);
}

void spool_io_close(struct spool_io *io)
{
    if (!io)
        return;
    av_freep(&io->context->buffer);
    avio_context_free(&io->context);
    free(io);
}

bool spool_io_failed(const struct spool_io *io, struct error *err)
{
    if (!io || io->failure.kind == ERROR_NONE)
        return false;
    *err = io->failure;
    return true;
}
