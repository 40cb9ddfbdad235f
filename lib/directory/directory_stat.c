/* SPDX-License-Identifier: MIT */

/* Looks at one file. */

#include "directory/directory_stat.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "directory/directory_path.h"

/* A folder that is not there, or is a file, cannot hold the one asked for. */
static bool means_absent(const struct error *err)
{
    return err->kind == ERROR_NOT_FOUND || strcmp(err->word, "File.NotAFolder") == 0;
}

static bool look_at(int folder, const char *name, struct directory_status *status, bool *found,
                    struct error *err)
{
    int file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat state;
    bool ok;

    if (file < 0) {
        *found = false;
        return errno == ENOENT || errno == ELOOP ||
               error_set_errno(err, ERROR_DENIED, errno, "look at");
    }
    ok = fstat(file, &state) == 0 || error_set_errno(err, ERROR_OBJECT, errno, "look at");
    *found = ok && S_ISREG(state.st_mode);
    if (*found) {
        status->size = (uint64_t)state.st_size;
        status->modified_ms =
            (int64_t)state.st_mtim.tv_sec * 1000 + state.st_mtim.tv_nsec / 1000000;
        directory_marks_read(file, &status->marks);
    }
    close(file);
    return ok;
}

bool directory_stat(int root, const char *key, struct directory_status *status, bool *found,
                    struct error *err)
{
    const char *name;
    struct error failure;
    int folder = directory_path_open_parent(root, key, false, &name, &failure);
    bool ok;

    if (folder < 0) {
        *found = false;
        if (means_absent(&failure))
            return true;
        *err = failure;
        return false;
    }
    ok = look_at(folder, name, status, found, err);
    close(folder);
    return ok;
}
