#include "ldap/dnsp_wire.h"

#include "dns/rr.h"
#include "ldap/name.h"

#define SOA_NUMBERS 20

/* How data of a type that has names is laid out in the directory (MS-DNSP 2.2.2.2.4). */
struct layout {
    uint16_t type;
    size_t n_before;  /* bytes of numbers */
    size_t n_strings; /* then so many strings, each behind its length */
    size_t n_names;
};

static const struct layout layouts[] = {
    { DNS_TYPE_NS, 0, 0, 1 },    { 3 /* MD */, 0, 0, 1 },     { 4 /* MF */, 0, 0, 1 },
    { DNS_TYPE_CNAME, 0, 0, 1 }, { DNS_TYPE_SOA, 0, 0, 2 },   { 7 /* MB */, 0, 0, 1 },
    { 8 /* MG */, 0, 0, 1 },     { 9 /* MR */, 0, 0, 1 },     { DNS_TYPE_PTR, 0, 0, 1 },
    { 14 /* MINFO */, 0, 0, 2 }, { DNS_TYPE_MX, 2, 0, 1 },    { 17 /* RP */, 0, 0, 2 },
    { 18 /* AFSDB */, 2, 0, 1 }, { 21 /* RT */, 2, 0, 1 },    { DNS_TYPE_SRV, 6, 0, 1 },
    { 35 /* NAPTR */, 4, 3, 1 }, { 39 /* DNAME */, 0, 0, 1 },
};

static const struct layout *layout_of(uint16_t type)
{
    for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++) {
        if (layouts[i].type == type)
            return &layouts[i];
    }
    return NULL;
}

static uint8_t lower(uint8_t c) { return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 'a' - 'A') : c; }

static void put_name(struct wr *w, struct rd *r)
{
    struct rd check = *r, labels;
    uint8_t n;

    if (!name_read_counted(NULL, &check, NULL)) {
        r->bad = true;
        return;
    }
    n = rd_u8(r);
    rd_u8(r);
    labels = rd_init(rd_take(r, n));
    while ((n = rd_u8(&labels)) != 0) {
        struct bytes label = rd_take(&labels, n);

        wr_u8(w, n);
        for (size_t i = 0; i < label.len; i++)
            wr_u8(w, lower(label.data[i]));
    }
    wr_u8(w, 0);
}

static void put_string(struct wr *w, struct rd *r)
{
    uint8_t n = rd_u8(r);

    wr_u8(w, n);
    wr_bytes(w, rd_take(r, n));
}

/* Bytes left after the last name are padding. */
static bool put_data(struct wr *w, const struct layout *l, struct bytes data)
{
    struct rd r = rd_init(data);
    struct bytes numbers = { NULL, 0 };

    if (l->type == DNS_TYPE_SOA)
        numbers = rd_take(&r, SOA_NUMBERS);
    wr_bytes(w, rd_take(&r, l->n_before));
    for (size_t i = 0; i < l->n_strings; i++)
        put_string(w, &r);
    for (size_t i = 0; i < l->n_names; i++)
        put_name(w, &r);
    wr_bytes(w, numbers);
    return !r.bad;
}

enum err dnsp_rdata_wire(TALLOC_CTX *mem, const struct dnsp_record *record, struct bytes *out,
                         struct error *e)
{
    const struct layout *layout = layout_of(record->type);
    struct wr w = wr_init(mem);
    char type[16];

    if (!dnsp_data_is_valid(record) || (layout && !put_data(&w, layout, record->data)))
        return err_set(e, ERR_MALFORMED, "its data does not fit the type %s",
                       dnsp_type_name(record->type, type));
    if (!layout)
        wr_bytes(&w, record->data);
    if (w.bad)
        return err_nomem(e);
    *out = wr_view(&w);
    return OK;
}
