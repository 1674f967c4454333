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

/* One interface beside eth0, which reaches the server and has 10.53.0.101/24. */
struct interface_case {
    const char *interface;
    const char *kind;
    const char *any;   /* what '*' publishes of 192.0.2.1 on it, "" for nothing */
    const char *named; /* what this pattern does */
};

static void kinds_of_interfaces_are_told_apart(void **state)
{
    static const struct interface_case cases[] = {
        { "eth1", "", "yes", "eth1" },
        { "enp3s0", "", "yes", "enp*" },
        { "wlan0", "", "yes", "wl*" },
        { "bond0", "bond", "yes", "bond0" },
        { "eth0.7", "vlan", "yes", "eth0.7" },
        { "eth1", "veth", "yes", "eth1" },
        { "docker0", "bridge", "", "docker0" },
        { "docker_gwbridge", "bridge", "", "docker*" },
        { "br-0123456789ab", "bridge", "", "br-*" },
        { "podman1", "bridge", "", "podman*" },
        { "cni0", "bridge", "", "cni0" },
        { "veth12ab", "veth", "", "veth*" },
        { "virbr0", "bridge", "", "virbr0" },
        { "vnet3", "tun", "", "vnet3" },
        { "lxcbr0", "bridge", "", "lxcbr0" },
        { "lxdbr0", "bridge", "", "lxdbr0" },
        { "cali0123", "veth", "", "cali*" },
        { "flannel.1", "vxlan", "", "flannel.1" },
        { "kube-ipvs0", "dummy", "", "kube-ipvs0" },
        { "tun0", "tun", "", "tun*" },
        { "tap0", "tun", "", "tap0" },
        { "wg0", "wireguard", "", "wg*" },
        { "office", "wireguard", "", "office" },
        { "ppp0", "ppp", "", "ppp0" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct interface_case *c = &cases[i];
        struct host_address all[] = { plain("10.53.0.101"),
                                      on("192.0.2.1", 7, c->interface, c->kind) };
        const char *const any[] = { "*" };
        const char *const named[] = { c->named };
        struct choice wish = { .interfaces = any, .n_interfaces = 1 };

        assert_chosen(*state, all, 2, &wish, *c->any ? "10.53.0.101 192.0.2.1" : "10.53.0.101");
        wish.interfaces = named;
        assert_chosen(*state, all, 2, &wish, "192.0.2.1");
        wish = (struct choice){ .reaches_dc = ip_of("10.53.0.101") };
        assert_chosen(*state, all, 2, &wish, "10.53.0.101");
    }
}

static void vpn_that_reaches_the_server_is_published(void **state)
{
    static const char *const both[] = { "*" };
    struct host_address all[] = { plain("10.53.0.101"), on("192.0.2.1", 7, "wg0", "wireguard") };
    struct choice wish = { .reaches_dc = ip_of("192.0.2.1") };

    assert_chosen(*state, all, 2, &wish, "192.0.2.1");
    wish.interfaces = both;
    wish.n_interfaces = 1;
    assert_chosen(*state, all, 2, &wish, "10.53.0.101 192.0.2.1");
}

/* A second address beside eth0's 10.53.0.101/24 and 2001:db8::101/64. */
struct address_case {
    const char *what;
    const char *ip;
    struct host_address is; /* what plain() does not say */
    bool is_published;
};

static void kinds_of_addresses_are_told_apart(void **state)
{
    static const struct address_case cases[] = {
        { "a second of the subnet",
          "10.53.0.150",
          { .prefix = 24, .is_permanent = true, .is_secondary = true, .label = "eth0" },
          true },
        { "an old alias",
          "10.53.0.150",
          { .prefix = 24, .is_permanent = true, .is_secondary = true, .label = "eth0:1" },
          true },
        { "a labelled VIP",
          "10.53.0.150",
          { .prefix = 24, .is_permanent = true, .is_secondary = true, .label = "eth0:vip" },
          false },
        { "the first of a subnet, labelled",
          "10.54.0.1",
          { .prefix = 24, .is_permanent = true, .label = "eth0:san" },
          true },
        { "a /32 beside a /24",
          "10.53.0.150",
          { .prefix = 32, .is_permanent = true, .label = "eth0" },
          false },
        { "a leased /32", "10.54.0.1", { .prefix = 32, .label = "eth0" }, true },
        { "a point-to-point /32",
          "10.54.0.1",
          { .prefix = 32, .is_permanent = true, .is_point_to_point = true },
          true },
        { "by its protocol",
          "10.53.0.150",
          { .prefix = 24, .is_permanent = true, .is_keepalived = true },
          false },
        { "an IPv6 VIP", "2001:db8::150", { .prefix = 128, .is_permanent = true }, false },
        { "a DHCPv6 lease", "2001:db8::150", { .prefix = 128 }, true },
        { "an IPv6 by its protocol",
          "2001:db8::150",
          { .prefix = 128, .is_keepalived = true },
          false },
        { "a ULA", "fd53::101", { .prefix = 64 }, true },
        { "tentative", "2001:db8::150", { .prefix = 64, .is_tentative = true }, false },
        { "DAD failed", "2001:db8::150", { .prefix = 64, .is_dad_failed = true }, false },
        { "deprecated", "2001:db8::150", { .prefix = 64, .is_deprecated = true }, false },
        { "temporary", "2001:db8::150", { .prefix = 64, .is_temporary = true }, false },
        { "temporary and deprecated",
          "2001:db8::150",
          { .prefix = 64, .is_temporary = true, .is_deprecated = true },
          false },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct address_case *c = &cases[i];
        struct host_address all[] = { plain("10.53.0.101"), plain("2001:db8::101"), c->is };
        struct choice wish = { .reaches_dc = ip_of("10.53.0.101") };
        struct ip *out;
        struct error e;
        size_t n;

        all[0].prefix = 24;
        all[1].prefix = 64;
        all[2].ip = ip_of(c->ip);
        all[2].interface_index = 2;
        all[2].interface = "eth0";
        all[2].kind = "";
        all[2].is_up = all[2].is_global = true;
        assert_int_equal(choose_addresses(*state, all, 3, &wish, &out, &n, &e), OK);
        if (address_is_in(all[2].ip, out, n) != c->is_published)
            fail_msg("%s: %s", c->what, c->is_published ? "not published" : "published");
        assert_int_equal(n, c->is_published ? 3 : 2);
    }
}

static void address_of_host_length_alone_is_published(void **state)
{
    struct host_address all[] = { plain("10.128.0.2") };
    struct choice wish = { .reaches_dc = ip_of("10.128.0.2") };

    all[0].prefix = 32;
    all[0].is_permanent = true;
    assert_chosen(*state, all, 1, &wish, "10.128.0.2");
}

static void address_of_host_length_that_the_host_speaks_from_is_published(void **state)
{
    struct host_address all[] = { plain("10.128.0.2"), plain("192.168.7.2") };
    struct choice wish = { .reaches_dc = ip_of("10.128.0.2") };

    all[0].prefix = 32;
    all[1].prefix = 24;
    all[0].is_permanent = all[1].is_permanent = true;
    assert_chosen(*state, all, 2, &wish, "10.128.0.2 192.168.7.2");
    wish.reaches_dc = ip_of("192.168.7.2");
    assert_chosen(*state, all, 2, &wish, "192.168.7.2");
}

static void unique_local_addresses_are_left_out_on_wish(void **state)
{
    struct host_address all[] = { plain("10.53.0.101"), plain("fd53::101"), plain("fc00::1"),
                                  plain("2001:db8::1") };
    struct choice wish = { .reaches_dc = ip_of("10.53.0.101") };

    assert_chosen(*state, all, 4, &wish, "10.53.0.101 2001:db8::1 fc00::1 fd53::101");
    wish.without_ula = true;
    assert_chosen(*state, all, 4, &wish, "10.53.0.101 2001:db8::1");
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
        cmocka_unit_test_setup_teardown(kinds_of_interfaces_are_told_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(vpn_that_reaches_the_server_is_published, setup, teardown),
        cmocka_unit_test_setup_teardown(kinds_of_addresses_are_told_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(address_of_host_length_alone_is_published, setup, teardown),
        cmocka_unit_test_setup_teardown(
            address_of_host_length_that_the_host_speaks_from_is_published, setup, teardown),
        cmocka_unit_test_setup_teardown(unique_local_addresses_are_left_out_on_wish, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
