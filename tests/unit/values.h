/* dnsRecord values built byte by byte (MS-DNSP 2.3.2.2), without the codec under test. */
#ifndef TESTS_UNIT_VALUES_H
#define TESTS_UNIT_VALUES_H

#include "tests/unit/unit.h"

enum {
    TYPE_TOMBSTONE = 0,
    TYPE_A = 1,
    TYPE_NS = 2,
    TYPE_CNAME = 5,
    TYPE_SOA = 6,
    TYPE_PTR = 12,
    TYPE_MX = 15,
    TYPE_TXT = 16,
    TYPE_AAAA = 28,
    TYPE_SRV = 33,
    TYPE_WINS = 0xff01,
    TYPE_WINSR = 0xff02,
};

static inline struct bytes value(TALLOC_CTX *mem, uint16_t type, uint32_t stamp_h,
                                 struct bytes data)
{
    uint8_t *v = talloc_zero_size(mem, 24 + data.len);

    assert_non_null(v);
    v[0] = (uint8_t)data.len;
    v[1] = (uint8_t)(data.len >> 8);
    v[2] = (uint8_t)type;
    v[3] = (uint8_t)(type >> 8);
    v[4] = 5;
    v[5] = 0xf0;
    v[8] = 110;
    v[14] = 0x04; /* TTL 1200, big-endian */
    v[15] = 0xb0;
    for (int i = 0; i < 4; i++)
        v[20 + i] = (uint8_t)(stamp_h >> (8 * i));
    if (data.len)
        memcpy(v + 24, data.data, data.len);
    return (struct bytes){ v, 24 + data.len };
}

/* 10.53.x.y */
static inline struct bytes value_a(TALLOC_CTX *mem, uint32_t stamp_h, uint16_t xy)
{
    uint8_t addr[4] = { 10, 53, (uint8_t)(xy >> 8), (uint8_t)xy };

    return value(mem, TYPE_A, stamp_h, (struct bytes){ addr, 4 });
}

static inline struct bytes value_aaaa(TALLOC_CTX *mem, uint32_t stamp_h, uint8_t last)
{
    uint8_t addr[16] = { 0xfd, 0x53, [15] = last };

    return value(mem, TYPE_AAAA, stamp_h, (struct bytes){ addr, 16 });
}

/* Counted name: length of labels and the final 0, number of labels, labels, 0. */
static inline struct bytes counted_name(TALLOC_CTX *mem, const char *name)
{
    size_t len = strlen(name), n = 2, labels = 0;
    uint8_t *v = talloc_zero_size(mem, len + 4);

    assert_non_null(v);
    while (*name) {
        size_t l = strcspn(name, ".");

        v[n++] = (uint8_t)l;
        memcpy(v + n, name, l);
        n += l;
        labels++;
        name += l + (name[l] == '.');
    }
    v[n++] = 0;
    v[0] = (uint8_t)(n - 2);
    v[1] = (uint8_t)labels;
    return (struct bytes){ v, n };
}

static inline struct bytes value_name(TALLOC_CTX *mem, uint16_t type, uint32_t stamp_h,
                                      const char *name)
{
    return value(mem, type, stamp_h, counted_name(mem, name));
}

static inline struct bytes value_txt(TALLOC_CTX *mem, uint32_t stamp_h, const char *text)
{
    uint8_t v[256];

    assert_true(strlen(text) < 255);
    v[0] = (uint8_t)strlen(text);
    memcpy(v + 1, text, v[0]);
    return value(mem, TYPE_TXT, stamp_h, (struct bytes){ v, (size_t)v[0] + 1 });
}

#endif
