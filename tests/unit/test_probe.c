/* Probing on loopback; routers and firewalls are the lab's (tests/lab/80-probe). */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "scavenger/probe.h"

/* A listening socket, or with backlog < 0 a bound one that refuses; its port in *port. */
static int bound_socket(int family, bool is_listening, uint16_t *port)
{
    struct sockaddr_storage a;
    struct ip loopback;
    socklen_t len;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(ip_parse(family == AF_INET ? "127.0.0.1" : "::1", &loopback));
    len = ip_to_sockaddr(loopback, 0, &a);
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, len) != 0)
        return -1;
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
    *port = ntohs(family == AF_INET ? ((struct sockaddr_in *)&a)->sin_port
                                    : ((struct sockaddr_in6 *)&a)->sin6_port);
    if (is_listening)
        assert_int_equal(listen(fd, 64), 0);
    return fd;
}

static struct probe_params params_for(uint16_t port)
{
    struct probe_params p = probe_params_default();

    p.ports[0] = port;
    p.n_ports = 1;
    p.per_second = 10000;
    p.answer_ms = 300;
    return p;
}

static struct probe_target target(const char *address)
{
    struct probe_target t = { .answer = PROBE_SILENT };

    assert_true(ip_parse(address, &t.address));
    return t;
}

static void loopback_answers_one_way_or_another(void **state)
{
    struct probe_target t[] = { target("127.0.0.1"), target("127.0.0.2") };
    struct probe_summary s;
    struct error e = { 0 };
    struct probe_params p;
    uint16_t port;
    int fd = bound_socket(AF_INET, true, &port);

    (void)state;
    assert_true(fd >= 0);
    p = params_for(port);
    assert_int_equal(probe_run(t, 2, &p, NULL, NULL, &s, &e), OK);
    close(fd);
    assert_int_equal(s.n_answered, 2);
    assert_int_equal(s.n_untried, 0);
    assert_false(s.is_cut);
    /* 127.0.0.2 has no listener there: echo where a socket could be had, else its reset. */
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(t[i].answer, s.has_echo4 ? PROBE_ECHO
                                      : i         ? PROBE_REFUSED
                                                  : PROBE_CONNECTED);
}

static void a_refusal_is_an_answer_over_ipv6_too(void **state)
{
    struct probe_target t[] = { target("::1") };
    struct probe_summary s;
    struct error e = { 0 };
    struct probe_params p;
    uint16_t port;
    int fd = bound_socket(AF_INET6, false, &port);

    (void)state;
    if (fd < 0)
        skip();
    p = params_for(port);
    assert_int_equal(probe_run(t, 1, &p, NULL, NULL, &s, &e), OK);
    close(fd);
    assert_true(probe_is_answer(t[0].answer));
}

static void no_time_means_untried(void **state)
{
    struct probe_target t[] = { target("127.0.0.1") };
    struct probe_params p = params_for(1);
    struct probe_summary s;
    struct error e = { 0 };

    (void)state;
    p.total_ms = 0;
    assert_int_equal(probe_run(t, 1, &p, NULL, NULL, &s, &e), OK);
    assert_int_equal(t[0].answer, PROBE_UNTRIED);
    assert_int_equal(s.n_untried, 1);
    assert_true(s.is_cut);
}

/* A network of the test's own, whose loopback ignores echo requests. */
static bool enter_silent_network(void)
{
    struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
    int fd;
    bool done;

    if (unshare(CLONE_NEWNET) != 0)
        return false;
    fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    done = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &lo) == 0;
    if (fd >= 0)
        close(fd);
    fd = open("/proc/sys/net/ipv4/icmp_echo_ignore_all", O_WRONLY | O_CLOEXEC);
    done = done && fd >= 0 && write(fd, "1", 1) == 1;
    if (fd >= 0)
        close(fd);
    return done;
}

/* A listener whose queue is full says nothing. */
static int fill_queue(uint16_t *port, int held[3])
{
    struct ip loopback;
    struct sockaddr_storage a;
    socklen_t len;
    int fd = bound_socket(AF_INET, true, port);

    assert_true(fd >= 0);
    assert_int_equal(listen(fd, 0), 0);
    assert_true(ip_parse("127.0.0.1", &loopback));
    len = ip_to_sockaddr(loopback, *port, &a);
    for (int i = 0; i < 3; i++) {
        held[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        assert_true(held[i] >= 0);
        connect(held[i], (struct sockaddr *)&a, len);
    }
    return fd;
}

/* Two rounds of echoes and two ports of 300 ms each: wherever the cut falls, nobody is silent. */
static void silence_needs_every_wait(void **state)
{
    static const struct {
        int total_ms;
        bool is_cut;
    } table[] = { { 5000, false }, { 100, true }, { 400, true }, { 750, true }, { 1100, true } };
    int held[3];
    uint16_t port;
    int fd;

    (void)state;
    if (!enter_silent_network())
        skip();
    fd = fill_queue(&port, held);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct probe_target t[] = { target("127.0.0.1") };
        struct probe_params p = params_for(port);
        struct probe_summary s;
        struct error e = { 0 };

        p.ports[1] = port;
        p.n_ports = 2;
        p.total_ms = table[i].total_ms;
        assert_int_equal(probe_run(t, 1, &p, NULL, NULL, &s, &e), OK);
        assert_int_equal(t[0].answer, table[i].is_cut ? PROBE_UNTRIED : PROBE_SILENT);
        assert_int_equal(s.is_cut, table[i].is_cut);
        assert_int_equal(s.n_untried, table[i].is_cut);
    }
    for (int i = 0; i < 3; i++)
        close(held[i]);
    close(fd);
}

/* One attempt at a time still asks everybody. */
static void the_bound_on_attempts_loses_nobody(void **state)
{
    struct probe_target t[200];
    struct probe_summary s;
    struct error e = { 0 };
    struct probe_params p;
    uint16_t port;
    int fd = bound_socket(AF_INET, true, &port);

    (void)state;
    for (unsigned i = 0; i < 200; i++) {
        char text[IP_TEXT_MAX];

        snprintf(text, sizeof text, "127.0.1.%u", i);
        t[i] = target(text);
    }
    p = params_for(port);
    p.in_flight = 1;
    assert_int_equal(probe_run(t, 200, &p, NULL, NULL, &s, &e), OK);
    close(fd);
    assert_int_equal(s.n_answered, 200);
}

static void nobody_to_ask_is_fine(void **state)
{
    struct probe_params p = params_for(1);
    struct probe_summary s;
    struct error e = { 0 };

    (void)state;
    assert_int_equal(probe_run(NULL, 0, &p, NULL, NULL, &s, &e), OK);
    assert_int_equal(s.n_answered, 0);
    assert_false(s.is_cut);
}

static void answers_are_said_in_words(void **state)
{
    struct probe_target t = { .port = 445 };
    char buf[PROBE_TEXT_MAX];

    (void)state;
    t.answer = PROBE_CONNECTED;
    assert_string_equal(probe_text(&t, buf), "accepted a connection to port 445");
    t.answer = PROBE_REFUSED;
    assert_string_equal(probe_text(&t, buf), "refused a connection to port 445");
    assert_false(probe_is_answer(PROBE_SILENT));
    assert_false(probe_is_answer(PROBE_UNTRIED));
    assert_true(probe_is_answer(PROBE_REJECTED));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loopback_answers_one_way_or_another),
        cmocka_unit_test(a_refusal_is_an_answer_over_ipv6_too),
        cmocka_unit_test(no_time_means_untried),
        cmocka_unit_test(the_bound_on_attempts_loses_nobody),
        cmocka_unit_test(nobody_to_ask_is_fine),
        cmocka_unit_test(answers_are_said_in_words),
        /* Last: it leaves the machine's network. */
        cmocka_unit_test(silence_needs_every_wait),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
