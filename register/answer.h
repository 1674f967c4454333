/*
 * What the address command said last, and when it is to be asked again: nothing else tells that the
 * address of a host behind NAT is another.  Pure: no clock and no randomness of its own.
 */
#ifndef REGISTER_ANSWER_H
#define REGISTER_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <talloc.h>

#include "base/ip.h"

#define ANSWER_INTERVAL_S 300

struct answer;

/* random_seed: another each time, so that hosts do not ask their gateway in step.  NULL without
 * memory. */
struct answer *answer_new(TALLOC_CTX *mem, int interval_s, uint64_t random_seed);

/* When to ask again; INT64_MAX before the first answer_asked. */
int64_t answer_due_ms(const struct answer *a);

/* It was asked just now, well or in vain: the next time is an interval later, a tenth more or less.
 */
void answer_asked(struct answer *a, int64_t now_ms);

/*
 * It said this, in whatever order.  True where that is not what it said last; the first is.
 * Without memory the same answer is news again.
 */
bool answer_is_news(struct answer *a, const struct ip *ips, size_t n);

/* What it said last; n 0: nothing yet.  Until the next answer_is_news. */
const struct ip *answer_last(const struct answer *a, size_t *n);

#endif
