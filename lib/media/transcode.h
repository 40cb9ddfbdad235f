/* SPDX-License-Identifier: MIT */

/*
 * One recipe, one input or more to read, one spool to write; samples, durations and errors counted
 * out. The result and the verdict are those of the ffmpeg command line of the same libav version.
 * Threads: confined; many may run at once.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cancel.h"
#include "base/error.h"
#include "base/file_set.h"
#include "base/reader.h"
#include "base/writer.h"
#include "media/input_others.h"
#include "media/media_report.h"
#include "media/recipe.h"

/* What one item may cost at most; 0: no limit. */
struct transcode_limits {
    uint64_t output_bytes; /* Media.ResultTooLarge */
    uint64_t pixels;       /* of one picture; Media.TooManyPixels */
    unsigned streams;      /* of the input; Media.TooManyStreams */
    double duration_ratio; /* of the result to what the input declares; Media.ResultTooLong */
    uint64_t memory;       /* of frames, or of packets that wait; Media.TooMuchMemory */
};

/* What makes a failure. Zeroed they are ffmpeg's, but that something must have been decoded. */
struct verdict_rules {
    bool allows_empty;     /* as ffmpeg does */
    bool strict;           /* no damage, and lengths as the container declares them */
    double tolerance_s;    /* of those lengths */
    bool has_error_rate;   /* max_error_rate counts, not the recipe's */
    double max_error_rate; /* share of packets that may fail to decode */
};

/* What is asked of an item beyond what ffmpeg gives. */
struct transcode_demands {
    unsigned measures; /* enum measurement; of each stream of sound that is encoded */
    struct verdict_rules rules;
};

/* Room for everything but bombs. */
#define TRANSCODE_LIMITS_USUAL                                                                     \
    {                                                                                              \
        .output_bytes = UINT64_C(64) << 30, .pixels = UINT64_C(512) << 20, .streams = 1000,        \
        .duration_ratio = 1000, .memory = UINT64_C(2) << 30                                        \
    }

struct transcode_input {
    const char *name; /* as ffmpeg would see it; its extension counts in probing */
    struct reader reader;
};

struct transcode_request {
    const struct recipe *recipe;
    const struct transcode_input *inputs; /* as many as the recipe takes */
    const struct input_fetcher *fetcher;  /* for what allowed demuxers open; NULL: nothing */
    const char *output_name; /* its extension names the container when the recipe has no -f */
    struct writer *output;   /* empty before; after a failure its contents are undefined */
    /* Empty before; of a recipe whose muxer writes several files they go here, none into output. */
    struct file_set *files;
    const struct cancel *cancel;
    struct transcode_limits limits;
    struct transcode_demands demands;
    struct filter_spare *spare; /* what earlier items of the recipe left; NULL: nothing is kept */
    unsigned threads; /* that may work on it at once, where the result is the same; 0 is 1 */
};

/*
 * Fails with ERROR_MEDIA (words Media.InvalidData, Media.NoStream, Media.DecoderNotFound,
 * Media.EncoderFailed, Media.TooManyErrors, Media.NothingDecoded, Media.LengthMismatch ...),
 * ERROR_LOCAL (spool, memory) or ERROR_CANCELLED. report is filled as far as it was known, also on
 * failure; the caller releases it.
 */
bool transcode(const struct transcode_request *request, struct media_report *report,
               struct error *err);
