/* A domain controller in a thread that answers NetLogon pings on UDP as a test tells it to. */
#ifndef TESTS_FAKES_CLDAPSERVER_H
#define TESTS_FAKES_CLDAPSERVER_H

#include <stdbool.h>

#include "base/bytes.h"

struct fake_cldap;

/* Strings outlive the server; names in presentation format without final dot. */
struct fake_controller {
    const char *host;
    const char *domain; /* and forest */
    const char *site;
    const char *client_site; /* "": not told */
    uint32_t flags;
    const char *vendor; /* NULL: the rootDSE has no vendorName */
    bool is_rootless;   /* questions for the rootDSE are not answered */
    bool is_silent;
    bool has_wrong_id;
    bool is_elsewhere; /* answers come from another port */
    bool is_flooding;  /* from the first question on, datagrams that answer nothing, without end */
    unsigned deaf_to;  /* so many datagrams are lost first */
};

/* Flags of a healthy one: DS, KDC, writable; and in our site. */
#define FAKE_FLAGS 0x130
#define FAKE_NEAR 0x1b0

/* Listen on address ("127.0.0.2") and port, or a free port for 0.  Stops when *out is freed. */
struct fake_cldap *fake_cldap_start(TALLOC_CTX *mem, const char *address, uint16_t port,
                                    struct fake_controller c);
uint16_t fake_cldap_port(const struct fake_cldap *s);
/* Datagrams received so far. */
unsigned fake_cldap_received(const struct fake_cldap *s);

#endif
