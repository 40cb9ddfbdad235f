/* SPDX-License-Identifier: MIT */

/* Output as JSON. */

#include "run/job_output.h"

#include <math.h>

#include "base/json.h"

static void set_text(json_t *value, const char *name, const char *text)
{
    if (text && text[0])
        json_object_set_new(value, name, json_text(text));
}

static void set_count(json_t *value, const char *name, int64_t count)
{
    if (count > 0)
        json_object_set_new(value, name, json_integer(count));
}

/* What is no finite number, as the level of silence, is null. */
static void set_number(json_t *value, const char *name, bool known, double number, double unit)
{
    if (known)
        json_object_set_new(
            value, name, isfinite(number) ? json_real(round(number / unit) * unit) : json_null());
}

static json_t *measured_json(const struct measurements *found)
{
    json_t *value = json_object();

    set_number(value, "duration", found->items & MEASURE_DURATION, found->duration_s, 1e-6);
    set_number(value, "peakDbfs", found->items & MEASURE_PEAK, found->peak_dbfs, 1e-3);
    set_number(value, "rmsDbfs", found->items & MEASURE_RMS, found->rms_dbfs, 1e-3);
    set_number(value, "loudnessLufs", found->items & MEASURE_LOUDNESS, found->loudness_lufs, 1e-3);
    set_number(value, "truePeakDbtp", found->items & MEASURE_TRUE_PEAK, found->true_peak_dbtp,
               1e-3);
    set_number(value, "silentShare", found->items & MEASURE_SILENCE, found->silent_share, 1e-6);
    set_number(value, "dcOffset", found->items & MEASURE_DC, found->dc_offset, 1e-6);
    if (found->items & MEASURE_CLIPPING)
        json_object_set_new(value, "clippedSamples", json_integer((json_int_t)found->clipped));
    return value;
}

static json_t *quality_json(const struct media_quality *quality)
{
    json_t *value = json_object();

    set_number(value, "ssim", quality->metrics & MEDIA_QUALITY_SSIM, quality->ssim, 1e-6);
    set_number(value, "psnr", quality->metrics & MEDIA_QUALITY_PSNR, quality->psnr, 1e-6);
    set_number(value, "vmaf", quality->metrics & MEDIA_QUALITY_VMAF, quality->vmaf, 1e-6);
    set_text(value, "reason", quality->reason);
    return value;
}

static json_t *stream_json(const struct media_stream *stream)
{
    json_t *value = json_object();

    set_text(value, "type", stream->type);
    set_text(value, "codec", stream->codec);
    set_text(value, "sampleFormat", stream->sample_format);
    set_text(value, "channelLayout", stream->layout);
    set_count(value, "sampleRate", stream->sample_rate);
    set_count(value, "channels", stream->channels);
    set_count(value, "width", stream->width);
    set_count(value, "height", stream->height);
    set_count(value, "bitRate", stream->bit_rate);
    set_count(value, "samples", stream->samples);
    if (stream->measured.items)
        json_object_set_new(value, "measured", measured_json(&stream->measured));
    return value;
}

static void set_container(json_t *value, const struct media_container *container)
{
    json_t *streams = json_array();

    set_text(value, "container", container->format);
    if (container->duration_us >= 0)
        json_object_set_new(value, "duration", json_real((double)container->duration_us / 1e6));
    for (unsigned i = 0; i < container->stream_count; i++)
        json_array_append_new(streams, stream_json(&container->streams[i]));
    json_object_set_new(value, "streams", streams);
}

static json_t *file_json(const char *url, uint64_t bytes, const char *etag)
{
    json_t *value = json_object();

    set_text(value, "url", url);
    json_object_set_new(value, "bytes", json_integer((json_int_t)bytes));
    set_text(value, "etag", etag);
    return value;
}

static json_t *seconds(int64_t milliseconds)
{
    return json_real((double)milliseconds / 1000);
}

static json_t *files_json(const struct job_output *output)
{
    json_t *files = json_array();

    if (!output->files)
        json_array_append_new(files, file_json(output->url, output->bytes, output->etag));
    for (unsigned i = 0; output->files && i < output->file_count; i++)
        json_array_append_new(
            files, file_json(output->files[i].url, output->files[i].bytes, output->files[i].etag));
    return files;
}

char *job_output_json(const struct job_output *output)
{
    json_t *value = file_json(NULL, output->bytes, output->etag);
    json_t *input = file_json(output->source_url, output->source_bytes, output->source_etag);
    char *text;

    set_text(value, "output", output->url);
    json_object_set_new(value, "files", files_json(output));
    set_container(value, &output->media->output);
    set_container(input, &output->media->input);
    if (output->media->quality.asked)
        json_object_set_new(value, "quality", quality_json(&output->media->quality));
    json_object_set_new(value, "input", input);
    json_object_set_new(value, "seconds",
                        json_pack("{s:o, s:o, s:o, s:o}", "waiting", seconds(output->waiting_ms),
                                  "downloading", seconds(output->downloading_ms), "transcoding",
                                  seconds(output->transcoding_ms), "uploading",
                                  seconds(output->uploading_ms)));
    json_object_set_new(value, "attempts", json_integer(output->attempts));
    json_object_set_new(value, "decodeErrors",
                        json_integer((json_int_t)output->media->decode_errors));
    json_object_set_new(value, "skipped", json_false());
    set_text(value, "warning", output->media->warning);
    text = json_compact(value);
    json_decref(value);
    return text;
}

char *job_output_kept_json(const char *url, const char *source_url, const char *reason)
{
    json_t *value =
        json_pack("{s:o, s:b, s:o, s:i}", "input", json_pack("{s:o}", "url", json_text(source_url)),
                  "skipped", 1, "reason", json_text(reason), "attempts", 0);
    char *text;

    set_text(value, "output", url);
    text = json_compact(value);
    json_decref(value);
    return text;
}
