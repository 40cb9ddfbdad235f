/* SPDX-License-Identifier: MIT */

/* Turns settings into demands. */

#include "run/demands.h"

bool demands_read(struct transcode_demands *demands, const struct run_settings *settings,
                  struct error *err)
{
    *demands = (struct transcode_demands){ 0 };
    return !settings->measure || measurements_parse(settings->measure, &demands->measures, err);
}
