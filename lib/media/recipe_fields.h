/* SPDX-License-Identifier: MIT */

/*
 * What a recipe holds and how the stages of this folder ask it; nobody else includes this.
 * Threads: immutable after recipe_parse.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/dict.h>

#include "media/recipe.h"
#include "media/recipe_options.h"
#include "media/stream_specifier.h"

struct recipe_setting {
    enum recipe_key key;
    char *specifier; /* owned */
    char *value;     /* owned */
};

/* A file of this machine that goes into each result. */
struct recipe_attachment {
    char *name;  /* owned; without folders */
    char *bytes; /* owned */
    size_t size;
};

/* The options of one file, input or result. */
struct recipe_file {
    char *name;   /* owned; given with -i, or NULL */
    char *format; /* owned; the name given with -f, or NULL */
    struct recipe_setting *settings;
    size_t setting_count;
    struct recipe_attachment *attachments;
    size_t attachment_count;
    AVDictionary *codec_options; /* keys may end in ":specifier" */
    AVDictionary *format_options;
    AVDictionary *usual_options; /* of -target, for what the user says nothing else of */
    int64_t start_us;            /* AV_NOPTS_VALUE: from the beginning */
    int64_t start_eof_us;        /* AV_NOPTS_VALUE: not given */
    int64_t stop_us;             /* INT64_MAX: not given; only used while parsing */
    int64_t duration_us;         /* INT64_MAX: to the end */
    int64_t ts_offset_us;
    int64_t size_limit;
    int64_t chapters_from; /* INT_MAX: from the input when it has some; negative: none */
    int64_t seek_timestamp;
    int64_t loops;     /* -stream_loop; negative: for ever */
    int64_t sync_with; /* -isync: the input that this one keeps its distance from; -1: none */
    double mux_delay_s;
    double mux_preload_s;
    bool drops_audio;
    bool drops_video;
    bool drops_subtitles;
    bool drops_data;
    bool bitexact;
    bool shortest;
    bool accurate_seek;
    bool find_stream_info;
};

/* What television a -target is for. */
enum recipe_norm { RECIPE_PAL, RECIPE_NTSC, RECIPE_FILM };

/* What of a result that is empty fails the item. */
enum recipe_abort { RECIPE_ABORT_EMPTY = 1, RECIPE_ABORT_EMPTY_STREAM = 2 };

struct recipe {
    struct recipe_file *inputs; /* owned; one or more */
    size_t input_count;
    struct recipe_file output;
    AVDictionary *resample_options;
    AVDictionary *scale_options;
    char **graphs; /* owned, each too; of -filter_complex */
    size_t graph_count;
    char *sync;             /* owned; -vsync, or NULL */
    char *allowed_demuxers; /* owned; names with commas between; NULL: none */
    char *filter_threads;
    char *filter_complex_threads;
    int abort_on; /* enum recipe_abort */
    int64_t async;
    int64_t volume; /* -vol, in 1/256 */
    int64_t copy_time_base;
    double drift_threshold;
    double jump_threshold_s;  /* -dts_delta_threshold */
    double error_threshold_s; /* -dts_error_threshold */
    double drop_threshold;
    double max_error_rate;
    bool copies_times;
    bool starts_at_zero;
    bool exits_on_error;
    bool ignores_unknown;
    bool copies_unknown;
    bool converts;
    bool recasts_media;
    bool reports_psnr;
    enum recipe_norm norm;     /* for a -target that names none */
    bool leaves_norm;          /* there is one, so the input decides */
    struct recipe *other_norm; /* owned; then, the same for NTSC, else NULL */
};

/* The last value given for a stream, or NULL; borrowed. */
const char *recipe_setting(const struct recipe_file *file, enum recipe_key key,
                           const struct stream_place *place);

/* The same as a number; fallback when none was given. */
double recipe_number(const struct recipe_file *file, enum recipe_key key,
                     const struct stream_place *place, double fallback);

/* The -filter or -filter_script of a stream; NULL: none. Fails with ERROR_USAGE: it has both. */
bool recipe_filter(const struct recipe_file *file, const struct stream_place *place,
                   const char **text, struct error *err);

/* The four letters of -tag, or its number. */
uint32_t recipe_codec_tag(const char *value);

/* Whether -an and the like leave streams of that type out. */
bool recipe_drops(const struct recipe_file *file, enum AVMediaType type);

/* The codec options that apply to a stream, without specifiers; codec NULL: none; caller frees. */
AVDictionary *recipe_codec_options(const struct recipe_file *file, const AVCodec *codec,
                                   const struct stream_place *place, bool encodes);

/*
 * Puts an option where ffmpeg puts one that the program does not know itself. NULL: done; "":
 * nobody knows it; else why it cannot be taken.
 */
const char *recipe_route_option(struct recipe *recipe, enum recipe_scope scope, const char *word,
                                const char *value);

/* Whether any library has an option of that name. */
bool recipe_option_is_known(const char *name);

/* What is known to be wrong with input options before there is an input. */
bool recipe_check_input(const struct recipe *recipe, const struct recipe_file *file,
                        struct error *err);

/*
 * Whether an input may be of this format: most live without other files, and some of those that do
 * not can be allowed. Only the latter may open any.
 */
bool recipe_may_open(const struct recipe *recipe, const AVInputFormat *demuxer);
bool recipe_allows(const struct recipe *recipe, const AVInputFormat *demuxer);

/* Whether the demuxers that are allowed can be. Fails with ERROR_USAGE. */
bool recipe_check_allowed(const struct recipe *recipe, struct error *err);

/* The container of a result called name, or NULL with ERROR_USAGE. */
const AVOutputFormat *recipe_container(const struct recipe *recipe, const char *name,
                                       struct error *err);

/*
 * The encoder for a stream: the one asked for, else the container's usual one. *copies: none,
 * because packets are copied. NULL with ERROR_USAGE when there is none in this build.
 */
const AVCodec *recipe_encoder(const struct recipe *recipe, const struct stream_place *place,
                              bool *copies, struct error *err);

/* By name, or the usual one of the codec of that name; NULL: this build has none. */
const AVCodec *recipe_encoder_named(const char *name);

/* Whether a result may have such a stream: scratch is its container. */
bool recipe_may_have(const struct recipe *recipe, const AVFormatContext *scratch,
                     enum AVMediaType type);

/* Whether an encoder takes "b:v" or "crf", whichever streams it is for; NULL takes everything. */
bool recipe_codec_takes(const AVCodec *codec, enum AVMediaType type, const char *option);

/* The decoder called so, or of the codec called so; NULL when this build has none. */
const AVCodec *recipe_decoder_named(const char *name);
