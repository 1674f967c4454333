#include "tests/unit/unit.h"

#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <poll.h>

#include "register/monitor.h"

#define ADDRESS MONITOR_BIT(WATCH_EVENT_ADDRESS)
#define ROUTE MONITOR_BIT(WATCH_EVENT_ROUTE)
#define LOST MONITOR_BIT(WATCH_EVENT_LOST)

/* Append a message with a payload of zeros; returns the payload. */
static void *append(struct bytes *to, void *buffer, uint16_t type, size_t payload)
{
    struct nlmsghdr *h = mnl_nlmsg_put_header((uint8_t *)buffer + to->len);
    void *at;

    h->nlmsg_type = type;
    at = mnl_nlmsg_put_extra_header(h, payload);
    to->data = buffer;
    to->len += h->nlmsg_len;
    return at;
}

static struct rtmsg default_route(void)
{
    return (
        struct rtmsg){ .rtm_family = AF_INET, .rtm_table = RT_TABLE_MAIN, .rtm_type = RTN_UNICAST };
}

static unsigned events_of_route(TALLOC_CTX *mem, struct rtmsg route)
{
    uint8_t *buffer = talloc_zero_size(mem, 1024);
    struct bytes b = { 0 };

    memcpy(append(&b, buffer, RTM_NEWROUTE, sizeof route), &route, sizeof route);
    return monitor_events(b);
}

static void addresses_and_links_are_told_apart_from_the_rest(void **state)
{
    static const uint16_t types[] = { RTM_NEWADDR, RTM_DELADDR, RTM_NEWLINK, RTM_DELLINK };

    for (size_t i = 0; i < 4; i++) {
        struct bytes b = { 0 };

        append(&b, talloc_zero_size(*state, 1024), types[i], 16);
        assert_int_equal(monitor_events(b), ADDRESS);
    }
    for (uint16_t type = 0; type < 200; type++) {
        struct bytes b = { 0 };

        append(&b, talloc_zero_size(*state, 1024), type, 32);
        if (type != RTM_NEWADDR && type != RTM_DELADDR && type != RTM_NEWLINK &&
            type != RTM_DELLINK)
            assert_int_equal(monitor_events(b), type == NLMSG_OVERRUN ? LOST : 0);
    }
}

static void only_default_routes_of_the_main_table_count(void **state)
{
    struct rtmsg r = default_route();

    assert_int_equal(events_of_route(*state, r), ROUTE);
    r.rtm_family = AF_INET6;
    assert_int_equal(events_of_route(*state, r), ROUTE);
    r.rtm_dst_len = 24;
    assert_int_equal(events_of_route(*state, r), 0);
    r = default_route();
    r.rtm_table = RT_TABLE_LOCAL;
    assert_int_equal(events_of_route(*state, r), 0);
    r = default_route();
    r.rtm_type = RTN_UNREACHABLE;
    assert_int_equal(events_of_route(*state, r), 0);
    r = default_route();
    r.rtm_flags = RTM_F_CLONED;
    assert_int_equal(events_of_route(*state, r), 0);
}

static void every_message_of_a_datagram_counts(void **state)
{
    struct rtmsg r = default_route();
    void *buffer = talloc_zero_size(*state, 1024);
    struct bytes b = { 0 };

    append(&b, buffer, RTM_NEWNEIGH, 12);
    append(&b, buffer, RTM_NEWADDR, sizeof(struct ifaddrmsg));
    memcpy(append(&b, buffer, RTM_DELROUTE, sizeof r), &r, sizeof r);
    assert_int_equal(monitor_events(b), ADDRESS | ROUTE);
}

static void bytes_that_are_no_messages_tell_nothing(void **state)
{
    struct rtmsg r = default_route();
    uint32_t *junk = talloc_array(*state, uint32_t, 256);
    struct bytes b = { 0 };
    struct nlmsghdr *h;

    assert_int_equal(monitor_events((struct bytes){ 0 }), 0);
    for (unsigned i = 0; i < 256; i++)
        junk[i] = i * 2654435761u;
    for (size_t len = 0; len <= 1024; len++)
        monitor_events((struct bytes){ (uint8_t *)junk, len });

    /* Cut off anywhere, and lying about its length. */
    memcpy(append(&b, junk, RTM_NEWROUTE, sizeof r), &r, sizeof r);
    for (size_t len = 0; len < b.len; len++) {
        uint8_t *exact = talloc_memdup(*state, b.data, len + !len);

        assert_int_equal(monitor_events((struct bytes){ exact, len }), 0);
    }
    h = (struct nlmsghdr *)junk;
    h->nlmsg_len = sizeof *h + 4;
    assert_int_equal(monitor_events(b), 0);
    h->nlmsg_len = 0;
    assert_int_equal(monitor_events(b), 0);
    h->nlmsg_len = UINT32_MAX;
    assert_int_equal(monitor_events(b), 0);
}

static void it_opens_and_does_not_wait(void **state)
{
    struct error e = { 0 };
    struct monitor *m;
    unsigned events = 99;

    assert_int_equal(monitor_open(*state, &m, &e), OK);
    assert_true(monitor_fd(m) >= 0);
    assert_int_equal(monitor_read(m, &events, &e), OK);
    assert_true(events != 99);
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(addresses_and_links_are_told_apart_from_the_rest),
        test(only_default_routes_of_the_main_table_count),
        test(every_message_of_a_datagram_counts),
        test(bytes_that_are_no_messages_tell_nothing),
        test(it_opens_and_does_not_wait),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
