/* SPDX-License-Identifier: MIT */

/* The table of options and the search for the name somebody may have meant. */

#include "media/recipe_options.h"

#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/opt.h>

#include "base/nearest.h"
#include "media/recipe_fields.h"

#define STREAM(name, scope, value, key, specifier)                                                 \
    {                                                                                              \
        name, scope, RECIPE_ADD_SETTING, value, key, 0, specifier                                  \
    }
#define OF_FILE(name, scope, action, value, field)                                                 \
    {                                                                                              \
        name, scope, action, value, RECIPE_CODEC, offsetof(struct recipe_file, field), NULL        \
    }
#define OF_ALL(name, action, value, field)                                                         \
    {                                                                                              \
        name, RECIPE_GLOBAL, action, value, RECIPE_CODEC, offsetof(struct recipe, field), NULL     \
    }
#define OTHER(name, scope, action, value, text)                                                    \
    {                                                                                              \
        name, scope, action, value, RECIPE_CODEC, 0, text                                          \
    }

static const char own_progress[] = "avmap shows its progress with --progress";
static const char own_names[] = "results are replaced or kept by --if-exists";
static const char own_log[] = "libav's messages are shown with --verbose";
static const char for_debugging[] = "it only prints what helps to debug ffmpeg";
static const char no_hurry[] = "objects are read as fast as they come";
static const char no_hardware[] = "avmap codes on CPUs only";
static const char other_files[] = "it writes a file beside the result";
static const char presets[] = "presets are files of the ffmpeg program; give the options in them";
static const char only_prints[] = "it prints what there is and makes no result; ask ffmpeg";
static const char two_passes[] = "avmap encodes in one pass; choose a quality (-crf, -q) or a rate";

/* clang-format off */
static const struct recipe_option options[] = {
    STREAM("c",              RECIPE_EITHER, RECIPE_TEXT,    RECIPE_CODEC,            NULL),
    STREAM("codec",          RECIPE_EITHER, RECIPE_TEXT,    RECIPE_CODEC,            NULL),
    STREAM("acodec",         RECIPE_EITHER, RECIPE_TEXT,    RECIPE_CODEC,            "a"),
    STREAM("vcodec",         RECIPE_EITHER, RECIPE_TEXT,    RECIPE_CODEC,            "v"),
    STREAM("scodec",         RECIPE_EITHER, RECIPE_TEXT,    RECIPE_CODEC,            "s"),
    STREAM("dcodec",         RECIPE_EITHER, RECIPE_TEXT,    RECIPE_CODEC,            "d"),
    STREAM("ac",             RECIPE_EITHER, RECIPE_COUNT,   RECIPE_CHANNELS,         NULL),
    STREAM("ar",             RECIPE_EITHER, RECIPE_COUNT,   RECIPE_SAMPLE_RATE,      NULL),
    STREAM("ch_layout",      RECIPE_EITHER, RECIPE_TEXT,    RECIPE_LAYOUT,           NULL),
    STREAM("channel_layout", RECIPE_EITHER, RECIPE_TEXT,    RECIPE_LAYOUT,           NULL),
    STREAM("sample_fmt",     RECIPE_OUTPUT, RECIPE_TEXT,    RECIPE_SAMPLE_FORMAT,    NULL),
    STREAM("q",              RECIPE_OUTPUT, RECIPE_DECIMAL, RECIPE_QUALITY,          NULL),
    STREAM("qscale",         RECIPE_OUTPUT, RECIPE_DECIMAL, RECIPE_QUALITY,          NULL),
    STREAM("aq",             RECIPE_OUTPUT, RECIPE_DECIMAL, RECIPE_QUALITY,          "a"),
    STREAM("frames",         RECIPE_OUTPUT, RECIPE_WHOLE,   RECIPE_FRAMES,           NULL),
    STREAM("aframes",        RECIPE_OUTPUT, RECIPE_WHOLE,   RECIPE_FRAMES,           "a"),
    STREAM("vframes",        RECIPE_OUTPUT, RECIPE_WHOLE,   RECIPE_FRAMES,           "v"),
    STREAM("dframes",        RECIPE_OUTPUT, RECIPE_WHOLE,   RECIPE_FRAMES,           "d"),
    STREAM("r",              RECIPE_EITHER, RECIPE_TEXT,    RECIPE_FRAME_RATE,       NULL),
    STREAM("fpsmax",         RECIPE_OUTPUT, RECIPE_TEXT,    RECIPE_FRAME_RATE_MAX,   NULL),
    STREAM("force_fps",      RECIPE_OUTPUT, RECIPE_SWITCH,  RECIPE_FORCE_RATE,       NULL),
    STREAM("s",              RECIPE_EITHER, RECIPE_TEXT,    RECIPE_SIZE,             NULL),
    STREAM("aspect",         RECIPE_OUTPUT, RECIPE_TEXT,    RECIPE_ASPECT,           NULL),
    STREAM("pix_fmt",        RECIPE_EITHER, RECIPE_TEXT,    RECIPE_PIXEL_FORMAT,     NULL),
    STREAM("autoscale",      RECIPE_OUTPUT, RECIPE_NUMBERED, RECIPE_AUTOSCALE,        NULL),
    STREAM("fps_mode",       RECIPE_OUTPUT, RECIPE_TEXT,    RECIPE_SYNC_MODE,        NULL),
    STREAM("top",            RECIPE_OUTPUT, RECIPE_WHOLE,   RECIPE_TOP_FIRST,        NULL),
    STREAM("force_key_frames", RECIPE_OUTPUT, RECIPE_TEXT,  RECIPE_KEY_FRAMES,       NULL),
    STREAM("rc_override",    RECIPE_OUTPUT, RECIPE_TEXT,    RECIPE_RATE_RANGES,      NULL),
    STREAM("intra_matrix",   RECIPE_OUTPUT, RECIPE_TEXT,    RECIPE_INTRA_MATRIX,     NULL),
    STREAM("chroma_intra_matrix", RECIPE_OUTPUT, RECIPE_TEXT, RECIPE_CHROMA_MATRIX,  NULL),
    STREAM("inter_matrix",   RECIPE_OUTPUT, RECIPE_TEXT,    RECIPE_INTER_MATRIX,     NULL),
    STREAM("bits_per_raw_sample", RECIPE_OUTPUT, RECIPE_COUNT, RECIPE_RAW_BITS,      NULL),
    STREAM("filter",         RECIPE_OUTPUT, RECIPE_TEXT,    RECIPE_FILTER,           NULL),
    STREAM("af",             RECIPE_OUTPUT, RECIPE_TEXT,    RECIPE_FILTER,           "a"),
    STREAM("vf",             RECIPE_OUTPUT, RECIPE_TEXT,    RECIPE_FILTER,           "v"),
    STREAM("filter_script",  RECIPE_OUTPUT, RECIPE_FILE,    RECIPE_FILTER_SCRIPT,    NULL),
    STREAM("apad",           RECIPE_OUTPUT, RECIPE_TEXT,    RECIPE_PAD,              NULL),
    STREAM("bsf",            RECIPE_OUTPUT, RECIPE_TEXT,    RECIPE_BITSTREAM_FILTER, NULL),
    STREAM("absf",           RECIPE_OUTPUT, RECIPE_TEXT,    RECIPE_BITSTREAM_FILTER, "a"),
    STREAM("vbsf",           RECIPE_OUTPUT, RECIPE_TEXT,    RECIPE_BITSTREAM_FILTER, "v"),
    STREAM("tag",            RECIPE_EITHER, RECIPE_TEXT,    RECIPE_TAG,              NULL),
    STREAM("atag",           RECIPE_EITHER, RECIPE_TEXT,    RECIPE_TAG,              "a"),
    STREAM("vtag",           RECIPE_EITHER, RECIPE_TEXT,    RECIPE_TAG,              "v"),
    STREAM("stag",           RECIPE_EITHER, RECIPE_TEXT,    RECIPE_TAG,              "s"),
    STREAM("disposition",    RECIPE_OUTPUT, RECIPE_TEXT,    RECIPE_DISPOSITION,      NULL),
    STREAM("time_base",      RECIPE_OUTPUT, RECIPE_TEXT,    RECIPE_TIME_BASE,        NULL),
    STREAM("enc_time_base",  RECIPE_OUTPUT, RECIPE_TEXT,    RECIPE_ENCODER_TIME_BASE, NULL),
    STREAM("max_muxing_queue_size", RECIPE_OUTPUT, RECIPE_COUNT, RECIPE_QUEUE_PACKETS, NULL),
    STREAM("muxing_queue_data_threshold", RECIPE_OUTPUT, RECIPE_COUNT, RECIPE_QUEUE_BYTES, NULL),
    STREAM("copyinkf",       RECIPE_OUTPUT, RECIPE_SWITCH,  RECIPE_COPY_LEADING,     NULL),
    STREAM("copypriorss",    RECIPE_OUTPUT, RECIPE_WHOLE,   RECIPE_COPY_EARLY,       NULL),
    STREAM("autorotate",     RECIPE_INPUT,  RECIPE_NUMBERED, RECIPE_AUTOROTATE,       NULL),
    STREAM("itsscale",       RECIPE_INPUT,  RECIPE_DECIMAL, RECIPE_TIME_SCALE,       NULL),
    STREAM("discard",        RECIPE_INPUT,  RECIPE_TEXT,    RECIPE_DISCARD,          NULL),
    STREAM("guess_layout_max", RECIPE_INPUT, RECIPE_COUNT,  RECIPE_LAYOUT_MAX,       NULL),
    STREAM("reinit_filter",  RECIPE_INPUT,  RECIPE_WHOLE,   RECIPE_REINIT,           NULL),
    STREAM("fix_sub_duration", RECIPE_INPUT, RECIPE_SWITCH, RECIPE_FIX_DURATION,     NULL),
    STREAM("canvas_size",    RECIPE_INPUT,  RECIPE_TEXT,    RECIPE_CANVAS_SIZE,      NULL),
    STREAM("map",            RECIPE_OUTPUT, RECIPE_TEXT,    RECIPE_MAP,              ""),
    STREAM("map_channel",    RECIPE_OUTPUT, RECIPE_TEXT,    RECIPE_MAP_CHANNEL,      ""),
    STREAM("metadata",       RECIPE_OUTPUT, RECIPE_TEXT,    RECIPE_METADATA,         NULL),
    STREAM("map_metadata",   RECIPE_OUTPUT, RECIPE_TEXT,    RECIPE_MAP_METADATA,     NULL),
    STREAM("streamid",       RECIPE_OUTPUT, RECIPE_TEXT,    RECIPE_STREAM_ID,        ""),
    STREAM("program",        RECIPE_OUTPUT, RECIPE_TEXT,    RECIPE_PROGRAM,          ""),

    OF_FILE("f",             RECIPE_EITHER, RECIPE_SET_TEXT,    RECIPE_TEXT,    format),
    OF_FILE("ss",            RECIPE_EITHER, RECIPE_SET_TIME,    RECIPE_TEXT,    start_us),
    OF_FILE("sseof",         RECIPE_INPUT,  RECIPE_SET_TIME,    RECIPE_TEXT,    start_eof_us),
    OF_FILE("t",             RECIPE_EITHER, RECIPE_SET_TIME,    RECIPE_TEXT,    duration_us),
    OF_FILE("to",            RECIPE_EITHER, RECIPE_SET_TIME,    RECIPE_TEXT,    stop_us),
    OF_FILE("itsoffset",     RECIPE_INPUT,  RECIPE_SET_TIME,    RECIPE_TEXT,    ts_offset_us),
    OF_FILE("isync",         RECIPE_INPUT,  RECIPE_SET_INTEGER, RECIPE_WHOLE,   sync_with),
    OF_FILE("stream_loop",   RECIPE_INPUT,  RECIPE_SET_INTEGER, RECIPE_WHOLE,   loops),
    OF_FILE("fs",            RECIPE_OUTPUT, RECIPE_SET_INTEGER, RECIPE_DECIMAL, size_limit),
    OF_FILE("map_chapters",  RECIPE_OUTPUT, RECIPE_SET_INTEGER, RECIPE_WHOLE,   chapters_from),
    OF_FILE("muxdelay",      RECIPE_OUTPUT, RECIPE_SET_REAL,    RECIPE_DECIMAL, mux_delay_s),
    OF_FILE("muxpreload",    RECIPE_OUTPUT, RECIPE_SET_REAL,    RECIPE_DECIMAL, mux_preload_s),
    OF_FILE("an",            RECIPE_EITHER, RECIPE_SET_FLAG,    RECIPE_SWITCH,  drops_audio),
    OF_FILE("vn",            RECIPE_EITHER, RECIPE_SET_FLAG,    RECIPE_SWITCH,  drops_video),
    OF_FILE("sn",            RECIPE_EITHER, RECIPE_SET_FLAG,    RECIPE_SWITCH,  drops_subtitles),
    OF_FILE("dn",            RECIPE_EITHER, RECIPE_SET_FLAG,    RECIPE_SWITCH,  drops_data),
    OF_FILE("bitexact",      RECIPE_EITHER, RECIPE_SET_FLAG,    RECIPE_SWITCH,  bitexact),
    OF_FILE("shortest",      RECIPE_OUTPUT, RECIPE_SET_FLAG,    RECIPE_SWITCH,  shortest),
    OF_FILE("accurate_seek", RECIPE_INPUT,  RECIPE_SET_FLAG,    RECIPE_SWITCH,  accurate_seek),
    OF_FILE("seek_timestamp", RECIPE_INPUT, RECIPE_SET_INTEGER, RECIPE_WHOLE,   seek_timestamp),
    OF_FILE("find_stream_info", RECIPE_INPUT, RECIPE_SET_FLAG,  RECIPE_SWITCH,  find_stream_info),

    OF_ALL("filter_threads", RECIPE_SET_TEXT,    RECIPE_TEXT,    filter_threads),
    OF_ALL("filter_complex_threads", RECIPE_SET_TEXT, RECIPE_COUNT, filter_complex_threads),
    OF_ALL("vsync",          RECIPE_SET_TEXT,    RECIPE_TEXT,    sync),
    OF_ALL("async",          RECIPE_SET_INTEGER, RECIPE_WHOLE,   async),
    OF_ALL("vol",            RECIPE_SET_INTEGER, RECIPE_WHOLE,   volume),
    OF_ALL("copytb",         RECIPE_SET_INTEGER, RECIPE_WHOLE,   copy_time_base),
    OF_ALL("adrift_threshold", RECIPE_SET_REAL,  RECIPE_DECIMAL, drift_threshold),
    OF_ALL("dts_delta_threshold", RECIPE_SET_REAL, RECIPE_DECIMAL, jump_threshold_s),
    OF_ALL("dts_error_threshold", RECIPE_SET_REAL, RECIPE_DECIMAL, error_threshold_s),
    OF_ALL("frame_drop_threshold", RECIPE_SET_REAL, RECIPE_DECIMAL, drop_threshold),
    OF_ALL("max_error_rate", RECIPE_SET_REAL,    RECIPE_DECIMAL, max_error_rate),
    OF_ALL("copyts",         RECIPE_SET_FLAG,    RECIPE_SWITCH,  copies_times),
    OF_ALL("start_at_zero",  RECIPE_SET_FLAG,    RECIPE_SWITCH,  starts_at_zero),
    OF_ALL("xerror",         RECIPE_SET_FLAG,    RECIPE_SWITCH,  exits_on_error),
    OF_ALL("ignore_unknown", RECIPE_SET_FLAG,    RECIPE_SWITCH,  ignores_unknown),
    OF_ALL("copy_unknown",   RECIPE_SET_FLAG,    RECIPE_SWITCH,  copies_unknown),
    OF_ALL("recast_media",   RECIPE_SET_FLAG,    RECIPE_SWITCH,  recasts_media),
    OF_ALL("psnr",           RECIPE_SET_FLAG,    RECIPE_SWITCH,  reports_psnr),
    OF_ALL("auto_conversion_filters", RECIPE_SET_FLAG, RECIPE_SWITCH, converts),

    OTHER("ab",              RECIPE_OUTPUT, RECIPE_CODEC_OPTION, RECIPE_TEXT,   "b:a"),
    OTHER("b",               RECIPE_OUTPUT, RECIPE_CODEC_OPTION, RECIPE_TEXT,   "b:v"),
    OTHER("profile",         RECIPE_OUTPUT, RECIPE_CODEC_OPTION, RECIPE_TEXT,   "profile:v"),
    OTHER("filter_complex",  RECIPE_GLOBAL, RECIPE_ADD_GRAPH,    RECIPE_TEXT,   NULL),
    OTHER("lavfi",           RECIPE_GLOBAL, RECIPE_ADD_GRAPH,    RECIPE_TEXT,   NULL),
    OTHER("filter_complex_script", RECIPE_GLOBAL, RECIPE_ADD_GRAPH, RECIPE_FILE, NULL),
    OTHER("abort_on",        RECIPE_GLOBAL, RECIPE_ABORT_ON,     RECIPE_TEXT,   NULL),
    OTHER("timecode",        RECIPE_OUTPUT, RECIPE_TIMECODE,     RECIPE_TEXT,   NULL),
    OTHER("timestamp",       RECIPE_OUTPUT, RECIPE_TIMESTAMP,    RECIPE_TEXT,   NULL),
    OTHER("attach",          RECIPE_OUTPUT, RECIPE_ATTACH,       RECIPE_TEXT,   NULL),
    OTHER("cpuflags",        RECIPE_GLOBAL, RECIPE_SET_LIBRARY,  RECIPE_TEXT,   NULL),
    OTHER("cpucount",        RECIPE_GLOBAL, RECIPE_SET_LIBRARY,  RECIPE_COUNT,  NULL),
    OTHER("target",          RECIPE_OUTPUT, RECIPE_TARGET,       RECIPE_TEXT,   NULL),

    OTHER("y",               RECIPE_GLOBAL, RECIPE_NOTE, RECIPE_SWITCH, own_names),
    OTHER("n",               RECIPE_GLOBAL, RECIPE_NOTE, RECIPE_SWITCH, own_names),
    OTHER("stdin",           RECIPE_GLOBAL, RECIPE_NOTE, RECIPE_SWITCH, NULL),
    OTHER("hide_banner",     RECIPE_GLOBAL, RECIPE_NOTE, RECIPE_SWITCH, NULL),
    OTHER("loglevel",        RECIPE_GLOBAL, RECIPE_NOTE, RECIPE_TEXT,   own_log),
    OTHER("v",               RECIPE_GLOBAL, RECIPE_NOTE, RECIPE_TEXT,   own_log),
    OTHER("stats",           RECIPE_GLOBAL, RECIPE_NOTE, RECIPE_SWITCH, own_progress),
    OTHER("stats_period",    RECIPE_GLOBAL, RECIPE_NOTE, RECIPE_TEXT,   own_progress),
    OTHER("benchmark",       RECIPE_GLOBAL, RECIPE_NOTE, RECIPE_SWITCH, own_progress),
    OTHER("benchmark_all",   RECIPE_GLOBAL, RECIPE_NOTE, RECIPE_SWITCH, own_progress),
    OTHER("timelimit",       RECIPE_GLOBAL, RECIPE_NOTE, RECIPE_COUNT,  "--item-timeout limits the time of an item"),
    OTHER("dump",            RECIPE_GLOBAL, RECIPE_NOTE, RECIPE_SWITCH, for_debugging),
    OTHER("hex",             RECIPE_GLOBAL, RECIPE_NOTE, RECIPE_SWITCH, for_debugging),
    OTHER("debug_ts",        RECIPE_GLOBAL, RECIPE_NOTE, RECIPE_SWITCH, for_debugging),
    OTHER("qphist",          RECIPE_GLOBAL, RECIPE_NOTE, RECIPE_SWITCH, for_debugging),
    OTHER("vstats_version",  RECIPE_GLOBAL, RECIPE_NOTE, RECIPE_COUNT,  for_debugging),
    OTHER("re",              RECIPE_INPUT,  RECIPE_NOTE, RECIPE_SWITCH, no_hurry),
    OTHER("readrate",        RECIPE_INPUT,  RECIPE_NOTE, RECIPE_DECIMAL, no_hurry),
    OTHER("thread_queue_size", RECIPE_INPUT, RECIPE_NOTE, RECIPE_COUNT, no_hurry),

    OTHER("dump_attachment", RECIPE_INPUT,  RECIPE_REFUSE, RECIPE_TEXT,   other_files),
    OTHER("pre",             RECIPE_OUTPUT, RECIPE_REFUSE, RECIPE_TEXT,   presets),
    OTHER("apre",            RECIPE_OUTPUT, RECIPE_REFUSE, RECIPE_TEXT,   presets),
    OTHER("vpre",            RECIPE_OUTPUT, RECIPE_REFUSE, RECIPE_TEXT,   presets),
    OTHER("spre",            RECIPE_OUTPUT, RECIPE_REFUSE, RECIPE_TEXT,   presets),
    OTHER("fpre",            RECIPE_OUTPUT, RECIPE_REFUSE, RECIPE_TEXT,   presets),
    OTHER("report",          RECIPE_GLOBAL, RECIPE_REFUSE, RECIPE_SWITCH, other_files),
    OTHER("progress",        RECIPE_GLOBAL, RECIPE_REFUSE, RECIPE_TEXT,   own_progress),
    OTHER("vstats",          RECIPE_GLOBAL, RECIPE_REFUSE, RECIPE_SWITCH, other_files),
    OTHER("vstats_file",     RECIPE_GLOBAL, RECIPE_REFUSE, RECIPE_TEXT,   other_files),
    OTHER("sdp_file",        RECIPE_GLOBAL, RECIPE_REFUSE, RECIPE_TEXT,   other_files),
    OTHER("pass",            RECIPE_OUTPUT, RECIPE_REFUSE, RECIPE_TEXT,   two_passes),
    OTHER("passlogfile",     RECIPE_OUTPUT, RECIPE_REFUSE, RECIPE_TEXT,   two_passes),
    OTHER("hwaccel",         RECIPE_INPUT,  RECIPE_REFUSE, RECIPE_TEXT,   no_hardware),
    OTHER("hwaccel_device",  RECIPE_INPUT,  RECIPE_REFUSE, RECIPE_TEXT,   no_hardware),
    OTHER("hwaccel_output_format", RECIPE_INPUT, RECIPE_REFUSE, RECIPE_TEXT, no_hardware),
    OTHER("init_hw_device",  RECIPE_GLOBAL, RECIPE_REFUSE, RECIPE_TEXT,   no_hardware),
    OTHER("filter_hw_device", RECIPE_GLOBAL, RECIPE_REFUSE, RECIPE_TEXT,  no_hardware),
    OTHER("vaapi_device",    RECIPE_GLOBAL, RECIPE_REFUSE, RECIPE_TEXT,   no_hardware),
    OTHER("qsv_device",      RECIPE_GLOBAL, RECIPE_REFUSE, RECIPE_TEXT,   no_hardware),
    OTHER("i",               RECIPE_GLOBAL, RECIPE_REFUSE, RECIPE_TEXT,   "the objects below SOURCE are the inputs; avmap one takes several, in --input_url"),
    OTHER("max_alloc",       RECIPE_GLOBAL, RECIPE_REFUSE, RECIPE_TEXT,   "use --max-item-memory"),

    OTHER("L",              RECIPE_GLOBAL, RECIPE_REFUSE, RECIPE_SWITCH, only_prints),
    OTHER("h",              RECIPE_GLOBAL, RECIPE_REFUSE, RECIPE_SWITCH, only_prints),
    OTHER("?",              RECIPE_GLOBAL, RECIPE_REFUSE, RECIPE_SWITCH, only_prints),
    OTHER("help",           RECIPE_GLOBAL, RECIPE_REFUSE, RECIPE_SWITCH, only_prints),
    OTHER("-help",          RECIPE_GLOBAL, RECIPE_REFUSE, RECIPE_SWITCH, only_prints),
    OTHER("version",        RECIPE_GLOBAL, RECIPE_REFUSE, RECIPE_SWITCH, only_prints),
    OTHER("buildconf",      RECIPE_GLOBAL, RECIPE_REFUSE, RECIPE_SWITCH, only_prints),
    OTHER("formats",        RECIPE_GLOBAL, RECIPE_REFUSE, RECIPE_SWITCH, only_prints),
    OTHER("muxers",         RECIPE_GLOBAL, RECIPE_REFUSE, RECIPE_SWITCH, only_prints),
    OTHER("demuxers",       RECIPE_GLOBAL, RECIPE_REFUSE, RECIPE_SWITCH, only_prints),
    OTHER("devices",        RECIPE_GLOBAL, RECIPE_REFUSE, RECIPE_SWITCH, only_prints),
    OTHER("codecs",         RECIPE_GLOBAL, RECIPE_REFUSE, RECIPE_SWITCH, only_prints),
    OTHER("decoders",       RECIPE_GLOBAL, RECIPE_REFUSE, RECIPE_SWITCH, only_prints),
    OTHER("encoders",       RECIPE_GLOBAL, RECIPE_REFUSE, RECIPE_SWITCH, only_prints),
    OTHER("bsfs",           RECIPE_GLOBAL, RECIPE_REFUSE, RECIPE_SWITCH, only_prints),
    OTHER("protocols",      RECIPE_GLOBAL, RECIPE_REFUSE, RECIPE_SWITCH, only_prints),
    OTHER("filters",        RECIPE_GLOBAL, RECIPE_REFUSE, RECIPE_SWITCH, only_prints),
    OTHER("pix_fmts",       RECIPE_GLOBAL, RECIPE_REFUSE, RECIPE_SWITCH, only_prints),
    OTHER("layouts",        RECIPE_GLOBAL, RECIPE_REFUSE, RECIPE_SWITCH, only_prints),
    OTHER("sample_fmts",    RECIPE_GLOBAL, RECIPE_REFUSE, RECIPE_SWITCH, only_prints),
    OTHER("dispositions",   RECIPE_GLOBAL, RECIPE_REFUSE, RECIPE_SWITCH, only_prints),
    OTHER("colors",         RECIPE_GLOBAL, RECIPE_REFUSE, RECIPE_SWITCH, only_prints),
    OTHER("sources",        RECIPE_GLOBAL, RECIPE_REFUSE, RECIPE_SWITCH, only_prints),
    OTHER("sinks",          RECIPE_GLOBAL, RECIPE_REFUSE, RECIPE_SWITCH, only_prints),
    OTHER("hwaccels",       RECIPE_GLOBAL, RECIPE_REFUSE, RECIPE_SWITCH, only_prints),
};

/* clang-format on */

static const struct recipe_option *find(const char *name)
{
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        if (strcmp(options[i].name, name) == 0)
            return &options[i];
    }
    return NULL;
}

const struct recipe_option *recipe_option_find(const char *name, bool *turns_off)
{
    const struct recipe_option *option = find(name);

    *turns_off = false;
    if (option || strncmp(name, "no", 2) != 0)
        return option;
    option = find(name + 2);
    *turns_off = option && (option->value == RECIPE_SWITCH || option->value == RECIPE_NUMBERED);
    return *turns_off ? option : NULL;
}

static void consider_class(const char *name, const AVClass *class, const char **best)
{
    const AVOption *option = NULL;

    while ((option = av_opt_next(&class, option))) {
        if (option->type != AV_OPT_TYPE_CONST && option->flags)
            nearest_consider(name, option->name, best);
    }
}

static void consider_children(const char *name, const AVClass *parent, const char **best)
{
    void *position = NULL;
    const AVClass *class;

    consider_class(name, parent, best);
    while ((class = av_opt_child_class_iterate(parent, &position)))
        consider_class(name, class, best);
}

const char *recipe_option_suggest(const char *name)
{
    const char *best = NULL;

    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        if (options[i].action != RECIPE_REFUSE)
            nearest_consider(name, options[i].name, &best);
    }
    consider_children(name, avcodec_get_class(), &best);
    consider_children(name, avformat_get_class(), &best);
    return best;
}
