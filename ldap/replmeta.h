/*
 * replPropertyMetaData (MS-ADTS 3.1.1.1.9): when each attribute of an object
 * was last changed, wherever in the domain that was.  Unlike whenChanged it is not moved by changes
 * of other attributes, nor by when this controller heard of it.
 */
#ifndef LDAP_REPLMETA_H
#define LDAP_REPLMETA_H

#include "base/bytes.h"
#include "base/err.h"

/* Attributes by their number (ATTRTYP); those of the base schema have the same in every forest. */
#define REPLMETA_DNSPROPERTY 0x0009051AU
#define REPLMETA_LAST_LOGON 0x000906A0U /* lastLogonTimestamp */

struct replmeta {
    uint32_t version;   /* how often it was changed, once for being made */
    int64_t changed_at; /* the last originating change, seconds since 1970 UTC */
};

/* ERR_NOTFOUND: the object never had the attribute.  ERR_MALFORMED.  Both leave *out untouched. */
enum err replmeta_find(struct bytes blob, uint32_t attribute, struct replmeta *out,
                       struct error *e);

#endif
