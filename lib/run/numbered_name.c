/* SPDX-License-Identifier: MIT */

/* Finds the number in a name. */

#include "run/numbered_name.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { DIGITS_MAX = 18 };

/* Where the number lies; it is 0 and empty, at the end, when there is none. */
struct number {
    size_t begin;
    size_t end;
    long long value;
};

static struct number number_in(const char *name)
{
    const char *slash = strrchr(name, '/');
    const char *dot = strrchr(slash ? slash : name, '.');
    const char *end = dot ? dot : name + strlen(name);
    const char *begin;
    char digits[DIGITS_MAX + 1] = "";

    while (end > name && end[-1] != '/' && (end[-1] < '0' || end[-1] > '9'))
        end--;
    begin = end;
    while (begin > name && begin[-1] >= '0' && begin[-1] <= '9')
        begin--;
    if (begin == end || end - begin >= DIGITS_MAX)
        return (struct number){ strlen(name), strlen(name), 0 };
    memcpy(digits, begin, (size_t)(end - begin));
    return (struct number){ (size_t)(begin - name), (size_t)(end - name),
                            strtoll(digits, NULL, 10) };
}

char *numbered_name_next(const char *name)
{
    struct number number = number_in(name);

    if (number.begin == number.end)
        return NULL;
    return memory_format("%.*s%0*lld%s", (int)number.begin, name, (int)(number.end - number.begin),
                         number.value + 1, name + number.end);
}

int numbered_name_compare(const char *one, const char *other)
{
    struct number a = number_in(one);
    struct number b = number_in(other);
    size_t shorter = a.begin < b.begin ? a.begin : b.begin;
    int order = memcmp(one, other, shorter);

    if (order == 0 && a.begin != b.begin)
        order = a.begin < b.begin ? -1 : 1;
    if (order == 0)
        order = strcmp(one + a.end, other + b.end);
    if (order == 0 && a.value != b.value)
        order = a.value < b.value ? -1 : 1;
    return order ? order : strcmp(one, other);
}
