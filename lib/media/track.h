/* SPDX-License-Identifier: MIT */

/*
 * One stream of the result: how what comes out of the filters, or the packets of the input, get
 * into it.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "media/encoder.h"
#include "media/filter.h"
#include "media/key_frames.h"
#include "media/meter.h"
#include "media/output.h"
#include "media/source.h"
#include "media/video_sync.h"

enum track_kind {
    TRACK_FILTERED, /* sound or pictures, encoded */
    TRACK_SUBTITLE, /* converted */
    TRACK_COPIED,   /* packets as they are */
    TRACK_ATTACHED, /* no packets at all */
};

struct track {
    enum track_kind kind;
    struct output *output; /* borrowed */
    struct output_stream *to;
    struct source *source; /* borrowed; NULL: filters with several inputs or none */
    struct filter *filter; /* borrowed; of TRACK_FILTERED */
    unsigned filter_output;
    bool filter_is_plain; /* there is no filter of the user's in the recipe for it */
    struct encoder encoder;
    struct video_sync sync;
    struct key_frames keys;
    struct meter *meter; /* owned; NULL: nothing is measured */
    AVFrame *filtered;   /* owned */
    AVFrame *previous;   /* owned; the picture before, to repeat */
    AVPacket *packet;    /* owned; of TRACK_COPIED and TRACK_SUBTITLE */
    int64_t next_pts;    /* where the result has got to, in the encoder's or copy's time base */
    bool started;        /* the first packet was copied */
    bool idle;           /* nothing more can happen before other packets come */
    bool finished;       /* nothing more is needed for the result */
    bool sealed;         /* nothing more goes into the result */
};

/* Prepares a stream of the result; takes part in what source and filter do. Release it even after
 * a failure. */
bool track_init(struct track *track, struct output *output, enum AVMediaType type,
                struct source *source, struct error *err);
void track_release(struct track *track);

/* Encodes what comes out of one end of a graph. */
bool track_connect(struct track *track, struct filter *filter, unsigned output, bool plain,
                   struct error *err);

/* Opens what needs no frame to be opened: copies and subtitles. */
bool track_open(struct track *track, struct error *err);

/* Encodes what has come out of the filters; ending: the filters have nothing after that. */
bool track_collect(struct track *track, bool ending, struct error *err);

/* Opens the encoder of sound, which must be known before the filters cut frames for it. */
bool track_open_sound(struct track *track, struct error *err);

/* Nothing more is needed, or nothing more may come; -shortest then ends the other ones. */
void track_finish(struct track *track);
void track_seal(struct track *track);

/* Whether the result may still take something at this time of the encoder; what -t ends is
 * finished. */
bool track_is_in_time(struct track *track, int64_t pts);

/* Where the result begins in the time of what comes out of the filters, in AV_TIME_BASE. */
int64_t track_start_us(const struct track *track);

/* The end of the graph; borrowed. */
AVFilterContext *track_sink(const struct track *track);

/* Whether the stream has as many frames as -frames allows. */
bool track_is_full(const struct track *track);

/* Where the result has got to, for choosing what to work on; INT64_MIN: nowhere yet. */
int64_t track_position(const struct track *track);

/* Drains the encoder at the very end; a stream that never had a frame is opened first. */
bool track_drain(struct track *track, struct error *err);

/* How long the stream is by now, in AV_TIME_BASE. */
int64_t track_written_us(const struct track *track);
