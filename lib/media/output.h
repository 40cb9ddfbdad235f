/* SPDX-License-Identifier: MIT */

/*
 * Writes packets into a container and finishes it. The header waits until every stream
 * is ready; packets that come before it are kept.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <libavcodec/bsf.h>
#include <libavformat/avformat.h>

#include "base/error.h"
#include "base/file_set.h"
#include "base/writer.h"
#include "media/input.h"
#include "media/output_files.h"
#include "media/recipe.h"
#include "media/recipe_options.h"
#include "media/spool_io.h"
#include "media/stream_specifier.h"

struct output_stream {
    AVStream *stream;          /* borrowed */
    struct input_stream *from; /* borrowed; NULL: it comes from several streams */
    AVBSFContext *filter;      /* owned; -bsf, or NULL */
    AVRational base;           /* of the packets that come in */
    AVRational constant_rate;  /* pictures come at this rate; 0: at their own times */
    AVPacket **waiting;        /* owned; packets from before the header */
    unsigned waiting_count;
    uint64_t waiting_bytes;
    unsigned waiting_limit;
    uint64_t waiting_free; /* bytes that may wait whatever their number */
    int64_t last_dts;      /* in the stream's time base; AV_NOPTS_VALUE: none yet */
    int64_t frame_limit;   /* -frames */
    int64_t frames;        /* that count for it */
    uint64_t packets;      /* given to the muxer */
    bool copies;           /* packets come as they were in the input */
    bool drops_times;
    bool ready; /* its encoder is open */
};

struct output {
    const struct recipe *recipe; /* borrowed */
    AVFormatContext *format;     /* owned */
    struct spool_io *io;         /* owned */
    struct output_files *files;  /* owned; NULL: the result is one file */
    AVDictionary *options;       /* owned; for the muxer */
    struct output_stream **streams;
    unsigned stream_count;
    int64_t start_us;    /* -ss of the result */
    int64_t duration_us; /* -t, or what -shortest has made of it */
    int64_t longest_us;  /* what no stream may pass; INT64_MAX: no limit */
    AVIOInterruptCB interrupt;
    uint64_t memory_limit; /* bytes of packets that wait; 0: none */
    bool header_written;
    bool ended;      /* the muxer has finished, or has failed to */
    int end_failure; /* AVERROR of the muxer's end, which ffmpeg only prints; 0: none */
};

struct output_request {
    const struct recipe *recipe;
    const char *name;
    struct writer *writer;
    const char *source;     /* the key of what it is made of */
    struct file_set *files; /* filled instead when the muxer writes many; NULL: it may not */
    const AVIOInterruptCB *interrupt;
    uint64_t size_limit;   /* bytes; 0: none */
    uint64_t memory_limit; /* bytes of packets that wait for the header; 0: none */
};

/* On failure release it all the same. */
bool output_open(struct output *output, const struct output_request *request, struct error *err);
void output_release(struct output *output);

/* A new stream of the container, borrowed. from may be NULL. */
struct output_stream *output_add(struct output *output, enum AVMediaType type,
                                 struct input_stream *from, struct error *err);

/* Puts a file called name into a stream of attachments; copies bytes. */
bool output_attach(struct output_stream *stream, const char *name, const char *bytes, size_t size);

struct stream_place output_place(const struct output *output, const struct output_stream *stream);

/* The last value that the recipe gives for a stream, or NULL; borrowed. */
const char *output_setting(const struct output *output, const struct output_stream *stream,
                           enum recipe_key key);

/* The same as a number; fallback when none was given. */
double output_number(const struct output *output, const struct output_stream *stream,
                     enum recipe_key key, double fallback);

/* The stream's parameters are final; with the last stream the header is written. */
bool output_ready(struct output *output, struct output_stream *stream, struct error *err);

/* For containers without streams, which have no last one. */
bool output_begin(struct output *output, struct error *err);

/*
 * Whether a stream that has come to this length may go on: asked for each frame, as one packet of
 * the input can become very many.
 */
bool output_goes_on(const struct output *output, int64_t length_us, struct error *err);

/* Whether the result is as large as -fs allows. */
bool output_is_full(const struct output *output);

bool output_finish(struct output *output, struct error *err);

/* Whether the place it is written to has failed; then *err says why. */
bool output_failed(const struct output *output, struct error *err);
