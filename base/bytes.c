#include "base/bytes.h"

#include <string.h>

bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

bool bytes_equal_secret(struct bytes a, struct bytes b)
{
    uint8_t diff = 0;

    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        diff |= a.data[i] ^ b.data[i];
    return diff == 0;
}

struct bytes bytes_dup(TALLOC_CTX *mem, struct bytes in)
{
    /* One byte more, so that an empty value is still a non-NULL pointer. */
    uint8_t *copy = talloc_size(mem, in.len + 1);

    if (!copy)
        return (struct bytes){ NULL, 0 };
    if (in.len)
        memcpy(copy, in.data, in.len);
    copy[in.len] = 0;
    return (struct bytes){ copy, in.len };
}

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *bytes_to_base64(TALLOC_CTX *mem, struct bytes in)
{
    char *text, *t;

    if (in.len > SIZE_MAX / 4 * 3 - 8)
        return NULL;
    t = text = talloc_size(mem, (in.len + 2) / 3 * 4 + 1);
    if (!text)
        return NULL;
    talloc_set_name_const(text, "base64");
    for (size_t i = 0; i < in.len; i += 3) {
        size_t n = in.len - i < 3 ? in.len - i : 3;
        uint32_t v = (uint32_t)in.data[i] << 16;

        if (n > 1)
            v |= (uint32_t)in.data[i + 1] << 8;
        if (n > 2)
            v |= in.data[i + 2];
        *t++ = base64_digits[v >> 18 & 63];
        *t++ = base64_digits[v >> 12 & 63];
        *t++ = n > 1 ? base64_digits[v >> 6 & 63] : '=';
        *t++ = n > 2 ? base64_digits[v & 63] : '=';
    }
    *t = '\0';
    return text;
}

static int base64_value(char c)
{
    const char *at = c ? strchr(base64_digits, c) : NULL;

    return at ? (int)(at - base64_digits) : -1;
}

bool bytes_from_base64(TALLOC_CTX *mem, const char *text, struct bytes *out)
{
    size_t len = strlen(text), pad = 0, n = 0;
    uint8_t *buf;

    if (len % 4 != 0)
        return false;
    while (pad < 2 && pad < len && text[len - 1 - pad] == '=')
        pad++;
    buf = talloc_size(mem, len / 4 * 3 + 1);
    if (!buf)
        return false;
    for (size_t i = 0; i < len; i += 4) {
        uint32_t v = 0;

        for (size_t k = 0; k < 4; k++) {
            bool is_pad = i + k >= len - pad;
            int d = is_pad ? 0 : base64_value(text[i + k]);

            if (d < 0) {
                talloc_free(buf);
                return false;
            }
            v = v << 6 | (uint32_t)d;
        }
        buf[n++] = (uint8_t)(v >> 16);
        buf[n++] = (uint8_t)(v >> 8);
        buf[n++] = (uint8_t)v;
    }
    n -= pad;
    buf[n] = 0;
    *out = (struct bytes){ buf, n };
    return true;
}

struct rd rd_init(struct bytes in)
{
    static const uint8_t nothing[1];
    const uint8_t *p = in.data ? in.data : nothing;

    return (struct rd){ .p = p, .end = p + (in.data ? in.len : 0) };
}

size_t rd_left(const struct rd *r) { return r->bad ? 0 : (size_t)(r->end - r->p); }

struct bytes rd_take(struct rd *r, size_t n)
{
    struct bytes out;

    if (r->bad || (size_t)(r->end - r->p) < n) {
        r->bad = true;
        return (struct bytes){ NULL, 0 };
    }
    out = (struct bytes){ r->p, n };
    r->p += n;
    return out;
}

static uint64_t rd_be(struct rd *r, size_t n)
{
    struct bytes b = rd_take(r, n);
    uint64_t v = 0;

    for (size_t i = 0; i < b.len; i++)
        v = v << 8 | b.data[i];
    return v;
}

static uint64_t rd_le(struct rd *r, size_t n)
{
    struct bytes b = rd_take(r, n);
    uint64_t v = 0;

    for (size_t i = b.len; i > 0; i--)
        v = v << 8 | b.data[i - 1];
    return v;
}

uint8_t rd_u8(struct rd *r) { return (uint8_t)rd_be(r, 1); }
uint16_t rd_le16(struct rd *r) { return (uint16_t)rd_le(r, 2); }
uint32_t rd_le32(struct rd *r) { return (uint32_t)rd_le(r, 4); }
uint64_t rd_le64(struct rd *r) { return rd_le(r, 8); }
uint16_t rd_be16(struct rd *r) { return (uint16_t)rd_be(r, 2); }
uint32_t rd_be32(struct rd *r) { return (uint32_t)rd_be(r, 4); }
uint64_t rd_be48(struct rd *r) { return rd_be(r, 6); }

struct wr wr_init(TALLOC_CTX *mem) { return (struct wr){ .mem = mem }; }

static uint8_t *wr_room(struct wr *w, size_t n)
{
    uint8_t *at;

    /* Nothing needs no room, and a writer that never wrote has none to point into. */
    if (w->bad || n == 0)
        return NULL;
    if (w->cap - w->len < n) {
        size_t cap = w->cap ? w->cap : 128;
        uint8_t *buf;

        while (cap - w->len < n) {
            if (cap > SIZE_MAX / 2) {
                w->bad = true;
                return NULL;
            }
            cap *= 2;
        }
        buf = talloc_realloc_size(w->mem, w->buf, cap);
        if (!buf) {
            w->bad = true;
            return NULL;
        }
        w->buf = buf;
        w->cap = cap;
    }
    at = w->buf + w->len;
    w->len += n;
    return at;
}

static void wr_be(struct wr *w, uint64_t v, size_t n)
{
    uint8_t *at = wr_room(w, n);

    for (size_t i = 0; at && i < n; i++)
        at[i] = (uint8_t)(v >> 8 * (n - 1 - i));
}

static void wr_le(struct wr *w, uint64_t v, size_t n)
{
    uint8_t *at = wr_room(w, n);

    for (size_t i = 0; at && i < n; i++)
        at[i] = (uint8_t)(v >> 8 * i);
}

void wr_u8(struct wr *w, uint8_t v) { wr_be(w, v, 1); }
void wr_le16(struct wr *w, uint16_t v) { wr_le(w, v, 2); }
void wr_le32(struct wr *w, uint32_t v) { wr_le(w, v, 4); }
void wr_le64(struct wr *w, uint64_t v) { wr_le(w, v, 8); }
void wr_be16(struct wr *w, uint16_t v) { wr_be(w, v, 2); }
void wr_be32(struct wr *w, uint32_t v) { wr_be(w, v, 4); }
void wr_be48(struct wr *w, uint64_t v) { wr_be(w, v, 6); }

void wr_bytes(struct wr *w, struct bytes v)
{
    uint8_t *at = wr_room(w, v.len);

    if (at && v.len)
        memcpy(at, v.data, v.len);
}

struct bytes wr_view(const struct wr *w)
{
    if (w->bad)
        return (struct bytes){ NULL, 0 };
    return (struct bytes){ w->buf, w->len };
}
