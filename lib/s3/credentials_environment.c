/* SPDX-License-Identifier: MIT */

/* Keys from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN. */

#include "base/memory.h"
#include "s3/credentials_source.h"
#include "s3/setting.h"

static bool fetch(const struct credentials_place *place, struct key_set *keys, struct error *err)
{
    const char *id = setting_variable("AWS_ACCESS_KEY_ID");
    const char *secret = setting_variable("AWS_SECRET_ACCESS_KEY");
    const char *token = setting_variable("AWS_SECURITY_TOKEN"); /* its old name; botocore's order */

    if (place->profile_chosen || !id)
        return true;
    if (!secret)
        return error_set(err, ERROR_AUTH, "S3.NoCredentials",
                         "AWS_ACCESS_KEY_ID is set, AWS_SECRET_ACCESS_KEY is not");
    keys->id = memory_copy_text(id);
    keys->secret = memory_copy_text(secret);
    keys->token = memory_copy_text(token ? token : setting_variable("AWS_SESSION_TOKEN"));
    return true;
}

const struct credentials_source credentials_environment = { "the environment", fetch };
