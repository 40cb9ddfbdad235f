/* SPDX-License-Identifier: MIT */

/* Holds what was decoded against what the container declares. */

#include "media/verdict_lengths.h"

#include <math.h>

#include "media/cut_off.h"
#include "media/recipe_fields.h"

/* Of the whole input, or else the lengths have nothing to say. */
static bool was_read_whole(const struct input *input)
{
    const struct recipe_file *file = input->file;

    return input->ended && file->loops == 0 && file->start_us == AV_NOPTS_VALUE &&
           file->start_eof_us == AV_NOPTS_VALUE && file->duration_us == INT64_MAX;
}

static bool has_length(const AVStream *stream)
{
    enum AVMediaType type = stream->codecpar->codec_type;

    return type == AVMEDIA_TYPE_AUDIO ||
           (type == AVMEDIA_TYPE_VIDEO && !(stream->disposition & AV_DISPOSITION_ATTACHED_PIC));
}

static bool check_length(unsigned index, double decoded_s, double declared_s, double tolerance_s,
                         struct error *err)
{
    /* Containers round to microseconds, or worse, and sums of frames round too. */
    return fabs(decoded_s - declared_s) < tolerance_s + 1e-5 ||
           error_set(err, ERROR_MEDIA, "Media.LengthMismatch",
                     "stream %u: %.3f s were decoded, the container declares %.3f s (--strict)",
                     index, decoded_s, declared_s);
}

/* From the beginning of the container to that of the stream. */
static double begin_of(const struct input *input, const AVStream *stream)
{
    if (stream->start_time == AV_NOPTS_VALUE || input->format->start_time == AV_NOPTS_VALUE)
        return 0;
    return (double)stream->start_time * av_q2d(stream->time_base) -
           (double)input->format->start_time / AV_TIME_BASE;
}

static double declared_of(const AVStream *stream)
{
    return stream->duration > 0 ? (double)stream->duration * av_q2d(stream->time_base) : 0;
}

static bool check_streams(const struct input *input, const struct source *sources,
                          double tolerance_s, struct error *err)
{
    for (unsigned i = 0; i < input->stream_count; i++) {
        double declared_s = declared_of(sources[i].stream->stream);

        if (has_length(sources[i].stream->stream) && sources[i].decodes && declared_s > 0 &&
            !check_length(i, sources[i].decoder.seconds, declared_s, tolerance_s, err))
            return false;
    }
    return true;
}

/* Of a stream that was not decoded: whether the whole could end where it does because of that. */
static bool may_end_last(const struct input *input, const AVStream *stream, double whole_s)
{
    double declared_s = declared_of(stream);

    if (stream->disposition & AV_DISPOSITION_ATTACHED_PIC)
        return false;
    if (declared_s <= 0)
        return has_length(stream);
    return begin_of(input, stream) + declared_s >= whole_s;
}

/* The decoded stream that ends last ends with the container. */
static bool check_whole(const struct input *input, const struct source *sources, double tolerance_s,
                        struct error *err)
{
    double whole_s = (double)input->format->duration / AV_TIME_BASE;
    double longest_s = -1;
    unsigned longest = 0;

    for (unsigned i = 0; i < input->stream_count; i++) {
        const AVStream *stream = sources[i].stream->stream;
        double end_s = begin_of(input, stream) + sources[i].decoder.seconds;

        if (!has_length(stream) || !sources[i].decodes) {
            if (may_end_last(input, stream, whole_s - tolerance_s))
                return true;
        } else if (end_s > longest_s) {
            longest_s = end_s;
            longest = i;
        }
    }
    return longest_s < 0 || whole_s <= 0 ||
           check_length(longest, longest_s, whole_s, tolerance_s, err);
}

bool verdict_lengths(const struct input *input, const struct source *sources, double tolerance_s,
                     struct error *err)
{
    if (!was_read_whole(input))
        return true;
    if (!cut_off_check(input, tolerance_s, err))
        return false;
    return input->format->duration_estimation_method == AVFMT_DURATION_FROM_BITRATE ||
           (check_streams(input, sources, tolerance_s, err) &&
            check_whole(input, sources, tolerance_s, err));
}

double verdict_lengths_wanted(const struct input *input)
{
    double whole_s = (double)input->format->duration / AV_TIME_BASE;
    double longest_s = 0;
    bool is_whole = true;
    bool is_known = true;

    for (unsigned i = 0; i < input->stream_count; i++) {
        const AVStream *stream = input->streams[i].stream;
        double declared_s = declared_of(stream);

        if (!input->streams[i].wanted)
            is_whole = is_whole && !may_end_last(input, stream, whole_s);
        else if (declared_s > 0)
            longest_s = fmax(longest_s, begin_of(input, stream) + declared_s);
        else
            is_known = is_known && !has_length(stream);
    }
    if (input->format->duration == AV_NOPTS_VALUE || is_whole)
        return input->format->duration == AV_NOPTS_VALUE ? 0 : whole_s;
    return is_known ? longest_s : 0;
}
