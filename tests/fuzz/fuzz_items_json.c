/* SPDX-License-Identifier: MIT */

/* Any bytes as JSON Lines, as a JSON array and as one that a pointer names. */

#include <assert.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "items/item_source.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static char folder[] = "/tmp/avmap-fuzz-XXXXXX";

static void remove_folder(void)
{
    rmdir(folder);
}

static void read_list(enum items_format format, const char *pointer)
{
    struct location place;
    struct error err;
    struct item_list list = { .key = "list", .name = "list", .pointer = pointer };
    struct item_source *source;
    bool found = true;

    if (!location_parse(folder, &place, &err))
        abort();
    list.store = store_open(&place, NULL, NULL, false, &err);
    source = items_from_list(format, &list, &err);
    while (source && found) {
        struct item item;

        if (!source->next(source, &item, &found, &err))
            break;
        assert(!found || (item.object.key && item.object.key[0]));
        item_release(&item);
    }
    if (source)
        source->close(source);
    store_close(list.store);
    location_release(&place);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static bool ready;
    int root;
    int file;

    if (!ready && (!mkdtemp(folder) || atexit(remove_folder) != 0))
        abort();
    ready = true;
    root = open(folder, O_RDONLY | O_DIRECTORY);
    file = openat(root, "list", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (write(file, bytes, size) != (ssize_t)size)
        abort();
    close(file);
    read_list(ITEMS_JSONL, NULL);
    read_list(ITEMS_JSON, NULL);
    read_list(ITEMS_JSON, "/a/0");
    unlinkat(root, "list", 0);
    close(root);
    return 0;
}
