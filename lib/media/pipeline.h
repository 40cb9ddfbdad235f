/* SPDX-License-Identifier: MIT */

/*
 * Everything that is open while one item is transcoded, and the loop that moves packets through it
 * in ffmpeg's order.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include "base/cancel.h"
#include "base/error.h"
#include "media/filter.h"
#include "media/input.h"
#include "media/output.h"
#include "media/source.h"
#include "media/track.h"

struct pipeline {
    const struct recipe *recipe; /* borrowed */
    const struct cancel *cancel; /* borrowed; NULL: nobody stops it */
    unsigned threads;            /* for what gives the same with any number of them; at least 1 */
    unsigned measures;           /* enum measurement; of each stream of sound */
    struct filter_spare *spare;  /* borrowed; NULL: none */
    struct input_set inputs;
    struct output output;
    struct source *sources; /* owned; one per stream of each input */
    unsigned source_count;
    struct filter **filters; /* owned, each too; the complex ones first */
    unsigned filter_count;
    unsigned complex_count;
    struct track **tracks; /* owned, each too; one per stream of the result */
    unsigned track_count;
    AVPacket *packet;           /* owned */
    AVPacket *empty;            /* owned; drains decoders */
    struct frame_memory memory; /* of frames in decoders and filters */
};

/* The inputs and the output are open: chooses streams and opens codecs. Release it even after a
 * failure. */
bool pipeline_open(struct pipeline *pipeline, struct error *err);
void pipeline_release(struct pipeline *pipeline);

bool pipeline_run(struct pipeline *pipeline, struct error *err);

/* Whether the run still wants the item, and it takes no more memory than it may. */
bool pipeline_goes_on(const struct pipeline *pipeline, struct error *err);

/* Says in *err which input is meant, where there are several. */
void pipeline_name_input(const struct pipeline *pipeline, const struct input *input,
                         struct error *err);
