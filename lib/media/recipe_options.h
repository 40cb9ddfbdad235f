/* SPDX-License-Identifier: MIT */

/*
 * The options of the ffmpeg program: what avmap does with each, or why it refuses it. What is not
 * in the list may still be an AVOption of libav.
 * Threads: safe.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Settings that may be given several times, for different streams; values stay text. */
enum recipe_key {
    RECIPE_CODEC,
    RECIPE_CHANNELS,
    RECIPE_LAYOUT,
    RECIPE_SAMPLE_RATE,
    RECIPE_SAMPLE_FORMAT,
    RECIPE_QUALITY,
    RECIPE_FRAMES,
    RECIPE_FRAME_RATE,
    RECIPE_FRAME_RATE_MAX,
    RECIPE_FORCE_RATE,
    RECIPE_SIZE,
    RECIPE_ASPECT,
    RECIPE_PIXEL_FORMAT,
    RECIPE_AUTOSCALE,
    RECIPE_SYNC_MODE,
    RECIPE_TOP_FIRST,
    RECIPE_KEY_FRAMES,
    RECIPE_RAW_BITS,
    RECIPE_RATE_RANGES, /* -rc_override */
    RECIPE_INTRA_MATRIX,
    RECIPE_CHROMA_MATRIX,
    RECIPE_INTER_MATRIX,
    RECIPE_FILTER,
    RECIPE_FILTER_SCRIPT, /* what is in the file */
    RECIPE_PAD,
    RECIPE_BITSTREAM_FILTER,
    RECIPE_TAG,
    RECIPE_DISPOSITION,
    RECIPE_TIME_BASE,
    RECIPE_ENCODER_TIME_BASE,
    RECIPE_QUEUE_PACKETS,
    RECIPE_QUEUE_BYTES,
    RECIPE_COPY_LEADING, /* -copyinkf: packets before the first key frame, too */
    RECIPE_COPY_EARLY,   /* -copypriorss */
    RECIPE_AUTOROTATE,
    RECIPE_TIME_SCALE,
    RECIPE_DISCARD,
    RECIPE_LAYOUT_MAX,
    RECIPE_REINIT,
    RECIPE_FIX_DURATION, /* of subtitles: up to the next one */
    RECIPE_CANVAS_SIZE,
    /* From here on the specifier is not about streams, or not only. */
    RECIPE_MAP,
    RECIPE_MAP_CHANNEL,
    RECIPE_METADATA,
    RECIPE_MAP_METADATA,
    RECIPE_STREAM_ID,
    RECIPE_PROGRAM,
};

enum recipe_scope {
    RECIPE_INPUT = 1,
    RECIPE_OUTPUT = 2,
    RECIPE_EITHER = RECIPE_INPUT | RECIPE_OUTPUT,
    RECIPE_GLOBAL = 4,
};

enum recipe_action {
    RECIPE_ADD_SETTING,  /* value belongs to key */
    RECIPE_SET_FLAG,     /* bool at offset; -noNAME clears it */
    RECIPE_SET_TIME,     /* int64_t, in microseconds */
    RECIPE_SET_INTEGER,  /* int64_t */
    RECIPE_SET_REAL,     /* double */
    RECIPE_SET_TEXT,     /* char *, owned */
    RECIPE_CODEC_OPTION, /* an AVOption that the program routes itself; text: its key alone */
    RECIPE_ADD_GRAPH,    /* one more -filter_complex */
    RECIPE_ABORT_ON,     /* adds to or takes from the flags of that name */
    RECIPE_TIMECODE,     /* metadata and codec option at once */
    RECIPE_TIMESTAMP,    /* a date as metadata */
    RECIPE_ATTACH,       /* a file that goes into each result */
    RECIPE_SET_LIBRARY,  /* libav as a whole, at once */
    RECIPE_TARGET,       /* many options at once, for a kind of disc or tape */
    RECIPE_NOTE,         /* means nothing here; text says why */
    RECIPE_REFUSE,       /* text says why */
};

enum recipe_value {
    RECIPE_SWITCH,   /* no value, but -noNAME switches it off */
    RECIPE_NUMBERED, /* a whole number, and -noNAME, which has none, means 0 */
    RECIPE_TEXT,
    RECIPE_FILE,    /* text that is in a file of this machine */
    RECIPE_WHOLE,   /* a whole number as ffmpeg's int */
    RECIPE_COUNT,   /* a whole number, 0 or more */
    RECIPE_DECIMAL, /* any number */
};

struct recipe_option {
    const char *name;
    enum recipe_scope scope;
    enum recipe_action action;
    enum recipe_value value;
    enum recipe_key key;
    size_t offset;    /* in struct recipe for global options, else in struct recipe_file */
    const char *text; /* settings: what the name itself says of the stream, NULL: a specifier may */
};

/* name without dash and specifier; NULL: the ffmpeg program has none. *turns_off: it is "noNAME".
 */
const struct recipe_option *recipe_option_find(const char *name, bool *turns_off);

/* The known name nearest to name, from the list and libav's AVOptions; NULL when none is near. */
const char *recipe_option_suggest(const char *name);
