#include "tests/unit/unit.h"

#include "ldap/bind.h"

static void assert_meaning(int ldap_rc, const char *text, enum err code, const char *cause)
{
    struct error e;

    assert_int_equal(ldap_bind_error(ldap_rc, text, "dc1.example.test", &e), code);
    assert_int_equal(e.code, code);
    assert_non_null(strstr(e.message, "dc1.example.test"));
    assert_non_null(strstr(e.message, cause));
}

static void kerberos_failures_are_named(void **state)
{
    (void)state;
    assert_meaning(LDAP_LOCAL_ERROR, "Server not found in Kerberos database", ERR_AUTH,
                   "KDC does not know");
    assert_meaning(LDAP_LOCAL_ERROR, "Clock skew too great", ERR_AUTH, "clocks differ");
    assert_meaning(LDAP_LOCAL_ERROR, "Ticket expired", ERR_AUTH, "expired");
    assert_meaning(LDAP_LOCAL_ERROR, "No Kerberos credentials available (default cache: FILE:/x)",
                   ERR_AUTH, "no Kerberos ticket");
    assert_meaning(LDAP_LOCAL_ERROR, "Cannot contact any KDC for realm 'AD.EXAMPLE.TEST'",
                   ERR_UNREACHABLE, "no KDC");
}

static void failures_with_a_next_step_say_it(void **state)
{
    struct error e;

    (void)state;
    ldap_bind_error(LDAP_LOCAL_ERROR, "Ticket expired", "dc1.example.test", &e);
    assert_non_null(strstr(e.hint, "kinit"));
}

static void what_the_server_says_is_passed_on(void **state)
{
    (void)state;
    assert_meaning(LDAP_INVALID_CREDENTIALS, "80090308: LdapErr", ERR_AUTH, "80090308: LdapErr");
    assert_meaning(LDAP_INVALID_CREDENTIALS, NULL, ERR_AUTH, "Invalid credentials");
    assert_meaning(LDAP_STRONG_AUTH_REQUIRED, "", ERR_AUTH, "Strong");
}

static void a_lost_connection_is_not_a_refusal(void **state)
{
    (void)state;
    assert_meaning(LDAP_SERVER_DOWN, NULL, ERR_UNREACHABLE, "LDAP server");
    assert_meaning(LDAP_TIMEOUT, NULL, ERR_TIMEOUT, "in time");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kerberos_failures_are_named),
        cmocka_unit_test(failures_with_a_next_step_say_it),
        cmocka_unit_test(what_the_server_says_is_passed_on),
        cmocka_unit_test(a_lost_connection_is_not_a_refusal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
