/* SPDX-License-Identifier: MIT */

/* A folder for one test. */

#include "scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"

enum { NOBODY = 65534 };

static char path[64];
static int root = -1;
static char *mounted;
static bool is_nobody;

/* Our own code must not judge itself, and rm knows trees of any depth. */
static int remove_tree(char *folder)
{
    char name[] = "rm";
    char options[] = "-rf";
    char *const argv[] = { name, options, folder, NULL };
    pid_t child;
    int status = -1;

    if (posix_spawnp(&child, name, NULL, NULL, argv, environ) != 0)
        return -1;
    return waitpid(child, &status, 0) == child && status == 0 ? 0 : -1;
}

int scratch_make(void **state)
{
    (void)state;
    snprintf(path, sizeof(path), "/tmp/avmap-test-XXXXXX");
    if (!mkdtemp(path) || chmod(path, 0755) < 0)
        return -1;
    root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return root < 0 ? -1 : 0;
}

int scratch_remove(void **state)
{
    (void)state;
    scratch_as_before();
    if (mounted)
        umount2(mounted, MNT_DETACH);
    free(mounted);
    mounted = NULL;
    close(root);
    return remove_tree(path);
}

const char *scratch_path(void)
{
    return path;
}

int scratch_root(void)
{
    return root;
}

void scratch_folder(const char *key)
{
    char *part = memory_copy_text(key);

    for (char *slash = strchr(part, '/');; slash = strchr(slash + 1, '/')) {
        if (slash)
            *slash = '\0';
        if (*part && mkdirat(root, part, 0755) < 0 && errno != EEXIST)
            fail_msg("mkdir %s: errno %d", part, errno);
        if (!slash)
            break;
        *slash = '/';
    }
    free(part);
}

void scratch_bytes(const char *key, const void *bytes, size_t size)
{
    const char *slash = strrchr(key, '/');
    int file;

    if (slash) {
        char *folder = memory_copy_bytes(key, (size_t)(slash - key));

        scratch_folder(folder);
        free(folder);
    }
    file = openat(root, key, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0 || write(file, bytes, size) != (ssize_t)size)
        fail_msg("write %s: errno %d", key, errno);
    close(file);
}

void scratch_file(const char *key, const char *text)
{
    scratch_bytes(key, text, strlen(text));
}

void scratch_link(const char *key, const char *target)
{
    if (symlinkat(target, root, key) < 0)
        fail_msg("link %s: errno %d", key, errno);
}

char *scratch_read(const char *key)
{
    int file = openat(root, key, O_RDONLY | O_CLOEXEC);
    struct stat status;
    char *text;

    if (file < 0)
        return NULL;
    assert_int_equal(fstat(file, &status), 0);
    text = memory_new((size_t)status.st_size + 1, 1);
    assert_int_equal(read(file, text, (size_t)status.st_size), status.st_size);
    close(file);
    return text;
}

bool scratch_exists(const char *key)
{
    return faccessat(root, key, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

size_t scratch_count(const char *key)
{
    DIR *folder = fdopendir(openat(root, key, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    size_t count = 0;

    assert_non_null(folder);
    while (readdir(folder))
        count++;
    closedir(folder);
    return count - 2; /* . and .. */
}

void scratch_as_nobody(void)
{
    if (geteuid() != 0)
        return;
    assert_int_equal(seteuid(NOBODY), 0);
    is_nobody = true;
}

void scratch_as_before(void)
{
    if (is_nobody)
        assert_int_equal(seteuid(0), 0);
    is_nobody = false;
}

bool scratch_mount(const char *key, size_t size)
{
    char *options = memory_format("size=%zu", size);
    bool ok;

    scratch_folder(key);
    mounted = memory_format("%s/%s", path, key);
    /* The mount is for this process alone and goes with it. */
    ok = unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
         mount("tmpfs", mounted, "tmpfs", 0, options) == 0;
    free(options);
    return ok;
}
