/* SPDX-License-Identifier: MIT */

/* Makes identities of what is asked of a run. */

#include "run/run_identity.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/memory.h"
#include "base/shell_words.h"
#include "run/redrive.h"

/* An age would be another time in each attempt, so options are told apart as they were written. */
static char *picking_options(const struct run_settings *settings)
{
    static const char *const names[] = { "items",    "items-pointer", "include",    "exclude",
                                         "min-size", "max-size",      "newer-than", "max-items" };
    char *text = memory_copy_text("");

    for (size_t i = 0; i < settings->given_count; i++) {
        const struct run_option *given = &settings->given[i];

        for (size_t name = 0; name < sizeof(names) / sizeof(names[0]); name++) {
            char *before = text;

            if (strcmp(names[name], given->name) != 0)
                continue;
            text = memory_format("%s\n%s %s", before, given->name, given->value);
            free(before);
        }
    }
    return text;
}

void run_identity(const struct run_order *order, const struct run_settings *settings,
                  const char *recipe, char identity[RUN_IDENTITY_SIZE])
{
    char *picking = picking_options(settings);
    char *results = location_url(&order->results, order->results.prefix);
    char *text =
        memory_format("%s\n%s\n%s\n%s\n%s\n%s\n%u/%u\n%u%s%s", order->source_url,
                      order->destination_url, results, order->naming.template, order->naming.suffix,
                      recipe, order->shard.index, order->shard.count, (unsigned)order->items,
                      order->redrive ? order->redrive->manifest.url : "", picking);
    uint8_t digest[SHA256_SIZE];

    digest_sha256(text, strlen(text), digest);
    digest_hex(digest, (RUN_IDENTITY_SIZE - 1) / 2, identity);
    free(text);
    free(picking);
    free(results);
}

const char *run_identity_of_array(const struct run_order *order,
                                  const struct run_settings *settings, const char *job,
                                  char out[UUID_SIZE])
{
    char *picking = picking_options(settings);
    char *results = location_url(&order->results, order->results.prefix);
    char *words = shell_words_join(order->all_words, order->all_count);
    char *text = memory_format("%s\n%s\n%s\n%s\n%s\n%s\n%u%s", order->source_url,
                               order->destination_url, results, order->naming.template,
                               order->naming.suffix, words, order->shard.count, picking);

    uuid_named(job, text, out);
    free(text);
    free(picking);
    free(words);
    free(results);
    return out;
}
