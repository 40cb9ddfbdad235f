/* SPDX-License-Identifier: MIT */

/* Opens a container and hands out its packets. */

#include "media/input.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/avstring.h>
#include <libavutil/dict.h>
#include <libavutil/opt.h>

#include "base/memory.h"
#include "media/input_seek.h"
#include "media/input_streams.h"
#include "media/input_time.h"
#include "media/libav.h"
#include "media/libav_compat.h"
#include "media/recipe_fields.h"
#include "media/time_math.h"

/*
 * Pictures that are known by their names only, or by -f image2. Given bytes, image2 reads these and
 * looks for no sequence, as long as the name is that of one picture; so it gets one from us.
 */
static bool is_picture(const AVInputFormat *demuxer)
{
    return strcmp(demuxer->name, "image2") == 0;
}

static char *picture_url(const char *name)
{
    const char *dot = strrchr(name, '.');

    return memory_format("picture%s", dot && !strpbrk(dot, "%/") ? dot : "");
}

/* Probing is ours so that a refused demuxer never gets to read its header. */
static bool probe(struct input *input, const char *name, const AVInputFormat **demuxer,
                  struct error *err)
{
    AVFormatContext *format = input->format;
    const AVDictionaryEntry *size =
        av_dict_get(input->file->format_options, "formatprobesize", NULL, 0);
    int status;

    if (size)
        av_opt_set(format, "formatprobesize", size->value, 0);
    status = av_probe_input_buffer2(format->pb, demuxer, name, format, 0,
                                    (unsigned)format->format_probesize);
    if (status < 0)
        return libav_error(err, status, "find the input's format");
    return is_picture(*demuxer) || recipe_may_open(input->recipe, *demuxer) ||
           error_set(err, ERROR_MEDIA, "Media.OpensOtherFiles",
                     "the input is of format %s, which names other files to open; "
                     "those are not followed (see --allow-demuxer)",
                     (*demuxer)->name);
}

/* What the program's own options mean for the demuxer. */
static void add_own_options(const struct recipe_file *file, const AVInputFormat *forced,
                            AVDictionary **options)
{
    const AVClass *class = forced ? forced->priv_class : NULL;

    for (size_t i = 0; i < file->setting_count; i++) {
        const struct recipe_setting *setting = &file->settings[i];
        bool has_layout =
            class && av_opt_find((void *)&class, "ch_layout", NULL, 0, AV_OPT_SEARCH_FAKE_OBJ);
        bool has_rate =
            class && av_opt_find((void *)&class, "framerate", NULL, 0, AV_OPT_SEARCH_FAKE_OBJ);
        char *channels;

        if (setting->key == RECIPE_SAMPLE_RATE)
            av_dict_set(options, "sample_rate", setting->value, 0);
        if (setting->key == RECIPE_LAYOUT && has_layout)
            av_dict_set(options, "ch_layout", setting->value, 0);
        if (setting->key == RECIPE_FRAME_RATE && has_rate)
            av_dict_set(options, "framerate", setting->value, 0);
        if (setting->key == RECIPE_SIZE)
            av_dict_set(options, "video_size", setting->value, 0);
        if (setting->key == RECIPE_PIXEL_FORMAT)
            av_dict_set(options, "pixel_format", setting->value, 0);
        if (setting->key == RECIPE_CHANNELS && has_layout) {
            channels = memory_format("%sC", setting->value);
            av_dict_set(options, "ch_layout", channels, 0);
            free(channels);
        }
    }
}

/* What was only added for the sake of some demuxers may be left over. */
static bool may_be_left(const char *option, const struct recipe_file *file)
{
    return strcmp(option, "protocol_whitelist") == 0 ||
           (strcmp(option, "scan_all_pmts") == 0 &&
            !av_dict_get(file->format_options, option, NULL, 0)) ||
           av_dict_get(file->codec_options, option, NULL, 0);
}

static bool refuse_leftovers(AVDictionary *options, const struct recipe_file *file,
                             struct error *err)
{
    const AVDictionaryEntry *entry = NULL;

    while ((entry = av_dict_get(options, "", entry, AV_DICT_IGNORE_SUFFIX))) {
        if (!may_be_left(entry->key, file))
            return error_set(err, ERROR_MEDIA, "Media.OptionNotFound",
                             "option %s does not fit the input's format", entry->key);
    }
    return true;
}

/* Other files are open to allowed demuxers only, and to whatever those open. */
static bool allow_others(struct input *input, const AVInputFormat *demuxer,
                         const struct input_request *request, struct error *err)
{
    bool allowed = recipe_allows(input->recipe, demuxer);

    input->others = input_others_new(allowed ? request->fetcher : NULL);
    if (!input_others_attach(input->others, input->format, input->recipe, err))
        return false;
    if (!allowed || !request->fetcher || !av_match_name("hls", demuxer->name))
        return true;
    spool_io_close(input->io);
    input->io = input_others_end_playlist(input->others, &request->reader, err);
    input->format->pb = input->io ? input->io->context : NULL;
    return input->io != NULL;
}

static int open_format(struct input *input, const AVInputFormat *demuxer, const char *name,
                       AVDictionary **options)
{
    bool allowed = recipe_allows(input->recipe, demuxer);
    char *url;
    int status;

    if (demuxer && is_picture(demuxer)) {
        url = picture_url(name);
        av_dict_set(options, "pattern_type", "none", 0);
        input_others_offer(input->others, url, &input->io->source);
    } else {
        url = allowed ? input_others_url(name) : memory_copy_text(name);
    }
    status = avformat_open_input(&input->format, url, demuxer, options);
    free(url);
    return status;
}

static bool open_demuxer(struct input *input, const struct input_request *request,
                         struct error *err)
{
    const struct recipe_file *file = input->file;
    const AVInputFormat *demuxer = file->format ? av_find_input_format(file->format) : NULL;
    AVDictionary *options = NULL;
    bool ok = true;
    int status;

    av_dict_copy(&options, file->format_options, 0);
    add_own_options(file, demuxer, &options);
    if ((!demuxer && !probe(input, request->name, &demuxer, err)) ||
        !allow_others(input, demuxer, request, err)) {
        av_dict_free(&options);
        return false;
    }
    input_streams_force_codecs(input);
    av_dict_set(&options, "scan_all_pmts", "1", AV_DICT_DONT_OVERWRITE);
    av_dict_set(&options, "protocol_whitelist", "", 0);
    if (file->bitexact)
        input->format->flags |= AVFMT_FLAG_BITEXACT;
    status = open_format(input, demuxer, request->name, &options);
    if (status >= 0)
        ok = refuse_leftovers(options, file, err);
    av_dict_free(&options);
    if (status < 0)
        return libav_error(err, status, "open the input");
    return ok && input_streams_find(input, err);
}

bool input_open(struct input *input, const struct input_request *request, struct error *err)
{
    *input = (struct input){
        .recipe = request->recipe,
        .file = &request->recipe->inputs[request->index],
        .limits = request->limits,
        .start_us = AV_NOPTS_VALUE,
        .loops_left = request->recipe->inputs[request->index].loops,
        .looped_base = AV_TIME_BASE_Q,
    };
    input->io = spool_io_read(request->reader);
    input->format = avformat_alloc_context();
    if (!input->io || !input->format)
        return libav_error(err, AVERROR(ENOMEM), "open the input");
    input->io->interrupt = *request->interrupt;
    input->format->pb = input->io->context;
    input->format->flags |= AVFMT_FLAG_NONBLOCK | AVFMT_FLAG_CUSTOM_IO;
    input->format->interrupt_callback = *request->interrupt;
    input->format->max_streams = INT_MAX;
    if (input->limits.streams && input->limits.streams < INT_MAX)
        input->format->max_streams = (int)input->limits.streams;
    if (!open_demuxer(input, request, err))
        return false;
    input_seek(input);
    return input_streams_list(input, err);
}

void input_release(struct input *input)
{
    avformat_close_input(&input->format);
    input_others_free(input->others);
    spool_io_close(input->io);
    free(input->streams);
    *input = (struct input){ 0 };
}

void input_want(struct input_stream *stream)
{
    stream->wanted = true;
    stream->stream->discard = stream->discard;
}

void input_discard_unwanted(struct input *input)
{
    for (unsigned i = 0; i < input->format->nb_programs; i++) {
        AVProgram *program = input->format->programs[i];

        program->discard = AVDISCARD_ALL;
        for (unsigned j = 0; j < program->nb_stream_indexes; j++) {
            if (program->stream_index[j] < input->stream_count &&
                input->streams[program->stream_index[j]].wanted)
                program->discard = AVDISCARD_DEFAULT;
        }
    }
}

/* What the container says of the whole stream also reaches the decoder, with the first packet. */
static void add_side_data(const AVStream *stream, AVPacket *packet)
{
    for (int i = 0; i < libav_side_data_count(stream); i++) {
        const AVPacketSideData *data = libav_side_data(stream, i);
        uint8_t *copy;

        if (data->type == AV_PKT_DATA_DISPLAYMATRIX ||
            av_packet_get_side_data(packet, data->type, NULL))
            continue;
        copy = av_packet_new_side_data(packet, data->type, data->size);
        if (copy)
            memcpy(copy, data->data, data->size);
    }
}

static void remember_damage(struct input *input, const AVStream *stream, const AVPacket *packet)
{
    struct input_damage *damage = &input->damage;
    int64_t at = packet->dts == AV_NOPTS_VALUE ? packet->pts : packet->dts;

    damage->stream = stream->index;
    damage->at = at == AV_NOPTS_VALUE ? at : av_rescale_q(at, stream->time_base, AV_TIME_BASE_Q);
    snprintf(damage->message, sizeof(damage->message), "%s", libav_last_message());
}

void input_say_damage(const struct input_damage *damage, struct error *err)
{
    const char *comma = damage->message[0] ? ", " : "";

    if (damage->at != AV_NOPTS_VALUE)
        error_prefix(err, "stream %d, first at %.3f s%s%s", damage->stream,
                     (double)damage->at / AV_TIME_BASE, comma, damage->message);
    else
        error_prefix(err, "stream %d%s%s", damage->stream, comma, damage->message);
}

bool input_read(struct input *input, AVPacket *packet, struct input_stream **stream)
{
    int status;

    *stream = NULL;
    status = av_read_frame(input->format, packet);
    if (status < 0) {
        input->ended = true;
        if (status != AVERROR_EOF && input->failure == 0)
            input->failure = status;
        return false;
    }
    if ((unsigned)packet->stream_index >= input->stream_count)
        return true;
    input->streams[packet->stream_index].packets++;
    if (!input->streams[packet->stream_index].wanted)
        return true;
    *stream = &input->streams[packet->stream_index];
    if ((*stream)->packets == 1)
        add_side_data((*stream)->stream, packet);
    input_time_correct(input, *stream, packet);
    if ((packet->flags & AV_PKT_FLAG_CORRUPT) && input->corrupt_packets++ == 0)
        remember_damage(input, (*stream)->stream, packet);
    return true;
}
