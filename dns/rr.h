/*
 * Resource records and answers as plain values; ldns stays inside dns/.
 *
 * Names everywhere in muster are in presentation format (RFC 1035 section 5.1),
 * lower case, without the final dot; the root is ".".  Data is presentation format
 * as zone files have it, names in it with the final dot.
 */
#ifndef DNS_RR_H
#define DNS_RR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DNS_TYPE_A = 1,
    DNS_TYPE_NS = 2,
    DNS_TYPE_CNAME = 5,
    DNS_TYPE_SOA = 6,
    DNS_TYPE_PTR = 12,
    DNS_TYPE_MX = 15,
    DNS_TYPE_TXT = 16,
    DNS_TYPE_AAAA = 28,
    DNS_TYPE_SRV = 33,
    DNS_TYPE_DNAME = 39,
    DNS_TYPE_TKEY = 249,
    DNS_TYPE_TSIG = 250,
    DNS_TYPE_ANY = 255,
};

enum {
    DNS_RCODE_NOERROR = 0,
    DNS_RCODE_FORMERR = 1,
    DNS_RCODE_SERVFAIL = 2,
    DNS_RCODE_NXDOMAIN = 3,
    DNS_RCODE_NOTIMP = 4,
    DNS_RCODE_REFUSED = 5,
    DNS_RCODE_YXDOMAIN = 6,
    DNS_RCODE_YXRRSET = 7,
    DNS_RCODE_NXRRSET = 8,
    DNS_RCODE_NOTAUTH = 9,
    DNS_RCODE_NOTZONE = 10,
};

struct dns_rr {
    const char *name;
    uint16_t type;
    uint32_t ttl_s;
    const char *data; /* "10.53.0.101"; "host1.ad.example.test." */
};

struct dns_rrs {
    struct dns_rr *rr;
    size_t count;
};

struct dns_answer {
    int rcode;
    bool is_authoritative;
    bool has_edns; /* the server answered our OPT record with its own (RFC 6891) */
    struct dns_rrs answer;
    struct dns_rrs authority;
    struct dns_rrs additional; /* without OPT, TSIG */
};

struct dns_question {
    const char *name;
    uint16_t type;
};

/* "A", "AAAA", … or "TYPE65280" (RFC 3597 section 5) in buf, which is returned. */
const char *dns_type_name(uint16_t type, char buf[16]);
/* The reverse, case ignored.  False for what is neither. */
bool dns_type_parse(const char *text, uint16_t *out);
/*
 * What a server makes of a zone's other records when it signs them, and makes anew on its own
 * account: signatures, chains, keys and digests (RFC 4034, 5155, 7344, 8976, BIND's 65534).
 */
bool dns_type_is_of_signing(uint16_t type);
/* "NXDOMAIN", … or "RCODE17". */
const char *dns_rcode_name(int rcode, char buf[16]);

#endif
