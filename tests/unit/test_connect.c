#include "tests/unit/unit.h"

#include <sys/socket.h>
#include <unistd.h>

#include "base/connect.h"

#define PATIENCE_MS 20000

static struct ip ip_of(const char *text)
{
    struct ip ip;

    assert_true(ip_parse(text, &ip));
    return ip;
}

/* On a free port, or on *port. */
static int listen_at(const char *address, uint16_t *port, int backlog)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_storage at;
    socklen_t len = ip_to_sockaddr(ip_of(address), *port, &at);

    assert_int_equal(bind(fd, (struct sockaddr *)&at, len), 0);
    assert_int_equal(listen(fd, backlog), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    *port = ntohs(((struct sockaddr_in *)&at)->sin_port);
    return fd;
}

/* A listener whose queue is full drops what asks for a connection. */
struct hole {
    int listener, fillers[4];
};

static struct hole hole_at(const char *address, uint16_t *port)
{
    struct hole h = { .listener = listen_at(address, port, 0) };
    struct sockaddr_storage at;
    socklen_t len = ip_to_sockaddr(ip_of(address), *port, &at);

    for (int i = 0; i < 4; i++) {
        h.fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        connect(h.fillers[i], (struct sockaddr *)&at, len);
    }
    return h;
}

static void close_hole(struct hole h)
{
    for (int i = 0; i < 4; i++)
        close(h.fillers[i]);
    close(h.listener);
}

static void the_first_that_accepts_is_taken(void **state)
{
    const struct ip to[] = { ip_of("127.0.0.1"), ip_of("127.0.0.2") };
    uint16_t port = 0;
    int a = listen_at("127.0.0.1", &port, 8), b = listen_at("127.0.0.2", &port, 8), fd = -1;
    size_t which = 7;

    (void)state;
    assert_int_equal(connect_any(to, 2, port, deadline_in(PATIENCE_MS), NULL, NULL, &fd, &which,
                                 NULL),
                     OK);
    assert_int_equal(which, 0);
    close(fd);
    close(a);
    close(b);
}

static void refusing_and_silent_ones_are_passed_over(void **state)
{
    const struct ip to[] = { ip_of("127.0.0.1"), ip_of("127.0.0.2"), ip_of("127.0.0.3") };
    uint16_t port = 0;
    int good = listen_at("127.0.0.3", &port, 8), fd = -1;
    struct hole h = hole_at("127.0.0.1", &port);
    size_t which = 7;

    (void)state;
    assert_int_equal(connect_any(to, 3, port, deadline_in(PATIENCE_MS), NULL, NULL, &fd, &which,
                                 NULL),
                     OK);
    assert_int_equal(which, 2);
    close(fd);
    close(good);
    close_hole(h);
}

static void where_all_refuse_it_is_unreachable_at_once(void **state)
{
    const struct ip to[] = { ip_of("127.0.0.1"), ip_of("127.0.0.2"), ip_of("127.0.0.3"),
                             ip_of("127.0.0.4") };
    uint16_t port = 0;
    int closed = listen_at("127.0.0.1", &port, 8), fd = -7;
    size_t which = 7;
    struct error e;

    (void)state;
    close(closed);
    assert_int_equal(connect_any(to, 4, port, deadline_in(PATIENCE_MS), NULL, NULL, &fd, &which,
                                 &e),
                     ERR_UNREACHABLE);
    assert_int_equal(fd, -7);
    assert_non_null(strstr(e.message, "127.0.0.1"));
    assert_non_null(strstr(e.message, "and 1 more"));
    assert_non_null(strstr(e.message, "refused"));
}

static void one_that_is_silent_makes_it_a_timeout(void **state)
{
    const struct ip to[] = { ip_of("127.0.0.1"), ip_of("127.0.0.2") };
    uint16_t port = 0;
    struct hole h = hole_at("127.0.0.1", &port);
    size_t which;
    int fd;

    (void)state;
    assert_int_equal(connect_any(to, 2, port, deadline_in(300), NULL, NULL, &fd, &which, NULL),
                     ERR_TIMEOUT);
    close_hole(h);
}

/* CONNECT_MAX and more that do not do, then one that does. */
static void assert_last_is_reached(const char *bad, uint16_t port)
{
    struct ip to[CONNECT_MAX + 8];
    size_t n = sizeof to / sizeof to[0], which = 0;
    int fd = -1;

    for (size_t i = 0; i < n; i++)
        to[i] = ip_of(i + 1 < n ? bad : "127.0.0.3");
    assert_int_equal(connect_any(to, n, port, deadline_in(PATIENCE_MS), NULL, NULL, &fd, &which,
                                 NULL),
                     OK);
    assert_int_equal(which, n - 1);
    close(fd);
}

static void however_many_refuse_the_next_is_tried(void **state)
{
    uint16_t port = 0;
    int good = listen_at("127.0.0.3", &port, 8);

    (void)state;
    assert_last_is_reached("127.0.0.9", port);
    close(good);
}

static void however_many_are_silent_the_next_is_tried(void **state)
{
    uint16_t port = 0;
    int good = listen_at("127.0.0.3", &port, 8);
    struct hole h = hole_at("127.0.0.1", &port);

    (void)state;
    assert_last_is_reached("127.0.0.1", port);
    close(good);
    close_hole(h);
}

static void no_address_is_unreachable(void **state)
{
    size_t which;
    int fd;

    (void)state;
    assert_int_equal(connect_any(NULL, 0, 53, deadline_in(PATIENCE_MS), NULL, NULL, &fd, &which,
                                 NULL),
                     ERR_UNREACHABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_that_accepts_is_taken),
        cmocka_unit_test(refusing_and_silent_ones_are_passed_over),
        cmocka_unit_test(where_all_refuse_it_is_unreachable_at_once),
        cmocka_unit_test(one_that_is_silent_makes_it_a_timeout),
        cmocka_unit_test(however_many_refuse_the_next_is_tried),
        cmocka_unit_test(however_many_are_silent_the_next_is_tried),
        cmocka_unit_test(no_address_is_unreachable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
