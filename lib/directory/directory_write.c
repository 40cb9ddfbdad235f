/* SPDX-License-Identifier: MIT */

/* Writes one file: temporary name, then rename. */

#include "directory/directory_write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/uuid.h"
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

/*
 * A file without a name where the file system can, so that a kill leaves nothing behind; *named
 * tells whether it has the temporary name already.
 */
static int open_temporary(int folder, const char *temporary, bool *named)
{
    int file = openat(folder, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);

    *named = file < 0;
    if (file >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
        return file;
    return openat(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
}

/* Gives the file without a name its temporary one, as only a name can be renamed over another. */
static bool give_name(int file, int folder, const char *temporary, struct error *err)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    return linkat(AT_FDCWD, path, folder, temporary, AT_SYMLINK_FOLLOW) == 0 ||
           error_set_errno(err, ERROR_OBJECT, errno, "name a new file");
}

/*
 * Fills and closes the temporary file. Without the sync a power cut could leave an empty file under
 * the final name, as many file systems write the rename before the bytes.
 */
static bool fill(int folder, const char *temporary, const struct spool *from,
                 const struct directory_marks *marks, struct error *err)
{
    bool named;
    int file = open_temporary(folder, temporary, &named);
    bool ok;

    if (file < 0)
        return error_set_errno(err, ERROR_DENIED, errno, "make a file");
    directory_marks_write(file, marks);
    ok = copy(from, file, err);
    if (ok && fdatasync(file) < 0)
        ok = error_set_errno(err, ERROR_OBJECT, errno, "write");
    ok = ok && (named || give_name(file, folder, temporary, err));
    if (close(file) < 0 && ok)
        ok = error_set_errno(err, ERROR_OBJECT, errno, "write");
    return ok;
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

bool directory_write(int root, const char *key, const struct spool *from,
                     const struct directory_marks *marks, bool only_new, struct error *err)
{
    const char *name;
    int folder = directory_path_open_parent(root, key, true, &name, err);
    char id[UUID_SIZE];
    char *temporary;
    bool ok;

    if (folder < 0)
        return false;
    temporary = memory_format(DIRECTORY_TEMPORARY_PREFIX "%s.tmp", uuid_random(id));
    ok = fill(folder, temporary, from, marks, err) && move(folder, temporary, name, only_new, err);
    if (!ok)
        unlinkat(folder, temporary, 0);
    free(temporary);
    close(folder);
    return ok;
}
