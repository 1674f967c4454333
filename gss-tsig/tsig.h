/*
 * The TSIG record (RFC 8945): what is signed, and taking it off and putting it on a message.
 * Pure: no keys, no clock.
 */
#ifndef GSS_TSIG_TSIG_H
#define GSS_TSIG_TSIG_H

#include "base/err.h"
#include "gss-tsig/wire.h"

#define TSIG_FUDGE_S 300

enum {
    TSIG_BADSIG = 16,
    TSIG_BADKEY = 17,
    TSIG_BADTIME = 18,
    TSIG_BADMODE = 19,
    TSIG_BADNAME = 20,
    TSIG_BADALG = 21,
    TSIG_BADTRUNC = 22,
};

struct tsig {
    struct wire_name key;
    struct wire_name algorithm;
    uint64_t time_signed_s; /* since 1970, 48 bits */
    uint16_t fudge_s;
    struct bytes mac;
    uint16_t original_id;
    uint16_t error;
    struct bytes other;
};

enum tsig_form {
    TSIG_FORM_REQUEST,  /* message, variables */
    TSIG_FORM_STANDARD, /* request MAC behind its two-byte length, message, variables */
    TSIG_FORM_LEGACY,   /* request MAC bare, message, variables: Samba before 4.21 */
};

/*
 * The bytes that the MAC is made of (RFC 8945 section 4.3), on mem; {NULL, 0} without memory.
 * message: without the TSIG record, its ID and additional count as they were before signing.
 * request_mac: ignored for TSIG_FORM_REQUEST; may be empty.
 */
struct bytes tsig_digest(TALLOC_CTX *mem, enum tsig_form form, struct bytes request_mac,
                         struct bytes message, const struct tsig *t);

/*
 * message with t as its last additional record, on mem.
 * ERR_INTERNAL where the result would not be a message: too long, too many records.
 */
enum err tsig_append(TALLOC_CTX *mem, struct bytes message, const struct tsig *t, struct bytes *out,
                     struct error *e);

/*
 * Walk the whole message and take the TSIG record off it.  *message is a copy on mem without
 * that record, additional count and ID as before signing; *t points into wire.
 * Without a TSIG record *is_signed is false, *message is all of it and *t untouched.
 * ERR_MALFORMED: bytes missing or left over; a TSIG record that is not the last of the
 * additional section, or not of class ANY and TTL 0 (RFC 8945 section 5.2).
 */
enum err tsig_split(TALLOC_CTX *mem, struct bytes wire, struct tsig *t, bool *is_signed,
                    struct bytes *message, struct error *e);

/* The server's time in the other data of a BADTIME answer; false where there is none. */
bool tsig_server_time(const struct tsig *t, uint64_t *unix_s);

/* "BADKEY", … or "error 99"; "no error" for 0. */
const char *tsig_error_name(uint16_t error, char buf[16]);

/* The name `gss-tsig`. */
struct wire_name tsig_algorithm_gss(void);

#endif
