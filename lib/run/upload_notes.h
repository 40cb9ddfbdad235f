/* SPDX-License-Identifier: MIT */

/*
 * Which part uploads this process has under way, noted beside the results, so that the next run can
 * end them when this one is killed. The disk of a container goes with it, so the note is an object:
 * one for the process, made for its first part upload and taken away at its end. It is written
 * again now and then while there are uploads, so that its age tells whether who wrote it still
 * lives where nothing else does.
 * Threads: what s3 calls is safe; the rest is confined.
 */

#pragma once

#include "base/attributes.h"
#include "base/cancel.h"
#include "store/location.h"
#include "store/store_uploads.h"

/* Where notes are, below the place of results. */
#define UPLOAD_NOTES_FOLDER "uploads"

/* A note that was not written for so long is a dead process's, whatever clocks are wrong by. */
enum { UPLOAD_NOTES_LEASE_MS = 30 * 60 * 1000 };

struct upload_notes;
struct upload_sweep;

/* service and cancel, which ends waits, are borrowed. */
MUST_USE struct upload_notes *upload_notes_new(const struct location *results,
                                               struct s3_service *service,
                                               const struct cancel *cancel);

/* What s3 is to be told to call. */
struct s3_upload_notes upload_notes_for_s3(struct upload_notes *notes);

/* Before its first upload the process ends what killed ones left. What sweep points to is
 * borrowed. */
void upload_notes_sweep_first(struct upload_notes *notes, const struct upload_sweep *sweep);

/* The same, begun now in the background. */
void upload_notes_sweep_now(struct upload_notes *notes, const struct upload_sweep *sweep);

/* Takes the note away, unless an upload could not be ended. After all uploads; NULL is fine. */
void upload_notes_free(struct upload_notes *notes);
