/* SPDX-License-Identifier: MIT */

/* The wish to stop. */

#include "base/cancel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/clock.h"

/* An item's own time may be set by another thread while it sleeps, which wakes nobody. */
enum { ITEM_LOOK_MS = 200 };

bool cancel_init(struct cancel *cancel)
{
    *cancel = (struct cancel){ 0 };
    return pipe2(cancel->pipe, O_CLOEXEC | O_NONBLOCK) == 0;
}

void cancel_release(struct cancel *cancel)
{
    close(cancel->pipe[0]);
    close(cancel->pipe[1]);
}

void cancel_init_item(struct cancel *item, const struct cancel *run)
{
    *item = (struct cancel){ .pipe = { run ? run->pipe[0] : -1, -1 }, .run = run };
}

void cancel_init_after(struct cancel *after, const struct cancel *run, int64_t later_ms,
                       int64_t least_ms)
{
    int64_t run_ms = atomic_load(&run->abandon_at_ms);
    int64_t late_ms = run_ms ? clock_monotonic_ms() + least_ms - run_ms : 0;

    cancel_init_item(after, run);
    after->later_ms = late_ms > later_ms ? late_ms : later_ms;
}

void cancel_set_deadline(struct cancel *item, int64_t at_ms)
{
    atomic_store(&item->abandon_at_ms, at_ms);
}

void cancel_stop(struct cancel *cancel, int64_t grace_ms)
{
    int64_t at_ms = clock_monotonic_ms() + grace_ms;
    int64_t known_ms = atomic_load(&cancel->abandon_at_ms);
    int saved = errno;

    while (known_ms == 0 || at_ms < known_ms) {
        if (!atomic_compare_exchange_weak(&cancel->abandon_at_ms, &known_ms, at_ms))
            continue;
        if (known_ms == 0) {
            /* The byte stays in the pipe, so that every sleeper sees it. */
            ssize_t written = write(cancel->pipe[1], "", 1);

            (void)written;
        }
        break;
    }
    errno = saved;
}

bool cancel_stopping(const struct cancel *cancel)
{
    while (cancel && cancel->run)
        cancel = cancel->run;
    return cancel && atomic_load_explicit(&cancel->abandon_at_ms, memory_order_relaxed) != 0;
}

/* The earliest of its own time and those above it; 0: none is set. */
static int64_t abandon_time(const struct cancel *cancel)
{
    int64_t earliest_ms = 0;
    int64_t later_ms = 0;

    for (; cancel; cancel = cancel->run) {
        int64_t at_ms = atomic_load(&cancel->abandon_at_ms);

        if (at_ms && (!earliest_ms || at_ms + later_ms < earliest_ms))
            earliest_ms = at_ms + later_ms;
        later_ms += cancel->later_ms;
    }
    return earliest_ms;
}

bool cancel_abandoned(const struct cancel *cancel)
{
    int64_t at_ms = abandon_time(cancel);

    return at_ms && clock_monotonic_ms() >= at_ms;
}

static int64_t least(int64_t one, int64_t other)
{
    return one < other ? one : other;
}

bool cancel_sleep(const struct cancel *cancel, int64_t milliseconds)
{
    int64_t end_ms = clock_monotonic_ms() + milliseconds;

    for (;;) {
        int64_t left_ms = end_ms - clock_monotonic_ms();
        struct pollfd stop = { .fd = cancel ? cancel->pipe[0] : -1, .events = POLLIN };
        int64_t abandon_ms = abandon_time(cancel);
        int64_t longest_ms = cancel && cancel->run ? ITEM_LOOK_MS : 60000;

        if (abandon_ms && end_ms >= abandon_ms)
            return false;
        if (cancel_stopping(cancel)) {
            stop.fd = -1; /* readable for good: it cannot tell of a later call */
            longest_ms = 100;
        }
        if (left_ms <= 0)
            return true;
        poll(&stop, 1, (int)least(left_ms, longest_ms));
    }
}
