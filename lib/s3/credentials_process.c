/* SPDX-License-Identifier: MIT */

/* Runs the user's program. */

#include "s3/credentials_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "s3/credentials_json.h"

enum { OUTPUT_LIMIT = 64 * 1024, TIME_MS = 60 * 1000, LOOK_MS = 100, WAIT_MS = 5 };

static bool start(const char *command, int output, pid_t *child)
{
    char shell[] = "sh";
    char option[] = "-c";
    char *const arguments[] = { shell, option, (char *)command, NULL }; /* only read */
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    int failure;

    sigemptyset(&none);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    failure = posix_spawn(child, "/bin/sh", &actions, &attributes, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    errno = failure;
    return failure == 0;
}

static bool may_go_on(int64_t end_ms, const struct cancel *cancel, struct error *err)
{
    if (cancel_abandoned(cancel))
        return error_set(err, ERROR_CANCELLED, "Avmap.Interrupted", "interrupted");
    return clock_monotonic_ms() <= end_ms ||
           error_set(err, ERROR_AUTH, "S3.NoCredentials", "it takes over a minute");
}

/* Reads up to the end of the output. */
static bool read_all(int from, int64_t end_ms, const struct cancel *cancel, struct buffer *output,
                     struct error *err)
{
    char piece[4096];

    while (may_go_on(end_ms, cancel, err)) {
        struct pollfd look = { .fd = from, .events = POLLIN };
        ssize_t count = 0;

        if (poll(&look, 1, LOOK_MS) <= 0)
            continue;
        count = read(from, piece, sizeof(piece));
        if (count < 0 && errno == EINTR)
            continue;
        if (count > 0 && buffer_append(output, piece, (size_t)count))
            continue;
        explicit_bzero(piece, sizeof(piece));
        return count == 0 ||
               error_set(err, ERROR_AUTH, "S3.NoCredentials", "its output cannot be read");
    }
    explicit_bzero(piece, sizeof(piece));
    return false;
}

/* One that has closed its output may still go on for ever. */
static bool wait_for(pid_t child, int64_t end_ms, const struct cancel *cancel, int *status,
                     struct error *err)
{
    pid_t ended;

    while ((ended = waitpid(child, status, WNOHANG)) == 0 && may_go_on(end_ms, cancel, err))
        poll(NULL, 0, WAIT_MS);
    return ended != 0;
}

static void end(pid_t child)
{
    kill(child, SIGKILL);
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
        continue;
}

static bool judge_status(int status, struct error *err)
{
    bool exited = WIFEXITED(status);

    return (exited && WEXITSTATUS(status) == 0) ||
           error_set(err, ERROR_AUTH, "S3.NoCredentials", "it ended with %s %d",
                     exited ? "status" : "signal", exited ? WEXITSTATUS(status) : WTERMSIG(status));
}

static bool run(const char *command, const struct cancel *cancel, struct buffer *output,
                struct error *err)
{
    int64_t end_ms = clock_monotonic_ms() + TIME_MS;
    int ends[2];
    pid_t child = 0;
    int status = 0;
    bool started;
    bool ok;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return error_set_errno(err, ERROR_LOCAL, errno, "make a pipe");
    started = start(command, ends[1], &child);
    ok = started || error_set_errno(err, ERROR_LOCAL, errno, "start /bin/sh");
    close(ends[1]);
    if (started) {
        ok = read_all(ends[0], end_ms, cancel, output, err) &&
             wait_for(child, end_ms, cancel, &status, err);
        if (ok)
            ok = judge_status(status, err);
        else
            end(child);
    }
    close(ends[0]);
    return ok;
}

bool credentials_process_fetch(const struct credentials_place *place, const char *command,
                               struct key_set *keys, struct error *err)
{
    struct buffer output;
    bool ok;

    buffer_init(&output, OUTPUT_LIMIT);
    ok = run(command, place->cancel, &output, err) &&
         credentials_json_process(output.bytes, output.size, keys, err);
    if (output.capacity)
        explicit_bzero(output.bytes, output.capacity);
    buffer_release(&output);
    if (!ok)
        error_prefix(err, "credential_process"); /* its arguments may be secret */
    return ok;
}
