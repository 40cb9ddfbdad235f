/* SPDX-License-Identifier: MIT */

/* Marks frames by their opaque_ref, which libav keeps with all that is made of them. */

#include "media/frame_memory.h"

#include <inttypes.h>
#include <stdlib.h>

#include <libavutil/buffer.h>

#include "base/memory.h"
#include "media/libav.h"
#include "media/libav_compat.h"

struct mark {
    struct frame_memory *memory;
    uint64_t bytes;
};

uint64_t frame_memory_of(const AVFrame *frame)
{
    uint64_t bytes = 0;

    for (unsigned i = 0; i < AV_NUM_DATA_POINTERS; i++)
        bytes += frame->buf[i] ? frame->buf[i]->size : 0;
    for (int i = 0; i < frame->nb_extended_buf; i++)
        bytes += frame->extended_buf[i]->size;
    return bytes;
}

static void free_mark(void *opaque, uint8_t *unused)
{
    struct mark *mark = opaque;

    (void)unused;
    atomic_fetch_sub(&mark->memory->bytes, mark->bytes);
    free(mark);
}

static int set_mark(struct frame_memory *memory, AVFrame *frame, uint64_t bytes)
{
    struct mark *mark = memory_new(1, sizeof(*mark));
    AVBufferRef *reference;

    *mark = (struct mark){ memory, bytes };
    reference = av_buffer_create((uint8_t *)mark, sizeof(*mark), free_mark, mark, 0);
    if (!reference) {
        free(mark);
        return AVERROR(ENOMEM);
    }
    av_buffer_unref(&frame->opaque_ref);
    frame->opaque_ref = reference;
    if (atomic_fetch_add(&memory->bytes, bytes) + bytes > memory->limit)
        atomic_store(&memory->exceeded, true);
    return 0;
}

static int get_buffer(AVCodecContext *decoder, AVFrame *frame, int flags)
{
    struct frame_memory *memory = decoder->opaque;
    int status = avcodec_default_get_buffer2(decoder, frame, flags);

    if (status >= 0)
        status = set_mark(memory, frame, frame_memory_of(frame));
    return status >= 0 && atomic_load(&memory->exceeded) ? AVERROR(ENOMEM) : status;
}

void frame_memory_watch(struct frame_memory *memory, AVCodecContext *decoder)
{
    if (!memory->limit)
        return;
    decoder->opaque = memory;
    libav_set_get_buffer(decoder, get_buffer);
}

bool frame_memory_count(struct frame_memory *memory, AVFrame *frame, uint64_t bytes,
                        struct error *err)
{
    uint64_t own = frame_memory_of(frame);
    int status = memory->limit ? set_mark(memory, frame, bytes > own ? bytes : own) : 0;

    if (status < 0)
        return libav_error(err, status, "filter a frame");
    return frame_memory_check(memory, err);
}

void frame_memory_forget(AVFrame *frame)
{
    av_buffer_unref(&frame->opaque_ref);
}

bool frame_memory_check(const struct frame_memory *memory, struct error *err)
{
    return !atomic_load(&memory->exceeded) ||
           error_set(err, ERROR_MEDIA, "Media.TooMuchMemory",
                     "the frames that decoders and filters hold take more than the limit of "
                     "%" PRIu64 " bytes (--max-item-memory)",
                     memory->limit);
}
