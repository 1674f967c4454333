#include "ldap/dnsproperty.h"

enum err dnsproperty_decode(TALLOC_CTX *mem, struct bytes blob, struct dnsproperty **out,
                            struct error *e)
{
    struct rd r = rd_init(blob);
    struct dnsproperty *p = talloc_zero(mem, struct dnsproperty);
    struct bytes data;
    uint32_t data_len;

    if (!p)
        return err_nomem(e);
    data_len = rd_le32(&r);
    p->name_length = rd_le32(&r);
    p->flag = rd_le32(&r);
    p->version = rd_le32(&r);
    p->id = rd_le32(&r);
    data = rd_take(&r, data_len);
    if (r.bad) {
        talloc_free(p);
        return err_set(e, ERR_MALFORMED, "dNSProperty value: its %zu bytes end too early",
                       blob.len);
    }
    p->data = bytes_dup(p, data);
    p->trailer = bytes_dup(p, rd_take(&r, rd_left(&r)));
    if (!p->data.data || !p->trailer.data) {
        talloc_free(p);
        return err_nomem(e);
    }
    *out = p;
    return OK;
}

bool dnsproperty_id(struct bytes blob, uint32_t *id)
{
    struct rd r = rd_init(blob);

    rd_take(&r, 4 * sizeof *id); /* length of data and name, flag, version */
    *id = rd_le32(&r);
    return !r.bad;
}

struct bytes dnsproperty_encode(TALLOC_CTX *mem, const struct dnsproperty *p)
{
    struct wr w = wr_init(mem);

    if (p->data.len > UINT32_MAX)
        return (struct bytes){ NULL, 0 };
    wr_le32(&w, (uint32_t)p->data.len);
    wr_le32(&w, p->name_length);
    wr_le32(&w, p->flag);
    wr_le32(&w, p->version);
    wr_le32(&w, p->id);
    wr_bytes(&w, p->data);
    wr_bytes(&w, p->trailer);
    return wr_view(&w);
}

bool dnsproperty_u32(const struct dnsproperty *p, uint32_t otherwise, uint32_t *out)
{
    struct rd r = rd_init(p->data);

    switch (p->data.len) {
    case 0:
        *out = otherwise;
        return true;
    case 1:
        *out = rd_u8(&r);
        return true;
    case 4:
        *out = rd_le32(&r);
        return true;
    default:
        return false;
    }
}
