/* SPDX-License-Identifier: MIT */

#include "list_file.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/avmap-fuzz-XXXXXX";

static void remove_folder(void)
{
    rmdir(folder);
}

static void read_all(struct item_source *source, struct error *err)
{
    bool found = true;

    while (found) {
        struct item item;

        if (!source->next(source, &item, &found, err))
            return;
        assert(!found || (item.object.key && item.object.key[0]));
        item_release(&item);
    }
}

static void read_list(enum items_format format, const char *pointer)
{
    struct location place;
    struct error err;
    struct item_list list = { .key = "list", .name = "list", .pointer = pointer };
    struct item_source *source;

    if (!location_parse(folder, &place, &err))
        abort();
    list.store = store_open(&place, NULL, NULL, false, &err);
    source = items_from_list(format, &list, &err);
    if (source) {
        read_all(source, &err);
        source->close(source);
    }
    store_close(list.store);
    location_release(&place);
}

void list_file_read(const uint8_t *bytes, size_t size, enum items_format format,
                    const char *pointer)
{
    static bool ready;
    int root;
    int file;

    if (!ready && (!mkdtemp(folder) || atexit(remove_folder) != 0))
        abort();
    ready = true;
    root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    file = openat(root, "list", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (write(file, bytes, size) != (ssize_t)size)
        abort();
    close(file);
    read_list(format, pointer);
    unlinkat(root, "list", 0);
    close(root);
}
