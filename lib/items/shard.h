/* SPDX-License-Identifier: MIT */

/*
 * Which share of the items is ours, when many processes do one run.
 * Threads: immutable after shard_find.
 */

#pragma once

#include <stdbool.h>

#include "base/attributes.h"
#include "base/error.h"

struct shard {
    unsigned index; /* from 0 */
    unsigned count; /* 0: there are no shards, everything is ours */
};

/* Reads "3/16". Fails with ERROR_USAGE. */
bool shard_parse(const char *text, struct shard *shard, struct error *err);

/*
 * The shard from an engine's variables, tried in this order: AWS_BATCH_JOB_ARRAY_INDEX with _SIZE,
 * JOB_COMPLETION_INDEX (Kubernetes, which does not tell the count: known_count, 0 when that is not
 * known either), SLURM_ARRAY_TASK_ID with _MIN, _MAX, _STEP. Without any the count is 0. Fails with
 * ERROR_USAGE when they contradict each other or the count is missing.
 */
bool shard_from_environment(unsigned known_count, struct shard *shard, struct error *err);

/*
 * What the engine calls the whole array that this process is one job of, for free(): the id of the
 * AWS Batch or Slurm job, or for Kubernetes, which tells no id, the Job's name, taken from host,
 * the pod's ("<name>-<index>"). It stays the same when a job is tried again. NULL: nothing says it.
 */
MUST_USE char *shard_array_job(const char *host);

/* Whether the item with this key is in the shard; stable across versions and machines. */
bool shard_has(const struct shard *shard, const char *key);
