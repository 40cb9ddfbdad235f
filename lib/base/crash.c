/* SPDX-License-Identifier: MIT */

/* Outlives crashes. Nearly all of it runs in a signal handler, and calls only what may be there. */

#include "base/crash.h"

#include <dirent.h>
#include <limits.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"

enum {
    THREADS_MAX = 2048,     /* twice what --jobs may be; those beyond have no note */
    STACK_SIZE = 64 * 1024, /* the registers alone take 11 KiB on processors with AMX */
};

static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };

static char *const *command;
static char program[PATH_MAX];
static unsigned first_own_file; /* those below are the caller's, and stay open */
static char beginning[64];
static int notes_file = -1;
static bool may_begin_anew;
static const struct cancel *run_cancel;

static _Atomic(const char *) notes[THREADS_MAX];
static atomic_bool taken[THREADS_MAX];
static _Thread_local int own = -1; /* index of the thread's note */
static _Thread_local void *stack;
static _Thread_local volatile sig_atomic_t crashing;
static atomic_flag any_crashes = ATOMIC_FLAG_INIT;

static const char *note_of(int index)
{
    const char *note = index >= 0 ? atomic_load(&notes[index]) : NULL;

    return note ? note : "";
}

/* A list may have one item twice; it is at work once in this crash. */
static bool is_noted(int index)
{
    for (int i = 0; i < index; i++) {
        if (strcmp(note_of(i), note_of(index)) == 0)
            return true;
    }
    return false;
}

static bool write_note(int index)
{
    const char *note = note_of(index);
    size_t length = strlen(note);

    return length > 0 && write(notes_file, note, length) == (ssize_t)length;
}

/* An abort comes from whoever finds the memory broken; other signals from who is wrong itself. */
static bool write_notes(int number)
{
    bool ok = false;

    if (number != SIGABRT && write_note(own))
        return true;
    for (int i = 0; i < THREADS_MAX; i++)
        ok |= *note_of(i) && !is_noted(i) && write_note(i);
    return ok;
}

static void die_of(int number)
{
    sigset_t only;

    sigemptyset(&only);
    sigaddset(&only, number);
    signal(number, SIG_DFL);
    raise(number);
    pthread_sigmask(SIG_UNBLOCK, &only, NULL);
}

/* INT and TERM wait until the new beginning has handlers for them. */
static void begin_anew(void)
{
    sigset_t held;

    log_on_signal(beginning);
    sigemptyset(&held);
    sigaddset(&held, SIGINT);
    sigaddset(&held, SIGTERM);
    pthread_sigmask(SIG_SETMASK, &held, NULL);
    close_range(first_own_file, UINT_MAX, CLOSE_RANGE_CLOEXEC); /* not all libraries set that */
    execv(program, command);
}

static bool is_sent_by_another(const siginfo_t *info)
{
    return (info->si_code == SI_USER || info->si_code == SI_TKILL || info->si_code == SI_QUEUE) &&
           info->si_pid != getpid();
}

static void on_crash(int number, siginfo_t *info, void *context)
{
    (void)context;
    if (is_sent_by_another(info))
        die_of(number);
    if (!crashing && atomic_flag_test_and_set(&any_crashes)) {
        for (;;)
            pause(); /* another thread is at it */
    }
    if (!crashing) {
        crashing = 1;
        if (write_notes(number) && may_begin_anew && !cancel_stopping(run_cancel))
            begin_anew();
    }
    die_of(number);
}

/* Whether a sanitizer is to see crashes first. */
static bool is_watched(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
    return true;
#else
    return false;
#endif
#else
    return false;
#endif
}

static void handle(const struct sigaction *action)
{
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]) && !is_watched(); i++)
        sigaction(signals[i], action, NULL);
}

void crash_set_command(char *const *argv)
{
    DIR *files = opendir("/proc/self/fd");
    ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);
    const struct dirent *entry;

    while (files && (entry = readdir(files))) {
        unsigned file = (unsigned)strtoul(entry->d_name, NULL, 10);

        if (file >= first_own_file && (int)file != dirfd(files))
            first_own_file = file + 1;
    }
    if (files)
        closedir(files);
    if (files && length > 0)
        command = argv;
}

void crash_begin(int file, bool begins_anew, const struct cancel *cancel)
{
    const struct sigaction action = { .sa_sigaction = on_crash,
                                      .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };

    notes_file = file;
    may_begin_anew = begins_anew && command;
    snprintf(beginning, sizeof(beginning), "%savmap: a library crashed; beginning anew\n",
             isatty(STDERR_FILENO) ? "\r\033[K" : "");
    run_cancel = cancel;
    handle(&action);
}

void crash_end(void)
{
    handle(&(struct sigaction){ .sa_handler = SIG_DFL });
    notes_file = -1;
}

void crash_thread_begin(void)
{
    stack_t signal_stack = { .ss_size = STACK_SIZE };

    stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    signal_stack.ss_sp = stack;
    if (stack != MAP_FAILED)
        sigaltstack(&signal_stack, NULL);
    own = 0;
    while (own < THREADS_MAX && atomic_exchange(&taken[own], true))
        own++;
    if (own == THREADS_MAX)
        own = -1;
}

void crash_thread_end(void)
{
    const stack_t no_stack = { .ss_flags = SS_DISABLE };

    crash_set_note(NULL);
    if (own >= 0)
        atomic_store(&taken[own], false);
    own = -1;
    sigaltstack(&no_stack, NULL);
    if (stack != MAP_FAILED)
        munmap(stack, STACK_SIZE);
}

void crash_set_note(const char *line)
{
    if (own >= 0)
        atomic_store(&notes[own], line);
}
