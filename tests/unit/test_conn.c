#include "tests/unit/unit.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dns/conn.h"
#include "dns/message.h"
#include "tests/fakes/dnsserver.h"

/* Long enough for a busy machine; a test that needs it has failed. */
#define PATIENCE_MS 20000

static struct dns_conn *connect_to(TALLOC_CTX *mem, uint16_t port)
{
    struct dns_conn *c;
    struct error e;
    struct ip ip;

    assert_true(ip_parse("127.0.0.1", &ip));
    if (dns_conn_open(mem, ip, port, deadline_in(PATIENCE_MS), &c, &e) != OK)
        fail_msg("%s", e.message);
    return c;
}

static struct dns_conn *serve(TALLOC_CTX *mem, fake_dns_handler *handler, void *priv)
{
    struct fake_dns *s = fake_dns_start(mem, "127.0.0.1", 0, handler, priv);

    assert_non_null(s);
    return connect_to(mem, fake_dns_port(s));
}

static struct bytes some_query(TALLOC_CTX *mem, uint16_t id)
{
    const struct dns_question q = { "x.test", DNS_TYPE_A };
    struct bytes out;

    assert_int_equal(dns_message_query(mem, id, &q, false, &out, NULL), OK);
    return out;
}

/* "n17.test" has the address 10.0.0.17. */
static struct bytes address_of(TALLOC_CTX *mem, struct bytes query)
{
    int type;
    unsigned n = 0;
    const char *name = fake_dns_question(mem, query, &type);

    sscanf(name, "n%u", &n);
    return fake_dns_reply(mem, query, "AA",
                          talloc_asprintf(mem, "%s. 60 IN A 10.0.%u.%u", name, n / 256, n % 256),
                          NULL, NULL);
}

static struct fake_answer honest(TALLOC_CTX *mem, struct bytes query, bool is_tcp, void *priv)
{
    (void)is_tcp;
    (void)priv;
    return (struct fake_answer){ .data = address_of(mem, query) };
}

static struct fake_answer in_crumbs(TALLOC_CTX *mem, struct bytes query, bool is_tcp, void *priv)
{
    struct fake_answer a = honest(mem, query, is_tcp, priv);

    a.is_in_crumbs = true;
    return a;
}

/* Holds answers back until there are three, then gives them from the last to the first. */
struct backwards {
    TALLOC_CTX *mem;
    struct bytes held[3];
    int n;
};

static struct fake_answer backwards(TALLOC_CTX *mem, struct bytes query, bool is_tcp, void *priv)
{
    struct backwards *b = priv;
    struct wr w = wr_init(mem);

    (void)is_tcp;
    b->held[b->n++] = address_of(b->mem, query);
    if (b->n < 3)
        return (struct fake_answer){ .data = { NULL, 0 } };
    while (b->n-- > 0) {
        wr_be16(&w, (uint16_t)b->held[b->n].len);
        wr_bytes(&w, b->held[b->n]);
    }
    return (struct fake_answer){ .data = wr_view(&w), .is_raw = true };
}

/* What priv says, for every message. */
static struct fake_answer says(TALLOC_CTX *mem, struct bytes query, bool is_tcp, void *priv)
{
    (void)mem;
    (void)query;
    (void)is_tcp;
    return *(struct fake_answer *)priv;
}

static struct fake_answer echoes(TALLOC_CTX *mem, struct bytes query, bool is_tcp, void *priv)
{
    (void)mem;
    (void)is_tcp;
    (void)priv;
    return (struct fake_answer){ .data = query };
}

static struct dns_question *numbered_below(TALLOC_CTX *mem, size_t n, const char *zone)
{
    struct dns_question *q = talloc_array(mem, struct dns_question, (unsigned)n);

    for (size_t i = 0; i < n; i++)
        q[i] = (struct dns_question){ talloc_asprintf(mem, "n%zu.%s", i, zone), DNS_TYPE_A };
    return q;
}

static struct dns_question *numbered(TALLOC_CTX *mem, size_t n)
{
    return numbered_below(mem, n, "test");
}

static void assert_all_are_answered(TALLOC_CTX *mem, struct dns_conn *c,
                                    const struct dns_question *q, size_t n)
{
    struct dns_answer *a;
    struct error e;

    if (dns_conn_ask(mem, c, q, n, false, deadline_in(PATIENCE_MS), &a, &e) != OK)
        fail_msg("%s", e.message);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(a[i].answer.count, 1);
        assert_string_equal(a[i].answer.rr[0].data,
                            talloc_asprintf(mem, "10.0.%zu.%zu", i / 256, i % 256));
    }
}

static void assert_each_has_its_answer(TALLOC_CTX *mem, struct dns_conn *c, size_t n)
{
    assert_all_are_answered(mem, c, numbered(mem, n), n);
}

static enum err ask_one(TALLOC_CTX *mem, struct dns_conn *c, int patience_ms, struct error *e)
{
    struct dns_answer *a;

    return dns_conn_ask(mem, c, numbered(mem, 1), 1, false, deadline_in(patience_ms), &a, e);
}

static void answers_are_put_to_their_questions_in_any_order(void **state)
{
    struct backwards b = { .mem = *state };

    assert_each_has_its_answer(*state, serve(*state, backwards, &b), 3);
}

static void answers_in_crumbs_are_put_together(void **state)
{
    assert_each_has_its_answer(*state, serve(*state, in_crumbs, NULL), 3);
}

/*
 * More than the kernel holds on the way: the server does not read on while nobody takes
 * its answers, and both would wait for ever.
 */
static void many_questions_at_once_do_not_block(void **state)
{
    enum { N = 30000 };
    static const char label[] = "this-is-a-long-label-of-sixty-bytes-that-fills-the-wire-well";
    char *zone = talloc_asprintf(*state, "%s.%s.%s.test", label, label, label);

    assert_all_are_answered(*state, serve(*state, honest, NULL), numbered_below(*state, N, zone),
                            N);
}

static void asking_nothing_sends_nothing(void **state)
{
    struct dns_conn *c = serve(*state, honest, NULL);
    struct dns_answer *a = NULL;

    assert_int_equal(dns_conn_ask(*state, c, NULL, 0, false, deadline_in(PATIENCE_MS), &a, NULL),
                     OK);
    assert_non_null(a);
    assert_int_equal(dns_conn_turns(c), 1);
}

static void turns_count_how_often_we_speak_after_the_server(void **state)
{
    struct dns_conn *c = serve(*state, honest, NULL);

    assert_int_equal(dns_conn_turns(c), 1);
    assert_each_has_its_answer(*state, c, 5);
    assert_int_equal(dns_conn_turns(c), 2);
    assert_each_has_its_answer(*state, c, 1);
    assert_int_equal(dns_conn_turns(c), 3);
}

static void largest_message_goes_both_ways(void **state)
{
    struct dns_conn *c = serve(*state, echoes, NULL);
    uint8_t *big = talloc_zero_size(*state, 65536);
    struct bytes got;

    for (size_t i = 0; i < 65536; i++)
        big[i] = (uint8_t)(i * 7);
    assert_int_equal(dns_conn_send(c, (struct bytes){ big, 65535 }, deadline_in(PATIENCE_MS), NULL),
                     OK);
    assert_int_equal(dns_conn_recv(*state, c, deadline_in(PATIENCE_MS), &got, NULL), OK);
    assert_bytes_equal(got, ((struct bytes){ big, 65535 }));
    assert_int_equal(dns_conn_send(c, (struct bytes){ big, 65536 }, deadline_in(PATIENCE_MS), NULL),
                     ERR_INTERNAL);
}

static void server_that_closes_is_unreachable(void **state)
{
    /* Between messages; after half a prefix; after a prefix; inside a message. */
    static const char *const starts[] = { "", "00", "0020", "0020 1234 8000" };

    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        struct fake_answer a = { unhex(*state, starts[i]), true, true, false };
        struct error e = { 0 };

        assert_int_equal(ask_one(*state, serve(*state, says, &a), PATIENCE_MS, &e),
                         ERR_UNREACHABLE);
        assert_non_null(strstr(e.message, "127.0.0.1"));
        if (i > 0)
            assert_non_null(strstr(e.message, "inside a message"));
    }
}

/* The answer and the end, or the end alone. */
static struct fake_answer says_and_closes(TALLOC_CTX *mem, struct bytes query, bool is_tcp,
                                          void *priv)
{
    struct fake_answer a = honest(mem, query, is_tcp, priv);

    if (*(bool *)priv)
        a.data = (struct bytes){ NULL, 0 };
    a.is_raw = *(bool *)priv;
    a.closes = true;
    return a;
}

static void a_connection_is_lost_only_after_it_had_answered(void **state)
{
    bool is_mute = false;
    struct dns_conn *c = serve(*state, says_and_closes, &is_mute);

    assert_int_equal(ask_one(*state, c, PATIENCE_MS, NULL), OK);
    assert_false(dns_conn_was_lost(c));
    assert_int_equal(ask_one(*state, c, PATIENCE_MS, NULL), ERR_UNREACHABLE);
    assert_true(dns_conn_was_lost(c));

    is_mute = true;
    c = serve(*state, says_and_closes, &is_mute);
    assert_int_equal(ask_one(*state, c, PATIENCE_MS, NULL), ERR_UNREACHABLE);
    assert_false(dns_conn_was_lost(c));
}

static void sending_to_a_closed_connection_is_an_error_not_a_signal(void **state)
{
    struct fake_answer a = { unhex(*state, ""), true, true, false };
    struct dns_conn *c = serve(*state, says, &a);
    enum err rc = OK;

    assert_int_equal(ask_one(*state, c, PATIENCE_MS, NULL), ERR_UNREACHABLE);
    for (int i = 0; rc == OK && i < 100; i++) {
        rc = dns_conn_send(c, some_query(*state, 1), deadline_in(PATIENCE_MS), NULL);
        usleep(1000);
    }
    assert_int_equal(rc, ERR_UNREACHABLE);
}

static void messages_without_a_header_are_malformed(void **state)
{
    static const char *const bad[] = { "0000", "0001 00", "000b 0000000000000000000000" };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct fake_answer a = { unhex(*state, bad[i]), true, false, false };

        struct dns_conn *c = serve(*state, says, &a);
        struct bytes got = { NULL, 77 };

        assert_int_equal(dns_conn_send(c, some_query(*state, 1), deadline_in(PATIENCE_MS), NULL),
                         OK);
        assert_int_equal(dns_conn_recv(*state, c, deadline_in(PATIENCE_MS), &got, NULL),
                         ERR_MALFORMED);
        assert_int_equal(got.len, 77);
        assert_int_equal(ask_one(*state, c, PATIENCE_MS, NULL), ERR_MALFORMED);
    }
}

/* Each wrong in its own way. */
static struct fake_answer liar(TALLOC_CTX *mem, struct bytes query, bool is_tcp, void *priv)
{
    struct bytes good = address_of(mem, query), bad = bytes_dup(mem, good);
    uint8_t *b = (uint8_t *)(uintptr_t)bad.data;
    struct wr w = wr_init(mem);

    (void)is_tcp;
    switch (*(int *)priv) {
    case 0: /* another ID */
        b[0] ^= 0x55;
        break;
    case 1: /* another question */
        b[13] ^= 0x01;
        break;
    case 2: /* no answer at all, but our query */
        b[2] &= 0x7f;
        break;
    case 3: /* truncated, which TCP has no use for */
        b[2] |= 0x02;
        break;
    case 4: /* more records than there are */
        b[7] = 9;
        break;
    }
    wr_be16(&w, (uint16_t)bad.len);
    wr_bytes(&w, bad);
    return (struct fake_answer){ .data = wr_view(&w), .is_raw = true };
}

static void answers_that_fit_no_question_are_malformed(void **state)
{
    for (int how = 0; how <= 4; how++)
        assert_int_equal(ask_one(*state, serve(*state, liar, &how), PATIENCE_MS, NULL),
                         ERR_MALFORMED);
}

static struct fake_answer twice(TALLOC_CTX *mem, struct bytes query, bool is_tcp, void *priv)
{
    struct bytes good = address_of(mem, query);
    struct wr w = wr_init(mem);

    (void)is_tcp;
    (void)priv;
    for (int i = 0; i < 2; i++) {
        wr_be16(&w, (uint16_t)good.len);
        wr_bytes(&w, good);
    }
    return (struct fake_answer){ .data = wr_view(&w), .is_raw = true };
}

static void the_same_answer_twice_is_malformed(void **state)
{
    struct dns_conn *c = serve(*state, twice, NULL);
    struct dns_answer *a;

    assert_int_equal(dns_conn_ask(*state, c, numbered(*state, 2), 2, false,
                                  deadline_in(PATIENCE_MS), &a, NULL),
                     ERR_MALFORMED);
}

static void silence_ends_at_the_deadline_and_the_rest_still_comes(void **state)
{
    struct fake_answer half = { unhex(*state, "000c 1234 8000 0000"), true, false, false };
    struct dns_conn *c = serve(*state, says, &half);
    struct bytes got;
    struct error e = { 0 };

    assert_int_equal(dns_conn_send(c, some_query(*state, 1), deadline_in(PATIENCE_MS), NULL), OK);
    assert_int_equal(dns_conn_recv(*state, c, deadline_in(50), &got, &e), ERR_TIMEOUT);
    assert_non_null(strstr(e.message, "127.0.0.1"));
    assert_true(e.hint[0] != '\0');
    /* The half message that came is not lost. */
    half.data = unhex(*state, "0000 0000 0000");
    assert_int_equal(dns_conn_send(c, some_query(*state, 2), deadline_in(PATIENCE_MS), NULL), OK);
    assert_int_equal(dns_conn_recv(*state, c, deadline_in(PATIENCE_MS), &got, NULL), OK);
    assert_bytes_equal(got, unhex(*state, "1234 8000 0000 0000 0000 0000"));
}

static void refused_connection_is_unreachable(void **state)
{
    struct dns_conn *c = NULL;
    struct error e = { 0 };
    struct ip ip;

    assert_true(ip_parse("127.0.0.1", &ip));
    assert_int_equal(dns_conn_open(*state, ip, fake_dns_dead_port(), deadline_in(PATIENCE_MS), &c,
                                   &e),
                     ERR_UNREACHABLE);
    assert_non_null(strstr(e.message, "127.0.0.1 port "));
    assert_null(c);
}

static void connecting_to_silence_ends_at_the_deadline(void **state)
{
    /* A listener whose queue is full drops what asks for a connection. */
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), fillers[4];
    struct sockaddr_storage at;
    socklen_t len;
    struct dns_conn *c = NULL;
    struct ip ip;

    assert_true(ip_parse("127.0.0.1", &ip));
    len = ip_to_sockaddr(ip, 0, &at);
    assert_int_equal(bind(listener, (struct sockaddr *)&at, len), 0);
    assert_int_equal(listen(listener, 0), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &len), 0);
    for (int i = 0; i < 4; i++) {
        fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        connect(fillers[i], (struct sockaddr *)&at, len);
    }
    assert_int_equal(dns_conn_open(*state, ip, ntohs(((struct sockaddr_in *)&at)->sin_port),
                                   deadline_in(50), &c, NULL),
                     ERR_TIMEOUT);
    assert_null(c);
    for (int i = 0; i < 4; i++)
        close(fillers[i]);
    close(listener);
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(answers_are_put_to_their_questions_in_any_order),
        TEST(answers_in_crumbs_are_put_together),
        TEST(many_questions_at_once_do_not_block),
        TEST(asking_nothing_sends_nothing),
        TEST(turns_count_how_often_we_speak_after_the_server),
        TEST(largest_message_goes_both_ways),
        TEST(server_that_closes_is_unreachable),
        TEST(a_connection_is_lost_only_after_it_had_answered),
        TEST(sending_to_a_closed_connection_is_an_error_not_a_signal),
        TEST(messages_without_a_header_are_malformed),
        TEST(answers_that_fit_no_question_are_malformed),
        TEST(the_same_answer_twice_is_malformed),
        TEST(silence_ends_at_the_deadline_and_the_rest_still_comes),
        TEST(refused_connection_is_unreachable),
        TEST(connecting_to_silence_ends_at_the_deadline),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
