/*
 * What register makes of a server's answers: zone cuts, addresses, pointers and their aliases.  The
 * input is what a server would send over TCP; the connection is this test's.
 */
#include "dns/heartbeat.h"
#include "dns/name.h"
#include "dns/zonecut.h"
#include "register/published.h"
#include "tests/fuzz/fuzz.h"

#define FQDN "host1.ad.example.test"

static struct bytes stream;

/* Linked in place of the real ones (--wrap). */
enum err __wrap_dns_conn_ask(TALLOC_CTX *mem, struct dns_conn *c, const struct dns_question *q,
                             size_t n, bool recursion_desired, struct deadline d,
                             struct dns_answer **out, struct error *e);
struct ip __wrap_dns_conn_server(const struct dns_conn *c);

enum err __wrap_dns_conn_ask(TALLOC_CTX *mem, struct dns_conn *c, const struct dns_question *q,
                             size_t n, bool recursion_desired, struct deadline d,
                             struct dns_answer **out, struct error *e)
{
    struct dns_answer *answers = talloc_zero_array(mem, struct dns_answer, (unsigned)n);

    (void)c;
    (void)d;
    must_hold(answers && !recursion_desired);
    for (size_t i = 0; i < n; i++) {
        must_hold(is_normalised(mem, q[i].name));
        if (!fuzz_answer(answers, stream, &q[i], &answers[i])) {
            talloc_free(answers);
            return err_set(e, ERR_TIMEOUT, "no answer for %s", q[i].name);
        }
    }
    *out = answers;
    return OK;
}

struct ip __wrap_dns_conn_server(const struct dns_conn *c)
{
    (void)c;
    return ip_from_bytes(AF_INET, (const uint8_t[]){ 10, 53, 0, 10 });
}

static bool is_zone_of(const char *zone, const char *name)
{
    return dns_name_within(name, zone) && strchr(zone, '.') && strcmp(zone, ".") != 0 &&
           strcmp(zone, "in-addr.arpa") != 0 && strcmp(zone, "ip6.arpa") != 0;
}

static void check_reverse(TALLOC_CTX *mem, const struct published_reverse *r)
{
    must_hold(is_normalised(mem, r->name) && is_normalised(mem, r->owner));
    must_hold(!r->alias || is_normalised(mem, r->alias));
    must_hold(!r->zone || is_zone_of(r->zone, r->owner));
    must_hold(!r->name_zone || is_zone_of(r->name_zone, r->name));
    must_hold(r->owner == r->name || strcmp(r->owner, r->name) == 0 || r->alias);
    must_hold(r->n_targets <= PUBLISHED_MAX);
    for (size_t i = 0; i < r->n_targets; i++) {
        must_hold(is_normalised(mem, r->targets[i]));
        must_hold(published_names(r, r->targets[i]));
    }
}

static void check(TALLOC_CTX *mem, const struct published *p)
{
    must_hold(p->zone && is_zone_of(p->zone, FQDN));
    must_hold(!p->mname || is_normalised(mem, p->mname));
    must_hold(!p->cname || is_normalised(mem, p->cname));
    must_hold(p->n_addresses <= PUBLISHED_MAX);
    for (size_t i = 0; i < p->n_addresses; i++)
        must_hold(published_has_address(p, p->addresses[i]));
    for (size_t i = 0; i < p->n_reverse; i++)
        check_reverse(mem, &p->reverse[i]);
}

static void check_heartbeats(TALLOC_CTX *mem, const struct ip *ips)
{
    struct published *p;
    struct error e = { 0 };
    uint32_t seen_h;
    enum err rc = published_read(mem, NULL, FQDN, ips, 2, true, deadline_in(0), &p, &e);

    must_say(rc, &e);
    if (rc != OK)
        return;
    check(mem, p);
    must_hold(p->heartbeats.is_read && p->heartbeats.n <= PUBLISHED_MAX);
    for (size_t i = 0; i < p->heartbeats.n; i++) {
        must_hold(heartbeat_parse(p->heartbeats.data[i], &seen_h) && seen_h > 0);
        must_hold(is_printable(p->heartbeats.data[i]));
        must_hold(published_has_heartbeat(&p->heartbeats, p->heartbeats.data[i]));
    }
}

static void one(TALLOC_CTX *mem, struct bytes in)
{
    static const char *const texts[] = { "10.53.0.101", "fd53::101", "10.65.0.77" };
    struct ip ips[3];
    struct published *p, *again;
    struct error e = { 0 };
    enum err rc;

    for (size_t i = 0; i < 3; i++)
        must_hold(ip_parse(texts[i], &ips[i]));
    stream = in;
    rc = published_read(mem, NULL, FQDN, ips, 2, false, deadline_in(0), &p, &e);
    must_say(rc, &e);
    if (rc != OK)
        return;
    must_hold(p->n_reverse == 2);
    check(mem, p);
    check_heartbeats(mem, ips);
    rc = published_again(mem, NULL, p, deadline_in(0), &again, &e);
    must_say(rc, &e);
    if (rc == OK) {
        must_hold(again->n_addresses == p->n_addresses && again->n_reverse == p->n_reverse);
        check(mem, again);
    }
    rc = published_extend(p, NULL, ips, 3, deadline_in(0), &e);
    must_say(rc, &e);
    if (rc == OK) {
        must_hold(p->n_reverse == 3);
        check(mem, p);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return fuzz_run(data, size, one); }
