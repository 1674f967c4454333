/* Names: see dns/rr.h for the form.  RFC 1035 section 3.1, RFC 4343 (case). */
#ifndef DNS_NAME_H
#define DNS_NAME_H

#include <stdbool.h>
#include <talloc.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/ip.h"

/* Length of the longest name in wire form, final zero included (RFC 1035 section 2.3.4). */
#define DNS_NAME_WIRE_MAX 255

/*
 * Check and normalise: lower case, no final dot, escapes in one form: a backslash before
 * " $ ( ) . ; @ \ inside a label, \DDD for all that is not printable ASCII, so that
 * a normalised name is safe to print.
 * ERR_MALFORMED (message says which rule: label over 63, name over 255, empty label,
 * bad escape) leaves *out untouched.
 */
enum err dns_name_normalise(TALLOC_CTX *mem, const char *text, char **out, struct error *e);

/*
 * The same to and from the wire form without compression: length-prefixed labels, then 0.
 * wire must be the whole name and nothing more; upper case in it becomes lower case.
 */
enum err dns_name_to_wire(TALLOC_CTX *mem, const char *text, struct bytes *out, struct error *e);
enum err dns_name_from_wire(TALLOC_CTX *mem, struct bytes wire, char **out, struct error *e);

/* Is name equal to zone or below it?  Both normalised; labels are compared, not characters. */
bool dns_name_within(const char *name, const char *zone);

/* The name without its first label, a pointer into name; "." after the last, NULL for the root. */
const char *dns_name_parent(const char *name);

/*
 * Relative to zone, on mem: "@" for the zone itself, else the part before it.
 * NULL without memory or when not within.
 */
char *dns_name_relative(TALLOC_CTX *mem, const char *name, const char *zone);
/* The reverse of that. */
char *dns_name_absolute(TALLOC_CTX *mem, const char *relative, const char *zone);

/* in-addr.arpa (RFC 1035 3.5) or ip6.arpa (RFC 3596 2.5) name on mem; NULL without memory. */
char *dns_name_reverse(TALLOC_CTX *mem, struct ip address);
/* The address that a full-length reverse name stands for; false for anything else. */
bool dns_name_to_ip(const char *name, struct ip *out);

#endif
