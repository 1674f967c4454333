#include "ldap/dnsp_rr.h"

#include "dns/rdata.h"
#include "ldap/dnsp.h"

#define RECORD_VERSION 5
#define RANK_ZONE 0xf0
#define SOA_NUMBERS 20

/* How data of a type that has names is laid out. */
struct layout {
    uint16_t type;
    size_t n_before; /* bytes of numbers before the names, on the wire */
    size_t n_names;
};

static const struct layout layouts[] = {
    { DNS_TYPE_NS, 0, 1 },    { DNS_TYPE_CNAME, 0, 1 }, { DNS_TYPE_PTR, 0, 1 },
    { DNS_TYPE_MX, 2, 1 },    { DNS_TYPE_SRV, 6, 1 },   { DNS_TYPE_SOA, 0, 2 },
    { DNS_TYPE_DNAME, 0, 1 },
};

/* A name of the wire as a counted name (DNS_COUNT_NAME, MS-DNSP 2.2.2.2.2). */
static void put_counted_name(struct wr *w, struct rd *r)
{
    const uint8_t *begin = r->p;
    uint8_t len, labels = 0;

    while (!r->bad && (len = rd_u8(r)) != 0) {
        rd_take(r, len);
        labels++;
    }
    if (r->bad || r->p - begin > UINT8_MAX) {
        r->bad = true;
        return;
    }
    wr_u8(w, (uint8_t)(r->p - begin));
    wr_u8(w, labels);
    wr_bytes(w, (struct bytes){ begin, (size_t)(r->p - begin) });
}

/* False where the wire form is not what the layout says. */
static bool put_data(struct wr *w, const struct layout *l, struct bytes wire)
{
    struct rd r = rd_init(wire);

    /* The directory has the numbers of an SOA before its names. */
    if (l->type == DNS_TYPE_SOA) {
        if (wire.len < SOA_NUMBERS)
            return false;
        wr_bytes(w, (struct bytes){ wire.data + wire.len - SOA_NUMBERS, SOA_NUMBERS });
        r = rd_init((struct bytes){ wire.data, wire.len - SOA_NUMBERS });
    }
    wr_bytes(w, rd_take(&r, l->n_before));
    for (size_t i = 0; i < l->n_names; i++)
        put_counted_name(w, &r);
    return !r.bad && rd_left(&r) == 0;
}

static const struct layout *layout_of(uint16_t type)
{
    for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++) {
        if (layouts[i].type == type)
            return &layouts[i];
    }
    return NULL;
}

enum err dnsp_record_of_rr(TALLOC_CTX *mem, const struct dns_rr *rr, uint32_t timestamp_h,
                           struct bytes *out, struct error *e)
{
    const struct layout *layout = layout_of(rr->type);
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct wr w = wr_init(tmp);
    struct dnsp_record record = {
        .type = rr->type,
        .version = RECORD_VERSION,
        .rank = RANK_ZONE,
        .ttl_s = rr->ttl_s,
        .timestamp_h = timestamp_h,
    };
    struct bytes wire, value;
    enum err rc = tmp ? dns_rdata_wire(tmp, rr, &wire, e) : err_nomem(e);

    if (rc)
        goto done;
    if (layout && !put_data(&w, layout, wire)) {
        rc = err_set(e, ERR_MALFORMED, "%s: data \"%.80s\" does not fit its type", rr->name,
                     rr->data);
        goto done;
    }
    record.data = layout ? wr_view(&w) : wire;
    value = dnsp_record_encode(mem, &record);
    if (value.data && !w.bad)
        *out = value;
    else
        rc = err_nomem(e);
done:
    talloc_free(tmp);
    return rc;
}
