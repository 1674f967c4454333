#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/command.h"
#include "cmd/config.h"

struct fixture {
    TALLOC_CTX *mem;
    char path[64];
    struct options *options;
    struct error e;
};

/* What `muster COMMAND` without options makes of a file with this text. */
static enum err load(struct fixture *f, const struct command *command, const char *text)
{
    char *argv[] = { talloc_strdup(f->mem, command->name), NULL };
    FILE *file = fopen(f->path, "w");

    assert_non_null(file);
    assert_int_equal(fputs(text, file) < 0, 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(options_parse(f->mem, command, 1, argv, &f->options, &f->e), OK);
    return config_load(f->mem, f->path, f->options, &f->e);
}

static void assert_mistake(struct fixture *f, const char *text, const char *line, const char *word)
{
    assert_int_equal(load(f, &command_register, text), ERR_CONFIG);
    if (!strstr(f->e.message, line) || !strstr(f->e.message, word) ||
        !strstr(f->e.message, f->path))
        fail_msg("message \"%s\" lacks \"%s\" or \"%s\"", f->e.message, line, word);
}

static void keys_become_options_of_the_command(void **state)
{
    struct fixture *f = *state;
    const char *const *list;
    size_t n;

    assert_int_equal(load(f, &command_register,
                          "# a comment\n[muster]\ndomain = ad.example.com\n\n"
                          "[register]\nttl=300 ; seconds\ninterfaces = eth*, wlan0\n"
                          "[scavenge]\nmax-deletes = 5%\n"),
                     OK);
    assert_string_equal(options_text(f->options, "domain"), "ad.example.com");
    assert_string_equal(options_text(f->options, "ttl"), "300");
    list = options_list(f->options, "interface", &n);
    assert_int_equal(n, 2);
    assert_string_equal(list[0], "eth*");
}

static void an_indented_line_is_a_key_of_its_own(void **state)
{
    struct fixture *f = *state;
    const char *const *list;
    size_t n;

    assert_int_equal(load(f, &command_scavenge, "[scavenge]\n  protect = zzz\n\tmax-deletes = 0\n"),
                     OK);
    assert_string_equal(options_text(f->options, "max-deletes"), "0");
    list = options_list(f->options, "protect", &n);
    assert_int_equal(n, 1);
    assert_string_equal(list[0], "zzz");
    assert_mistake(f, "[register]\nttl = 1\n   tll = 2\n", "line 3", "tll");
}

static void keys_of_other_commands_do_no_harm(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load(f, &command_scavenge,
                          "[register]\nttl = 1\n[scavenge]\nmax-deletes = 7\n"),
                     OK);
    assert_string_equal(options_text(f->options, "max-deletes"), "7");
}

static void unknown_keys_and_sections_name_their_line(void **state)
{
    struct fixture *f = *state;

    assert_mistake(f, "[muster]\ndomain = x\ndomian = y\n", "line 3", "domian");
    assert_mistake(f, "[register]\nmax-deletes = 5\n", "line 2", "max-deletes");
    assert_mistake(f, "\n[regsiter]\nttl = 1\n", "line 2", "regsiter");
    assert_mistake(f, "[muster]\n[empty-and-unknown]\n", "line 2", "empty-and-unknown");
    assert_mistake(f, "domain = x\n", "line 1", "domain");
}

static void named_sections_stand_between_command_line_and_general_values(void **state)
{
    struct fixture *f = *state;
    struct options *const *sections;
    const char *const *list;
    size_t n;

    assert_int_equal(load(f, &command_register,
                          "[register lab]\nhostname = a.lab\ndomain = lab.test\n"
                          "keytab = /etc/lab.keytab\ninterfaces = eth1\n"
                          "[muster]\ndomain = ad.example.com\nserver = dc1\n"
                          "[register]\nttl = 300\ninterfaces = eth0\n"
                          "[register  other]\n"),
                     OK);
    sections = options_sections(f->options, &n);
    assert_int_equal(n, 2);
    assert_string_equal(options_section_name(sections[0]), "lab");
    assert_string_equal(options_text(sections[0], "hostname"), "a.lab");
    assert_string_equal(options_text(sections[0], "domain"), "lab.test");
    assert_string_equal(options_text(sections[0], "keytab"), "/etc/lab.keytab");
    assert_string_equal(options_text(sections[0], "ttl"), "300");
    assert_string_equal(options_text(sections[0], "server"), "dc1");
    list = options_list(sections[0], "interface", &n);
    assert_int_equal(n, 1);
    assert_string_equal(list[0], "eth1");
    assert_string_equal(options_section_name(sections[1]), "other");
    assert_string_equal(options_text(sections[1], "domain"), "ad.example.com");
    assert_null(options_text(sections[1], "hostname"));
    assert_null(options_text(f->options, "hostname"));
    assert_string_equal(options_text(f->options, "domain"), "ad.example.com");
}

static void the_command_line_wins_over_a_named_section(void **state)
{
    struct fixture *f = *state;
    char *argv[] = { talloc_strdup(f->mem, "register"), talloc_strdup(f->mem, "--ttl=60"), NULL };
    struct options *again;
    struct options *const *sections;
    size_t n;

    assert_int_equal(load(f, &command_register, "[register a]\nttl = 300\nptr = off\n"), OK);
    assert_int_equal(options_parse(f->mem, &command_register, 2, argv, &f->options, &f->e), OK);
    assert_int_equal(config_load(f->mem, f->path, f->options, &f->e), OK);
    sections = options_sections(f->options, &n);
    assert_string_equal(options_text(sections[0], "ttl"), "60");
    assert_string_equal(options_text(sections[0], "ptr"), "off");

    assert_int_equal(options_of_command_line(f->mem, f->options, &again, &f->e), OK);
    assert_string_equal(options_text(again, "ttl"), "60");
    assert_null(options_text(again, "ptr"));
    options_sections(again, &n);
    assert_int_equal(n, 0);
}

/* As a reload does it: what the file no longer says must be gone. */
static void of_a_list_only_what_was_given_is_the_command_lines(void **state)
{
    struct fixture *f = *state;
    char *argv[] = { talloc_strdup(f->mem, "register"), talloc_strdup(f->mem, "--interface=eth0"),
                     NULL };
    struct options *again;
    const char *const *list;
    size_t n;

    assert_int_equal(load(f, &command_register, "[register]\ninterfaces = eth1, eth2\n"), OK);
    assert_int_equal(options_parse(f->mem, &command_register, 2, argv, &f->options, &f->e), OK);
    assert_int_equal(config_load(f->mem, f->path, f->options, &f->e), OK);
    options_list(f->options, "interface", &n);
    assert_int_equal(n, 3);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(options_of_command_line(f->mem, f->options, &again, &f->e), OK);
        list = options_list(again, "interface", &n);
        assert_int_equal(n, 1);
        assert_string_equal(list[0], "eth0");
        assert_int_equal(config_load(f->mem, f->path, again, &f->e), OK);
        options_list(again, "interface", &n);
        assert_int_equal(n, 3);
        f->options = again;
    }
}

static void named_sections_take_no_other_keys_and_no_odd_names(void **state)
{
    struct fixture *f = *state;

    assert_mistake(f, "[register a]\nstate-dir = /tmp\n", "line 2", "state-dir");
    assert_mistake(f, "[register a]\nmax-deletes = 5\n", "line 2", "max-deletes");
    assert_mistake(f, "[register ../../etc/passwd]\n", "line 1", "../../etc/passwd");
    assert_mistake(f, "[register ]\n", "line 1", "name");
    assert_mistake(f, "[register a b]\n", "line 1", "a b");
    assert_mistake(f, "[register aaaaaaaaaabbbbbbbbbbccccccccccddd]\n", "line 1", "cccddd");
    assert_mistake(f, "[scavenge a]\n", "line 1", "scavenge a");
    assert_mistake(f, "[registera]\n", "line 1", "registera");
}

/* Longer than the 50 characters that inih keeps of a section. */
#define LONG_ZONE "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.4.5.d.f.ip6.arpa"

static void a_second_signal_is_a_zones_alone(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load(f, &command_scavenge,
                          "[zone Lab.Test.]\nsilence-runs = 5\nmissing-account = yes\n"
                          "[zone other.test]\nrefresh = 3d\n"),
                     OK);
    assert_string_equal(options_zone_key(f->options, "lab.test", "silence-runs"), "5");
    assert_string_equal(options_zone_key(f->options, "lab.test", "missing-account"), "yes");
    assert_null(options_zone_key(f->options, "lab.test", "silence-days"));
    assert_null(options_zone_key(f->options, "other.test", "silence-runs"));
    assert_int_equal(load(f, &command_scavenge, "[scavenge]\nsilence-runs = 5\n"), ERR_CONFIG);
}

static void each_zone_has_values_of_its_own(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load(f, &command_scavenge,
                          "[scavenge]\nrefresh = 10d\n"
                          "[zone LAB.example.test.]\nrefresh = 3d\nserver = ns1.example.test\n"
                          "[zone " LONG_ZONE "]\nno-refresh = 2d\n"
                          "[muster]\nserver = dc1.example.test\n"),
                     OK);
    assert_string_equal(options_zone_text(f->options, "lab.example.test", "refresh"), "3d");
    assert_string_equal(options_zone_text(f->options, "lab.example.test", "server"),
                        "ns1.example.test");
    assert_null(options_zone_text(f->options, "lab.example.test", "no-refresh"));
    assert_string_equal(options_zone_text(f->options, LONG_ZONE, "refresh"), "10d");
    assert_string_equal(options_zone_text(f->options, LONG_ZONE, "no-refresh"), "2d");
    assert_string_equal(options_zone_text(f->options, "other.test", "server"), "dc1.example.test");
    assert_string_equal(options_text(f->options, "refresh"), "10d");
}

static void the_command_line_wins_over_a_zone(void **state)
{
    struct fixture *f = *state;
    char command[] = "scavenge", option[] = "--refresh", value[] = "9d";
    char *argv[] = { command, option, value, NULL };

    assert_int_equal(load(f, &command_scavenge, "[zone \t lab.test \t]\nrefresh = 2d\n"), OK);
    assert_string_equal(options_zone_text(f->options, "lab.test", "refresh"), "2d");
    assert_int_equal(load(f, &command_scavenge, "[zone lab.test]\nrefresh = 3d\n"), OK);
    assert_int_equal(options_parse(f->mem, &command_scavenge, 3, argv, &f->options, &f->e), OK);
    assert_int_equal(config_load(f->mem, f->path, f->options, &f->e), OK);
    assert_string_equal(options_zone_text(f->options, "lab.test", "refresh"), "9d");
}

static void zones_take_no_other_keys_and_no_odd_names(void **state)
{
    struct fixture *f = *state;

    assert_mistake(f, "[zone lab.test]\nprotect = a\n", "line 2", "unknown key \"protect\"");
    assert_mistake(f, "[zone lab.test]\nrefresh =\n", "line 2", "no value");
    assert_mistake(f, "[zone a..b]\nrefresh = 1d\n", "line 1", "not the name of a zone");
    assert_mistake(f, "[zone ]\n", "line 1", "not the name of a zone");
    assert_mistake(f, "[zone a b]\nrefresh = 1d\n", "line 1", "not the name of a zone");
    assert_mistake(f, "[zone lab.test]\nrefresh = 1d\n[scavenge]\nserver = a\n", "line 4",
                   "unknown key \"server\"");
    assert_mistake(f, "[zones]\n", "line 1", "unknown section");
}

static void malformed_lines_name_their_line(void **state)
{
    struct fixture *f = *state;

    assert_mistake(f, "[muster]\ndomain = x\nnonsense\n", "line 3", "");
    assert_mistake(f, "[muster\ndomain = x\n", "line 1", "");
    assert_mistake(f, "[muster]\ndomain =\n", "line 2", "domain");
}

static void a_line_that_is_too_long_is_not_cut_off_silently(void **state)
{
    struct fixture *f = *state;
    char text[1024] = "[scavenge]\nprotect = ";

    memset(text + strlen(text), 'x', 400);
    assert_mistake(f, text, "line 2", "190");
}

static void a_file_with_nul_bytes_is_refused(void **state)
{
    struct fixture *f = *state;
    static const char text[] = "[muster]\ndomain = a\0b\n";
    FILE *file;

    assert_int_equal(load(f, &command_register, ""), OK);
    file = fopen(f->path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, sizeof text - 1, file), sizeof text - 1);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(config_load(f->mem, f->path, f->options, &f->e), ERR_CONFIG);
}

static void a_named_file_that_is_missing_is_an_error(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load(f, &command_register, ""), OK);
    unlink(f->path);
    assert_int_equal(config_load(f->mem, f->path, f->options, &f->e), ERR_CONFIG);
    assert_non_null(strstr(f->e.message, f->path));
}

static int setup(void **state)
{
    struct fixture *f = talloc_zero(NULL, struct fixture);
    int fd;

    f->mem = f;
    strcpy(f->path, "/tmp/muster-test-config.XXXXXX");
    fd = mkstemp(f->path);
    *state = f;
    return fd < 0 || close(fd) != 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    unlink(f->path);
    return talloc_free(f);
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(keys_become_options_of_the_command),
        test(an_indented_line_is_a_key_of_its_own),
        test(keys_of_other_commands_do_no_harm),
        test(unknown_keys_and_sections_name_their_line),
        test(named_sections_stand_between_command_line_and_general_values),
        test(the_command_line_wins_over_a_named_section),
        test(of_a_list_only_what_was_given_is_the_command_lines),
        test(named_sections_take_no_other_keys_and_no_odd_names),
        test(a_second_signal_is_a_zones_alone),
        test(each_zone_has_values_of_its_own),
        test(the_command_line_wins_over_a_zone),
        test(zones_take_no_other_keys_and_no_odd_names),
        test(malformed_lines_name_their_line),
        test(a_line_that_is_too_long_is_not_cut_off_silently),
        test(a_file_with_nul_bytes_is_refused),
        test(a_named_file_that_is_missing_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
