/*
 * One TCP connection to one DNS server (RFC 7766): two-byte length framing, many
 * messages in flight.  Nothing here authenticates anything.
 */
#ifndef DNS_CONN_H
#define DNS_CONN_H

#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/ip.h"
#include "dns/rr.h"

#define DNS_PORT 53

struct dns_conn;

/*
 * Connect before d passes.  The connection closes when *out is freed.
 * ERR_UNREACHABLE: refused or no route.  ERR_TIMEOUT: silence.
 */
enum err dns_conn_open(TALLOC_CTX *mem, struct ip server, uint16_t port, struct deadline d,
                       struct dns_conn **out, struct error *e);

/*
 * The same to whichever of n servers opens a connection first, in the manner of connect_any():
 * in their order, the next after 100 ms of silence.  *which is its index.
 */
enum err dns_conn_open_any(TALLOC_CTX *mem, const struct ip *servers, size_t n, uint16_t port,
                           struct deadline d, struct dns_conn **out, size_t *which,
                           struct error *e);

struct ip dns_conn_server(const struct dns_conn *c);
/* Network turns: how often we spoke after the server did, making the connection included. */
unsigned dns_conn_turns(const struct dns_conn *c);

/* Bytes that have left, or are on their way: what was to be sent and is not counted never will. */
uint64_t dns_conn_sent(const struct dns_conn *c);

/* It had brought an answer, and then something failed because it was closed or reset. */
bool dns_conn_was_lost(const struct dns_conn *c);

/* Send one whole message, at most 65535 bytes, with its length prefix in the same segment. */
enum err dns_conn_send(struct dns_conn *c, struct bytes message, struct deadline d,
                       struct error *e);

/*
 * The next whole message, on mem.  ERR_UNREACHABLE where the server closed
 * (between or inside messages); ERR_TIMEOUT where d passed (what came in part is kept
 * for the next call); ERR_MALFORMED where it is shorter than a message header.
 */
enum err dns_conn_recv(TALLOC_CTX *mem, struct dns_conn *c, struct deadline d,
                       struct bytes *message, struct error *e);

/*
 * Ask n questions, all sent before the first answer is read; answers may come in any
 * order and are matched by ID and question.  recursion_desired sets RD.
 * *out is an array of n answers on mem.  An rcode other than NOERROR is an answer, not an error.
 * ERR_MALFORMED: an answer that ldns cannot parse or that fits no question.
 */
enum err dns_conn_ask(TALLOC_CTX *mem, struct dns_conn *c, const struct dns_question *q, size_t n,
                      bool recursion_desired, struct deadline d, struct dns_answer **out,
                      struct error *e);

#endif
