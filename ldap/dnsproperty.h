/* dNSProperty values of a dnsZone (MS-DNSP 2.3.2.1). */
#ifndef LDAP_DNSPROPERTY_H
#define LDAP_DNSPROPERTY_H

#include "base/bytes.h"
#include "base/err.h"

enum {
    DNSPROPERTY_ZONE_TYPE = 0x01,
    DNSPROPERTY_ALLOW_UPDATE = 0x02,
    DNSPROPERTY_NO_REFRESH = 0x10,
    DNSPROPERTY_SCAVENGING_SERVERS = 0x11,
    DNSPROPERTY_SCAVENGE_AFTER = 0x12,
    DNSPROPERTY_REFRESH = 0x20,
    DNSPROPERTY_AGING = 0x40,
    DNSPROPERTY_SCAVENGING_SERVERS_DA = 0x90,
};

struct dnsproperty {
    uint32_t id;
    uint32_t name_length; /* kept, ignored */
    uint32_t flag;
    uint32_t version;
    struct bytes data;
    struct bytes trailer; /* 1 byte by specification, 4 in the field: kept as found */
};

/* ERR_MALFORMED leaves *out untouched.  On OK *out is a child of mem, sharing nothing. */
enum err dnsproperty_decode(TALLOC_CTX *mem, struct bytes blob, struct dnsproperty **out,
                            struct error *e);
/* The id alone, also of a value whose data end too early.  False where it ends before its id does.
 */
bool dnsproperty_id(struct bytes blob, uint32_t *id);
/* The exact inverse; {NULL, 0} without memory. */
struct bytes dnsproperty_encode(TALLOC_CTX *mem, const struct dnsproperty *p);

/* False where data is neither empty (then *out = otherwise) nor a u32 (a u8 is widened). */
bool dnsproperty_u32(const struct dnsproperty *p, uint32_t otherwise, uint32_t *out);

#endif
