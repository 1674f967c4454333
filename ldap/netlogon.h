/*
 * What a domain controller says of itself in answer to a NetLogon ping:
 * NETLOGON_SAM_LOGON_RESPONSE_EX (MS-ADTS 6.3.1.9).  Nothing of it is authenticated: it
 * serves to choose a server, and Kerberos proves the choice.
 */
#ifndef LDAP_NETLOGON_H
#define LDAP_NETLOGON_H

#include "base/bytes.h"
#include "base/err.h"

/* DS_FLAG, MS-ADTS 6.3.1.2. */
enum {
    NETLOGON_DS = 0x10,
    NETLOGON_KDC = 0x20,
    NETLOGON_CLOSEST = 0x80, /* the server is in the site closest to the client */
    NETLOGON_WRITABLE = 0x100,
};

/* What a ping asks for: NETLOGON_NT_VERSION_5, _5EX and _WITH_CLOSEST_SITE (MS-ADTS 6.3.1.1). */
#define NETLOGON_NT_VERSION 0x16

struct netlogon {
    bool is_paused; /* LOGON_SAM_PAUSE_RESPONSE_EX: lives, but does not serve */
    uint32_t flags;
    const char *forest; /* normalised names; these three are never NULL */
    const char *domain;
    const char *host;
    const char *site;         /* of the server; site names keep their case; NULL: not told */
    const char *client_site;  /* of the address that asked, NULL: in no known subnet */
    const char *closest_site; /* next to the client's, NULL: not told */
};

/*
 * Decode one answer.  On OK *out is a talloc child of mem and shares nothing with blob.
 * ERR_MALFORMED: short, of another kind (opcode 23 to 25 are of this), names that loop, point
 * forward or are too long, no names where there must be some; *out is untouched.
 */
enum err netlogon_decode(TALLOC_CTX *mem, struct bytes blob, struct netlogon **out,
                         struct error *e);

/*
 * Why this is no server for domain (normalised), in words that follow its name: "belongs to the
 * domain x"; NULL where it is one.  host is the name it was known by; an RODC is fit: see
 * netlogon_is_read_only.  The text is on mem.
 */
const char *netlogon_unfit(TALLOC_CTX *mem, const struct netlogon *n, const char *host,
                           const char *domain);

bool netlogon_is_read_only(const struct netlogon *n);

/* Is it in the client's site, as far as anybody can tell? */
bool netlogon_is_near(const struct netlogon *n);

#endif
