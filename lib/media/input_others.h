/* SPDX-License-Identifier: MIT */

/*
 * What a demuxer opens besides its input: nothing, unless the operator has allowed the demuxer
 * (--allow-demuxer). Then each file comes through a callback that knows where it may come from.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include <libavformat/avformat.h>

#include "base/attributes.h"
#include "base/budget.h"
#include "base/error.h"
#include "base/spool.h"
#include "media/spool_io.h"

struct recipe;

/* Where other files come from; all borrowed. */
struct input_fetcher {
    /* Fills an empty spool with the object of that key, or refuses it. */
    bool (*fetch)(void *opaque, const char *key, struct spool *to, struct error *err);
    void *opaque;
    struct budget *budget; /* of the spools */
};

struct input_others;

/* fetcher NULL: nothing may be opened. */
MUST_USE struct input_others *input_others_new(const struct input_fetcher *fetcher);

/* After the demuxer's context. NULL is fine. */
void input_others_free(struct input_others *others);

/* Makes the context open other files here, and only such demuxers as are allowed. */
bool input_others_attach(struct input_others *others, AVFormatContext *format,
                         const struct recipe *recipe, struct error *err);

/* Lets a demuxer open its input once more, by url, as image2 does in each round of -loop. */
void input_others_offer(struct input_others *others, const char *url, const struct reader *own);

/*
 * A reader of a playlist with its end marked: nobody adds to one that lies in a store, and a
 * demuxer would wait for that for as long as the playlist says.
 */
MUST_USE struct spool_io *input_others_end_playlist(struct input_others *others,
                                                    const struct reader *playlist,
                                                    struct error *err);

/*
 * The name by which the demuxer knows its input, so that names relative to it are keys again; the
 * caller frees it.
 */
MUST_USE char *input_others_url(const char *key);

/* Whether something could or may not be opened; then *err says what. others may be NULL. */
bool input_others_failed(const struct input_others *others, struct error *err);
