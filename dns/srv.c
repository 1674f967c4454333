#include "dns/srv.h"

#include <stdlib.h>

static int by_priority(const void *a, const void *b)
{
    const struct dns_srv *x = a, *y = b;

    if (x->priority != y->priority)
        return x->priority < y->priority ? -1 : 1;
    /* Those of weight 0 stand first, so that they have a small chance too. */
    return (x->weight > 0) - (y->weight > 0);
}

/* Take the server to try first out of the n to the front; the others keep their order. */
static void choose(struct dns_srv *srv, size_t n, uint32_t (*random)(void *priv), void *priv)
{
    uint64_t sum = 0, running = 0, mark;
    struct dns_srv chosen;
    size_t at = 0;

    for (size_t i = 0; i < n; i++)
        sum += srv[i].weight;
    mark = ((uint64_t)random(priv) * (sum + 1)) >> 32;
    while (at < n - 1 && (running += srv[at].weight) < mark)
        at++;
    chosen = srv[at];
    for (; at > 0; at--)
        srv[at] = srv[at - 1];
    srv[0] = chosen;
}

void dns_srv_order(struct dns_srv *srv, size_t n, uint32_t (*random)(void *priv), void *priv)
{
    size_t from = 0;

    if (n > 1)
        qsort(srv, n, sizeof *srv, by_priority);
    while (from < n) {
        size_t same = 1;

        while (from + same < n && srv[from + same].priority == srv[from].priority)
            same++;
        for (; same > 0; same--, from++)
            choose(srv + from, same, random, priv);
    }
}
