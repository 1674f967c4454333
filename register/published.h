/*
 * What one server publishes for this host now: its own name's addresses, and whom the
 * reverse names of given addresses point to.  Read without authentication: it serves to make
 * the change small and to check the result, never to prove who answered.
 */
#ifndef REGISTER_PUBLISHED_H
#define REGISTER_PUBLISHED_H

#include "base/ip.h"
#include "dns/conn.h"

/* More addresses at one host's name, or names at one address, are refused as nonsense. */
#define PUBLISHED_MAX 256

struct published_reverse {
    struct ip ip;
    const char *name;      /* in-addr.arpa or ip6.arpa name */
    const char *name_zone; /* of name, which is not that of owner where it is an alias */
    const char *owner;     /* where its PTRs stand: name, or what name is an alias of */
    const char
        *zone; /* of owner; NULL: the server is not authoritative for any zone that holds it */
    int rcode; /* of the PTR question; neither NOERROR nor NXDOMAIN: not known whom it names */
    const char *alias;    /* the name is a CNAME to this (RFC 2317), or NULL.  Followed once, and
                             only to a name of the reverse trees that is no address's own; else zone
                             is NULL */
    const char **targets; /* normalised names */
    size_t n_targets;
};

/* Heartbeats (dns/heartbeat.h) at one name, in presentation format; other TXT values are not kept.
 */
struct published_heartbeats {
    bool is_read; /* they were asked for; else nothing is known of them */
    int rcode;    /* neither NOERROR nor NXDOMAIN: not known either */
    const char **data;
    size_t n;
};

/* A name that this host bore earlier (register/earlier.h). */
struct published_name {
    const char *fqdn;
    const char *zone; /* NULL: in no zone of this server */
    int rcode;        /* neither NOERROR nor NXDOMAIN: not known what it holds */
    struct ip *addresses;
    size_t n_addresses;
    struct published_heartbeats heartbeats;
};

struct published {
    const char *fqdn;
    const char *zone;
    const char *mname;    /* primary by the SOA; NULL when not told */
    bool is_reverse_only; /* of a server that knows nothing of the own name: see
                             published_read_reverse() */
    const char *cname;    /* the name is an alias of this, or NULL */
    struct ip *addresses; /* in the order of the answers */
    size_t n_addresses;
    struct published_heartbeats heartbeats;
    struct published_reverse *reverse; /* one for each ip asked for, in that order */
    size_t n_reverse;
    struct published_name *names; /* beside fqdn; none until earlier_read() */
    size_t n_names;
    bool has_edns; /* the server speaks EDNS: named and Windows do, Samba's own DNS server does not
                    */
};

/*
 * All zone cuts and all records in one network turn, a second one where parents have to be asked,
 * one or two more where reverse names are aliases.
 * ERR_NOTFOUND: the server is not authoritative for fqdn; ERR_SERVER: it cannot say what fqdn
 * holds, or gives nonsense; else as dns_conn_ask.  A reverse name that fails is an entry with its
 * rcode.  with_heartbeats: ask for the TXT records of fqdn as well, in the same turn; that they
 * cannot be read is no error.
 */
enum err published_read(TALLOC_CTX *mem, struct dns_conn *c, const char *fqdn, const struct ip *ips,
                        size_t n, bool with_heartbeats, struct deadline d, struct published **out,
                        struct error *e);

/* Ask for the reverse names of more addresses; those already there are left as they are. */
enum err published_extend(struct published *p, struct dns_conn *c, const struct ip *ips, size_t n,
                          struct deadline d, struct error *e);

/*
 * Only the reverse names of ips, of a server that need not be authoritative for fqdn: then zone,
 * addresses and all else about the own name mean nothing.
 */
enum err published_read_reverse(TALLOC_CTX *mem, struct dns_conn *c, const char *fqdn,
                                const struct ip *ips, size_t n, struct deadline d,
                                struct published **out, struct error *e);

/* The records again, of the same names in the same zones: one network turn. */
enum err published_again(TALLOC_CTX *mem, struct dns_conn *c, const struct published *before,
                         struct deadline d, struct published **out, struct error *e);

/* Those at a name that was asked for; NULL: it is not known what is there. */
const struct published_heartbeats *published_heartbeats_of(const struct published *p,
                                                           const char *name);
bool published_has_heartbeat(const struct published_heartbeats *h, const char *data);

/* NULL where it was not asked for. */
const struct published_name *published_name_of(const struct published *p, const char *fqdn);

bool published_has_address(const struct published *p, struct ip ip);
/* NULL where ip was not asked for. */
const struct published_reverse *published_reverse_of(const struct published *p, struct ip ip);
bool published_names(const struct published_reverse *r, const char *name);

#endif
