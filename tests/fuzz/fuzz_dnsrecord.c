/* dnsRecord values of the directory, what becomes of them in an UPDATE, and on the wire. */
#include <strings.h>

#include "dns/convert.h"
#include "dns/rdata.h"
#include "ldap/dnsp_wire.h"
#include "tests/fuzz/fuzz.h"

/* Types that are taken away by UPDATE, or stand beside such in a prerequisite. */
static bool is_sent(uint16_t type)
{
    static const uint16_t types[] = { DNS_TYPE_A,  DNS_TYPE_AAAA, DNS_TYPE_NS,  DNS_TYPE_CNAME,
                                      DNS_TYPE_MX, DNS_TYPE_PTR,  DNS_TYPE_SRV, DNS_TYPE_TXT };

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (types[i] == type)
            return true;
    }
    return false;
}

/* The same record as a server hands it out: no difference to what the directory has. */
static void check_served(TALLOC_CTX *mem, const struct dnsp_record *r, const struct dns_rr *served)
{
    struct bytes stored, wire;
    struct error e = { 0 };

    if (dnsp_rdata_wire(mem, r, &stored, &e) != OK)
        return;
    must_hold(dns_rdata_wire(mem, served, &wire, &e) == OK);
    must_hold(bytes_equal(stored, wire));
}

/* The value as an UPDATE would take it away: what ldns makes of the text must be that text. */
static void check_update(TALLOC_CTX *mem, const struct dnsp_record *r, const char *text)
{
    struct dns_rr rr = { .name = "host1.ad.example.test", .type = r->type, .data = text }, again;
    struct error e = { 0 };
    ldns_rr *converted;
    enum err rc;

    rc = dns_rr_to_ldns(&rr, &converted, &e);
    must_say(rc, &e);
    must_hold(rc == OK || !dnsp_data_is_valid(r) ||
              (r->type != DNS_TYPE_A && r->type != DNS_TYPE_AAAA));
    if (rc != OK)
        return;
    rc = dns_rr_from_ldns(mem, converted, &again, &e);
    ldns_rr_free(converted);
    must_say(rc, &e);
    must_hold(rc == OK);
    /* Data that does not fit its type is taken for raw bytes, which ldns may read as good. */
    must_hold(!dnsp_data_is_valid(r) || strcasecmp(again.data, text) == 0);
    check_served(mem, r, &again);
}

/* Types that the directory has in a form of its own must not run past their data. */
static void check_wire(TALLOC_CTX *mem, const struct dnsp_record *r)
{
    struct error e = { 0 };
    struct bytes wire;
    enum err rc = dnsp_rdata_wire(mem, r, &wire, &e);

    must_say(rc, &e);
    must_hold(rc == OK ? dnsp_data_is_valid(r) : rc == ERR_MALFORMED);
    /* A counted name is one byte longer than that of the wire; padding is left out. */
    must_hold(rc != OK || wire.len <= r->data.len);
}

static void one(TALLOC_CTX *mem, struct bytes in)
{
    struct dnsp_record *r, *again;
    struct bytes encoded;
    struct error e = { 0 };
    char buf[16], *text;
    enum err rc = dnsp_record_decode(mem, in, &r, &e);

    must_say(rc, &e);
    if (rc != OK) {
        must_hold(rc == ERR_MALFORMED);
        return;
    }
    must_hold(r->data.len == in.len - 24);
    encoded = dnsp_record_encode(mem, r);
    must_hold(bytes_equal(encoded, in));
    must_hold(dnsp_type_name(r->type, buf)[0]);
    text = dnsp_data_text(mem, r);
    must_hold(text && text[0] && is_printable(text));
    must_hold(dnsp_data_is_valid(r) || strncmp(text, "\\# ", 3) == 0);
    check_wire(mem, r);
    if (is_sent(r->type))
        check_update(mem, r, text);
    encoded = dnsp_tombstone(mem, (uint64_t)r->timestamp_h << 32 | r->serial, r->serial);
    must_hold(dnsp_record_decode(mem, encoded, &again, &e) == OK);
    must_hold(again->type == DNSP_TYPE_TOMBSTONE && again->serial == r->serial &&
              dnsp_data_is_valid(again) && dnsp_data_text(mem, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return fuzz_run(data, size, one); }
