#include "register/reconnect.h"

#include <string.h>

#include "base/log.h"

static bool was_done(const struct contact *c)
{
    for (size_t i = 0; i < c->n_reconnected; i++) {
        if (strcmp(c->reconnected[i], c->server) == 0)
            return true;
    }
    return false;
}

/* Before it is tried: one that refuses is not to be asked a second time either. */
static bool note_done(TALLOC_CTX *mem, struct contact *c)
{
    size_t n = c->n_reconnected;
    const char **names = talloc_realloc(mem, c->reconnected, const char *, (unsigned)(n + 1));

    if (!names)
        return false;
    c->reconnected = names;
    names[n] = talloc_strdup(names, c->server);
    c->n_reconnected += names[n] != NULL;
    return names[n];
}

bool reconnect_once(TALLOC_CTX *mem, struct contact *c, struct deadline d)
{
    struct error why = { 0 };
    struct dns_conn *conn;

    if (!dns_conn_was_lost(c->conn) || was_done(c) || !note_done(mem, c))
        return false;
    if (dns_conn_open(mem, dns_conn_server(c->conn), DNS_PORT, contact_patience(c, d, 1), &conn,
                      &why)) {
        log_info("%s closed the connection, and takes no other: %s", c->server, why.message);
        return false;
    }
    log_info("%s closed the connection: connected to it again", c->server);
    c->locating_turns += dns_conn_turns(c->conn);
    talloc_free(c->conn);
    c->conn = conn;
    return true;
}
