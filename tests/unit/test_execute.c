#include "tests/unit/unit.h"

#include <stdio.h>

#include "register/execute.h"
#include "tests/unit/fakedns.h"
#include "tests/unit/realm.h"

#define SERVER "dc1.muster.test"
#define UPDATE_BODY " 2800 0001 0000 0000 0000 066d7573746572 0474657374 00 0006 0001"

static struct realm *realm;
static struct credentials *cred;
static const char *service_keytab;

/* Three updates; the server must see exactly those that script has answers for. */
static enum err send_three(void **state, const struct fake_script *script, bool is_one_at_a_time,
                           struct gsstsig_reply replies[3], struct error *e)
{
    struct bytes wire[3];
    struct messages messages = { wire, 3, is_one_at_a_time };
    struct fakedns server = fakedns_start(service_keytab, script);
    struct deadline d = deadline_in(20000);
    struct dns_conn *conn;
    struct ip loopback;
    bool was_sent = false, was_repeated = false;
    enum err rc;

    for (int i = 0; i < 3; i++)
        wire[i] = unhex(*state, talloc_asprintf(*state, "0%d0%d" UPDATE_BODY, i + 1, i + 1));
    assert_true(server.pid > 0);
    assert_true(ip_parse("127.0.0.1", &loopback));
    assert_int_equal(dns_conn_open(*state, loopback, server.port, d, &conn, e), OK);
    rc = execute_send(conn, SERVER, cred, &messages, d, d, &was_sent, &was_repeated, replies, e);
    assert_true(was_sent);
    assert_int_equal(was_repeated, script->rekey_after > 0);
    talloc_free(conn);
    assert_true(fakedns_end(server));
    return rc;
}

static void only_messages_of_a_forgotten_key_are_sent_again(void **state)
{
    struct fake_script script = { .rekey_after = 3,
                                  .answers = { FAKE_STANDARD, FAKE_UNSIGNED_BADKEY,
                                               FAKE_STANDARD_REFUSED, FAKE_STANDARD } };
    struct gsstsig_reply replies[3];
    struct error e = { 0 };

    /* Four updates in all: the first and the third once, whatever their answers were. */
    assert_int_equal(send_three(state, &script, false, replies, &e), OK);
    assert_int_equal(replies[0].rcode, DNS_RCODE_NOERROR);
    assert_int_equal(replies[0].proof, GSSTSIG_PROOF_STANDARD);
    assert_int_equal(replies[1].rcode, DNS_RCODE_NOERROR);
    assert_int_equal(replies[1].proof, GSSTSIG_PROOF_STANDARD);
    assert_int_equal(replies[1].tsig_error, 0);
    assert_int_equal(replies[2].rcode, DNS_RCODE_REFUSED);
}

static void replies_of_messages_sent_again_keep_their_places(void **state)
{
    struct fake_script script = { .rekey_after = 3,
                                  .answers = { FAKE_UNSIGNED_BADKEY, FAKE_STANDARD,
                                               FAKE_UNSIGNED_BADKEY, FAKE_STANDARD_REFUSED,
                                               FAKE_STANDARD } };
    struct gsstsig_reply replies[3];
    struct error e = { 0 };

    assert_int_equal(send_three(state, &script, false, replies, &e), OK);
    assert_int_equal(replies[0].rcode, DNS_RCODE_REFUSED);
    assert_int_equal(replies[1].rcode, DNS_RCODE_NOERROR);
    assert_int_equal(replies[2].rcode, DNS_RCODE_NOERROR);
}

static void a_key_forgotten_twice_is_not_negotiated_a_third_time(void **state)
{
    struct fake_script script = { .rekey_after = 3,
                                  .answers = { FAKE_UNSIGNED_BADKEY, FAKE_STANDARD, FAKE_STANDARD,
                                               FAKE_UNSIGNED_BADKEY } };
    struct gsstsig_reply replies[3];
    struct error e = { 0 };

    assert_int_equal(send_three(state, &script, false, replies, &e), OK);
    assert_int_equal(replies[0].tsig_error, 17);
    assert_int_equal(replies[1].proof, GSSTSIG_PROOF_STANDARD);
}

/* Were bytes of an update on their way, when it failed? */
static bool was_sent_when_failed(void **state, const struct fake_script *script, const char *update,
                                 enum err expected)
{
    struct fakedns server = fakedns_start(service_keytab, script);
    struct deadline d = deadline_in(20000);
    struct bytes message = unhex(*state, update);
    const struct messages messages = { &message, 1, false };
    struct gsstsig_reply reply;
    struct dns_conn *conn;
    struct ip loopback;
    struct error e = { 0 };
    bool was_sent = false, was_repeated = false;

    assert_true(server.pid > 0);
    assert_true(ip_parse("127.0.0.1", &loopback));
    assert_int_equal(dns_conn_open(*state, loopback, server.port, d, &conn, &e), OK);
    assert_int_equal(execute_send(conn, SERVER, cred, &messages, d, d, &was_sent, &was_repeated,
                                  &reply, &e),
                     expected);
    talloc_free(conn);
    assert_true(fakedns_end(server));
    return was_sent;
}

static void an_update_counts_as_sent_when_its_bytes_may_have_left(void **state)
{
    struct fake_script refuses = { .tkey = FAKE_TKEY_REFUSED };
    struct fake_script waits = { .answers = { FAKE_NONE } };
    struct fake_script closes = { .answers = { FAKE_CLOSE } };

    assert_false(was_sent_when_failed(state, &refuses, "0101" UPDATE_BODY, ERR_AUTH));
    /* Negotiated, but then there is nothing that can be signed: a query. */
    assert_false(
        was_sent_when_failed(state, &waits, "0101 0000 0000 0000 0000 0000", ERR_INTERNAL));
    assert_true(was_sent_when_failed(state, &closes, "0101" UPDATE_BODY, ERR_UNREACHABLE));
}

static void updates_that_go_one_at_a_time_wait_for_each_answer(void **state)
{
    struct fake_script script = {
        .is_one_at_a_time = true, .answers = { FAKE_STANDARD, FAKE_STANDARD_REFUSED, FAKE_STANDARD }
    };
    struct gsstsig_reply replies[3];
    struct error e = { 0 };

    assert_int_equal(send_three(state, &script, true, replies, &e), OK);
    assert_int_equal(replies[0].rcode, DNS_RCODE_NOERROR);
    assert_int_equal(replies[1].rcode, DNS_RCODE_REFUSED);
    assert_int_equal(replies[2].rcode, DNS_RCODE_NOERROR);
    assert_int_equal(replies[2].proof, GSSTSIG_PROOF_STANDARD);
}

static int group_setup(void **state)
{
    const char *host_keytab;
    struct error e = { 0 };

    (void)state;
    realm = realm_start();
    if (!realm)
        return -1;
    host_keytab = realm_path(realm, "host.kt");
    service_keytab = realm_path(realm, "dns.kt");
    if (!realm_account(realm, "HOST1$", host_keytab) ||
        !realm_account(realm, "DNS/" SERVER, service_keytab) ||
        credentials_from_keytab(realm, host_keytab, "HOST1$@" REALM, NULL, 0, deadline_in(10000),
                                &cred, &e) != OK) {
        fprintf(stderr, "no credentials: %s\n", e.message);
        return -1;
    }
    return 0;
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(only_messages_of_a_forgotten_key_are_sent_again),
        TEST(replies_of_messages_sent_again_keep_their_places),
        TEST(a_key_forgotten_twice_is_not_negotiated_a_third_time),
        TEST(an_update_counts_as_sent_when_its_bytes_may_have_left),
        TEST(updates_that_go_one_at_a_time_wait_for_each_answer),
    };

    return cmocka_run_group_tests(tests, group_setup, realm_group_teardown);
}
