#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "gss-tsig/kdc.h"
#include "gss-tsig/krb5env.h"
#include "gss-tsig/obtain.h"
#include "tests/fakes/dnsserver.h"
#include "tests/unit/realm.h"

/* The KDC listens on 127.0.0.1 only: its port is closed, or the test's, on all other 127.0.0.x. */
static struct realm *realm;

/* A way to KDCs on the realm's port; the machine's configuration is that file of the realm's. */
static struct kdc_route *route_with(void **state, const char *conf, struct krb5env **env,
                                    const char *const addresses[])
{
    struct ip kdcs[8];
    struct error e;
    size_t n = 0;

    for (; addresses && addresses[n]; n++)
        assert_true(ip_parse(addresses[n], &kdcs[n]));
    setenv("KRB5_CONFIG", realm_path(realm, conf), 1);
    assert_int_equal(krb5env_new(*state, REALM, NULL, 0, env, &e), OK);
    talloc_free((*env)->route);
    assert_int_equal(kdc_route_new(*env, (*env)->ctx, REALM, kdcs, n, realm_port(realm),
                                   &(*env)->route, &e),
                     OK);
    realm_use(realm);
    return (*env)->route;
}

/* other.conf does not know the realm. */
#define ROUTE(state, env, ...)                                                                     \
    route_with(state, "other.conf", env, (const char *const[]){ __VA_ARGS__, NULL })

/* A first ticket for client, and with service another one for that; those of the realm's keytab. */
static krb5_error_code get_tickets(struct krb5env *env, const char *client, const char *service)
{
    krb5_context ctx = env->ctx;
    krb5_get_init_creds_opt *options;
    krb5_principal principal, server;
    krb5_ccache cache;
    krb5_keytab keytab;
    krb5_error_code code;
    int64_t end_s = 0;

    assert_int_equal(krb5_parse_name(ctx, client, &principal), 0);
    assert_int_equal(krb5_kt_resolve(ctx, realm_path(realm, "host.kt"), &keytab), 0);
    assert_int_equal(krb5_cc_new_unique(ctx, "MEMORY", NULL, &cache), 0);
    assert_int_equal(krb5_cc_initialize(ctx, cache, principal), 0);
    assert_int_equal(krb5_get_init_creds_opt_alloc(ctx, &options), 0);
    assert_int_equal(krb5_get_init_creds_opt_set_out_ccache(ctx, options, cache), 0);
    code = obtain_initial(env, principal, keytab, options, &end_s);
    if (!code)
        assert_true(end_s > clock_now());
    if (!code && service) {
        assert_int_equal(krb5_parse_name(ctx, service, &server), 0);
        code = obtain_service(NULL, env, cache, principal, server, NULL);
        krb5_free_principal(ctx, server);
    }
    krb5_get_init_creds_opt_free(ctx, options);
    krb5_cc_destroy(ctx, cache);
    krb5_kt_close(ctx, keytab);
    krb5_free_principal(ctx, principal);
    return code;
}

#define HOST "HOST1$@" REALM

static void the_kdcs_given_are_enough(void **state)
{
    struct krb5env *env;
    struct kdc_route *route = ROUTE(state, &env, "127.0.0.1");

    assert_int_equal(get_tickets(env, HOST, "DNS/dc1.muster.test@" REALM), 0);
    /* Twice for the first ticket, once for the second. */
    assert_int_equal(kdc_route_requests(route), 3);
    assert_true(kdc_route_connections(route) >= 1);
}

static void a_dead_kdc_is_passed_over_once(void **state)
{
    struct krb5env *env;
    struct kdc_route *route = ROUTE(state, &env, "127.0.0.2", "127.0.0.3", "127.0.0.1");

    assert_int_equal(get_tickets(env, HOST, NULL), 0);
    assert_int_equal(get_tickets(env, HOST, NULL), 0);
    assert_int_equal(kdc_route_requests(route), 4);
}

static void without_a_living_kdc_the_kdc_is_unreachable(void **state)
{
    struct krb5env *env;
    struct kdc_route *route = ROUTE(state, &env, "127.0.0.2", "127.0.0.3");

    assert_int_equal(get_tickets(env, HOST, NULL), KRB5_KDC_UNREACH);
    assert_int_equal(kdc_route_connections(route), 0);
}

/* That service's ticket is in another realm: the KDC gives one for that realm's KDCs, which are
 * asked next.  NOWHERE.TEST is in the machine's configuration, its port is closed. */
static void another_realms_kdcs_are_asked_by_the_route_too(void **state)
{
    struct krb5env *env;
    struct kdc_route *route = ROUTE(state, &env, "127.0.0.1");
    struct error e;

    assert_int_equal(get_tickets(env, HOST, "DNS/dc1@NOWHERE.TEST"), KRB5_KDC_UNREACH);
    assert_int_equal(krb5env_error(env, KRB5_KDC_UNREACH, &e, "x"), ERR_UNREACHABLE);
    assert_non_null(strstr(e.message, "realm NOWHERE.TEST"));
    assert_non_null(strstr(e.message, "127.0.0.1 port 1"));
    /* Nothing was opened that gave no answer. */
    assert_int_equal(kdc_route_requests(route), 3);
    assert_true(kdc_route_connections(route) <= 3);
}

/* A server on address and the realm's port that says answer to everything and closes. */
static pid_t impostor(const char *address, struct bytes answer)
{
    struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(realm_port(realm)) };
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    uint8_t request[4096];
    const int yes = 1;
    pid_t pid;

    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    assert_int_equal(inet_pton(AF_INET, address, &in.sin_addr), 1);
    assert_int_equal(bind(listener, (struct sockaddr *)&in, sizeof in), 0);
    assert_int_equal(listen(listener, 8), 0);
    pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;) {
            int fd = accept(listener, NULL, NULL);

            if (recv(fd, request, sizeof request, 0) > 0 && answer.len > 0)
                send(fd, answer.data, answer.len, MSG_NOSIGNAL);
            close(fd);
        }
    }
    close(listener);
    assert_true(pid > 0);
    return pid;
}

static void assert_passed_over(void **state, const char *answer)
{
    struct krb5env *env;
    struct kdc_route *route = ROUTE(state, &env, "127.0.0.4", "127.0.0.1");
    pid_t pid = impostor("127.0.0.4", unhex(*state, answer));

    assert_int_equal(get_tickets(env, HOST, NULL), 0);
    assert_true(kdc_route_connections(route) >= 2);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void a_kdc_that_hangs_up_is_passed_over(void **state) { assert_passed_over(state, ""); }

static void a_length_that_lies_is_no_answer(void **state)
{
    /* Short prefix; a length without its bytes; zero; 4 GiB; with the reserved bit. */
    assert_passed_over(state, "0000");
    assert_passed_over(state, "00000010 00010203");
    assert_passed_over(state, "00000000");
    assert_passed_over(state, "ffffffff 00010203");
    assert_passed_over(state, "80000004 00010203");
}

/* Its queue takes the connection; nobody ever reads from it. */
static int silent_kdc(const char *address)
{
    struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(realm_port(realm)) };
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;

    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    assert_int_equal(inet_pton(AF_INET, address, &in.sin_addr), 1);
    assert_int_equal(bind(listener, (struct sockaddr *)&in, sizeof in), 0);
    assert_int_equal(listen(listener, 8), 0);
    return listener;
}

static void a_kdc_that_accepts_and_is_silent_is_passed_over(void **state)
{
    struct krb5env *env;
    struct kdc_route *route = ROUTE(state, &env, "127.0.0.5", "127.0.0.1");
    int listener = silent_kdc("127.0.0.5");

    kdc_route_deadline(route, deadline_in(20000));
    assert_int_equal(get_tickets(env, HOST, NULL), 0);
    assert_true(kdc_route_connections(route) >= 2);
    close(listener);
}

static void a_kdc_that_stays_silent_does_not_outlast_the_deadline(void **state)
{
    struct krb5env *env;
    struct kdc_route *route = ROUTE(state, &env, "127.0.0.5");
    int listener = silent_kdc("127.0.0.5");
    struct deadline far = deadline_in(8000);

    kdc_route_deadline(route, deadline_in(100));
    assert_int_equal(get_tickets(env, HOST, NULL), KRB5_KDC_UNREACH);
    assert_int_equal(kdc_route_requests(route), 0);
    assert_true(deadline_left(far) > 0);
    close(listener);
}

static const char *const no_kerberos[] = {
    "00000004 00010203",
    /* HTTP; AS-REP, TGS-REP and KRB-ERROR whose length is not theirs, or none at all. */
    "00000008 485454502f312e31",
    "00000004 6b030203",
    "00000004 6d010203",
    "00000003 7e8001",
    "00000001 6b",
    "00000006 7e85ffffffff",
    "00000006 7e84ffffffff",
    /* Of the right length, but no KRB-ERROR; an AS-REQ. */
    "00000004 7e020203",
    "00000004 6a020203",
};

static void what_is_no_kerberos_is_passed_over(void **state)
{
    for (size_t i = 0; i < sizeof no_kerberos / sizeof no_kerberos[0]; i++)
        assert_passed_over(state, no_kerberos[i]);
}

static void where_nobody_speaks_kerberos_the_kdc_is_unreachable(void **state)
{
    struct krb5env *env;
    pid_t pid = impostor("127.0.0.4", unhex(*state, no_kerberos[1]));
    struct error e = { 0 };

    ROUTE(state, &env, "127.0.0.4", "127.0.0.2");
    assert_int_equal(get_tickets(env, HOST, NULL), KRB5_KDC_UNREACH);
    assert_int_equal(krb5env_error(env, KRB5_KDC_UNREACH, &e, "no ticket"), ERR_UNREACHABLE);
    assert_true(e.hint[0] != '\0');
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

/* KRB-ERROR (RFC 4120 section 5.9.1) behind its length. */
static struct bytes refusal(TALLOC_CTX *mem, krb5_context ctx, krb5_error_code why)
{
    krb5_error answer = { .error = (krb5_ui_4)(why - ERROR_TABLE_BASE_krb5) };
    struct wr w = wr_init(mem);
    krb5_data der;

    assert_int_equal(krb5_parse_name(ctx, "krbtgt/" REALM "@" REALM, &answer.server), 0);
    assert_int_equal(krb5_mk_error(ctx, &answer, &der), 0);
    wr_be32(&w, der.length);
    wr_bytes(&w, (struct bytes){ (const uint8_t *)der.data, der.length });
    krb5_free_data_contents(ctx, &der);
    krb5_free_principal(ctx, answer.server);
    assert_false(w.bad);
    return wr_view(&w);
}

/* Of two KDCs the first says so, or both do. */
static krb5_error_code get_refused(void **state, krb5_error_code why, bool by_both,
                                   unsigned *requests)
{
    struct krb5env *env;
    struct kdc_route *route = ROUTE(state, &env, "127.0.0.4", by_both ? "127.0.0.6" : "127.0.0.1");
    struct bytes answer = refusal(*state, env->ctx, why);
    pid_t first = impostor("127.0.0.4", answer);
    pid_t second = by_both ? impostor("127.0.0.6", answer) : -1;
    krb5_error_code code = get_tickets(env, HOST, NULL);

    *requests = kdc_route_requests(route);
    kill(first, SIGKILL);
    waitpid(first, NULL, 0);
    if (by_both) {
        kill(second, SIGKILL);
        waitpid(second, NULL, 0);
    }
    return code;
}

static void one_that_cannot_serve_now_gives_way_to_the_next(void **state)
{
    static const krb5_error_code reasons[] = { KRB5KDC_ERR_SVC_UNAVAILABLE, KRB5KRB_ERR_GENERIC,
                                               KRB5KRB_AP_ERR_SKEW };
    unsigned requests;

    for (size_t i = 0; i < 3; i++)
        assert_int_equal(get_refused(state, reasons[i], false, &requests), 0);
}

static void what_all_of_them_say_is_the_answer(void **state)
{
    static const struct {
        krb5_error_code says;
        enum err is;
    } cases[] = {
        { KRB5KDC_ERR_SVC_UNAVAILABLE, ERR_SERVER },
        { KRB5KRB_ERR_GENERIC, ERR_SERVER },
        { KRB5KRB_AP_ERR_SKEW, ERR_AUTH },
    };

    for (size_t i = 0; i < 3; i++) {
        struct krb5env *env;
        struct error e = { 0 };
        unsigned requests;

        assert_int_equal(get_refused(state, cases[i].says, true, &requests), cases[i].says);
        /* Each was asked once. */
        assert_int_equal(requests, 2);
        ROUTE(state, &env, "127.0.0.1");
        assert_int_equal(krb5env_error(env, cases[i].says, &e, "no ticket"), cases[i].is);
        assert_true(e.hint[0] != '\0');
    }
}

/* A wrong key is counted by each KDC that hears of it; the second would give a ticket. */
static void a_refusal_for_the_key_is_not_taken_to_another(void **state)
{
    unsigned requests;

    assert_int_equal(get_refused(state, KRB5KDC_ERR_PREAUTH_FAILED, false, &requests),
                     KRB5KDC_ERR_PREAUTH_FAILED);
}

static void one_whose_answer_does_not_do_gives_way_to_the_next(void **state)
{
    struct krb5env *env;
    struct kdc_route *route = ROUTE(state, &env, "127.0.0.4", "127.0.0.1");
    pid_t pid = impostor("127.0.0.4", refusal(*state, env->ctx, KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN));

    assert_int_equal(get_tickets(env, HOST, NULL), KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN);
    assert_int_equal(get_tickets(env, HOST, NULL), KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN);
    assert_int_equal(kdc_route_pass_over(route, REALM), 2);
    assert_int_equal(get_tickets(env, HOST, NULL), 0);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

/* ---- which KDCs: krb5.conf before those given, DNS last ---- */

#define MUSTER_LINE "[realms]\n" REALM " = {\nkdc = "

static void the_lines_of_krb5_conf_come_first(void **state)
{
    struct krb5env *env;
    const char *const silent[] = { "127.0.0.5", NULL };
    int listener = silent_kdc("127.0.0.5");
    struct kdc_route *route;

    assert_true(
        realm_write(realm_path(realm, "line.conf"),
                    talloc_asprintf(*state, MUSTER_LINE "127.0.0.1:%u\n}\n", realm_port(realm))));
    route = route_with(state, "line.conf", &env, silent);
    assert_int_equal(get_tickets(env, HOST, NULL), 0);
    assert_true(kdc_route_connections(route) <= kdc_route_requests(route));
    close(listener);
}

static void those_given_stand_behind_the_lines(void **state)
{
    struct krb5env *env;
    const char *const good[] = { "127.0.0.1", NULL };

    /* A closed port, and what cannot be a KDC at all. */
    assert_true(realm_write(realm_path(realm, "dead.conf"),
                            MUSTER_LINE "127.0.0.1:1\nkdc = https://proxy.test/KdcProxy\n}\n"));
    route_with(state, "dead.conf", &env, good);
    assert_int_equal(get_tickets(env, HOST, NULL), 0);
}

static struct fake_answer say_nothing(TALLOC_CTX *mem, struct bytes query, bool is_tcp, void *priv)
{
    (void)mem, (void)query, (void)is_tcp, (void)priv;
    return (struct fake_answer){ 0 };
}

static void a_name_that_nobody_resolves_does_not_keep_those_given_waiting(void **state)
{
    struct fake_dns *dns = fake_dns_start(*state, "127.0.0.1", 0, say_nothing, NULL);
    const char *const good[] = { "127.0.0.1", NULL };
    struct dns_resolver *resolver;
    struct krb5env *env;
    struct kdc_route *route;
    struct ip address;

    assert_true(realm_write(realm_path(realm, "name.conf"), MUSTER_LINE "kdc.muster.test\n}\n"));
    assert_true(ip_parse("127.0.0.1", &address));
    assert_int_equal(dns_resolver_from_servers(*state, &address, 1, fake_dns_port(dns), &resolver,
                                               NULL),
                     OK);
    route = route_with(state, "name.conf", &env, good);
    kdc_route_resolver(route, resolver);
    kdc_route_deadline(route, deadline_in(10000));
    assert_int_equal(get_tickets(env, HOST, NULL), 0);
}

struct directory_of_kdcs {
    uint16_t port;
    const char *service; /* the only one there is */
    const char *address;
};

/* DNS that knows the realm's KDC, and is silent for the service "silence". */
static struct fake_answer tell_kdcs(TALLOC_CTX *mem, struct bytes query, bool is_tcp, void *priv)
{
    const struct directory_of_kdcs *d = priv;
    int type;
    const char *name = fake_dns_question(mem, query, &type);

    (void)is_tcp;
    if (strcmp(d->service, "silence") == 0)
        return (struct fake_answer){ 0 };
    if (strcmp(name, d->service) != 0)
        return (struct fake_answer){ .data =
                                         fake_dns_reply(mem, query, "NXDOMAIN", NULL, NULL, NULL) };
    return (struct fake_answer){
        .data =
            fake_dns_reply(mem, query, "",
                           talloc_asprintf(mem, "%s. 60 IN SRV 0 0 %u kdc.muster.test.", name,
                                           d->port),
                           NULL, talloc_asprintf(mem, "kdc.muster.test. 60 IN A %s", d->address))
    };
}

/* A route that knows no KDC, and asks that DNS. */
static struct kdc_route *route_by_dns(void **state, const char *conf, struct directory_of_kdcs *d,
                                      struct krb5env **env, struct fake_dns **dns)
{
    struct dns_resolver *resolver;
    struct kdc_route *route;
    struct ip address;

    assert_true(ip_parse("127.0.0.1", &address));
    d->port = realm_port(realm);
    *dns = fake_dns_start(*state, "127.0.0.1", 0, tell_kdcs, d);
    assert_non_null(*dns);
    assert_int_equal(dns_resolver_from_servers(*state, &address, 1, fake_dns_port(*dns), &resolver,
                                               NULL),
                     OK);
    route = route_with(state, conf, env, NULL);
    kdc_route_resolver(route, resolver);
    kdc_route_deadline(route, deadline_in(5000));
    return route;
}

static void without_any_dns_tells_who_they_are(void **state)
{
    static const char *const services[] = { "_kerberos._tcp.muster.test",
                                            "_kerberos._udp.muster.test" };

    for (size_t i = 0; i < 2; i++) {
        struct directory_of_kdcs d = { .service = services[i], .address = "127.0.0.1" };
        struct krb5env *env;
        struct fake_dns *dns;

        route_by_dns(state, "other.conf", &d, &env, &dns);
        assert_int_equal(get_tickets(env, HOST, "DNS/dc1.muster.test@" REALM), 0);
        talloc_free(dns);
    }
}

static void a_realm_that_nobody_knows_says_so(void **state)
{
    struct directory_of_kdcs d = { .service = "none", .address = "127.0.0.1" };
    struct krb5env *env;
    struct fake_dns *dns;
    struct error e;

    route_by_dns(state, "other.conf", &d, &env, &dns);
    assert_int_equal(get_tickets(env, HOST, NULL), KRB5_KDC_UNREACH);
    assert_int_equal(krb5env_error(env, KRB5_KDC_UNREACH, &e, "no ticket"), ERR_UNREACHABLE);
    assert_non_null(strstr(e.message, "cannot find a KDC of the realm " REALM));
    assert_non_null(strstr(e.message, "_kerberos._tcp.muster.test"));
    assert_true(e.hint[0] != '\0');
}

static void dns_is_not_asked_where_krb5_conf_forbids_it(void **state)
{
    struct directory_of_kdcs d = { .service = "_kerberos._tcp.muster.test",
                                   .address = "127.0.0.1" };
    struct krb5env *env;
    struct fake_dns *dns;
    struct error e;

    assert_true(
        realm_write(realm_path(realm, "forbids.conf"), "[libdefaults]\ndns_lookup_kdc = false\n"));
    route_by_dns(state, "forbids.conf", &d, &env, &dns);
    assert_int_equal(get_tickets(env, HOST, NULL), KRB5_KDC_UNREACH);
    assert_int_equal(fake_dns_received(dns), 0);
    assert_int_equal(krb5env_error(env, KRB5_KDC_UNREACH, &e, "no ticket"), ERR_UNREACHABLE);
    assert_non_null(strstr(e.hint, "dns_lookup_kdc"));
}

static void silence_of_dns_does_not_outlast_the_deadline(void **state)
{
    struct directory_of_kdcs d = { .service = "silence", .address = "127.0.0.1" };
    struct krb5env *env;
    struct fake_dns *dns;
    struct kdc_route *route = route_by_dns(state, "other.conf", &d, &env, &dns);
    struct deadline far = deadline_in(5000);

    kdc_route_deadline(route, deadline_in(200));
    assert_int_equal(get_tickets(env, HOST, NULL), KRB5_KDC_UNREACH);
    assert_true(fake_dns_received(dns) > 0);
    assert_true(deadline_left(far) > 0);
}

static void those_found_are_looked_for_anew_when_none_answers(void **state)
{
    struct directory_of_kdcs d = { .service = "_kerberos._tcp.muster.test",
                                   .address = "127.0.0.9" };
    struct krb5env *env;
    struct fake_dns *dns;

    route_by_dns(state, "other.conf", &d, &env, &dns);
    assert_int_equal(get_tickets(env, HOST, NULL), KRB5_KDC_UNREACH);
    d.address = "127.0.0.1";
    assert_int_equal(get_tickets(env, HOST, NULL), 0);
}

static void a_line_is_a_host_or_an_address_with_a_port_or_without(void **state)
{
    static const struct {
        const char *line, *host;
        uint16_t port;
    } good[] = {
        { "kdc1.a.test", "kdc1.a.test", 88 },
        { "kdc1.a.test:750", "kdc1.a.test", 750 },
        { "10.0.0.1", "10.0.0.1", 88 },
        { "10.0.0.1:1", "10.0.0.1", 1 },
        { "[fd53::10]", "fd53::10", 88 },
        { "[fd53::10]:65535", "fd53::10", 65535 },
        { "tcp/kdc1.a.test", "kdc1.a.test", 88 },
        { "UDP/[::1]:88", "::1", 88 },
        { "udp/kdc1.a.test:89", "kdc1.a.test", 89 },
    };
    static const char *const bad[] = {
        "",
        "https://a/b",
        "HTTPS://a",
        "[fd53::10",
        "[]",
        "[]:88",
        ":88",
        "a:",
        "a:0",
        "a:65536",
        "a:-1",
        "a: 88",
        "a:88x",
        "fd53::10",
        "[::1]x",
        "a/b",
        "tcp/",
        "tcp/udp/a",
        "a:9999999999999999999",
    };
    uint16_t port = 7;
    char *host = NULL;

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(kdc_line_parse(*state, good[i].line, &host, &port));
        assert_string_equal(host, good[i].host);
        assert_int_equal(port, good[i].port);
    }
    host = NULL;
    port = 7;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(kdc_line_parse(*state, bad[i], &host, &port));
    assert_null(host);
    assert_int_equal(port, 7);
}

static int group_setup(void **state)
{
    (void)state;
    realm = realm_start();
    return realm && realm_account(realm, "HOST1$", realm_path(realm, "host.kt")) &&
                   realm_admin(realm, "addprinc -randkey DNS/dc1.muster.test") &&
                   realm_write(realm_path(realm, "other.conf"),
                               "[realms]\nNOWHERE.TEST = {\nkdc = 127.0.0.1:1\n}\n") &&
                   realm_admin(realm, "addprinc -randkey krbtgt/NOWHERE.TEST")
               ? 0
               : -1;
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_kdcs_given_are_enough),
        TEST(a_dead_kdc_is_passed_over_once),
        TEST(without_a_living_kdc_the_kdc_is_unreachable),
        TEST(another_realms_kdcs_are_asked_by_the_route_too),
        TEST(a_kdc_that_hangs_up_is_passed_over),
        TEST(a_length_that_lies_is_no_answer),
        TEST(a_kdc_that_accepts_and_is_silent_is_passed_over),
        TEST(a_kdc_that_stays_silent_does_not_outlast_the_deadline),
        TEST(what_is_no_kerberos_is_passed_over),
        TEST(where_nobody_speaks_kerberos_the_kdc_is_unreachable),
        TEST(one_that_cannot_serve_now_gives_way_to_the_next),
        TEST(what_all_of_them_say_is_the_answer),
        TEST(a_refusal_for_the_key_is_not_taken_to_another),
        TEST(one_whose_answer_does_not_do_gives_way_to_the_next),
        TEST(the_lines_of_krb5_conf_come_first),
        TEST(those_given_stand_behind_the_lines),
        TEST(a_name_that_nobody_resolves_does_not_keep_those_given_waiting),
        TEST(without_any_dns_tells_who_they_are),
        TEST(a_realm_that_nobody_knows_says_so),
        TEST(dns_is_not_asked_where_krb5_conf_forbids_it),
        TEST(silence_of_dns_does_not_outlast_the_deadline),
        TEST(those_found_are_looked_for_anew_when_none_answers),
        TEST(a_line_is_a_host_or_an_address_with_a_port_or_without),
    };

    return cmocka_run_group_tests(tests, group_setup, realm_group_teardown);
}
