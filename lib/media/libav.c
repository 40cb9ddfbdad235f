/* SPDX-License-Identifier: MIT */

/* libav's log callback, versions and error numbers. */

#include "media/libav.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/cpu.h>
#include <libavutil/log.h>
#include <libavutil/macros.h>
#include <libavutil/mem.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>

#include "base/log.h"
#include "base/memory.h"

enum { MESSAGE_SIZE = 512 };

/* Codecs' own structures take a few MiB, without which nothing can be done at all. */
enum { ALLOCATION_LEAST = 16 * 1024 * 1024 };

/* libav builds one line from several calls, so what came before the newline waits here. */
static _Thread_local char line[MESSAGE_SIZE];
static _Thread_local size_t line_length;
static _Thread_local char last_message[MESSAGE_SIZE];

static _Thread_local void (*listener)(void *opaque, const char *line);
static _Thread_local void *listener_opaque;

static _Thread_local uint64_t refused_pixels;
static _Thread_local bool refused_streams;

/* There is no other way to learn why a decoder refused its first picture. */
static void note_picture_size(void)
{
    static const char begin[] = "Picture size ";
    const char *at = strstr(line, begin);
    char *end;
    uint64_t width;

    if (!at)
        return;
    width = strtoul(at + strlen(begin), &end, 10);
    if (*end == 'x')
        refused_pixels = width * strtoul(end + 1, NULL, 10);
}

static const char *speaker(void *object)
{
    const AVClass *class = object ? *(const AVClass **)object : NULL;

    return class && class->item_name ? class->item_name(object) : "libav";
}

static void finish_line(void *object, int level)
{
    while (line_length > 0 && line[line_length - 1] == '\n')
        line[--line_length] = '\0';
    if (line_length == 0)
        return;
    if (level <= AV_LOG_ERROR) {
        memcpy(last_message, line, line_length + 1);
        note_picture_size();
        refused_streams |= strstr(line, "max_streams") != NULL;
    }
    if (listener)
        listener(listener_opaque, line);
    if (level <= AV_LOG_WARNING && log_shows(LOG_DEBUG))
        log_debug("[%s] %s", speaker(object), line);
    line_length = 0;
}

PRINTF_LIKE(3, 0)

static void on_message(void *object, int level, const char *format, va_list arguments)
{
    int length;

    if (level > (listener ? AV_LOG_INFO : AV_LOG_WARNING))
        return;
    length = vsnprintf(line + line_length, sizeof(line) - line_length, format, arguments);
    if (length <= 0)
        return;
    line_length += (size_t)length;
    if (line_length >= sizeof(line))
        line_length = sizeof(line) - 1;
    if (line[line_length - 1] == '\n' || line_length == sizeof(line) - 1)
        finish_line(object, level);
}

int libav_usual_threads(void)
{
    int cpus = av_cpu_count();

    return cpus > 1 ? FFMIN(cpus + 1, 16) : 1;
}

void libav_listen(void (*hear)(void *opaque, const char *text), void *opaque)
{
    listener = hear;
    listener_opaque = opaque;
}

void libav_init(void)
{
    av_log_set_callback(on_message);
}

static void append_version(char **text, const char *name, unsigned version)
{
    char *longer = memory_format("%s%s%s %u.%u.%u", *text ? *text : "", *text ? ", " : "", name,
                                 AV_VERSION_MAJOR(version), AV_VERSION_MINOR(version),
                                 AV_VERSION_MICRO(version));

    free(*text);
    *text = longer;
}

char *libav_versions(void)
{
    char *text = NULL;

    append_version(&text, "libavformat", avformat_version());
    append_version(&text, "libavcodec", avcodec_version());
    append_version(&text, "libavfilter", avfilter_version());
    append_version(&text, "libavutil", avutil_version());
    append_version(&text, "libswresample", swresample_version());
    append_version(&text, "libswscale", swscale_version());
    return text;
}

static const char *word_of(int averror)
{
    switch (averror) {
    case AVERROR_DECODER_NOT_FOUND:
        return "Media.DecoderNotFound";
    case AVERROR_ENCODER_NOT_FOUND:
        return "Media.EncoderNotFound";
    case AVERROR_STREAM_NOT_FOUND:
        return "Media.NoStream";
    case AVERROR_PATCHWELCOME:
        return "Media.Unsupported";
    case AVERROR(ENOMEM):
        return "Media.OutOfMemory";
    default:
        return "Media.InvalidData";
    }
}

static bool set_error(struct error *err, const char *word, int averror, const char *what)
{
    char reason[AV_ERROR_MAX_STRING_SIZE] = "";

    av_strerror(averror, reason, sizeof(reason));
    if (last_message[0] && !strstr(what, last_message) && strcmp(last_message, reason) != 0)
        return error_set(err, ERROR_MEDIA, word, "%s: %s (%s)", what, reason, last_message);
    return error_set(err, ERROR_MEDIA, word, "%s: %s", what, reason);
}

bool libav_error(struct error *err, int averror, const char *format, ...)
{
    char what[MESSAGE_SIZE];
    va_list arguments;

    /* Of a file that ends too early libav also says that it got no memory. */
    if (averror == AVERROR(ENOMEM) && strncmp(last_message, "Failed to read", 14) == 0)
        averror = AVERROR_INVALIDDATA;
    va_start(arguments, format);
    vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    return set_error(err, word_of(averror), averror, what);
}

bool libav_error_as(struct error *err, const char *word, int averror, const char *format, ...)
{
    char what[MESSAGE_SIZE];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    return set_error(err, word, averror, what);
}

const char *libav_last_message(void)
{
    return last_message;
}

void libav_forget_message(void)
{
    last_message[0] = '\0';
    refused_pixels = 0;
    refused_streams = false;
    line_length = 0;
}

uint64_t libav_refused_pixels(void)
{
    return refused_pixels;
}

bool libav_refused_streams(void)
{
    return refused_streams;
}

void libav_limit_memory(uint64_t bytes)
{
    uint64_t most = bytes / 2 > ALLOCATION_LEAST ? bytes / 2 : ALLOCATION_LEAST;

    av_max_alloc(bytes && most < INT_MAX ? (size_t)most : INT_MAX);
}

bool libav_set(const char *name, const char *value)
{
    unsigned flags = (unsigned)av_get_cpu_flags();

    if (strcmp(name, "cpucount") == 0) {
        av_cpu_force_count((int)strtol(value, NULL, 10));
        return true;
    }
    if (av_parse_cpu_caps(&flags, value) < 0)
        return false;
    av_force_cpu_flags((int)flags);
    return true;
}
