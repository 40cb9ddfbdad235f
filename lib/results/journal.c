/* SPDX-License-Identifier: MIT */

/* Keeps, finds and reads journals. */

#include "results/journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/percent.h"

/* Listings pass over names that begin so, as a journal may lie in a destination. */
#define PREFIX ".avmap-journal-"

static const char letters[] = { [OUTCOME_SUCCEEDED] = 'S',
                                [OUTCOME_FAILED] = 'F',
                                [OUTCOME_TIMED_OUT] = 'T',
                                [OUTCOME_ABORTED] = 'A',
                                [OUTCOME_PENDING] = 'P' };

#define CRASHED 'C'
#define CRASH_RECORD "{}"

struct journal {
    char *path;
    int file;
    FILE *earlier; /* reads the lines of the earlier attempt; NULL when they are read */
    char *line;
    size_t line_capacity;
    off_t good; /* where the last whole line ends */
    off_t end;  /* of what the earlier attempt wrote; -1 until that was read once */
};

static char *path_of(const char *folder, const char *identity, const char *run_id)
{
    return memory_format("%s/" PREFIX "%s-%s", folder, identity, run_id);
}

/*
 * Opens and locks; -1 with errno set, EWOULDBLOCK when its run still lives, or lived until now:
 * then what was opened has lost its name.
 */
static int open_locked(const char *path, int flags)
{
    int file = open(path, flags | O_RDWR | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    struct stat status = { 0 };
    int failure = 0;

    if (file < 0)
        return -1;
    if (flock(file, LOCK_EX | LOCK_NB) < 0 || fstat(file, &status) < 0)
        failure = errno;
    else if (!S_ISREG(status.st_mode))
        failure = EINVAL;
    else if (status.st_nlink == 0)
        failure = EWOULDBLOCK;
    if (!failure)
        return file;
    close(file);
    errno = failure;
    return -1;
}

/* The run id in a journal's name, when it is one of this identity; else NULL. */
static const char *run_id_in(const char *name, const char *identity)
{
    size_t length = strlen(PREFIX) + strlen(identity);

    if (strncmp(name, PREFIX, strlen(PREFIX)) != 0 ||
        strncmp(name + strlen(PREFIX), identity, strlen(identity)) != 0 || name[length] != '-')
        return NULL;
    return uuid_is_valid(name + length + 1) ? name + length + 1 : NULL;
}

static bool is_newer(int file, int other)
{
    struct stat one = { 0 };
    struct stat two = { 0 };

    fstat(file, &one);
    fstat(other, &two);
    return one.st_mtim.tv_sec != two.st_mtim.tv_sec ? one.st_mtim.tv_sec > two.st_mtim.tv_sec
                                                    : one.st_mtim.tv_nsec > two.st_mtim.tv_nsec;
}

/* Opens and locks the newest journal of this identity whose run does not live; -1: there is none.
 */
static int open_unfinished(const char *folder, const char *identity, char run_id[UUID_SIZE])
{
    DIR *stream = opendir(folder);
    struct dirent *entry;
    int newest = -1;

    while (stream && (entry = readdir(stream))) {
        const char *id = run_id_in(entry->d_name, identity);
        char *path = id ? path_of(folder, identity, id) : NULL;
        int file = path ? open_locked(path, 0) : -1;

        free(path);
        if (file < 0)
            continue;
        if (newest >= 0 && !is_newer(file, newest)) {
            close(file);
            continue;
        }
        if (newest >= 0)
            close(newest);
        newest = file;
        memcpy(run_id, id, UUID_SIZE);
    }
    if (stream)
        closedir(stream);
    return newest;
}

struct journal *journal_open(const char *folder, const char *identity, char run_id[UUID_SIZE],
                             struct error *err)
{
    struct journal *journal = memory_new(1, sizeof(*journal));

    journal->end = -1;
    journal->file = run_id[0] ? -1 : open_unfinished(folder, identity, run_id);
    if (!run_id[0])
        uuid_random(run_id);
    journal->path = path_of(folder, identity, run_id);
    if (journal->file < 0)
        journal->file = open_locked(journal->path, O_CREAT);
    if (journal->file >= 0) {
        journal->earlier = fopen(journal->path, "re");
        if (journal->earlier)
            return journal;
    }
    if (errno == EWOULDBLOCK)
        error_set(err, ERROR_LOCAL, "Avmap.RunIsActive",
                  "a run with the id %s is at work already (it holds %s)", run_id, journal->path);
    else
        error_set_errno(err, ERROR_LOCAL, errno, "keep a journal in %s", folder);
    journal_close(journal);
    return NULL;
}

static bool find_outcome(char letter, enum outcome *outcome)
{
    for (size_t i = 0; i < sizeof(letters); i++) {
        if (letters[i] == letter) {
            *outcome = (enum outcome)i;
            return true;
        }
    }
    return false;
}

/*
 * What a killed run left half written would spoil the line after it. Where it cannot be cut off,
 * reading leaves out both.
 */
static void end_reading(struct journal *journal)
{
    if (journal->end < 0) {
        int cut = ftruncate(journal->file, journal->good);

        (void)cut;
        journal->end = journal->good;
    }
    fclose(journal->earlier);
    journal->earlier = NULL;
}

/* Takes a line apart; false when no journal_add wrote it, or a kill or a full disk cut it short. */
static bool read_line(char *line, size_t length, enum outcome *outcome, const char **key,
                      const char **record)
{
    bool crashed = line[0] == CRASHED;
    char *text;

    if (strlen(line) != length || (!crashed && !find_outcome(line[0], outcome)) || line[1] != '\t')
        return false;
    text = strchr(line + 2, '\t');
    /* What was cut short has the next line's tabs behind its own. */
    if (!text || strchr(text + 1, '\t') || text[1] != '{' || line[length - 2] != '}')
        return false;
    line[length - 1] = '\0';
    *text = '\0';
    *key = line + 2;
    *record = text + 1;
    if (crashed) {
        *outcome = OUTCOME_FAILED;
        *record = NULL;
    }
    return percent_decode(line + 2, false);
}

bool journal_next(struct journal *journal, enum outcome *outcome, const char **key,
                  const char **record)
{
    ssize_t length;

    while (journal->earlier && (journal->end < 0 || journal->good < journal->end) &&
           (length = getline(&journal->line, &journal->line_capacity, journal->earlier)) > 0) {
        if (journal->line[length - 1] != '\n')
            break;
        journal->good += length;
        if (read_line(journal->line, (size_t)length, outcome, key, record))
            return true;
    }
    if (journal->earlier)
        end_reading(journal);
    return false;
}

bool journal_rewind(struct journal *journal, struct error *err)
{
    journal->earlier = fopen(journal->path, "re");
    journal->good = 0;
    return journal->earlier ||
           error_set_errno(err, ERROR_LOCAL, errno, "read the journal %s again", journal->path);
}

int journal_file(const struct journal *journal)
{
    return journal->file;
}

char *journal_crash_line(const char *key)
{
    struct buffer line;

    buffer_init(&line, SIZE_MAX);
    buffer_append_format(&line, "%c\t", CRASHED);
    percent_encode(&line, key, PERCENT_KEEP_PRINTABLE);
    buffer_append_text(&line, "\t" CRASH_RECORD "\n");
    return buffer_take(&line);
}

bool journal_add(struct journal *journal, enum outcome outcome, const char *key, const char *record,
                 struct error *err)
{
    struct buffer line;
    ssize_t written;
    bool ok = true;

    buffer_init(&line, SIZE_MAX);
    buffer_append(&line, &letters[outcome], 1);
    buffer_append_text(&line, "\t");
    percent_encode(&line, key, PERCENT_KEEP_PRINTABLE);
    buffer_append_format(&line, "\t%s\n", record);
    do {
        written = write(journal->file, line.bytes, line.size);
    } while (written < 0 && errno == EINTR);
    if (written < 0 || (size_t)written != line.size)
        ok = error_set_errno(err, ERROR_LOCAL, written < 0 ? errno : ENOSPC,
                             "write to the journal %s", journal->path);
    buffer_release(&line);
    return ok;
}

void journal_finish(struct journal *journal)
{
    unlink(journal->path);
}

/* A run that could not begin has nothing to go on from, and its line may never come again. */
static void remove_empty(const struct journal *journal)
{
    struct stat status;

    if (fstat(journal->file, &status) == 0 && status.st_size == 0 && status.st_nlink > 0)
        unlink(journal->path);
}

void journal_close(struct journal *journal)
{
    if (!journal)
        return;
    if (journal->file >= 0)
        remove_empty(journal);
    if (journal->earlier)
        fclose(journal->earlier);
    if (journal->file >= 0)
        close(journal->file);
    free(journal->line);
    free(journal->path);
    free(journal);
}

char *journal_default_folder(void)
{
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    char *folder;

    if (state && state[0] == '/')
        folder = memory_format("%s/avmap", state);
    else if (home && home[0] == '/')
        folder = memory_format("%s/.local/state/avmap", home);
    else
        return NULL;
    for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(folder, 0700);
        *slash = '/';
    }
    if (mkdir(folder, 0700) == 0 || errno == EEXIST)
        return folder;
    free(folder);
    return NULL;
}
