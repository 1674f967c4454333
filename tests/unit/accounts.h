/* Computer accounts of a domain DOMAIN, made without a directory. */
#ifndef TESTS_UNIT_ACCOUNTS_H
#define TESTS_UNIT_ACCOUNTS_H

#include "ldap/computers.h"
#include "tests/unit/unit.h"

#define NTTIME_HOUR UINT64_C(36000000000)
#define DOMAIN "S-1-5-21-1-2-3"

/* The raw SID of DOMAIN, with `rid` behind it when it is not 0. */
static inline struct bytes sid(TALLOC_CTX *mem, uint32_t rid)
{
    uint8_t *raw = talloc_zero_size(mem, 28);

    assert_non_null(raw);
    raw[0] = 1;
    raw[1] = rid ? 5 : 4;
    raw[7] = 5;
    raw[8] = 21;
    raw[12] = 1;
    raw[16] = 2;
    raw[20] = 3;
    for (int i = 0; i < 4; i++)
        raw[24 + i] = (uint8_t)(rid >> (8 * i));
    return (struct bytes){ raw, rid ? 28 : 24 };
}

static inline void add(struct computers *c, uint32_t rid, const char *host, const char *account,
                       uint32_t logon_h, uint32_t control)
{
    struct computer_facts facts = {
        .sid = sid(c, rid),
        .host = host,
        .account = account,
        .last_logon = logon_h * NTTIME_HOUR + 17,
        .control = control,
    };

    assert_int_equal(computers_add(c, &facts, NULL), OK);
}

#endif
