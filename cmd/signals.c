/* SPDX-License-Identifier: MIT */

/* Turns signals into the wish to stop. */

#include "signals.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

/* How long a second signal leaves for taking back part uploads. */
enum { HURRY_SECONDS = 2 };

/* timeout(1) and others signal a process and then its group: that is one wish, not two. */
enum { SAME_WISH_MS = 100 };

static struct cancel *run_cancel;
static int64_t items_grace_ms;
static char stopping[128]; /* what the first signal says */
static _Atomic int64_t last_signal_ms;
static volatile sig_atomic_t first_signal;
static volatile sig_atomic_t signal_count;

static void on_alarm(int number)
{
    (void)number;
    _exit(128 + first_signal);
}

static void on_signal(int number)
{
    int64_t now_ms = clock_monotonic_ms();

    if (now_ms - atomic_exchange(&last_signal_ms, now_ms) < SAME_WISH_MS)
        return;
    signal_count++;
    if (signal_count == 1) {
        first_signal = number;
        cancel_stop(run_cancel, items_grace_ms);
        log_on_signal(stopping);
    } else if (signal_count == 2) {
        cancel_stop(run_cancel, 0);
        alarm(HURRY_SECONDS);
    } else {
        on_alarm(number);
    }
}

static void catch (int number, void (*handler)(int))
{
    struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };

    sigemptyset(&action.sa_mask);
    sigaddset(&action.sa_mask, SIGINT);
    sigaddset(&action.sa_mask, SIGTERM);
    sigaction(number, &action, NULL);
}

/* After a crash the program begins with these blocked, so that none is lost. */
static void unblock(void)
{
    sigset_t both;

    sigemptyset(&both);
    sigaddset(&both, SIGINT);
    sigaddset(&both, SIGTERM);
    sigprocmask(SIG_UNBLOCK, &both, NULL);
}

bool signals_begin(struct cancel *cancel, int64_t grace_ms)
{
    if (!cancel_init(cancel)) {
        log_error("no file descriptors are left; raise the limit (ulimit -n)");
        return false;
    }
    snprintf(
        stopping, sizeof(stopping),
        "%savmap: stopping; what is under way has up to %.0f s, and a second signal gives it up\n",
        isatty(STDERR_FILENO) ? "\r\033[K" : "", (double)grace_ms / 1000);
    run_cancel = cancel;
    items_grace_ms = grace_ms;
    catch (SIGINT, on_signal);
    catch (SIGTERM, on_signal);
    catch (SIGALRM, on_alarm);
    catch (SIGPIPE, SIG_IGN);
    catch (SIGXFSZ, SIG_IGN); /* what is too large then is an error of the write */
    unblock();
    return true;
}

int signals_caught(void)
{
    return first_signal;
}
