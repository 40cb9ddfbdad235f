/* SPDX-License-Identifier: MIT */

/*
 * Frames to frames through one filter graph: the user's filters, trimming, resampling, scaling and
 * format changes, set up exactly as ffmpeg does so that the samples are the same. A simple graph
 * leads from one stream to one of the result; a complex one has as many ends as its text.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <libavfilter/avfilter.h>
#include <libavutil/channel_layout.h>
#include <libavutil/dict.h>
#include <libavutil/frame.h>

#include "base/error.h"
#include "media/frame_memory.h"
#include "media/input.h"
#include "media/resampler.h"

/* What frames look like at one end of the graph. */
struct frame_shape {
    int format; /* sample or pixel format; -1: not known */
    int sample_rate;
    AVChannelLayout layout;
    int width;
    int height;
    AVRational aspect;
};

/* What the encoder takes: a fixed value, or else one of a list; lists are borrowed and may be NULL.
 */
struct filter_target {
    struct frame_shape shape; /* unset fields are free */
    const enum AVSampleFormat *sample_formats;
    const int *sample_rates;
    const AVChannelLayout *layouts;
    const enum AVPixelFormat *pixel_formats;
    const AVDictionary *resample_options;
    const AVDictionary *scale_options;
    char *pan;          /* which channels to take, as pan's options; NULL: all; owned */
    const char *pad;    /* silence to append, as apad's options; NULL: none; borrowed */
    bool needs_24_bits; /* the encoder keeps 24 of a sample's 32 bits */
    bool keeps_size;    /* a change of size is not scaled away */
    bool keeps_format;  /* no format may be changed to fit */
    int threads;        /* that the encoder was given; 0: none, or as it likes */
    int64_t start_us;   /* AV_NOPTS_VALUE: from the beginning */
    int64_t duration_us;
};

struct subtitle_canvas;

struct filter_input {
    struct input_stream *stream;    /* borrowed */
    struct subtitle_canvas *canvas; /* borrowed; of subtitles, else NULL */
    AVFilterContext *source;        /* borrowed from graph */
    struct frame_shape shape;       /* of the frames that come in */
    int32_t matrix[9];              /* how to turn pictures, as the last frame said */
    bool turns;
    bool closed;       /* no more frames come in */
    AVFrame **waiting; /* owned; frames from before all shapes were known */
    unsigned waiting_count;
};

struct filter_output {
    enum AVMediaType type;
    char *label;           /* owned; NULL: it has none */
    bool taken;            /* some stream of the result takes what comes out */
    AVFilterContext *sink; /* borrowed from graph */
    struct filter_target target;
};

struct filter_spare;

/* What it may work with. */
struct filter_means {
    unsigned threads;            /* that work on parts of a picture; at least 1 */
    struct frame_memory *memory; /* borrowed; counts frames in the graph; NULL: nobody does */
    struct filter_spare *spare;  /* borrowed; graphs are kept there; NULL: nowhere */
};

struct filter {
    AVFilterGraph *graph;        /* owned; NULL until the first frames show their shapes */
    const struct recipe *recipe; /* borrowed */
    char *text;                  /* owned; the graph's description */
    uint64_t kept_bytes;         /* of frames that wait, up to the limit of memory */
    struct filter_means means;
    bool simple;
    bool configured; /* at least once */
    bool only_marks; /* the graph changes no samples or pixels */
    bool alone;      /* nothing else goes into the result, so only the order of frames counts */
    bool to_keep;    /* the graph is the first one, and may serve the next item */
    struct resampler *resampler; /* owned; does the graph's work; NULL: the graph itself does */
    struct filter_input *inputs;
    unsigned input_count;
    struct filter_output *outputs;
    unsigned output_count;
};

/* text: NULL: nothing between the ends. */
void filter_init_simple(struct filter *filter, struct input_stream *stream, const char *text,
                        struct filter_means means);

/* Reads the ends of a graph; the caller connects them with filter_add_input. */
bool filter_init_complex(struct filter *filter, const struct recipe *recipe, const char *text,
                         struct filter_means means, AVFilterInOut **inputs, struct error *err);
void filter_add_input(struct filter *filter, struct input_stream *stream,
                      struct subtitle_canvas *canvas);
void filter_release(struct filter *filter);

/* Takes target, with what it owns. */
void filter_set_target(struct filter *filter, unsigned output, struct filter_target *target);

/* Whether the frame's shape differs from what the graph was made for, or there is no graph. */
bool filter_must_change(const struct filter *filter, unsigned index, const AVFrame *frame);

/* Takes the shape of incoming frames from one of them, or from what the container says. */
void filter_shape_from_frame(struct filter *filter, unsigned index, const AVFrame *frame);
void filter_shape_from_stream(struct filter *filter, unsigned index);
bool filter_knows_shapes(const struct filter *filter);

/* Makes the graph anew for the current shapes; what the old one still held is lost, as in ffmpeg.
 */
bool filter_configure(struct filter *filter, struct error *err);

/* Gives the frame to the graph, which empties it. */
bool filter_push(struct filter *filter, unsigned index, AVFrame *frame, struct error *err);

/* Keeps a frame until there is a graph; empties it. */
bool filter_keep(struct filter *filter, unsigned index, AVFrame *frame, struct error *err);

/* No more frames; pts is where they ended. The shape must be known or knowable. */
bool filter_close(struct filter *filter, unsigned index, int64_t pts, struct error *err);

/* As many samples in each frame of sound that comes out of the first graph. */
void filter_set_frame_size(struct filter *filter, unsigned output, unsigned samples);

/* Asks for a frame that filter_pull then takes. An AVERROR: EAGAIN, the end, or worse. */
int filter_request(struct filter *filter);

/* Takes a finished frame without asking for more work. An AVERROR: EAGAIN, the end, or worse. */
int filter_pull(struct filter *filter, unsigned output, AVFrame *frame);

/* The stream that the graph misses most, of an input that goes on; NULL: none. */
struct input_stream *filter_hungry_for(const struct filter *filter);
