#include "base/arena.h"

#include <stdalign.h>
#include <string.h>

/* What is larger than a quarter of it gets a block of its own, so that little is wasted. */
#define BLOCK ((size_t)64 * 1024)

struct arena {
    uint8_t *block;
    size_t used;
};

struct arena *arena_new(TALLOC_CTX *mem)
{
    struct arena *a = talloc_zero(mem, struct arena);

    if (a)
        a->used = BLOCK;
    return a;
}

static void *take(struct arena *a, size_t n, size_t alignment)
{
    size_t at = (a->used + alignment - 1) / alignment * alignment;
    uint8_t *block;

    /* Nothing has an address too. */
    n = n ? n : 1;
    if (n > BLOCK / 4)
        return talloc_size(a, n);
    if (at + n <= BLOCK) {
        a->used = at + n;
        return a->block + at;
    }
    if (!(block = talloc_size(a, BLOCK)))
        return NULL;
    a->block = block;
    a->used = n;
    return block;
}

void *arena_alloc(struct arena *a, size_t n) { return take(a, n, alignof(max_align_t)); }

char *arena_strndup(struct arena *a, const char *text, size_t n)
{
    size_t len = strnlen(text, n);
    char *copy = take(a, len + 1, 1);

    if (!copy)
        return NULL;
    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

char *arena_strdup(struct arena *a, const char *text)
{
    return arena_strndup(a, text, strlen(text));
}

struct bytes arena_bytes(struct arena *a, struct bytes in)
{
    uint8_t *copy = take(a, in.len, 1);

    if (copy && in.len)
        memcpy(copy, in.data, in.len);
    return (struct bytes){ copy, copy ? in.len : 0 };
}
