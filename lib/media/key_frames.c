/* SPDX-License-Identifier: MIT */

/* Forced key frames. */

#include "media/key_frames.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/mathematics.h>
#include <libavutil/parseutils.h>

#include "base/memory.h"
#include "media/libav.h"
#include "media/libav_compat.h"
#include "media/time_math.h"

/* In the order of ffmpeg's documentation. */
enum { N, N_FORCED, PREV_FORCED_N, PREV_FORCED_T, T };

static const char *const names[] = { "n", "n_forced", "prev_forced_n", "prev_forced_t", "t", NULL };

static void add_time(struct key_frames *keys, int64_t time)
{
    keys->times = memory_grow(keys->times, keys->time_count + 1, sizeof(*keys->times));
    keys->times[keys->time_count++] = time;
}

/* "chapters", with an optional shift behind it. */
static bool add_chapters(struct key_frames *keys, const char *shift, const AVFormatContext *result,
                         AVRational base)
{
    int64_t shift_us = 0;

    if (*shift && av_parse_time(&shift_us, shift, 1) < 0)
        return false;
    for (unsigned i = 0; result && i < result->nb_chapters; i++)
        add_time(keys, time_plus(av_rescale_q(result->chapters[i]->start,
                                              result->chapters[i]->time_base, base),
                                 av_rescale_q(shift_us, AV_TIME_BASE_Q, base)));
    return true;
}

static bool add_word(struct key_frames *keys, const char *word, const AVFormatContext *result,
                     AVRational base)
{
    int64_t time_us;

    if (strncmp(word, "chapters", 8) == 0)
        return add_chapters(keys, word + 8, result, base);
    if (av_parse_time(&time_us, word, 1) < 0)
        return false;
    add_time(keys, av_rescale_q(time_us, AV_TIME_BASE_Q, base));
    return true;
}

static int compare(const void *a, const void *b)
{
    int64_t one = *(const int64_t *)a;
    int64_t other = *(const int64_t *)b;

    return (one > other) - (one < other);
}

static bool read_times(struct key_frames *keys, const AVFormatContext *result, AVRational base)
{
    char *copy = memory_copy_text(keys->text);
    char *rest = copy;
    char *word;
    bool ok = true;

    while (ok && (word = strsep(&rest, ",")))
        ok = add_word(keys, word, result, base);
    if (keys->time_count)
        qsort(keys->times, keys->time_count, sizeof(*keys->times), compare);
    free(copy);
    return ok;
}

bool key_frames_init(struct key_frames *keys, const char *text, const AVFormatContext *result,
                     AVRational base, struct error *err)
{
    bool ok = true;

    *keys = (struct key_frames){ .text = text, .first_pts = AV_NOPTS_VALUE };
    if (!text)
        return true;
    keys->values[PREV_FORCED_N] = NAN;
    keys->values[PREV_FORCED_T] = NAN;
    if (strncmp(text, "expr:", 5) == 0)
        ok = av_expr_parse(&keys->condition, text + 5, names, NULL, NULL, NULL, NULL, 0, NULL) >= 0;
    else if (strncmp(text, "source", 6) != 0)
        ok = read_times(keys, result, base);
    return ok || libav_error_as(err, "Media.EncoderFailed", AVERROR(EINVAL),
                                "read -force_key_frames %s", text);
}

void key_frames_release(struct key_frames *keys)
{
    av_expr_free(keys->condition);
    free(keys->times);
    *keys = (struct key_frames){ 0 };
}

static bool meets_condition(struct key_frames *keys, double time)
{
    bool forces;

    keys->values[T] = time;
    forces = av_expr_eval(keys->condition, keys->values, NULL) != 0;
    if (forces) {
        keys->values[PREV_FORCED_N] = keys->values[N];
        keys->values[PREV_FORCED_T] = keys->values[T];
        keys->values[N_FORCED] += 1;
    }
    keys->values[N] += 1;
    return forces;
}

bool key_frames_forces(struct key_frames *keys, const AVFrame *picture, AVRational base,
                       bool repeated)
{
    double time = NAN;
    bool forces;

    if (!keys->text)
        return false;
    if (keys->first_pts == AV_NOPTS_VALUE)
        keys->first_pts = picture->pts;
    if (picture->pts != AV_NOPTS_VALUE)
        time = (double)time_minus(picture->pts, keys->first_pts) * av_q2d(base);
    if (keys->next_time < keys->time_count && picture->pts >= keys->times[keys->next_time]) {
        keys->next_time++;
        return true;
    }
    if (keys->condition)
        return meets_condition(keys, time);
    if (repeated || strncmp(keys->text, "source", 6) != 0)
        return false;
    if (libav_frame_is_key(picture))
        return true;
    forces = keys->dropped && strncmp(keys->text, "source_no_drop", 14) == 0;
    keys->dropped = false;
    return forces;
}
