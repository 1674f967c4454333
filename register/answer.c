#include "register/answer.h"

#include <stdlib.h>
#include <string.h>

struct answer {
    int64_t interval_ms;
    int64_t due_ms;
    uint64_t random;
    struct ip *ips; /* sorted */
    size_t n;
};

struct answer *answer_new(TALLOC_CTX *mem, int interval_s, uint64_t random_seed)
{
    struct answer *a = talloc_zero(mem, struct answer);

    if (!a)
        return NULL;
    a->interval_ms = (int64_t)interval_s * 1000;
    a->due_ms = INT64_MAX;
    a->random = random_seed;
    return a;
}

int64_t answer_due_ms(const struct answer *a) { return a->due_ms; }

void answer_asked(struct answer *a, int64_t now_ms)
{
    int64_t tenth_ms = a->interval_ms / 10;

    /* Knuth's linear congruence; its upper bits are the good ones. */
    a->random = a->random * 6364136223846793005 + 1442695040888963407;
    a->due_ms = now_ms + a->interval_ms - tenth_ms +
                (int64_t)((a->random >> 33) % (uint64_t)(2 * tenth_ms + 1));
}

static int compare(const void *a, const void *b) { return ip_compare(a, b); }

static bool is_same(const struct answer *a, const struct ip *ips, size_t n)
{
    for (size_t i = 0; i < n && n == a->n; i++) {
        if (!ip_equal(a->ips[i], ips[i]))
            return false;
    }
    return n == a->n;
}

bool answer_is_news(struct answer *a, const struct ip *ips, size_t n)
{
    struct ip *sorted = talloc_array(a, struct ip, n);

    if (sorted && n) {
        memcpy(sorted, ips, n * sizeof *ips);
        qsort(sorted, n, sizeof *sorted, compare);
    }
    if (sorted && is_same(a, sorted, n)) {
        talloc_free(sorted);
        return false;
    }
    talloc_free(a->ips);
    a->ips = sorted;
    a->n = sorted ? n : 0;
    return true;
}

const struct ip *answer_last(const struct answer *a, size_t *n)
{
    *n = a->n;
    return a->ips;
}
