/* Answers to NetLogon pings: the datagram (CLDAP), and what a controller says of itself inside. */
#include "ldap/cldap.h"
#include "ldap/netlogon.h"
#include "tests/fuzz/fuzz.h"

static void check_netlogon(TALLOC_CTX *mem, struct bytes blob)
{
    struct netlogon *n;
    struct error e = { 0 };
    const char *why;
    enum err rc = netlogon_decode(mem, blob, &n, &e);

    must_say(rc, &e);
    if (rc != OK) {
        must_hold(rc == ERR_MALFORMED);
        return;
    }
    must_hold(is_normalised(mem, n->forest) && is_normalised(mem, n->domain) &&
              is_normalised(mem, n->host));
    must_hold(!n->site || is_printable(n->site));
    must_hold(!n->client_site || is_printable(n->client_site));
    must_hold(!n->closest_site || is_printable(n->closest_site));
    why = netlogon_unfit(mem, n, n->host, n->domain);
    must_hold(!why || is_printable(why));
    must_hold(netlogon_unfit(mem, n, n->host, "elsewhere.example.test") || !why);
    netlogon_is_near(n);
    netlogon_is_read_only(n);
}

static void one(TALLOC_CTX *mem, struct bytes in)
{
    struct cldap_answer *a;
    struct error e = { 0 };
    struct bytes value;
    enum err rc;

    check_netlogon(mem, in);
    rc = cldap_answer_read(mem, in, &a, &e);
    must_say(rc, &e);
    if (rc != OK) {
        must_hold(rc == ERR_MALFORMED || rc == ERR_SERVER);
        return;
    }
    must_hold(a->id >= 0 && (a->is_found || a->n == 0));
    for (size_t i = 0; i < a->n; i++)
        must_hold(is_inside(a->attributes[i].name, in) && is_inside(a->attributes[i].value, in));
    value = cldap_value(a, "Netlogon");
    must_hold(is_inside(value, in));
    check_netlogon(mem, value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return fuzz_run(data, size, one); }
