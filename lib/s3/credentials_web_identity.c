/* SPDX-License-Identifier: MIT */

/* Keys of a role for a token that someone else has signed, as EKS gives to pods. */

#include "s3/credentials_sts.h"
#include "s3/setting.h"

static bool fetch(const struct credentials_place *place, struct key_set *keys, struct error *err)
{
    const char *token_file = setting_variable("AWS_WEB_IDENTITY_TOKEN_FILE");
    struct credentials_role role = {
        .arn = setting_variable("AWS_ROLE_ARN"),
        .session_name = setting_variable("AWS_ROLE_SESSION_NAME"),
    };

    if (place->profile_chosen || !token_file)
        return true;
    if (!role.arn)
        return error_set(err, ERROR_AUTH, "S3.NoCredentials",
                         "AWS_WEB_IDENTITY_TOKEN_FILE is set, AWS_ROLE_ARN is not");
    return credentials_assume_with_web_identity(place, &role, token_file, keys, err);
}

const struct credentials_source credentials_web_identity = { "web identity", fetch };
