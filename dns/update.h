/* UPDATE messages (RFC 2136). */
#ifndef DNS_UPDATE_H
#define DNS_UPDATE_H

#include "base/bytes.h"
#include "base/err.h"
#include "dns/rr.h"

enum dns_prereq_kind {
    DNS_PREREQ_RRSET_ABSENT, /* 2.4.3: no RR of that type at the name */
    DNS_PREREQ_RR_PRESENT,   /* 2.4.2: value dependent; all RRs of one RRset must be listed */
    DNS_PREREQ_NAME_IN_USE,  /* 2.4.4 */
};

enum dns_op_kind {
    DNS_OP_ADD,          /* 2.5.1 */
    DNS_OP_DELETE_RR,    /* 2.5.4: exactly this value */
    DNS_OP_DELETE_RRSET, /* 2.5.2: all of one type; data is ignored */
};

struct dns_prereq {
    enum dns_prereq_kind kind;
    struct dns_rr rr; /* data and ttl used only where the kind has them */
};

struct dns_op {
    enum dns_op_kind kind;
    struct dns_rr rr;
};

struct dns_update {
    const char *zone;
    struct dns_prereq *prereqs;
    size_t n_prereqs;
    struct dns_op *ops;
    size_t n_ops;
};

/*
 * The wire form: opcode UPDATE, class IN, no flags, the given ID, no compression needed.
 * ERR_MALFORMED where data does not parse as its type or a name is not within the zone.
 */
enum err dns_update_wire(TALLOC_CTX *mem, const struct dns_update *u, uint16_t id,
                         struct bytes *out, struct error *e);

#endif
