/* SPDX-License-Identifier: MIT */

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "media/transcode.h"
#include "media_fixture.h"

static void test_transcode_keeps_samples_when_nothing_changes(void **state)
{
    size_t count;
    int16_t *samples;

    (void)state;
    media_make_wav(48000, 2, 4800);
    assert_true(media_transcode("", "a.wav", "b.wav"));
    samples = media_wav_samples(&count);
    assert_int_equal(count, 9600);
    assert_memory_equal(samples, spool_bytes(&media_input) + 44, count * 2);
    assert_int_equal(media_seen.output.streams[0].samples, 4800);
    assert_int_equal(media_seen.output.duration_us, 100000);
    assert_int_equal(media_seen.input.duration_us, 100000);
    assert_string_equal(media_seen.input.streams[0].codec, "pcm_s16le");
    assert_string_equal(media_seen.input.streams[0].layout, "stereo");
    assert_string_equal(media_seen.warning, "");
    free(samples);
}

static void test_transcode_resamples_and_mixes(void **state)
{
    (void)state;
    media_make_wav(44100, 2, 44100);
    assert_true(media_transcode("-ac 1 -ar 48000", "a.wav", "b.wav"));
    assert_int_equal(media_seen.output.streams[0].samples, 48000);
    assert_int_equal(media_seen.output.streams[0].channels, 1);
    assert_int_equal(media_seen.output.streams[0].sample_rate, 48000);
}

static void test_transcode_makes_every_container(void **state)
{
    static const char *const names[] = { "a.flac", "a.mp3", "a.m4a",  "a.ogg", "a.opus",
                                         "a.mka",  "a.aac", "a.aiff", "a.mp4", "a.wma" };

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        print_message("case: %s\n", names[i]);
        media_make_wav(48000, 2, 48000);
        if (!media_transcode("", "a.wav", names[i]))
            fail_msg("said: %s", media_err.text);
        assert_true(media_output.size > 100);
        media_swap();
        assert_true(media_transcode("-ac 1", names[i], "b.wav"));
        assert_in_range(media_seen.output.streams[0].samples, 47000, 52000);
        assert_int_equal(media_seen.decode_errors, 0);
    }
}

static void test_transcode_is_the_same_every_time(void **state)
{
    static const char *const names[] = { "a.flac", "a.mp3", "a.m4a", "a.opus", "a.mka" };

    (void)state;
    media_make_wav(44100, 2, 30000);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char *first;
        size_t size;

        assert_true(media_transcode("-bitexact", "a.wav", names[i]));
        size = (size_t)media_output.size;
        first = memory_copy_bytes(spool_bytes(&media_output), size);
        assert_true(media_transcode("-bitexact", "a.wav", names[i]));
        assert_int_equal(media_output.size, size);
        assert_memory_equal(spool_bytes(&media_output), first, size);
        free(first);
    }
}

static void test_transcode_cuts_to_the_sample(void **state)
{
    size_t count;
    int16_t *samples;

    (void)state;
    media_make_wav(48000, 1, 48000);
    assert_true(media_transcode("-ss 0.25 -t 0.5", "a.wav", "b.wav"));
    samples = media_wav_samples(&count);
    assert_int_equal(count, 24000);
    assert_memory_equal(samples, spool_bytes(&media_input) + 44 + 24000, count * 2);
    assert_string_equal(media_seen.warning, "");
    free(samples);
}

static void test_transcode_moves_the_index_to_the_front(void **state)
{
    const char *moov;
    const char *mdat;

    (void)state;
    media_make_wav(48000, 1, 48000);
    assert_true(media_transcode("-movflags +faststart", "a.wav", "b.m4a"));
    moov = memmem(spool_bytes(&media_output), (size_t)media_output.size, "moov", 4);
    mdat = memmem(spool_bytes(&media_output), (size_t)media_output.size, "mdat", 4);
    assert_non_null(moov);
    assert_true(moov < mdat);
}

static void test_transcode_makes_pictures_too(void **state)
{
    enum { FRAMES = 10 };

    (void)state;
    media_make_film(FRAMES);
    assert_true(media_transcode("-c:v mpeg4", "a.y4m", "b.mp4"));
    assert_int_equal(media_seen.output.stream_count, 1);
    assert_string_equal(media_seen.output.streams[0].type, "video");
    assert_int_equal(media_seen.output.streams[0].width, 64);
    assert_int_equal(media_seen.output.streams[0].packets, FRAMES);
    assert_int_equal(media_seen.output.duration_us, 400000);
    assert_false(media_transcode("", "a.y4m", "b.wav"));
    assert_string_equal(media_err.word, "Media.NoStream");
}

/* One byte in a thousand of what is in media_input is wrong. */
static void damage_input(void)
{
    size_t size = (size_t)media_input.size;
    char *bytes = memory_copy_bytes(spool_bytes(&media_input), size);

    for (size_t i = 2000; i < size; i += 1000)
        bytes[i] ^= 0x55;
    media_make_bytes(bytes, size);
    free(bytes);
}

/* libav is not built for TSan, which takes what libav's own threads hand over for races. */
#ifdef __SANITIZE_THREAD__
enum { THREADS_END = 2 };
#else
enum { THREADS_END = 8 };
#endif

static void test_transcode_is_the_same_with_any_number_of_threads(void **state)
{
    static const char *const options[] = {
        "-bitexact -c:v ffv1 -vf scale=32:24,hflip",
        "-bitexact -c:v ffv1 -frames:v 7",
        "-bitexact -c:v mpeg4 -filter_complex scale=32:24",
    };

    (void)state;
    media_make_film(40);
    assert_true(media_transcode("-c:v mpeg4 -bf 2 -g 10", "a.y4m", "b.mkv"));
    media_swap();
    for (unsigned damaged = 0; damaged < 2; damaged++) {
        if (damaged)
            damage_input();
        for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
            char *first;
            size_t size;

            print_message("case: %s, damaged: %u\n", options[i], damaged);
            media_threads = 1;
            assert_true(media_transcode(options[i], "a.mkv", "b.mkv"));
            size = (size_t)media_output.size;
            first = memory_copy_bytes(spool_bytes(&media_output), size);
            for (media_threads = 2; media_threads < THREADS_END; media_threads += 3) {
                assert_true(media_transcode(options[i], "a.mkv", "b.mkv"));
                assert_int_equal(media_output.size, size);
                assert_memory_equal(spool_bytes(&media_output), first, size);
            }
            free(first);
        }
    }
    media_threads = 1;
}

static void test_transcode_refuses_what_is_no_media(void **state)
{
    static const char text[] = "no media at all, only a few words of text\n";

    (void)state;
    media_make_bytes(text, sizeof(text) - 1);
    assert_false(media_transcode("", "a.mp3", "b.wav"));
    assert_int_equal(media_err.kind, ERROR_MEDIA);
    assert_string_equal(media_err.word, "Media.InvalidData");
    media_make_bytes("", 0);
    assert_false(media_transcode("", "a.wav", "b.wav"));
    assert_int_equal(media_err.kind, ERROR_MEDIA);
}

static void test_transcode_opens_no_other_file(void **state)
{
    static const struct {
        const char *name;
        const char *text;
    } cases[] = {
        { "a.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n" },
        { "a.ffconcat", "ffconcat version 1.0\nfile /etc/passwd\n" },
        { "a.sdp", "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
                   "m=audio 5004 RTP/AVP 0\n" },
        { "a.mpd", "<?xml version=\"1.0\"?>\n<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" "
                   "profiles=\"urn:mpeg:dash:profile:isoff-live:2011\"></MPD>\n" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        print_message("case: %s\n", cases[i].name);
        media_make_bytes(cases[i].text, strlen(cases[i].text));
        assert_false(media_transcode("", cases[i].name, "b.wav"));
        assert_int_equal(media_err.kind, ERROR_MEDIA);
        assert_string_equal(media_err.word, "Media.OpensOtherFiles");
    }
}

/* A picture that only its name tells, which libav's demuxer would look for on disk. */
static void test_transcode_reads_pictures_that_are_known_by_name(void **state)
{
    static const char *const names[] = { "a.tga", "100%d.tga", "x/a%03d.tga" };

    (void)state;
    media_make_film(1);
    assert_true(media_transcode("-frames:v 1", "film.y4m", "picture.tga"));
    media_swap();
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (!media_transcode("", names[i], "b.bmp"))
            fail_msg("%s: %s", names[i], media_err.text);
        assert_int_equal(media_seen.output.streams[0].packets, 1);
    }
}

static void test_transcode_says_when_the_input_is_cut_short(void **state)
{
    (void)state;
    media_make_wav(48000, 1, 480000);
    media_input.size /= 2;
    assert_true(media_transcode("", "a.wav", "b.wav"));
    assert_in_range(media_seen.output.streams[0].samples, 239900, 240000);
    media_make_wav(48000, 1, 480000);
    assert_true(media_transcode("", "a.wav", "b.flac"));
    media_swap();
    media_input.size /= 2;
    assert_true(media_transcode("", "a.flac", "b.wav"));
    assert_non_null(strstr(media_seen.warning, "the input should give 10.000 s"));
}

/* The sound goes on for longer than the pictures. */
static void test_transcode_expects_what_is_asked_for(void **state)
{
    (void)state;
    media_make_wav(48000, 1, 96000);
    assert_true(media_transcode("-filter_complex color=s=16x16:d=0.2[v] -map [v] -map 0:a "
                                "-c:v mpeg4 -c:a aac",
                                "a.wav", "b.mp4"));
    media_swap();
    assert_true(media_transcode("-an -c copy", "b.mp4", "c.mp4"));
    assert_string_equal(media_seen.warning, "");
    assert_true(media_transcode("-vn -c copy", "b.mp4", "c.mp4"));
    assert_string_equal(media_seen.warning, "");
}

static void test_transcode_says_when_the_result_is_empty(void **state)
{
    (void)state;
    media_make_wav(48000, 1, 4800);
    media_demands.rules.allows_empty = true;
    assert_true(media_transcode("-ss 5", "a.wav", "b.wav"));
    assert_string_equal(media_seen.warning, "the result is empty");
}

/* media_input has to be full before a reader of it is made. */
static bool transcode_abandoned(const struct recipe *recipe, const struct cancel *cancel)
{
    const struct transcode_input input = { "a.wav", reader_of_spool(&media_input) };
    struct writer output = writer_of_spool(&media_output);
    struct transcode_request request = {
        .recipe = recipe,
        .inputs = &input,
        .output_name = "b.wav",
        .output = &output,
        .cancel = cancel,
    };
    struct media_report report = { 0 };
    bool ok = transcode(&request, &report, &media_err);

    media_report_release(&report);
    return ok;
}

static void test_transcode_gives_up_when_abandoned(void **state)
{
    struct cancel cancel;
    struct recipe *recipe = media_recipe("");

    (void)state;
    assert_true(cancel_init(&cancel));
    cancel_stop(&cancel, 0);
    media_make_wav(48000, 1, 480000);
    spool_clear(&media_output);
    assert_false(transcode_abandoned(recipe, &cancel));
    assert_int_equal(media_err.kind, ERROR_CANCELLED);
    assert_string_equal(media_err.word, "Avmap.Interrupted");
    recipe_free(recipe);
    cancel_release(&cancel);
}

static void test_transcode_blames_our_own_disk(void **state)
{
    (void)state;
    media_make_wav(48000, 1, 480000);
    media_input.file = dup(STDIN_FILENO);
    close(media_input.file);
    assert_false(media_transcode("", "a.wav", "b.wav"));
    assert_int_equal(media_err.kind, ERROR_LOCAL);
    media_input.file = -1;
}

/* The folder of real broken files that lies beside a working copy, when it does. */
static void transcode_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *bytes = memory_new(1, 1 << 20);
    size_t size = file ? fread(bytes, 1, 1 << 20, file) : 0;

    media_make_bytes(bytes, size);
    free(bytes);
    if (file)
        fclose(file);
    if (!media_transcode("-ac 1 -ar 48000", path, "b.wav"))
        assert_int_equal(media_err.kind, ERROR_MEDIA);
}

static unsigned transcode_folder(const char *path)
{
    DIR *folder = opendir(path);
    const struct dirent *entry;
    unsigned count = 0;

    while (folder && (entry = readdir(folder))) {
        char *inner = memory_format("%s/%s", path, entry->d_name);

        if (entry->d_type == DT_REG && entry->d_name[0] != '_') {
            transcode_file(inner);
            count++;
        } else if (entry->d_type == DT_DIR && entry->d_name[0] != '.') {
            count += transcode_folder(inner);
        }
        free(inner);
    }
    if (folder)
        closedir(folder);
    return count;
}

static void test_transcode_survives_broken_files(void **state)
{
    const char *shared = getenv("AVMAP_SHARED");
    char *path = memory_format("%s/malformed", shared ? shared : "../shared");
    unsigned count = transcode_folder(path);

    (void)state;
    free(path);
    if (count == 0 && getenv("AVMAP_REQUIRE_ALL"))
        fail_msg("there are no broken files to try");
    if (count == 0) {
        print_message("skipped: ../shared/malformed is not there\n");
        skip();
    }
    print_message("%u broken files\n", count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_transcode_keeps_samples_when_nothing_changes),
        cmocka_unit_test(test_transcode_resamples_and_mixes),
        cmocka_unit_test(test_transcode_makes_every_container),
        cmocka_unit_test(test_transcode_is_the_same_every_time),
        cmocka_unit_test(test_transcode_cuts_to_the_sample),
        cmocka_unit_test(test_transcode_moves_the_index_to_the_front),
        cmocka_unit_test(test_transcode_makes_pictures_too),
        cmocka_unit_test(test_transcode_is_the_same_with_any_number_of_threads),
        cmocka_unit_test(test_transcode_refuses_what_is_no_media),
        cmocka_unit_test(test_transcode_opens_no_other_file),
        cmocka_unit_test(test_transcode_reads_pictures_that_are_known_by_name),
        cmocka_unit_test(test_transcode_says_when_the_input_is_cut_short),
        cmocka_unit_test(test_transcode_expects_what_is_asked_for),
        cmocka_unit_test(test_transcode_says_when_the_result_is_empty),
        cmocka_unit_test(test_transcode_gives_up_when_abandoned),
        cmocka_unit_test(test_transcode_blames_our_own_disk),
        cmocka_unit_test(test_transcode_survives_broken_files),
    };

    return cmocka_run_group_tests(tests, media_set_up, media_tear_down);
}
