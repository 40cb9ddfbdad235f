/* SPDX-License-Identifier: MIT */

/* Decides which pictures are repeated or dropped. */

#include "media/video_sync.h"

#include <math.h>
#include <string.h>

#include <libavutil/common.h>
#include <libavutil/mathematics.h>

#include "media/time_math.h"

static enum video_sync_method choose(const struct video_sync_rules *rules)
{
    const AVOutputFormat *container = rules->container;

    if (strcmp(container->name, "avi") == 0)
        return VIDEO_SYNC_VARIABLE;
    if (container->flags & AVFMT_VARIABLE_FPS)
        return container->flags & AVFMT_NOTIMESTAMPS ? VIDEO_SYNC_PASS : VIDEO_SYNC_VARIABLE;
    return rules->input_is_one_stream || rules->copies_times ? VIDEO_SYNC_CONSTANT_LATER
                                                             : VIDEO_SYNC_CONSTANT;
}

void video_sync_init(struct video_sync *sync, const struct video_sync_rules *rules)
{
    *sync = (struct video_sync){
        .method = rules->method == VIDEO_SYNC_AUTO ? choose(rules) : rules->method,
        .drop_threshold = rules->drop_threshold,
        .limit = rules->limit,
        .most = (float)rules->gap_s * 30,
    };
}

bool video_sync_is_constant(const struct video_sync *sync)
{
    return sync->method == VIDEO_SYNC_CONSTANT || sync->method == VIDEO_SYNC_CONSTANT_LATER;
}

double video_sync_time(int64_t pts, AVRational from, int64_t start_us, AVRational to)
{
    int extra_bits = av_clip(29 - av_log2((unsigned)to.den), 0, 16);
    double time;

    to.den <<= extra_bits;
    time =
        (double)time_minus(av_rescale_q(pts, from, to), av_rescale_q(start_us, AV_TIME_BASE_Q, to));
    time /= 1 << extra_bits;
    /* Exact halves would round either way; ffmpeg moves them aside, too. */
    return time + (time > 0 ? 1.0 : -1.0) / (1 << 17);
}

static struct video_sync_verdict keep_rate(const struct video_sync *sync, double early, double late)
{
    struct video_sync_verdict verdict = { .count = 1 };
    bool dropped = sync->drop_threshold != 0 && late < sync->drop_threshold && sync->pictures > 0;

    if (dropped || late < -1.1) {
        verdict.count = 0;
    } else if (late > 1.1) {
        verdict.count = llrint(late);
        if (early > 1.1)
            verdict.previous = llrint(early - 0.6);
    }
    return verdict;
}

static struct video_sync_verdict judge(struct video_sync *sync, double time, double duration)
{
    struct video_sync_verdict verdict = { .count = 1 };
    double early = time - (double)sync->next_pts;
    double late = early + duration;

    if (early < 0 && late > 0 && sync->method != VIDEO_SYNC_PASS &&
        sync->method != VIDEO_SYNC_DROP) {
        time = (double)sync->next_pts;
        duration += early;
        early = 0;
    }
    switch (sync->method) {
    case VIDEO_SYNC_CONSTANT_LATER:
        if (sync->pictures == 0 && early >= 0.5) {
            late = duration;
            early = 0;
            sync->next_pts = llrint(time);
        }
        return keep_rate(sync, early, late);
    case VIDEO_SYNC_CONSTANT:
        return keep_rate(sync, early, late);
    case VIDEO_SYNC_VARIABLE:
        if (late <= -0.6)
            verdict.count = 0;
        else if (late > 0.6)
            sync->next_pts = llrint(time);
        break;
    default:
        sync->next_pts = llrint(time);
        break;
    }
    return verdict;
}

static struct video_sync_verdict remember(struct video_sync *sync,
                                          struct video_sync_verdict verdict)
{
    if (verdict.count > sync->limit - sync->pictures)
        verdict.count = sync->limit - sync->pictures;
    if (verdict.previous > verdict.count)
        verdict.previous = verdict.count;
    memmove(sync->recent + 1, sync->recent, 2 * sizeof(sync->recent[0]));
    sync->recent[0] = verdict.previous;
    /* Each picture once is no gap, nor is the one before when it was dropped. */
    verdict.passes =
        verdict.count > (verdict.previous && sync->dropped) + (verdict.count > verdict.previous) &&
        (float)verdict.count > sync->most;
    return verdict;
}

struct video_sync_verdict video_sync_next(struct video_sync *sync, double time, double duration)
{
    struct video_sync_verdict verdict = remember(sync, judge(sync, time, duration));

    if (!verdict.passes)
        sync->dropped = verdict.count == verdict.previous;
    return verdict;
}

struct video_sync_verdict video_sync_end(struct video_sync *sync)
{
    int64_t count = time_median(sync->recent[0], sync->recent[1], sync->recent[2]);

    return remember(sync, (struct video_sync_verdict){ .count = count, .previous = count });
}
