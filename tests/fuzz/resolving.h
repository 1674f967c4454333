/*
 * A resolver for targets that are linked with -Wl,--wrap=dns_exchange,--wrap=dns_message_id: what
 * it answers is the input, a row of answers with their lengths as DNS over TCP has them.
 */
#ifndef TESTS_FUZZ_RESOLVING_H
#define TESTS_FUZZ_RESOLVING_H

#include "dns/resolver.h"

/* On mem; it answers out of `stream` from now on. */
struct dns_resolver *resolving(TALLOC_CTX *mem, struct bytes stream);

#endif
