/* SPDX-License-Identifier: MIT */

/*
 * One stream of the input that the result needs: its decoder, if it must be decoded, and the filter
 * graphs that take its frames.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "media/decoder.h"
#include "media/filter.h"
#include "media/input.h"

/* One input of one graph. */
struct source_feed {
    struct filter *filter; /* borrowed */
    unsigned input;
};

struct source {
    struct input_stream *stream; /* borrowed */
    struct decoder decoder;
    struct source_feed *feeds; /* owned */
    unsigned feed_count;
    struct subtitle_canvas *canvas; /* owned; of subtitles that go into filters, else NULL */
    bool used;                      /* its packets are wanted */
    bool decodes;                   /* and decoded */
    bool converts;                  /* into subtitles of the result */
    bool drained;                   /* the decoder has given its last frame */
};

void source_feed(struct source *source, struct filter *filter, unsigned input);

/* Opens the decoder when there is something to decode. */
bool source_open(struct source *source, struct frame_memory *memory, struct error *err);
void source_release(struct source *source);

/* Ends all graphs that take frames from here, unless the input begins again. */
bool source_close_feeds(struct source *source, struct error *err);

/* Moves the timeline of a stream whose packets are only copied; before and after each packet. */
void source_begin_copy(struct source *source, const AVPacket *packet);
void source_advance_copy(struct source *source, const AVPacket *packet);
