#include "ldap/dc.h"

enum err dc_addresses(TALLOC_CTX *mem, const struct dc *dcs, size_t n, struct dc_addresses *out,
                      struct error *e)
{
    struct dc_addresses all = { 0 };
    size_t total = 0;

    for (size_t i = 0; i < n; i++)
        total += dcs[i].n_addresses;
    all.ips = talloc_array(mem, struct ip, (unsigned)total);
    all.of = talloc_array(mem, size_t, (unsigned)total);
    if (!all.ips || !all.of)
        return err_nomem(e);
    for (size_t round = 0; all.n < total; round++) {
        for (size_t i = 0; i < n; i++) {
            if (round < dcs[i].n_addresses) {
                all.ips[all.n] = dcs[i].addresses[round];
                all.of[all.n++] = i;
            }
        }
    }
    *out = all;
    return OK;
}
