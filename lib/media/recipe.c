/* SPDX-License-Identifier: MIT */

/* Parses ffmpeg's options. */

#include "media/recipe.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/common.h>

#include "base/memory.h"
#include "media/recipe_apply.h"
#include "media/recipe_fields.h"
#include "media/recipe_medium.h"
#include "media/recipe_values.h"

static void init_file(struct recipe_file *file)
{
    *file = (struct recipe_file){
        .start_us = AV_NOPTS_VALUE,
        .start_eof_us = AV_NOPTS_VALUE,
        .stop_us = INT64_MAX,
        .duration_us = INT64_MAX,
        .size_limit = INT64_MAX,
        .chapters_from = INT_MAX,
        .sync_with = -1,
        .mux_delay_s = 0.7,
        .accurate_seek = true,
        .find_stream_info = true,
    };
}

static struct recipe_file *add_input(struct recipe *recipe)
{
    struct recipe_file *file;

    recipe->inputs = memory_grow(recipe->inputs, recipe->input_count + 1, sizeof(*recipe->inputs));
    file = &recipe->inputs[recipe->input_count++];
    init_file(file);
    return file;
}

/* -to only becomes a duration when -ss is known; -t outranks it. */
static bool settle_times(struct recipe_file *file, struct error *err)
{
    int64_t start_us = file->start_us == AV_NOPTS_VALUE ? 0 : file->start_us;

    if (file->duration_us < 0)
        return error_set(err, ERROR_USAGE, "Avmap.Usage", "-t value must not be negative");
    if (file->stop_us == INT64_MAX || file->duration_us != INT64_MAX)
        return true;
    if (file->stop_us <= start_us)
        return error_set(err, ERROR_USAGE, "Avmap.Usage", "-to value smaller than -ss");
    file->duration_us = av_sat_sub64(file->stop_us, start_us);
    return true;
}

static bool settle_input(const struct recipe *recipe, struct recipe_file *file, struct error *err)
{
    if (file->start_us != AV_NOPTS_VALUE)
        file->start_eof_us = AV_NOPTS_VALUE;
    if (file->start_eof_us != AV_NOPTS_VALUE && file->start_eof_us >= 0)
        return error_set(err, ERROR_USAGE, "Avmap.Usage", "-sseof value must be negative");
    if (file->sync_with < -1 || file->sync_with >= (int64_t)recipe->input_count)
        return error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "-isync references non-existent input %" PRId64, file->sync_with);
    if (file->sync_with >= 0 && file != &recipe->inputs[file->sync_with] && recipe->copies_times &&
        !recipe->starts_at_zero)
        return error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "-isync with -copyts needs -start_at_zero, too");
    return settle_times(file, err) && recipe_check_input(recipe, file, err);
}

static bool settle(struct recipe *recipe, struct error *err)
{
    enum video_sync_method method;

    for (size_t i = 0; i < recipe->input_count; i++) {
        if (!settle_input(recipe, &recipe->inputs[i], err))
            return false;
    }
    if (recipe->sync && !recipe_sync_method(recipe->sync, true, &method))
        return error_set(err, ERROR_USAGE, "Avmap.Usage", "-vsync %s: unknown method",
                         recipe->sync);
    if (recipe->filter_threads && !recipe_is_thread_count(recipe->filter_threads))
        return error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "-filter_threads %s: expected a number or auto", recipe->filter_threads);
    if (recipe->output.chapters_from != INT_MAX &&
        recipe->output.chapters_from >= (int64_t)recipe->input_count)
        return error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "-map_chapters: Invalid input file index; 0 is the first input, -1 means "
                         "none");
    return settle_times(&recipe->output, err) && recipe_medium_settle(recipe, err);
}

/* Each -i ends the options of one input. */
static bool parse_inputs(struct recipe_target *to, const struct recipe_words *words,
                         struct error *err)
{
    size_t begin = 0;

    if (!words->several_inputs)
        return recipe_apply(to, words->input, words->input_count, err);
    for (size_t i = 0; i + 1 < words->input_count; i++) {
        if (strcmp(words->input[i], "-i") != 0)
            continue;
        if (begin > 0)
            to->file = add_input(to->recipe);
        if (!recipe_apply(to, words->input + begin, i - begin, err))
            return false;
        to->file->name = memory_copy_text(words->input[++i]);
        begin = i + 1;
    }
    return begin == words->input_count ||
           error_set(err, ERROR_USAGE, "Avmap.Usage", "'%s' is followed by no -i NAME",
                     words->input[begin]);
}

static struct recipe *parse(const struct recipe_words *words, enum recipe_norm norm,
                            struct error *err)
{
    struct recipe *recipe = memory_new(1, sizeof(*recipe));
    struct recipe_target input = { recipe, add_input(recipe), RECIPE_INPUT };
    struct recipe_target output = { recipe, &recipe->output, RECIPE_OUTPUT };

    init_file(&recipe->output);
    if (words->allowed_demuxers)
        recipe->allowed_demuxers = memory_copy_text(words->allowed_demuxers);
    recipe->norm = norm;
    /* The defaults of the ffmpeg program. */
    recipe->copy_time_base = -1;
    recipe->volume = 256;
    recipe->drift_threshold = 0.1;
    recipe->jump_threshold_s = 10;
    recipe->error_threshold_s = 3600.0 * 30;
    recipe->max_error_rate = 2.0F / 3;
    recipe->converts = true;
    av_dict_set(&recipe->scale_options, "flags", "bicubic", 0);
    if (!recipe_check_allowed(recipe, err) ||
        !recipe_apply(&input, words->global, words->global_count, err) ||
        !parse_inputs(&input, words, err) ||
        !recipe_apply(&output, words->output, words->output_count, err) || !settle(recipe, err)) {
        recipe_free(recipe);
        return NULL;
    }
    return recipe;
}

struct recipe *recipe_parse(const struct recipe_words *words, struct error *err)
{
    struct recipe *recipe = parse(words, RECIPE_PAL, err);

    if (!recipe || !recipe->leaves_norm)
        return recipe;
    recipe->other_norm = parse(words, RECIPE_NTSC, err);
    if (recipe->other_norm)
        return recipe;
    recipe_free(recipe);
    return NULL;
}

static void release_file(struct recipe_file *file)
{
    for (size_t i = 0; i < file->setting_count; i++) {
        free(file->settings[i].specifier);
        free(file->settings[i].value);
    }
    free(file->settings);
    for (size_t i = 0; i < file->attachment_count; i++) {
        free(file->attachments[i].name);
        free(file->attachments[i].bytes);
    }
    free(file->attachments);
    free(file->name);
    free(file->format);
    av_dict_free(&file->codec_options);
    av_dict_free(&file->format_options);
    av_dict_free(&file->usual_options);
}

void recipe_free(struct recipe *recipe)
{
    if (!recipe)
        return;
    for (size_t i = 0; i < recipe->input_count; i++)
        release_file(&recipe->inputs[i]);
    free(recipe->inputs);
    release_file(&recipe->output);
    for (size_t i = 0; i < recipe->graph_count; i++)
        free(recipe->graphs[i]);
    free(recipe->graphs);
    free(recipe->sync);
    free(recipe->allowed_demuxers);
    free(recipe->filter_threads);
    free(recipe->filter_complex_threads);
    av_dict_free(&recipe->resample_options);
    av_dict_free(&recipe->scale_options);
    recipe_free(recipe->other_norm);
    free(recipe);
}

size_t recipe_input_count(const struct recipe *recipe)
{
    return recipe->input_count;
}

const char *recipe_input_name(const struct recipe *recipe, size_t index)
{
    return recipe->inputs[index].name;
}
