/* SPDX-License-Identifier: MIT */

/* Fetches the inputs, transcodes once and stores the result. */

#include "run/one.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/machine.h"
#include "base/memory.h"
#include "base/number.h"
#include "media/libav.h"
#include "media/transcode.h"
#include "run/demands.h"
#include "run/existing.h"
#include "run/job_files.h"
#include "run/one_inputs.h"
#include "run/one_uploads.h"
#include "store/store_write.h"

struct one {
    const struct one_order *order;
    const struct run_settings *settings;
    struct cancel *cancel;
    struct cancel attempt;      /* below that; ends with the attempt's time */
    struct s3_service *service; /* owned; NULL when no S3 is in play */
    struct store *destination;  /* owned */
    struct one_uploads uploads;
    struct budget budget;
    struct one_inputs inputs;
    struct spool output;
    struct file_set files; /* instead, where the muxer makes several */
    struct job job;        /* borrows what job_files asks of one: names */
    struct existing existing;
    struct demands demands;
    char source_version[256];
    struct store_put_request put_request;
    struct store_write put; /* of the one output, while it is made */
    bool collects;          /* it cannot go on while it is made */
};

static bool uses_s3(const struct one_order *order)
{
    bool uses = order->output.location.kind == LOCATION_S3;

    for (size_t i = 0; i < order->input_count; i++)
        uses = uses || order->inputs[i].location.kind == LOCATION_S3;
    return uses;
}

static bool open_places(struct one *one, struct error *err)
{
    const struct one_order *order = one->order;

    if (uses_s3(order)) {
        one->service = s3_service_new(&one->settings->s3, one->cancel, err);
        if (!one->service)
            return false;
    }
    if (!one_inputs_find(&one->inputs, one->service, &one->attempt, err))
        return false;
    one->destination = store_open(&order->output.location, one->service, &one->attempt, true, err);
    if (!one->destination) {
        error_prefix(err, "output %s", order->output.url);
        return false;
    }
    if (order->output.location.kind == LOCATION_S3)
        one_uploads_watch(&one->uploads, &order->output, one->service, one->cancel);
    return true;
}

static bool make(struct one *one, struct media_report *report, struct error *err)
{
    size_t count = one->inputs.count;
    struct transcode_input *inputs = memory_new(count, sizeof(*inputs));
    struct transcode_request request = {
        .recipe = one->order->recipe,
        .inputs = inputs,
        .output_name = one->order->output.key,
        .output = &one->put.writer,
        .files = &one->files,
        .cancel = &one->attempt,
        .limits = one->demands.limits,
        .demands = one->demands.transcode,
        .threads = machine_cpus(),
    };
    bool ok;

    for (size_t i = 0; i < count; i++)
        inputs[i] = (struct transcode_input){ one->inputs.list[i].place->key,
                                              store_input_reader(one->inputs.list[i].input) };
    ok = one_inputs_judge(&one->inputs, transcode(&request, report, err), err);
    free(inputs);
    return ok;
}

static void open_result(struct one *one)
{
    const struct one_order *order = one->order;

    existing_source_version(&one->inputs.version, one->source_version, sizeof(one->source_version));
    one->put_request = (struct store_put_request){
        .content_type = recipe_content_type(order->recipe, order->output.key),
        .source_etag = one->source_version,
        .recipe = one->existing.recipe,
        .only_new = one->existing.rule == IF_EXISTS_FAIL,
    };
    store_write_open(&one->put, one->destination, order->output.key, &one->put_request,
                     &one->output);
    one->put.collects = one->collects;
}

static bool put_several(struct one *one, struct error *err)
{
    const struct job_files_request request = {
        .recipe = one->order->recipe,
        .destination = &one->order->output.location,
        .existing = &one->existing,
        .store = one->destination,
        .job = &one->job,
        .version = one->source_version,
        .set = &one->files,
        .scratch = &one->output,
        .may_be_empty = one->demands.transcode.rules.allows_empty,
    };
    struct job_files files;
    bool ok = job_files_put(&request, &files, err);

    job_files_release(&files);
    return ok;
}

static bool makes_several(const struct one *one)
{
    return recipe_files(one->order->recipe, one->order->output.key) != RECIPE_ONE_FILE;
}

static bool upload(struct one *one, struct error *err)
{
    bool ok = makes_several(one) ? put_several(one, err) : store_write_finish(&one->put, NULL, err);

    if (!ok)
        error_prefix(err, "upload %s", one->order->output.url);
    return ok;
}

static void report_success(const struct one *one, const struct media_report *report,
                           int64_t begin_ms)
{
    bool several = makes_several(one);
    unsigned files = several ? one->files.count : 1;
    char size[16];

    if (report->warning[0])
        log_warning("%s", report->warning);
    number_format_size(several ? one->files.size : one->put.writer.size, size, sizeof(size));
    log_info("made %s: %u file%s, %s, %.3f s, in %.1f s", one->order->output.url, files,
             files == 1 ? "" : "s", size, (double)report->output.duration_us / 1e6,
             (double)(clock_monotonic_ms() - begin_ms) / 1000);
}

static bool make_and_upload(struct one *one, struct error *err)
{
    int64_t begin_ms = clock_monotonic_ms();
    struct media_report report = { 0 };
    bool ok;

    spool_clear(&one->output);
    file_set_clear(&one->files);
    open_result(one);
    ok = one_inputs_open(&one->inputs, err) && make(one, &report, err);
    one_inputs_close(&one->inputs);
    ok = ok && upload(one, err);
    one->collects |= one->put.written_twice;
    store_write_close(&one->put);

    if (ok)
        report_success(one, &report, begin_ms);
    media_report_release(&report);
    return ok;
}

static bool attempt(struct one *one, struct error *err)
{
    uint64_t timeout_ms = one->settings->item_timeout_ms;
    char *mark = job_files_mark(one->order->recipe, &one->job);
    const char *kept = NULL;
    bool ok;

    if (timeout_ms)
        cancel_set_deadline(&one->attempt, clock_monotonic_ms() + (int64_t)timeout_ms);
    ok = one_inputs_look_up(&one->inputs, err);
    if (ok) {
        ok = existing_judge(&one->existing, one->destination, mark, &one->inputs.version, &kept,
                            err);
        if (!ok)
            error_prefix(err, "output %s", one->order->output.url);
    }
    if (ok && kept)
        log_info("%s stays as it is: %s", one->order->output.url, kept);
    else
        ok = ok && make_and_upload(one, err);
    free(mark);
    if (!ok && err->kind == ERROR_CANCELLED && !cancel_abandoned(one->cancel))
        error_set(err, ERROR_TIMEOUT, "Avmap.Timeout", "took longer than --item-timeout, %.1f s",
                  (double)timeout_ms / 1000);
    return ok;
}

/* What fails for a passing reason is tried again, as the items of a run are. */
static bool attempt_repeatedly(struct one *one, struct error *err)
{
    const struct backoff *backoff = &one->settings->backoff;

    for (unsigned number = 1; !attempt(one, err); number++) {
        uint64_t delay_ms = backoff_delay_ms(backoff, number);

        if (err->kind != ERROR_TRANSIENT || number >= backoff->max_attempts ||
            cancel_stopping(one->cancel))
            return false;
        if (delay_ms < err->retry_after_ms)
            delay_ms = err->retry_after_ms;
        log_warning("attempt %u of %u failed, next in %" PRIu64 " ms: %s", number,
                    backoff->max_attempts, delay_ms, err->text);
        if (!cancel_sleep(one->cancel, (int64_t)delay_ms))
            return false;
    }
    return true;
}

static void prepare(struct one *one)
{
    const struct one_order *order = one->order;
    uint64_t memory = one->settings->memory;

    budget_init(&one->budget, memory ? memory : machine_memory() / 2);
    spool_init(&one->output, &one->budget);
    file_set_init(&one->files, &one->budget);
    one->job.key = order->output.key;
    one->job.item.object.key = order->inputs[0].key;
    one_inputs_init(&one->inputs, order, &one->budget);
    cancel_init_item(&one->attempt, one->cancel);
    existing_init(&one->existing, one->settings->if_exists, order->words, order->word_count);
}

static void release(struct one *one)
{
    one_inputs_release(&one->inputs);
    spool_release(&one->output);
    file_set_release(&one->files);
    store_close(one->destination);
    one_uploads_end(&one->uploads);
    s3_service_free(one->service);
}

bool one(const struct one_settings *wanted, const struct run_settings *settings,
         struct cancel *cancel, struct error *err)
{
    struct one_order order;
    struct one one = { .order = &order, .settings = settings, .cancel = cancel };
    bool ok;

    libav_init();
    ok = one_order_read(&order, wanted, err) && demands_read(&one.demands, settings, err);
    if (ok) {
        log_set_job(order.name);
        prepare(&one);
        ok = open_places(&one, err) && attempt_repeatedly(&one, err);
        release(&one);
    }
    demands_release(&one.demands);
    one_order_release(&order);
    return ok;
}
