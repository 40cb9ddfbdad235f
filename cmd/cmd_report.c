/* SPDX-License-Identifier: MIT */

/* avmap report: what the records of a run add up to. */

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "commands.h"
#include "log_options.h"
#include "options.h"
#include "run/document.h"
#include "run/figures.h"
#include "run/run.h"
#include "shared_options.h"
#include "signals.h"

struct report_options {
    struct s3_settings s3;
    const char *html;
    bool json;
    struct log_options log;
};

/* clang-format off */
static const struct option_spec specs[] = {
    OPTION_ROW_HEADING("What is made"),
    OPTION_ROW_FLAG(struct report_options, "json", 0, json, "print the figures as JSON"),
    OPTION_ROW_TEXT(struct report_options, "html", 0, html, "FILE", "write them as one HTML page"),
    OPTION_ROW_HEADING("S3"),
    S3_OPTIONS(struct report_options, s3),
    OPTION_ROW_HEADING("What is shown"),
    LOG_OPTIONS(struct report_options, log),
    OPTION_ROWS_END(NULL),
};

/* clang-format on */

void cmd_report_help(void)
{
    printf("usage: avmap report [options] MANIFEST\n\n"
           "Sums up a run from its manifest.json and the record files that it lists: how many\n"
           "items came to what end, how much was read and made, how fast, what failed and why,\n"
           "and what was slowest and largest. Manifests of Step Functions work too.\n");
    options_print(specs);
}

static bool write_page(const struct report_options *options, const struct figures *figures,
                       const struct cancel *cancel, struct error *err)
{
    char *page = figures_html(figures);
    bool ok = document_write_text(options->html, page, "text/html; charset=utf-8", &options->s3,
                                  cancel, err);

    free(page);
    return ok;
}

static bool print(const struct report_options *options, const struct figures *figures,
                  const struct cancel *cancel, struct error *err)
{
    char *text;
    bool ok;

    if (figures->unreadable)
        log_warning("%llu records are none and were passed over",
                    (unsigned long long)figures->unreadable);
    if (options->html && !write_page(options, figures, cancel, err))
        return false;
    if (options->html && !options->json)
        return true;
    text = options->json ? figures_json(figures) : figures_text(figures);
    ok = fputs(text, stdout) >= 0 && (!options->json || putchar('\n') >= 0) && fflush(stdout) == 0;
    free(text);
    return ok || error_set(err, ERROR_LOCAL, "Avmap.DiskFull", "standard output cannot be written");
}

static int report(const struct report_options *options, const char *url)
{
    struct figures figures;
    struct cancel cancel;
    struct error err;
    bool ok;

    if (!signals_begin(&cancel, RUN_GRACE_MS))
        return EXIT_CANNOT_WORK;
    ok = figures_read(url, &options->s3, &cancel, &figures, &err) &&
         print(options, &figures, &cancel, &err);
    figures_release(&figures);
    if (ok)
        return EXIT_ALL_WELL;
    log_error("%s", err.text);
    if (signals_caught())
        return EXIT_SIGNAL + signals_caught();
    return err.kind == ERROR_USAGE ? EXIT_USAGE : EXIT_CANNOT_WORK;
}

int cmd_report(int argc, char **argv)
{
    struct report_options options = { 0 };
    struct option_words words = { 0 };
    struct error err;
    int status = EXIT_USAGE;

    if (!options_parse(specs, &options, (size_t)argc - 2, argv + 2, &words, &err) ||
        !log_options_apply(&options.log, &err)) {
        log_error("%s (see avmap help report)", err.text);
    } else if (options.log.help) {
        cmd_report_help();
        status = EXIT_ALL_WELL;
    } else if (words.count != 1 || words.rest_count) {
        log_error("give one manifest: RESULTS/<run-id>/manifest.json (see avmap help report)");
    } else {
        status = report(&options, words.words[0]);
    }
    options_release(&words);
    return status;
}
