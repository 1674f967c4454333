/* Records between muster's values and ldns; for the files of dns/ only. */
#ifndef DNS_CONVERT_H
#define DNS_CONVERT_H

#include <ldns/ldns.h>
#include <talloc.h>

#include "base/bytes.h"
#include "base/err.h"
#include "dns/rr.h"

/* The name as an ldns owner, which the caller frees.  ERR_MALFORMED for a name that is none. */
enum err dns_name_to_ldns(const char *name, ldns_rdf **out, struct error *e);

/*
 * A record of class IN.  Without data (NULL) it has none, as prerequisites need.
 * ERR_MALFORMED: the data does not parse as its type.  The caller owns *out.
 */
enum err dns_rr_to_ldns(const struct dns_rr *rr, ldns_rr **out, struct error *e);

/*
 * Name and data on mem.  Names in data become lower case, so that equal data is equal text.
 * ERR_MALFORMED: the data contradicts its type.
 */
enum err dns_rr_from_ldns(TALLOC_CTX *mem, const ldns_rr *in, struct dns_rr *out, struct error *e);

/* May a record of that type have no data at all? */
bool dns_type_may_be_empty(uint16_t type);

/* The wire form of a message, on mem. */
enum err dns_pkt_wire(TALLOC_CTX *mem, const ldns_pkt *pkt, struct bytes *out, struct error *e);

/* For own(). */
void dns_pkt_release(void *pkt);

#endif
