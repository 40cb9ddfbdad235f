/* SPDX-License-Identifier: MIT */

/* Makes and transcodes small media files. */

#include "media_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/shell_words.h"
#include "media/libav.h"

enum { WAV_HEADER_SIZE = 44 };

struct spool media_input;
struct spool media_output;
struct file_set media_files;
struct media_report media_seen;
struct error media_err;
struct transcode_demands media_demands;
unsigned media_threads;

static struct budget budget;

int media_set_up(void **state)
{
    (void)state;
    libav_init();
    budget_init(&budget, UINT64_C(64) * 1024 * 1024);
    spool_init(&media_input, &budget);
    spool_init(&media_output, &budget);
    file_set_init(&media_files, &budget);
    media_seen = (struct media_report){ 0 };
    media_err = (struct error){ 0 };
    media_demands = (struct transcode_demands){ 0 };
    media_threads = 1;
    return 0;
}

int media_tear_down(void **state)
{
    (void)state;
    media_report_release(&media_seen);
    spool_release(&media_input);
    spool_release(&media_output);
    file_set_release(&media_files);
    return 0;
}

void media_make_bytes(const void *bytes, size_t size)
{
    spool_clear(&media_input);
    assert_true(spool_write(&media_input, 0, bytes, size, &media_err));
}

static void put_le(uint8_t *to, uint32_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

static void put_text(uint8_t *to, const char *text)
{
    for (size_t i = 0; text[i]; i++)
        to[i] = (uint8_t)text[i];
}

void media_make_wav(unsigned rate, unsigned channels, unsigned samples)
{
    uint32_t data_size = samples * channels * 2;
    uint8_t *wav = memory_new(1, WAV_HEADER_SIZE + data_size);
    uint8_t *at = wav + WAV_HEADER_SIZE;

    put_text(wav, "RIFF....WAVEfmt ");
    put_le(wav + 4, 36 + data_size, 4);
    put_le(wav + 16, 16, 4);
    put_le(wav + 20, 1, 2);
    put_le(wav + 22, channels, 2);
    put_le(wav + 24, rate, 4);
    put_le(wav + 28, rate * channels * 2, 4);
    put_le(wav + 32, channels * 2, 2);
    put_le(wav + 34, 16, 2);
    put_text(wav + 36, "data");
    put_le(wav + 40, data_size, 4);
    for (unsigned i = 0; i < samples; i++) {
        for (unsigned channel = 1; channel <= channels; channel++) {
            put_le(at, (uint32_t)lrint(12000 * sin(2 * M_PI * 440 * channel * i / rate)), 2);
            at += 2;
        }
    }
    media_make_bytes(wav, WAV_HEADER_SIZE + data_size);
    free(wav);
}

void media_make_film(unsigned pictures)
{
    static unsigned char picture[64 * 48 * 3 / 2];
    struct buffer y4m;

    buffer_init(&y4m, SIZE_MAX);
    buffer_append_text(&y4m, "YUV4MPEG2 W64 H48 F25:1 Ip A1:1 C420jpeg\n");
    for (unsigned i = 0; i < pictures; i++) {
        for (unsigned j = 0; j < sizeof(picture); j++)
            picture[j] = (unsigned char)(j * j / 7 + 20 * i + (j * (i + 3)) % 31);
        buffer_append_text(&y4m, "FRAME\n");
        buffer_append(&y4m, picture, sizeof(picture));
    }
    media_make_bytes(y4m.bytes, y4m.size);
    buffer_release(&y4m);
}

void media_swap(void)
{
    struct spool spool = media_input;

    media_input = media_output;
    media_output = spool;
    spool_clear(&media_output);
}

struct recipe *media_recipe(const char *options)
{
    struct shell_words words = { 0 };
    struct recipe *recipe;

    assert_true(shell_words_split(options, &words, &media_err));
    recipe = recipe_parse(
        &(struct recipe_words){ .output = words.words, .output_count = words.count }, &media_err);
    shell_words_release(&words);
    return recipe;
}

bool media_transcode(const char *options, const char *input_name, const char *output_name)
{
    struct recipe *recipe = media_recipe(options);
    struct writer output = writer_of_spool(&media_output);
    struct transcode_request request = {
        .recipe = recipe,
        .inputs = &(struct transcode_input){ input_name, reader_of_spool(&media_input) },
        .output_name = output_name,
        .output = &output,
        .demands = media_demands,
        .files = &media_files,
        .threads = media_threads,
    };
    bool ok;

    assert_non_null(recipe);
    media_report_release(&media_seen);
    spool_clear(&media_output);
    file_set_clear(&media_files);
    ok = transcode(&request, &media_seen, &media_err);
    recipe_free(recipe);
    return ok;
}

/* The data chunk is the last one in what the WAV muxer writes. */
int16_t *media_wav_samples(size_t *count)
{
    const char *bytes = spool_bytes(&media_output);
    const char *data;
    int16_t *samples;

    assert_non_null(bytes);
    data = memmem(bytes, (size_t)media_output.size, "data", 4);
    assert_non_null(data);
    data += 8;
    *count = (size_t)(bytes + media_output.size - data) / 2;
    samples = memory_new(*count + 1, sizeof(*samples));
    memcpy(samples, data, *count * 2);
    return samples;
}
