/* The wire form of a record's data (RFC 1035 section 3.2.1), names in it not compressed. */
#ifndef DNS_RDATA_H
#define DNS_RDATA_H

#include <talloc.h>

#include "base/bytes.h"
#include "base/err.h"
#include "dns/rr.h"

/* On mem.  ERR_MALFORMED: rr->data does not parse as its type. */
enum err dns_rdata_wire(TALLOC_CTX *mem, const struct dns_rr *rr, struct bytes *out,
                        struct error *e);

#endif
