/* SPDX-License-Identifier: MIT */

/* Reads the wrapper's options. */

#include "run/one_order.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "run/run_order.h"

enum { GLOBAL, INPUT, OUTPUT };

/* The wrapper's caller has to give each option something. */
static const char *given(const char *value)
{
    return value && value[0] && strcmp(value, "null") != 0 ? value : NULL;
}

/* Whether a comma before this separates two URLs, so that a key may have commas of its own. */
static bool begins_url(const char *text)
{
    size_t scheme =
        strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");

    return scheme > 0 && strncmp(text + scheme, "://", 3) == 0;
}

static void add_url(struct shell_words *urls, const char *text, size_t length)
{
    while (length > 0 && text[length - 1] == ' ')
        length--;
    urls->words = memory_grow(urls->words, urls->count + 1, sizeof(char *));
    urls->words[urls->count++] = memory_copy_bytes(text, length);
}

/* Paths are separated by each comma, URLs by those that another URL follows. */
static void split_urls(const char *text, struct shell_words *urls)
{
    bool paths;

    text += strspn(text, " ");
    paths = !begins_url(text);
    for (;;) {
        const char *comma = text;
        const char *next;

        do {
            comma += strcspn(comma, ",");
            next = comma + (*comma == ',');
            next += strspn(next, " ");
        } while (*comma && !paths && !begins_url(next) && comma++);
        add_url(urls, text, (size_t)(comma - text));
        if (!*comma)
            return;
        text = next;
    }
}

static bool read_place(struct one_place *place, const char *url, const char *option,
                       struct error *err)
{
    const char *last = strrchr(url, '/');
    bool is_folder = last && !last[1];

    if (!location_parse(url, &place->location, err)) {
        error_prefix(err, "%s", option);
        return false;
    }
    place->key = location_take_key(&place->location);
    place->url = location_url(&place->location, place->key);
    return (place->key[0] && !is_folder) ||
           error_set(err, ERROR_USAGE, "Avmap.Usage",
                     "%s: %s names no file; give s3://bucket/key or a path", option, url);
}

static void append(struct one_order *order, char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        order->words = memory_grow(order->words, order->word_count + 1, sizeof(*order->words));
        order->words[order->word_count++] = words[i];
    }
}

/* The line as the wrapper would have called ffmpeg: options come once, before the first input. */
static bool read_recipe(struct one_order *order, struct error *err)
{
    static char input_follows[] = "-i";
    char *const separator[] = { input_follows };
    struct recipe_words words = { .several_inputs = true };

    append(order, order->options[GLOBAL].words, order->options[GLOBAL].count);
    words.global_count = order->word_count;
    append(order, order->options[INPUT].words, order->options[INPUT].count);
    for (size_t i = 0; i < order->urls.count; i++) {
        append(order, separator, 1);
        append(order, &order->urls.words[i], 1);
    }
    words.input_count = order->word_count - words.global_count;
    append(order, order->options[OUTPUT].words, order->options[OUTPUT].count);
    words.output_count = order->options[OUTPUT].count;
    words.global = order->words;
    words.input = words.global + words.global_count;
    words.output = words.input + words.input_count;
    order->recipe = recipe_parse(&words, err);
    return order->recipe != NULL;
}

static bool split_options(struct one_order *order, const struct one_settings *settings,
                          struct error *err)
{
    const struct {
        const char *option;
        const char *text;
    } texts[] = {
        [GLOBAL] = { "--global_options", given(settings->global_options) },
        [INPUT] = { "--input_file_options", given(settings->input_file_options) },
        [OUTPUT] = { "--output_file_options", given(settings->output_file_options) },
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (texts[i].text && !shell_words_split(texts[i].text, &order->options[i], err)) {
            error_prefix(err, "%s", texts[i].option);
            return false;
        }
    }
    return true;
}

/* -i among the first input's options names inputs before it. */
static bool read_inputs(struct one_order *order, struct error *err)
{
    order->input_count = recipe_input_count(order->recipe);
    order->inputs = memory_new(order->input_count, sizeof(*order->inputs));
    for (size_t i = 0; i < order->input_count; i++) {
        if (!read_place(&order->inputs[i], recipe_input_name(order->recipe, i), "--input_url", err))
            return false;
    }
    return true;
}

static bool refuse_same(const struct one_order *order, struct error *err)
{
    for (size_t i = 0; i < order->input_count; i++) {
        if (strcmp(order->inputs[i].url, order->output.url) == 0)
            return error_set(err, ERROR_USAGE, "Avmap.Usage",
                             "the output %s is one of the inputs; give it another name",
                             order->output.url);
    }
    return true;
}

bool one_order_read(struct one_order *order, const struct one_settings *settings, struct error *err)
{
    const char *input_url = given(settings->input_url);
    const char *output_url = given(settings->output_url);

    *order = (struct one_order){ .name = given(settings->name) };
    if (!input_url || !output_url)
        return error_set(err, ERROR_USAGE, "Avmap.Usage", "--%s is missing",
                         input_url ? "output_url" : "input_url");
    split_urls(input_url, &order->urls);
    return split_options(order, settings, err) && read_recipe(order, err) &&
           read_inputs(order, err) && read_place(&order->output, output_url, "--output_url", err) &&
           location_check_key(&order->output.location, order->output.key, err) &&
           refuse_same(order, err) && run_order_check_recipe(order->recipe, order->output.key, err);
}

static void release_place(struct one_place *place)
{
    location_release(&place->location);
    free(place->key);
    free(place->url);
}

void one_order_release(struct one_order *order)
{
    for (size_t i = 0; i < order->input_count; i++)
        release_place(&order->inputs[i]);
    free(order->inputs);
    release_place(&order->output);
    recipe_free(order->recipe);
    for (size_t i = 0; i < sizeof(order->options) / sizeof(order->options[0]); i++)
        shell_words_release(&order->options[i]);
    shell_words_release(&order->urls);
    free(order->words);
}
