#include "dns/rdata.h"

#include "dns/convert.h"

enum err dns_rdata_wire(TALLOC_CTX *mem, const struct dns_rr *rr, struct bytes *out,
                        struct error *e)
{
    struct wr w = wr_init(mem);
    ldns_rr *parsed;
    enum err rc = dns_rr_to_ldns(rr, &parsed, e);

    if (rc)
        return rc;
    for (size_t i = 0; i < ldns_rr_rd_count(parsed); i++) {
        const ldns_rdf *rdf = ldns_rr_rdf(parsed, i);

        wr_bytes(&w, (struct bytes){ ldns_rdf_data(rdf), ldns_rdf_size(rdf) });
    }
    ldns_rr_free(parsed);
    if (w.bad)
        return err_nomem(e);
    *out = wr_view(&w);
    return OK;
}
