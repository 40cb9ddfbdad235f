/* SPDX-License-Identifier: MIT */

/* Reads one file into a spool. */

#include "directory/directory_read.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "directory/directory_path.h"

enum { PIECE_SIZE = 256 * 1024 };

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

static bool is_unchanged(int file, const struct object *object, struct error *err)
{
    struct stat status;
    int64_t modified_ms;

    if (fstat(file, &status) < 0)
        return error_set_errno(err, ERROR_OBJECT, errno, "look at");
    modified_ms = (int64_t)status.st_mtim.tv_sec * 1000 + status.st_mtim.tv_nsec / 1000000;
    if (!S_ISREG(status.st_mode) || (uint64_t)status.st_size != object->size ||
        modified_ms != object->modified_ms)
        return refuse_changed(err);
    return true;
}

/* Copies size bytes; a file that has more, perhaps without end, or less is not the listed one. */
static bool copy(int file, uint64_t size, struct spool *to, struct error *err)
{
    char piece[PIECE_SIZE];
    uint64_t offset = 0;

    for (;;) {
        ssize_t count = read(file, piece, sizeof(piece));

        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return error_set_errno(err, ERROR_OBJECT, errno, "read");
        if (count == 0)
            return offset == size || refuse_changed(err);
        if ((uint64_t)count > size - offset)
            return refuse_changed(err);
        if (!spool_write(to, offset, piece, (size_t)count, err))
            return false;
        offset += (uint64_t)count;
    }
}

bool directory_read(int root, const struct object *object, struct spool *to, struct error *err)
{
    int file = open_file(root, object->key, err);
    bool ok;

    if (file < 0)
        return false;
    ok = is_unchanged(file, object, err) && spool_reserve(to, object->size, err) &&
         copy(file, object->size, to, err) && is_unchanged(file, object, err);
    close(file);
    return ok;
}
