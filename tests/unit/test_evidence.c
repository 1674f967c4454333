/* A stale record of a host under every combination of what may speak for it. */
#include "scavenger/evidence.h"
#include "tests/unit/accounts.h"
#include "tests/unit/values.h"

#define NOW 3733279U
#define FRESH (NOW - 5)
#define STALE (NOW - 400)
#define DISABLED 0x1002
#define ENABLED 0x1000

static const struct dns_zone forward = { .name = "ad.example.test",
                                         .dn = "DC=f",
                                         .zone_type = 1,
                                         .aging = { true, 168, 168, 0 },
                                         .change = { .source = ZONE_CHANGE_EXACT } };
static const struct dns_zone sleeping = { .name = "old.example.test",
                                          .dn = "DC=o",
                                          .zone_type = 1,
                                          .aging = { false, 168, 168, 0 },
                                          .change = { .source = ZONE_CHANGE_EXACT } };
static const struct dns_zone reverse = { .name = "53.10.in-addr.arpa",
                                         .dn = "DC=r",
                                         .zone_type = 1,
                                         .aging = { true, 168, 168, 0 },
                                         .change = { .source = ZONE_CHANGE_EXACT } };

/* pc1 is quiet, pc2 alive, pc3 alive but disabled, pc4 never logged on, cl1 a cluster, dhcp alive.
 */
struct world {
    struct evidence ev;
    struct pairs *pairs;
    struct computer *pc2, *dhcp;
};

static struct world *world(TALLOC_CTX *mem)
{
    struct world *w = talloc_zero(mem, struct world);
    struct computers *c = computers_new(w, sid(w, 0));

    add(c, 1001, "pc1.ad.example.test", "PC1$", NOW - 721, ENABLED);
    add(c, 1002, "pc2.ad.example.test", "PC2$", NOW - 720, ENABLED);
    add(c, 1003, "pc3.ad.example.test", "PC3$", NOW - 1, DISABLED);
    add(c, 1004, "pc4.ad.example.test", "PC4$", 0, ENABLED);
    add(c, 1005, "cl1.ad.example.test", "CL1$", NOW - 9000, ENABLED);
    add(c, 1006, "dhcp.ad.example.test", "DHCP$", NOW - 1, ENABLED);
    add(c, 1007, "cl2.ad.example.test", "CL2$", NOW - 9000, DISABLED);
    assert_int_equal(computers_seal(c, NULL), OK);
    computers_mark_cluster(c, sid(w, 1005));
    computers_mark_cluster(c, sid(w, 1007));
    w->pairs = pairs_new(w, NOW);
    assert_int_equal(pairs_add_zone(w->pairs, &forward, NULL), OK);
    w->ev = (struct evidence){
        .state = { EVIDENCE_READ, EVIDENCE_READ },
        .computers = c,
        .pairs = w->pairs,
        .now_h = NOW,
        .logon_now_h = NOW,
        .alive_window_h = 720,
    };
    computers_by_sid(c, DOMAIN "-1002", &w->pc2);
    computers_by_sid(c, DOMAIN "-1006", &w->dhcp);
    return w;
}

static void hold(struct world *w, const struct dns_zone *zone, const char *name, struct bytes v)
{
    struct dns_node node = { .dn = "DC=x", .name = name, .values = &v, .n_values = 1 };

    assert_int_equal(pairs_add(w->pairs, zone, &node, NULL), OK);
}

static void seal(struct world *w) { assert_int_equal(pairs_seal(w->pairs, NULL), OK); }

/* One stale value of a node, with an optional fresh one beside it. */
static struct testimony *judge(struct world *w, const struct dns_zone *zone, const char *name,
                               uint16_t type, const char *data, const char *owner,
                               uint16_t fresh_type)
{
    struct plan_value values[2] = {
        { .is_removed = true,
          .reason = REASON_STALE,
          .type = type,
          .timestamp_h = STALE,
          .data = data },
        { .reason = REASON_FRESH,
          .type = fresh_type,
          .timestamp_h = FRESH,
          .raw = fresh_type == TYPE_A      ? value_a(w, FRESH, 99)
                 : fresh_type == TYPE_AAAA ? value_aaaa(w, FRESH, 99)
                                           : value_txt(w, FRESH, "x") },
    };
    struct plan_node node = {
        .own_dn = "DC=x",
        .name = name,
        .owner_sid = owner,
        .values = values,
        .n_values = fresh_type ? 2 : 1,
        .n_removed = 1,
    };
    struct testimony *t = NULL;
    struct error e = { 0 };

    if (evidence_judge(w, &w->ev, zone, &node, &values[0], &t, &e))
        fail_msg("%s", e.message);
    if (t->reason != REASON_STALE || t->n_notes)
        assert_true(t->detail && *t->detail);
    return t;
}

static enum reason address(struct world *w, const char *name, const char *owner)
{
    return judge(w, &forward, name, TYPE_A, "10.53.0.1", owner, 0)->reason;
}

static enum reason pointer(struct world *w, const char *target, const char *owner)
{
    return judge(w, &reverse, "1.0", TYPE_PTR, target, owner, 0)->reason;
}

/* owner-alive */

static void the_owner_keeps_its_only_address_while_it_logs_on(void **state)
{
    struct world *w = world(*state);

    seal(w);
    assert_int_equal(address(w, "pc2", DOMAIN "-1002"), REASON_OWNER_ALIVE);
    assert_int_equal(address(w, "pc1", DOMAIN "-1001"), REASON_STALE);
    w->ev.alive_window_h = 721;
    assert_int_equal(address(w, "pc1", DOMAIN "-1001"), REASON_OWNER_ALIVE);
    w->ev.alive_window_h = 0;
    assert_int_equal(address(w, "pc2", DOMAIN "-1002"), REASON_STALE);
}

static void a_disabled_or_unused_account_speaks_for_nothing(void **state)
{
    struct world *w = world(*state);

    seal(w);
    assert_int_equal(address(w, "pc3", DOMAIN "-1003"), REASON_STALE);
    assert_int_equal(address(w, "pc4", DOMAIN "-1004"), REASON_STALE);
    assert_int_equal(address(w, "gone", DOMAIN "-4711"), REASON_STALE);
}

static void an_account_that_was_just_joined_is_alive(void **state)
{
    struct world *w = world(*state);
    struct computer *pc4;

    seal(w);
    assert_int_equal(computers_by_sid(w->ev.computers, DOMAIN "-1004", &pc4), SID_COMPUTER);
    pc4->password_set_h = NOW - 2;
    assert_int_equal(address(w, "pc4", DOMAIN "-1004"), REASON_OWNER_ALIVE);
}

static void the_later_of_logon_and_password_counts(void **state)
{
    struct world *w = world(*state);
    struct computer *pc1;

    seal(w);
    assert_int_equal(address(w, "pc1", DOMAIN "-1001"), REASON_STALE);
    assert_int_equal(computers_by_sid(w->ev.computers, DOMAIN "-1001", &pc1), SID_COMPUTER);
    pc1->password_set_h = NOW - 2;
    assert_int_equal(address(w, "pc1", DOMAIN "-1001"), REASON_OWNER_ALIVE);
}

/* As owner and by name; what was read of it counts, and what speaks against every account too. */
static void times_that_cannot_be_read_keep(void **state)
{
    struct world *w = world(*state);
    struct computer *pc2 = w->pc2, *pc3, *pc4;

    seal(w);
    computers_by_sid(w->ev.computers, DOMAIN "-1003", &pc3);
    computers_by_sid(w->ev.computers, DOMAIN "-1004", &pc4);
    assert_int_equal(address(w, "pc4", DOMAIN "-1004"), REASON_STALE);
    assert_int_equal(address(w, "pc4", "S-1-5-32-544"), REASON_STALE);
    pc2->is_unread = pc3->is_unread = pc4->is_unread = true;
    assert_int_equal(address(w, "pc4", DOMAIN "-1004"), REASON_EVIDENCE_MISSING);
    assert_int_equal(address(w, "pc4", "S-1-5-32-544"), REASON_EVIDENCE_MISSING);
    assert_int_equal(address(w, "pc2", DOMAIN "-1002"), REASON_OWNER_ALIVE);
    assert_int_equal(address(w, "pc3", DOMAIN "-1003"), REASON_STALE);
    assert_int_equal(judge(w, &forward, "pc4", TYPE_A, "10.53.0.1", DOMAIN "-1004", TYPE_A)->reason,
                     REASON_STALE);
}

/* Of an account that seems never to have logged on, but hides its logons. */
static void a_logon_time_that_cannot_be_read_keeps(void **state)
{
    struct world *w = world(*state);
    struct testimony *t;
    struct computer *pc4;

    seal(w);
    computers_by_sid(w->ev.computers, DOMAIN "-1004", &pc4);
    assert_int_equal(pc4->last_logon_h, 0);
    t = judge(w, &forward, "pc4", TYPE_A, "10.53.0.1", DOMAIN "-1004", 0);
    assert_int_equal(t->reason, REASON_STALE);
    assert_non_null(strstr(t->notes[0], "never logged on"));
    pc4->is_logon_unread = true;
    t = judge(w, &forward, "pc4", TYPE_A, "10.53.0.1", DOMAIN "-1004", 0);
    assert_int_equal(t->reason, REASON_EVIDENCE_MISSING);
    assert_non_null(strstr(t->detail, "logon time not readable"));
    assert_null(strstr(t->detail, "never"));
    assert_int_equal(address(w, "pc4", "S-1-5-32-544"), REASON_EVIDENCE_MISSING);
    pc4->password_set_h = NOW - 9000;
    assert_int_equal(address(w, "pc4", DOMAIN "-1004"), REASON_EVIDENCE_MISSING);
    pc4->password_set_h = NOW - 2;
    assert_int_equal(address(w, "pc4", DOMAIN "-1004"), REASON_OWNER_ALIVE);
}

/* Of its own name's record an administrator may be the owner. */
static void an_account_without_host_name_speaks_for_its_own_name(void **state)
{
    for (int known = 0; known < 2; known++) {
        struct world *w = world(*state);
        struct computers *c = computers_new(w, sid(w, 0));

        if (known)
            assert_int_equal(computers_use_domain(c, "ad.example.test", NULL), OK);
        add(c, 1, NULL, "PC7$", NOW - 1, ENABLED);
        add(c, 2, NULL, "PC8$", NOW - 1, DISABLED);
        assert_int_equal(computers_seal(c, NULL), OK);
        w->ev.computers = c;
        seal(w);
        assert_int_equal(address(w, "pc7", "S-1-5-32-544"),
                         known ? REASON_OWNER_ALIVE : REASON_STALE);
        /* Such a name keeps, and takes away nothing that keeps. */
        assert_int_equal(address(w, "pc8", "S-1-5-21-9-9-9-1"), REASON_EVIDENCE_MISSING);
    }
}

static void an_owner_may_be_an_account_whose_sid_is_hidden(void **state)
{
    for (int hidden = 0; hidden < 2; hidden++) {
        struct world *w = world(*state);
        struct computer_facts facts = { .account = "X$" };

        if (hidden)
            assert_int_equal(computers_add(w->ev.computers, &facts, NULL), OK);
        assert_int_equal(computers_seal(w->ev.computers, NULL), OK);
        seal(w);
        assert_int_equal(address(w, "gone", DOMAIN "-4711"),
                         hidden ? REASON_EVIDENCE_MISSING : REASON_STALE);
    }
}

static void a_logon_later_than_now_is_one(void **state)
{
    struct world *w = world(*state);

    seal(w);
    w->pc2->last_logon_h = UINT32_MAX;
    assert_int_equal(address(w, "pc2", DOMAIN "-1002"), REASON_OWNER_ALIVE);
}

static void of_a_fresh_and_a_stale_address_the_stale_one_may_go(void **state)
{
    struct world *w = world(*state);
    struct testimony *t;

    seal(w);
    t = judge(w, &forward, "pc2", TYPE_A, "10.53.0.1", DOMAIN "-1002", TYPE_A);
    assert_int_equal(t->reason, REASON_STALE);
    assert_true(t->has_fresh_sibling);
    t = judge(w, &forward, "pc2", TYPE_AAAA, "fd53::1", DOMAIN "-1002", TYPE_AAAA);
    assert_int_equal(t->reason, REASON_STALE);
    /* The other family is another network: it does not show that the host left this one. */
    t = judge(w, &forward, "pc2", TYPE_A, "10.53.0.1", DOMAIN "-1002", TYPE_AAAA);
    assert_int_equal(t->reason, REASON_OWNER_ALIVE);
    assert_false(t->has_fresh_sibling);
    t = judge(w, &forward, "pc2", TYPE_A, "10.53.0.1", DOMAIN "-1002", TYPE_TXT);
    assert_int_equal(t->reason, REASON_OWNER_ALIVE);
}

static void an_address_under_another_name_of_the_host_counts_too(void **state)
{
    struct world *w = world(*state);

    hold(w, &forward, "pc2", value_a(w, FRESH, 9));
    seal(w);
    assert_int_equal(address(w, "oldname", DOMAIN "-1002"), REASON_STALE);
    w->ev.state[EVIDENCE_PAIRS] = EVIDENCE_EXCLUDED;
    assert_int_equal(address(w, "oldname", DOMAIN "-1002"), REASON_OWNER_ALIVE);
}

/* An alias of a host: the host has not left the address that it keeps fresh itself. */
static void the_same_address_again_is_no_other_one(void **state)
{
    struct world *w = world(*state);
    const char *owner = DOMAIN "-1002";
    struct testimony *t;

    hold(w, &forward, "pc2", value_a(w, FRESH, 1)); /* 10.53.0.1, as the alias */
    seal(w);
    t = judge(w, &forward, "alias", TYPE_A, "10.53.0.1", owner, 0);
    assert_int_equal(t->reason, REASON_OWNER_ALIVE);
    assert_null(strstr(t->detail, "another"));
    assert_int_equal(judge(w, &forward, "alias", TYPE_A, "10.53.0.7", owner, 0)->reason,
                     REASON_STALE);
    /* A PTR of the alias, too. */
    assert_int_equal(pointer(w, "alias.ad.example.test.", owner), REASON_OWNER_ALIVE);
    /* The same address twice at one name. */
    t = judge(w, &forward, "twice", TYPE_A, "10.53.0.99", owner, TYPE_A);
    assert_false(t->has_fresh_sibling);
    t = judge(w, &forward, "twice", TYPE_AAAA, "fd53::63", DOMAIN "-1001", TYPE_AAAA);
    assert_false(t->has_fresh_sibling);
}

static void what_an_administrator_entered_is_no_other_address(void **state)
{
    struct world *w = world(*state);

    hold(w, &forward, "pc2", value_a(w, 0, 9));
    hold(w, &sleeping, "pc2", value_a(w, FRESH, 9));
    seal(w);
    assert_int_equal(address(w, "pc2", DOMAIN "-1002"), REASON_OWNER_ALIVE);
}

static void records_of_no_address_stay_while_the_owner_lives(void **state)
{
    struct world *w = world(*state);

    seal(w);
    assert_int_equal(judge(w, &forward, "pc2", TYPE_TXT, "\"x\"", DOMAIN "-1002", TYPE_A)->reason,
                     REASON_OWNER_ALIVE);
    assert_int_equal(judge(w, &forward, "pc1", TYPE_TXT, "\"x\"", DOMAIN "-1001", TYPE_A)->reason,
                     REASON_STALE);
}

static void a_name_that_another_owns_is_linked_to_the_account_of_that_name(void **state)
{
    struct world *w = world(*state);
    struct testimony *t;

    seal(w);
    assert_int_equal(address(w, "pc2", "S-1-5-18"), REASON_OWNER_ALIVE);
    assert_int_equal(address(w, "pc1", DOMAIN "-512"), REASON_STALE);
    t = judge(w, &forward, "pc2", TYPE_A, "10.53.0.1", DOMAIN "-512", 0);
    assert_int_equal(t->reason, REASON_OWNER_ALIVE);
    assert_string_equal(t->kept_out, "PC2$");
    t = judge(w, &forward, "pc2", TYPE_A, "10.53.0.1", DOMAIN "-1002", 0);
    assert_null(t->kept_out);
}

static void who_registers_for_others_speaks_only_for_itself(void **state)
{
    struct world *w = world(*state);

    seal(w);
    w->dhcp->n_foreign = REGISTRAR_NAMES;
    assert_int_equal(address(w, "pc99", DOMAIN "-1006"), REASON_OWNER_ALIVE);
    w->dhcp->n_foreign = REGISTRAR_NAMES + 1;
    assert_int_equal(address(w, "pc99", DOMAIN "-1006"), REASON_STALE);
    assert_int_equal(address(w, "dhcp", DOMAIN "-1006"), REASON_OWNER_ALIVE);
    assert_int_equal(address(w, "pc2", DOMAIN "-1006"),
                     REASON_OWNER_ALIVE); /* by its own account */
}

static void a_clusters_name_stays_while_its_object_is_enabled(void **state)
{
    struct world *w = world(*state);

    seal(w);
    assert_int_equal(address(w, "cl1", DOMAIN "-1005"), REASON_CLUSTER);
    assert_int_equal(address(w, "cl1", DOMAIN "-512"), REASON_CLUSTER);
    assert_int_equal(address(w, "service", DOMAIN "-1005"), REASON_CLUSTER);
    assert_int_equal(address(w, "cl2", DOMAIN "-1007"), REASON_STALE);
}

/* Pointers */

static void a_ptr_stays_while_its_name_holds_the_address(void **state)
{
    struct world *w = world(*state);

    hold(w, &forward, "fresh", value_a(w, FRESH, 1));
    hold(w, &forward, "static", value_a(w, 0, 1));
    hold(w, &sleeping, "asleep", value_a(w, STALE, 1));
    hold(w, &forward, "stale", value_a(w, STALE, 1));
    hold(w, &forward, "moved", value_a(w, FRESH, 2));
    seal(w);
    assert_int_equal(pointer(w, "Fresh.ad.example.test.", "S-1-5-18"), REASON_FORWARD_FRESH);
    assert_int_equal(pointer(w, "static.ad.example.test.", "S-1-5-18"), REASON_FORWARD_FRESH);
    assert_int_equal(pointer(w, "asleep.old.example.test.", "S-1-5-18"), REASON_FORWARD_FRESH);
    assert_int_equal(pointer(w, "stale.ad.example.test.", "S-1-5-18"), REASON_STALE);
    assert_int_equal(pointer(w, "moved.ad.example.test.", "S-1-5-18"), REASON_STALE);
    assert_int_equal(pointer(w, "none.ad.example.test.", "S-1-5-18"), REASON_STALE);
    w->ev.state[EVIDENCE_PAIRS] = EVIDENCE_EXCLUDED;
    assert_int_equal(pointer(w, "fresh.ad.example.test.", "S-1-5-18"), REASON_STALE);
}

static void a_ptr_is_about_the_host_that_it_names(void **state)
{
    struct world *w = world(*state);

    seal(w);
    assert_int_equal(pointer(w, "pc2.ad.example.test.", "S-1-5-18"), REASON_OWNER_ALIVE);
    assert_int_equal(pointer(w, "pc2.ad.example.test.", DOMAIN "-1002"), REASON_OWNER_ALIVE);
    assert_int_equal(pointer(w, "pc1.ad.example.test.", DOMAIN "-1001"), REASON_STALE);
}

static void the_old_ptr_of_a_living_host_that_moved_may_go(void **state)
{
    struct world *w = world(*state);

    hold(w, &forward, "pc2", value_a(w, FRESH, 2));
    seal(w);
    assert_int_equal(pointer(w, "pc2.ad.example.test.", DOMAIN "-1002"), REASON_STALE);
}

static void a_ptr_whose_name_is_no_address_stays_while_its_host_has_any(void **state)
{
    struct world *w = world(*state);

    hold(w, &forward, "pc9", value_a(w, FRESH, 2));
    seal(w);
    assert_int_equal(
        judge(w, &reverse, "1.0/25.0", TYPE_PTR, "pc9.ad.example.test.", "S-1-5-18", 0)->reason,
        REASON_FORWARD_FRESH);
    assert_int_equal(
        judge(w, &reverse, "1.0/25.0", TYPE_PTR, "pc8.ad.example.test.", "S-1-5-18", 0)->reason,
        REASON_STALE);
}

static void a_ptr_whose_name_others_answer_for_stays(void **state)
{
    struct world *w = world(*state);
    struct testimony *t;

    hold(w, &forward, "child", value_name(w, TYPE_NS, 0, "dc9.child.ad.example.test"));
    hold(w, &forward, "dc9.child", value_a(w, STALE, 1)); /* glue */
    hold(w, &forward, "glue.child", value_a(w, FRESH, 1));
    seal(w);
    assert_int_equal(pointer(w, "pc9.ad.example.test.", "S-1-5-18"), REASON_STALE);
    assert_int_equal(pointer(w, "pc9.elsewhere.test.", "S-1-5-18"), REASON_EVIDENCE_MISSING);
    assert_int_equal(pointer(w, "pc9.child.ad.example.test.", "S-1-5-18"), REASON_EVIDENCE_MISSING);
    assert_int_equal(pointer(w, "dc9.child.ad.example.test.", "S-1-5-18"), REASON_EVIDENCE_MISSING);
    assert_int_equal(pointer(w, "glue.child.ad.example.test.", "S-1-5-18"), REASON_FORWARD_FRESH);
    t = judge(w, &reverse, "1.0", TYPE_PTR, "pc9.elsewhere.test.", "S-1-5-18", 0);
    assert_non_null(strstr(t->detail, "pc9.elsewhere.test holds 10.53.0.1 is not known"));
    assert_non_null(strstr(t->detail, "--evidence"));
    w->ev.state[EVIDENCE_PAIRS] = EVIDENCE_EXCLUDED;
    assert_int_equal(pointer(w, "pc9.elsewhere.test.", "S-1-5-18"), REASON_STALE);
}

static void an_address_stays_while_its_ptr_is_fresh(void **state)
{
    struct world *w = world(*state);
    struct bytes v = value_name(w, TYPE_PTR, FRESH, "pc1.ad.example.test");
    struct dns_node node = { .dn = "DC=x", .name = "1.0", .values = &v, .n_values = 1 };

    hold(w, &forward, "pc1", value_a(w, STALE, 1));
    hold(w, &forward, "pc5", value_a(w, STALE, 1));
    seal(w);
    assert_int_equal(pairs_add_reverse(w->pairs, &reverse, &node, NULL), OK);
    assert_int_equal(address(w, "pc1", DOMAIN "-1001"), REASON_REVERSE_FRESH);
    assert_int_equal(address(w, "pc5", DOMAIN "-1001"), REASON_STALE);
}

/* What is missing keeps what it could have kept */

static void accounts_that_could_not_be_read_keep_everything(void **state)
{
    struct world *w = world(*state);

    seal(w);
    w->ev.state[EVIDENCE_ACCOUNTS] = EVIDENCE_UNREAD;
    w->ev.problem[EVIDENCE_ACCOUNTS] = "no";
    w->ev.computers = NULL;
    assert_int_equal(address(w, "pc1", NULL), REASON_EVIDENCE_MISSING);
    assert_int_equal(pointer(w, "pc1.ad.example.test.", NULL), REASON_EVIDENCE_MISSING);
    assert_int_equal(judge(w, &forward, "pc1", TYPE_TXT, "x", NULL, 0)->reason,
                     REASON_EVIDENCE_MISSING);
    w->ev.state[EVIDENCE_ACCOUNTS] = EVIDENCE_EXCLUDED;
    assert_int_equal(address(w, "pc1", NULL), REASON_STALE);
}

static void pairs_that_could_not_be_read_keep_addresses_and_pointers(void **state)
{
    struct world *w = world(*state);

    w->ev.state[EVIDENCE_PAIRS] = EVIDENCE_UNREAD;
    w->ev.problem[EVIDENCE_PAIRS] = "no";
    assert_int_equal(address(w, "pc1", DOMAIN "-1001"), REASON_EVIDENCE_MISSING);
    assert_int_equal(pointer(w, "pc1.ad.example.test.", DOMAIN "-1001"), REASON_EVIDENCE_MISSING);
    assert_int_equal(judge(w, &forward, "pc1", TYPE_TXT, "x", DOMAIN "-1001", 0)->reason,
                     REASON_STALE);
    assert_int_equal(address(w, "pc2", DOMAIN "-1002"), REASON_OWNER_ALIVE);
}

static void an_owner_that_is_not_known_keeps_the_record(void **state)
{
    struct world *w = world(*state);

    seal(w);
    assert_int_equal(address(w, "gone", NULL), REASON_EVIDENCE_MISSING);
    assert_int_equal(address(w, "gone", "S-1-5-21-9-9-9-1234"), REASON_EVIDENCE_MISSING);
    /* The account of that name tells enough about a record that another domain's account owns. */
    assert_int_equal(address(w, "pc1", "S-1-5-21-9-9-9-1234"), REASON_STALE);
    assert_int_equal(address(w, "pc2", "S-1-5-21-9-9-9-1234"), REASON_OWNER_ALIVE);
}

static void without_evidence_the_timestamps_decide(void **state)
{
    struct world *w = world(*state);
    struct testimony *t;

    w->ev = (struct evidence){ .now_h = NOW, .logon_now_h = NOW };
    t = judge(w, &forward, "pc2", TYPE_A, "10.53.0.1", NULL, 0);
    assert_int_equal(t->reason, REASON_STALE);
    assert_int_equal(t->n_notes, 0);
    assert_null(t->detail);
}

static void every_input_is_told(void **state)
{
    struct world *w = world(*state);
    struct testimony *t;

    seal(w);
    t = judge(w, &forward, "pc2", TYPE_A, "10.53.0.1", DOMAIN "-1002", 0);
    assert_string_equal(t->detail, "owner PC2$ logged on 30 d ago");
    t = judge(w, &forward, "pc1", TYPE_A, "10.53.0.1", DOMAIN "-1001", 0);
    assert_string_equal(t->detail,
                        "owner PC1$ logged on 30 d ago, longer than the alive window of 30 d; "
                        "no fresh PTR of 10.53.0.1 names pc1.ad.example.test");
}

/* Applying */

static void a_plan_loses_what_evidence_keeps(void **state)
{
    static const struct protection none = { 0 };
    struct world *w = world(*state);
    struct plan_params params = { .protection = &none, .now_h = NOW, .computers = w->ev.computers };
    struct plan_builder *b = plan_builder_new(w, &forward, &params);
    struct findings *findings = talloc_zero(w, struct findings);
    struct bytes two[] = { value_a(w, STALE, 1), value_a(w, STALE, 2) };
    struct bytes mixed[] = { value_a(w, STALE, 3), value_txt(w, STALE, "x"), value_a(w, FRESH, 4) };
    struct dns_node nodes[] = {
        { .dn = "DC=1", .name = "pc1", .owner_sid = DOMAIN "-1001", .values = two, .n_values = 2 },
        { .dn = "DC=2",
          .name = "pc2",
          .owner_sid = DOMAIN "-1002",
          .values = mixed,
          .n_values = 3 },
        { .dn = "DC=3", .name = "cl1", .owner_sid = DOMAIN "-1005", .values = two, .n_values = 1 },
    };
    struct zone_plan *p;

    seal(w);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(plan_builder_visit(&nodes[i], b, NULL), OK);
    assert_int_equal(plan_builder_plan(b)->n_removed, 5);
    assert_int_equal(evidence_apply(&w->ev, plan_builder_plan(b), findings, NULL), OK);
    assert_int_equal(plan_builder_finish(w, b, limit_default(), 0, &p, NULL), OK);

    assert_int_equal(p->n_removed, 3);
    assert_int_equal(p->n_nodes, 2);
    assert_int_equal(p->n_others, 1);
    assert_string_equal(p->nodes[0].name, "pc1");
    assert_int_equal(p->nodes[0].n_removed, 2);
    assert_string_equal(p->nodes[1].name, "pc2");
    assert_int_equal(p->nodes[1].n_removed, 1);
    assert_true(p->nodes[1].values[0].is_removed);
    assert_int_equal(p->nodes[1].values[1].reason, REASON_OWNER_ALIVE);
    assert_string_equal(p->others[0].name, "cl1");
    assert_int_equal(p->others[0].values[0].reason, REASON_CLUSTER);
    assert_int_equal(p->kept[REASON_OWNER_ALIVE], 1);
    assert_int_equal(p->kept[REASON_CLUSTER], 1);
    assert_int_equal(findings->n, 1);
    assert_int_equal(findings->all[0].kind, FINDING_FRESH_AND_STALE);
}

static void a_shut_gate_keeps_all_that_is_left(void **state)
{
    static const struct protection none = { 0 };
    struct world *w = world(*state);
    struct plan_params params = { .protection = &none, .now_h = NOW };
    struct plan_builder *b = plan_builder_new(w, &sleeping, &params);
    struct bytes v = value_a(w, STALE, 1);
    struct dns_node node = { .dn = "DC=1", .name = "pc1", .values = &v, .n_values = 1 };
    struct zone_plan *p;

    assert_int_equal(plan_builder_visit(&node, b, NULL), OK);
    assert_int_equal(plan_builder_finish(w, b, limit_default(), 0, &p, NULL), OK);
    assert_int_equal(p->gate, GATE_AGING_OFF);
    assert_int_equal(p->n_nodes, 0);
    assert_int_equal(p->n_removed, 0);
    assert_int_equal(p->kept[REASON_ZONE_GATE], 1);
    assert_int_equal(p->n_others, 1);
    assert_int_equal(p->others[0].values[0].reason, REASON_ZONE_GATE);
    assert_non_null(p->gate_detail);

    b = plan_builder_new(w, &sleeping, &params);
    assert_int_equal(plan_builder_visit(&node, b, NULL), OK);
    assert_int_equal(plan_builder_finish(w, b, limit_default(), GATE_BIT(GATE_AGING_OFF), &p, NULL),
                     OK);
    assert_int_equal(p->gate, GATE_OPEN);
    assert_int_equal(p->overridden, GATE_BIT(GATE_AGING_OFF));
    assert_int_equal(p->n_removed, 1);
}

static void findings_are_kept_up_to_a_number_and_all_counted(void **state)
{
    struct findings *f = talloc_zero(*state, struct findings);

    for (size_t i = 0; i < FINDINGS_MAX + 7; i++)
        assert_int_equal(findings_add(f, FINDING_PTR_MOVED, "z", "n", "d", NULL, "%zu", i), OK);
    assert_int_equal(findings_add(f, FINDING_OTHER_OWNER, "z", "n", "d", NULL, "x"), OK);
    assert_int_equal(f->n, FINDINGS_MAX + 1);
    assert_int_equal(f->counted[FINDING_PTR_MOVED], FINDINGS_MAX + 7);
    assert_string_equal(f->all[999].detail, "999");
    assert_string_equal(finding_name(f->all[FINDINGS_MAX].kind), "other-owner");
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(the_owner_keeps_its_only_address_while_it_logs_on),
        T(a_disabled_or_unused_account_speaks_for_nothing),
        T(an_account_that_was_just_joined_is_alive),
        T(the_later_of_logon_and_password_counts),
        T(times_that_cannot_be_read_keep),
        T(a_logon_time_that_cannot_be_read_keeps),
        T(an_account_without_host_name_speaks_for_its_own_name),
        T(an_owner_may_be_an_account_whose_sid_is_hidden),
        T(a_logon_later_than_now_is_one),
        T(of_a_fresh_and_a_stale_address_the_stale_one_may_go),
        T(an_address_under_another_name_of_the_host_counts_too),
        T(the_same_address_again_is_no_other_one),
        T(what_an_administrator_entered_is_no_other_address),
        T(records_of_no_address_stay_while_the_owner_lives),
        T(a_name_that_another_owns_is_linked_to_the_account_of_that_name),
        T(who_registers_for_others_speaks_only_for_itself),
        T(a_clusters_name_stays_while_its_object_is_enabled),
        T(a_ptr_stays_while_its_name_holds_the_address),
        T(a_ptr_is_about_the_host_that_it_names),
        T(the_old_ptr_of_a_living_host_that_moved_may_go),
        T(a_ptr_whose_name_is_no_address_stays_while_its_host_has_any),
        T(a_ptr_whose_name_others_answer_for_stays),
        T(an_address_stays_while_its_ptr_is_fresh),
        T(accounts_that_could_not_be_read_keep_everything),
        T(pairs_that_could_not_be_read_keep_addresses_and_pointers),
        T(an_owner_that_is_not_known_keeps_the_record),
        T(without_evidence_the_timestamps_decide),
        T(every_input_is_told),
        T(a_plan_loses_what_evidence_keeps),
        T(a_shut_gate_keeps_all_that_is_left),
        T(findings_are_kept_up_to_a_number_and_all_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
