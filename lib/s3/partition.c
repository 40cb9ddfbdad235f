/* SPDX-License-Identifier: MIT */

/* Which domain a region is in. */

#include "s3/partition.h"

#include <stddef.h>
#include <string.h>

/* clang-format off */
static const struct partition partitions[] = {
    { "aws-cn",     "cn-",      "amazonaws.com.cn",    "api.amazonwebservices.com.cn", false },
    { "aws-us-gov", "us-gov-",  "amazonaws.com",       "api.aws",                      true },
    { "aws-iso-b",  "us-isob-", "sc2s.sgov.gov",       "api.aws.scloud",               true },
    { "aws-iso-f",  "us-isof-", "csp.hci.ic.gov",      "api.aws.hci.ic.gov",           true },
    { "aws-iso",    "us-iso-",  "c2s.ic.gov",          "api.aws.ic.gov",               true },
    { "aws-iso-e",  "eu-isoe-", "cloud.adc-e.uk",      "api.cloud-aws.adc-e.uk",       true },
    { "aws-eusc",   "eusc-",    "amazonaws.eu",        "api.amazonwebservices.eu",     true },
    { "aws",        "",         "amazonaws.com",       "api.aws",                      true },
};

/* clang-format on */

enum { COUNT = sizeof(partitions) / sizeof(partitions[0]) };

const struct partition *partition_of(const char *region)
{
    const struct partition *partition = partitions;

    while (strncmp(region, partition->prefix, strlen(partition->prefix)) != 0)
        partition++; /* the last one fits every region */
    return partition;
}

bool partition_has_host(const char *host)
{
    size_t length = strlen(host);

    for (size_t i = 0; i < COUNT; i++) {
        size_t end = strlen(partitions[i].suffix);

        if (length > end && host[length - end - 1] == '.' &&
            strcmp(host + length - end, partitions[i].suffix) == 0)
            return true;
    }
    return false;
}
