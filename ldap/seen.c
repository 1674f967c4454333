#include "ldap/seen.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>

struct seen {
    uint64_t seed;
    uint64_t *hashes;
    size_t n;
    size_t cap;
    bool is_sorted;
};

struct seen *seen_new(TALLOC_CTX *mem)
{
    struct seen *s = talloc_zero(mem, struct seen);

    if (s && getrandom(&s->seed, sizeof s->seed, 0) != sizeof s->seed)
        TALLOC_FREE(s);
    return s;
}

/* FNV-1a, from a start of its own, then the finaliser of MurmurHash3. */
static uint64_t hash_of(const struct seen *s, const char *name)
{
    uint64_t h = s->seed;

    for (; *name; name++)
        h = (h ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
    h = (h ^ (h >> 33)) * UINT64_C(0xff51afd7ed558ccd);
    h = (h ^ (h >> 33)) * UINT64_C(0xc4ceb9fe1a85ec53);
    return h ^ (h >> 33);
}

bool seen_add(struct seen *s, const char *name)
{
    if (s->n == s->cap) {
        size_t cap = s->cap ? s->cap * 2 : 1024;
        uint64_t *hashes = talloc_realloc(s, s->hashes, uint64_t, cap);

        if (!hashes)
            return false;
        s->hashes = hashes;
        s->cap = cap;
    }
    s->hashes[s->n++] = hash_of(s, name);
    s->is_sorted = false;
    return true;
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

bool seen_has(struct seen *s, const char *name)
{
    uint64_t h = hash_of(s, name);

    if (s->n == 0)
        return false;
    if (!s->is_sorted)
        qsort(s->hashes, s->n, sizeof *s->hashes, compare);
    s->is_sorted = true;
    return bsearch(&h, s->hashes, s->n, sizeof *s->hashes, compare) != NULL;
}
