#include "gss-tsig/wire.h"

#include <string.h>

#define LABEL_MAX 63

/* Locale-independent: names fold ASCII only (RFC 4343). */
static uint8_t lower(uint8_t c) { return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c; }

bool wire_name_equal(const struct wire_name *a, const struct wire_name *b)
{
    return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

void wr_wire_name(struct wr *w, const struct wire_name *name)
{
    wr_bytes(w, (struct bytes){ name->bytes, name->len });
}

struct wire_header rd_wire_header(struct rd *r)
{
    struct wire_header h = { .id = rd_be16(r) };
    uint16_t flags = rd_be16(r);

    h.is_response = flags >> 15 & 1;
    h.opcode = flags >> 11 & 0xf;
    h.rcode = flags & 0xf;
    for (int i = 0; i < 4; i++)
        h.count[i] = rd_be16(r);
    return h;
}

/* Append one label with its length byte; false when the name would be too long. */
static bool add_label(struct wire_name *name, const uint8_t *label)
{
    size_t n = 1 + (size_t)label[0];

    if (name->len + n > DNS_NAME_WIRE_MAX)
        return false;
    name->bytes[name->len] = label[0];
    for (size_t i = 1; i < n; i++)
        name->bytes[name->len + i] = lower(label[i]);
    name->len += n;
    return true;
}

/* *after is the offset behind the name as it stands, which is behind its first pointer. */
static bool name_at(struct bytes m, size_t at, struct wire_name *out, size_t *after)
{
    struct wire_name name = { .len = 0 };
    size_t run = at;
    bool has_jumped = false;

    for (;;) {
        size_t left = at < m.len ? m.len - at : 0;
        uint8_t c = left ? m.data[at] : 0;

        if (left == 0)
            return false;
        if ((c & 0xc0) == 0xc0) {
            size_t target;

            if (left < 2)
                return false;
            target = (size_t)(c & 0x3f) << 8 | m.data[at + 1];
            if (target >= run || target < WIRE_HEADER_SIZE)
                return false;
            if (!has_jumped)
                *after = at + 2;
            has_jumped = true;
            at = run = target;
            continue;
        }
        if (c > LABEL_MAX || left < 1 + (size_t)c || !add_label(&name, m.data + at))
            return false;
        at += 1 + (size_t)c;
        if (c == 0)
            break;
    }
    if (!has_jumped)
        *after = at;
    *out = name;
    return true;
}

struct wire_name rd_wire_name(struct rd *r, struct bytes message)
{
    struct wire_name name = { .len = 0 };
    size_t at, after;

    if (r->bad)
        return name;
    at = (size_t)(r->p - message.data);
    /* The name may point elsewhere in the message, but must itself end where the reader ends. */
    if (!name_at(message, at, &name, &after) || after > (size_t)(r->end - message.data)) {
        r->bad = true;
        return (struct wire_name){ .len = 0 };
    }
    rd_take(r, after - at);
    return name;
}

void rd_wire_question(struct rd *r, struct bytes message)
{
    rd_wire_name(r, message);
    rd_take(r, 4);
}

struct wire_rr rd_wire_rr(struct rd *r, struct bytes message)
{
    struct wire_rr rr = { .at = r->bad ? 0 : (size_t)(r->p - message.data) };
    struct bytes data;

    rr.name = rd_wire_name(r, message);
    rr.type = rd_be16(r);
    rr.class = rd_be16(r);
    rr.ttl_s = rd_be32(r);
    data = rd_take(r, rd_be16(r));
    rr.rdata = rd_init(data);
    rr.rdata.bad = r->bad;
    return rr;
}
