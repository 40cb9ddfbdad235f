/* SPDX-License-Identifier: MIT */

/* Goes to where ffmpeg would begin to read. */

#include "media/input_seek.h"

#include "media/recipe_fields.h"
#include "media/time_math.h"

/* -sseof counts from the end, which not every container knows. */
static void settle_start(struct input *input)
{
    const struct recipe_file *file = input->file;
    int64_t start;

    input->start_us = file->start_us;
    if (file->start_eof_us == AV_NOPTS_VALUE || input->format->duration <= 0)
        return;
    start = time_plus(file->start_eof_us, input->format->duration);
    if (start >= 0)
        input->start_us = start;
}

/* Where decoding must begin so that the pictures of a time can be shown. */
static void seek_to(const struct input *input, int64_t time)
{
    const AVFormatContext *format = input->format;

    if (!(format->iformat->flags & AVFMT_SEEK_TO_PTS)) {
        for (unsigned i = 0; i < format->nb_streams; i++) {
            if (format->streams[i]->codecpar->video_delay) {
                time = time_minus(time, 3 * AV_TIME_BASE / 23);
                break;
            }
        }
    }
    if (avformat_seek_file(input->format, -1, INT64_MIN, time, time, 0) < 0)
        av_log(input->format, AV_LOG_WARNING, "could not seek to %0.3f\n",
               (double)time / AV_TIME_BASE);
}

void input_seek(struct input *input)
{
    const struct recipe *recipe = input->recipe;
    int64_t begins = input->format->start_time;
    int64_t time;
    int64_t shift;

    settle_start(input);
    time = input->start_us == AV_NOPTS_VALUE ? 0 : input->start_us;
    if (!input->file->seek_timestamp && begins != AV_NOPTS_VALUE)
        time = time_plus(time, begins);
    if (input->start_us != AV_NOPTS_VALUE)
        seek_to(input, time);
    shift = time;
    if (recipe->copies_times)
        shift = recipe->starts_at_zero && begins != AV_NOPTS_VALUE ? begins : 0;
    input->ts_offset = time_minus(input->file->ts_offset_us, shift);
}

int64_t input_seek_trim_start(const struct input *input)
{
    const struct recipe *recipe = input->recipe;
    int64_t start = 0;

    if (!recipe->copies_times)
        return 0;
    if (input->start_us != AV_NOPTS_VALUE)
        start = input->start_us;
    if (!recipe->starts_at_zero && input->format->start_time != AV_NOPTS_VALUE)
        start = time_plus(start, input->format->start_time);
    return start;
}
