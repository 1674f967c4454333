#include "register/reach.h"

#include "base/log.h"

struct candidate {
    const struct dc *dc;
    struct ip address;
    bool has_refused;
};

static struct candidate *list_candidates(TALLOC_CTX *mem, const struct dc *dcs, size_t n,
                                         size_t *n_out)
{
    struct candidate *all;
    size_t total = 0, at = 0;

    for (size_t i = 0; i < n; i++)
        total += dcs[i].n_addresses;
    all = talloc_zero_array(mem, struct candidate, total);
    for (size_t i = 0; all && i < n; i++) {
        for (size_t j = 0; j < dcs[i].n_addresses; j++)
            all[at++] = (struct candidate){ .dc = &dcs[i], .address = dcs[i].addresses[j] };
    }
    *n_out = at;
    return all;
}

static enum err nobody(const struct candidate *all, size_t n, uint16_t port, bool any_silent,
                       struct error *e)
{
    char text[IP_TEXT_MAX];

    if (!n)
        return err_set(e, ERR_UNREACHABLE, "no server to connect to");
    err_set(e, any_silent ? ERR_TIMEOUT : ERR_UNREACHABLE,
            "cannot reach %s (%s)%s over TCP port %d: %s", all[0].dc->name,
            ip_format(all[0].address, text), n > 1 ? " or any other candidate" : "", port,
            any_silent ? "no answer" : "refused or no route");
    return err_hint(
        e,
        "check the network, and that the server listens there; or name another one with --server");
}

enum err reach_first(TALLOC_CTX *mem, const struct dc *dcs, size_t n, uint16_t port,
                     struct deadline d, struct dns_conn **out, const struct dc **which,
                     struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    size_t n_all;
    struct candidate *all = list_candidates(tmp, dcs, n, &n_all);
    int patience_ms = REACH_PATIENCE_MS;
    bool any_silent;
    enum err rc;

    if (!all) {
        rc = err_nomem(e);
        goto done;
    }
    do {
        any_silent = false;
        for (size_t i = 0; i < n_all; i++) {
            struct candidate *c = &all[i];
            char text[IP_TEXT_MAX];

            if (c->has_refused)
                continue;
            rc = dns_conn_open(mem, c->address, port, deadline_sooner(d, deadline_in(patience_ms)),
                               out, e);
            if (rc == OK) {
                log_info("using %s (%s), TCP port %d", c->dc->name, ip_format(c->address, text),
                         port);
                *which = c->dc;
                goto done;
            }
            if (rc != ERR_TIMEOUT && rc != ERR_UNREACHABLE)
                goto done;
            log_info("%s (%s) does not answer on TCP port %d within %d ms: %s", c->dc->name,
                     ip_format(c->address, text), port, patience_ms, err_name(rc));
            c->has_refused = rc == ERR_UNREACHABLE;
            any_silent |= rc == ERR_TIMEOUT;
        }
        patience_ms *= 4;
    } while (any_silent && deadline_left(d) > 0);
    rc = nobody(all, n_all, port, any_silent, e);
done:
    if (rc == OK)
        err_clear(e);
    talloc_free(tmp);
    return rc;
}
