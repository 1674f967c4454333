/*
 * Zone transfers over TCP: AXFR (RFC 5936) and IXFR (RFC 1995), a record at a time.  Memory is that
 * of one message, however large the zone.
 *
 * What the sink was given counts only when the transfer returns OK: until the closing SOA has
 * been read, and its signature verified where there is one, any of it may be a lie or a piece.
 */
#ifndef DNS_TRANSFER_H
#define DNS_TRANSFER_H

#include "dns/conn.h"

/* How messages are signed and verified; the library has HMAC and GSS for it (gss-tsig/chain.h). */
struct dns_transfer_security {
    /* The query as it goes out, on mem. */
    enum err (*sign)(void *priv, TALLOC_CTX *mem, struct bytes query, struct bytes *out,
                     struct error *e);
    /* The next message as it came; *out is it without its signature, on mem. */
    enum err (*check)(void *priv, TALLOC_CTX *mem, struct bytes message, struct bytes *out,
                      struct error *e);
    /* The last message has been checked: is everything up to it covered by a signature? */
    enum err (*finish)(void *priv, struct error *e);
    void *priv;
};

struct dns_transfer_params {
    const char *zone; /* normalised (dns/name.h) */
    bool has_serial;  /* ask for the changes since serial (IXFR) */
    uint32_t serial;
    uint64_t max_records;                         /* 0: no limit */
    uint64_t max_bytes;                           /* 0: no limit */
    const struct dns_transfer_security *security; /* NULL: unsigned */
    struct deadline first; /* for the first message: a server that says nothing has to be left */
    struct deadline d;     /* for all of it */
};

enum dns_transfer_event {
    DNS_TRANSFER_RECORD, /* of the whole zone; the SOA comes once, first */
    DNS_TRANSFER_REMOVE, /* since serial; the old SOA opens each difference */
    DNS_TRANSFER_ADD,    /* since serial; the new SOA opens the additions */
};

/* rr lives as long as the call.  Anything but OK ends the transfer with that error. */
typedef enum err dns_transfer_sink(enum dns_transfer_event event, const struct dns_rr *rr,
                                   void *priv, struct error *e);

enum dns_transfer_kind {
    DNS_TRANSFER_WHOLE,       /* AXFR, or a server that answers IXFR so */
    DNS_TRANSFER_DIFFERENCES, /* IXFR */
    DNS_TRANSFER_CURRENT,     /* IXFR: the serial is the newest */
};

struct dns_transfer_summary {
    enum dns_transfer_kind kind;
    uint32_t serial;  /* of the zone as transferred */
    uint64_t records; /* as they came, every SOA counted */
    uint64_t messages;
    uint64_t bytes;
};

/*
 * Transfer a zone over conn, which must be idle.
 * ERR_DENIED: the server refuses (REFUSED); ERR_NOTFOUND: it has no such zone (NOTAUTH, NXDOMAIN);
 * ERR_SERVER: another rcode, or a connection closed on the request for changes (a server that has
 * no IXFR may do so); ERR_MALFORMED: messages that contradict themselves, the framing or the
 * limits, a record outside the zone; ERR_UNVERIFIED: a signature missing or wrong; ERR_UNREACHABLE,
 * ERR_TIMEOUT: cut off.
 */
enum err dns_transfer(struct dns_conn *conn, const struct dns_transfer_params *p,
                      dns_transfer_sink *sink, void *priv, struct dns_transfer_summary *out,
                      struct error *e);

/* Serial arithmetic (RFC 1982): is a older than b? */
bool dns_serial_older(uint32_t a, uint32_t b);

#endif
