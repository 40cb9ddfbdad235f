/* SPDX-License-Identifier: MIT */

/* One listed object. */

#include "base/object.h"

#include <stdlib.h>

void object_release(struct object *object)
{
    free(object->key);
    free(object->bucket);
    free(object->version_id);
    free(object->etag);
    free(object->storage_class);
    *object = (struct object){ 0 };
}
