/*
 * What is looked up through a resolver: SRV records and addresses.  The input is what it
 * answers (resolving.h).
 */
#include "dns/name.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/resolving.h"

#define SERVICE "_ldap._tcp.dc._msdcs.ad.example.test"
#define HOST "dc1.ad.example.test"

static bool is_distinct(const struct ip *ips, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++) {
            if (ip_equal(ips[i], ips[k]))
                return false;
        }
    }
    return true;
}

static void look_up_service(TALLOC_CTX *mem, struct dns_resolver *r)
{
    struct error e = { 0 };
    struct dns_srv *srv;
    size_t n;
    enum err rc = dns_resolver_srv(mem, r, SERVICE, deadline_in(0), &srv, &n, &e);

    must_say(rc, &e);
    for (size_t i = 0; rc == OK && i < n; i++) {
        must_hold(is_normalised(mem, srv[i].target) && strcmp(srv[i].target, ".") != 0);
        must_hold(srv[i].n_addresses > 0 && is_distinct(srv[i].addresses, srv[i].n_addresses));
        must_hold(i == 0 || srv[i - 1].priority <= srv[i].priority);
    }
}

static void one(TALLOC_CTX *mem, struct bytes in)
{
    struct dns_question q = { SERVICE, DNS_TYPE_SRV };
    struct dns_resolver *r = resolving(mem, in);
    struct dns_answer *answers;
    struct error e = { 0 };
    struct ip *ips;
    size_t n;
    enum err rc;

    look_up_service(mem, r);
    rc = dns_resolver_addresses(mem, r, HOST, deadline_in(0), &ips, &n, &e);
    must_say(rc, &e);
    must_hold(rc != OK || (n > 0 && is_distinct(ips, n)));
    must_say(dns_resolver_ask(mem, r, &q, 1, deadline_in(0), &answers, &e), &e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return fuzz_run(data, size, one); }
