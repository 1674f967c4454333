/* Answers to DNS queries, and each record of them through ldns and back. */
#include "dns/convert.h"
#include "dns/message.h"
#include "dns/name.h"
#include "tests/fuzz/fuzz.h"

#define HEADER_LEN 12

/* The question that the message itself says it answers, where its name is written out. */
static bool question_of(TALLOC_CTX *mem, struct bytes in, struct dns_question *q)
{
    struct rd r = rd_init(in);
    struct bytes wire;
    size_t len = 0;
    char *name;
    uint8_t n;

    rd_take(&r, HEADER_LEN);
    wire.data = r.p;
    do {
        n = rd_u8(&r);
        rd_take(&r, n);
        len += 1 + (size_t)n;
    } while (n > 0);
    wire.len = len;
    q->type = rd_be16(&r);
    if (r.bad || dns_name_from_wire(mem, wire, &name, NULL) != OK)
        return false;
    q->name = name;
    return true;
}

/* Types that muster itself writes or takes away by UPDATE: their text has to be their data. */
static bool is_written(uint16_t type)
{
    static const uint16_t types[] = { DNS_TYPE_A,   DNS_TYPE_NS,   DNS_TYPE_CNAME,
                                      DNS_TYPE_MX,  DNS_TYPE_PTR,  DNS_TYPE_TXT,
                                      DNS_TYPE_SOA, DNS_TYPE_AAAA, DNS_TYPE_SRV };

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (types[i] == type)
            return true;
    }
    return false;
}

static void check_round_trip(TALLOC_CTX *mem, const struct dns_rr *rr)
{
    struct error e = { 0 };
    struct dns_rr again;
    ldns_rr *converted;
    enum err rc;

    /* No others are sent; ldns 1.8.3 itself loses memory over the text of some (CERT). */
    if (!is_written(rr->type))
        return;
    must_hold(dns_rr_to_ldns(rr, &converted, &e) == OK);
    rc = dns_rr_from_ldns(mem, converted, &again, &e);
    ldns_rr_free(converted);
    must_hold(rc == OK);
    must_hold(again.type == rr->type && again.ttl_s == rr->ttl_s);
    must_hold(strcmp(again.name, rr->name) == 0);
    must_hold(strcmp(again.data, rr->data) == 0);
}

static void check_section(TALLOC_CTX *mem, const struct dns_rrs *rrs)
{
    for (size_t i = 0; i < rrs->count; i++) {
        const struct dns_rr *rr = &rrs->rr[i];

        must_hold(is_normalised(mem, rr->name));
        must_hold(rr->data && is_printable(rr->data));
        must_hold(rr->ttl_s <= INT32_MAX);
        check_round_trip(mem, rr);
    }
}

static void one(TALLOC_CTX *mem, struct bytes in)
{
    struct dns_question q = { "host1.ad.example.test", DNS_TYPE_A };
    struct dns_answer a;
    struct error e = { 0 };
    bool is_truncated;
    uint16_t id;
    int rcode;
    enum err rc;

    if (!dns_message_peek(in, &id, &rcode)) {
        must_hold(in.len < HEADER_LEN);
        return;
    }
    question_of(mem, in, &q);
    rc = dns_message_answer(mem, in, id, &q, &a, &is_truncated, &e);
    must_say(rc, &e);
    if (rc != OK) {
        must_hold(rc == ERR_MALFORMED);
        return;
    }
    must_hold((a.rcode & 15) == rcode && a.rcode >> 12 == 0);
    must_hold(!is_truncated || a.answer.count + a.authority.count + a.additional.count == 0);
    check_section(mem, &a.answer);
    check_section(mem, &a.authority);
    check_section(mem, &a.additional);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return fuzz_run(data, size, one); }
