/* The data of a dnsRecord value (MS-DNSP 2.3.2.2) as DNS has it on the wire. */
#ifndef LDAP_DNSP_WIRE_H
#define LDAP_DNSP_WIRE_H

#include "ldap/dnsp.h"

/*
 * On mem: counted names become uncompressed names in lower case, as they do in dns_rdata_wire(), so
 * that equal data is equal bytes; data of types without names is as it stands.
 * ERR_MALFORMED: the data does not fit its type.
 */
enum err dnsp_rdata_wire(TALLOC_CTX *mem, const struct dnsp_record *record, struct bytes *out,
                         struct error *e);

#endif
