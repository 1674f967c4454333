/* Which zone holds a name, as resolvers tell it.  The input is what they answer (resolving.h). */
#include "dns/name.h"
#include "dns/zonecut.h"
#include "dns/zonefind.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/resolving.h"

#define N_NAMES 3

static void judge(TALLOC_CTX *mem, const char *name, const struct dns_zone_found *found)
{
    switch (found->is) {
    case DNS_ZONE_FOUND:
        must_hold(is_normalised(mem, found->zone) && dns_name_within(name, found->zone));
        must_hold(is_normalised(mem, found->mname));
        must_hold(!dns_zone_is_public(found->zone) && !found->is_made_up);
        break;
    case DNS_ZONE_UNKNOWN:
        must_hold(found->why && is_printable(found->why));
        break;
    default:
        must_hold(found->is == DNS_ZONE_NOWHERE);
    }
}

static void one(TALLOC_CTX *mem, struct bytes in)
{
    static const char *const names[N_NAMES] = {
        "host1.ad.example.test",
        "101.0.53.10.in-addr.arpa",
        "1.0.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.3.5.d.f.ip6.arpa",
    };
    struct dns_resolver *r = resolving(mem, in);
    struct dns_zone_found *found = NULL;
    struct error e = { 0 };
    enum err rc = dns_zone_find(mem, r, names, N_NAMES, deadline_in(0), &found, &e);

    must_say(rc, &e);
    for (size_t i = 0; rc == OK && i < N_NAMES; i++)
        judge(mem, names[i], &found[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return fuzz_run(data, size, one); }
