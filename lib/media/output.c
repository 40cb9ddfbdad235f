/* SPDX-License-Identifier: MIT */

/* A muxer on a writer. */

#include "media/output.h"

#include <stdlib.h>
#include <string.h>

#include <libavutil/dict.h>
#include <libavutil/parseutils.h>

#include "base/memory.h"
#include "media/libav.h"
#include "media/muxer_order.h"
#include "media/output_write.h"
#include "media/recipe_fields.h"

/* ffmpeg's default of -max_muxing_queue_size, which counts above a threshold of bytes only. */
enum { WAITING_PACKETS = 128, WAITING_BYTES = 50 * 1024 * 1024 };

/*
 * Some muxers open the result by themselves: to read it once more (-movflags +faststart), or to
 * write it in the first place (image2). Nothing else is ever opened.
 */
static int open_own_result(AVFormatContext *format, AVIOContext **io, const char *url, int flags,
                           AVDictionary **options)
{
    struct output *output = format->opaque;
    bool writes = (flags & AVIO_FLAG_READ_WRITE) == AVIO_FLAG_WRITE;
    struct spool_io *again;

    (void)options;
    *io = NULL;
    if (strcmp(url, format->url) != 0 || (writes ? !!format->pb : !output->io->sink->spool) ||
        (flags & AVIO_FLAG_READ_WRITE) == AVIO_FLAG_READ_WRITE) {
        av_log(format, AV_LOG_ERROR, "not opening %s: a result is one file\n", url);
        return AVERROR(EPERM);
    }
    again = writes ? spool_io_write(output->io->sink)
                   : spool_io_read(reader_of_spool(output->io->sink->spool));
    if (!again)
        return AVERROR(ENOMEM);
    *io = again->context;
    return 0;
}

static int close_own_result(AVFormatContext *format, AVIOContext *io)
{
    struct spool_io *again = io->opaque;
    struct output *output = format->opaque;

    avio_flush(io);
    if (again->failure.kind != ERROR_NONE && output->io->failure.kind == ERROR_NONE)
        output->io->failure = again->failure;
    spool_io_close(again);
    return 0;
}

static void set_up(struct output *output, const struct output_request *request)
{
    const struct recipe_file *file = &request->recipe->output;
    AVFormatContext *format = output->format;

    if (!(format->oformat->flags & AVFMT_NOFILE))
        format->pb = output->io->context;
    format->opaque = output;
    format->io_open = open_own_result;
    format->io_close2 = close_own_result;
    format->interrupt_callback = *request->interrupt;
    format->max_delay = (int)(file->mux_delay_s * AV_TIME_BASE);
    if (file->bitexact)
        format->flags |= AVFMT_FLAG_BITEXACT;
    if (file->duration_us != INT64_MAX)
        format->duration = file->duration_us;
    av_dict_copy(&output->options, file->format_options, 0);
    if (file->mux_preload_s != 0)
        av_dict_set_int(&output->options, "preload", (int64_t)(file->mux_preload_s * AV_TIME_BASE),
                        0);
    if (!request->files)
        return;
    output->files = output_files_new(&(struct output_files_request){
        .recipe = request->recipe,
        .source = request->source,
        .set = request->files,
        .size_limit = request->size_limit,
    });
    output_files_attach(output->files, format, &output->options);
}

/* Several files need a set to go into. */
static bool fits_request(const struct output_request *request, struct error *err)
{
    return request->files || recipe_files(request->recipe, request->name) == RECIPE_ONE_FILE ||
           error_set(err, ERROR_MEDIA, "Media.Unsupported", "the result would be several files");
}

bool output_open(struct output *output, const struct output_request *request, struct error *err)
{
    const AVOutputFormat *container = recipe_container(request->recipe, request->name, err);
    char *url;
    int status;

    *output = (struct output){
        .recipe = request->recipe,
        .start_us = request->recipe->output.start_us,
        .duration_us = request->recipe->output.duration_us,
        .longest_us = INT64_MAX,
        .interrupt = *request->interrupt,
        .memory_limit = request->memory_limit,
    };
    if (!container || !fits_request(request, err))
        return false;
    url = request->files ? output_files_url(request->name) : memory_copy_text(request->name);
    status = avformat_alloc_output_context2(&output->format, container, NULL, url);
    free(url);
    if (status < 0)
        return libav_error(err, AVERROR(ENOMEM), "open the result");
    output->io = spool_io_write(request->writer);
    if (!output->io)
        return libav_error(err, AVERROR(ENOMEM), "open the result");
    output->io->size_limit = request->size_limit;
    set_up(output, request);
    request->writer->only_start_changes = muxer_order_is_forward(container, output->options);
    return true;
}

static void release_stream(struct output_stream *stream)
{
    for (unsigned i = 0; i < stream->waiting_count; i++)
        av_packet_free(&stream->waiting[i]);
    free(stream->waiting);
    av_bsf_free(&stream->filter);
    free(stream);
}

void output_release(struct output *output)
{
    /* The muxer of HLS frees the segment it collects in no other way; what it writes is not kept.
     */
    if (output->files && output->header_written && !output->ended)
        av_write_trailer(output->format);
    for (unsigned i = 0; i < output->stream_count; i++)
        release_stream(output->streams[i]);
    free(output->streams);
    avformat_free_context(output->format);
    output_files_free(output->files);
    spool_io_close(output->io);
    av_dict_free(&output->options);
    *output = (struct output){ 0 };
}

struct stream_place output_place(const struct output *output, const struct output_stream *stream)
{
    return (struct stream_place){ output->format, stream->stream };
}

const char *output_setting(const struct output *output, const struct output_stream *stream,
                           enum recipe_key key)
{
    const struct stream_place place = output_place(output, stream);

    return recipe_setting(&output->recipe->output, key, &place);
}

double output_number(const struct output *output, const struct output_stream *stream,
                     enum recipe_key key, double fallback)
{
    const struct stream_place place = output_place(output, stream);

    return recipe_number(&output->recipe->output, key, &place, fallback);
}

static void set_stream_id(const struct recipe_file *file, AVStream *stream)
{
    for (size_t i = 0; i < file->setting_count; i++) {
        char *end;

        if (file->settings[i].key == RECIPE_STREAM_ID &&
            strtol(file->settings[i].value, &end, 10) == stream->index)
            stream->id = (int)strtol(end + 1, NULL, 10);
    }
}

static bool apply_settings(const struct output *output, struct output_stream *stream,
                           struct error *err)
{
    const char *base = output_setting(output, stream, RECIPE_TIME_BASE);
    const char *filters = output_setting(output, stream, RECIPE_BITSTREAM_FILTER);
    const char *tag = output_setting(output, stream, RECIPE_TAG);

    set_stream_id(&output->recipe->output, stream->stream);
    if (base)
        av_parse_ratio(&stream->stream->time_base, base, INT_MAX, 0, NULL);
    if (tag)
        stream->stream->codecpar->codec_tag = recipe_codec_tag(tag);
    stream->frame_limit = (int64_t)output_number(output, stream, RECIPE_FRAMES, 9e18);
    stream->waiting_limit =
        (unsigned)output_number(output, stream, RECIPE_QUEUE_PACKETS, WAITING_PACKETS);
    stream->waiting_free =
        (uint64_t)output_number(output, stream, RECIPE_QUEUE_BYTES, WAITING_BYTES);
    if (filters && *filters && av_bsf_list_parse_str(filters, &stream->filter) < 0)
        return libav_error_as(err, "Media.FilterFailed", AVERROR(EINVAL), "set up -bsf %s",
                              filters);
    return true;
}

struct output_stream *output_add(struct output *output, enum AVMediaType type,
                                 struct input_stream *from, struct error *err)
{
    struct output_stream *stream = memory_new(1, sizeof(*stream));

    stream->last_dts = AV_NOPTS_VALUE;
    stream->from = from;
    output->streams =
        memory_grow(output->streams, output->stream_count + 1, sizeof(struct output_stream *));
    output->streams[output->stream_count++] = stream;
    stream->stream = avformat_new_stream(output->format, NULL);
    if (!stream->stream) {
        libav_error(err, AVERROR(ENOMEM), "add a stream to the result");
        return NULL;
    }
    stream->stream->codecpar->codec_type = type;
    return apply_settings(output, stream, err) ? stream : NULL;
}

bool output_attach(struct output_stream *stream, const char *name, const char *bytes, size_t size)
{
    AVCodecParameters *parameters = stream->stream->codecpar;

    parameters->extradata = av_mallocz(size + AV_INPUT_BUFFER_PADDING_SIZE);
    if (!parameters->extradata)
        return false;
    memcpy(parameters->extradata, bytes, size);
    parameters->extradata_size = (int)size;
    return av_dict_set(&stream->stream->metadata, "filename", name, AV_DICT_DONT_OVERWRITE) >= 0;
}

static int init_filter(struct output_stream *stream)
{
    AVBSFContext *filter = stream->filter;
    int status;

    if (!filter)
        return 0;
    status = avcodec_parameters_copy(filter->par_in, stream->stream->codecpar);
    filter->time_base_in = stream->stream->time_base;
    if (status >= 0)
        status = av_bsf_init(filter);
    if (status >= 0)
        status = avcodec_parameters_copy(stream->stream->codecpar, filter->par_out);
    if (status >= 0)
        stream->stream->time_base = filter->time_base_out;
    return status;
}

bool output_begin(struct output *output, struct error *err)
{
    int status = avformat_write_header(output->format, &output->options);

    if (status < 0)
        return libav_error_as(err, "Media.MuxerFailed", status, "write the header of the result");
    output->header_written = true;
    for (unsigned i = 0; i < output->stream_count; i++) {
        if (!output_write_waiting(output, output->streams[i], err))
            return false;
    }
    return true;
}

bool output_ready(struct output *output, struct output_stream *stream, struct error *err)
{
    int status = init_filter(stream);

    if (status < 0)
        return libav_error_as(err, "Media.FilterFailed", status, "set up -bsf");
    stream->ready = true;
    for (unsigned i = 0; i < output->stream_count; i++) {
        if (!output->streams[i]->ready)
            return true;
    }
    return output_begin(output, err);
}

bool output_goes_on(const struct output *output, int64_t length_us, struct error *err)
{
    if (output->interrupt.callback && output->interrupt.callback(output->interrupt.opaque))
        return error_set(err, ERROR_CANCELLED, "Avmap.Interrupted",
                         "interrupted while transcoding");
    return length_us <= output->longest_us ||
           error_set(err, ERROR_MEDIA, "Media.ResultTooLong",
                     "the result is longer than %.3f s, the limit for an input of this length "
                     "(--max-duration-ratio)",
                     (double)output->longest_us / AV_TIME_BASE);
}

bool output_is_full(const struct output *output)
{
    return output->format->pb && avio_tell(output->format->pb) >= output->recipe->output.size_limit;
}

bool output_finish(struct output *output, struct error *err)
{
    int status;

    if (!output->header_written)
        return error_set(err, ERROR_MEDIA, "Media.NothingWritten",
                         "nothing was written, because one of the result's streams got no packets");
    if (output->format->pb)
        avio_flush(output->format->pb);
    output->io->sink->ending = true;
    output->ended = true;
    status = av_write_trailer(output->format);
    if (status < 0 && (output->recipe->exits_on_error || output->files))
        return libav_error_as(err, "Media.MuxerFailed", status, "finish the result");
    if (output_failed(output, err))
        return false;
    output->end_failure = status < 0 ? status : 0;
    if (!output->format->pb)
        return true;
    avio_flush(output->format->pb);
    if (output->format->pb->error < 0)
        return libav_error_as(err, "Media.MuxerFailed", output->format->pb->error,
                              "finish the result");
    return true;
}

bool output_failed(const struct output *output, struct error *err)
{
    return spool_io_failed(output->io, err) || output_files_failed(output->files, err);
}
