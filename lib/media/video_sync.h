/* SPDX-License-Identifier: MIT */

/*
 * How often each picture goes into the result so that it fits the container's frame rate: ffmpeg's
 * -fps_mode.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <libavformat/avformat.h>
#include <libavutil/frame.h>

enum video_sync_method {
    VIDEO_SYNC_AUTO,           /* as the container likes it; never found in struct video_sync */
    VIDEO_SYNC_PASS,           /* leave the times alone */
    VIDEO_SYNC_CONSTANT,       /* repeat and drop pictures to keep the rate */
    VIDEO_SYNC_VARIABLE,       /* drop only what comes too early */
    VIDEO_SYNC_CONSTANT_LATER, /* as CONSTANT, but begin with the first picture's time */
    VIDEO_SYNC_DROP,           /* as PASS, and the muxer makes the times */
};

struct video_sync_rules {
    enum video_sync_method method;
    const AVOutputFormat *container;
    bool input_is_one_stream; /* and its times were not moved */
    bool copies_times;
    double drop_threshold; /* -frame_drop_threshold; 0: none */
    int64_t limit;         /* pictures at most */
    double gap_s;          /* -dts_error_threshold */
};

struct video_sync {
    enum video_sync_method method;
    double drop_threshold;
    int64_t limit;
    float most;        /* what would need more pictures is passed over */
    int64_t next_pts;  /* in the encoder's time base */
    int64_t pictures;  /* given to the encoder */
    int64_t recent[3]; /* repeats of the picture before, for the last three */
    bool dropped;      /* the picture before was left out */
};

struct video_sync_verdict {
    int64_t count;    /* pictures to encode now */
    int64_t previous; /* that many of them are the picture before */
    bool passes;      /* nothing is to be done: the gap is too large */
};

void video_sync_init(struct video_sync *sync, const struct video_sync_rules *rules);

/* Whether pictures come at a constant rate. */
bool video_sync_is_constant(const struct video_sync *sync);

/* The time at which a picture belongs, from whole ticks of base to fractions of them. */
double video_sync_time(int64_t pts, AVRational from, int64_t start_us, AVRational to);

/* duration: of the picture, in ticks of the encoder; time: from video_sync_time. */
struct video_sync_verdict video_sync_next(struct video_sync *sync, double time, double duration);

/* The same at the end, when no picture follows. */
struct video_sync_verdict video_sync_end(struct video_sync *sync);
