/* Record data by type: its shape, and its presentation format. */
#include <stdio.h>

#include "base/clock.h"
#include "base/ip.h"
#include "ldap/dnsp.h"
#include "ldap/name.h"

/* Samba 4.9 to 4.14 wrote entombed times in hours, not in 100 ns. */
#define ENTOMBED_HOURS_BELOW 10000000

enum shape {
    SHAPE_OPAQUE,
    SHAPE_TOMBSTONE,
    SHAPE_IPV4,
    SHAPE_IPV6,
    SHAPE_NAME,
    SHAPE_MX,
    SHAPE_SRV,
    SHAPE_SOA,
    SHAPE_TEXTS,
};

static const struct type {
    uint16_t type;
    const char *name;
    enum shape shape;
} types[] = {
    { DNSP_TYPE_TOMBSTONE, "TOMBSTONE", SHAPE_TOMBSTONE },
    { 1, "A", SHAPE_IPV4 },
    { 2, "NS", SHAPE_NAME },
    { 3, "MD", SHAPE_OPAQUE },
    { 4, "MF", SHAPE_OPAQUE },
    { 5, "CNAME", SHAPE_NAME },
    { 6, "SOA", SHAPE_SOA },
    { 7, "MB", SHAPE_OPAQUE },
    { 8, "MG", SHAPE_OPAQUE },
    { 9, "MR", SHAPE_OPAQUE },
    { 10, "NULL", SHAPE_OPAQUE },
    { 11, "WKS", SHAPE_OPAQUE },
    { 12, "PTR", SHAPE_NAME },
    { 13, "HINFO", SHAPE_OPAQUE },
    { 14, "MINFO", SHAPE_OPAQUE },
    { 15, "MX", SHAPE_MX },
    { 16, "TXT", SHAPE_TEXTS },
    { 17, "RP", SHAPE_OPAQUE },
    { 18, "AFSDB", SHAPE_OPAQUE },
    { 19, "X25", SHAPE_OPAQUE },
    { 20, "ISDN", SHAPE_OPAQUE },
    { 21, "RT", SHAPE_OPAQUE },
    { 24, "SIG", SHAPE_OPAQUE },
    { 25, "KEY", SHAPE_OPAQUE },
    { 28, "AAAA", SHAPE_IPV6 },
    { 29, "LOC", SHAPE_OPAQUE },
    { 30, "NXT", SHAPE_OPAQUE },
    { 33, "SRV", SHAPE_SRV },
    { 34, "ATMA", SHAPE_OPAQUE },
    { 35, "NAPTR", SHAPE_OPAQUE },
    { 39, "DNAME", SHAPE_NAME },
    { 43, "DS", SHAPE_OPAQUE },
    { 44, "SSHFP", SHAPE_OPAQUE },
    { 46, "RRSIG", SHAPE_OPAQUE },
    { 47, "NSEC", SHAPE_OPAQUE },
    { 48, "DNSKEY", SHAPE_OPAQUE },
    { 49, "DHCID", SHAPE_OPAQUE },
    { 50, "NSEC3", SHAPE_OPAQUE },
    { 51, "NSEC3PARAM", SHAPE_OPAQUE },
    { 52, "TLSA", SHAPE_OPAQUE },
    { DNSP_TYPE_WINS, "WINS", SHAPE_OPAQUE },
    { DNSP_TYPE_WINSR, "WINSR", SHAPE_OPAQUE },
};

static const struct type *find_type(uint16_t type)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (types[i].type == type)
            return &types[i];
    }
    return NULL;
}

static enum shape shape_of(uint16_t type)
{
    const struct type *t = find_type(type);

    return t ? t->shape : SHAPE_OPAQUE;
}

const char *dnsp_type_name(uint16_t type, char buf[16])
{
    const struct type *t = find_type(type);

    if (t)
        snprintf(buf, 16, "%s", t->name);
    else
        snprintf(buf, 16, "TYPE%u", type);
    return buf;
}

bool dnsp_data_is_valid(const struct dnsp_record *rec)
{
    struct rd r = rd_init(rec->data);

    switch (shape_of(rec->type)) {
    case SHAPE_OPAQUE:
        return true;
    case SHAPE_TOMBSTONE:
        return rec->data.len == 8;
    case SHAPE_IPV4:
        return rec->data.len == 4;
    case SHAPE_IPV6:
        return rec->data.len == 16;
    case SHAPE_NAME:
        name_read_counted(NULL, &r, NULL);
        break;
    case SHAPE_MX:
        rd_take(&r, 2);
        name_read_counted(NULL, &r, NULL);
        break;
    case SHAPE_SRV:
        rd_take(&r, 6);
        name_read_counted(NULL, &r, NULL);
        break;
    case SHAPE_SOA:
        rd_take(&r, 20);
        name_read_counted(NULL, &r, NULL);
        name_read_counted(NULL, &r, NULL);
        break;
    case SHAPE_TEXTS:
        if (rd_left(&r) == 0)
            return false;
        while (rd_left(&r) > 0)
            rd_take(&r, rd_u8(&r));
        break;
    }
    /* Bytes left after a name are padding. */
    return !r.bad;
}

/* RFC 3597 section 5. */
static char *opaque_text(TALLOC_CTX *mem, struct bytes data)
{
    static const char hex[] = "0123456789ABCDEF";
    char *digits = talloc_size(mem, data.len * 2 + 1), *text;

    if (!digits)
        return NULL;
    for (size_t i = 0; i < data.len; i++) {
        digits[2 * i] = hex[data.data[i] >> 4];
        digits[2 * i + 1] = hex[data.data[i] & 15];
    }
    digits[2 * data.len] = '\0';
    text = talloc_asprintf(mem, "\\# %zu%s%s", data.len, data.len ? " " : "", digits);
    talloc_free(digits);
    return text;
}

static char *append_string(char *text, struct bytes string)
{
    char *piece = talloc_size(text, string.len * 4 + 1), *to = piece;

    if (!piece)
        return NULL;
    for (size_t i = 0; i < string.len; i++) {
        uint8_t c = string.data[i];

        if (c < 0x20 || c >= 0x7f) {
            *to++ = '\\';
            *to++ = (char)('0' + c / 100);
            *to++ = (char)('0' + c / 10 % 10);
            *to++ = (char)('0' + c % 10);
            continue;
        }
        if (c == '"' || c == '\\')
            *to++ = '\\';
        *to++ = (char)c;
    }
    *to = '\0';
    return talloc_asprintf_append_buffer(text, "%s\"%s\"", *text ? " " : "", piece);
}

static char *texts_text(TALLOC_CTX *mem, struct rd *r)
{
    char *text = talloc_strdup(mem, "");

    while (text && rd_left(r) > 0)
        text = append_string(text, rd_take(r, rd_u8(r)));
    return text;
}

static char *soa_text(TALLOC_CTX *mem, struct rd *r)
{
    uint32_t n[5];
    char *server, *mailbox;

    for (size_t i = 0; i < 5; i++)
        n[i] = rd_be32(r);
    if (!name_read_counted(mem, r, &server) || !name_read_counted(mem, r, &mailbox))
        return NULL;
    return talloc_asprintf(mem, "%s %s %u %u %u %u %u", server, mailbox, n[0], n[1], n[2], n[3],
                           n[4]);
}

static char *tombstone_text(TALLOC_CTX *mem, struct rd *r)
{
    uint64_t entombed = rd_le64(r);

    return clock_rfc3339(mem, entombed < ENTOMBED_HOURS_BELOW ? clock_unix_from_hours(entombed)
                                                              : clock_unix_from_nttime(entombed));
}

static char *address_text(TALLOC_CTX *mem, int family, const uint8_t *bytes)
{
    char buf[IP_TEXT_MAX];

    return talloc_strdup(mem, ip_format(ip_from_bytes(family, bytes), buf));
}

/* Of data that fits its type.  Pieces are left on tmp. */
static char *valid_text(TALLOC_CTX *tmp, const struct dnsp_record *rec)
{
    struct rd r = rd_init(rec->data);
    unsigned a, b, c;
    char *name;

    switch (shape_of(rec->type)) {
    case SHAPE_OPAQUE:
        return opaque_text(tmp, rec->data);
    case SHAPE_TOMBSTONE:
        return tombstone_text(tmp, &r);
    case SHAPE_IPV4:
        return address_text(tmp, AF_INET, rec->data.data);
    case SHAPE_IPV6:
        return address_text(tmp, AF_INET6, rec->data.data);
    case SHAPE_NAME:
        return name_read_counted(tmp, &r, &name) ? name : NULL;
    case SHAPE_MX:
        a = rd_be16(&r);
        return name_read_counted(tmp, &r, &name) ? talloc_asprintf(tmp, "%u %s", a, name) : NULL;
    case SHAPE_SRV:
        a = rd_be16(&r);
        b = rd_be16(&r);
        c = rd_be16(&r);
        return name_read_counted(tmp, &r, &name)
                   ? talloc_asprintf(tmp, "%u %u %u %s", a, b, c, name)
                   : NULL;
    case SHAPE_SOA:
        return soa_text(tmp, &r);
    case SHAPE_TEXTS:
        return texts_text(tmp, &r);
    }
    return NULL;
}

char *dnsp_data_text(TALLOC_CTX *mem, const struct dnsp_record *rec)
{
    TALLOC_CTX *tmp = talloc_new(mem);
    char *text;

    if (!tmp)
        return NULL;
    text = dnsp_data_is_valid(rec) ? valid_text(tmp, rec) : opaque_text(tmp, rec->data);
    text = talloc_steal(mem, text);
    talloc_free(tmp);
    return text;
}
