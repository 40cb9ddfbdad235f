/* SPDX-License-Identifier: MIT */

/* The pace of all requests to one service. */

#include "s3/throttle.h"

#include <math.h>

enum { SECOND_MS = 1000, TWO_SECONDS_MS = 2000, SECOND_US = 1000000 };

static const double decrease = 0.7; /* as botocore's adaptive mode, like the next one */
static const double scale = 0.4;
static const double fastest_per_s = 5000; /* S3 does not mind that on any prefix */
static const double slowest_per_s = 40;   /* each request backs off by itself, so this is enough */

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

/* The requests of the last whole second, or of the current one while that has more. */
static double measured_locked(const struct throttle *throttle)
{
    return throttle->count > throttle->last_count ? throttle->count : throttle->last_count;
}

/* What the curve allows now. */
static double rate_locked(const struct throttle *throttle, int64_t now_ms)
{
    double since_s = (double)(now_ms - throttle->changed_ms) / SECOND_MS;
    double from_return_s = since_s - throttle->return_s;
    double rate = scale * from_return_s * from_return_s * from_return_s + throttle->most_per_s;

    return rate > slowest_per_s ? rate : slowest_per_s;
}

int64_t throttle_take(struct throttle *throttle, int64_t now_ms)
{
    int64_t now_us = now_ms * 1000;
    int64_t wait_us = 0;
    double rate;

    pthread_mutex_lock(&throttle->lock);
    count_locked(throttle, now_ms);
    rate = throttle->limiting ? rate_locked(throttle, now_ms) : fastest_per_s;
    if (rate >= fastest_per_s) {
        throttle->limiting = false;
    } else {
        if (throttle->next_us < now_us)
            throttle->next_us = now_us;
        wait_us = throttle->next_us - now_us;
        throttle->next_us += (int64_t)(SECOND_US / rate);
    }
    pthread_mutex_unlock(&throttle->lock);
    return wait_us / 1000;
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
    double rate;

    pthread_mutex_lock(&throttle->lock);
    /* Answers to requests sent at the former pace say nothing about the new one. */
    if (!throttle->limiting || now_ms - throttle->changed_ms >= SECOND_MS) {
        rate = measured_locked(throttle);
        if (throttle->limiting && rate > rate_locked(throttle, now_ms))
            rate = rate_locked(throttle, now_ms);
        throttle->most_per_s = rate > 1 ? rate : 1;
        throttle->return_s = cbrt(throttle->most_per_s * (1 - decrease) / scale);
        throttle->changed_ms = now_ms;
        throttle->limiting = true;
    }
    pthread_mutex_unlock(&throttle->lock);
}
