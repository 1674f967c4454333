/*
 * What is looked up through a resolver: SRV records and addresses.  The input is a row of answers
 * with their lengths, as DNS over TCP has them; sending and waiting are this test's.
 */
#include "dns/exchange.h"
#include "dns/message.h"
#include "dns/name.h"
#include "tests/fuzz/fuzz.h"

#define SERVICE "_ldap._tcp.dc._msdcs.ad.example.test"
#define HOST "dc1.ad.example.test"

static struct bytes stream;
static uint16_t next_id;

/* Linked in place of the real ones (--wrap). */
enum err __wrap_dns_exchange(TALLOC_CTX *mem, struct dns_resolver *r, const struct dns_question *q,
                             size_t n, struct deadline d, struct dns_outcome *outcomes,
                             struct error *e);
uint16_t __wrap_dns_message_id(void);

enum err __wrap_dns_exchange(TALLOC_CTX *mem, struct dns_resolver *r, const struct dns_question *q,
                             size_t n, struct deadline d, struct dns_outcome *outcomes,
                             struct error *e)
{
    (void)r;
    (void)d;
    (void)e;
    for (size_t i = 0; i < n; i++) {
        must_hold(is_normalised(mem, q[i].name));
        outcomes[i] = (struct dns_outcome){ 0 };
        outcomes[i].is_answered = fuzz_answer(mem, stream, &q[i], &outcomes[i].answer);
        outcomes[i].is_unreachable = !outcomes[i].is_answered;
    }
    return OK;
}

/* Chance would make one input take different ways. */
uint16_t __wrap_dns_message_id(void) { return next_id++; }

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
    struct ip server = ip_from_bytes(AF_INET, (const uint8_t[]){ 10, 53, 0, 10 });
    struct dns_question q = { SERVICE, DNS_TYPE_SRV };
    struct dns_resolver *r;
    struct dns_answer *answers;
    struct error e = { 0 };
    struct ip *ips;
    size_t n;
    enum err rc;

    stream = in;
    next_id = 0;
    must_hold(dns_resolver_from_servers(mem, &server, 1, 53, &r, &e) == OK);
    look_up_service(mem, r);
    rc = dns_resolver_addresses(mem, r, HOST, deadline_in(0), &ips, &n, &e);
    must_say(rc, &e);
    must_hold(rc != OK || (n > 0 && is_distinct(ips, n)));
    must_say(dns_resolver_ask(mem, r, &q, 1, deadline_in(0), &answers, &e), &e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return fuzz_run(data, size, one); }
