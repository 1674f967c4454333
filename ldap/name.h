/*
 * Names as the directory stores them, in the presentation format of dns/rr.h: escapes
 * of RFC 1035 section 5.1, so that no control byte comes through.
 */
#ifndef LDAP_NAME_H
#define LDAP_NAME_H

#include "base/bytes.h"
#include "base/err.h"

/*
 * Append a label's bytes (a whole name's where keep_dots) to text, a talloc string;
 * case is kept.  NULL, and text freed, without memory.
 */
char *name_append_escaped(char *text, struct bytes raw, bool keep_dots);

/*
 * A counted name (DNS_COUNT_NAME, MS-DNSP 2.2.2.2.2) from r: absolute, case kept, final dot.
 * False, and r->bad set, where bytes are short or its counts contradict each other; padding
 * that its length includes is skipped.  With text NULL it only checks.
 */
bool name_read_counted(TALLOC_CTX *mem, struct rd *r, char **text);

/* What the first RDN of an object below a zone or below MicrosoftDNS says. */
struct rdn {
    char *name;       /* lower case, "@" and inner dots as they stand */
    bool is_conflict; /* \0ACNF: a replication conflict lost */
    bool is_deleted;  /* \0ADEL: */
};

/* Strings are on mem.  ERR_MALFORMED: dn is no distinguished name or its first RDN is empty. */
enum err rdn_read(TALLOC_CTX *mem, const char *dn, struct rdn *out, struct error *e);

/*
 * The raw bytes that a relative name stands for, as RFC 4515 assertion value on mem: what
 * is not a letter, digit, '-', '_' or '.' becomes \XX.  NULL for a bad escape or without memory.
 */
char *name_to_filter(TALLOC_CTX *mem, const char *name);

/* Lower case, no final dot; "." stays.  NULL without memory. */
char *name_fold(TALLOC_CTX *mem, const char *name);

#endif
