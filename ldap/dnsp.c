#include "ldap/dnsp.h"

#define HEADER_LEN 24
#define DNS_RECORD_VERSION 5

enum err dnsp_record_decode(TALLOC_CTX *mem, struct bytes blob, struct dnsp_record **out,
                            struct error *e)
{
    struct rd r = rd_init(blob);
    struct dnsp_record *rec = talloc_zero(mem, struct dnsp_record);
    uint16_t data_len;
    struct bytes data;

    if (!rec)
        return err_nomem(e);
    data_len = rd_le16(&r);
    rec->type = rd_le16(&r);
    rec->version = rd_u8(&r);
    rec->rank = rd_u8(&r);
    rec->flags = rd_le16(&r);
    rec->serial = rd_le32(&r);
    rec->ttl_s = rd_be32(&r);
    rec->reserved = rd_le32(&r);
    rec->timestamp_h = rd_le32(&r);
    data = rd_take(&r, data_len);
    if (r.bad || rd_left(&r) > 0) {
        talloc_free(rec);
        if (blob.len < HEADER_LEN)
            return err_set(e, ERR_MALFORMED, "dnsRecord value: %zu bytes, the header alone has %d",
                           blob.len, HEADER_LEN);
        return err_set(e, ERR_MALFORMED, "dnsRecord value: %zu bytes of data where it announces %u",
                       blob.len - HEADER_LEN, data_len);
    }
    rec->data = bytes_dup(rec, data);
    if (!rec->data.data) {
        talloc_free(rec);
        return err_nomem(e);
    }
    *out = rec;
    return OK;
}

struct bytes dnsp_record_encode(TALLOC_CTX *mem, const struct dnsp_record *r)
{
    struct wr w = wr_init(mem);

    if (r->data.len > UINT16_MAX)
        return (struct bytes){ NULL, 0 };
    wr_le16(&w, (uint16_t)r->data.len);
    wr_le16(&w, r->type);
    wr_u8(&w, r->version);
    wr_u8(&w, r->rank);
    wr_le16(&w, r->flags);
    wr_le32(&w, r->serial);
    wr_be32(&w, r->ttl_s);
    wr_le32(&w, r->reserved);
    wr_le32(&w, r->timestamp_h);
    wr_bytes(&w, r->data);
    return wr_view(&w);
}

/* As DNS servers write it: no rank, no TTL, and no timestamp but the one in the data. */
struct bytes dnsp_tombstone(TALLOC_CTX *mem, uint64_t entombed_nttime, uint32_t serial)
{
    struct wr data = wr_init(mem);
    struct dnsp_record tombstone = {
        .type = DNSP_TYPE_TOMBSTONE,
        .version = DNS_RECORD_VERSION,
        .serial = serial,
    };
    struct bytes blob;

    wr_le64(&data, entombed_nttime);
    tombstone.data = wr_view(&data);
    if (!tombstone.data.data)
        return tombstone.data;
    blob = dnsp_record_encode(mem, &tombstone);
    talloc_free(data.buf);
    return blob;
}
