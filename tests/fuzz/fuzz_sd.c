/* Security descriptors and SIDs, and whether an account is found by the text of its SID. */
#include <stdlib.h>

#include "ldap/computers.h"
#include "ldap/sd.h"
#include "tests/fuzz/fuzz.h"

#define SID_HEADER 8

/* The bytes that the text of a SID stands for, read by this test's own hand. */
static struct bytes sid_bytes(TALLOC_CTX *mem, const char *text)
{
    struct wr head = wr_init(mem), tail = wr_init(mem);
    uint64_t authority;
    uint8_t n = 0;
    char *at;

    must_hold(strncmp(text, "S-1-", 4) == 0);
    authority = strtoull(text + 4, &at, 0);
    for (; *at == '-'; n++)
        wr_le32(&tail, (uint32_t)strtoul(at + 1, &at, 10));
    must_hold(!*at);
    wr_u8(&head, 1);
    wr_u8(&head, n);
    wr_be48(&head, authority);
    if (n)
        wr_bytes(&head, wr_view(&tail));
    return wr_view(&head);
}

static void check_sid(TALLOC_CTX *mem, struct bytes raw)
{
    char *text = sid_text(mem, raw);
    struct bytes again;

    if (!text)
        return;
    again = sid_bytes(mem, text);
    must_hold(again.len <= raw.len && memcmp(again.data, raw.data, again.len) == 0);
}

/* An account of the domain whose SID is the account's without the last part. */
static void check_account(TALLOC_CTX *mem, struct bytes sid)
{
    struct computer_facts facts = { .sid = sid,
                                    .host = "PC17.ad.example.test.",
                                    .account = "PC17$" };
    struct bytes domain = { NULL, 0 };
    struct computers *c;
    struct computer *one = NULL;
    struct error e = { 0 };
    enum sid_kind kind;
    char *text = sid_text(mem, sid);

    c = computers_new(mem, sid);
    if (c) {
        must_hold(computers_add(c, &facts, &e) == OK && computers_seal(c, &e) == OK);
        must_hold(computers_count(c) == 0); /* the domain is no account of its own */
    }
    if (sid.len < SID_HEADER + 4 || !text || sid.len != SID_HEADER + 4 * (size_t)sid.data[1])
        return;
    domain = bytes_dup(mem, (struct bytes){ sid.data, sid.len - 4 });
    ((uint8_t *)domain.data)[1]--;
    c = computers_new(mem, domain);
    must_hold(c);
    must_hold(computers_add(c, &facts, &e) == OK && computers_seal(c, &e) == OK);
    must_hold(computers_count(c) == 1);
    computers_mark_cluster(c, sid);
    kind = computers_by_sid(c, text, &one);
    if (strncmp(text, "S-1-5-21-", 9) != 0) {
        must_hold(kind == SID_WELL_KNOWN);
        return;
    }
    must_hold(kind == SID_COMPUTER && one->is_cluster);
    must_hold(strcmp(computer_host(c, one), "pc17.ad.example.test") == 0);
}

static void one(TALLOC_CTX *mem, struct bytes in)
{
    char *owner = sd_owner(mem, in);

    if (owner) {
        struct bytes raw = sid_bytes(mem, owner);

        must_hold(raw.len < in.len && memmem(in.data, in.len, raw.data, raw.len));
    }
    check_sid(mem, in);
    check_account(mem, in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return fuzz_run(data, size, one); }
