#include "tests/unit/unit.h"

#include <stdio.h>

#include "dns/name.h"
#include "register/plan.h"
#include "register/renewal.h"

#define FQDN "host1.ad.example.test"
#define ZONE "ad.example.test"
#define R4 "0.53.10.in-addr.arpa"

/* One situation; what is not set is empty. */
struct scene {
    struct published pub;
    struct memory *memory;
    struct ip wanted[8];
    size_t n_wanted;
    struct ip held[8];
    struct published_reverse reverse[8];
    enum update_form form;
    const struct renewal *renewal;
    struct ip own[2];
    size_t n_own;
    struct memory *recovered;
    struct published_name names[2];
    struct ip named[2]; /* one address of each */
    const char *sibling;
};

static struct ip ip_of(const char *text)
{
    struct ip ip;

    assert_true(ip_parse(text, &ip));
    return ip;
}

static struct scene *scene(TALLOC_CTX *mem)
{
    struct scene *s = talloc_zero(mem, struct scene);

    s->memory = talloc_zero(s, struct memory);
    s->recovered = talloc_zero(s, struct memory);
    s->pub.fqdn = FQDN;
    s->pub.zone = ZONE;
    s->pub.addresses = s->held;
    s->pub.reverse = s->reverse;
    s->pub.names = s->names;
    return s;
}

static void want(struct scene *s, const char *ip) { s->wanted[s->n_wanted++] = ip_of(ip); }

static void hold(struct scene *s, const char *ip) { s->held[s->pub.n_addresses++] = ip_of(ip); }

/* The reverse name of ip is in zone and names up to two hosts. */
static struct published_reverse *reverse(struct scene *s, const char *ip, const char *zone,
                                         const char *first, const char *second)
{
    struct published_reverse *r = &s->reverse[s->pub.n_reverse++];

    r->ip = ip_of(ip);
    r->name = r->owner = dns_name_reverse(s, r->ip);
    r->zone = zone;
    r->targets = talloc_array(s, const char *, 2);
    if (first)
        r->targets[r->n_targets++] = first;
    if (second)
        r->targets[r->n_targets++] = second;
    return r;
}

/* The directory proves that this host's account put it there. */
static void recover(struct scene *s, const char *zone, const char *name, uint16_t type,
                    const char *data)
{
    assert_true(memory_remember(s->recovered,
                                (struct memory_record){
                                    .zone = zone, .name = name, .type = type, .data = data }));
}

static void remember(struct scene *s, const char *zone, const char *name, uint16_t type,
                     const char *data)
{
    assert_true(
        memory_remember(s->memory, (struct memory_record){
                                       .zone = zone, .name = name, .type = type, .data = data }));
}

/* The name holds one address, or none, in the zone. */
static struct published_name *hold_under(struct scene *s, const char *name, const char *ip)
{
    size_t at = s->pub.n_names++;
    struct published_name *n = &s->names[at];

    n->fqdn = name;
    n->zone = ZONE;
    n->addresses = &s->named[at];
    if (ip)
        n->addresses[n->n_addresses++] = ip_of(ip);
    return n;
}

typedef enum err planner(TALLOC_CTX *mem, const struct plan_input *in, struct plan **out,
                         struct error *e);

static struct plan *make(struct scene *s, planner *make_plan, bool with_ptr)
{
    struct siblings siblings = { .names = &s->sibling, .n = s->sibling ? 1 : 0 };
    struct plan_input in = {
        .siblings = &siblings,
        .published = &s->pub,
        .memory = s->memory,
        .wanted = s->wanted,
        .n_wanted = s->n_wanted,
        .own = s->own,
        .n_own = s->n_own,
        .recovered = s->recovered,
        .ttl_s = 1200,
        .with_ptr = with_ptr,
        .form = s->form,
        .renewal = s->renewal,
    };
    struct error e = { 0 };
    struct plan *p = NULL;

    assert_int_equal(make_plan(s, &in, &p, &e), OK);
    assert_non_null(p);
    return p;
}

/* "add A 10.53.0.101; …" */
static char *steps_of(const struct plan *p)
{
    char *text = talloc_strdup((void *)(uintptr_t)p, ""), type[16];

    for (size_t i = 0; i < p->n_steps; i++)
        text = talloc_asprintf_append(text, "%s%s %s %s", i ? "; " : "",
                                      register_action_name(p->steps[i].action),
                                      dns_type_name(p->steps[i].type, type), p->steps[i].data);
    return text;
}

/* "ad.example.test: !CNAME +10.53.0.101 -10.53.0.9; …" */
static char *updates_of(const struct plan *p)
{
    char *text = talloc_strdup((void *)(uintptr_t)p, ""), type[16];

    for (size_t i = 0; i < p->n_updates; i++) {
        const struct dns_update *u = &p->updates[i];

        text = talloc_asprintf_append(text, "%s%s:", i ? "; " : "", u->zone);
        for (size_t j = 0; j < u->n_prereqs; j++) {
            assert_int_equal(u->prereqs[j].kind, DNS_PREREQ_RRSET_ABSENT);
            text = talloc_asprintf_append(text, " !%s", dns_type_name(u->prereqs[j].rr.type, type));
        }
        for (size_t j = 0; j < u->n_ops; j++) {
            const struct dns_op *op = &u->ops[j];

            assert_int_equal(op->rr.ttl_s, op->kind == DNS_OP_ADD ? 1200 : 0);
            assert_true(dns_name_within(op->rr.name, u->zone));
            if (op->kind == DNS_OP_DELETE_RRSET)
                text = talloc_asprintf_append(text, " -*%s", dns_type_name(op->rr.type, type));
            else
                text = talloc_asprintf_append(text, " %c%s", op->kind == DNS_OP_ADD ? '+' : '-',
                                              op->rr.data);
        }
    }
    return text;
}

static void first_registration_adds_everything(void **state)
{
    struct scene *s = scene(*state);
    struct plan *p;

    want(s, "10.53.0.101");
    want(s, "fd53::101");
    reverse(s, "10.53.0.101", R4, NULL, NULL);
    reverse(s, "fd53::101", "3.5.d.f.ip6.arpa", NULL, NULL);
    p = make(s, plan_register, true);
    assert_string_equal(steps_of(p), "add A 10.53.0.101; add AAAA fd53::101; add PTR " FQDN
                                     ".; add PTR " FQDN ".");
    assert_string_equal(updates_of(p),
                        ZONE ": !CNAME +10.53.0.101 +fd53::101; " R4 ": !PTR +" FQDN "."
                             "; 3.5.d.f.ip6.arpa: !PTR +" FQDN ".");
}

static void unchanged_records_are_added_again_and_nothing_is_deleted(void **state)
{
    struct scene *s = scene(*state);
    struct plan *p;

    want(s, "10.53.0.101");
    hold(s, "10.53.0.101");
    reverse(s, "10.53.0.101", R4, FQDN, NULL);
    p = make(s, plan_register, true);
    assert_string_equal(steps_of(p), "refresh A 10.53.0.101; refresh PTR " FQDN ".");
    assert_string_equal(updates_of(p), ZONE ": !CNAME +10.53.0.101; " R4 ": +" FQDN ".");
}

static void address_change_adds_before_it_deletes_and_takes_the_old_ptr(void **state)
{
    struct scene *s = scene(*state);
    struct plan *p;

    want(s, "10.53.0.101");
    hold(s, "10.53.0.9");
    remember(s, ZONE, FQDN, DNS_TYPE_A, "10.53.0.9");
    reverse(s, "10.53.0.101", R4, NULL, NULL);
    reverse(s, "10.53.0.9", R4, FQDN, NULL);
    remember(s, R4, "9." R4, DNS_TYPE_PTR, FQDN ".");
    p = make(s, plan_register, true);
    assert_string_equal(steps_of(p), "add A 10.53.0.101; delete A 10.53.0.9; add PTR " FQDN
                                     ".; delete PTR " FQDN ".");
    /* The old PTR goes alone: somebody else may own it, and refuse. */
    assert_string_equal(updates_of(p), ZONE ": !CNAME +10.53.0.101 -10.53.0.9; " R4 ": !PTR +" FQDN
                                            ".; " R4 ": -" FQDN ".");
    assert_string_equal(p->update_owners[2], "9.0.53.10.in-addr.arpa");
    assert_true(plan_step_is_in(p, &p->steps[2], 1));
    assert_false(plan_step_is_in(p, &p->steps[2], 2));
    assert_true(plan_step_is_in(p, &p->steps[3], 2));
    assert_false(plan_step_is_in(p, &p->steps[3], 1));
}

/* An administrator's: static, or on a server that cannot tell. */
static void an_address_that_nobody_remembers_is_left_alone(void **state)
{
    struct scene *s = scene(*state);
    struct plan *p;

    want(s, "10.53.0.101");
    hold(s, "10.53.0.101");
    hold(s, "10.53.0.200");
    reverse(s, "10.53.0.101", R4, FQDN, NULL);
    reverse(s, "10.53.0.200", R4, FQDN, NULL);
    p = make(s, plan_register, true);
    assert_string_equal(steps_of(p),
                        "refresh A 10.53.0.101; keep A 10.53.0.200; refresh PTR " FQDN ".");
    assert_non_null(p->steps[1].detail);
    assert_string_equal(updates_of(p), ZONE ": !CNAME +10.53.0.101; " R4 ": +" FQDN ".");
}

/* Registered by another tool before: the directory holds it as a dynamic record. */
static void an_own_address_from_before_the_memory_goes(void **state)
{
    struct scene *s = scene(*state);
    struct plan *p;

    want(s, "10.53.0.101");
    hold(s, "10.53.0.9");
    s->own[s->n_own++] = ip_of("10.53.0.9");
    reverse(s, "10.53.0.9", R4, FQDN, NULL);
    recover(s, R4, "9." R4, DNS_TYPE_PTR, FQDN ".");
    p = make(s, plan_register, true);
    assert_string_equal(steps_of(p), "add A 10.53.0.101; delete A 10.53.0.9; delete PTR " FQDN ".");
}

/* One by one: remembered, own as the directory says, and an administrator's. */
static void a_move_leaves_ptrs_that_this_host_never_registered(void **state)
{
    static const char *const last[] = { "delete PTR " FQDN ".", "delete PTR " FQDN ".",
                                        "keep PTR " FQDN "." };

    for (int whose = 0; whose < 3; whose++) {
        struct scene *s = scene(*state);

        want(s, "10.53.0.101");
        hold(s, "10.53.0.9");
        remember(s, ZONE, FQDN, DNS_TYPE_A, "10.53.0.9");
        reverse(s, "10.53.0.9", R4, FQDN, NULL);
        if (whose == 0)
            remember(s, R4, "9." R4, DNS_TYPE_PTR, FQDN ".");
        if (whose == 1)
            recover(s, R4, "9." R4, DNS_TYPE_PTR, FQDN ".");
        assert_string_equal(steps_of(make(s, plan_register, true)),
                            talloc_asprintf(s, "add A 10.53.0.101; delete A 10.53.0.9; %s",
                                            last[whose]));
    }
}

/* An address that stays has its PTR stay, whoever put the two there. */
static void what_is_left_alone_keeps_its_ptr(void **state)
{
    struct scene *s = scene(*state);

    want(s, "10.53.0.101");
    hold(s, "10.53.0.200");
    reverse(s, "10.53.0.200", R4, FQDN, NULL);
    recover(s, R4, "200." R4, DNS_TYPE_PTR, FQDN ".");
    assert_string_equal(steps_of(make(s, plan_register, true)),
                        "add A 10.53.0.101; keep A 10.53.0.200");
}

static void windows_form_spares_an_address_that_is_left_alone(void **state)
{
    struct scene *s = scene(*state);

    s->form = FORM_REPLACE;
    want(s, "10.53.0.101");
    hold(s, "10.53.0.101");
    hold(s, "10.53.0.200");
    assert_string_equal(updates_of(make(s, plan_register, false)),
                        ZONE ": !CNAME -10.53.0.101 +10.53.0.101");
}

static void unregister_leaves_ptrs_that_it_never_registered(void **state)
{
    struct scene *s = scene(*state);

    remember(s, ZONE, FQDN, DNS_TYPE_A, "10.53.0.101");
    want(s, "10.53.0.101");
    hold(s, "10.53.0.101");
    hold(s, "10.53.0.201");
    reverse(s, "10.53.0.101", R4, FQDN, NULL);
    reverse(s, "10.53.0.201", R4, FQDN, NULL);
    assert_string_equal(steps_of(make(s, plan_unregister, true)),
                        "delete A 10.53.0.101; keep A 10.53.0.201; keep PTR " FQDN
                        ".; keep PTR " FQDN ".");
    remember(s, R4, "101." R4, DNS_TYPE_PTR, FQDN ".");
    assert_string_equal(steps_of(make(s, plan_unregister, true)),
                        "delete A 10.53.0.101; keep A 10.53.0.201; delete PTR " FQDN
                        ".; keep PTR " FQDN ".");
}

static void a_name_borne_earlier_is_another_hosts_where_its_ptr_is_not_remembered(void **state)
{
    struct scene *s = scene(*state);

    want(s, "10.53.0.101");
    remember(s, ZONE, "old." ZONE, DNS_TYPE_A, "10.53.0.7");
    reverse(s, "10.53.0.101", R4, "old." ZONE, NULL);
    assert_string_equal(steps_of(make(s, plan_register, true)),
                        "add A 10.53.0.101; conflict PTR " FQDN ".");
}

/* Only the own value is named, which may have been hidden: a server that has none deletes none. */
static void old_ptr_that_names_another_by_now_is_not_touched(void **state)
{
    struct scene *s = scene(*state);

    want(s, "10.53.0.101");
    hold(s, "10.53.0.101");
    remember(s, R4, "9.0.53.10.in-addr.arpa", DNS_TYPE_PTR, FQDN ".");
    reverse(s, "10.53.0.101", R4, FQDN, NULL);
    reverse(s, "10.53.0.9", R4, "pc17." ZONE, NULL);
    assert_string_equal(updates_of(make(s, plan_register, true)), ZONE
                        ": !CNAME +10.53.0.101; " R4 ": +" FQDN ".; " R4 ": !CNAME -" FQDN ".");
}

static void ptr_of_another_is_a_conflict_that_says_whose(void **state)
{
    struct scene *s = scene(*state);
    struct plan *p;

    want(s, "10.53.0.101");
    reverse(s, "10.53.0.101", R4, "pc17." ZONE, NULL);
    p = make(s, plan_register, true);
    assert_string_equal(steps_of(p), "add A 10.53.0.101; conflict PTR " FQDN ".");
    assert_non_null(strstr(p->steps[1].detail, "pc17." ZONE));
    assert_int_equal(p->steps[1].code, ERR_CONFLICT);
    assert_string_equal(updates_of(p), ZONE ": !CNAME +10.53.0.101");
}

static void own_ptr_beside_another_is_refreshed_and_the_other_stays(void **state)
{
    struct scene *s = scene(*state);
    struct plan *p;

    want(s, "10.53.0.101");
    reverse(s, "10.53.0.101", R4, "www." ZONE, FQDN);
    p = make(s, plan_register, true);
    assert_string_equal(steps_of(p), "add A 10.53.0.101; refresh PTR " FQDN ".");
    assert_non_null(strstr(p->steps[1].detail, "www." ZONE));
}

static void ptr_of_the_own_old_name_is_replaced(void **state)
{
    struct scene *s = scene(*state);
    struct plan *p;

    want(s, "10.53.0.101");
    remember(s, R4, "101.0.53.10.in-addr.arpa", DNS_TYPE_PTR, "old." ZONE ".");
    reverse(s, "10.53.0.101", R4, "old." ZONE, NULL);
    p = make(s, plan_register, true);
    assert_string_equal(steps_of(p),
                        "add A 10.53.0.101; delete PTR old." ZONE ".; add PTR " FQDN ".");
    assert_string_equal(updates_of(p),
                        ZONE ": !CNAME +10.53.0.101; " R4 ": +" FQDN ". -old." ZONE ".");
}

static void alias_at_the_own_name_stops_everything(void **state)
{
    struct scene *s = scene(*state);
    struct plan *p;

    want(s, "10.53.0.101");
    s->pub.cname = "elsewhere." ZONE;
    reverse(s, "10.53.0.101", R4, NULL, NULL);
    p = make(s, plan_register, true);
    assert_string_equal(steps_of(p), "conflict CNAME elsewhere." ZONE ".");
    assert_int_equal(p->n_updates, 0);
}

static void reverse_name_without_a_zone_is_passed_over(void **state)
{
    struct scene *s = scene(*state);

    want(s, "10.53.0.101");
    reverse(s, "10.53.0.101", NULL, NULL, NULL);
    assert_string_equal(steps_of(make(s, plan_register, true)), "add A 10.53.0.101");
}

static void ptr_of_an_aliased_reverse_name_stands_where_the_alias_leads(void **state)
{
    struct scene *s = scene(*state);
    struct published_reverse *r;
    struct plan *p;

    want(s, "10.53.0.101");
    r = reverse(s, "10.53.0.101", "64-127." R4, NULL, NULL);
    r->owner = r->alias = "101.64-127." R4;
    r->name_zone = R4;
    p = make(s, plan_register, true);
    assert_string_equal(updates_of(p),
                        ZONE ": !CNAME +10.53.0.101; 64-127." R4 ": !PTR +" FQDN ".");
    assert_string_equal(p->updates[1].ops[0].rr.name, "101.64-127." R4);
    assert_string_equal(p->updates[1].prereqs[0].rr.name, "101.64-127." R4);
    /* The memory knows it by the address. */
    assert_string_equal(p->steps[1].reverse_name, "101." R4);
    assert_string_equal(p->steps[1].reverse_zone, R4);
}

static void kind_of_the_server_decides_on_the_form(void **state)
{
    (void)state;
    assert_int_equal(form_for("windows", true), FORM_REPLACE);
    assert_int_equal(form_for("windows", false), FORM_REPLACE);
    /* Samba's own server; one of unknown make that speaks no EDNS is no named. */
    assert_int_equal(form_for("samba", false), FORM_ADDS);
    assert_int_equal(form_for(NULL, false), FORM_ADDS);
    /* named in front of Samba's directory, and what may be that. */
    assert_int_equal(form_for("samba", true), FORM_RENEW);
    assert_int_equal(form_for(NULL, true), FORM_RENEW);
    assert_int_equal(form_for("anything", true), FORM_RENEW);
}

static struct scene *scene_of_renewal(TALLOC_CTX *mem)
{
    struct scene *s = scene(mem);

    s->form = FORM_RENEW;
    want(s, "10.53.0.101");
    want(s, "fd53::101");
    hold(s, "10.53.0.101");
    hold(s, "fd53::101");
    reverse(s, "10.53.0.101", R4, FQDN, NULL);
    return s;
}

static void what_is_due_is_deleted_and_added_value_by_value(void **state)
{
    struct plan *p = make(scene_of_renewal(*state), plan_register, true);

    assert_string_equal(steps_of(p),
                        "refresh A 10.53.0.101; refresh AAAA fd53::101; refresh PTR " FQDN ".");
    assert_string_equal(updates_of(p),
                        ZONE ": !CNAME -10.53.0.101 +10.53.0.101 -fd53::101 +fd53::101; " R4
                             ": -" FQDN ". +" FQDN ".");
    assert_true(p->is_one_at_a_time);
}

static void what_is_fresh_is_only_added_again(void **state)
{
    struct scene *s = scene_of_renewal(*state);
    struct renewal_record fresh[] = {
        { FQDN, DNS_TYPE_A, "10.53.0.101" },
        { "101." R4, DNS_TYPE_PTR, FQDN "." },
        { FQDN, DNS_TYPE_A, "fd53::101" }, /* another type is another record */
        { "other." ZONE, DNS_TYPE_AAAA, "fd53::101" },
    };
    struct renewal renewal = { fresh, 4 };

    s->renewal = &renewal;
    assert_string_equal(updates_of(make(s, plan_register, true)),
                        ZONE ": !CNAME +10.53.0.101 -fd53::101 +fd53::101; " R4 ": +" FQDN ".");
}

static void a_change_keeps_its_order_where_records_are_renewed(void **state)
{
    struct scene *s = scene(*state);

    s->form = FORM_RENEW;
    want(s, "10.53.0.101");
    hold(s, "10.53.0.9");
    hold(s, "10.53.0.200");
    remember(s, ZONE, FQDN, DNS_TYPE_A, "10.53.0.9");
    /* The new one stands before the old one goes; what is somebody else's stays. */
    assert_string_equal(updates_of(make(s, plan_register, false)),
                        ZONE ": !CNAME +10.53.0.101 -10.53.0.9");
}

static void no_other_form_sends_one_update_at_a_time(void **state)
{
    struct scene *s = scene_of_renewal(*state);

    s->form = FORM_ADDS;
    assert_false(make(s, plan_register, true)->is_one_at_a_time);
    s->form = FORM_REPLACE;
    assert_false(make(s, plan_register, true)->is_one_at_a_time);
    s->form = FORM_RENEW;
    assert_true(make(s, plan_unregister, true)->is_one_at_a_time);
}

static void windows_is_told_the_end_result(void **state)
{
    struct scene *s = scene(*state);

    s->form = FORM_REPLACE;
    want(s, "10.53.0.101");
    want(s, "fd53::101");
    hold(s, "10.53.0.101");
    hold(s, "10.53.0.9");
    remember(s, ZONE, FQDN, DNS_TYPE_A, "10.53.0.9");
    reverse(s, "10.53.0.101", R4, FQDN, NULL);
    reverse(s, "fd53::101", "3.5.d.f.ip6.arpa", NULL, NULL);
    reverse(s, "10.53.0.9", R4, FQDN, NULL);
    remember(s, R4, "9." R4, DNS_TYPE_PTR, FQDN ".");
    assert_string_equal(updates_of(make(s, plan_register, true)),
                        ZONE ": !CNAME -10.53.0.101 -10.53.0.9 +10.53.0.101 +fd53::101; " R4
                             ": -" FQDN ". +" FQDN ".; " R4 ": -" FQDN ".; "
                             "3.5.d.f.ip6.arpa: !PTR +" FQDN ".");
}

/* The kind of the server is an unauthenticated answer: forging it must gain nothing. */
static void no_form_deletes_more_than_was_read(void **state)
{
    for (int form = FORM_ADDS; form <= FORM_REPLACE; form++) {
        struct scene *s = scene(*state);
        struct plan *p;

        s->form = (enum update_form)form;
        want(s, "10.53.0.101");
        want(s, "fd53::101");
        hold(s, "10.53.0.101");
        hold(s, "10.53.0.9");
        remember(s, ZONE, FQDN, DNS_TYPE_A, "10.53.0.9");
        reverse(s, "10.53.0.101", R4, FQDN, NULL);
        p = make(s, plan_register, true);
        for (size_t i = 0; i < p->n_updates; i++) {
            for (size_t k = 0; k < p->updates[i].n_ops; k++) {
                enum dns_op_kind kind = p->updates[i].ops[k].kind;

                assert_true(kind == DNS_OP_ADD || kind == DNS_OP_DELETE_RR);
            }
        }
    }
}

static void windows_form_leaves_the_ptr_of_another_alone(void **state)
{
    struct scene *s = scene(*state);

    s->form = FORM_REPLACE;
    want(s, "10.53.0.101");
    reverse(s, "10.53.0.101", R4, FQDN, "pc17." ZONE);
    assert_string_equal(updates_of(make(s, plan_register, true)),
                        ZONE ": !CNAME +10.53.0.101; " R4 ": -" FQDN ". +" FQDN ".");
}

static void unregistering_from_windows_deletes_values_and_never_a_type(void **state)
{
    struct scene *s = scene(*state);

    s->form = FORM_REPLACE;
    want(s, "10.53.0.101");
    hold(s, "10.53.0.101");
    hold(s, "10.53.0.9");
    reverse(s, "10.53.0.101", R4, FQDN, NULL);
    remember(s, R4, "101." R4, DNS_TYPE_PTR, FQDN ".");
    assert_string_equal(updates_of(make(s, plan_unregister, true)),
                        ZONE ": -10.53.0.101; " R4 ": -" FQDN ".");
}

/* Byte for byte, IDs aside: what a server sees of host.test's refresh of one address. */
static void exact_messages_of_every_form(void **state)
{
    static const char *const expected[] = {
        [FORM_ADDS] = "0007 2800 0001 0001 0001 0000 0474657374 00 0006 0001"
                      "0168 c00c 0005 00fe 00000000 0000"
                      "c016 0001 0001 000004b0 0004 0a350065",
        [FORM_RENEW] = "0007 2800 0001 0001 0002 0000 0474657374 00 0006 0001"
                       "0168 c00c 0005 00fe 00000000 0000"
                       "c016 0001 00fe 00000000 0004 0a350065"
                       "c016 0001 0001 000004b0 0004 0a350065",
        [FORM_REPLACE] = "0007 2800 0001 0001 0002 0000 0474657374 00 0006 0001"
                         "0168 c00c 0005 00fe 00000000 0000"
                         "c016 0001 00fe 00000000 0004 0a350065"
                         "c016 0001 0001 000004b0 0004 0a350065",
    };

    for (int form = FORM_ADDS; form <= FORM_REPLACE; form++) {
        struct scene *s = scene(*state);
        struct bytes wire;
        struct plan *p;

        s->pub.fqdn = "h.test";
        s->pub.zone = "test";
        s->form = (enum update_form)form;
        want(s, "10.53.0.101");
        hold(s, "10.53.0.101");
        p = make(s, plan_register, false);
        assert_int_equal(p->n_updates, 1);
        assert_int_equal(dns_update_wire(s, &p->updates[0], 7, &wire, NULL), OK);
        assert_bytes_equal(wire, unhex(s, expected[form]));
    }
}

static void unreadable_reverse_name_fails_alone(void **state)
{
    struct scene *s = scene(*state);
    struct plan *p;

    want(s, "10.53.0.101");
    reverse(s, "10.53.0.101", R4, NULL, NULL)->rcode = DNS_RCODE_SERVFAIL;
    p = make(s, plan_register, true);
    assert_string_equal(steps_of(p), "add A 10.53.0.101; failed PTR " FQDN ".");
    assert_string_equal(updates_of(p), ZONE ": !CNAME +10.53.0.101");
}

static void without_ptr_no_reverse_name_is_touched(void **state)
{
    struct scene *s = scene(*state);

    want(s, "10.53.0.101");
    reverse(s, "10.53.0.101", R4, NULL, NULL);
    assert_string_equal(updates_of(make(s, plan_register, false)), ZONE ": !CNAME +10.53.0.101");
}

static void unregister_removes_what_was_registered_and_no_more(void **state)
{
    struct scene *s = scene(*state);

    want(s, "10.53.0.101");
    want(s, "10.53.0.55"); /* registered once, not published any more */
    hold(s, "10.53.0.101");
    hold(s, "10.53.0.200"); /* somebody else's doing */
    reverse(s, "10.53.0.101", R4, FQDN, "www." ZONE);
    reverse(s, "10.53.0.55", R4, "pc17." ZONE, NULL);
    remember(s, R4, "101." R4, DNS_TYPE_PTR, FQDN ".");
    assert_string_equal(updates_of(make(s, plan_unregister, true)),
                        ZONE ": -10.53.0.101; " R4 ": -" FQDN ".");
}

/* Of three PTRs at one address: one of another registration, one remembered, one of somebody. */
static void unregister_takes_earlier_names_and_leaves_those_of_other_registrations(void **state)
{
    struct scene *s = scene(*state);
    struct published_reverse *r;

    want(s, "10.53.0.101");
    hold(s, "10.53.0.101");
    s->sibling = "alias." ZONE;
    remember(s, R4, "101.0.53.10.in-addr.arpa", DNS_TYPE_PTR, "alias." ZONE ".");
    remember(s, R4, "101.0.53.10.in-addr.arpa", DNS_TYPE_PTR, "old." ZONE ".");
    r = reverse(s, "10.53.0.101", R4, "alias." ZONE, "old." ZONE);
    r->targets = talloc_realloc(s, r->targets, const char *, 3);
    r->targets[r->n_targets++] = "pc17." ZONE;
    remember(s, ZONE, "old." ZONE, DNS_TYPE_A, "10.53.0.101");
    remember(s, ZONE, "alias." ZONE, DNS_TYPE_A, "10.53.0.102");
    hold_under(s, "old." ZONE, "10.53.0.101");
    hold_under(s, "alias." ZONE, "10.53.0.102");
    assert_string_equal(updates_of(make(s, plan_unregister, true)),
                        ZONE ": -10.53.0.101; " R4 ": -old." ZONE ".");
    assert_string_equal(steps_of(make(s, plan_earlier, true)),
                        "delete A 10.53.0.101; keep A 10.53.0.102");
}

/* The host was renamed: its own UPDATE first, and what the old name's owner says costs nothing. */
static void earlier_name_goes_in_an_update_of_its_own(void **state)
{
    struct scene *s = scene(*state);
    struct plan *p;

    want(s, "10.53.0.101");
    remember(s, ZONE, "old." ZONE, DNS_TYPE_A, "10.53.0.101");
    remember(s, ZONE, "old." ZONE, DNS_TYPE_A, "10.53.0.102");
    remember(s, R4, "101." R4, DNS_TYPE_PTR, "old." ZONE ".");
    reverse(s, "10.53.0.101", R4, "old." ZONE, NULL);
    remember(s, ZONE, "older." ZONE, DNS_TYPE_A, "10.53.0.9");
    hold_under(s, "old." ZONE, "10.53.0.101");
    hold_under(s, "older." ZONE, "10.53.0.9");
    p = make(s, plan_register, true);
    assert_string_equal(updates_of(p),
                        ZONE ": !CNAME +10.53.0.101; " R4 ": +" FQDN ". -old." ZONE ".");
    p = make(s, plan_earlier, true);
    /* One of them is not seen. */
    assert_string_equal(updates_of(p), ZONE ": -10.53.0.101 -10.53.0.102; " ZONE ": -10.53.0.9");
    assert_string_equal(p->updates[0].ops[0].rr.name, "old." ZONE);
    assert_string_equal(p->updates[1].ops[0].rr.name, "older." ZONE);
    assert_string_equal(p->update_owners[0], "old." ZONE);
    assert_true(plan_step_is_in(p, &p->steps[0], 0));
    assert_false(plan_step_is_in(p, &p->steps[0], 1));
    assert_true(p->steps[1].is_unseen && !p->steps[0].is_unseen && !p->steps[2].is_unseen);
    /* Without PTRs as well. */
    assert_string_equal(updates_of(make(s, plan_earlier, false)), updates_of(p));
}

static void earlier_name_stays_where_another_registration_has_it(void **state)
{
    struct scene *s = scene(*state);

    s->sibling = "old." ZONE;
    want(s, "10.53.0.101");
    remember(s, ZONE, "old." ZONE, DNS_TYPE_A, "10.53.0.101");
    remember(s, R4, "101." R4, DNS_TYPE_PTR, "old." ZONE ".");
    reverse(s, "10.53.0.101", R4, "old." ZONE, NULL);
    hold_under(s, "old." ZONE, "10.53.0.101");
    assert_string_equal(steps_of(make(s, plan_register, true)),
                        "add A 10.53.0.101; add PTR " FQDN ".");
    assert_string_equal(steps_of(make(s, plan_earlier, true)), "keep A 10.53.0.101");
    s->sibling = NULL;
    assert_string_equal(steps_of(make(s, plan_register, true)),
                        "add A 10.53.0.101; delete PTR old." ZONE ".; add PTR " FQDN ".");
    assert_string_equal(steps_of(make(s, plan_earlier, true)), "delete A 10.53.0.101");
}

static void earlier_name_that_cannot_be_read_fails_alone(void **state)
{
    struct scene *s = scene(*state);

    want(s, "10.53.0.101");
    remember(s, ZONE, "old." ZONE, DNS_TYPE_A, "10.53.0.101");
    hold_under(s, "old." ZONE, NULL)->rcode = DNS_RCODE_SERVFAIL;
    assert_string_equal(steps_of(make(s, plan_earlier, true)), "failed A 10.53.0.101");
    s->names[0].zone = NULL;
    assert_string_equal(steps_of(make(s, plan_earlier, true)), "");
}

/* The reverse zone is another server's, which cannot be reached. */
static void unreachable_zone_fails_for_what_is_wanted_and_what_is_remembered(void **state)
{
    struct scene *s = scene(*state);
    struct published_reverse *r = reverse(s, "10.53.0.101", NULL, NULL, NULL);
    struct plan_failure f = { r, R4, ERR_UNREACHABLE, "ns1 is silent", "try later", false };
    struct plan_input in = { .published = &s->pub, .memory = s->memory, .with_ptr = true };
    struct plan *p = talloc_zero(s, struct plan);

    want(s, "10.53.0.101");
    remember(s, R4, "101." R4, DNS_TYPE_PTR, FQDN ".");
    remember(s, R4, "101." R4, DNS_TYPE_PTR, "old." ZONE ".");
    remember(s, R4, "102." R4, DNS_TYPE_PTR, FQDN ".");
    in.wanted = s->wanted;
    in.n_wanted = s->n_wanted;
    assert_true(plan_fail(p, &in, &f));
    assert_string_equal(steps_of(p), "failed PTR " FQDN ".; failed PTR old." ZONE ".");
    assert_int_equal(p->steps[0].code, ERR_UNREACHABLE);
    assert_string_equal(p->steps[0].detail, "ns1 is silent");
    assert_string_equal(p->steps[0].hint, "try later");
    assert_int_equal(p->n_updates, 0);

    /* Nothing is to be there any more: what is remembered cannot go. */
    p = talloc_zero(s, struct plan);
    in.is_leaving = true;
    assert_true(plan_fail(p, &in, &f));
    assert_string_equal(steps_of(p), "failed PTR " FQDN ".; failed PTR old." ZONE ".");
    s->memory->n_records = 0;
    p = talloc_zero(s, struct plan);
    assert_true(plan_fail(p, &in, &f));
    assert_int_equal(p->n_steps, 0);
}

static void zone_of_a_stranger_is_left_and_is_no_failure(void **state)
{
    struct scene *s = scene(*state);
    struct published_reverse *r = reverse(s, "10.53.0.101", NULL, NULL, NULL);
    struct plan_failure f = { r, R4, OK, "not published: a provider has it", NULL, true };
    struct plan_input in = { .published = &s->pub, .memory = s->memory, .with_ptr = true };
    struct plan *p = talloc_zero(s, struct plan);

    want(s, "10.53.0.101");
    in.wanted = s->wanted;
    in.n_wanted = s->n_wanted;
    assert_true(plan_fail(p, &in, &f));
    assert_string_equal(steps_of(p), "keep PTR " FQDN ".");
    assert_int_equal(p->steps[0].code, OK);
    assert_true(p->steps[0].is_elsewhere);
    assert_string_equal(p->steps[0].detail, "not published: a provider has it");
}

static void plan_for_another_server_has_reverse_names_only(void **state)
{
    struct scene *s = scene(*state);
    struct plan *p, *there;

    want(s, "10.53.0.101");
    p = make(s, plan_register, true);
    s->pub.is_reverse_only = true;
    s->pub.zone = NULL;
    reverse(s, "10.53.0.101", R4, NULL, NULL);
    there = make(s, plan_register, true);
    assert_string_equal(steps_of(there), "add PTR " FQDN ".");
    assert_string_equal(updates_of(there), R4 ": !PTR +" FQDN ".");
    assert_true(plan_append(p, there));
    assert_string_equal(steps_of(p), "add A 10.53.0.101; add PTR " FQDN ".");
    assert_int_equal(p->n_updates, 1);
    /* One with nothing to do, behind one with nothing to do. */
    p = talloc_zero(s, struct plan);
    assert_true(plan_append(p, talloc_zero(s, struct plan)));
    assert_int_equal(p->n_steps, 0);
}

static void unregister_without_proof_leaves_everything_and_fails(void **state)
{
    struct scene *s = scene(*state);
    struct plan_input in = { .published = &s->pub,
                             .memory = s->memory,
                             .with_ptr = true,
                             .is_leaving = true,
                             .unknown = "no directory" };
    struct plan *p;

    hold(s, "10.53.0.101");
    reverse(s, "10.53.0.101", R4, FQDN, NULL);
    assert_int_equal(plan_unregister(s, &in, &p, NULL), OK);
    assert_string_equal(steps_of(p), "failed A 10.53.0.101; failed PTR " FQDN ".");
    assert_non_null(strstr(p->steps[0].detail, "no directory"));
    assert_int_equal(p->n_updates, 0);
    in.unknown = NULL;
    assert_int_equal(plan_unregister(s, &in, &p, NULL), OK);
    assert_string_equal(steps_of(p), "keep A 10.53.0.101; keep PTR " FQDN ".");
}

static void unregister_with_nothing_published_sends_nothing(void **state)
{
    struct scene *s = scene(*state);
    struct plan *p;

    want(s, "10.53.0.101");
    reverse(s, "10.53.0.101", R4, NULL, NULL);
    p = make(s, plan_unregister, true);
    assert_int_equal(p->n_steps, 0);
    assert_int_equal(p->n_updates, 0);
}

/* Hidden, or really gone: nobody but the server can tell. */
static void remembered_records_that_are_not_seen_are_deleted_as_if_they_were(void **state)
{
    struct scene *s = scene(*state);

    want(s, "10.53.0.101");
    hold(s, "10.53.0.101");
    remember(s, ZONE, FQDN, DNS_TYPE_A, "10.53.0.101");
    remember(s, ZONE, FQDN, DNS_TYPE_A, "10.53.0.9");
    remember(s, R4, "101." R4, DNS_TYPE_PTR, FQDN ".");
    remember(s, R4, "101." R4, DNS_TYPE_PTR, "old." ZONE ".");
    remember(s, R4, "9." R4, DNS_TYPE_PTR, FQDN ".");
    reverse(s, "10.53.0.101", R4, NULL, NULL);
    reverse(s, "10.53.0.9", R4, NULL, NULL);
    /* What is required for the addition may be untrue, and must not stop the deletion. */
    assert_string_equal(updates_of(make(s, plan_register, true)),
                        ZONE ": !CNAME +10.53.0.101 -10.53.0.9; " R4 ": !PTR +" FQDN ".; " R4
                             ": !CNAME -old." ZONE ".; " R4 ": !CNAME -" FQDN ".");

    /* And with everything hidden, as the host leaves. */
    want(s, "10.53.0.9");
    s->pub.n_addresses = 0;
    assert_string_equal(updates_of(make(s, plan_unregister, true)),
                        ZONE ": -10.53.0.101 -10.53.0.9; " R4 ": !CNAME -" FQDN ". -old." ZONE
                             ".; " R4 ": !CNAME -" FQDN ".");
}

static void unchanged_and_all_seen_deletes_nothing(void **state)
{
    struct scene *s = scene(*state);

    want(s, "10.53.0.101");
    hold(s, "10.53.0.101");
    remember(s, ZONE, FQDN, DNS_TYPE_A, "10.53.0.101");
    remember(s, R4, "101." R4, DNS_TYPE_PTR, FQDN ".");
    reverse(s, "10.53.0.101", R4, FQDN, NULL);
    assert_string_equal(steps_of(make(s, plan_register, true)),
                        "refresh A 10.53.0.101; refresh PTR " FQDN ".");
}

/* The SOA of their zone is told without authentication as well. */
static void records_in_no_zone_are_asked_for_where_they_were(void **state)
{
    static const char *const nowhere[] = { "9." R4, "old." ZONE };
    struct scene *s = scene(*state);
    struct plan_input in = { .published = &s->pub,
                             .memory = s->memory,
                             .with_ptr = true,
                             .ttl_s = 1200,
                             .nowhere = nowhere,
                             .n_nowhere = 2 };
    struct plan *p;

    remember(s, R4, "9." R4, DNS_TYPE_PTR, FQDN ".");
    remember(s, R4, "8." R4, DNS_TYPE_PTR, FQDN ".");
    remember(s, ZONE, "old." ZONE, DNS_TYPE_A, "10.53.0.9");
    reverse(s, "10.53.0.9", NULL, NULL, NULL);
    hold_under(s, "old." ZONE, NULL)->zone = NULL;
    assert_int_equal(plan_earlier(s, &in, &p, NULL), OK);
    assert_string_equal(updates_of(p), R4 ": !CNAME -" FQDN ".; " ZONE ": -10.53.0.9");
    assert_true(p->steps[0].is_nowhere && p->steps[1].is_nowhere);
    in.n_nowhere = 0;
    assert_int_equal(plan_earlier(s, &in, &p, NULL), OK);
    assert_int_equal(p->n_steps, 0);
}

/* One value of one name, in the same message whatever the form. */
static void exact_message_for_what_is_not_seen(void **state)
{
    for (int form = FORM_ADDS; form <= FORM_REPLACE; form++) {
        struct scene *s = scene(*state);
        struct bytes wire;
        struct plan *p;

        s->pub.fqdn = "h.test";
        s->pub.zone = "test";
        s->form = (enum update_form)form;
        remember(s, "test", "h.test", DNS_TYPE_A, "10.53.0.101");
        p = make(s, plan_unregister, false);
        assert_int_equal(p->n_updates, 1);
        assert_int_equal(dns_update_wire(s, &p->updates[0], 7, &wire, NULL), OK);
        assert_bytes_equal(wire, unhex(s, "0007 2800 0001 0000 0001 0000 0474657374 00 0006 0001"
                                          "0168 c00c 0001 00fe 00000000 0004 0a350065"));
    }
}

/* Whatever the situation, the messages must be ones that can be sent. */
static void every_plan_makes_valid_messages(void **state)
{
    struct scene *s = scene(*state);
    struct error e = { 0 };
    struct plan *p;

    want(s, "10.53.0.101");
    want(s, "fd53::101");
    hold(s, "10.53.0.9");
    hold(s, "fd53::9");
    reverse(s, "10.53.0.101", R4, NULL, NULL);
    reverse(s, "fd53::101", "3.5.d.f.ip6.arpa", NULL, NULL);
    reverse(s, "10.53.0.9", R4, FQDN, NULL);
    p = make(s, plan_register, true);
    assert_int_equal(p->n_updates, 3);
    for (size_t i = 0; i < p->n_updates; i++) {
        struct bytes wire = { NULL, 0 };

        assert_int_equal(dns_update_wire(s, &p->updates[i], 7, &wire, &e), OK);
        assert_true(wire.len > 12);
    }
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(first_registration_adds_everything),
        test(unchanged_records_are_added_again_and_nothing_is_deleted),
        test(address_change_adds_before_it_deletes_and_takes_the_old_ptr),
        test(an_address_that_nobody_remembers_is_left_alone),
        test(an_own_address_from_before_the_memory_goes),
        test(windows_form_spares_an_address_that_is_left_alone),
        test(a_move_leaves_ptrs_that_this_host_never_registered),
        test(what_is_left_alone_keeps_its_ptr),
        test(unregister_leaves_ptrs_that_it_never_registered),
        test(a_name_borne_earlier_is_another_hosts_where_its_ptr_is_not_remembered),
        test(old_ptr_that_names_another_by_now_is_not_touched),
        test(remembered_records_that_are_not_seen_are_deleted_as_if_they_were),
        test(unchanged_and_all_seen_deletes_nothing),
        test(records_in_no_zone_are_asked_for_where_they_were),
        test(exact_message_for_what_is_not_seen),
        test(ptr_of_another_is_a_conflict_that_says_whose),
        test(own_ptr_beside_another_is_refreshed_and_the_other_stays),
        test(ptr_of_the_own_old_name_is_replaced),
        test(alias_at_the_own_name_stops_everything),
        test(reverse_name_without_a_zone_is_passed_over),
        test(ptr_of_an_aliased_reverse_name_stands_where_the_alias_leads),
        test(kind_of_the_server_decides_on_the_form),
        test(what_is_due_is_deleted_and_added_value_by_value),
        test(what_is_fresh_is_only_added_again),
        test(a_change_keeps_its_order_where_records_are_renewed),
        test(no_other_form_sends_one_update_at_a_time),
        test(windows_is_told_the_end_result),
        test(no_form_deletes_more_than_was_read),
        test(windows_form_leaves_the_ptr_of_another_alone),
        test(unregistering_from_windows_deletes_values_and_never_a_type),
        test(exact_messages_of_every_form),
        test(unreadable_reverse_name_fails_alone),
        test(without_ptr_no_reverse_name_is_touched),
        test(unregister_removes_what_was_registered_and_no_more),
        test(unregister_takes_earlier_names_and_leaves_those_of_other_registrations),
        test(earlier_name_goes_in_an_update_of_its_own),
        test(earlier_name_stays_where_another_registration_has_it),
        test(earlier_name_that_cannot_be_read_fails_alone),
        test(unreachable_zone_fails_for_what_is_wanted_and_what_is_remembered),
        test(zone_of_a_stranger_is_left_and_is_no_failure),
        test(plan_for_another_server_has_reverse_names_only),
        test(unregister_without_proof_leaves_everything_and_fails),
        test(unregister_with_nothing_published_sends_nothing),
        test(every_plan_makes_valid_messages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
