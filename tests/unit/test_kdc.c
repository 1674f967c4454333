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
#include "tests/unit/realm.h"

/* The KDC listens on 127.0.0.1 only: its port is closed, or the test's, on all other 127.0.0.x. */
static struct realm *realm;

/* A way to KDCs on the realm's port; the machine's configuration does not know the realm. */
static struct kdc_route *route_to(void **state, struct krb5env **env, const char *const addresses[])
{
    struct kdc_route *route = NULL;
    struct ip kdcs[8];
    struct error e;
    size_t n = 0;

    for (; addresses[n]; n++)
        assert_true(ip_parse(addresses[n], &kdcs[n]));
    setenv("KRB5_CONFIG", realm_path(realm, "other.conf"), 1);
    assert_int_equal(krb5env_new(*state, REALM, kdcs, n, env, &e), OK);
    assert_int_equal(kdc_route_new(*env, (*env)->ctx, REALM, kdcs, n, realm_port(realm), &route,
                                   &e),
                     OK);
    realm_use(realm);
    return route;
}

#define ROUTE(state, env, ...) route_to(state, env, (const char *const[]){ __VA_ARGS__, NULL })

/* A first ticket for HOST1$, and with service another one for that. */
static krb5_error_code get_tickets(const struct krb5env *env, const char *client,
                                   const char *service)
{
    krb5_context ctx = env->ctx;
    krb5_principal principal, server = NULL;
    krb5_creds tgt, wanted, *got = NULL;
    krb5_ccache cache;
    krb5_keytab keytab;
    krb5_error_code code;

    memset(&tgt, 0, sizeof tgt);
    memset(&wanted, 0, sizeof wanted);
    assert_int_equal(krb5_parse_name(ctx, client, &principal), 0);
    assert_int_equal(krb5_kt_resolve(ctx, realm_path(realm, "host.kt"), &keytab), 0);
    assert_int_equal(krb5_cc_new_unique(ctx, "MEMORY", NULL, &cache), 0);
    assert_int_equal(krb5_cc_initialize(ctx, cache, principal), 0);
    code = krb5_get_init_creds_keytab(ctx, &tgt, principal, keytab, 0, NULL, NULL);
    if (!code && service) {
        assert_int_equal(krb5_cc_store_cred(ctx, cache, &tgt), 0);
        assert_int_equal(krb5_parse_name(ctx, service, &server), 0);
        wanted.client = principal;
        wanted.server = server;
        code = krb5_get_credentials(ctx, 0, cache, &wanted, &got);
    }
    krb5_free_creds(ctx, got);
    krb5_free_principal(ctx, server);
    krb5_free_cred_contents(ctx, &tgt);
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

static void another_realm_goes_another_way(void **state)
{
    struct krb5env *env;
    struct kdc_route *route = ROUTE(state, &env, "127.0.0.1");
    krb5_principal principal;
    krb5_creds creds;

    memset(&creds, 0, sizeof creds);
    assert_int_equal(krb5_parse_name(env->ctx, "HOST1$@NOWHERE.TEST", &principal), 0);
    assert_int_equal(krb5_get_init_creds_password(env->ctx, &creds, principal, "any", NULL, NULL, 0,
                                                  NULL, NULL),
                     KRB5_KDC_UNREACH);
    krb5_free_principal(env->ctx, principal);
    assert_int_equal(kdc_route_requests(route), 0);
    assert_int_equal(kdc_route_connections(route), 0);
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

static void an_answer_that_is_no_kerberos_is_an_error(void **state)
{
    struct krb5env *env;
    pid_t pid = impostor("127.0.0.4", unhex(*state, "00000004 00010203"));
    krb5_error_code code;

    ROUTE(state, &env, "127.0.0.4");
    code = get_tickets(env, HOST, NULL);
    assert_int_not_equal(code, 0);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

/* KRB-ERROR (RFC 4120 section 5.9.1) behind its length: what a KDC says of a client it has not. */
static struct bytes client_not_found(TALLOC_CTX *mem, krb5_context ctx)
{
    krb5_error answer = { .error = KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN - ERROR_TABLE_BASE_krb5 };
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

static void one_whose_answer_does_not_do_gives_way_to_the_next(void **state)
{
    struct krb5env *env;
    struct kdc_route *route = ROUTE(state, &env, "127.0.0.4", "127.0.0.1");
    pid_t pid = impostor("127.0.0.4", client_not_found(*state, env->ctx));

    assert_int_equal(get_tickets(env, HOST, NULL), KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN);
    assert_int_equal(get_tickets(env, HOST, NULL), KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN);
    assert_int_equal(kdc_route_pass_over(route), 2);
    assert_int_equal(get_tickets(env, HOST, NULL), 0);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static int group_setup(void **state)
{
    (void)state;
    realm = realm_start();
    return realm && realm_admin(realm, "addprinc -randkey HOST1$") &&
                   realm_admin(realm, talloc_asprintf(realm, "ktadd -k %s HOST1$",
                                                      realm_path(realm, "host.kt"))) &&
                   realm_admin(realm, "addprinc -randkey DNS/dc1.muster.test") &&
                   realm_write(realm_path(realm, "other.conf"),
                               "[realms]\nNOWHERE.TEST = {\nkdc = 127.0.0.1:1\n}\n")
               ? 0
               : -1;
}

static int group_teardown(void **state)
{
    (void)state;
    if (realm)
        realm_free(realm);
    return 0;
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
        TEST(another_realm_goes_another_way),
        TEST(a_kdc_that_hangs_up_is_passed_over),
        TEST(a_length_that_lies_is_no_answer),
        TEST(a_kdc_that_accepts_and_is_silent_is_passed_over),
        TEST(a_kdc_that_stays_silent_does_not_outlast_the_deadline),
        TEST(an_answer_that_is_no_kerberos_is_an_error),
        TEST(one_whose_answer_does_not_do_gives_way_to_the_next),
    };

    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
