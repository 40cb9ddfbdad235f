/* SPDX-License-Identifier: MIT */

/* Checks values with the functions that will read them. */

#include "media/recipe_values.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libavcodec/bsf.h>
#include <libavfilter/avfilter.h>
#include <libavutil/channel_layout.h>
#include <libavutil/opt.h>
#include <libavutil/parseutils.h>
#include <libavutil/pixdesc.h>
#include <libavutil/samplefmt.h>

#include "base/memory.h"
#include "media/channel_map.h"
#include "media/key_frames.h"
#include "media/libav.h"
#include "media/output_program.h"
#include "media/quantizer.h"
#include "media/recipe_fields.h"

bool recipe_sync_method(const char *value, bool numbers, enum video_sync_method *method)
{
    static const struct {
        const char *name, *number;
        enum video_sync_method method;
    } known[] = {
        { "auto", "-1", VIDEO_SYNC_AUTO },           { "passthrough", "0", VIDEO_SYNC_PASS },
        { "cfr", "1", VIDEO_SYNC_CONSTANT },         { "vfr", "2", VIDEO_SYNC_VARIABLE },
        { "vscfr", "3", VIDEO_SYNC_CONSTANT_LATER }, { "drop", "4", VIDEO_SYNC_DROP },
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        bool named =
            strcasecmp(value, known[i].name) == 0 && known[i].method != VIDEO_SYNC_CONSTANT_LATER;
        bool numbered = numbers && strcmp(value, known[i].number) == 0 &&
                        known[i].method <= VIDEO_SYNC_VARIABLE;

        *method = known[i].method;
        if (named || numbered)
            return true;
    }
    return false;
}

bool recipe_abort_flags(const char *value, int *flags)
{
    static const AVOption known[] = {
        { .name = "abort_on", .type = AV_OPT_TYPE_FLAGS, .max = INT_MAX, .unit = "flags" },
        { .name = "empty_output",
          .type = AV_OPT_TYPE_CONST,
          .default_val = { .i64 = RECIPE_ABORT_EMPTY },
          .unit = "flags" },
        { .name = "empty_output_stream",
          .type = AV_OPT_TYPE_CONST,
          .default_val = { .i64 = RECIPE_ABORT_EMPTY_STREAM },
          .unit = "flags" },
        { .name = NULL },
    };
    static const AVClass options = {
        .item_name = av_default_item_name,
        .option = known,
        .version = LIBAVUTIL_VERSION_INT,
    };
    const AVClass *class = &options;

    return av_opt_eval_flags((void *)&class, &known[0], value, flags) >= 0;
}

bool recipe_discard(const char *value, enum AVDiscard *discard)
{
    const AVClass *class = avcodec_get_class();
    const AVOption *option =
        av_opt_find((void *)&class, "skip_frame", NULL, 0, AV_OPT_SEARCH_FAKE_OBJ);
    int number;

    if (!option || av_opt_eval_int((void *)&class, option, value, &number) < 0)
        return false;
    *discard = (enum AVDiscard)number;
    return true;
}

bool recipe_disposition(const char *value, int *flags)
{
    const AVClass *class = av_stream_get_class();
    const AVOption *option =
        av_opt_find((void *)&class, "disposition", NULL, 0, AV_OPT_SEARCH_FAKE_OBJ);

    return option && av_opt_eval_flags((void *)&class, option, value, flags) >= 0;
}

bool recipe_is_thread_count(const char *value)
{
    AVFilterGraph *scratch = avfilter_graph_alloc();
    bool taken = scratch && av_opt_set(scratch, "threads", value, 0) >= 0;

    avfilter_graph_free(&scratch);
    return taken;
}

static bool is_layout(const char *value)
{
    AVChannelLayout layout = { 0 };
    bool known = av_channel_layout_from_string(&layout, value) >= 0;

    av_channel_layout_uninit(&layout);
    return known;
}

static bool is_size(const char *value)
{
    int width;
    int height;

    return av_parse_video_size(&width, &height, value) >= 0;
}

static bool is_rate(const char *value)
{
    AVRational rate;

    return av_parse_video_rate(&rate, value) >= 0;
}

static bool is_ratio(const char *value, int max, bool positive)
{
    AVRational ratio;

    return av_parse_ratio(&ratio, value, max, 0, NULL) >= 0 && ratio.den > 0 &&
           (ratio.num > 0 || !positive);
}

static bool is_bitstream_filter(const char *value)
{
    AVBSFContext *filter = NULL;
    bool known = av_bsf_list_parse_str(value, &filter) >= 0;

    av_bsf_free(&filter);
    return known;
}

static bool is_disposition(const char *value)
{
    int flags = 0;

    return recipe_disposition(value, &flags);
}

static bool is_discard(const char *value)
{
    enum AVDiscard discard;

    return recipe_discard(value, &discard);
}

static bool is_key_frames(const char *value)
{
    struct key_frames keys;
    struct error ignored;
    bool read = key_frames_init(&keys, value, NULL, AV_TIME_BASE_Q, &ignored);

    key_frames_release(&keys);
    return read;
}

static bool is_matrix(const char *value)
{
    uint16_t matrix[QUANTIZER_COEFFICIENTS];

    return quantizer_read_matrix(value, matrix);
}

static bool is_rate_ranges(const char *value)
{
    RcOverride *ranges = NULL;
    int count;
    bool read = quantizer_read_ranges(value, &ranges, &count);

    av_free(ranges);
    return read;
}

static const char *codec_problem(enum recipe_scope scope, const char *value)
{
    const AVCodecDescriptor *descriptor = avcodec_descriptor_get_by_name(value);

    if (scope == RECIPE_INPUT)
        return recipe_decoder_named(value) ? NULL : "Unknown decoder";
    if (strcmp(value, "copy") == 0 || avcodec_find_encoder_by_name(value) ||
        (descriptor && avcodec_find_encoder(descriptor->id)))
        return NULL;
    return "Unknown encoder";
}

static const char no_such_input[] = "Invalid input file index: there is no such input, 0 is the "
                                    "first";

/* [-]FILE[:SPECIFIER][?][,SYNC], or [LABEL] of a filter graph. */
static const char *map_problem(const char *value, size_t inputs)
{
    char *copy = memory_copy_text(value + (value[0] == '-'));
    const char *problem = NULL;
    char *end;
    long file;

    copy[strcspn(copy, "?,")] = '\0';
    file = strtol(copy, &end, 0);
    if (copy[0] == '[')
        problem = copy[1] && strchr(copy, ']') ? NULL : "Invalid output link label";
    else if (file < 0 || (size_t)file >= inputs)
        problem = no_such_input;
    else if (!stream_specifier_is_valid(*end == ':' ? end + 1 : end))
        problem = "Invalid stream specifier";
    free(copy);
    return problem;
}

/* "" and g: the file; s[:SPECIFIER], c[:INDEX] and p[:INDEX]. */
static const char *metadata_problem(const char *place)
{
    if (!place[0] || place[0] == 'g' || place[0] == 'c' || place[0] == 'p')
        return NULL;
    if (place[0] != 's' || (place[1] && place[1] != ':'))
        return "Invalid metadata type";
    return place[1] && !stream_specifier_is_valid(place + 2) ? "Invalid stream specifier" : NULL;
}

static const char *map_metadata_problem(const char *specifier, const char *value, size_t inputs)
{
    const char *problem = metadata_problem(specifier);
    char *end;
    long file = strtol(value, &end, 0);

    if (!problem && file > 0 && (size_t)file >= inputs)
        problem = no_such_input;
    if (!problem && *end && *end != ':')
        problem = "Invalid metadata type";
    return problem || !*end ? problem : metadata_problem(end + 1);
}

static bool is_stream_id(const char *value)
{
    char *end;
    long index = strtol(value, &end, 10);

    if (end == value || *end != ':' || index < 0 || index > INT_MAX)
        return false;
    value = end + 1;
    index = strtol(value, &end, 10);
    return end != value && !*end && index >= 0 && index <= INT_MAX;
}

/* Of the result as a whole, and of packets. */
static const char *other_problem(enum recipe_key key, const char *specifier, const char *value,
                                 size_t inputs)
{
    switch (key) {
    case RECIPE_BITSTREAM_FILTER:
        return is_bitstream_filter(value) ? NULL : "Error parsing bitstream filter sequence";
    case RECIPE_DISPOSITION:
        return is_disposition(value) ? NULL : "Unknown disposition";
    case RECIPE_INTRA_MATRIX:
    case RECIPE_CHROMA_MATRIX:
    case RECIPE_INTER_MATRIX:
        return is_matrix(value) ? NULL : "Syntax error in matrix, expected 64 numbers with commas";
    case RECIPE_RATE_RANGES:
        return is_rate_ranges(value) ? NULL
                                     : "error parsing rc_override, expected BEGIN,END,QUALITY";
    case RECIPE_DISCARD:
        return is_discard(value) ? NULL : "Invalid discard value";
    case RECIPE_KEY_FRAMES:
        return is_key_frames(value) ? NULL : "neither times nor an expression";
    case RECIPE_MAP:
        return map_problem(value, inputs);
    case RECIPE_MAP_CHANNEL:
        return channel_map_problem(value, inputs);
    case RECIPE_METADATA:
        return strchr(value, '=') ? metadata_problem(specifier) : "No '=' character in metadata";
    case RECIPE_MAP_METADATA:
        return map_metadata_problem(specifier, value, inputs);
    case RECIPE_PROGRAM:
        return output_program(NULL, value, 0);
    case RECIPE_STREAM_ID:
        return is_stream_id(value) ? NULL : "required syntax is 'index:value'";
    default:
        return NULL;
    }
}

const char *recipe_value_problem(enum recipe_key key, enum recipe_scope scope,
                                 const char *specifier, const char *value, size_t inputs)
{
    enum video_sync_method method;

    switch (key) {
    case RECIPE_CODEC:
        return codec_problem(scope, value);
    case RECIPE_SAMPLE_FORMAT:
        return av_get_sample_fmt(value) >= 0 ? NULL : "Invalid sample format";
    case RECIPE_PIXEL_FORMAT:
        value += value[0] == '+';
        return !*value || av_get_pix_fmt(value) >= 0 ? NULL : "Unknown pixel format requested";
    case RECIPE_LAYOUT:
        return is_layout(value) ? NULL : "Unknown channel layout";
    case RECIPE_SIZE:
    case RECIPE_CANVAS_SIZE:
        return is_size(value) ? NULL : "Invalid frame size";
    case RECIPE_FRAME_RATE:
    case RECIPE_FRAME_RATE_MAX:
        return is_rate(value) ? NULL : "Invalid framerate value";
    case RECIPE_ASPECT:
        return is_ratio(value, 255, true) ? NULL : "Invalid aspect ratio";
    case RECIPE_TIME_BASE:
    case RECIPE_ENCODER_TIME_BASE:
        return is_ratio(value, INT_MAX, key == RECIPE_TIME_BASE) ? NULL : "Invalid time base";
    case RECIPE_SYNC_MODE:
        return recipe_sync_method(value, false, &method) ? NULL : "Invalid value for fps_mode";
    default:
        return other_problem(key, specifier, value, inputs);
    }
}

char *recipe_graph_problem(const char *graph, bool simple)
{
    AVFilterGraph *scratch = avfilter_graph_alloc();
    AVFilterInOut *inputs = NULL;
    AVFilterInOut *outputs = NULL;
    char *problem = NULL;

    if (!scratch)
        return memory_copy_text("no memory for a filter graph");
    scratch->nb_threads = 1;
    libav_forget_message();
    if (avfilter_graph_parse2(scratch, graph, &inputs, &outputs) < 0)
        problem =
            memory_copy_text(libav_last_message()[0] ? libav_last_message() : "not a filter graph");
    else if (simple && (!inputs || inputs->next || !outputs || outputs->next))
        problem = memory_copy_text("Simple filtergraph was expected to have exactly 1 input and 1 "
                                   "output; use -filter_complex instead");
    avfilter_inout_free(&inputs);
    avfilter_inout_free(&outputs);
    avfilter_graph_free(&scratch);
    return problem;
}
