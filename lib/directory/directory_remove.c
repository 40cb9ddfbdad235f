/* SPDX-License-Identifier: MIT */

/* Takes one file away. */

#include "directory/directory_remove.h"

#include <errno.h>
#include <unistd.h>

#include "directory/directory_path.h"

bool directory_remove(int root, const char *key, struct error *err)
{
    const char *name;
    struct error failure;
    int folder = directory_path_open_parent(root, key, false, &name, &failure);
    bool ok;

    if (folder < 0) {
        ok = failure.kind == ERROR_NOT_FOUND;
        if (!ok)
            *err = failure;
        return ok;
    }
    ok = unlinkat(folder, name, 0) == 0 || errno == ENOENT ||
         error_set_errno(err, ERROR_DENIED, errno, "remove");
    close(folder);
    return ok;
}
