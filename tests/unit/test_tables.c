/* The manuals and the tables of commands and options say the same. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "cmd/command.h"

static char *manual(TALLOC_CTX *mem, const char *name)
{
    const char *srcdir = getenv("srcdir");
    char *path = talloc_asprintf(mem, "%s/man/%s", srcdir ? srcdir : ".", name);
    struct error e = { 0 };
    struct bytes text;

    if (file_read(mem, path, 1 << 20, &text, &e))
        fail_msg("%s", e.message);
    return talloc_strndup(mem, (const char *)text.data, text.len);
}

/* The `.It Cm NAME …` line of a command, on mem. */
static char *line_of_command(TALLOC_CTX *mem, const char *text, const char *name)
{
    char *start = talloc_asprintf(mem, "\n.It Cm %s", name);
    const char *at = strstr(text, start), *end;

    if (!at)
        fail_msg("muster.8 does not describe the command %s", name);
    end = strchr(at + 1, '\n');
    return talloc_strndup(mem, at + 1, end ? (size_t)(end - at - 1) : strlen(at + 1));
}

static void assert_has_option(const char *where, const char *line, const struct option_spec *s)
{
    char wanted[128];
    const char *at;

    snprintf(wanted, sizeof wanted, "Fl -%s%s%s", s->name, s->metavar ? " Ar " : "",
             s->metavar ? s->metavar : "");
    at = strstr(line, wanted);
    if (!at || (at[strlen(wanted)] != ' ' && at[strlen(wanted)] != '\n' && at[strlen(wanted)]))
        fail_msg("muster.8, %s: no \"%s\"", where, wanted);
}

static void manual_describes_every_command_and_option(void **state)
{
    char *text = manual(*state, "muster.8");

    for (size_t i = 0; commands[i]; i++) {
        char *line = line_of_command(*state, text, commands[i]->name);

        if (strcmp(commands[i]->name, "unregister") == 0) {
            assert_non_null(strstr(line, "options of Cm register"));
            assert_ptr_equal(commands[i]->options, command_register.options);
            continue;
        }
        for (const struct option_spec *s = commands[i]->options; s->name; s++)
            assert_has_option(commands[i]->name, line, s);
    }
}

static void manual_has_no_option_that_the_table_lacks(void **state)
{
    char *text = manual(*state, "muster.8");

    for (size_t i = 0; commands[i]; i++) {
        const char *at = line_of_command(*state, text, commands[i]->name);

        while ((at = strstr(at, "Fl -")) != NULL) {
            size_t len = strcspn(at += 4, " \n");
            bool found = false;

            for (const struct option_spec *s = commands[i]->options; s->name; s++)
                found = found || (strlen(s->name) == len && strncmp(s->name, at, len) == 0);
            if (!found)
                fail_msg("muster.8, %s: --%.*s is in no table", commands[i]->name, (int)len, at);
        }
    }
}

static void manual_describes_every_common_option(void **state)
{
    char *text = manual(*state, "muster.8");
    const char *common = strstr(text, ".Ss Common options");

    assert_non_null(common);
    for (const struct option_spec *s = options_common; s->name; s++) {
        char wanted[64];

        snprintf(wanted, sizeof wanted, "\n.It Fl -%s", s->name);
        if (!strstr(common, wanted))
            fail_msg("muster.8 does not describe --%s", s->name);
    }
}

/* Every key that the file may have is in muster.conf(5), in its section. */
static void conf_manual_describes_every_key(void **state)
{
    char *text = manual(*state, "muster.conf.5");
    const struct option_spec *tables[64] = { options_common };
    size_t n = 1, seen = 0;

    for (size_t i = 0; commands[i]; i++)
        tables[n++] = commands[i]->options;
    for (size_t t = 0; t < n; t++) {
        for (const struct option_spec *s = tables[t]; s->name; s++) {
            char *section, *end, *key;

            if (!s->section)
                continue;
            section = strstr(text, talloc_asprintf(*state, ".Ss Section %s\n", s->section));
            assert_non_null(section);
            end = strstr(section, "\n.El");
            key = strstr(section,
                         talloc_asprintf(*state, "\n.It Cm %s\n", s->key ? s->key : s->name));
            if (!key || key > end)
                fail_msg("muster.conf.5: [%s] %s is missing", s->section,
                         s->key ? s->key : s->name);
            seen++;
        }
    }
    assert_true(seen > 10);
}

/* Two options of one name in the tables that one command line meets would hide each other. */
static void no_command_has_an_option_twice(void **state)
{
    (void)state;
    for (size_t i = 0; commands[i]; i++) {
        for (const struct option_spec *s = commands[i]->options; s->name; s++) {
            for (const struct option_spec *c = options_common; c->name; c++)
                assert_string_not_equal(s->name, c->name);
            for (const struct option_spec *o = commands[i]->options; o != s; o++)
                assert_string_not_equal(s->name, o->name);
        }
    }
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(manual_describes_every_command_and_option),
        test(manual_has_no_option_that_the_table_lacks),
        test(manual_describes_every_common_option),
        test(conf_manual_describes_every_key),
        test(no_command_has_an_option_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
