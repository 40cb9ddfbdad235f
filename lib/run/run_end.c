/* SPDX-License-Identifier: MIT */

/* Writes the results of a run. */

#include "run/run_parts.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"

/* However short the grace time is, the results are worth so long. */
enum { RESULTS_LEAST_MS = 1000 };

static char *report(const struct run *run, const struct run_summary *summary, unsigned generation)
{
    const struct run_order *order = &run->order;
    struct run_report values = {
        .settings = run->settings,
        .run_id = run->id,
        .name = order->job.name,
        .compute = order->job.compute,
        .source = order->source_url,
        .destination = order->destination_url,
        .items = order->items,
        .generation = generation,
        .naming = &order->naming,
        .shard = order->shard,
        .recipe = &order->words,
        .cpus = run->cpus,
        .memory = run->memory,
        .counts = summary->counts,
        .end = summary->end,
        .error = summary->error.kind == ERROR_NONE ? NULL : &summary->error,
        .start_ms = run->start_ms,
        .stop_ms = clock_wall_ms(),
    };

    return run_report_json(&values);
}

/* Results are written after a stop too, so they have time of their own when items have no more. */
static bool store_results(struct run *run, struct run_summary *summary, unsigned *generation,
                          struct error *err)
{
    struct store *store;
    struct cancel finishing;
    bool ok;

    cancel_init_after(&finishing, run->cancel,
                      (int64_t)run->settings->grace_ms / 100 * RUN_RESULTS_SHARE, RESULTS_LEAST_MS);
    if (run->service)
        s3_service_renew_quota(run->service);
    store = store_open(&run->order.results, run->service, &finishing, true, err);
    ok = store && results_take_over(run->results, err) &&
         (!run->order.redrive || results_claim(run->results, store, generation, err));
    summary->report_json = report(run, summary, *generation);
    ok = ok && run_lists_store(&run->lists, run->service, &finishing, err) &&
         results_finish(run->results, store, summary->report_json, err);
    store_close(store);
    return ok;
}

/*
 * The next redrive of a manifest that lacks items would never do them. Without one, the same line
 * goes on from the journal.
 */
static bool lacks_items(const struct run *run, const struct run_summary *summary)
{
    return run->order.redrive && !summary->counts.listing_complete;
}

/* Only a signal stops a run that has found nothing wrong, and what it stopped can be tried again.
 */
static bool was_only_stopped(const struct run *run, const struct run_summary *summary,
                             const struct error *err)
{
    return err->kind == ERROR_CANCELLED && cancel_stopping(run->cancel) &&
           (summary->end == RUN_FINISHED || summary->end == RUN_INTERRUPTED);
}

void run_end_finish(struct run *run, struct run_summary *summary)
{
    struct error err;
    unsigned generation = 0;

    progress_stop(run->progress);
    summary->counts = progress_read(run->progress);
    if (lacks_items(run, summary)) {
        log_warning("not all records of the earlier run were read, so no result files are written; "
                    "run the same line again");
        summary->report_json = report(run, summary, 0);
        return;
    }
    if (store_results(run, summary, &generation, &err)) {
        summary->manifest_url = memory_copy_text(results_manifest_url(run->results));
        return;
    }
    if (summary->end == RUN_CANNOT_WORK)
        log_error("%s", err.text);
    else
        summary->error = err;
    summary->end = was_only_stopped(run, summary, &err) ? RUN_INTERRUPTED : RUN_CANNOT_WORK;
    free(summary->report_json); /* it did not know of that */
    summary->report_json = report(run, summary, generation);
}
