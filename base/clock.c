#include "base/clock.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECONDS_PER_HOUR 3600
#define NTTIME_PER_SECOND 10000000ULL
#define UNIX_EPOCH_S ((int64_t)CLOCK_UNIX_EPOCH_H * SECONDS_PER_HOUR)

int64_t clock_monotonic_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

struct deadline deadline_in(int64_t ms)
{
    int64_t now = clock_monotonic_ms();

    if (ms < 0)
        ms = 0;
    return (struct deadline){ ms > INT64_MAX - now ? INT64_MAX : now + ms };
}

int deadline_left(struct deadline d)
{
    int64_t left = d.at_ms - clock_monotonic_ms();

    if (left < 0)
        return 0;
    return left > INT_MAX ? INT_MAX : (int)left;
}

struct deadline deadline_sooner(struct deadline a, struct deadline b)
{
    return a.at_ms < b.at_ms ? a : b;
}

int64_t clock_now(void) { return (int64_t)time(NULL); }

uint32_t clock_hours_from_unix(int64_t unix_s)
{
    int64_t since_1601_s;

    if (unix_s < -UNIX_EPOCH_S)
        return 0;
    if (unix_s > (int64_t)UINT32_MAX * SECONDS_PER_HOUR - UNIX_EPOCH_S)
        return UINT32_MAX;
    since_1601_s = unix_s + UNIX_EPOCH_S;
    return (uint32_t)(since_1601_s / SECONDS_PER_HOUR);
}

int64_t clock_unix_from_hours(uint64_t hours)
{
    if (hours > (uint64_t)(INT64_MAX / SECONDS_PER_HOUR))
        return INT64_MAX - UNIX_EPOCH_S;
    return (int64_t)hours * SECONDS_PER_HOUR - UNIX_EPOCH_S;
}

uint64_t clock_nttime_from_unix(int64_t unix_s)
{
    if (unix_s < -UNIX_EPOCH_S)
        return 0;
    if (unix_s > (int64_t)(UINT64_MAX / NTTIME_PER_SECOND) - UNIX_EPOCH_S)
        return UINT64_MAX;
    return (uint64_t)(unix_s + UNIX_EPOCH_S) * NTTIME_PER_SECOND;
}

int64_t clock_unix_from_nttime(uint64_t nttime)
{
    return (int64_t)(nttime / NTTIME_PER_SECOND) - UNIX_EPOCH_S;
}

char *clock_rfc3339(TALLOC_CTX *mem, int64_t unix_s)
{
    time_t t = (time_t)unix_s;
    struct tm tm;

    if (!gmtime_r(&t, &tm) || tm.tm_year < -1900 || tm.tm_year > 8099)
        return talloc_strdup(mem, "out-of-range");
    return talloc_asprintf(mem, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1,
                           tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* Digits, then an optional unit; *out in hours. */
static bool parse_amount(const char *text, uint64_t *out_h)
{
    unsigned long long n;
    uint64_t unit_h;
    char *end;

    if (!isdigit((unsigned char)text[0]))
        return false;
    errno = 0;
    n = strtoull(text, &end, 10);
    if (errno || n > UINT32_MAX)
        return false;
    if (strcmp(end, "") == 0 || strcmp(end, "h") == 0)
        unit_h = 1;
    else if (strcmp(end, "d") == 0)
        unit_h = 24;
    else if (strcmp(end, "w") == 0)
        unit_h = 168;
    else
        return false;
    *out_h = n * unit_h;
    return true;
}

bool clock_parse_hours(const char *text, uint32_t *out_h)
{
    uint64_t h;

    if (!parse_amount(text, &h) || h > UINT32_MAX)
        return false;
    *out_h = (uint32_t)h;
    return true;
}

/* Does text have the shape of the pattern, where 0 stands for a digit? */
static bool has_shape(const char *text, const char *pattern)
{
    for (; *pattern; text++, pattern++) {
        if (*pattern == '0' ? !isdigit((unsigned char)*text) : *text != *pattern)
            return false;
    }
    return *text == '\0';
}

static bool parse_calendar(const char *text, int64_t *out)
{
    struct tm tm = { 0 }, check;
    time_t t;

    /* sscanf alone would also take signs and blanks. */
    if (!has_shape(text, "0000-00-00") && !has_shape(text, "0000-00-00T00:00:00") &&
        !has_shape(text, "0000-00-00T00:00:00Z"))
        return false;
    if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour,
               &tm.tm_min, &tm.tm_sec) < 3)
        return false;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    check = tm;
    t = timegm(&check);
    /* timegm normalises 31 February and 24:60; such a time is a mistake. */
    if (check.tm_mday != tm.tm_mday || check.tm_mon != tm.tm_mon || check.tm_hour != tm.tm_hour ||
        check.tm_min != tm.tm_min || check.tm_sec != tm.tm_sec)
        return false;
    *out = (int64_t)t;
    return true;
}

bool clock_parse(const char *text, int64_t now, int64_t *out)
{
    int64_t then;
    uint64_t h;
    char *end;

    if (text[0] == '@') {
        long long s;

        if (!isdigit((unsigned char)text[text[1] == '-' ? 2 : 1]))
            return false;
        errno = 0;
        s = strtoll(text + 1, &end, 10);
        if (errno || *end)
            return false;
        *out = s;
        return true;
    }
    if (text[0] == '+' || text[0] == '-') {
        if (!parse_amount(text + 1, &h) || h > UINT32_MAX)
            return false;
        if (__builtin_add_overflow(now, (int64_t)h * SECONDS_PER_HOUR * (text[0] == '+' ? 1 : -1),
                                   &then))
            return false;
        *out = then;
        return true;
    }
    return parse_calendar(text, out);
}
