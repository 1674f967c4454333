#include "register/reach.h"

#include "base/log.h"

enum err reach_first(TALLOC_CTX *mem, const struct dc *dcs, size_t n, uint16_t port,
                     struct deadline d, struct dns_conn **out, size_t *which, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct dc_addresses all;
    char text[IP_TEXT_MAX];
    size_t winner;
    enum err rc;

    if ((rc = dc_addresses(tmp, dcs, n, &all, e)))
        goto done;
    rc = dns_conn_open_any(mem, all.ips, all.n, port, d, out, &winner, e);
    if (rc == ERR_TIMEOUT || rc == ERR_UNREACHABLE) {
        err_prefix(e, "%s%s", n > 0 ? dcs[0].name : "no server", n > 1 ? " and others" : "");
        err_hint(e, "check the network, and that the server listens there; or name another one "
                    "with --server");
    }
    if (rc)
        goto done;
    *which = all.of[winner];
    log_info("using %s (%s), TCP port %u", dcs[*which].name, ip_format(all.ips[winner], text),
             port);
done:
    talloc_free(tmp);
    return rc;
}
