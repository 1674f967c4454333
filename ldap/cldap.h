/*
 * LDAP over UDP (MS-ADTS 3.1.1.3.1.11): one search of the rootDSE in one datagram, its answer in
 * another.  Debian's libldap has no cldap://, so the messages are made here.  Pure.
 */
#ifndef LDAP_CLDAP_H
#define LDAP_CLDAP_H

#include "base/bytes.h"
#include "base/err.h"

#define CLDAP_PORT 389
/* What one datagram can hold. */
#define CLDAP_MAX 65535

/* attribute equals value. */
struct cldap_term {
    const char *attribute;
    struct bytes value;
};

/*
 * A search of the rootDSE where all terms hold (with none: any object).  attributes ends with NULL.
 * *out on mem.
 */
enum err cldap_request(TALLOC_CTX *mem, int32_t id, const struct cldap_term *terms, size_t n,
                       const char *const *attributes, struct bytes *out, struct error *e);

struct cldap_attribute {
    struct bytes name;
    struct bytes value; /* the first; of length 0 where there is none */
};

struct cldap_answer {
    int32_t id;
    bool is_found; /* there is an entry; without one no attributes */
    struct cldap_attribute *attributes;
    size_t n;
};

/*
 * Read one datagram: an entry and the result, or the result alone.  *out on mem, with views into
 * datagram.
 * ERR_MALFORMED: anything else; ERR_SERVER: the result is a failure.
 */
enum err cldap_answer_read(TALLOC_CTX *mem, struct bytes datagram, struct cldap_answer **out,
                           struct error *e);

/* The value of an attribute, case of the name ignored; {NULL, 0} where it is not there. */
struct bytes cldap_value(const struct cldap_answer *a, const char *name);

#endif
