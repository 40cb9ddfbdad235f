/* SPDX-License-Identifier: MIT */

/*
 * What the command line, or a job file, asks of a run. All pointers are borrowed.
 * Threads: immutable.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/backoff.h"
#include "items/item_source.h"
#include "items/selection.h"
#include "media/transcode.h"
#include "results/results.h"
#include "run/existing.h"
#include "run/failure_budget.h"
#include "run/metrics.h"
#include "store/store.h"

enum when { WHEN_AUTO, WHEN_ALWAYS, WHEN_NEVER };

/* An option that was given, as it was written. */
struct run_option {
    const char *name;  /* without its dashes */
    const char *value; /* "true" for a flag */
};

struct redrive;

struct run_settings {
    const char *source;               /* NULL with a job file */
    const char *destination;          /* NULL with a job file */
    enum items_format items;          /* what source is */
    const char *items_pointer;        /* to the array in a JSON list; NULL: the whole document */
    const char *job;                  /* a path, "-" or an S3 URL; NULL: the other two are given */
    const char *suffix;               /* appended to each name; NULL: none */
    const char *ext;                  /* replaces the extension of each name; NULL: none */
    const char *name;                 /* template of the whole name; NULL: none */
    const struct redrive *redrive;    /* whose items are done, from its records; NULL: none */
    const struct run_option *options; /* for run.json: what a redrive is to do as this run did */
    size_t option_count;
    const struct run_option *given; /* all options, which tell one line from another */
    size_t given_count;
    struct selection selection;
    uint64_t max_items;             /* 0: all */
    const char *shard;              /* "I/N"; NULL: as the batch engine says */
    bool dry_run;                   /* only say what would be done */
    struct transcode_limits limits; /* of one item */
    const char *allow_demuxer;      /* demuxers that may open other files; NULL: none */
    const char *measure;            /* which numbers records have of results; NULL: none */
    const char *quality; /* how results are compared with their sources; NULL: not at all */
    bool allow_empty;    /* nothing decoded is no failure */
    bool strict;         /* damage and wrong lengths are failures */
    uint64_t strict_tolerance_ms; /* implies strict; UINT64_MAX: not given */
    double max_error_rate;        /* negative: as ffmpeg's option says */
    uint64_t item_timeout_ms;     /* for one attempt, without waiting for a CPU; 0: none */
    enum if_exists if_exists;
    struct backoff backoff;
    struct failure_budget failure_budget;
    const char *results; /* NULL: _avmap/ below the destination */
    enum results_format results_format;
    const char *completion_report; /* URL or path of S3 Batch Operations' report; NULL: none */
    const char *result_list;       /* the same of its manifest of the results; NULL: none */
    const char *run_id;            /* NULL: a new one */
    char *const *recipe;           /* ffmpeg's output options */
    size_t recipe_count;
    const char *input_options;  /* ffmpeg's, as a shell would split them; NULL: none */
    const char *global_options; /* the same */
    const char *command;        /* the command line as typed, for run.json */
    unsigned jobs;              /* objects in flight; 0: chosen by the program */
    unsigned cpus;              /* transcodes at a time; 0: the CPUs this process may use */
    uint64_t memory;            /* bytes of objects in memory; 0: a share of the machine's */
    uint64_t grace_ms;          /* from the first signal to the end of the process */
    enum when progress;
    struct metrics_settings metrics;
    struct s3_settings s3;
};
