/* SPDX-License-Identifier: MIT */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "run/job_output.h"

static void check(const struct job_output *output, const char *expected)
{
    char *json = job_output_json(output);

    assert_string_equal(json, expected);
    free(json);
}

static void test_job_output_json_tells_all_that_is_known(void **state)
{
    struct media_stream in[2] = {
        { .type = "audio",
          .codec = "mp3",
          .sample_format = "fltp",
          .layout = "stereo",
          .sample_rate = 44100,
          .channels = 2,
          .bit_rate = 128000 },
        { .type = "video", .codec = "mjpeg", .width = 640, .height = 480 },
    };
    struct media_stream out[1] = {
        { .type = "audio",
          .codec = "pcm_s16le",
          .sample_format = "s16",
          .layout = "mono",
          .sample_rate = 48000,
          .channels = 1,
          .bit_rate = 768000,
          .samples = 105456 },
    };
    const struct media_report media = {
        .input = { .format = "mp3", .duration_us = 2200000, .streams = in, .stream_count = 2 },
        .output = { .format = "wav", .duration_us = 2197000, .streams = out, .stream_count = 1 },
        .decode_errors = 3,
        .warning = "3 errors while decoding",
    };
    const struct job_output output = {
        .url = "s3://out/a b.wav",
        .bytes = 210990,
        .etag = "\"abc\"",
        .source_url = "s3://in/a b.mp3",
        .source_bytes = UINT64_C(6000000000),
        .source_etag = "\"def\"",
        .media = &media,
        .attempts = 2,
        .waiting_ms = 0,
        .downloading_ms = 100,
        .transcoding_ms = 1005,
        .uploading_ms = 123456789,
    };

    (void)state;
    check(&output,
          "{\"attempts\":2,\"bytes\":210990,\"container\":\"wav\",\"decodeErrors\":3,"
          "\"duration\":2.197,\"etag\":\"\\\"abc\\\"\","
          "\"files\":[{\"bytes\":210990,\"etag\":\"\\\"abc\\\"\",\"url\":\"s3://out/a b.wav\"}],"
          "\"input\":{\"bytes\":6000000000,\"container\":\"mp3\",\"duration\":2.2,"
          "\"etag\":\"\\\"def\\\"\",\"streams\":[{\"bitRate\":128000,"
          "\"channelLayout\":\"stereo\",\"channels\":2,\"codec\":\"mp3\","
          "\"sampleFormat\":\"fltp\",\"sampleRate\":44100,\"type\":\"audio\"},"
          "{\"codec\":\"mjpeg\",\"height\":480,\"type\":\"video\",\"width\":640}],"
          "\"url\":\"s3://in/a b.mp3\"},\"output\":\"s3://out/a b.wav\","
          "\"seconds\":{\"downloading\":0.1,\"transcoding\":1.005,\"uploading\":123456.789,"
          "\"waiting\":0.0},\"skipped\":false,\"streams\":[{\"bitRate\":768000,"
          "\"channelLayout\":\"mono\",\"channels\":1,\"codec\":\"pcm_s16le\","
          "\"sampleFormat\":\"s16\",\"sampleRate\":48000,\"samples\":105456,"
          "\"type\":\"audio\"}],\"warning\":\"3 errors while decoding\"}");
}

static void test_job_output_json_leaves_out_what_is_not_known(void **state)
{
    const struct media_report media = { .input.duration_us = -1, .output.duration_us = -1 };
    const struct job_output output = {
        .url = "/out/\xff.wav", .source_url = "/in/\xff", .media = &media, .attempts = 1
    };

    (void)state;
    check(&output, "{\"attempts\":1,\"bytes\":0,\"decodeErrors\":0,"
                   "\"files\":[{\"bytes\":0,\"url\":\"/out/\xef\xbf\xbd.wav\"}],"
                   "\"input\":{\"bytes\":0,\"streams\":[],\"url\":\"/in/\xef\xbf\xbd\"},"
                   "\"output\":\"/out/\xef\xbf\xbd.wav\",\"seconds\":{\"downloading\":0.0,"
                   "\"transcoding\":0.0,\"uploading\":0.0,\"waiting\":0.0},\"skipped\":false,"
                   "\"streams\":[]}");
}

static void test_job_output_json_has_null_for_levels_of_nothing(void **state)
{
    struct media_stream stream = {
        .type = "audio",
        .measured = { .items = MEASURE_PEAK | MEASURE_LOUDNESS | MEASURE_SILENCE | MEASURE_CLIPPING,
                      .peak_dbfs = -3.01029995,
                      .loudness_lufs = -INFINITY,
                      .silent_share = NAN,
                      .clipped = 7 },
    };
    const struct media_report media = {
        .input.duration_us = -1,
        .output = { .duration_us = -1, .streams = &stream, .stream_count = 1 },
        .quality = { .asked = true, .metrics = 3, .ssim = 0.9876544, .psnr = INFINITY },
    };
    const struct job_output output = { .url = "b", .source_url = "a", .media = &media };
    char *json = job_output_json(&output);

    (void)state;
    assert_non_null(strstr(json, "\"streams\":[{\"measured\":{\"clippedSamples\":7,"
                                 "\"loudnessLufs\":null,\"peakDbfs\":-3.01,"
                                 "\"silentShare\":null},\"type\":\"audio\"}]"));
    assert_non_null(strstr(json, "\"quality\":{\"psnr\":null,\"ssim\":0.987654},"));
    free(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_job_output_json_tells_all_that_is_known),
        cmocka_unit_test(test_job_output_json_leaves_out_what_is_not_known),
        cmocka_unit_test(test_job_output_json_has_null_for_levels_of_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
