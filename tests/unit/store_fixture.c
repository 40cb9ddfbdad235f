/* SPDX-License-Identifier: MIT */

#include "store_fixture.h"

#include "scratch.h"

struct store_fixture store_fixture;

int store_fixture_make(void **state)
{
    struct error err;

    if (scratch_make(state) != 0 || !location_parse(scratch_path(), &store_fixture.place, &err))
        return -1;
    store_fixture.store = store_open(&store_fixture.place, NULL, NULL, false, &err);
    return store_fixture.store ? 0 : -1;
}

int store_fixture_remove(void **state)
{
    store_close(store_fixture.store);
    location_release(&store_fixture.place);
    store_fixture = (struct store_fixture){ 0 };
    return scratch_remove(state);
}
