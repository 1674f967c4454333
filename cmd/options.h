/*
 * Options as tables: one description serves parsing, help, the configuration file
 * and the test that holds the manual against it.
 */
#ifndef CMD_OPTIONS_H
#define CMD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <talloc.h>

#include "base/err.h"

enum option_kind {
    OPTION_FLAG,
    OPTION_TEXT,
    OPTION_LIST, /* may be given several times */
};

struct option_spec {
    const char *name; /* without the dashes */
    enum option_kind kind;
    const char *metavar; /* NULL for a flag */
    const char *help;    /* one line */
    const char *section; /* section of the configuration file, NULL where it has no place there */
    const char *key;     /* its key there; NULL: as the option's name */
};

struct command;
struct options;

/* Tables end with a spec without name. */
extern const struct option_spec options_common[];

/*
 * Parse argv (argv[0] is the command's name) against the common table and the command's.
 * ERR_USAGE names the argument.  Positional arguments (see options_arguments) are the caller's
 * strings.
 */
enum err options_parse(TALLOC_CTX *mem, const struct command *command, int argc, char **argv,
                       struct options **out, struct error *e);

/*
 * Give a value from the configuration file to an option that the command line left open (a list
 * gets it in addition);
 * options of other commands are ignored, their value having been checked by the caller.
 */
enum err options_set_default(struct options *o, const struct option_spec *spec, const char *value,
                             struct error *e);

/*
 * Named sections of the configuration file, in its order: options of their own, whose values stand
 * between the command line and the section without a name.
 */
#define OPTIONS_SECTION_NAME_MAX 32

/* The options for section name, made on o where they are new. */
enum err options_section(struct options *o, const char *name, struct options **out,
                         struct error *e);
/* Where the file has it; the first word on that counts. */
void options_section_at(struct options *section, unsigned line);
unsigned options_section_line(const struct options *section);
/* All of them; none: n 0. */
struct options *const *options_sections(const struct options *o, size_t *n);

/* The same of a named section: all of the file it is in, itself included. */
struct options *const *options_all_sections(const struct options *o, size_t *n);

/* NULL for options that are not of a named section. */
const char *options_section_name(const struct options *o);

/*
 * Sections [zone NAME] of the configuration file, one for each zone (normalised, dns/name.h):
 * values between the command line and the other sections.  Strings are copied.
 */
enum err options_zone_set(struct options *o, const char *zone, const char *key, const char *value,
                          struct error *e);
/* As options_text() for one zone: the command line, [zone NAME], then what holds for all. */
const char *options_zone_text(const struct options *o, const char *zone, const char *name);
/* A key that only such a section can have; NULL where it has none. */
const char *options_zone_key(const struct options *o, const char *zone, const char *key);

/* As the command line alone gave them, on mem: what a configuration that is read again starts from.
 */
enum err options_of_command_line(TALLOC_CTX *mem, const struct options *o, struct options **out,
                                 struct error *e);

/* name must be in one of the two tables. */
bool options_flag(const struct options *o, const char *name);
const char *options_text(const struct options *o, const char *name); /* NULL when not given */
const char *const *options_list(const struct options *o, const char *name, size_t *n);

const char *const *options_arguments(const struct options *o, size_t *n);

/* "yes", "true", "on", "1" and their opposites.  False where value is neither. */
bool options_parse_bool(const char *value, bool *out);

/* A whole number of seconds from 1 to 3600 in milliseconds, or otherwise_ms where not given. */
enum err options_timeout_ms(const struct options *o, int otherwise_ms, int *out, struct error *e);

#endif
