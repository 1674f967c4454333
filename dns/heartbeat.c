#include "dns/heartbeat.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MAGIC "v=muster1 seen="

const char *heartbeat_text(uint32_t seen_h, char buf[HEARTBEAT_TEXT_MAX])
{
    snprintf(buf, HEARTBEAT_TEXT_MAX, "\"" MAGIC "%" PRIu32 "\"", seen_h);
    return buf;
}

bool heartbeat_parse(const char *data, uint32_t *seen_h)
{
    static const char magic[] = "\"" MAGIC;
    const char *at = data + sizeof magic - 1;
    uint64_t hours = 0;
    size_t digits;

    if (strncmp(data, magic, sizeof magic - 1) != 0)
        return false;
    digits = strspn(at, "0123456789");
    for (size_t i = 0; i < digits && hours <= UINT32_MAX; i++)
        hours = hours * 10 + (uint64_t)(at[i] - '0');
    if (hours == 0 || hours > UINT32_MAX)
        return false;
    at += digits;
    /* The end of the one string, or fields of a later version before it. */
    if (*at == ' ')
        at += strcspn(at, "\"");
    if (strcmp(at, "\"") != 0)
        return false;
    *seen_h = (uint32_t)hours;
    return true;
}
