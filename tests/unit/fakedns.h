/*
 * A DNS server of one connection for tests of GSS-TSIG, in a child process: it accepts
 * the TKEY token with a real keytab, verifies the signature on each UPDATE, and answers as the
 * script says. It composes and cuts messages with code of its own, so that a mistake in the code
 * under test cannot hide behind the same mistake here.
 */
#ifndef TESTS_UNIT_FAKEDNS_H
#define TESTS_UNIT_FAKEDNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum fake_tkey {
    FAKE_TKEY_UNSIGNED,
    FAKE_TKEY_SIGNED,        /* digest without any request MAC, as Samba signs it */
    FAKE_TKEY_SIGNED_LENGTH, /* with a request MAC of length 0 */
    FAKE_TKEY_SIGNED_BADLY,
    FAKE_TKEY_REFUSED, /* rcode REFUSED */
    FAKE_TKEY_NO_TOKEN,
    FAKE_TKEY_JUNK_TOKEN,
    FAKE_TKEY_OTHER_KEY_NAME,
    FAKE_TKEY_WRONG_ID,
    FAKE_TKEY_SILENT, /* reads, never answers */
};

enum fake_answer {
    FAKE_NONE = 0, /* ends the script */
    FAKE_STANDARD,
    FAKE_STANDARD_REFUSED,  /* the same with rcode REFUSED */
    FAKE_STANDARD_CAPITALS, /* the key name sent in capitals, signed in lower case */
    FAKE_LEGACY,
    FAKE_ECHO, /* the request, QR and SERVFAIL */
    FAKE_ECHO_NOERROR,
    FAKE_UNSIGNED,
    FAKE_UNSIGNED_BADKEY,       /* TSIG without MAC, error 17 */
    FAKE_SIGNED_BADTIME,        /* error 18, other data: the server's time, 1000 s later */
    FAKE_SIGNED_BADKEY_NOERROR, /* well signed: it is done, and the key is not known */
    FAKE_EMPTY_MAC,             /* TSIG without MAC and without error */
    FAKE_WRONG_MAC,             /* one bit turned */
    FAKE_TRUNCATED_MAC,
    FAKE_MAC_OF_OTHER,        /* rcode changed after signing */
    FAKE_NO_REQUEST_MAC,      /* signed as if it answered nothing */
    FAKE_OTHER_REQUEST_MAC,   /* signed as the answer to somebody else's request */
    FAKE_LEGACY_WRONG_LENGTH, /* a length before the request MAC that is one too large */
    FAKE_WRONG_TIME,          /* well signed 1000 s ago */
    FAKE_OTHER_KEY,
    FAKE_OTHER_ALGORITHM,
    FAKE_UNKNOWN_ID,
    FAKE_NOT_AN_ANSWER, /* QR missing */
    FAKE_TWICE,         /* a good answer, and the same again */
    FAKE_REPLAY,        /* the MAC of the answer before */
    FAKE_CLOSE,
};

#define FAKE_ANSWERS_MAX 8

struct fake_script {
    enum fake_tkey tkey;
    bool is_reversed;      /* answers go out in the reverse order of the requests */
    bool is_one_at_a_time; /* each request is answered, and nothing may come before that */
    size_t rekey_after;    /* updates of the first key; then another is negotiated; 0: never */
    enum fake_answer answers[FAKE_ANSWERS_MAX + 1]; /* by request; FAKE_NONE ends */
};

struct fakedns {
    pid_t pid;
    uint16_t port;
};

/* keytab: of the service; the server never looks at its name. */
struct fakedns fakedns_start(const char *keytab, const struct fake_script *script);

/*
 * Wait for its end.  True where it saw nothing but well-formed TKEY queries and well-signed
 * UPDATEs; else the failing line of fakedns.c is on stderr.
 */
bool fakedns_end(struct fakedns server);

#endif
