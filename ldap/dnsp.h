/*
 * dnsRecord values (MS-DNSP 2.3.2.2, with DNS_RPC_RECORD data of 2.2.2.2.4).
 *
 * A value is a 24-byte header and data.  Decoding keeps every header field, also those
 * that should be zero, so that encoding gives back the same bytes.
 */
#ifndef LDAP_DNSP_H
#define LDAP_DNSP_H

#include "base/bytes.h"
#include "base/err.h"

#define DNSP_TYPE_TOMBSTONE 0
#define DNSP_TYPE_WINS 0xff01
#define DNSP_TYPE_WINSR 0xff02

struct dnsp_record {
    uint16_t type;
    uint8_t version;
    uint8_t rank;
    uint16_t flags;
    uint32_t serial;
    uint32_t ttl_s;
    uint32_t reserved;
    uint32_t timestamp_h; /* hours since 1601 UTC; 0 = static */
    struct bytes data;    /* as stored */
};

/*
 * Decode one value.  On OK *out is a talloc child of mem and shares nothing with blob.
 * ERR_MALFORMED: short, long or contradictory bytes; *out is untouched.
 * Data is not interpreted here: an A record with 5 bytes of data decodes.
 */
enum err dnsp_record_decode(TALLOC_CTX *mem, struct bytes blob, struct dnsp_record **out,
                            struct error *e);

/* The exact inverse.  {NULL, 0} without memory or when data exceeds 65535 bytes. */
struct bytes dnsp_record_encode(TALLOC_CTX *mem, const struct dnsp_record *r);

/*
 * Data in presentation format on mem: names with final dot, TXT quoted and escaped as RFC 1035
 * section 5.1, tombstones as RFC 3339 entombed time (values below 10^7 are hours: Samba
 * 4.9 to 4.14), unknown types or data that does not fit its type as \# length hex
 * (RFC 3597 section 5).  NULL only without memory.
 */
char *dnsp_data_text(TALLOC_CTX *mem, const struct dnsp_record *r);

/* "A", "TOMBSTONE", "WINS", "TYPE65400". */
const char *dnsp_type_name(uint16_t type, char buf[16]);

/* Does data fit its type (A: 4 bytes, names well-formed, …)?  True for types that are opaque here.
 */
bool dnsp_data_is_valid(const struct dnsp_record *r);

/* A tombstone value as DNS servers write it: entombed time in 100 ns since 1601 UTC. */
struct bytes dnsp_tombstone(TALLOC_CTX *mem, uint64_t entombed_nttime, uint32_t serial);

#endif
