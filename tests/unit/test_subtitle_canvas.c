/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "media_fixture.h"

/* One Blu-ray subtitle: 2 by 1 pixels at 1, 2 of a screen of 8 by 4, from 0.1 s to 0.2 s. */
static const unsigned char subtitle[] = {
    'P', 'G', 0, 0, 0x23, 0x28, 0, 0, 0, 0, 0x16, 0, 19, 0, 8, 0, 4,    0x10, 0,   0,   0x80,
    0,   0,   1, 0, 0,    0,    0, 0, 1, 0, 2, /* screen */
    'P', 'G', 0, 0, 0x23, 0x28, 0, 0, 0, 0, 0x17, 0, 10, 1, 0, 0, 1,    0,    2,   0,   2,
    0,   1,                                                                             /* window */
    'P', 'G', 0, 0, 0x23, 0x28, 0, 0, 0, 0, 0x14, 0, 7,  0, 0, 1, 235,  128,  128, 255, /* palette:
                                                                                           1 is
                                                                                           white */
    'P', 'G', 0, 0, 0x23, 0x28, 0, 0, 0, 0, 0x15, 0, 15, 0, 0, 0, 0xc0, 0,    0,   8,   0,
    2,   0,   1, 1, 1,    0,    0,                      /* picture */
    'P', 'G', 0, 0, 0x23, 0x28, 0, 0, 0, 0, 0x80, 0, 0, /* shown */
    'P', 'G', 0, 0, 0x46, 0x50, 0, 0, 0, 0, 0x16, 0, 11, 0, 8, 0, 4,    0x10, 0,   1,   0,
    0,   0,   0, /* an empty screen */
    'P', 'G', 0, 0, 0x46, 0x50, 0, 0, 0, 0, 0x80, 0, 0,
};

enum { WIDTH = 8, HEIGHT = 4, PICTURE = WIDTH * HEIGHT * 4 };

static int set_up(void **state)
{
    media_set_up(state);
    media_make_bytes((const char *)subtitle, sizeof(subtitle));
    return 0;
}

/* How many pixels of a picture are not transparent, and whether these are those of the subtitle. */
static unsigned count_shown(uint64_t picture, bool *is_subtitle)
{
    const unsigned char *pixels =
        (const unsigned char *)spool_bytes(&media_output) + picture * PICTURE;
    const unsigned char *first = pixels + (size_t)(2 * WIDTH + 1) * 4;
    unsigned count = 0;

    for (unsigned i = 0; i < WIDTH * HEIGHT; i++)
        count += pixels[i * 4 + 3] != 0;
    *is_subtitle = count == 2 && first[0] == 255 && first[4 + 3] == 255;
    return count;
}

static void test_subtitle_canvas_is_transparent_where_nothing_is_shown(void **state)
{
    uint64_t pictures;
    unsigned shown = 0;
    bool is_subtitle;

    (void)state;
    assert_true(media_transcode("-filter_complex [0:s]format=rgba -f rawvideo -vsync passthrough",
                                "a.sup", "b.rgba"));
    pictures = media_output.size / PICTURE;
    for (uint64_t i = 0; i < pictures; i++) {
        if (count_shown(i, &is_subtitle) > 0) {
            assert_true(is_subtitle);
            shown++;
        }
    }
    assert_true(shown > 0);
    assert_int_equal(count_shown(pictures - 1, &is_subtitle), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, media_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_subtitle_canvas_is_transparent_where_nothing_is_shown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
