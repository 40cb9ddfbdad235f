/* SPDX-License-Identifier: MIT */

/*
 * What a listing says of a place as a whole.
 * Threads: safe.
 */

#pragma once

/* What lies under a prefix of which a part is to be passed over. */
enum contents { CONTENTS_NONE, CONTENTS_PASSED_OVER, CONTENTS_SOME };
