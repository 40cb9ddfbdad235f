/* SPDX-License-Identifier: MIT */

/* The pace of all requests to one service. */

#include "s3/throttle.h"

#include <math.h>

enum { SECOND_MS = 1000, TWO_SECONDS_MS = 2000 };

static const double decrease = 0.7; /* as botocore's adaptive mode, like the next two */
static const double scale = 0.4;
static const double slowest_per_s = 0.5;
static const double telling_per_s = 20;   /* fewer requests say little of what a server can take */
static const double fastest_per_s = 5000; /* S3 does not mind that on any prefix */

void throttle_init(struct throttle *throttle)
{
    *throttle = (struct throttle){ .limiting = false };
    pthread_mutex_init(&throttle->lock, NULL);
}

void throttle_release(struct throttle *throttle)
{
    pthread_mutex_destroy(&throttle->lock);
}

static void count_locked(struct throttle *throttle, int64_t now_ms)
{
    if (now_ms - throttle->second_ms >= SECOND_MS) {
        bool just_ended = now_ms - throttle->second_ms < TWO_SECONDS_MS;

        throttle->last_count = just_ended ? throttle->count : 0;
        throttle->count = 0;
        throttle->second_ms = now_ms;
    }
    throttle->count++;
}

/* What the curve allows now. */
static double rate_locked(const struct throttle *throttle, int64_t now_ms)
{
    double since_s = (double)(now_ms - throttle->changed_ms) / SECOND_MS;
    double from_return_s = since_s - throttle->return_s;
    double rate = scale * from_return_s * from_return_s * from_return_s + throttle->most_per_s;

    return rate > slowest_per_s ? rate : slowest_per_s;
}

/*
 * The rate that the server complains about: the requests of the last whole second, or of the
 * current one while that has more. As few requests say little of what it can take, it is not much
 * less than what they were allowed to be. When the server complains before the old rate is there
 * again it can take less than it did (RFC 9438 4.7).
 */
static double refused_locked(const struct throttle *throttle, int64_t now_ms)
{
    double measured =
        throttle->count > throttle->last_count ? throttle->count : throttle->last_count;
    double allowed;
    double rate;

    if (!throttle->limiting)
        return fmax(measured, telling_per_s);
    allowed = rate_locked(throttle, now_ms);
    rate = fmin(allowed, fmax(measured, allowed / 2));
    return fmax(slowest_per_s, rate < throttle->most_per_s ? rate * (1 + decrease) / 2 : rate);
}

/* Lets pass what the time since then was for. What nobody used is not saved up. */
static void advance_locked(struct throttle *throttle, int64_t now_ms)
{
    double since_s = (double)(now_ms - throttle->passed_ms) / SECOND_MS;
    double passed = throttle->passed + rate_locked(throttle, now_ms) * since_s;

    throttle->passed = passed < throttle->joined ? passed : throttle->joined;
    throttle->passed_ms = now_ms;
}

double throttle_join(struct throttle *throttle, int64_t now_ms)
{
    double place = 0;

    pthread_mutex_lock(&throttle->lock);
    if (throttle->limiting) {
        advance_locked(throttle, now_ms);
        place = throttle->joined++;
    }
    pthread_mutex_unlock(&throttle->lock);
    return place;
}

int64_t throttle_wait_ms(struct throttle *throttle, double place, int64_t now_ms)
{
    double wait_ms = 0;

    pthread_mutex_lock(&throttle->lock);
    if (throttle->limiting) {
        double rate = rate_locked(throttle, now_ms);

        advance_locked(throttle, now_ms);
        throttle->limiting = rate < fastest_per_s;
        if (throttle->limiting && place > throttle->passed)
            wait_ms = ceil(SECOND_MS * (place - throttle->passed) / rate);
    }
    if (wait_ms <= 0)
        count_locked(throttle, now_ms);
    pthread_mutex_unlock(&throttle->lock);
    return wait_ms < SECOND_MS ? (int64_t)wait_ms : SECOND_MS;
}

void throttle_leave(struct throttle *throttle)
{
    pthread_mutex_lock(&throttle->lock);
    if (throttle->joined > throttle->passed)
        throttle->joined--;
    pthread_mutex_unlock(&throttle->lock);
}

bool throttle_is_slow(struct throttle *throttle, int64_t now_ms)
{
    bool slow;

    pthread_mutex_lock(&throttle->lock);
    slow = throttle->limiting && rate_locked(throttle, now_ms) < throttle->most_per_s;
    pthread_mutex_unlock(&throttle->lock);
    return slow;
}

void throttle_slow_down(struct throttle *throttle, int64_t now_ms)
{
    pthread_mutex_lock(&throttle->lock);
    /* Answers to requests sent at the former pace say nothing about the new one. */
    if (!throttle->limiting || now_ms - throttle->changed_ms >= SECOND_MS) {
        throttle->most_per_s = refused_locked(throttle, now_ms);
        throttle->return_s = cbrt(throttle->most_per_s * (1 - decrease) / scale);
        throttle->changed_ms = now_ms;
        if (!throttle->limiting) {
            throttle->passed = throttle->joined;
            throttle->passed_ms = now_ms;
        }
        throttle->limiting = true;
    }
    pthread_mutex_unlock(&throttle->lock);
}
