#include "tests/unit/unit.h"

#include <stdio.h>

#include "dns/transfer.h"
#include "tests/fakes/dnsserver.h"

#define PATIENCE_MS 20000
#define ZONE "z.test"
#define SOA(serial) "z.test. 60 IN SOA ns.z.test. admin.z.test. " #serial " 900 600 86400 300\n"

/* ---- a server that sends messages of records, one text a message ---- */

#define PARTS_MAX 6

struct script {
    const char *parts[PARTS_MAX];
    const char *flags;     /* of each message, "AA" where NULL */
    bool without_question; /* in the later messages */
    bool other_id;         /* in the last */
    size_t cut;            /* bytes left out at the end, after which the connection closes */
    bool stays;            /* the connection does not close */
    int first_ms, all_ms;  /* how long is waited; 0: long */
    unsigned n_ixfr;       /* IXFR queries with an SOA in the authority section that came */
};

/* Later messages may leave the question out: a query without one is answered so. */
static struct bytes without_question(TALLOC_CTX *mem, struct bytes query)
{
    uint8_t *header = talloc_memdup(mem, query.data, 12);

    memset(header + 4, 0, 8);
    return (struct bytes){ header, 12 };
}

static struct bytes part_of(TALLOC_CTX *mem, struct bytes query, const struct script *s, size_t i)
{
    struct bytes part;

    if (s->without_question && i > 0)
        query = without_question(mem, query);
    part = fake_dns_reply(mem, query, s->flags ? s->flags : "AA", s->parts[i], NULL, NULL);
    if (s->other_id && (i + 1 == PARTS_MAX || !s->parts[i + 1]))
        ((uint8_t *)(uintptr_t)part.data)[0] ^= 0xff;
    return part;
}

static struct fake_answer play(TALLOC_CTX *mem, struct bytes query, bool is_tcp, void *priv)
{
    struct script *s = priv;
    struct wr w = wr_init(mem);
    struct bytes all;
    int type = 0;

    (void)is_tcp;
    fake_dns_question(mem, query, &type);
    /* Authority count, and the serial in the SOA. */
    if (type == 251 && query.data[9] == 1)
        s->n_ixfr++;
    for (size_t i = 0; i < PARTS_MAX && s->parts[i]; i++) {
        struct bytes part = part_of(mem, query, s, i);

        wr_be16(&w, (uint16_t)part.len);
        wr_bytes(&w, part);
    }
    all = wr_view(&w);
    all.len -= s->cut;
    return (struct fake_answer){ .data = all, .is_raw = true, .closes = !s->stays };
}

/* ---- what came ---- */

struct heard {
    char text[4096];
    unsigned stop_after;
    unsigned n;
};

static enum err hear(enum dns_transfer_event event, const struct dns_rr *rr, void *priv,
                     struct error *e)
{
    struct heard *h = priv;
    size_t at = strlen(h->text);
    char type[16];

    snprintf(h->text + at, sizeof h->text - at, "%c %s %s %.40s\n", "=-+"[event], rr -> name,
             dns_type_name(rr->type, type), rr -> type == DNS_TYPE_SOA ? "." : rr->data);
    if (++h->n == h->stop_after)
        return err_set(e, ERR_IO, "enough");
    return OK;
}

static enum err run(void **state, struct script *s, struct dns_transfer_params *p,
                    struct heard *heard, struct dns_transfer_summary *sum, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(*state);
    struct fake_dns *server = fake_dns_start(tmp, "127.0.0.1", 0, play, s);
    struct dns_conn *conn;
    struct ip ip;
    enum err rc;

    assert_non_null(server);
    assert_true(ip_parse("127.0.0.1", &ip));
    assert_int_equal(dns_conn_open(tmp, ip, fake_dns_port(server), deadline_in(PATIENCE_MS), &conn,
                                   e),
                     OK);
    p->zone = ZONE;
    p->first = deadline_in(s->first_ms ? s->first_ms : PATIENCE_MS);
    p->d = deadline_in(s->all_ms ? s->all_ms : PATIENCE_MS);
    rc = dns_transfer(conn, p, hear, heard, sum, e);
    talloc_free(tmp);
    return rc;
}

static void transfers(void **state, struct script s, struct dns_transfer_params p,
                      const char *expected, enum dns_transfer_kind kind, uint32_t serial)
{
    struct dns_transfer_summary sum = { 0 };
    struct heard heard = { "", 0, 0 };
    struct error e = { 0 };

    if (run(state, &s, &p, &heard, &sum, &e) != OK)
        fail_msg("%s", e.message);
    assert_string_equal(heard.text, expected);
    assert_int_equal(sum.kind, kind);
    assert_int_equal(sum.serial, serial);
    assert_int_equal(s.n_ixfr, p.has_serial);
}

static void fails(void **state, struct script s, struct dns_transfer_params p, enum err code,
                  const char *why)
{
    struct dns_transfer_summary sum, untouched;
    struct heard heard = { "", 0, 0 };
    struct error e = { 0 };

    memset(&untouched, 0x55, sizeof untouched);
    sum = untouched;
    assert_int_equal(run(state, &s, &p, &heard, &sum, &e), code);
    if (!strstr(e.message, why))
        fail_msg("\"%s\" does not say \"%s\"", e.message, why);
    assert_memory_equal(&sum, &untouched, sizeof sum);
}

static const struct dns_transfer_params whole = { 0 };
static const struct dns_transfer_params since_7 = { .has_serial = true, .serial = 7 };

#define A(name, last) name ".z.test. 60 IN A 10.0.0." #last "\n"

/* ---- AXFR ---- */

static void a_zone_comes_once_with_its_soa_first(void **state)
{
    transfers(state, (struct script){ .parts = { SOA(9) A("a", 1) A("b", 2) SOA(9) } }, whole,
              "= z.test SOA .\n= a.z.test A 10.0.0.1\n= b.z.test A 10.0.0.2\n", DNS_TRANSFER_WHOLE,
              9);
}

static void a_zone_may_come_in_pieces_of_any_size(void **state)
{
    struct script s = { .parts = { SOA(9), A("a", 1), A("b", 2), SOA(9) } };

    transfers(state, s, whole, "= z.test SOA .\n= a.z.test A 10.0.0.1\n= b.z.test A 10.0.0.2\n",
              DNS_TRANSFER_WHOLE, 9);
    s.without_question = true;
    transfers(state, s, whole, "= z.test SOA .\n= a.z.test A 10.0.0.1\n= b.z.test A 10.0.0.2\n",
              DNS_TRANSFER_WHOLE, 9);
}

static void a_zone_of_nothing_but_its_soa_is_one(void **state)
{
    transfers(state, (struct script){ .parts = { SOA(9) SOA(9) } }, whole, "= z.test SOA .\n",
              DNS_TRANSFER_WHOLE, 9);
}

static void a_transfer_that_ends_early_is_an_error(void **state)
{
    fails(state, (struct script){ .parts = { SOA(9) A("a", 1), A("b", 2) } }, whole,
          ERR_UNREACHABLE, "cut off after 2 messages");
    fails(state, (struct script){ .parts = { SOA(9) } }, whole, ERR_UNREACHABLE,
          "cut off after 1 messages");
    fails(state, (struct script){ .parts = { SOA(9) A("a", 1) SOA(9) }, .cut = 1 }, whole,
          ERR_UNREACHABLE, "");
}

/* Wherever the wire is cut nothing is ever taken for a whole zone. */
static void a_cut_anywhere_is_an_error(void **state)
{
    for (size_t cut = 1; cut < 240; cut += 7) {
        struct script s = { .parts = { SOA(9) A("a", 1), A("b", 2) SOA(9) }, .cut = cut };
        struct dns_transfer_params p = whole;
        struct dns_transfer_summary sum;
        struct heard heard = { "", 0, 0 };
        struct error e = { 0 };
        enum err rc = run(state, &s, &p, &heard, &sum, &e);

        assert_int_equal(rc, ERR_UNREACHABLE);
    }
}

static void what_contradicts_the_framing_is_refused(void **state)
{
    fails(state, (struct script){ .parts = { A("a", 1) SOA(9) } }, whole, ERR_MALFORMED,
          "does not begin with the SOA");
    fails(state, (struct script){ .parts = { SOA(9) A("a", 1) SOA(10) } }, whole, ERR_MALFORMED,
          "changed meanwhile");
    fails(state, (struct script){ .parts = { SOA(9) SOA(9) A("a", 1) } }, whole, ERR_MALFORMED,
          "after its end");
    fails(state, (struct script){ .parts = { SOA(9) "", "" SOA(9) }, .other_id = true }, whole,
          ERR_MALFORMED, "not a message of the transfer");
    fails(state, (struct script){ .parts = { SOA(9) "", "", SOA(9) } }, whole, ERR_MALFORMED,
          "without records");
}

static void records_of_other_zones_are_refused(void **state)
{
    fails(state, (struct script){ .parts = { SOA(9) "a.other.test. 60 IN A 10.0.0.1\n" SOA(9) } },
          whole, ERR_MALFORMED, "another zone");
    fails(state, (struct script){ .parts = { SOA(9) "az.test. 60 IN A 10.0.0.1\n" SOA(9) } }, whole,
          ERR_MALFORMED, "another zone");
    fails(state,
          (struct script){
              .parts = { SOA(9) "a.z.test. 60 IN SOA ns.z.test. x.z.test. 1 1 1 1 1\n" SOA(9) } },
          whole, ERR_MALFORMED, "not the zone's");
    fails(state, (struct script){ .parts = { SOA(9) "a.z.test. 60 CH TXT \"x\"\n" SOA(9) } }, whole,
          ERR_MALFORMED, "another class");
}

static void a_truncated_message_is_refused(void **state)
{
    fails(state, (struct script){ .parts = { SOA(9) SOA(9) }, .flags = "TC" }, whole, ERR_MALFORMED,
          "not a message of the transfer");
}

static void a_refusal_says_what_to_do(void **state)
{
    fails(state, (struct script){ .parts = { "" }, .flags = "REFUSED" }, whole, ERR_DENIED,
          "REFUSED");
    fails(state, (struct script){ .parts = { "" }, .flags = "NOTAUTH" }, whole, ERR_NOTFOUND,
          "NOTAUTH");
    fails(state, (struct script){ .parts = { "" }, .flags = "SERVFAIL" }, whole, ERR_SERVER,
          "SERVFAIL");
}

static void limits_end_a_transfer(void **state)
{
    const struct script s = { .parts = { SOA(9) A("a", 1), A("b", 2) SOA(9) } };

    fails(state, s, (struct dns_transfer_params){ .max_records = 3 }, ERR_MALFORMED,
          "more records");
    fails(state, s, (struct dns_transfer_params){ .max_bytes = 60 }, ERR_MALFORMED, "more bytes");
    transfers(state, s, (struct dns_transfer_params){ .max_records = 4, .max_bytes = 4096 },
              "= z.test SOA .\n= a.z.test A 10.0.0.1\n= b.z.test A 10.0.0.2\n", DNS_TRANSFER_WHOLE,
              9);
}

static void a_sink_that_fails_ends_the_transfer(void **state)
{
    struct script s = { .parts = { SOA(9) A("a", 1) A("b", 2) SOA(9) } };
    struct dns_transfer_params p = whole;
    struct heard heard = { "", 2, 0 };
    struct dns_transfer_summary sum;
    struct error e = { 0 };

    assert_int_equal(run(state, &s, &p, &heard, &sum, &e), ERR_IO);
    assert_int_equal(heard.n, 2);
}

static void unknown_types_keep_their_bytes(void **state)
{
    transfers(state,
              (struct script){
                  .parts = { SOA(9) "a.z.test. 60 IN TYPE65280 \\# 3 0a0b0c\n" SOA(9) } },
              whole, "= z.test SOA .\n= a.z.test TYPE65280 \\# 3 0a0b0c\n", DNS_TRANSFER_WHOLE, 9);
}

/* ---- IXFR ---- */

static void nothing_new_is_one_soa(void **state)
{
    transfers(state, (struct script){ .parts = { SOA(7) } }, since_7, "", DNS_TRANSFER_CURRENT, 7);
}

static void differences_are_removals_and_additions_in_turn(void **state)
{
    transfers(state,
              (struct script){ .parts = { SOA(9) SOA(7) A("a", 1) SOA(8), A("b", 2) SOA(8) SOA(9),
                                          A("c", 3) SOA(9) } },
              since_7,
              "- z.test SOA .\n- a.z.test A 10.0.0.1\n+ z.test SOA .\n+ b.z.test A 10.0.0.2\n"
              "- z.test SOA .\n+ z.test SOA .\n+ c.z.test A 10.0.0.3\n",
              DNS_TRANSFER_DIFFERENCES, 9);
}

static void a_server_may_answer_with_the_whole_zone(void **state)
{
    transfers(state, (struct script){ .parts = { SOA(9) A("a", 1) SOA(9) } }, since_7,
              "= z.test SOA .\n= a.z.test A 10.0.0.1\n", DNS_TRANSFER_WHOLE, 9);
    transfers(state, (struct script){ .parts = { SOA(9), A("a", 1), SOA(9) } }, since_7,
              "= z.test SOA .\n= a.z.test A 10.0.0.1\n", DNS_TRANSFER_WHOLE, 9);
}

static void differences_that_do_not_fit_are_refused(void **state)
{
    /* From a serial that was not asked for. */
    fails(state, (struct script){ .parts = { SOA(9) SOA(6) A("a", 1) SOA(9) SOA(9) } }, since_7,
          ERR_MALFORMED, "neither the differences");
    /* A gap between two differences. */
    fails(state,
          (struct script){ .parts = { SOA(9) SOA(7) SOA(8) A("a", 1) SOA(6) SOA(9) SOA(9) } },
          since_7, ERR_MALFORMED, "do not follow");
    /* Backwards. */
    fails(state, (struct script){ .parts = { SOA(9) SOA(7) SOA(6) SOA(9) } }, since_7,
          ERR_MALFORMED, "older serial");
    /* Another SOA at the end. */
    fails(state, (struct script){ .parts = { SOA(9) SOA(7) SOA(9) A("a", 1) SOA(8) } }, since_7,
          ERR_MALFORMED, "changed meanwhile");
    fails(state, (struct script){ .parts = { SOA(9) SOA(7) A("a", 1) SOA(9) } }, since_7,
          ERR_UNREACHABLE, "cut off");
}

static void a_server_that_closes_on_a_request_for_changes_is_no_outage(void **state)
{
    fails(state, (struct script){ .parts = { NULL } }, since_7, ERR_SERVER, "(IXFR)");
    fails(state, (struct script){ .parts = { NULL } }, whole, ERR_UNREACHABLE, "");
}

/* ---- time ---- */

static void a_server_that_says_nothing_is_left_long_before_the_end(void **state)
{
    const struct script silent = { .parts = { NULL }, .stays = true, .first_ms = 200 };
    int64_t begin_ms = clock_monotonic_ms();

    fails(state, silent, whole, ERR_TIMEOUT, "not begun");
    assert_true(clock_monotonic_ms() - begin_ms < PATIENCE_MS / 2);
}

static void one_that_has_begun_may_take_longer(void **state)
{
    const struct script half = {
        .parts = { SOA(9) A("a", 1) }, .stays = true, .first_ms = 200, .all_ms = 800
    };
    int64_t begin_ms = clock_monotonic_ms();

    fails(state, half, whole, ERR_TIMEOUT, "");
    assert_true(clock_monotonic_ms() - begin_ms >= 700);
}

/* ---- signatures ---- */

struct signatures {
    unsigned n_signed, n_checked, n_finished;
    enum err end; /* what finish says */
};

static enum err sign(void *priv, TALLOC_CTX *mem, struct bytes query, struct bytes *out,
                     struct error *e)
{
    (void)mem, (void)e;
    ((struct signatures *)priv)->n_signed++;
    *out = query;
    return OK;
}

static enum err check(void *priv, TALLOC_CTX *mem, struct bytes message, struct bytes *out,
                      struct error *e)
{
    (void)mem, (void)e;
    ((struct signatures *)priv)->n_checked++;
    *out = message;
    return OK;
}

static enum err finish(void *priv, struct error *e)
{
    struct signatures *s = priv;

    s->n_finished++;
    return s->end ? err_set(e, s->end, "its end is not signed") : OK;
}

static void a_transfer_whose_end_nobody_signed_is_none(void **state)
{
    const struct script all = { .parts = { SOA(9) A("a", 1), A("b", 2), SOA(9) } };
    const struct script current = { .parts = { SOA(7) } };
    struct signatures s = { .end = ERR_UNVERIFIED };
    const struct dns_transfer_security security = { sign, check, finish, &s };

    fails(state, all, (struct dns_transfer_params){ .security = &security }, ERR_UNVERIFIED,
          "its end is not signed");
    assert_int_equal(s.n_signed, 1);
    assert_int_equal(s.n_checked, 3);
    assert_int_equal(s.n_finished, 1);
    fails(state, current,
          (struct dns_transfer_params){ .has_serial = true, .serial = 7, .security = &security },
          ERR_UNVERIFIED, "its end is not signed");
    s.end = OK;
    transfers(state, all, (struct dns_transfer_params){ .security = &security },
              "= z.test SOA .\n= a.z.test A 10.0.0.1\n= b.z.test A 10.0.0.2\n", DNS_TRANSFER_WHOLE,
              9);
}

static void serials_wrap_around(void **state)
{
    (void)state;
    assert_true(dns_serial_older(1, 2));
    assert_false(dns_serial_older(2, 1));
    assert_false(dns_serial_older(5, 5));
    assert_true(dns_serial_older(0xffffffff, 0));
    assert_true(dns_serial_older(0xfffffff0, 5));
    assert_false(dns_serial_older(5, 0xfffffff0));
}

static int set_up(void **state)
{
    *state = talloc_new(NULL);
    return *state ? 0 : -1;
}

static int tear_down(void **state) { return talloc_free(*state); }

#define test(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_zone_comes_once_with_its_soa_first),
        test(a_zone_may_come_in_pieces_of_any_size),
        test(a_zone_of_nothing_but_its_soa_is_one),
        test(a_transfer_that_ends_early_is_an_error),
        test(a_cut_anywhere_is_an_error),
        test(what_contradicts_the_framing_is_refused),
        test(records_of_other_zones_are_refused),
        test(a_truncated_message_is_refused),
        test(a_refusal_says_what_to_do),
        test(limits_end_a_transfer),
        test(a_sink_that_fails_ends_the_transfer),
        test(unknown_types_keep_their_bytes),
        test(nothing_new_is_one_soa),
        test(differences_are_removals_and_additions_in_turn),
        test(a_server_may_answer_with_the_whole_zone),
        test(differences_that_do_not_fit_are_refused),
        test(a_server_that_closes_on_a_request_for_changes_is_no_outage),
        test(a_server_that_says_nothing_is_left_long_before_the_end),
        test(one_that_has_begun_may_take_longer),
        test(a_transfer_whose_end_nobody_signed_is_none),
        test(serials_wrap_around),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
