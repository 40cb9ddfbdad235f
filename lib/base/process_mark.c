/* SPDX-License-Identifier: MIT */

/* Marks of processes, from what Linux says of them in /proc. */

#include "base/process_mark.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "base/memory.h"

/* Of /proc/PID/stat, see proc(5); the start is in ticks since the boot. */
enum { STATE_FIELD = 3, START_FIELD = 22 };

/* The beginning of a file, without line breaks; "" when it cannot be read. */
static void read_text(const char *path, char *text, size_t size)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = file >= 0 ? read(file, text, size - 1) : 0;

    text[length > 0 ? length : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
    if (file >= 0)
        close(file);
}

/* "" when there is none that runs. A name may hold anything, but it ends with the last ")". */
static void read_start(long pid, char *start, size_t size)
{
    char path[64];
    char stat[1024];
    const char *at;

    *start = '\0';
    snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
    read_text(path, stat, sizeof(stat));
    at = strrchr(stat, ')');
    for (int field = STATE_FIELD - 1; at && field < START_FIELD; field++) {
        at = strchr(at + 1, ' ');
        /* It has ended, and its parent has not asked how. */
        if (at && field + 1 == STATE_FIELD && (at[1] == 'Z' || at[1] == 'X'))
            return;
    }
    if (at)
        snprintf(start, size, "%.*s", (int)strcspn(at + 1, " "), at + 1);
}

/* The boot and the process namespace, in which numbers mean something; NULL: not known. */
static char *place(void)
{
    char boot[64];
    char space[64];
    ssize_t length = readlink("/proc/self/ns/pid", space, sizeof(space) - 1);

    read_text("/proc/sys/kernel/random/boot_id", boot, sizeof(boot));
    if (length <= 0 || !*boot)
        return NULL;
    space[length] = '\0';
    return memory_format("%s %s", boot, space);
}

char *process_mark_own(void)
{
    const void *random = (const void *)getauxval(AT_RANDOM);
    char *where = place();
    uint64_t program = 0; /* differs when the process begins anew, see crash.h */
    char start[32];
    char *mark;

    if (random)
        memcpy(&program, random, sizeof(program));
    read_start(getpid(), start, sizeof(start));
    mark = memory_format("%s %ld %s %016" PRIx64, where ? where : "? ?", (long)getpid(), start,
                         program);
    free(where);
    return mark;
}

/* rest is what a mark says of the process beside its number. */
static bool lives(long pid, const char *mark, const char *rest)
{
    char start[32];
    char *own;
    bool same;

    if (pid == getpid()) {
        own = process_mark_own();
        same = strcmp(mark, own) == 0;
        free(own);
        return same;
    }
    read_start(pid, start, sizeof(start));
    return *start && strncmp(rest, start, strlen(start)) == 0 && rest[strlen(start)] == ' ';
}

enum process_state process_mark_judge(const char *mark)
{
    char *where = place();
    size_t length = where ? strlen(where) : 0;
    enum process_state state = PROCESS_ELSEWHERE;
    char *end;

    if (length && strncmp(mark, where, length) == 0 && mark[length] == ' ') {
        long pid = strtol(mark + length + 1, &end, 10);

        state = *end == ' ' && lives(pid, mark, end + 1) ? PROCESS_LIVES : PROCESS_GONE;
    }
    free(where);
    return state;
}
