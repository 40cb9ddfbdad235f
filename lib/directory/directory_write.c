/* SPDX-License-Identifier: MIT */

/* Writes one file: temporary name, then rename. */

#include "directory/directory_write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "directory/directory_path.h"

enum { PIECE_SIZE = 256 * 1024 };

static bool write_all(int file, const char *bytes, size_t size, struct error *err)
{
    while (size > 0) {
        ssize_t written = write(file, bytes, size);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return error_set_errno(err, ERROR_OBJECT, errno, "write");
        bytes += written;
        size -= (size_t)written;
    }
    return true;
}

static bool copy(const struct spool *from, int file, struct error *err)
{
    const char *bytes = spool_bytes(from);
    char piece[PIECE_SIZE];
    size_t got;

    if (bytes)
        return write_all(file, bytes, (size_t)from->size, err);
    for (uint64_t offset = 0; offset < from->size; offset += got) {
        if (!spool_read(from, offset, piece, sizeof(piece), &got, err) ||
            !write_all(file, piece, got, err))
            return false;
    }
    return true;
}

static bool refuse_existing(struct error *err)
{
    return error_set(err, ERROR_OBJECT, "Avmap.AlreadyExists",
                     "a file of that name is there already; remove it, choose another name, or let "
                     "it be replaced");
}

/* Some network file systems can link but not rename this way, others the other way round. */
static bool move_if_new(int folder, const char *temporary, const char *name, struct error *err)
{
    if (renameat2(folder, temporary, folder, name, RENAME_NOREPLACE) == 0)
        return true;
    if (errno == EEXIST)
        return refuse_existing(err);
    if (linkat(folder, temporary, folder, name, 0) < 0)
        return errno == EEXIST
                   ? refuse_existing(err)
                   : error_set_errno(err, ERROR_OBJECT, errno, "link to the final name");
    unlinkat(folder, temporary, 0);
    return true;
}

static bool move(int folder, const char *temporary, const char *name, bool only_new,
                 struct error *err)
{
    if (only_new)
        return move_if_new(folder, temporary, name, err);
    return renameat(folder, temporary, folder, name) == 0 ||
           error_set_errno(err, ERROR_OBJECT, errno, "rename to the final name");
}

bool directory_write_open(struct directory_write *file, int root, const char *key,
                          struct error *err)
{
    *file = (struct directory_write){ .temporary = { .file = -1, .lock = -1 } };
    file->folder = directory_path_open_parent(root, key, true, &file->name, err);
    return file->folder >= 0 &&
           directory_temporary_open(&file->temporary, file->folder, file->name, err);
}

/*
 * What has no recipe is a record, such as a manifest, and must not outlive in a power cut what it
 * tells of: with its own rename those before it are on the disk, where there is a journal. It is
 * once for a run; a file system that cannot sync folders has lost nothing more by it.
 */
static void settle(int folder)
{
    (void)fsync(folder);
}

/*
 * Without the sync a power cut could leave an empty file under the final name, as many file systems
 * write the rename before the bytes.
 */
bool directory_write_finish(struct directory_write *file, const struct directory_marks *marks,
                            bool only_new, struct error *err)
{
    struct directory_temporary *temporary = &file->temporary;

    directory_marks_write(temporary->file, marks);
    if (fdatasync(temporary->file) < 0)
        return error_set_errno(err, ERROR_OBJECT, errno, "write");
    if (!directory_temporary_complete(temporary, err) ||
        !move(file->folder, temporary->name, file->name, only_new, err))
        return false;
    temporary->named = false;
    if (!marks->recipe)
        settle(file->folder);
    return true;
}

void directory_write_close(struct directory_write *file)
{
    if (!file->temporary.name)
        return;
    directory_temporary_close(&file->temporary);
    close(file->folder);
    *file = (struct directory_write){ .temporary = { .file = -1, .lock = -1 } };
}

bool directory_write(int root, const char *key, const struct spool *from,
                     const struct directory_marks *marks, bool only_new, struct error *err)
{
    struct directory_write file;
    bool ok = directory_write_open(&file, root, key, err) && copy(from, file.temporary.file, err) &&
              directory_write_finish(&file, marks, only_new, err);

    directory_write_close(&file);
    return ok;
}
