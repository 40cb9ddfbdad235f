/* SPDX-License-Identifier: MIT */

/* Reads places, naming and recipe from the settings or a job file. */

#include "run/run_order.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "run/plan_document.h"
#include "run/redrive.h"
#include "store/store.h"

/* Results in a folder below the source are left out of the listing, but not the source itself. */
static bool refuse_results(const struct run_order *order, struct error *err)
{
    if (!location_contains(&order->source, &order->results) ||
        !location_contains(&order->results, &order->source))
        return true;
    return error_set(err, ERROR_USAGE, "Avmap.Usage",
                     "the results would go to the source %s itself, so the next run would take "
                     "result files for input; choose another place with --results",
                     order->source_url);
}

/*
 * SOURCE names a list, which is taken apart: into the bucket or folder that its items' keys belong
 * to, and its own key there. A plan has a list for each shard, and its items are elsewhere.
 */
static bool split_list(struct run_order *order, struct error *err)
{
    struct location *source = &order->source;

    if (order->items == ITEMS_PLAN) {
        order->list_key = item_plan_key(&order->plan, order->shard.index);
        return true;
    }
    order->list_key = location_take_key(source);
    if (!order->list_key[0])
        return error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "with --items SOURCE is the list, and %s names none", source->container);
    free(order->source_url);
    order->source_url = location_url(source, order->list_key);
    return true;
}

/* A listing must not find what the run itself writes; a list says what it says. */
static bool refuse_own_results(const struct run_order *order, struct error *err)
{
    return order->items != ITEMS_LISTED || refuse_results(order, err);
}

struct places {
    const char *source;
    const char *destination;
    const char *results; /* NULL: below the destination */
    bool whole_prefix;   /* a job file's destination is a prefix as it stands */
};

static bool read_places(struct run_order *order, const struct places *places, struct error *err)
{
    if (!location_parse(places->source, &order->source, err) ||
        !location_parse(places->destination, &order->destination, err))
        return false;
    if (!places->whole_prefix)
        location_make_folder(&order->destination);
    order->source_url = location_url(&order->source, order->source.prefix);
    order->destination_url = location_url(&order->destination, order->destination.prefix);
    if (order->items != ITEMS_LISTED && !split_list(order, err))
        return false;
    if (!places->results) {
        location_below(&order->destination, RUN_ORDER_RESULTS_NAME, &order->results);
    } else {
        if (!location_parse(places->results, &order->results, err)) {
            error_prefix(err, "--results");
            return false;
        }
        location_make_folder(&order->results);
    }
    return refuse_own_results(order, err);
}

static bool read_naming(struct run_order *order, const struct run_settings *settings,
                        struct error *err)
{
    struct naming *naming = &order->naming;

    if (!settings->redrive && !!settings->suffix + !!settings->ext + !!settings->name > 1)
        return error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "--suffix, --ext and --name exclude each other");
    naming->template = settings->ext ? "{dir}/{stem}" : settings->name ? settings->name : "{path}";
    if (settings->ext)
        order->suffix = memory_format(".%s", settings->ext + (settings->ext[0] == '.'));
    else
        order->suffix = memory_copy_text(settings->suffix ? settings->suffix : "");
    naming->suffix = order->suffix;
    return naming_check(naming, err);
}

/* SOURCE names a plan; what it was made of is the source. */
static bool read_plan(struct run_order *order, const struct run_settings *settings,
                      const struct cancel *cancel, struct plan_document *plan, struct error *err)
{
    if (!location_parse(settings->source, &order->plan, err))
        return false;
    location_make_folder(&order->plan);
    return plan_document_read(&order->plan, &settings->s3, cancel, plan, err);
}

/* Items come from records, so nothing is listed that results could be taken for. */
static bool read_redrive(struct run_order *order, const struct run_settings *settings,
                         struct error *err)
{
    const struct redrive *redrive = settings->redrive;
    const struct location *place = &redrive->manifest.place;

    order->redrive = redrive;
    order->items = redrive->items;
    if (!location_parse(settings->source, &order->source, err) ||
        !location_parse(settings->destination, &order->destination, err))
        return false;
    if (!redrive_is_described(redrive))
        location_make_folder(&order->destination);
    order->source_url = location_url(&order->source, order->source.prefix);
    order->destination_url = location_url(&order->destination, order->destination.prefix);
    order->results = (struct location){ place->kind, memory_copy_text(place->container),
                                        memory_copy_text(place->prefix) };
    return order->items == ITEMS_LISTED || split_list(order, err);
}

static bool check_shard(const struct run_order *order, const struct plan_document *plan,
                        struct error *err)
{
    if (!plan->source || order->shard.count == plan->shards ||
        (order->shard.count == 0 && plan->shards == 1))
        return true;
    return error_set(err, ERROR_USAGE, "Avmap.Usage",
                     "the plan has %u shards; say which one this is with --shard I/%u",
                     plan->shards, plan->shards);
}

static void append_word(struct run_order *order, char *word)
{
    order->all_words =
        memory_grow(order->all_words, order->all_count + 1, sizeof(*order->all_words));
    order->all_words[order->all_count++] = word;
}

/* But for options that change no result. */
static void append_words(struct run_order *order, char *const *words, size_t count)
{
    size_t taken;

    for (size_t i = 0; i < count; i += taken) {
        bool is_idle = recipe_idle_words(words + i, count - i, &taken) > 0;

        for (size_t j = 0; j < taken && !is_idle; j++)
            append_word(order, words[i + j]);
    }
}

/* What tells one recipe from another: only with options for the input are those told apart. */
static void gather_words(struct run_order *order, const char *allowed_demuxers)
{
    static char input_follows[] = "-i";
    const struct shell_words *global =
        order->global_options.count ? &order->global_options : &order->job.global_options;
    const struct shell_words *input =
        order->input_options.count ? &order->input_options : &order->job.input_options;

    order->words = (struct recipe_words){
        .global = global->words,
        .global_count = global->count,
        .input = input->words,
        .input_count = input->count,
        .output = order->recipe_words,
        .output_count = order->recipe_count,
        .allowed_demuxers = allowed_demuxers,
    };
    append_words(order, global->words, global->count);
    append_words(order, input->words, input->count);
    if (order->all_count > 0)
        append_word(order, input_follows);
    append_words(order, order->recipe_words, order->recipe_count);
}

static bool split_options(struct run_order *order, const struct run_settings *settings,
                          struct error *err)
{
    const char *input = settings->input_options;
    const char *global = settings->global_options;

    if (!shell_words_split(input ? input : "", &order->input_options, err)) {
        error_prefix(err, "--input-options");
        return false;
    }
    if (!shell_words_split(global ? global : "", &order->global_options, err)) {
        error_prefix(err, "--global-options");
        return false;
    }
    return true;
}

bool run_order_read(struct run_order *order, const struct run_settings *settings,
                    const struct cancel *cancel, struct error *err)
{
    const struct job_file *job = &order->job;
    struct places places = { settings->source, settings->destination, settings->results, false };
    struct plan_document plan = { 0 };
    bool ok;

    *order = (struct run_order){
        .recipe_words = settings->recipe,
        .recipe_count = settings->recipe_count,
        .items = settings->job ? ITEMS_LISTED : settings->items,
        .items_pointer = settings->items_pointer,
    };
    if (!split_options(order, settings, err))
        return false;
    if (settings->job) {
        if (!job_file_read(settings->job, &settings->s3, cancel, &order->job, err))
            return false;
        places = (struct places){ job->source, job->destination, job->results, true };
        if (settings->results)
            places.results = settings->results;
        order->suffix = memory_copy_text(job->suffix ? job->suffix : "");
        order->naming = (struct naming){ .template = "{key}", .suffix = order->suffix };
        order->recipe_words = job->recipe.words;
        order->recipe_count = job->recipe.count;
    } else if (!read_naming(order, settings, err)) {
        return false;
    }
    gather_words(order, settings->allow_demuxer);
    if (settings->redrive)
        return read_redrive(order, settings, err);
    if (order->items == ITEMS_PLAN && !read_plan(order, settings, cancel, &plan, err))
        return false;
    if (plan.source)
        places.source = plan.source;
    ok = settings->shard ? shard_parse(settings->shard, &order->shard, err)
                         : shard_from_environment(plan.shards, &order->shard, err);
    ok = ok && check_shard(order, &plan, err) && read_places(order, &places, err);
    plan_document_release(&plan);
    return ok;
}

bool run_order_check_recipe(const struct recipe *recipe, const char *name, struct error *err)
{
    char *unused;

    if (!recipe_check(recipe, name, err))
        return false;
    unused = recipe_unused(recipe, name);
    if (unused)
        log_info("note: nothing in these results takes %s", unused);
    free(unused);
    return true;
}

/* "wav" would make one.mp3wav: no container, where nothing but its name says which. */
static bool lacks_dot(const struct run_order *order, const struct recipe *recipe)
{
    const char *suffix = order->naming.suffix;
    struct error ignored;
    char *meant;
    bool lacks;

    if (order->job.source || !suffix[0] || strchr(suffix, '.'))
        return false;
    meant = memory_format("result.%s", suffix);
    lacks = !recipe_check(recipe, "result", &ignored) && recipe_check(recipe, meant, &ignored);
    free(meant);
    return lacks;
}

/*
 * Without an extension of their own the results' containers depend on their items' names; then only
 * -f can make several files of each.
 */
bool run_order_check_names(struct run_order *order, const struct recipe *recipe, struct error *err)
{
    struct naming *naming = &order->naming;
    const char *rule = naming->suffix[0] ? naming->suffix : naming->template;
    const char *last = strrchr(rule, '/');
    const char *extension = strrchr(rule, '.');
    bool has_percent = strchr(last ? last : rule, '%') != NULL;
    bool has_extension = extension && !strchr(extension, '{');
    char *name =
        memory_format("result%s%s", has_percent ? "%d" : "", has_extension ? extension : "");
    bool ok = true;

    if (lacks_dot(order, recipe)) {
        free(name);
        return error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "--suffix %s would name results like one.mp3%s; did you mean .%s?",
                         naming->suffix, naming->suffix, naming->suffix);
    }
    naming->is_pattern = has_percent && recipe_files(recipe, name) == RECIPE_FILES_NUMBERED;
    if (has_extension)
        ok = run_order_check_recipe(recipe, name, err);
    else if (recipe_makes_nothing(recipe))
        ok = error_set(err, ERROR_USAGE, "Avmap.Usage",
                       "format null makes results of no bytes; give them names of their own, such "
                       "as with --suffix .null");
    if (ok && !naming_has_folders(naming) && recipe_files(recipe, name) != RECIPE_ONE_FILE)
        ok = recipe_check_shared_folder(recipe, name, err);
    free(name);
    return ok;
}

void run_order_release(struct run_order *order)
{
    location_release(&order->source);
    location_release(&order->destination);
    location_release(&order->results);
    location_release(&order->plan);
    free(order->list_key);
    free(order->source_url);
    free(order->destination_url);
    free(order->suffix);
    job_file_release(&order->job);
    shell_words_release(&order->input_options);
    shell_words_release(&order->global_options);
    free(order->all_words);
}
