/* SPDX-License-Identifier: MIT */

/*
 * One opened input: its container, its streams and its packets with timestamps that begin at zero
 * and run without jumps, as ffmpeg corrects them. Nothing but the given bytes is
 * opened, unless the recipe allows the demuxer to.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <libavformat/avformat.h>

#include "base/attributes.h"
#include "base/error.h"
#include "base/reader.h"
#include "media/input_others.h"
#include "media/recipe.h"
#include "media/spool_io.h"

/* Where a stream has got to, in AV_TIME_BASE; AV_NOPTS_VALUE: not known yet. */
struct timeline {
    int64_t pts;
    int64_t dts;
    int64_t next_pts; /* guesses for packets and frames that carry no time */
    int64_t next_dts;
    int64_t delta_state; /* what av_rescale_delta remembers */
    bool begun;
};

struct input_stream {
    struct input *input;    /* borrowed; which it belongs to */
    AVStream *stream;       /* borrowed */
    const AVCodec *decoder; /* NULL: this build has none */
    AVRational frame_rate;  /* forced with -r; 0: as the container says */
    double time_scale;
    enum AVDiscard discard; /* when wanted; AVDISCARD_ALL: it may not be used at all */
    struct timeline timeline;
    int64_t min_pts; /* of all packets, in the stream's time base */
    int64_t max_pts;
    int last_samples; /* of the last frame that was decoded; 0: none, or no sound */
    int last_rate;    /* their rate, in Hz */
    bool wanted;
    bool wrap_corrected;
    bool autorotates;
    bool shortens; /* subtitles end when the next one begins */
    uint64_t packets;
};

/* What an input may cost at most; 0: no limit. */
struct input_limits {
    uint64_t pixels;  /* of one picture */
    unsigned streams; /* in the container */
    uint64_t memory;  /* of one frame of sound */
};

/* Where an input is cut off or corrupt. */
struct input_damage {
    int stream;
    int64_t at;        /* AV_TIME_BASE; AV_NOPTS_VALUE: not known */
    char message[160]; /* what libav said there, or "" */
};

struct input {
    const struct recipe *recipe;    /* borrowed */
    const struct recipe_file *file; /* borrowed; what the recipe says of this input */
    AVFormatContext *format;        /* owned */
    struct spool_io *io;            /* owned */
    struct input_others *others;    /* owned; files that it names */
    struct input_limits limits;
    struct input_stream *streams;
    unsigned first_stream; /* its number among the streams of all inputs */
    unsigned stream_count; /* at opening; streams that appear later are ignored, as in ffmpeg */
    int64_t start_us;      /* where -ss wants it to begin; AV_NOPTS_VALUE: nowhere */
    int64_t ts_offset;     /* AV_TIME_BASE; added to every timestamp */
    int64_t loops_left;    /* of -stream_loop; negative: for ever */
    int64_t looped;        /* length of the rounds before, in looped_base */
    AVRational looped_base;
    int64_t last_ts; /* AV_TIME_BASE; of the packet read last, of any stream; 0 before that */
    bool ended;      /* the demuxer has no more packets */
    bool drained;    /* nor have the decoders anything left */
    uint64_t corrupt_packets;   /* of wanted streams, as the demuxer marks them: cut off, mostly */
    struct input_damage damage; /* the first of these */
    int failure;                /* AVERROR other than the end at which reading stopped; 0: none */
};

/* All inputs of a transcode, in their order; they stay where they are. */
struct input_set {
    struct input *inputs; /* owned by whoever opened them */
    unsigned count;
};

struct input_request {
    const struct recipe *recipe;
    size_t index; /* among the inputs of the recipe */
    struct reader reader;
    const char *name;                    /* counts in probing */
    const struct input_fetcher *fetcher; /* for demuxers that are allowed to open other files */
    const AVIOInterruptCB *interrupt;
    struct input_limits limits;
};

/* input stays where it is until its release. On failure it is empty; release it all the same. */
bool input_open(struct input *input, const struct input_request *request, struct error *err);
void input_release(struct input *input);

/* The options that the recipe has for a stream's decoder; the caller frees them. */
AVDictionary *input_decoder_options(const struct input_stream *stream);

/* Marks a stream as one whose packets are asked for; the others are skipped in the demuxer. */
void input_want(struct input_stream *stream);

/* Puts before *err where the damage is: "stream 0, first at 1.5 s, what libav said". */
void input_say_damage(const struct input_damage *damage, struct error *err);

/* After the last input_want: tells the demuxer which programs can be skipped. */
void input_discard_unwanted(struct input *input);

/*
 * Reads one packet into *packet and gives its stream, or NULL for a packet nobody wants. False at
 * the end, which may be asked for again.
 */
bool input_read(struct input *input, AVPacket *packet, struct input_stream **stream);
