/* SPDX-License-Identifier: MIT */

/* Finds and applies the shard. */

#include "items/shard.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/memory.h"
#include "base/number.h"

enum { COUNT_MAX = 1000000 };

static bool refuse(struct error *err, const char *what, const char *value)
{
    return error_set(err, ERROR_USAGE, "Avmap.Usage", "%s: \"%s\" is not a usable shard", what,
                     value);
}

bool shard_parse(const char *text, struct shard *shard, struct error *err)
{
    const char *slash = strchr(text, '/');
    char *first = memory_copy_bytes(text, slash ? (size_t)(slash - text) : strlen(text));
    uint64_t index = 0;
    uint64_t count = 0;
    bool ok = slash && number_parse_count(first, COUNT_MAX, &index) &&
              number_parse_count(slash + 1, COUNT_MAX, &count) && index < count;

    free(first);
    if (!ok)
        return error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "--shard: \"%s\" is not I/N with I from 0 to N-1", text);
    *shard = (struct shard){ (unsigned)index, (unsigned)count };
    return true;
}

/* A variable's number; false when it is not set. *bad is set when it is no number. */
static bool read_variable(const char *name, uint64_t *number, const char **bad)
{
    const char *value = getenv(name);

    if (!value || !value[0])
        return false;
    if (!number_parse_count(value, COUNT_MAX, number))
        *bad = name;
    return true;
}

static bool set(struct shard *shard, const char *name, uint64_t index, uint64_t count,
                struct error *err)
{
    if (count == 0)
        return error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "%s says which shard this is, but nothing says of how many; give "
                         "--shard I/N or use a plan",
                         name);
    if (index >= count)
        return refuse(err, name, getenv(name));
    *shard = (struct shard){ (unsigned)index, (unsigned)count };
    return true;
}

/* Slurm's indices may begin anywhere and have a step; --array=1-7:2 is four shards. */
static bool from_slurm(uint64_t id, struct shard *shard, const char **bad, struct error *err)
{
    uint64_t first = 0;
    uint64_t last = 0;
    uint64_t step = 1;
    uint64_t count = 0;

    if (!read_variable("SLURM_ARRAY_TASK_MIN", &first, bad) ||
        !read_variable("SLURM_ARRAY_TASK_MAX", &last, bad))
        return set(shard, "SLURM_ARRAY_TASK_ID", 0, 0, err);
    read_variable("SLURM_ARRAY_TASK_STEP", &step, bad);
    if (*bad)
        return true; /* the caller names it */
    if (step == 0)
        return refuse(err, "SLURM_ARRAY_TASK_STEP", "0");
    if (last < first)
        return refuse(err, "SLURM_ARRAY_TASK_MAX", getenv("SLURM_ARRAY_TASK_MAX"));
    if (id < first || (id - first) % step)
        return refuse(err, "SLURM_ARRAY_TASK_ID", getenv("SLURM_ARRAY_TASK_ID"));
    if (read_variable("SLURM_ARRAY_TASK_COUNT", &count, bad) && count != (last - first) / step + 1)
        return error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "the Slurm array has gaps; give --shard I/N for each of its tasks");
    return set(shard, "SLURM_ARRAY_TASK_ID", (id - first) / step, (last - first) / step + 1, err);
}

bool shard_from_environment(unsigned known_count, struct shard *shard, struct error *err)
{
    const char *bad = NULL;
    uint64_t index = 0;
    uint64_t count = known_count;
    bool ok = true;

    *shard = (struct shard){ 0 };
    if (read_variable("AWS_BATCH_JOB_ARRAY_INDEX", &index, &bad)) {
        read_variable("AWS_BATCH_JOB_ARRAY_SIZE", &count, &bad);
        ok = bad || set(shard, "AWS_BATCH_JOB_ARRAY_INDEX", index, count, err);
    } else if (read_variable("JOB_COMPLETION_INDEX", &index, &bad)) {
        ok = bad || set(shard, "JOB_COMPLETION_INDEX", index, count, err);
    } else if (read_variable("SLURM_ARRAY_TASK_ID", &index, &bad)) {
        ok = from_slurm(index, shard, &bad, err);
    }
    if (ok && bad)
        return refuse(err, bad, getenv(bad));
    return ok;
}

/* text without the separator and index at its end; NULL when it does not end so. */
static char *without_index(const char *text, char separator, const char *index)
{
    const char *end = text ? strrchr(text, separator) : NULL;

    if (!end || end == text || strcmp(end + 1, index) != 0)
        return NULL;
    return memory_copy_bytes(text, (size_t)(end - text));
}

static char *named(const char *engine, char *job)
{
    char *name = job ? memory_format("%s %s", engine, job) : NULL;

    free(job);
    return name;
}

char *shard_array_job(const char *host)
{
    const char *batch = getenv("AWS_BATCH_JOB_ARRAY_INDEX");
    const char *kubernetes = getenv("JOB_COMPLETION_INDEX");
    const char *slurm = getenv("SLURM_ARRAY_JOB_ID");
    const char *cluster = getenv("SLURM_CLUSTER_NAME");

    if (batch && batch[0])
        return named("batch", without_index(getenv("AWS_BATCH_JOB_ID"), ':', batch));
    if (kubernetes && kubernetes[0])
        return named("kubernetes", without_index(host, '-', kubernetes));
    if (slurm && slurm[0])
        return memory_format("slurm %s %s", cluster ? cluster : "", slurm);
    return NULL;
}

bool shard_has(const struct shard *shard, const char *key)
{
    uint8_t digest[SHA256_SIZE];
    uint64_t hash = 0;

    if (shard->count == 0)
        return true;
    digest_sha256(key, strlen(key), digest);
    for (int i = 0; i < 8; i++)
        hash = hash << 8 | digest[i];
    return hash % shard->count == shard->index;
}
