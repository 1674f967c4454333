/* Messages: build a query, read an answer.  RFC 1035 section 4; wire format by ldns. */
#ifndef DNS_MESSAGE_H
#define DNS_MESSAGE_H

#include "base/bytes.h"
#include "base/err.h"
#include "dns/rr.h"

/* A random message ID from the kernel's generator. */
uint16_t dns_message_id(void);

/* One question, EDNS0 with a 1232-byte buffer.  On mem. */
enum err dns_message_query(TALLOC_CTX *mem, uint16_t id, const struct dns_question *q,
                           bool recursion_desired, struct bytes *out, struct error *e);

/*
 * Read an answer.  It must have QR set, opcode QUERY, the given id and exactly the
 * given question (case ignored), else ERR_MALFORMED; *is_truncated is TC.  A truncated
 * answer has no records: it may end inside one, and is asked for again over TCP.
 * The rcode has the upper bits of EDNS.  Each record must be as long as it says;
 * those of other classes than IN are left out.
 * Records of unknown type have data in RFC 3597 form (\# length hex).
 */
enum err dns_message_answer(TALLOC_CTX *mem, struct bytes wire, uint16_t id,
                            const struct dns_question *q, struct dns_answer *out,
                            bool *is_truncated, struct error *e);

/*
 * One message of a zone transfer (RFC 5936 section 2.2): the records of its answer section, on mem.
 * As dns_message_answer(), but only the first must have the question; a truncated message is
 * ERR_MALFORMED, and so are records of other classes than IN.  OPT and TSIG are left out.
 */
enum err dns_message_part(TALLOC_CTX *mem, struct bytes wire, uint16_t id,
                          const struct dns_question *q, bool is_first, int *rcode,
                          struct dns_rrs *out, struct error *e);

/* The 12-byte header's id and rcode; false when wire is shorter than a header. */
bool dns_message_peek(struct bytes wire, uint16_t *id, int *rcode);

#endif
