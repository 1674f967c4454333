/* Which zone holds a name, asked of the server that should be authoritative for it. */
#ifndef DNS_ZONECUT_H
#define DNS_ZONECUT_H

#include "dns/conn.h"

struct dns_zone_of {
    const char *zone;  /* normalised; NULL: no zone of this server holds the name */
    const char *mname; /* SOA MNAME, normalised: the primary */
};

/* The root, top-level domains, and the roots of the reverse trees: nobody's to update. */
bool dns_zone_is_public(const char *zone);
/*
 * Servers answer for private reverse trees nobody configured (RFC 6303, and named on its own): such
 * an empty zone names itself as its primary server.
 */
bool dns_zone_is_empty(const char *zone, const char *mname);
/* The first field of a SOA's data, normalised, on mem. */
enum err dns_soa_mname(TALLOC_CTX *mem, const char *data, char **out, struct error *e);

/*
 * SOA walk for n names at once over one connection: the owner of the SOA in the
 * ANSWER or AUTHORITY section of an authoritative answer is the zone; where an answer
 * says nothing, the parent is asked, up to the root.  Two network turns at most: the
 * names, then all their parents.  An alias is not followed.
 *
 * A zone that is the root, a bare top-level domain, or `arpa`, `in-addr.arpa` or
 * `ip6.arpa` themselves is never accepted (they are nobody's to update): zone stays NULL.
 * So it does for an empty zone of a reverse tree that the server made up (RFC 6303), and
 * for a name in a child zone that the server delegates to others.
 * *out: n results on mem, in the order of names.
 */
enum err dns_zone_cut(TALLOC_CTX *mem, struct dns_conn *c, const char *const *names, size_t n,
                      struct deadline d, struct dns_zone_of **out, struct error *e);

/*
 * The same, with further questions sent along in the first network turn: what the names hold is
 * nearly always worth knowing whatever their zone.  *also_answers: n_also answers in the order of
 * also, owned by *out; an rcode other than NOERROR is an answer.
 */
enum err dns_zone_cut_and_ask(TALLOC_CTX *mem, struct dns_conn *c, const char *const *names,
                              size_t n, const struct dns_question *also, size_t n_also,
                              struct deadline d, struct dns_zone_of **out,
                              struct dns_answer **also_answers, struct error *e);

#endif
