/* SPDX-License-Identifier: MIT */

/*
 * Media for tests, made on the spot: sines as WAV files, and results of transcoding them.
 * What fails here fails the test.
 * Threads: the test's.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/file_set.h"
#include "base/spool.h"
#include "media/media_report.h"
#include "media/recipe.h"
#include "media/transcode.h"

/* Set-up and tear-down for cmocka: libav's log and the spools below. */
int media_set_up(void **state);
int media_tear_down(void **state);

extern struct spool media_input;
extern struct spool media_output;
extern struct file_set media_files;    /* instead of the output where a recipe makes several */
extern struct media_report media_seen; /* of the last media_transcode */
extern struct error media_err;
extern unsigned media_threads;                 /* the same */
extern struct transcode_demands media_demands; /* of the next media_transcode */

/* Fills media_input with a WAV of 16-bit sines, one frequency higher per channel. */
void media_make_wav(unsigned rate, unsigned channels, unsigned samples);

/* Fills media_input with pictures of 64x48 in Y4M, 25 a second, each unlike the one before. */
void media_make_film(unsigned pictures);

/* Fills media_input with these bytes. */
void media_make_bytes(const void *bytes, size_t size);

/* Moves the result to media_input, to be read again. */
void media_swap(void);

/* options are words with single spaces between them. NULL: media_err says why. */
struct recipe *media_recipe(const char *options);

/* From media_input to media_output. */
bool media_transcode(const char *options, const char *input_name, const char *output_name);

/* The samples of a 16-bit WAV in media_output, in native order, for free(). */
int16_t *media_wav_samples(size_t *count);
