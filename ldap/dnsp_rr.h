/* dnsRecord values (MS-DNSP 2.3.2.2) of records that came by DNS. */
#ifndef LDAP_DNSP_RR_H
#define LDAP_DNSP_RR_H

#include "base/bytes.h"
#include "base/err.h"
#include "dns/rr.h"

/*
 * The value, on mem, that a directory would have for rr: rank of a zone's own data, serial 0, the
 * timestamp given (hours since 1601 UTC, 0: static).  Data of types that the directory's format
 * has no form for is as on the wire.
 * ERR_MALFORMED: the data does not parse as its type.
 */
enum err dnsp_record_of_rr(TALLOC_CTX *mem, const struct dns_rr *rr, uint32_t timestamp_h,
                           struct bytes *out, struct error *e);

#endif
