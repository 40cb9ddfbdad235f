/* SPDX-License-Identifier: MIT */

/*
 * Which pictures must become key frames: ffmpeg's -force_key_frames.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <libavformat/avformat.h>
#include <libavutil/eval.h>
#include <libavutil/frame.h>

#include "base/error.h"

enum { KEY_FRAMES_VALUES = 5 };

struct key_frames {
    const char *text;  /* borrowed; NULL: none are forced */
    AVExpr *condition; /* owned; of "expr:" */
    double values[KEY_FRAMES_VALUES];
    int64_t *times; /* owned; in the encoder's time base, ascending */
    unsigned time_count;
    unsigned next_time;
    int64_t first_pts; /* AV_NOPTS_VALUE: no picture yet */
    bool dropped;      /* a key frame of the input has just been left out */
};

/* base is the encoder's; result NULL: it has no chapters. Fails when text is no list of times and
 * no condition. */
bool key_frames_init(struct key_frames *keys, const char *text, const AVFormatContext *result,
                     AVRational base, struct error *err);
void key_frames_release(struct key_frames *keys);

/* Whether picture must be one; repeated: it is not given for the first time. */
bool key_frames_forces(struct key_frames *keys, const AVFrame *picture, AVRational base,
                       bool repeated);
