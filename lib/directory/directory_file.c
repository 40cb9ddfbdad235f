/* SPDX-License-Identifier: MIT */

/* Reads one file at any offset. */

#include "directory/directory_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "directory/directory_path.h"

struct directory_file {
    const struct object *object; /* borrowed */
    int descriptor;              /* owned */
};

static bool refuse_changed(struct error *err)
{
    return error_set(err, ERROR_OBJECT, "File.Changed",
                     "the file changed after it was listed; run again to take the new one");
}

static int open_file(int root, const char *key, struct error *err)
{
    const char *name;
    int folder = directory_path_open_parent(root, key, false, &name, err);
    int file;

    if (folder < 0)
        return -1;
    file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file < 0 && errno == ELOOP)
        refuse_changed(err); /* a link now */
    else if (file < 0)
        error_set_errno(err, errno == ENOENT ? ERROR_NOT_FOUND : ERROR_DENIED, errno, "open");
    close(folder);
    return file;
}

struct directory_file *directory_file_open(int root, const struct object *object, struct error *err)
{
    struct directory_file *file;
    int descriptor = open_file(root, object->key, err);

    if (descriptor < 0)
        return NULL;
    file = memory_new(1, sizeof(*file));
    *file = (struct directory_file){ object, descriptor };
    if (directory_file_check(file, err))
        return file;
    directory_file_close(file);
    return NULL;
}

static bool read_at(void *source, uint64_t offset, void *bytes, size_t size, size_t *got,
                    struct error *err)
{
    const struct directory_file *file = source;
    uint64_t end = file->object->size;

    *got = 0;
    if (offset >= end)
        return true;
    if (size > end - offset)
        size = (size_t)(end - offset);
    while (*got < size) {
        ssize_t count =
            pread(file->descriptor, (char *)bytes + *got, size - *got, (off_t)(offset + *got));

        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return error_set_errno(err, ERROR_OBJECT, errno, "read");
        if (count == 0)
            return refuse_changed(err);
        *got += (size_t)count;
    }
    return true;
}

struct reader directory_file_reader(struct directory_file *file)
{
    return (struct reader){ read_at, file, file->object->size };
}

bool directory_file_check(const struct directory_file *file, struct error *err)
{
    const struct object *object = file->object;
    struct stat status;
    int64_t modified_ms;
    char more;

    if (fstat(file->descriptor, &status) < 0)
        return error_set_errno(err, ERROR_OBJECT, errno, "look at");
    modified_ms = (int64_t)status.st_mtim.tv_sec * 1000 + status.st_mtim.tv_nsec / 1000000;
    if (!S_ISREG(status.st_mode) || (uint64_t)status.st_size != object->size ||
        modified_ms != object->modified_ms)
        return refuse_changed(err);
    /* Some files have more, perhaps without end, than they say. */
    return pread(file->descriptor, &more, 1, (off_t)object->size) <= 0 || refuse_changed(err);
}

void directory_file_close(struct directory_file *file)
{
    if (!file)
        return;
    close(file->descriptor);
    free(file);
}
