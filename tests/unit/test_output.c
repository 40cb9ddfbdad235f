/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "media/output_write.h"
#include "media_fixture.h"

static const AVIOInterruptCB no_interrupt = { NULL, NULL };
static struct output output;
static struct writer writer;
static struct recipe *recipe;

static struct output_stream *open_pcm(const char *name)
{
    struct output_stream *stream;
    AVCodecParameters *parameters;

    recipe = media_recipe("-bitexact");
    writer = writer_of_spool(&media_output);
    spool_clear(&media_output);
    assert_true(output_open(
        &output,
        &(struct output_request){
            .recipe = recipe, .name = name, .writer = &writer, .interrupt = &no_interrupt },
        &media_err));
    stream = output_add(&output, AVMEDIA_TYPE_AUDIO, NULL, &media_err);
    assert_non_null(stream);
    parameters = stream->stream->codecpar;
    parameters->codec_id = AV_CODEC_ID_PCM_S16LE;
    parameters->sample_rate = 8000;
    parameters->block_align = 2;
    parameters->bits_per_coded_sample = 16;
    av_channel_layout_default(&parameters->ch_layout, 1);
    stream->base = stream->stream->time_base = (AVRational){ 1, 8000 };
    return stream;
}

static void close_output(void)
{
    output_release(&output);
    recipe_free(recipe);
}

static bool write_samples(struct output_stream *stream, int64_t time, int count)
{
    AVPacket *packet = av_packet_alloc();
    bool ok;

    assert_int_equal(av_new_packet(packet, 2 * count), 0);
    memset(packet->data, 7, 2 * (size_t)count);
    packet->pts = packet->dts = time;
    packet->duration = count;
    ok = output_write(&output, stream, packet, &media_err);
    av_packet_free(&packet);
    return ok;
}

static void test_output_keeps_packets_until_the_header(void **state)
{
    struct output_stream *stream = open_pcm("a.wav");

    (void)state;
    assert_true(write_samples(stream, 0, 100));
    assert_true(write_samples(stream, 100, 100));
    assert_int_equal(stream->waiting_count, 2);
    assert_int_equal(stream->packets, 0);
    assert_true(output_ready(&output, stream, &media_err));
    assert_int_equal(stream->packets, 2);
    assert_true(output_finish(&output, &media_err));
    assert_int_equal(media_output.size, 44 + 400);
    assert_memory_equal(spool_bytes(&media_output) + 40, "\x90\x01\0\0", 4);
    close_output();
}

static void test_output_pushes_times_forward_that_run_backwards(void **state)
{
    struct output_stream *stream = open_pcm("a.mka");

    (void)state;
    assert_true(output_ready(&output, stream, &media_err));
    assert_true(write_samples(stream, 1000, 100));
    assert_int_equal(stream->last_dts, 1000);
    assert_true(write_samples(stream, 0, 100));
    assert_int_equal(stream->last_dts, 1000);
    assert_true(output_finish(&output, &media_err));
    close_output();
}

static void test_output_finish_fails_without_a_header(void **state)
{
    (void)state;
    open_pcm("a.wav");
    assert_false(output_finish(&output, &media_err));
    assert_string_equal(media_err.word, "Media.NothingWritten");
    close_output();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_output_keeps_packets_until_the_header),
        cmocka_unit_test(test_output_pushes_times_forward_that_run_backwards),
        cmocka_unit_test(test_output_finish_fails_without_a_header),
    };

    return cmocka_run_group_tests(tests, media_set_up, media_tear_down);
}
