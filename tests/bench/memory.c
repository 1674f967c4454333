/*
 * Peak memory and time of reading and judging a zone of COUNT names, STALE percent of them stale,
 * with the addresses of all of them for evidence.  A thread plays the directory, in pages or, as
 * Samba does it, in one answer: what is measured is everything above the socket but sealing.
 *
 *   make -C build tests/bench/memory && build/tests/bench/memory COUNT [STALE [pages|once]]
 */
#include <stdlib.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "scavenger/survey.h"
#include "tests/unit/fake_ldap.h"
#include "tests/unit/values.h"

#define NOW 3733279U
#define PAGE 1000

struct directory_of {
    int count;
    int stale_percent;
    bool is_paged;
};

static void send_name(struct fake *f, const struct directory_of *p, int i)
{
    bool is_stale = i % 100 < p->stale_percent;
    uint32_t stamp = is_stale ? NOW - 400 - (uint32_t)i % 1600 : NOW - (uint32_t)i % 160;
    struct bytes v = value_a(NULL, stamp, (uint16_t)i);
    BerElement *ber = ber_alloc_t(LBER_USE_DER);
    char dn[128];

    snprintf(dn, sizeof dn, "DC=pc%07d,DC=example.test,CN=MicrosoftDNS,DC=DomainDnsZones,DC=test",
             i);
    ber_printf(ber, "{it{s{{s[o]}}}}", f->msgid, LDAP_RES_SEARCH_ENTRY, dn, "dnsRecord", v.data,
               (ber_len_t)v.len);
    fake_send(f, ber);
    talloc_free((void *)v.data);
}

static void serve(struct fake *f)
{
    const struct directory_of *p = f->priv;
    int sent = 0;

    if (fake_read(f))
        fake_root(f, p->is_paged ? NULL : "Samba Team");
    while (fake_read(f)) {
        int end = p->is_paged && sent + PAGE < p->count ? sent + PAGE : p->count;

        while (sent < end)
            send_name(f, p, sent++);
        fake_result(f, LDAP_RES_SEARCH_RESULT, 0, "",
                    p->is_paged ? (sent < p->count ? "more" : "") : NULL);
    }
}

static struct zone_plan *survey_zone(TALLOC_CTX *mem, struct directory *d)
{
    static const struct protection protection = { 0 };
    static const struct dns_zone zone = {
        .name = "example.test",
        .dn = "DC=example.test,CN=MicrosoftDNS,DC=DomainDnsZones,DC=test",
        .zone_type = 1,
        .aging = { true, 168, 168, 0 },
    };
    struct survey_zone one = { .zone = &zone, .is_judged = true, .is_walked = true };
    const struct survey_params params = {
        .protection = &protection,
        .now_h = NOW,
        .real_now_h = NOW,
        .is_wanted = { [EVIDENCE_PAIRS] = true },
        .zones = &one,
        .n_zones = 1,
    };
    struct limit limit = { false, SIZE_MAX, 0 };
    struct zone_plan *plan;
    struct survey *survey;
    struct error e;

    assert_int_equal(directory_read_root(d, &e), OK);
    assert_int_equal(survey_make(mem, d, &params, &survey, &e), OK);
    assert_int_equal(plan_builder_finish(mem, survey->builders[0], limit, 0, &plan, &e), OK);
    return plan;
}

int main(int argc, char **argv)
{
    struct directory_of p = {
        .count = argc > 1 ? atoi(argv[1]) : 20000,
        .stale_percent = argc > 2 ? atoi(argv[2]) : 3,
        .is_paged = argc > 3 && strcmp(argv[3], "pages") == 0,
    };
    struct fake f = { .script = serve, .priv = &p };
    TALLOC_CTX *mem = talloc_new(NULL);
    int64_t begin_ms = clock_monotonic_ms();
    struct rusage usage;
    struct zone_plan *plan;

    fake_start(&f, mem, 10000);
    plan = survey_zone(mem, f.d);
    getrusage(RUSAGE_SELF, &usage);
    printf("%d names %s: %zu examined, %zu to remove, %.2f s, peak %ld KiB\n", p.count,
           p.is_paged ? "in pages" : "in one answer", plan->examined, plan->n_removed,
           (double)(clock_monotonic_ms() - begin_ms) / 1000, usage.ru_maxrss);
    fake_stop(&f);
    talloc_free(mem);
    return 0;
}
