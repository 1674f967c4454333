/*
 * A DNS server in a thread, on UDP and TCP of one loopback address, that says what a
 * test tells it to say, however wrong.
 */
#ifndef TESTS_FAKES_DNSSERVER_H
#define TESTS_FAKES_DNSSERVER_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/ip.h"

/* data NULL: silence. */
struct fake_answer {
    struct bytes data;
    bool is_raw;       /* TCP: data is sent without a length prefix */
    bool closes;       /* TCP: the connection is closed afterwards */
    bool is_in_crumbs; /* TCP: sent byte by byte */
};

/* Called in the server's thread for each message received; what it returns lives on mem. */
typedef struct fake_answer fake_dns_handler(TALLOC_CTX *mem, struct bytes query, bool is_tcp,
                                            void *priv);

struct fake_dns;

/*
 * Listen on address ("127.0.0.1") and port, or a free port for 0.  Stops when *out is freed.
 * NULL where the sockets cannot be had.
 */
struct fake_dns *fake_dns_start(TALLOC_CTX *mem, const char *address, uint16_t port,
                                fake_dns_handler *handler, void *priv);
uint16_t fake_dns_port(const struct fake_dns *s);
/* Messages received so far. */
unsigned fake_dns_received(const struct fake_dns *s);

/* A port of 127.0.0.1 where nobody listens, on UDP or TCP. */
uint16_t fake_dns_dead_port(void);

/*
 * The answer to query: flags in words ("AA", "TC", an rcode's name), records in zone file
 * format, one per line, for each section; NULL for none.
 */
struct bytes fake_dns_reply(TALLOC_CTX *mem, struct bytes query, const char *flags,
                            const char *answer, const char *authority, const char *additional);

/* The name that query asks for in lower case without final dot, and its type. */
const char *fake_dns_question(TALLOC_CTX *mem, struct bytes query, int *type);

#endif
