/* Questions and answers between a resolver and its servers; for the files of dns/ only. */
#ifndef DNS_EXCHANGE_H
#define DNS_EXCHANGE_H

#include "dns/resolver.h"

#define DNS_SERVERS_MAX 3

struct dns_resolver {
    struct ip servers[DNS_SERVERS_MAX];
    size_t n_servers;
    uint16_t port;
    size_t preferred; /* the server that gave the last good answer is asked first */
    unsigned turns;
    bool server_spoke; /* since we last sent */
};

struct dns_outcome {
    bool is_answered;
    bool is_unreachable; /* where not answered: every server was refused by the network */
    struct dns_answer answer;
};

/*
 * Ask as dns_resolver_ask() says, but report on each question by itself; answers are on mem.
 * An error is only what makes all of it impossible: memory, sockets, a name that is none.
 */
enum err dns_exchange(TALLOC_CTX *mem, struct dns_resolver *r, const struct dns_question *q,
                      size_t n, struct deadline d, struct dns_outcome *outcomes, struct error *e);

/* Why a question has no answer, with the servers tried. */
enum err dns_exchange_failure(const struct dns_resolver *r, const struct dns_question *q,
                              const struct dns_outcome *o, struct error *e);

#endif
