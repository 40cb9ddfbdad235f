/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libavutil/error.h>
#include <libavutil/log.h>

#include "base/buffer.h"
#include "media/libav.h"

static int forget(void **state)
{
    (void)state;
    libav_init();
    libav_forget_message();
    return 0;
}

static void test_libav_versions_names_the_libraries(void **state)
{
    char *text = libav_versions();

    (void)state;
    assert_non_null(strstr(text, "libavformat "));
    assert_non_null(strstr(text, ", libavcodec "));
    assert_non_null(strstr(text, ", libswscale "));
    free(text);
}

static void test_libav_error_finds_the_word(void **state)
{
    static const struct {
        int averror;
        const char *word;
    } cases[] = {
        { AVERROR_INVALIDDATA, "Media.InvalidData" },
        { AVERROR_EOF, "Media.InvalidData" },
        { AVERROR_DECODER_NOT_FOUND, "Media.DecoderNotFound" },
        { AVERROR_STREAM_NOT_FOUND, "Media.NoStream" },
        { AVERROR_PATCHWELCOME, "Media.Unsupported" },
        { AVERROR(ENOMEM), "Media.OutOfMemory" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct error err = { 0 };

        assert_false(libav_error(&err, cases[i].averror, "open %s", "it"));
        assert_int_equal(err.kind, ERROR_MEDIA);
        assert_string_equal(err.word, cases[i].word);
        assert_memory_equal(err.text, "open it: ", 9);
    }
}

static void test_libav_error_adds_what_libav_said_last(void **state)
{
    struct error err = { 0 };

    (void)state;
    av_log(NULL, AV_LOG_ERROR, "first\n");
    av_log(NULL, AV_LOG_ERROR, "moov atom ");
    av_log(NULL, AV_LOG_ERROR, "not found\n");
    av_log(NULL, AV_LOG_WARNING, "only a warning\n");
    assert_string_equal(libav_last_message(), "moov atom not found");
    libav_error_as(&err, "Media.Test", AVERROR_INVALIDDATA, "open");
    assert_string_equal(err.word, "Media.Test");
    assert_string_equal(err.text, "open: Invalid data found when processing input "
                                  "(moov atom not found)");
    libav_forget_message();
    assert_string_equal(libav_last_message(), "");
}

static void test_libav_message_is_cut_when_too_long(void **state)
{
    char text[2000];

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    av_log(NULL, AV_LOG_ERROR, "%s\n", text);
    assert_true(strlen(libav_last_message()) > 100);
    assert_true(strlen(libav_last_message()) < 600);
}

static void hear(void *opaque, const char *line)
{
    struct buffer *heard = opaque;

    buffer_append_format(heard, "%s;", line);
}

static void test_libav_listen_hears_what_is_for_information(void **state)
{
    struct buffer heard;

    (void)state;
    buffer_init(&heard, 100);
    av_log(NULL, AV_LOG_INFO, "before\n");
    libav_listen(hear, &heard);
    av_log(NULL, AV_LOG_INFO, "SSIM ");
    av_log(NULL, AV_LOG_INFO, "All:1\n");
    av_log(NULL, AV_LOG_ERROR, "bad\n");
    av_log(NULL, AV_LOG_VERBOSE, "too much\n");
    libav_listen(NULL, NULL);
    av_log(NULL, AV_LOG_ERROR, "after\n");
    assert_string_equal(heard.bytes, "SSIM All:1;bad;");
    buffer_release(&heard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_libav_versions_names_the_libraries, forget),
        cmocka_unit_test_setup(test_libav_error_finds_the_word, forget),
        cmocka_unit_test_setup(test_libav_error_adds_what_libav_said_last, forget),
        cmocka_unit_test_setup(test_libav_message_is_cut_when_too_long, forget),
        cmocka_unit_test_setup(test_libav_listen_hears_what_is_for_information, forget),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
