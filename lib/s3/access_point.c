/* SPDX-License-Identifier: MIT */

/* ARNs in place of bucket names. */

#include "s3/access_point.h"

#include <string.h>

static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-";

bool access_point_is_arn(const char *text)
{
    return strncmp(text, "arn:", strlen("arn:")) == 0;
}

/* What follows the fifth colon, or the end of text. */
static const char *find_resource(const char *text)
{
    for (int colons = 0; colons < 5; colons++) {
        text += strcspn(text, ":/");
        if (*text != ':')
            return text + strlen(text);
        text++;
    }
    return text;
}

size_t access_point_arn_length(const char *text)
{
    const char *resource = find_resource(text);
    const char *name = resource + strcspn(resource, ":/");

    if (!*resource)
        return strcspn(text, "/");
    name += *name != '\0';
    return (size_t)(name + strcspn(name, "/") - text);
}

/* The text up to the next colon; false when it is too long, or not what a host name is made of. */
static bool take(const char **text, char *to, size_t size)
{
    size_t length = strcspn(*text, ":/");

    if (length >= size || strspn(*text, plain) < length)
        return false;
    memcpy(to, *text, length);
    to[length] = '\0';
    *text += length + ((*text)[length] != '\0');
    return true;
}

static bool refuse(const char *arn, const char *why, struct error *err)
{
    return error_set(err, ERROR_USAGE, "Avmap.Usage", "%s: %s", arn, why);
}

bool access_point_parse(const char *arn, struct access_point *point, struct error *err)
{
    static const char unknown[] =
        "this is not arn:PARTITION:s3:REGION:ACCOUNT:accesspoint/NAME, the only ARN that can stand "
        "for a bucket";
    const char *rest = arn;
    char word[64];
    char service[32];
    char kind[32];

    *point = (struct access_point){ .name = "" };
    if (!take(&rest, word, sizeof(word)) ||
        !take(&rest, point->partition, sizeof(point->partition)) ||
        !take(&rest, service, sizeof(service)) ||
        !take(&rest, point->region, sizeof(point->region)) ||
        !take(&rest, point->account, sizeof(point->account)))
        return refuse(arn, unknown, err);
    if (strcmp(service, "s3-outposts") == 0)
        return refuse(
            arn, "buckets on Outposts are not supported: they are signed for another service", err);
    if (strcmp(service, "s3-object-lambda") == 0)
        return refuse(arn, "Object Lambda is not supported: it cannot be listed, only read", err);
    if (strcmp(service, "s3") != 0 || !take(&rest, kind, sizeof(kind)) ||
        strcmp(kind, "accesspoint") != 0)
        return refuse(arn, unknown, err);
    if (!point->region[0])
        return refuse(arn,
                      "access points of several regions are not supported: they need signatures of "
                      "version 4A; name the bucket in its region",
                      err);
    if (!take(&rest, point->name, sizeof(point->name)) || *rest || !point->name[0] ||
        !point->account[0])
        return refuse(arn, unknown, err);
    return true;
}
