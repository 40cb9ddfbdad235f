/* SPDX-License-Identifier: MIT */

/* Records as JSON. */

#include "results/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/uuid.h"

/*
 * Consumers split these names at their colons, so they keep the shape of real ones. The account is
 * not known and not needed.
 */
#define ACCOUNT "000000000000"
#define MACHINE "avmap/S3objectkeys"

/* Step Functions cuts longer ones (API_DescribeExecution). */
enum { ERROR_MAX = 256, CAUSE_MAX = 32768 };

const char *record_status(enum outcome outcome)
{
    static const char *const names[] = {
        [OUTCOME_SUCCEEDED] = "SUCCEEDED", [OUTCOME_FAILED] = "FAILED",
        [OUTCOME_TIMED_OUT] = "TIMED_OUT", [OUTCOME_ABORTED] = "ABORTED",
        [OUTCOME_PENDING] = "PENDING",
    };

    return names[outcome];
}

_Static_assert(sizeof(((struct error *)0)->word) <= ERROR_MAX, "words fit into Error");
_Static_assert(sizeof(((struct error *)0)->text) <= CAUSE_MAX, "texts fit into Cause");

static json_t *arn(const struct record_run *run, const char *kind, const char *name)
{
    char *text = memory_format("arn:aws:states:%s:" ACCOUNT ":%s:" MACHINE "%s%s", run->region,
                               kind, name ? ":" : "", name ? name : "");
    json_t *value = json_text(text);

    free(text);
    return value;
}

char *record_map_run_arn(const struct record_run *run)
{
    return memory_format("arn:aws:states:%s:" ACCOUNT ":mapRun:" MACHINE ":%s", run->region,
                         run->id);
}

static json_t *included(void)
{
    return json_pack("{s:b}", "Included", 1);
}

static json_t *date(int64_t wall_ms)
{
    char text[CLOCK_ISO_SIZE];

    return json_string(clock_format_iso(wall_ms, text));
}

static void set_execution(json_t *value, const struct record *record, const struct record_run *run)
{
    char *seed = memory_format("%llu\n%s", (unsigned long long)record->index, record->key);
    char name[UUID_SIZE];

    if (record->execution)
        snprintf(name, sizeof(name), "%s", record->execution);
    else
        uuid_named(run->id, seed, name);
    free(seed);
    json_object_set_new(value, "ExecutionArn", arn(run, "execution", name));
    json_object_set_new(value, "Name", json_string(name));
    json_object_set_new(value, "OutputDetails", included());
    json_object_set_new(value, "RedriveCount", json_integer(record->redrives));
    json_object_set_new(value, "StartDate", date(record->start_ms));
    json_object_set_new(value, "StateMachineArn", arn(run, "stateMachine", NULL));
    json_object_set_new(value, "StopDate", date(record->stop_ms));
}

static void set_verdict(json_t *value, const struct record *record)
{
    if (record->outcome == OUTCOME_SUCCEEDED) {
        json_object_set_new(value, "Output", json_text(record->output));
        json_object_set_new(value, "RedriveStatus", json_string("NOT_REDRIVABLE"));
        json_object_set_new(value, "RedriveStatusReason",
                            json_string("Execution is SUCCEEDED and cannot be redriven"));
        return;
    }
    json_object_set_new(value, "Cause", json_text(record->error->text));
    json_object_set_new(value, "Error", json_text(record->error->word));
    json_object_set_new(value, "RedriveStatus", json_string("REDRIVABLE_BY_MAP_RUN"));
}

char *record_json(const struct record *record, const struct record_run *run)
{
    json_t *value = json_object();
    char *text;

    json_object_set_new(value, "Input", json_text(record->input));
    json_object_set_new(value, "InputDetails", included());
    json_object_set_new(value, "Status", json_string(record_status(record->outcome)));
    if (record->outcome != OUTCOME_PENDING) {
        set_execution(value, record, run);
        set_verdict(value, record);
    }
    text = json_compact(value);
    json_decref(value);
    return text;
}
