#include "scavenger/limits.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct limit limit_default(void)
{
    return (struct limit){ true, LIMIT_DEFAULT_PERCENT, LIMIT_DEFAULT_FLOOR };
}

bool limit_parse(const char *text, struct limit *out)
{
    unsigned long long n;
    char *end;

    if (!isdigit((unsigned char)text[0]))
        return false;
    errno = 0;
    n = strtoull(text, &end, 10);
    if (errno || n > 1000000000)
        return false;
    if (strcmp(end, "%") == 0 && n <= 100)
        *out = (struct limit){ true, (size_t)n, 0 };
    else if (*end == '\0')
        *out = (struct limit){ false, (size_t)n, 0 };
    else
        return false;
    return true;
}

size_t limit_for(struct limit l, size_t dynamic)
{
    size_t n;

    if (!l.is_percent)
        return l.value;
    /* Divide first where the product could wrap. */
    n = dynamic / 100 * l.value + dynamic % 100 * l.value / 100;
    return n < l.floor ? l.floor : n;
}
