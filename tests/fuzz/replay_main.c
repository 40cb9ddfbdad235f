/* SPDX-License-Identifier: MIT */

/* Feeds each file named on the command line to a fuzz target, for builds without libFuzzer. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { INPUT_LIMIT = 64 * 1024 * 1024 };

static int replay(const char *path)
{
    FILE *file = fopen(path, "re");
    struct buffer input;
    char piece[65536];
    size_t size;
    int failed;

    if (!file) {
        perror(path);
        return 1;
    }
    buffer_init(&input, INPUT_LIMIT);
    do {
        size = fread(piece, 1, sizeof(piece), file);
    } while (buffer_append(&input, piece, size) && size > 0);
    failed = ferror(file) || input.overflowed;
    fclose(file);
    if (failed)
        fprintf(stderr, "%s: cannot be read as a whole\n", path);
    else
        LLVMFuzzerTestOneInput((const uint8_t *)input.bytes, input.size);
    buffer_release(&input);
    return failed;
}

int main(int argc, char **argv)
{
    int failed = 0;

    for (int i = 1; i < argc; i++)
        failed |= replay(argv[i]);
    return failed;
}
