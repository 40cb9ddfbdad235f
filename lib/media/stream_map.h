/* SPDX-License-Identifier: MIT */

/*
 * Which streams of the inputs go into the result, in which order: by -map, or else as ffmpeg
 * chooses.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "media/input.h"
#include "media/output.h"

struct stream_map_entry {
    const struct input_stream *stream; /* borrowed; NULL with a label */
    const char *label; /* borrowed; "[LABEL" of a filter graph's end instead; NULL: none */
    bool disabled;     /* by a negative map */
};

struct stream_map {
    struct stream_map_entry *entries; /* owned */
    unsigned count;
    bool given; /* by -map */
};

/* graph_makes: the types for which unlabelled ends of filter graphs already make streams. */
bool stream_map_make(struct stream_map *map, const struct input_set *inputs,
                     const struct output *output, const bool graph_makes[AVMEDIA_TYPE_NB],
                     struct error *err);
void stream_map_release(struct stream_map *map);
