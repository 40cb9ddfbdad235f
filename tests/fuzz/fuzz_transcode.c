/* SPDX-License-Identifier: MIT */

/* Bytes of an object, transcoded as the everyday line does it. */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "media/libav.h"
#include "media/transcode.h"

/* A few bytes may ask for hours of samples; finding that out again is not worth the time. */
enum { LONGEST_MS = 2000 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void transcode_bytes(const uint8_t *bytes, size_t size, const struct recipe *recipe)
{
    struct budget budget;
    struct spool input;
    struct spool output;
    struct writer writer = writer_of_spool(&output);
    struct cancel cancel;
    struct media_report report = { 0 };
    struct error err = { 0 };
    struct transcode_input item = { .name = "item" };
    struct transcode_request request = {
        .recipe = recipe,
        .inputs = &item,
        .output_name = "result.wav",
        .output = &writer,
        .cancel = &cancel,
    };

    budget_init(&budget, UINT64_C(64) * 1024 * 1024);
    spool_init(&input, &budget);
    spool_init(&output, &budget);
    if (cancel_init(&cancel)) {
        cancel_stop(&cancel, LONGEST_MS);
        if (spool_write(&input, 0, bytes, size, &err)) {
            item.reader = reader_of_spool(&input);
            transcode(&request, &report, &err);
        }
        cancel_release(&cancel);
    }
    media_report_release(&report);
    spool_release(&input);
    spool_release(&output);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static char channels[] = "-ac";
    static char one[] = "1";
    char *const words[] = { channels, one };
    struct error err = { 0 };
    struct recipe *recipe;

    libav_init();
    recipe = recipe_parse(&(struct recipe_words){ .output = words, .output_count = 2 }, &err);
    if (!recipe)
        abort();
    transcode_bytes(bytes, size, recipe);
    recipe_free(recipe);
    return 0;
}
