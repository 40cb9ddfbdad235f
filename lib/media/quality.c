/* SPDX-License-Identifier: MIT */

/* Compares pictures by a transcode of two inputs into nothing, and listens to its filters. */

#include "media/quality.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavfilter/avfilter.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/shell_words.h"
#include "media/libav.h"

enum { METRICS = 3 };

/* How each metric's filter begins its last line, and what stands before the figure in it. */
static const struct {
    const char *name;
    const char *filter;
    const char *line;
    const char *figure;
    size_t field;
} metrics[METRICS] = {
    { "ssim", "ssim", "SSIM ", "All:", offsetof(struct media_quality, ssim) },
    { "psnr", "psnr", "PSNR ", "average:", offsetof(struct media_quality, psnr) },
    { "vmaf", "libvmaf", "VMAF score", ":", offsetof(struct media_quality, vmaf) },
};

struct quality {
    bool wanted[METRICS];
    struct recipe *recipe; /* owned */
};

static bool want(struct quality *quality, const char *name, size_t length, struct error *err)
{
    for (size_t i = 0; i < METRICS; i++) {
        if (strlen(metrics[i].name) != length || strncmp(metrics[i].name, name, length) != 0)
            continue;
        if (!avfilter_get_by_name(metrics[i].filter))
            return error_set(err, ERROR_USAGE, "Avmap.Usage",
                             "--quality: this build of FFmpeg has no filter %s, which %s needs",
                             metrics[i].filter, metrics[i].name);
        quality->wanted[i] = true;
        return true;
    }
    return error_set(err, ERROR_USAGE, "Avmap.Usage",
                     "--quality: \"%.*s\" is none of ssim, psnr and vmaf", (int)length, name);
}

static bool read_list(struct quality *quality, const char *list, struct error *err)
{
    for (const char *at = list;; at++) {
        size_t length = strcspn(at, ",");

        if (!want(quality, at, length, err))
            return false;
        at += length;
        if (!*at)
            return true;
    }
}

/*
 * The result, scaled to the source's size, goes through one filter after the other, up to where one
 * of both ends.
 */
static char *make_graph(const struct quality *quality)
{
    struct buffer graph;
    unsigned count = 0;
    unsigned number = 0;

    for (size_t i = 0; i < METRICS; i++)
        count += quality->wanted[i];
    buffer_init(&graph, SIZE_MAX);
    buffer_append_format(&graph,
                         "[0:V:0][1:V:0]scale2ref=flags=bicubic[d][r];"
                         "[d]settb=AVTB,setpts=PTS-STARTPTS[d0];"
                         "[r]settb=AVTB,setpts=PTS-STARTPTS,split=%u",
                         count);
    for (unsigned i = 0; i < count; i++)
        buffer_append_format(&graph, "[r%u]", i);
    for (size_t i = 0; i < METRICS; i++) {
        if (!quality->wanted[i])
            continue;
        buffer_append_format(&graph, ";[d%u][r%u]%s=shortest=1[d%u]", number, number,
                             metrics[i].filter, number + 1);
        number++;
    }
    buffer_append_format(&graph, ";[d%u]null[end]", number);
    return buffer_take(&graph);
}

static struct recipe *make_recipe(const struct quality *quality, struct error *err)
{
    char *graph = make_graph(quality);
    char *line = memory_format("-filter_complex %s -map [end] -f null", graph);
    struct shell_words inputs = { 0 };
    struct shell_words output = { 0 };
    struct recipe *recipe = NULL;

    if (shell_words_split("-i result -i source", &inputs, err) &&
        shell_words_split(line, &output, err))
        recipe = recipe_parse(&(struct recipe_words){ .input = inputs.words,
                                                      .input_count = inputs.count,
                                                      .output = output.words,
                                                      .output_count = output.count,
                                                      .several_inputs = true },
                              err);
    shell_words_release(&inputs);
    shell_words_release(&output);
    free(line);
    free(graph);
    return recipe;
}

struct quality *quality_new(const char *list, struct error *err)
{
    struct quality *quality = memory_new(1, sizeof(*quality));

    if (read_list(quality, list, err))
        quality->recipe = make_recipe(quality, err);
    if (quality->recipe)
        return quality;
    free(quality);
    return NULL;
}

void quality_free(struct quality *quality)
{
    if (quality)
        recipe_free(quality->recipe);
    free(quality);
}

/* The filters say their figures when they are freed. */
static void hear(void *opaque, const char *line)
{
    struct media_quality *figures = opaque;

    for (size_t i = 0; i < METRICS; i++) {
        const char *figure = strstr(line, metrics[i].figure);

        if (strncmp(line, metrics[i].line, strlen(metrics[i].line)) == 0 && figure) {
            double *field = (double *)((char *)figures + metrics[i].field);

            *field = strtod(figure + strlen(metrics[i].figure), NULL);
            figures->metrics |= 1U << i;
        }
    }
}

static bool compare(const struct quality *quality, const struct transcode_request *request,
                    struct media_quality *figures, struct error *err)
{
    const struct transcode_input inputs[] = {
        { request->output_name, reader_of_spool(request->output->spool) },
        request->inputs[0],
    };
    struct budget budget;
    struct spool spool;
    struct writer nowhere;
    const struct transcode_request comparison = {
        .recipe = quality->recipe,
        .inputs = inputs,
        .output_name = "comparison",
        .output = &nowhere,
        .cancel = request->cancel,
        .limits = request->limits,
        .threads = request->threads,
    };
    struct media_report report = { 0 };
    bool ok;

    budget_init(&budget, 0);
    spool_init(&spool, &budget);
    nowhere = writer_of_spool(&spool);
    libav_listen(hear, figures);
    ok = transcode(&comparison, &report, err);
    libav_listen(NULL, NULL);
    media_report_release(&report);
    spool_release(&spool);
    return ok;
}

static bool has_pictures(const struct media_container *container)
{
    for (unsigned i = 0; i < container->stream_count; i++) {
        if (strcmp(container->streams[i].type, "video") == 0)
            return true;
    }
    return false;
}

bool quality_compare(const struct quality *quality, const struct transcode_request *request,
                     struct media_report *report, struct error *err)
{
    struct media_quality *figures = &report->quality;

    if (!quality)
        return true;
    figures->asked = true;
    if (recipe_input_count(request->recipe) != 1)
        snprintf(figures->reason, sizeof(figures->reason), "there are several inputs");
    else if (recipe_files(request->recipe, request->output_name) != RECIPE_ONE_FILE)
        snprintf(figures->reason, sizeof(figures->reason), "the result is several files");
    else if (!has_pictures(&report->output))
        snprintf(figures->reason, sizeof(figures->reason), "the result has no pictures");
    else if (!compare(quality, request, figures, err)) {
        snprintf(figures->reason, sizeof(figures->reason), "%.255s", err->text);
        return err->kind == ERROR_MEDIA;
    }
    return true;
}
