#include "tests/unit/unit.h"

#include <stdio.h>

#include "dns/rdata.h"
#include "dns/rr.h"
#include "scavenger/comparison.h"

#define ZONE "z.test"

struct fixture {
    TALLOC_CTX *mem;
    struct comparison *c;
    char found[4096]; /* "kind name type data ttl/served\n" */
    struct error e;
};

static void must(const struct fixture *f, enum err rc)
{
    if (rc != OK)
        fail_msg("%s", f->e.message);
}

static void put_ttl(struct fixture *f, enum comparison_side side, const char *name, uint16_t type,
                    const char *data, uint32_t ttl_s)
{
    const struct dns_rr rr = { name, type, ttl_s, data };
    struct compared r = { .name = name, .type = type, .ttl_s = ttl_s, .data = data };

    if (type < 0xff00)
        must(f, dns_rdata_wire(f->mem, &rr, &r.wire, &f->e));
    if (side == COMPARISON_DIRECTORY)
        r.raw = (struct bytes){ (const uint8_t *)"raw", 3 };
    must(f, comparison_put(f->c, side, &r, &f->e));
}

static void put(struct fixture *f, enum comparison_side side, const char *name, uint16_t type,
                const char *data)
{
    put_ttl(f, side, name, type, data, 60);
}

static void directory(struct fixture *f, const char *name, uint16_t type, const char *data)
{
    put(f, COMPARISON_DIRECTORY, name, type, data);
}

static void served(struct fixture *f, const char *name, uint16_t type, const char *data)
{
    put(f, COMPARISON_SERVED, name, type, data);
}

static void both(struct fixture *f, const char *name, uint16_t type, const char *data)
{
    directory(f, name, type, data);
    served(f, name, type, data);
}

static enum err note(const struct difference *d, void *priv, struct error *e)
{
    static const char kinds[] = "DST";
    struct fixture *f = priv;
    char line[256];

    (void)e;
    assert_int_equal(d->record.raw.len, d->kind == DIFFERENCE_SERVED ? 0 : 3);
    snprintf(line, sizeof line, "%c %s %u %s %u/%u\n", kinds[d->kind], d->record.name,
             d->record.type, d->record.data, d->record.ttl_s, d->served_ttl_s);
    strncat(f->found, line, sizeof f->found - strlen(f->found) - 1);
    return OK;
}

static const char *differences(struct fixture *f)
{
    f->found[0] = '\0';
    must(f, comparison_walk(f->c, note, f, &f->e));
    return f->found;
}

#define SOA(primary, serial, minimum)                                                              \
    primary " hostmaster." ZONE ". " serial " 900 600 86400 " minimum

static void what_is_the_same_on_both_sides_is_no_difference(void **state)
{
    struct fixture *f = *state;
    uint64_t n;

    both(f, ZONE, DNS_TYPE_SOA, SOA("a.z.test.", "1", "300"));
    both(f, "h." ZONE, DNS_TYPE_A, "10.0.0.1");
    both(f, "h." ZONE, DNS_TYPE_TXT, "\"x\"");
    assert_string_equal(differences(f), "");
    must(f, comparison_count(f->c, COMPARISON_SERVED, &n, &f->e));
    assert_int_equal(n, 3);
}

static void a_record_of_one_side_is_one(void **state)
{
    struct fixture *f = *state;

    directory(f, "a." ZONE, DNS_TYPE_A, "10.0.0.1");
    served(f, "b." ZONE, DNS_TYPE_A, "10.0.0.2");
    directory(f, "c." ZONE, DNS_TYPE_A, "10.0.0.3");
    served(f, "c." ZONE, DNS_TYPE_A, "10.0.0.4");
    assert_string_equal(differences(f), "D a.z.test 1 10.0.0.1 60/0\n"
                                        "S b.z.test 1 10.0.0.2 60/0\n"
                                        "D c.z.test 1 10.0.0.3 60/0\n"
                                        "S c.z.test 1 10.0.0.4 60/0\n");
}

static void another_ttl_is_one_unless_it_is_the_least_of_the_set(void **state)
{
    struct fixture *f = *state;

    put_ttl(f, COMPARISON_DIRECTORY, "h." ZONE, DNS_TYPE_A, "10.0.0.1", 60);
    put_ttl(f, COMPARISON_DIRECTORY, "h." ZONE, DNS_TYPE_A, "10.0.0.2", 30);
    put_ttl(f, COMPARISON_SERVED, "h." ZONE, DNS_TYPE_A, "10.0.0.1", 30);
    put_ttl(f, COMPARISON_SERVED, "h." ZONE, DNS_TYPE_A, "10.0.0.2", 30);
    assert_string_equal(differences(f), "");
    put_ttl(f, COMPARISON_DIRECTORY, "i." ZONE, DNS_TYPE_A, "10.0.0.1", 60);
    put_ttl(f, COMPARISON_SERVED, "i." ZONE, DNS_TYPE_A, "10.0.0.1", 45);
    assert_string_equal(differences(f), "T i.z.test 1 10.0.0.1 60/45\n");
}

static void each_server_has_its_own_serial_and_names_itself(void **state)
{
    struct fixture *f = *state;

    directory(f, ZONE, DNS_TYPE_SOA, SOA("a.z.test.", "1", "300"));
    served(f, ZONE, DNS_TYPE_SOA, SOA("longer.name.z.test.", "77", "300"));
    served(f, ZONE, DNS_TYPE_NS, "longer.name.z.test.");
    assert_string_equal(differences(f), "");
    served(f, ZONE, DNS_TYPE_NS, "other.z.test.");
    served(f, "sub." ZONE, DNS_TYPE_NS, "longer.name.z.test.");
    assert_string_equal(differences(f), "S sub.z.test 2 longer.name.z.test. 60/0\n"
                                        "S z.test 2 other.z.test. 60/0\n");
}

static void the_rest_of_the_soa_is_compared(void **state)
{
    struct fixture *f = *state;

    directory(f, ZONE, DNS_TYPE_SOA, SOA("a.z.test.", "1", "300"));
    served(f, ZONE, DNS_TYPE_SOA, SOA("a.z.test.", "1", "301"));
    assert_string_equal(differences(f),
                        "D z.test 6 " SOA("a.z.test.", "1",
                                          "300") " 60/0\n"
                                                 "S z.test 6 " SOA("a.z.test.", "1",
                                                                   "301") " 60/0\n");
}

static void signatures_and_wins_are_not_compared(void **state)
{
    struct fixture *f = *state;

    served(f, "h." ZONE, 46, "A 13 3 60 20300101000000 20200101000000 1 z.test. AAAA");
    served(f, ZONE, 48, "257 3 13 AAAA");
    served(f, "h." ZONE, 47, "i.z.test. A");
    directory(f, ZONE, 0xff01, "\\# 1 00");
    assert_string_equal(differences(f), "");
    /* A delegation's DS is an administrator's. */
    served(f, "sub." ZONE, 43,
           "1 13 2 AABBCCDDAABBCCDDAABBCCDDAABBCCDDAABBCCDDAABBCCDDAABBCCDDAABBCCDD");
    assert_true(strncmp(differences(f), "S sub.z.test 43", 15) == 0);
}

static void below_a_delegation_only_glue_is_compared(void **state)
{
    struct fixture *f = *state;

    both(f, "sub." ZONE, DNS_TYPE_NS, "ns.sub." ZONE ".");
    directory(f, "ns.sub." ZONE, DNS_TYPE_TXT, "\"hidden\"");
    directory(f, "a.b.sub." ZONE, DNS_TYPE_CNAME, "x.test.");
    assert_string_equal(differences(f), "");
    directory(f, "ns.sub." ZONE, DNS_TYPE_A, "10.0.0.1");
    directory(f, "sub." ZONE, DNS_TYPE_TXT, "\"at it\"");
    /* A name that only ends in the same letters. */
    directory(f, "xsub." ZONE, DNS_TYPE_TXT, "\"beside\"");
    assert_string_equal(differences(f), "D ns.sub.z.test 1 10.0.0.1 60/0\n"
                                        "D sub.z.test 16 \"at it\" 60/0\n"
                                        "D xsub.z.test 16 \"beside\" 60/0\n");
}

static void a_name_that_differs_is_judged_by_its_second_reading(void **state)
{
    struct fixture *f = *state;
    uint64_t n;

    both(f, "same." ZONE, DNS_TYPE_A, "10.0.0.1");
    directory(f, "went." ZONE, DNS_TYPE_A, "10.0.0.2");
    served(f, "came." ZONE, DNS_TYPE_A, "10.0.0.3");
    directory(f, "off." ZONE, DNS_TYPE_A, "10.0.0.4");
    must(f, comparison_again(f->c, &n, &f->e));
    assert_int_equal(n, 3);
    assert_string_equal(differences(f), "");

    both(f, "came." ZONE, DNS_TYPE_A, "10.0.0.3");
    directory(f, "off." ZONE, DNS_TYPE_A, "10.0.0.4");
    /* Made since the first reading: not looked at. */
    directory(f, "new." ZONE, DNS_TYPE_A, "10.0.0.5");
    assert_string_equal(differences(f), "D off.z.test 1 10.0.0.4 60/0\n");
    must(f, comparison_count(f->c, COMPARISON_DIRECTORY, &n, &f->e));
    assert_int_equal(n, 3);
}

static int setup(void **state)
{
    struct fixture *f = talloc_zero(NULL, struct fixture);

    if (!f)
        return 1;
    f->mem = f;
    *state = f;
    return comparison_new(f, ZONE, &f->c, &f->e);
}

static int teardown(void **state) { return talloc_free(*state); }

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(what_is_the_same_on_both_sides_is_no_difference),
        test(a_record_of_one_side_is_one),
        test(another_ttl_is_one_unless_it_is_the_least_of_the_set),
        test(each_server_has_its_own_serial_and_names_itself),
        test(the_rest_of_the_soa_is_compared),
        test(signatures_and_wins_are_not_compared),
        test(below_a_delegation_only_glue_is_compared),
        test(a_name_that_differs_is_judged_by_its_second_reading),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
