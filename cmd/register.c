/* muster register and muster unregister: this host signs in, or signs off. */
#include "cmd/register.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/output.h"
#include "cmd/register_options.h"
#include "cmd/same_name.h"
#include "cmd/sections.h"
#include "cmd/session.h"
#include "dns/name.h"
#include "dns/rr.h"
#include "register/answer.h"

static enum err read_ttl(const struct context *ctx, uint32_t *out, struct error *e)
{
    const char *text = options_text(ctx->options, "ttl");
    unsigned long ttl;
    char *end;

    if (!text)
        return OK;
    errno = 0;
    ttl = strtoul(text, &end, 10);
    /* RFC 2181 section 8: a TTL has 31 bits. */
    if (errno || end == text || *end || text[0] == '-' || ttl > 0x7fffffff) {
        err_set(e, ERR_USAGE, "--ttl %s: not a number of seconds", text);
        return err_hint(e, "Windows uses 1200");
    }
    *out = (uint32_t)ttl;
    return OK;
}

static enum err read_addresses(const struct context *ctx, struct register_options *o,
                               struct error *e)
{
    const char *const *texts = options_list(ctx->options, "address", &o->n_addresses);
    struct ip *addresses = talloc_array(ctx->mem, struct ip, o->n_addresses);

    if (!addresses)
        return err_nomem(e);
    for (size_t i = 0; i < o->n_addresses; i++) {
        if (!ip_parse(texts[i], &addresses[i]))
            return err_set(e, ERR_USAGE, "--address %s: not an IPv4 or IPv6 address", texts[i]);
    }
    o->addresses = addresses;
    return OK;
}

static enum err read_exclude(const struct context *ctx, struct register_options *o, struct error *e)
{
    const char *const *texts = options_list(ctx->options, "exclude", &o->n_exclude);
    struct ip_net *nets = talloc_array(ctx->mem, struct ip_net, o->n_exclude);

    if (!nets)
        return err_nomem(e);
    for (size_t i = 0; i < o->n_exclude; i++) {
        if (!ip_parse_net(texts[i], &nets[i].net, &nets[i].prefix)) {
            err_set(e, ERR_USAGE, "--exclude %s: not an address or network", texts[i]);
            return err_hint(e, "write 10.0.0.0/8 or fd00::/8");
        }
    }
    o->exclude = nets;
    return OK;
}

static enum err read_ptr(const struct context *ctx, struct register_options *o, struct error *e)
{
    const char *text = options_text(ctx->options, "ptr");

    if (text && strcmp(text, "auto") != 0 && strcmp(text, "off") != 0)
        return err_set(e, ERR_USAGE, "--ptr %s: neither auto nor off", text);
    o->with_ptr = !text || strcmp(text, "off") != 0;
    return OK;
}

static enum err read_ula(const struct context *ctx, struct register_options *o, struct error *e)
{
    const char *text = options_text(ctx->options, "ula");
    bool is_wanted = true;

    if (text && !options_parse_bool(text, &is_wanted))
        return err_set(e, ERR_USAGE, "--ula %s: neither yes nor no", text);
    o->without_ula = !is_wanted;
    return OK;
}

/* The sections beside this one; with a single registration none. */
static enum err read_siblings(const struct context *ctx, struct register_options *o,
                              struct error *e)
{
    size_t n;
    struct options *const *all = options_all_sections(ctx->options, &n);
    struct register_sibling *siblings = talloc_array(ctx->mem, struct register_sibling, n);

    if (!siblings)
        return err_nomem(e);
    for (size_t i = 0; i < n; i++) {
        if (all[i] != ctx->options)
            siblings[o->n_siblings++] = (struct register_sibling){
                .hostname = options_text(all[i], "hostname"),
                .domain = options_text(all[i], "domain"),
                .keytab = options_text(all[i], "keytab"),
                .principal = options_text(all[i], "principal"),
            };
    }
    o->siblings = siblings;
    return OK;
}

static enum err check_ptr_servers(const struct register_options *o, struct error *e)
{
    for (size_t i = 0; i < o->n_ptr_servers; i++) {
        const char *given = o->ptr_servers[i];
        struct ip unused;
        char *name = NULL;
        bool is_name = !ip_parse(given, &unused) &&
                       dns_name_normalise(NULL, given, &name, NULL) == OK && strchr(name, '.') &&
                       !strchr(name, '\\');

        talloc_free(name);
        if (!is_name) {
            err_set(e, ERR_USAGE, "--ptr-server %s: not the full name of a server", given);
            return err_hint(e, "Kerberos knows servers by name: ns1.example.com");
        }
    }
    return OK;
}

enum err register_options_read(const struct context *ctx, struct register_options *o,
                               struct error *e)
{
    const char *keytab = options_text(ctx->options, "keytab");
    enum err rc;

    *o = register_options_default();
    o->hostname = options_text(ctx->options, "hostname");
    o->domain = options_text(ctx->options, "domain");
    o->server = options_text(ctx->options, "server");
    o->site = options_text(ctx->options, "site");
    o->interfaces = options_list(ctx->options, "interface", &o->n_interfaces);
    o->principal = options_text(ctx->options, "principal");
    o->ptr_servers = options_list(ctx->options, "ptr-server", &o->n_ptr_servers);
    o->address_command = options_text(ctx->options, "address-command");
    o->with_stamp = options_flag(ctx->options, "stamp");
    o->state_dir = session_state_dir(ctx);
    o->section = options_section_name(ctx->options);
    if (keytab)
        o->keytab = keytab;
    if ((rc = check_ptr_servers(o, e)) || (rc = read_addresses(ctx, o, e)) ||
        (rc = read_exclude(ctx, o, e)) || (rc = read_ptr(ctx, o, e)) ||
        (rc = read_ula(ctx, o, e)) || (rc = read_siblings(ctx, o, e)))
        return rc;
    return options_timeout_ms(ctx->options, o->timeout_ms, &o->timeout_ms, e);
}

static enum err read_interval(const struct context *ctx, int *out, struct error *e)
{
    const char *text = options_text(ctx->options, "address-command-interval");
    unsigned long seconds;
    char *end;

    *out = ANSWER_INTERVAL_S;
    if (!text)
        return OK;
    errno = 0;
    seconds = strtoul(text, &end, 10);
    if (errno || end == text || *end || text[0] == '-' || seconds < 1 || seconds > 86400)
        return err_set(e, ERR_USAGE,
                       "--address-command-interval %s: not a number of seconds from 1 to 86400",
                       text);
    *out = (int)seconds;
    return OK;
}

static enum err read_options(const struct context *ctx, struct register_options *o, struct error *e)
{
    enum err rc = register_options_read(ctx, o, e);

    if (rc)
        return rc;
    o->is_dry_run = options_flag(ctx->options, "dry-run");
    return read_ttl(ctx, &o->ttl_s, e);
}

static json_t *records_json(const struct register_report *r)
{
    json_t *records = json_array();

    for (size_t i = 0; records && i < r->n_records; i++) {
        const struct register_record *one = &r->records[i];
        char type[16];

        if (json_array_append_new(records, json_pack("{s:o, s:o, s:s, s:o, s:s, s:o}", "zone",
                                                     output_json_text(one->zone), "name",
                                                     output_json_text(one->name), "type",
                                                     dns_type_name(one->type, type), "data",
                                                     output_json_text(one->data), "action",
                                                     register_action_name(one->action), "detail",
                                                     output_json_text(one->detail))) != 0) {
            json_decref(records);
            return NULL;
        }
    }
    return records;
}

static json_t *report_json(const struct register_report *r)
{
    char address[IP_TEXT_MAX];
    json_t *json =
        json_pack("{s:o, s:o, s:{s:o, s:s, s:o, s:o}, s:o, s:s, s:i, s:b, s:i}", "hostname",
                  output_json_text(r->hostname), "domain", output_json_text(r->domain), "server",
                  "name", output_json_text(r->server.name), "address",
                  ip_format(r->server.address, address), "site", output_json_text(r->server.site),
                  "kind", output_json_text(r->server.kind), "records", records_json(r), "verified",
                  register_verified_name(r->verified), "round_trips", (int)r->round_trips,
                  "dry_run", r->is_dry_run, "exit", err_exit_code(r->outcome));

    if (json && r->outcome != OK &&
        json_object_set_new(json, "error",
                            json_pack("{s:s, s:i, s:o, s:o}", "code", err_name(r->outcome), "exit",
                                      err_exit_code(r->outcome), "message",
                                      output_json_text(r->problem.message), "hint",
                                      output_json_text(r->problem.hint[0] ? r->problem.hint
                                                                          : NULL))) != 0) {
        json_decref(json);
        return NULL;
    }
    return json;
}

/* The action in words that fit what happened, or would happen. */
static const char *action_words(const struct register_report *r, enum register_action a)
{
    switch (a) {
    case REGISTER_ADD:
        return r->is_dry_run ? "would add" : "added";
    case REGISTER_DELETE:
        return r->is_dry_run ? "would delete" : "deleted";
    case REGISTER_REFRESH:
        return r->is_dry_run ? "would refresh" : "unchanged";
    case REGISTER_KEEP:
        return "kept";
    case REGISTER_CONFLICT:
        return "conflict";
    case REGISTER_FAILED:
        return "failed";
    }
    return "?";
}

static void report_text(TALLOC_CTX *mem, const struct register_report *r)
{
    static const char *const headings[] = { "RESULT", "NAME", "TYPE", "DATA", "DETAIL" };
    struct table *t = table_new(mem, headings, 5);
    char address[IP_TEXT_MAX];

    printf("%s at %s (%s)\n", output_safe(mem, r->hostname), output_safe(mem, r->server.name),
           ip_format(r->server.address, address));
    for (size_t i = 0; i < r->n_records; i++) {
        const struct register_record *one = &r->records[i];
        const char *name = strcmp(one->name, "@") == 0
                               ? one->zone
                               : talloc_asprintf(mem, "%s.%s", one->name, one->zone);
        char type[16];
        const char *cells[] = { action_words(r, one->action), name ? name : one->name,
                                dns_type_name(one->type, type), one->data,
                                one->detail ? one->detail : "" };

        table_row(t, cells);
    }
    if (r->n_records)
        table_print(t, "  ");
    else
        puts("  nothing to do");
}

enum err registrations_read(TALLOC_CTX *mem, const struct context *ctx, struct registration **out,
                            size_t *n_out, struct error *e)
{
    struct context of_section = *ctx;
    struct registration *all;
    size_t n;
    struct options *const *sections = options_sections(ctx->options, &n);
    enum err rc = same_name_refuse(ctx, e);

    if (rc)
        return rc;
    of_section.mem = mem;
    all = talloc_zero_array(mem, struct registration, n ? n : 1);
    if (!all)
        return err_nomem(e);
    for (size_t i = 0; !rc && i < (n ? n : 1); i++) {
        struct registration *r = &all[i];

        of_section.options = n ? sections[i] : ctx->options;
        if (!(rc = read_options(&of_section, &r->options, e)))
            rc = read_interval(&of_section, &r->address_command_interval_s, e);
        r->section = options_section_name(of_section.options);
        r->unregister_on_stop = options_flag(of_section.options, "unregister-on-stop");
        if (rc && r->section)
            err_prefix(e, "section [register %s]", r->section);
    }
    *n_out = n ? n : 1;
    *out = all;
    return rc;
}

enum err registration_print(struct context *ctx, const struct registration *r, enum err rc,
                            const struct register_report *report, struct error *e)
{
    enum err printing = OK;

    if (ctx->is_json) {
        json_t *json = rc ? json_pack("{s:o}", "error", output_json_error(e)) : report_json(report);

        printing = sections_print_json(r->section, json, e);
        ctx->has_reported = true;
    } else if (!rc) {
        if (r->section)
            printf("[%s] ", r->section);
        report_text(ctx->mem, report);
    }
    if (rc || printing)
        return rc ? rc : printing;
    if (report->outcome)
        *e = report->problem;
    return report->outcome;
}

typedef enum err registration_run(TALLOC_CTX *mem, const struct register_options *opt,
                                  struct tickets *kept, struct register_report **out,
                                  struct error *e);

static enum err run_one(struct context *ctx, registration_run *run, struct error *e)
{
    struct registration r = { .section = options_section_name(ctx->options) };
    struct register_report *report;
    enum err rc;

    if ((rc = read_options(ctx, &r.options, e)) ||
        (rc = run(ctx->mem, &r.options, NULL, &report, e)))
        return rc;
    return registration_print(ctx, &r, OK, report, e);
}

static enum err register_one(struct context *ctx, struct error *e)
{
    return run_one(ctx, register_run, e);
}

static enum err unregister_one(struct context *ctx, struct error *e)
{
    return run_one(ctx, unregister_run, e);
}

static enum err run_register(struct context *ctx, struct error *e)
{
    if (!options_flag(ctx->options, "watch"))
        return sections_run(ctx, register_one, e);
    if (options_flag(ctx->options, "dry-run"))
        return err_set(e, ERR_USAGE, "--watch and --dry-run exclude each other");
    return watch_registrations(ctx, e);
}

static enum err run_unregister(struct context *ctx, struct error *e)
{
    if (options_flag(ctx->options, "watch"))
        return err_set(e, ERR_USAGE, "--watch is for register, not for unregister");
    return sections_run(ctx, unregister_one, e);
}

static const struct option_spec options_table[] = {
    REGISTER_OPTIONS,
    { "ttl", OPTION_TEXT, "SEC", "time to live of the records (default: 1200)", "register", NULL },
    { "dry-run", OPTION_FLAG, NULL, "show what would change and send no update", NULL, NULL },
    { "watch", OPTION_FLAG, NULL, "stay, and register again when something changes and once a day",
      NULL, NULL },
    { "address-command-interval", OPTION_TEXT, "SEC",
      "with --watch: run the address command so often (default: 300)", "register", NULL },
    { "unregister-on-stop", OPTION_FLAG, NULL, "with --watch: unregister when a signal ends it",
      "register", NULL },
    { NULL, OPTION_FLAG, NULL, NULL, NULL, NULL },
};

const struct command command_register = {
    .name = "register",
    .arguments = "",
    .summary = "Publish this host's A, AAAA and PTR records.",
    .options = options_table,
    .run = run_register,
};

const struct command command_unregister = {
    .name = "unregister",
    .arguments = "",
    .summary = "Remove the records that this host registered, and nothing else.",
    .options = options_table,
    .run = run_unregister,
};
