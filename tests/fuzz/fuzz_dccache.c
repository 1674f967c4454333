/* dc.json: the controllers used last, and the same written and read again. */
#include "ldap/dccache.h"
#include "tests/fuzz/fuzz.h"

#define DOMAIN "ad.example.test"

static void must_equal(const struct dc *a, const struct dc *b)
{
    must_hold(strcmp(a->name, b->name) == 0 && a->n_addresses == b->n_addresses);
    for (size_t i = 0; i < a->n_addresses; i++)
        must_hold(ip_equal(a->addresses[i], b->addresses[i]));
    must_hold(a->site && b->site ? strcmp(a->site, b->site) == 0 : a->site == b->site);
    must_hold(a->kind && b->kind ? strcmp(a->kind, b->kind) == 0 : a->kind == b->kind);
    must_hold(a->is_read_only == b->is_read_only);
}

static void check(TALLOC_CTX *mem, struct bytes in, const char *site_wanted)
{
    struct dc *dcs, *again;
    struct dc_addresses all;
    struct error e = { 0 };
    struct bytes text;
    size_t n, n_again;

    must_hold(dccache_parse(mem, in, "dc.json", DOMAIN, site_wanted, &dcs, &n, &e) == OK);
    must_hold(n <= DCCACHE_CONTROLLERS_MAX);
    for (size_t i = 0; i < n; i++)
        must_hold(is_normalised(mem, dcs[i].name) && dcs[i].n_addresses > 0);
    must_hold(dc_addresses(mem, dcs, n, &all, &e) == OK && all.n >= n);
    must_hold(dccache_format(mem, in, "dc.json", DOMAIN, site_wanted, dcs, n, &text, &e) == OK);
    if (!text.data)
        text = in; /* it says so already */
    must_hold(dccache_parse(mem, text, "dc.json", DOMAIN, site_wanted, &again, &n_again, &e) == OK);
    must_hold(n_again == n);
    for (size_t i = 0; i < n; i++)
        must_equal(&dcs[i], &again[i]);
    must_hold(dccache_format(mem, text, "dc.json", DOMAIN, site_wanted, dcs, n, &text, &e) == OK);
    must_hold(!text.data);
}

static void one(TALLOC_CTX *mem, struct bytes in)
{
    check(mem, in, NULL);
    check(mem, in, "Default-First-Site-Name");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return fuzz_run(data, size, one); }
