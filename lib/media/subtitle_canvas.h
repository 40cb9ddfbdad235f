/* SPDX-License-Identifier: MIT */

/*
 * Subtitles that are pictures as frames for filters: a canvas that is transparent where nothing
 * is shown, sent whenever that changes and as often as the filters wait for it. ffmpeg calls it
 * sub2video.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <libavcodec/avcodec.h>
#include <libavutil/frame.h>

#include "base/error.h"
#include "media/filter.h"
#include "media/source.h"

struct subtitle_canvas {
    const struct source *source; /* borrowed; whose graphs take the frames */
    AVFrame *frame;              /* owned; NULL: no graph was made yet */
    int64_t shown_pts;           /* of the last frame, in the stream's time base */
    int64_t end_pts;             /* when what is shown vanishes; INT64_MAX: with the next one */
    bool begins;                 /* nothing was shown yet */
    int width;                   /* where the decoder knows none */
    int height;
    AVSubtitle *waiting; /* owned; from before there was a graph */
    unsigned waiting_count;
    uint64_t waiting_bytes;
};

struct subtitle_canvas *subtitle_canvas_new(const struct source *source);
void subtitle_canvas_free(struct subtitle_canvas *canvas);

/* A graph is being made: begins anew and says of what shape the frames will be. */
int subtitle_canvas_prepare(struct subtitle_canvas *canvas, struct frame_shape *shape);

/* The graph is there: shows what waited for it. */
void subtitle_canvas_catch_up(struct subtitle_canvas *canvas);

/*
 * Shows a subtitle from its time on, or keeps it for the graph; then *subtitle is taken over and
 * *kept is true. limit: bytes that may be kept; 0: any.
 */
bool subtitle_canvas_show(struct subtitle_canvas *canvas, const AVSubtitle *subtitle,
                          uint64_t limit, bool *kept, struct error *err);

/* Another stream of the input has got to pts, in the time base given. */
void subtitle_canvas_beat(struct subtitle_canvas *canvas, int64_t pts, AVRational base);

/* There are no more subtitles. */
void subtitle_canvas_end(struct subtitle_canvas *canvas);
