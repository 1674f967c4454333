#include "ldap/replmeta.h"
#include "tests/unit/unit.h"

#define HEAD "01000000 00000000"
#define GUID "850b8783c97e804e87db43890d71d153"
#define USNS "bc0f000000000000 bc0f000000000000"
/* The zone object of a Samba domain, cut to two attributes; the second was changed at
 * 2026-11-22T16:29:51Z. */
#define CREATED "01000200 01000000 7ba9132103000000" GUID USNS
#define SETTINGS "1a050900 02000000 7fa9132103000000" GUID USNS
#define CHANGED INT64_C(1795364991)

static enum err find(TALLOC_CTX *mem, const char *hex, struct replmeta *out, struct error *e)
{
    return replmeta_find(unhex(mem, hex), REPLMETA_DNSPROPERTY, out, e);
}

static void the_last_change_of_the_attribute_is_found(void **state)
{
    struct replmeta m = { 0 };

    assert_int_equal(find(*state, HEAD "02000000 00000000" CREATED SETTINGS, &m, NULL), OK);
    assert_int_equal(m.version, 2);
    assert_int_equal(m.changed_at, CHANGED);
    assert_int_equal(find(*state, HEAD "02000000 00000000" SETTINGS CREATED, &m, NULL), OK);
    assert_int_equal(m.changed_at, CHANGED);
}

static void an_attribute_that_never_was_is_not_found(void **state)
{
    struct replmeta m = { .version = 77 };
    struct error e = { 0 };

    assert_int_equal(find(*state, HEAD "01000000 00000000" CREATED, &m, &e), ERR_NOTFOUND);
    assert_int_equal(find(*state, HEAD "00000000 00000000", &m, &e), ERR_NOTFOUND);
    assert_int_equal(m.version, 77);
}

static void broken_bytes_are_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "01",
        HEAD "01000000",
        "02000000 00000000 01000000 00000000" SETTINGS,      /* another version */
        HEAD "01000000 00000000",                            /* fewer than it says */
        HEAD "02000000 00000000" SETTINGS,                   /* likewise */
        HEAD "ffffffff 00000000" SETTINGS,                   /* far fewer */
        HEAD "01000000 00000000 1a050900 02000000 7fa91321", /* cut */
        /* Later than any date. */
        HEAD "01000000 00000000 1a050900 02000000 ffffffffffffffff" GUID USNS,
    };
    struct replmeta m = { .version = 77 };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct error e = { 0 };

        assert_int_equal(find(*state, bad[i], &m, &e), ERR_MALFORMED);
        assert_int_not_equal(e.message[0], '\0');
    }
    assert_int_equal(m.version, 77);
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(the_last_change_of_the_attribute_is_found),
        T(an_attribute_that_never_was_is_not_found),
        T(broken_bytes_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
