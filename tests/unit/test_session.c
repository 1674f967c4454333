#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "gss-tsig/session.h"
#include "tests/unit/fakedns.h"
#include "tests/unit/realm.h"

/* Long enough for a busy machine. */
static struct deadline soon(void) { return deadline_in(20000); }

#define SERVER "dc1.muster.test"

static struct realm *realm;
static struct credentials *cred;
static const char *service_keytab;

/* An UPDATE as plain as it can be: zone muster.test, SOA, IN, nothing to do. */
#define UPDATE_BODY " 2800 0001 0000 0000 0000 066d7573746572 0474657374 00 0006 0001"

/* ---- the log ---- */

static char log_text[8192];

static void remember(enum log_level level, const char *text, void *priv)
{
    (void)level;
    (void)priv;
    strncat(log_text, text, sizeof log_text - strlen(log_text) - 2);
    strcat(log_text, "\n");
}

static unsigned logged(const char *text)
{
    unsigned n = 0;

    for (const char *at = log_text; (at = strstr(at, text)); at++)
        n++;
    return n;
}

/* ---- one server, one session ---- */

struct run {
    struct fakedns server;
    struct gsstsig_session *session;
    struct dns_conn *conn;
    enum err opened;
    struct error e;
};

static struct run begin(void **state, const char *keytab, const struct fake_script *script)
{
    struct run run = { .server = fakedns_start(keytab, script) };
    struct deadline d = deadline_in(script->tkey == FAKE_TKEY_SILENT ? 100 : 20000);
    struct ip loopback;

    assert_true(run.server.pid > 0);
    assert_true(ip_parse("127.0.0.1", &loopback));
    assert_int_equal(dns_conn_open(*state, loopback, run.server.port, d, &run.conn, &run.e), OK);
    run.opened = gsstsig_session_open(*state, run.conn, SERVER, cred, d, &run.session, &run.e);
    return run;
}

static void end(struct run *run)
{
    talloc_free(run->conn);
    assert_true(fakedns_end(run->server));
}

/* n updates with the IDs 0x0101, 0x0202, … */
static enum err update(void **state, struct run *run, size_t n, struct gsstsig_reply *replies)
{
    static const char *const ids[] = { "0101", "0202", "0303", "0404" };
    struct bytes messages[4];

    assert_true(n <= 4);
    for (size_t i = 0; i < n; i++)
        messages[i] = unhex(*state, talloc_asprintf(*state, "%s" UPDATE_BODY, ids[i]));
    memset(replies, 0x55, n * sizeof *replies);
    return gsstsig_session_update(run->session, messages, n, deadline_in(20000), replies, &run->e);
}

static enum err update_once(void **state, enum fake_answer answer, struct gsstsig_reply *reply,
                            struct error *e)
{
    struct fake_script script = { .answers = { answer } };
    struct run run = begin(state, service_keytab, &script);
    enum err rc;

    assert_int_equal(run.opened, OK);
    rc = update(state, &run, 1, reply);
    *e = run.e;
    end(&run);
    return rc;
}

static void assert_reply(void **state, enum fake_answer answer, int rcode, enum gsstsig_proof proof,
                         bool is_echo, uint16_t tsig_error)
{
    struct gsstsig_reply reply;
    struct error e;

    assert_int_equal(update_once(state, answer, &reply, &e), OK);
    assert_int_equal(reply.rcode, rcode);
    assert_int_equal(reply.proof, proof);
    assert_int_equal(reply.is_echo, is_echo);
    assert_int_equal(reply.tsig_error, tsig_error);
}

static void assert_unverified(void **state, enum fake_answer answer, const char *reason)
{
    struct gsstsig_reply reply, untouched;
    struct error e = { 0 };

    memset(&untouched, 0x55, sizeof untouched);
    assert_int_equal(update_once(state, answer, &reply, &e), ERR_UNVERIFIED);
    assert_int_equal(e.code, ERR_UNVERIFIED);
    assert_non_null(strstr(e.message, SERVER));
    if (!strstr(e.message, reason))
        fail_msg("\"%s\" does not say \"%s\"", e.message, reason);
    assert_memory_equal(&reply, &untouched, sizeof reply);
}

/* ---- answers that count ---- */

static void the_standard_form_is_proof(void **state)
{
    assert_reply(state, FAKE_STANDARD, 0, GSSTSIG_PROOF_STANDARD, false, 0);
    assert_int_equal(logged("answers verify in the standard form"), 1);
}

static void the_legacy_form_is_proof_and_named_in_the_log(void **state)
{
    assert_reply(state, FAKE_LEGACY, 0, GSSTSIG_PROOF_LEGACY, false, 0);
    assert_int_equal(logged("answers verify in the legacy form (request MAC without its length"),
                     1);
}

static void a_signed_refusal_is_a_proven_refusal(void **state)
{
    assert_reply(state, FAKE_STANDARD_REFUSED, 5, GSSTSIG_PROOF_STANDARD, false, 0);
}

static void names_are_signed_in_lower_case(void **state)
{
    assert_reply(state, FAKE_STANDARD_CAPITALS, 0, GSSTSIG_PROOF_STANDARD, false, 0);
}

static void a_signed_badtime_tells_the_skew(void **state)
{
    assert_reply(state, FAKE_SIGNED_BADTIME, 9, GSSTSIG_PROOF_STANDARD, false, 18);
    assert_int_equal(logged("BADTIME"), 1);
    assert_true(logged("1000 s ahead of ours") + logged("1001 s ahead of ours") +
                    logged("999 s ahead of ours") ==
                1);
}

/* ---- answers that are rumours ---- */

static void our_own_request_echoed_proves_nothing(void **state)
{
    assert_reply(state, FAKE_ECHO, 2, GSSTSIG_PROOF_NONE, true, 0);
    assert_reply(state, FAKE_ECHO_NOERROR, 0, GSSTSIG_PROOF_NONE, true, 0);
}

static void an_unsigned_answer_proves_nothing(void **state)
{
    assert_reply(state, FAKE_UNSIGNED, 0, GSSTSIG_PROOF_NONE, false, 0);
}

static void an_unsigned_tsig_error_is_passed_on_as_a_rumour(void **state)
{
    assert_reply(state, FAKE_UNSIGNED_BADKEY, 9, GSSTSIG_PROOF_NONE, false, 17);
}

/* ---- answers that end the session ---- */

static void a_signature_that_does_not_fit_is_refused(void **state)
{
    assert_unverified(state, FAKE_WRONG_MAC, "does not belong to it");
    assert_unverified(state, FAKE_TRUNCATED_MAC, "does not belong to it");
    assert_unverified(state, FAKE_EMPTY_MAC, "does not belong to it");
    assert_unverified(state, FAKE_MAC_OF_OTHER, "does not belong to it");
    assert_unverified(state, FAKE_SIGNED_BADKEY_NOERROR, "contradicts itself");
}

static void a_signature_not_bound_to_our_request_is_refused(void **state)
{
    assert_unverified(state, FAKE_NO_REQUEST_MAC, "does not belong to it");
    assert_unverified(state, FAKE_OTHER_REQUEST_MAC, "does not belong to it");
    assert_unverified(state, FAKE_LEGACY_WRONG_LENGTH, "does not belong to it");
}

static void a_time_outside_the_fudge_is_refused(void **state)
{
    assert_unverified(state, FAKE_WRONG_TIME, "in the past");
}

static void another_key_or_algorithm_is_refused(void **state)
{
    assert_unverified(state, FAKE_OTHER_KEY, "another key");
    assert_unverified(state, FAKE_OTHER_ALGORITHM, "another algorithm");
}

static void an_answer_to_nothing_is_refused(void **state)
{
    assert_unverified(state, FAKE_UNKNOWN_ID, "belongs to no update");
    assert_unverified(state, FAKE_NOT_AN_ANSWER, "something else");
}

/* ---- several updates ---- */

static void pipelined_updates_are_matched_in_any_order(void **state)
{
    struct fake_script script = {
        .is_reversed = true,
        .answers = { FAKE_STANDARD, FAKE_STANDARD_REFUSED, FAKE_ECHO, FAKE_STANDARD },
    };
    struct run run = begin(state, service_keytab, &script);
    unsigned turns = dns_conn_turns(run.conn);
    struct gsstsig_reply replies[4];

    assert_int_equal(run.opened, OK);
    assert_int_equal(update(state, &run, 4, replies), OK);
    assert_int_equal(replies[0].proof, GSSTSIG_PROOF_STANDARD);
    assert_int_equal(replies[0].rcode, 0);
    assert_int_equal(replies[1].proof, GSSTSIG_PROOF_STANDARD);
    assert_int_equal(replies[1].rcode, 5);
    assert_true(replies[2].is_echo);
    assert_int_equal(replies[2].proof, GSSTSIG_PROOF_NONE);
    assert_int_equal(replies[3].proof, GSSTSIG_PROOF_STANDARD);
    assert_int_equal(logged("answers verify in the standard form"), 1);
    /* All four in one turn. */
    assert_int_equal(dns_conn_turns(run.conn), turns + 1);
    end(&run);
}

static void one_bad_answer_among_good_ones_fails_the_call(void **state)
{
    struct fake_script script = { .answers = { FAKE_STANDARD, FAKE_WRONG_MAC, FAKE_STANDARD } };
    struct run run = begin(state, service_keytab, &script);
    struct gsstsig_reply replies[3], untouched[3];

    memset(untouched, 0x55, sizeof untouched);
    assert_int_equal(update(state, &run, 3, replies), ERR_UNVERIFIED);
    assert_memory_equal(replies, untouched, sizeof replies);
    /* And the session is of no more use. */
    assert_int_equal(update(state, &run, 1, replies), ERR_UNREACHABLE);
    end(&run);
}

static void a_second_answer_to_one_update_is_refused(void **state)
{
    struct fake_script script = { .answers = { FAKE_TWICE, FAKE_STANDARD } };
    struct run run = begin(state, service_keytab, &script);
    struct gsstsig_reply replies[2];

    assert_int_equal(update(state, &run, 2, replies), ERR_UNVERIFIED);
    assert_non_null(strstr(run.e.message, "second answer"));
    end(&run);
}

static void a_replayed_signature_is_refused(void **state)
{
    struct fake_script script = { .answers = { FAKE_STANDARD, FAKE_REPLAY } };
    struct run run = begin(state, service_keytab, &script);
    struct gsstsig_reply replies[2];

    assert_int_equal(update(state, &run, 2, replies), ERR_UNVERIFIED);
    end(&run);
}

static void two_updates_with_one_id_are_not_sent(void **state)
{
    struct fake_script script = { .tkey = FAKE_TKEY_UNSIGNED };
    struct run run = begin(state, service_keytab, &script);
    struct bytes one = unhex(*state, "0101" UPDATE_BODY), two[] = { one, one };
    struct bytes query = unhex(*state, "0101 0000 0001 0000 0000 0000 00 0006 0001");
    struct gsstsig_reply replies[2];

    assert_int_equal(gsstsig_session_update(run.session, two, 2, deadline_in(1000), replies,
                                            &run.e),
                     ERR_INTERNAL);
    assert_int_equal(gsstsig_session_update(run.session, &query, 1, deadline_in(1000), replies,
                                            &run.e),
                     ERR_INTERNAL);
    assert_int_equal(gsstsig_session_update(run.session, NULL, 0, deadline_in(1000), NULL, &run.e),
                     OK);
    end(&run);
}

static void a_connection_closed_instead_of_an_answer_is_unreachable(void **state)
{
    struct fake_script script = { .answers = { FAKE_STANDARD, FAKE_CLOSE } };
    struct run run = begin(state, service_keytab, &script);
    struct gsstsig_reply replies[2];

    assert_int_equal(update(state, &run, 2, replies), ERR_UNREACHABLE);
    assert_int_equal(update(state, &run, 1, replies), ERR_UNREACHABLE);
    end(&run);
}

/* ---- the negotiation ---- */

static struct error open_fails(void **state, const char *keytab, enum fake_tkey how,
                               enum err expected)
{
    struct fake_script script = { .tkey = how };
    struct run run = begin(state, keytab, &script);

    assert_int_equal(run.opened, expected);
    assert_int_equal(run.e.code, expected);
    assert_non_null(strstr(run.e.message, SERVER));
    assert_null(run.session);
    end(&run);
    return run.e;
}

static void the_signature_on_the_tkey_answer_is_looked_at_but_not_needed(void **state)
{
    static const struct {
        enum fake_tkey how;
        const char *says;
    } cases[] = {
        { FAKE_TKEY_UNSIGNED, "key negotiated, that answer is unsigned" },
        { FAKE_TKEY_SIGNED, "key negotiated, that answer is signed" },
        { FAKE_TKEY_SIGNED_LENGTH, "key negotiated, that answer is signed" },
        { FAKE_TKEY_SIGNED_BADLY, "but the signature on that answer is not good" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fake_script script = { .tkey = cases[i].how, .answers = { FAKE_STANDARD } };
        struct run run = begin(state, service_keytab, &script);
        struct gsstsig_reply reply;

        assert_int_equal(run.opened, OK);
        assert_int_equal(logged("key negotiated"), 1);
        assert_int_equal(logged(cases[i].says), 1);
        log_text[0] = '\0';
        assert_int_equal(update(state, &run, 1, &reply), OK);
        assert_int_equal(reply.proof, GSSTSIG_PROOF_STANDARD);
        end(&run);
    }
}

static void a_server_that_refuses_or_does_not_prove_itself_is_an_authentication_error(void **state)
{
    open_fails(state, service_keytab, FAKE_TKEY_REFUSED, ERR_AUTH);
    open_fails(state, service_keytab, FAKE_TKEY_NO_TOKEN, ERR_AUTH);
    open_fails(state, service_keytab, FAKE_TKEY_JUNK_TOKEN, ERR_AUTH);
}

static void an_answer_that_is_not_the_negotiated_one_is_unverified(void **state)
{
    open_fails(state, service_keytab, FAKE_TKEY_OTHER_KEY_NAME, ERR_UNVERIFIED);
    open_fails(state, service_keytab, FAKE_TKEY_WRONG_ID, ERR_UNVERIFIED);
}

static void a_silent_server_times_out(void **state)
{
    open_fails(state, service_keytab, FAKE_TKEY_SILENT, ERR_TIMEOUT);
}

static void a_server_with_another_key_cannot_pose_as_the_service(void **state)
{
    const char *impostor = realm_path(realm, "impostor.kt");
    struct error e;

    /* The same realm, another principal's key. */
    assert_true(realm_account(realm, "impostor", impostor));
    e = open_fails(state, impostor, FAKE_TKEY_UNSIGNED, ERR_AUTH);
    assert_non_null(strstr(e.message, "BADKEY"));
}

static void names_that_no_principal_can_have_never_reach_kerberos(void **state)
{
    static const char *const bad[] = { "",      "dc1@EVIL.TEST", "dc1/admin",
                                       "dc1 x", "dc1\\@x",       "dc1\nx" };
    struct gsstsig_session *session = NULL;
    struct error e;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(gsstsig_session_open(*state, NULL, bad[i], cred, deadline_in(100),
                                              &session, &e),
                         ERR_AUTH);
        assert_null(session);
    }
}

static void a_session_needs_no_kdc_and_no_configuration_once_the_ticket_is_there(void **state)
{
    struct fake_script script = { .answers = { FAKE_STANDARD } };
    struct gsstsig_reply reply;
    struct error e;
    struct run run;

    assert_int_equal(credentials_fetch_ticket(cred, "DNS/" SERVER, soon(), &e), OK);
    realm_stop_kdc(realm);
    setenv("KRB5_CONFIG", realm_path(realm, "there-is-no-such-file"), 1);
    run = begin(state, service_keytab, &script);
    assert_int_equal(run.opened, OK);
    assert_int_equal(update(state, &run, 1, &reply), OK);
    assert_int_equal(reply.proof, GSSTSIG_PROOF_STANDARD);
    end(&run);
    realm_use(realm);
    assert_true(realm_start_kdc(realm));
}

static void proofs_have_names(void **state)
{
    (void)state;
    assert_string_equal(gsstsig_proof_name(GSSTSIG_PROOF_STANDARD), "standard");
    assert_string_equal(gsstsig_proof_name(GSSTSIG_PROOF_LEGACY), "legacy");
    assert_string_equal(gsstsig_proof_name(GSSTSIG_PROOF_NONE), "none");
}

static int group_setup(void **state)
{
    const char *host_keytab;
    struct error e = { 0 };

    (void)state;
    realm = realm_start();
    if (!realm)
        return -1;
    log_set_sink(LOG_LEVEL_DEBUG, remember, NULL);
    host_keytab = realm_path(realm, "host.kt");
    service_keytab = realm_path(realm, "dns.kt");
    if (!realm_account(realm, "HOST1$", host_keytab) ||
        !realm_account(realm, "DNS/" SERVER, service_keytab) ||
        credentials_from_keytab(realm, host_keytab, "HOST1$@" REALM, NULL, 0, soon(), &cred, &e) !=
            OK) {
        fprintf(stderr, "no credentials: %s\n", e.message);
        return -1;
    }
    return 0;
}

static int setup(void **state)
{
    log_text[0] = '\0';
    return !(*state = talloc_new(NULL));
}

static int teardown(void **state) { return talloc_free(*state); }

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_standard_form_is_proof),
        TEST(the_legacy_form_is_proof_and_named_in_the_log),
        TEST(a_signed_refusal_is_a_proven_refusal),
        TEST(names_are_signed_in_lower_case),
        TEST(a_signed_badtime_tells_the_skew),
        TEST(our_own_request_echoed_proves_nothing),
        TEST(an_unsigned_answer_proves_nothing),
        TEST(an_unsigned_tsig_error_is_passed_on_as_a_rumour),
        TEST(a_signature_that_does_not_fit_is_refused),
        TEST(a_signature_not_bound_to_our_request_is_refused),
        TEST(a_time_outside_the_fudge_is_refused),
        TEST(another_key_or_algorithm_is_refused),
        TEST(an_answer_to_nothing_is_refused),
        TEST(pipelined_updates_are_matched_in_any_order),
        TEST(one_bad_answer_among_good_ones_fails_the_call),
        TEST(a_second_answer_to_one_update_is_refused),
        TEST(a_replayed_signature_is_refused),
        TEST(two_updates_with_one_id_are_not_sent),
        TEST(a_connection_closed_instead_of_an_answer_is_unreachable),
        TEST(the_signature_on_the_tkey_answer_is_looked_at_but_not_needed),
        TEST(a_server_that_refuses_or_does_not_prove_itself_is_an_authentication_error),
        TEST(an_answer_that_is_not_the_negotiated_one_is_unverified),
        TEST(a_silent_server_times_out),
        TEST(a_server_with_another_key_cannot_pose_as_the_service),
        TEST(names_that_no_principal_can_have_never_reach_kerberos),
        TEST(a_session_needs_no_kdc_and_no_configuration_once_the_ticket_is_there),
        TEST(proofs_have_names),
    };

    return cmocka_run_group_tests(tests, group_setup, realm_group_teardown);
}
