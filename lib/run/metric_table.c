/* SPDX-License-Identifier: MIT */

/* The table of metrics. */

#include "run/metric_table.h"

enum {
    LISTED,
    SUCCEEDED,
    SKIPPED,
    FAILED,
    TIMED_OUT,
    ABORTED,
    PENDING,
    REPEATED,
    IN_FLIGHT,
    LISTING_COMPLETE,
    BYTES_IN,
    BYTES_OUT,
    MEDIA,
    RUN,
    WAITING,
    DOWNLOADING,
    TRANSCODING,
    UPLOADING,
    REQUESTS,
    REQUESTS_REPEATED,
    THROTTLED,
    UNREADABLE,
};

static const char items_help[] = "Items by how they ended.";
static const char stage_help[] = "Time that items spent, by stage, summed over all workers.";

/* clang-format off */
const struct metric metric_table[METRIC_COUNT] = {
    [LISTED] = { "items_listed_total", NULL, "ItemsListed", "Count", "Items picked from the source so far.", false },
    [SUCCEEDED] = { "items_total", "status=\"succeeded\"", "ItemsSucceeded", "Count", items_help, false },
    [SKIPPED] = { "items_total", "status=\"skipped\"", "ItemsSkipped", "Count", items_help, false },
    [FAILED] = { "items_total", "status=\"failed\"", "ItemsFailed", "Count", items_help, false },
    [TIMED_OUT] = { "items_total", "status=\"timed_out\"", "ItemsTimedOut", "Count", items_help, false },
    [ABORTED] = { "items_total", "status=\"aborted\"", "ItemsAborted", "Count", items_help, false },
    [PENDING] = { "items_total", "status=\"pending\"", "ItemsPending", "Count", items_help, false },
    [REPEATED] = { "item_retries_total", NULL, "ItemRetries", "Count", "Attempts at items that failed for a passing reason and were repeated.", false },
    [IN_FLIGHT] = { "items_in_flight", NULL, "ItemsInFlight", "Count", "Items that workers have in hand now.", true },
    [LISTING_COMPLETE] = { "listing_complete", NULL, "ListingComplete", "None", "1 when the source was listed to its end.", true },
    [BYTES_IN] = { "input_bytes_total", NULL, "BytesIn", "Bytes", "Bytes of the objects that became results.", false },
    [BYTES_OUT] = { "output_bytes_total", NULL, "BytesOut", "Bytes", "Bytes of results.", false },
    [MEDIA] = { "media_seconds_total", NULL, "MediaSeconds", "Seconds", "Playing time of results.", false },
    [RUN] = { "run_seconds_total", NULL, "RunSeconds", "Seconds", "Time since the run began.", false },
    [WAITING] = { "stage_seconds_total", "stage=\"waiting\"", "WaitingSeconds", "Seconds", stage_help, false },
    [DOWNLOADING] = { "stage_seconds_total", "stage=\"downloading\"", "DownloadingSeconds", "Seconds", stage_help, false },
    [TRANSCODING] = { "stage_seconds_total", "stage=\"transcoding\"", "TranscodingSeconds", "Seconds", stage_help, false },
    [UPLOADING] = { "stage_seconds_total", "stage=\"uploading\"", "UploadingSeconds", "Seconds", stage_help, false },
    [REQUESTS] = { "s3_requests_total", NULL, "S3Requests", "Count", "Requests sent to S3, repetitions included.", false },
    [REQUESTS_REPEATED] = { "s3_retries_total", NULL, "S3Retries", "Count", "Requests to S3 that were repeated.", false },
    [THROTTLED] = { "s3_throttled_total", NULL, "S3Throttled", "Count", "Times S3 asked to slow down.", false },
    [UNREADABLE] = { "unreadable_folders_total", NULL, "UnreadableFolders", "Count", "Folders of the source that could not be read.", false },
};

/* clang-format on */

struct metric_values metric_table_values(const struct progress_counts *counts,
                                         const struct s3_traffic *traffic)
{
    const uint64_t *outcomes = counts->by_outcome;
    const struct progress_stages *stages = &counts->stages;
    struct metric_values values = { {
        [LISTED] = (double)counts->total,
        [SUCCEEDED] = (double)(outcomes[OUTCOME_SUCCEEDED] - counts->kept),
        [SKIPPED] = (double)progress_skipped(counts),
        [FAILED] = (double)outcomes[OUTCOME_FAILED],
        [TIMED_OUT] = (double)outcomes[OUTCOME_TIMED_OUT],
        [ABORTED] = (double)outcomes[OUTCOME_ABORTED],
        [PENDING] = (double)outcomes[OUTCOME_PENDING],
        [REPEATED] = (double)counts->repeated,
        [IN_FLIGHT] = (double)counts->in_flight,
        [LISTING_COMPLETE] = counts->listing_complete,
        [BYTES_IN] = (double)counts->bytes_in,
        [BYTES_OUT] = (double)counts->bytes_out,
        [MEDIA] = (double)counts->media_us / 1e6,
        [RUN] = counts->seconds,
        [WAITING] = (double)stages->waiting_ms / 1000,
        [DOWNLOADING] = (double)stages->downloading_ms / 1000,
        [TRANSCODING] = (double)stages->transcoding_ms / 1000,
        [UPLOADING] = (double)stages->uploading_ms / 1000,
        [REQUESTS] = (double)traffic->requests,
        [REQUESTS_REPEATED] = (double)traffic->repeated,
        [THROTTLED] = (double)traffic->throttled,
        [UNREADABLE] = (double)counts->unlisted,
    } };

    return values;
}
