/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "media/muxer_order.h"
#include "media_fixture.h"

enum { START = 64 * 1024, STEP_BACK = 512 * 1024 };

/* Follows where a muxer writes. */
struct follower {
    struct writer writer;
    uint64_t end_begins;
    uint64_t worst; /* how far it went back, beyond the start and before the end was written */
};

static bool follow(struct writer *writer, uint64_t offset, const void *bytes, size_t size,
                   struct error *err)
{
    struct follower *follower = (struct follower *)writer;
    uint64_t back = offset < writer->size ? writer->size - offset : 0;

    if (!writer->ending)
        follower->end_begins = offset + size;
    if (offset >= START && (!writer->ending || offset < follower->end_begins) &&
        back > follower->worst)
        follower->worst = back;
    return spool_write(writer->spool, offset, bytes, size, err);
}

/* *forward: what the table says of it. */
static uint64_t go_back(const char *options, const char *name, bool *forward)
{
    struct follower follower = { .writer = { .write = follow, .spool = &media_output } };
    struct recipe *recipe = media_recipe(options);
    const struct transcode_input input = { "a.wav", reader_of_spool(&media_input) };
    struct transcode_request request = {
        .recipe = recipe,
        .inputs = &input,
        .output_name = name,
        .output = &follower.writer,
    };
    struct media_report report = { 0 };

    spool_clear(&media_output);
    if (!transcode(&request, &report, &media_err))
        fail_msg("%s: %s", name, media_err.text);
    assert_true(follower.writer.size > (uint64_t)4 * START);
    media_report_release(&report);
    recipe_free(recipe);
    *forward = follower.writer.only_start_changes;
    return follower.worst;
}

static void test_muxer_order_knows_what_muxers_do(void **state)
{
    static const struct {
        const char *options;
        const char *name;
    } cases[] = {
        { "", "b.wav" },
        { "", "b.w64" },
        { "", "b.aiff" },
        { "", "b.au" },
        { "", "b.caf" },
        { "-c:a flac", "b.flac" },
        { "-c:a pcm_s16le", "b.mka" },
        { "-c:a pcm_s16le", "b.mov" },
        { "-c:a pcm_s16le -frag_duration 200000 -movflags +empty_moov", "b.mov" },
        { "-c:a alac", "b.m4a" },
        { "-c:a flac", "b.ogg" },
        { "-c:a pcm_s16le -ar 44100", "b.flv" },
        { "-f s16le", "b.raw" },
    };

    (void)state;
    media_make_wav(48000, 2, 48000 * 25);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bool forward;
        uint64_t worst = go_back(cases[i].options, cases[i].name, &forward);

        if (!forward || worst > STEP_BACK)
            fail_msg("%s %s: %d, goes back %llu bytes", cases[i].name, cases[i].options, forward,
                     (unsigned long long)worst);
    }
}

static void test_muxer_order_is_not_forward_when_bytes_are_moved(void **state)
{
    bool forward;

    (void)state;
    media_make_wav(48000, 2, 48000 * 25);
    assert_true(go_back("-c:a pcm_s16le -movflags +faststart", "b.mov", &forward) > STEP_BACK);
    assert_false(forward);
    (void)go_back("-c:a pcm_s16le", "b.avi", &forward);
    assert_false(forward);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_muxer_order_knows_what_muxers_do),
        cmocka_unit_test(test_muxer_order_is_not_forward_when_bytes_are_moved),
    };

    return cmocka_run_group_tests(tests, media_set_up, media_tear_down);
}
