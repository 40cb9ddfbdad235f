/* SPDX-License-Identifier: MIT */

/*
 * What a muxer opens that writes many files: each becomes a member of a set. The muxer believes
 * that its result lies at an address of HTTP, because then it deletes through its own open
 * callback, and renames and makes folders not at all; nothing is ever connected to.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <libavformat/avformat.h>

#include "base/attributes.h"
#include "base/error.h"
#include "base/file_set.h"
#include "media/recipe.h"

struct output_files;

struct output_files_request {
    const struct recipe *recipe;
    const char *source;   /* the key of what it is made of, for {stem} */
    struct file_set *set; /* filled with what is complete */
    uint64_t size_limit;  /* of all files together; 0: none */
};

MUST_USE struct output_files *output_files_new(const struct output_files_request *request);

/* After the muxer's context: what it left open is dropped. NULL is fine. */
void output_files_free(struct output_files *files);

/* What the muxer takes for the name of its result; the caller frees it. */
MUST_USE char *output_files_url(const char *name);

/* Makes the muxer open its files here, and turns its options that name files into what it must be
 * told. */
void output_files_attach(struct output_files *files, AVFormatContext *format,
                         AVDictionary **options);

/* Whether a file could not be kept; then *err says why. files may be NULL. */
bool output_files_failed(const struct output_files *files, struct error *err);
