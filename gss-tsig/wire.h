/*
 * Just enough of the wire format (RFC 1035 section 4) to find a record in a message
 * whose exact bytes are signed.  Everything here is hostile input.
 */
#ifndef GSS_TSIG_WIRE_H
#define GSS_TSIG_WIRE_H

#include "base/bytes.h"
#include "dns/name.h"

#define WIRE_HEADER_SIZE 12
#define WIRE_MESSAGE_MAX 65535

enum {
    WIRE_CLASS_IN = 1,
    WIRE_CLASS_ANY = 255,
    WIRE_OPCODE_QUERY = 0,
    WIRE_OPCODE_UPDATE = 5,
};

/* Canonical form (RFC 4034 section 6.2): uncompressed, ASCII in lower case. */
struct wire_name {
    uint8_t bytes[DNS_NAME_WIRE_MAX];
    size_t len;
};

struct wire_header {
    uint16_t id;
    bool is_response;
    int opcode;
    int rcode;
    uint16_t count[4]; /* question, answer, authority, additional */
};

struct wire_rr {
    size_t at; /* offset of its first byte */
    struct wire_name name;
    uint16_t type;
    uint16_t class;
    uint32_t ttl_s;
    struct rd rdata; /* a reader over exactly the data */
};

bool wire_name_equal(const struct wire_name *a, const struct wire_name *b);
void wr_wire_name(struct wr *w, const struct wire_name *name);

/* The 12 bytes at the start of a message. */
struct wire_header rd_wire_header(struct rd *r);

/*
 * A name at the reader, which reads inside message.  Compression pointers must lead back to before
 * the run of labels that they end, so that following them terminates.  Bad when malformed.
 */
struct wire_name rd_wire_name(struct rd *r, struct bytes message);

void rd_wire_question(struct rd *r, struct bytes message);
struct wire_rr rd_wire_rr(struct rd *r, struct bytes message);

#endif
