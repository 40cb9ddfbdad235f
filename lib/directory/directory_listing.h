/* SPDX-License-Identifier: MIT */

/*
 * The regular files below a folder, one at a time. Each folder's names come in byte order, so a
 * run over the same tree sees the same items in the same order; memory holds the names of the
 * folders on the way down. Links, sockets, devices and our temporary files are no items; what is
 * passed over is logged once each as a debug line. However deep the tree, few descriptors are open.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include "base/attributes.h"
#include "base/error.h"
#include "base/object.h"

struct directory_listing;

/* root is a descriptor, borrowed until close. skip_folder: a key not to be entered, or NULL. */
MUST_USE struct directory_listing *directory_listing_open(int root, const char *skip_folder);

/*
 * Fills *object (the caller releases it) and *found; *found is false at the end. After a failure
 * the next call goes on behind the folder or file that could not be looked at.
 */
bool directory_listing_next(struct directory_listing *listing, struct object *object, bool *found,
                            struct error *err);
void directory_listing_close(struct directory_listing *listing);
