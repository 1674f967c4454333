#include "tests/unit/unit.h"

#include "register/choose.h"

static struct ip ip_of(const char *text)
{
    struct ip ip;

    assert_true(ip_parse(text, &ip));
    return ip;
}

/* A plain global address of interface 2, eth0. */
static struct host_address plain(const char *text)
{
    return (struct host_address){
        .ip = ip_of(text),
        .interface_index = 2,
        .interface = "eth0",
        .kind = "",
        .is_up = true,
        .is_global = true,
    };
}

static struct host_address on(const char *text, unsigned index, const char *interface,
                              const char *kind)
{
    struct host_address a = plain(text);

    a.interface_index = index;
    a.interface = interface;
    a.kind = kind;
    return a;
}

static void assert_chosen(TALLOC_CTX *mem, const struct host_address *all, size_t n,
                          const struct choice *wish, const char *expected)
{
    struct error e = { 0 };
    char *got = talloc_strdup(mem, "");
    struct ip *out;
    size_t n_out;

    if (choose_addresses(mem, all, n, wish, &out, &n_out, &e)) {
        assert_string_equal(err_name(e.code), expected);
        assert_true(e.message[0] && e.hint[0]);
        return;
    }
    for (size_t i = 0; i < n_out; i++) {
        char text[IP_TEXT_MAX];

        got = talloc_asprintf_append(got, "%s%s", i ? " " : "", ip_format(out[i], text));
    }
    assert_string_equal(got, expected);
}

static void default_is_the_interface_that_reaches_the_server(void **state)
{
    struct host_address all[] = {
        plain("fd53::101"),
        plain("10.53.0.101"),
        on("192.168.1.5", 3, "eth1", ""),
        on("172.17.0.1", 4, "docker0", "bridge"),
    };
    struct choice wish = { .reaches_dc = ip_of("10.53.0.101") };

    assert_chosen(*state, all, 4, &wish, "10.53.0.101 fd53::101");
    wish.reaches_dc = ip_of("192.168.1.5");
    assert_chosen(*state, all, 4, &wish, "192.168.1.5");
}

static void unknown_way_to_the_server_publishes_nothing(void **state)
{
    struct host_address all[] = { plain("10.53.0.101") };
    struct choice wish = { .n_interfaces = 0 };

    assert_chosen(*state, all, 1, &wish, "not-found");
    assert_chosen(*state, NULL, 0, &wish, "not-found");
}

static void flagged_addresses_are_left_out(void **state)
{
    struct host_address all[] = {
        plain("10.53.0.101"), plain("fd53::1"), plain("fd53::2"), plain("fd53::3"),
        plain("fd53::4"),     plain("fd53::5"), plain("fd53::6"),
    };
    struct choice wish = { .reaches_dc = ip_of("10.53.0.101") };

    all[1].is_tentative = true;
    all[2].is_dad_failed = true;
    all[3].is_deprecated = true;
    all[4].is_temporary = true;
    all[5].is_global = false;
    assert_chosen(*state, all, 7, &wish, "10.53.0.101 fd53::6");
}

static void addresses_that_mean_nothing_elsewhere_are_left_out_whatever_their_scope(void **state)
{
    static const char *const never[] = { "127.0.0.1", "169.254.3.4",     "0.1.2.3",
                                         "224.0.0.1", "255.255.255.255", "::",
                                         "::1",       "fe80::1",         "fec0::1",
                                         "ff02::1",   "::ffff:10.0.0.1" };
    struct choice wish = { .reaches_dc = ip_of("10.53.0.101") };

    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++) {
        struct host_address all[] = { plain("10.53.0.101"), plain(never[i]) };

        assert_false(address_is_publishable(ip_of(never[i])));
        assert_chosen(*state, all, 2, &wish, "10.53.0.101");
    }
    assert_true(address_is_publishable(ip_of("fd53::1")));
    assert_true(address_is_publishable(ip_of("192.0.2.1")));
}

static void virtual_bridge_counts_only_when_named(void **state)
{
    static const char *const any[] = { "*" }, *const named[] = { "docker0" };
    struct host_address all[] = { plain("10.53.0.101"), on("172.17.0.1", 4, "docker0", "bridge") };
    struct choice wish = { .interfaces = any, .n_interfaces = 1 };

    assert_chosen(*state, all, 2, &wish, "10.53.0.101");
    wish.interfaces = named;
    assert_chosen(*state, all, 2, &wish, "172.17.0.1");
    wish = (struct choice){ .reaches_dc = ip_of("172.17.0.1") };
    assert_chosen(*state, all, 2, &wish, "not-found");
}

static void bridge_over_a_hardware_port_counts(void **state)
{
    struct host_address all[] = { on("10.53.0.101", 4, "br0", "bridge") };
    struct choice wish = { .reaches_dc = ip_of("10.53.0.101") };

    all[0].has_hardware_port = true;
    assert_chosen(*state, all, 1, &wish, "10.53.0.101");
}

static void loopback_interface_counts_only_when_named(void **state)
{
    static const char *const any[] = { "*" }, *const named[] = { "lo" };
    struct host_address all[] = { on("192.0.2.9", 1, "lo", ""), on("127.0.0.1", 1, "lo", "") };
    struct choice wish = { .interfaces = any, .n_interfaces = 1 };

    all[0].is_loopback = all[1].is_loopback = true;
    assert_chosen(*state, all, 2, &wish, "not-found");
    wish.interfaces = named;
    assert_chosen(*state, all, 2, &wish, "192.0.2.9");
}

static void interface_that_is_down_is_left_out(void **state)
{
    static const char *const any[] = { "eth*" };
    struct host_address all[] = { plain("10.53.0.101"), on("192.0.2.1", 3, "eth1", "") };
    struct choice wish = { .interfaces = any, .n_interfaces = 1 };

    all[1].is_up = false;
    assert_chosen(*state, all, 2, &wish, "10.53.0.101");
}

static void several_patterns_are_a_union(void **state)
{
    static const char *const patterns[] = { "eth1", "wl*" };
    struct host_address all[] = { plain("10.53.0.101"), on("192.0.2.1", 3, "eth1", ""),
                                  on("192.0.2.2", 5, "wlan0", ""),
                                  on("192.0.2.2", 5, "wlan0", "") };
    struct choice wish = { .interfaces = patterns,
                           .n_interfaces = 2,
                           .reaches_dc = ip_of("10.53.0.101") };

    assert_chosen(*state, all, 4, &wish, "192.0.2.1 192.0.2.2");
}

static void excluded_nets_are_left_out(void **state)
{
    struct ip_net exclude[] = { { ip_of("10.53.0.128"), 25 }, { ip_of("fd53::"), 16 } };
    struct host_address all[] = { plain("10.53.0.101"), plain("10.53.0.200"), plain("fd53::101") };
    struct choice wish = { .exclude = exclude, .n_exclude = 2, .reaches_dc = ip_of("10.53.0.101") };

    assert_chosen(*state, all, 3, &wish, "10.53.0.101");
}

static void explicit_addresses_are_taken_as_they_are(void **state)
{
    struct ip explicit[] = { ip_of("fd53::9"), ip_of("192.0.2.1"), ip_of("192.0.2.1") };
    struct host_address all[] = { plain("10.53.0.101") };
    struct choice wish = { .addresses = explicit,
                           .n_addresses = 3,
                           .reaches_dc = ip_of("10.53.0.101") };

    assert_chosen(*state, all, 1, &wish, "192.0.2.1 fd53::9");
    explicit[0] = ip_of("fe80::1");
    assert_chosen(*state, all, 1, &wish, "usage");
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(default_is_the_interface_that_reaches_the_server, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(unknown_way_to_the_server_publishes_nothing, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(flagged_addresses_are_left_out, setup, teardown),
        cmocka_unit_test_setup_teardown(
            addresses_that_mean_nothing_elsewhere_are_left_out_whatever_their_scope, setup,
            teardown),
        cmocka_unit_test_setup_teardown(virtual_bridge_counts_only_when_named, setup, teardown),
        cmocka_unit_test_setup_teardown(bridge_over_a_hardware_port_counts, setup, teardown),
        cmocka_unit_test_setup_teardown(loopback_interface_counts_only_when_named, setup, teardown),
        cmocka_unit_test_setup_teardown(interface_that_is_down_is_left_out, setup, teardown),
        cmocka_unit_test_setup_teardown(several_patterns_are_a_union, setup, teardown),
        cmocka_unit_test_setup_teardown(excluded_nets_are_left_out, setup, teardown),
        cmocka_unit_test_setup_teardown(explicit_addresses_are_taken_as_they_are, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
