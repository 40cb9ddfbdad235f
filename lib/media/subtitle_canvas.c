/* SPDX-License-Identifier: MIT */

/* Draws subtitles for filters. */

#include "media/subtitle_canvas.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <libavfilter/buffersrc.h>
#include <libavutil/imgutils.h>
#include <libavutil/macros.h>
#include <libavutil/mathematics.h>

#include "base/memory.h"
#include "media/time_math.h"

/* Where neither the subtitles nor a picture have a size, that of a DVD. */
enum { USUAL_WIDTH = 720, USUAL_HEIGHT = 576 };

struct subtitle_canvas *subtitle_canvas_new(const struct source *source)
{
    struct subtitle_canvas *canvas = memory_new(1, sizeof(*canvas));

    canvas->source = source;
    return canvas;
}

void subtitle_canvas_free(struct subtitle_canvas *canvas)
{
    if (!canvas)
        return;
    for (unsigned i = 0; i < canvas->waiting_count; i++)
        avsubtitle_free(&canvas->waiting[i]);
    free(canvas->waiting);
    av_frame_free(&canvas->frame);
    free(canvas);
}

static const struct input_stream *stream_of(const struct subtitle_canvas *canvas)
{
    return canvas->source->stream;
}

/* The largest picture of the same input. */
static void measure(struct subtitle_canvas *canvas)
{
    const struct input *input = stream_of(canvas)->input;

    for (unsigned i = 0; i < input->stream_count; i++) {
        const AVCodecParameters *parameters = input->streams[i].stream->codecpar;

        if (parameters->codec_type != AVMEDIA_TYPE_VIDEO)
            continue;
        canvas->width = FFMAX(canvas->width, parameters->width);
        canvas->height = FFMAX(canvas->height, parameters->height);
    }
    if (canvas->width && canvas->height)
        return;
    canvas->width = FFMAX(canvas->width, USUAL_WIDTH);
    canvas->height = FFMAX(canvas->height, USUAL_HEIGHT);
}

static int width_of(const struct subtitle_canvas *canvas)
{
    int width = canvas->source->decoder.context->width;

    return width ? width : canvas->width;
}

static int height_of(const struct subtitle_canvas *canvas)
{
    int height = canvas->source->decoder.context->height;

    return height ? height : canvas->height;
}

static bool is_small_enough(const struct subtitle_canvas *canvas)
{
    uint64_t limit = stream_of(canvas)->input->limits.pixels;
    int width = width_of(canvas);
    int height = height_of(canvas);

    return av_image_check_size2((unsigned)width, (unsigned)height,
                                limit && limit < INT64_MAX ? (int64_t)limit : INT64_MAX,
                                AV_PIX_FMT_RGB32, 0, NULL) >= 0;
}

int subtitle_canvas_prepare(struct subtitle_canvas *canvas, struct frame_shape *shape)
{
    canvas->width = shape->width;
    canvas->height = shape->height;
    if (!canvas->width || !canvas->height)
        measure(canvas);
    if (!is_small_enough(canvas))
        return AVERROR(EINVAL);
    shape->width = width_of(canvas);
    shape->height = height_of(canvas);
    shape->format = AV_PIX_FMT_RGB32;
    if (!canvas->frame)
        canvas->frame = av_frame_alloc();
    canvas->shown_pts = INT64_MIN;
    canvas->end_pts = INT64_MIN;
    canvas->begins = true;
    return canvas->frame ? 0 : AVERROR(ENOMEM);
}

static bool clear(struct subtitle_canvas *canvas)
{
    AVFrame *frame = canvas->frame;

    av_frame_unref(frame);
    frame->width = width_of(canvas);
    frame->height = height_of(canvas);
    frame->format = AV_PIX_FMT_RGB32;
    if (!is_small_enough(canvas) || av_frame_get_buffer(frame, 0) < 0)
        return false;
    memset(frame->data[0], 0, (size_t)frame->height * (size_t)frame->linesize[0]);
    return true;
}

static void draw(const AVFrame *frame, const AVSubtitleRect *rectangle)
{
    const uint32_t *palette;

    if (rectangle->type != SUBTITLE_BITMAP || rectangle->x < 0 || rectangle->y < 0 ||
        rectangle->w > frame->width - rectangle->x || rectangle->h > frame->height - rectangle->y)
        return;
    palette = (const uint32_t *)(const void *)rectangle->data[1];
    for (int y = 0; y < rectangle->h; y++) {
        const uint8_t *from = rectangle->data[0] + (ptrdiff_t)y * rectangle->linesize[0];
        uint32_t *to = (uint32_t *)(void *)(frame->data[0] +
                                            (ptrdiff_t)(rectangle->y + y) * frame->linesize[0]);

        for (int x = 0; x < rectangle->w; x++)
            to[rectangle->x + x] = palette[from[x]];
    }
}

static AVFilterContext *end_of(const struct source_feed *feed)
{
    return feed->filter->graph ? feed->filter->inputs[feed->input].source : NULL;
}

/* frame NULL: no more come. A graph that refuses it goes on without, as in ffmpeg. */
static void send_frame(const struct subtitle_canvas *canvas, AVFrame *frame)
{
    for (unsigned i = 0; i < canvas->source->feed_count; i++) {
        AVFilterContext *end = end_of(&canvas->source->feeds[i]);
        int status = end ? av_buffersrc_add_frame_flags(
                               end, frame, AV_BUFFERSRC_FLAG_KEEP_REF | AV_BUFFERSRC_FLAG_PUSH)
                         : 0;

        if (status < 0 && status != AVERROR_EOF)
            av_log(end, AV_LOG_WARNING, "a subtitle was not shown\n");
    }
}

static void send_canvas(struct subtitle_canvas *canvas, int64_t pts)
{
    canvas->shown_pts = canvas->frame->pts = pts;
    send_frame(canvas, canvas->frame);
}

static void show(struct subtitle_canvas *canvas, const AVSubtitle *subtitle)
{
    AVRational base = stream_of(canvas)->stream->time_base;
    int64_t begin = time_plus(subtitle->pts, subtitle->start_display_time * INT64_C(1000));
    int64_t end = time_plus(subtitle->pts, subtitle->end_display_time * INT64_C(1000));

    if (!clear(canvas))
        return;
    for (unsigned i = 0; i < subtitle->num_rects; i++)
        draw(canvas->frame, subtitle->rects[i]);
    send_canvas(canvas, av_rescale_q(begin, AV_TIME_BASE_Q, base));
    canvas->end_pts = av_rescale_q(end, AV_TIME_BASE_Q, base);
    canvas->begins = false;
}

/* Nothing is shown from where the last subtitle ended, or from begin when there was none. */
static void show_nothing(struct subtitle_canvas *canvas, int64_t begin)
{
    if (!clear(canvas))
        return;
    send_canvas(canvas, canvas->begins ? begin : canvas->end_pts);
    canvas->end_pts = INT64_MAX;
    canvas->begins = false;
}

void subtitle_canvas_catch_up(struct subtitle_canvas *canvas)
{
    for (unsigned i = 0; i < canvas->waiting_count; i++) {
        show(canvas, &canvas->waiting[i]);
        avsubtitle_free(&canvas->waiting[i]);
    }
    canvas->waiting_count = 0;
    canvas->waiting_bytes = 0;
}

static bool keep(struct subtitle_canvas *canvas, const AVSubtitle *subtitle, uint64_t limit,
                 struct error *err)
{
    uint64_t bytes = sizeof(*subtitle);

    for (unsigned i = 0; i < subtitle->num_rects; i++)
        bytes += (uint64_t)subtitle->rects[i]->w * (uint64_t)subtitle->rects[i]->h +
                 sizeof(*subtitle->rects[i]);
    if (limit && canvas->waiting_bytes + bytes > limit)
        return error_set(err, ERROR_MEDIA, "Media.TooMuchMemory",
                         "subtitles that wait for another input of the filters take more than "
                         "the limit of %" PRIu64 " bytes",
                         limit);
    canvas->waiting =
        memory_grow(canvas->waiting, canvas->waiting_count + 1, sizeof(*canvas->waiting));
    canvas->waiting[canvas->waiting_count++] = *subtitle;
    canvas->waiting_bytes += bytes;
    return true;
}

bool subtitle_canvas_show(struct subtitle_canvas *canvas, const AVSubtitle *subtitle,
                          uint64_t limit, bool *kept, struct error *err)
{
    *kept = false;
    if (subtitle->pts == AV_NOPTS_VALUE)
        return true;
    if (canvas->frame) {
        show(canvas, subtitle);
        return true;
    }
    *kept = keep(canvas, subtitle, limit, err);
    return *kept;
}

void subtitle_canvas_beat(struct subtitle_canvas *canvas, int64_t pts, AVRational base)
{
    unsigned waits = 0;

    if (!canvas->frame || pts == AV_NOPTS_VALUE)
        return;
    pts = time_minus(av_rescale_q(pts, base, stream_of(canvas)->stream->time_base), 1);
    if (pts <= canvas->shown_pts)
        return;
    if (pts >= canvas->end_pts || canvas->begins)
        show_nothing(canvas, time_plus(pts, 1));
    for (unsigned i = 0; i < canvas->source->feed_count; i++) {
        AVFilterContext *end = end_of(&canvas->source->feeds[i]);

        waits += end ? av_buffersrc_get_nb_failed_requests(end) : 0;
    }
    if (waits && canvas->frame->buf[0])
        send_canvas(canvas, pts);
}

void subtitle_canvas_end(struct subtitle_canvas *canvas)
{
    if (canvas->frame && canvas->end_pts < INT64_MAX)
        show_nothing(canvas, INT64_MAX);
    send_frame(canvas, NULL);
}
