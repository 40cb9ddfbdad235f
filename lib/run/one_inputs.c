/* SPDX-License-Identifier: MIT */

/* Finds and opens the inputs of one transcode. */

#include "run/one_inputs.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/memory.h"
#include "run/existing.h"

void one_inputs_init(struct one_inputs *inputs, const struct one_order *order,
                     struct budget *budget)
{
    *inputs = (struct one_inputs){
        .list = memory_new(order->input_count, sizeof(*inputs->list)),
        .count = order->input_count,
    };
    for (size_t i = 0; i < inputs->count; i++) {
        inputs->list[i].place = &order->inputs[i];
        spool_init(&inputs->list[i].spool, budget);
    }
}

void one_inputs_release(struct one_inputs *inputs)
{
    for (size_t i = 0; i < inputs->count; i++) {
        store_close(inputs->list[i].store);
        object_release(&inputs->list[i].object);
        spool_release(&inputs->list[i].spool);
    }
    free(inputs->list);
    object_release(&inputs->version);
    *inputs = (struct one_inputs){ 0 };
}

bool one_inputs_find(struct one_inputs *inputs, struct s3_service *service,
                     const struct cancel *cancel, struct error *err)
{
    for (size_t i = 0; i < inputs->count; i++) {
        struct one_input *input = &inputs->list[i];

        input->store = store_open(&input->place->location, service, cancel, false, err);
        if (!input->store) {
            error_prefix(err, "input %s", input->place->url);
            return false;
        }
    }
    return true;
}

static void join_versions(struct one_inputs *inputs)
{
    struct digest *sum = digest_new(DIGEST_SHA256);
    uint8_t digest[SHA256_SIZE];
    char version[256];

    object_release(&inputs->version);
    inputs->version = (struct object){ 0 };
    for (size_t i = 0; i < inputs->count; i++) {
        const struct object *object = &inputs->list[i].object;

        existing_source_version(object, version, sizeof(version));
        digest_add(sum, version, strlen(version) + 1);
        if (object->modified_ms > inputs->version.modified_ms)
            inputs->version.modified_ms = object->modified_ms;
    }
    digest_finish(sum, digest);
    if (inputs->count > 1) {
        inputs->version.etag = memory_new(1, 2 * sizeof(digest) + 1);
        digest_hex(digest, sizeof(digest), inputs->version.etag);
        return;
    }
    inputs->version.size = inputs->list[0].object.size;
    if (inputs->list[0].object.etag)
        inputs->version.etag = memory_copy_text(inputs->list[0].object.etag);
}

bool one_inputs_look_up(struct one_inputs *inputs, struct error *err)
{
    for (size_t i = 0; i < inputs->count; i++) {
        struct one_input *input = &inputs->list[i];

        object_release(&input->object);
        input->object = (struct object){
            .key = memory_copy_text(input->place->key),
            .size_unknown = true,
            .needs_look_up = true,
        };
        if (!store_look_up(input->store, &input->object, err)) {
            error_prefix(err, "input %s", input->place->url);
            return false;
        }
    }
    join_versions(inputs);
    return true;
}

bool one_inputs_open(struct one_inputs *inputs, struct error *err)
{
    for (size_t i = 0; i < inputs->count; i++) {
        struct one_input *input = &inputs->list[i];

        input->input = store_input_open(input->store, &input->object, &input->spool, NULL, err);
        if (!input->input) {
            error_prefix(err, "download %s", input->place->url);
            return false;
        }
    }
    return true;
}

void one_inputs_close(struct one_inputs *inputs)
{
    for (size_t i = 0; i < inputs->count; i++) {
        store_input_close(inputs->list[i].input);
        inputs->list[i].input = NULL;
        spool_clear(&inputs->list[i].spool);
    }
}

bool one_inputs_judge(const struct one_inputs *inputs, bool ok, struct error *err)
{
    for (size_t i = 0; i < inputs->count; i++)
        ok = store_input_judge(inputs->list[i].input, ok, err);
    return ok;
}
