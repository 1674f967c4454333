/*
 * Files that people write: muster.conf, for two of the commands, the sssd.conf that doctor looks
 * at, a key for transfers.
 */
#include "cmd/command.h"
#include "cmd/config.h"
#include "cmd/doctor_sssd.h"
#include "gss-tsig/hmac.h"
#include "tests/fuzz/fuzz.h"

static void check_config(TALLOC_CTX *mem, const struct command *command, const char *text)
{
    char name[16], *argv[] = { name, NULL };
    struct options *o, *again;
    struct options *const *named;
    struct error e = { 0 };
    size_t n;
    int ms;
    enum err rc;

    strcpy(name, command->name);
    must_hold(options_parse(mem, command, 1, argv, &o, &e) == OK);
    rc = config_parse(text, "muster.conf", o, &e);
    must_say(rc, &e);
    if (rc != OK) {
        must_hold(rc == ERR_CONFIG && strstr(e.message, "muster.conf"));
        return;
    }
    named = options_sections(o, &n);
    for (size_t i = 0; i < n; i++) {
        const char *section = options_section_name(named[i]);

        must_hold(section && section[0] && strlen(section) <= OPTIONS_SECTION_NAME_MAX &&
                  !strpbrk(section, "/."));
        options_text(named[i], "domain");
    }
    options_text(o, "domain");
    options_timeout_ms(o, 1000, &ms, &e);
    must_hold(options_of_command_line(mem, o, &again, &e) == OK);
    must_hold(config_parse(text, "muster.conf", again, &e) == OK);
}

/* Read a second time nothing is another's, nor another thing. */
static void check_sssd(TALLOC_CTX *mem, struct bytes in)
{
    struct sssd_config *c = sssd_config_new(mem);
    struct sssd_updating first, again;

    must_hold(c);
    sssd_config_updating(c, &first);
    must_hold(!first.domain && !first.file);
    sssd_config_add(c, "sssd.conf", in);
    sssd_config_updating(c, &first);
    must_hold(!first.domain == !first.file);
    must_hold(!first.domain || memmem(in.data, in.len, first.domain, strlen(first.domain)));
    sssd_config_add(c, "conf.d/x.conf", in);
    sssd_config_updating(c, &again);
    must_hold(!first.domain == !again.domain);
    must_hold(!first.domain || strcmp(first.domain, again.domain) == 0);
}

static void check_key(TALLOC_CTX *mem, struct bytes in)
{
    struct tsig_signer *signer;
    struct bytes mac;
    struct error e = { 0 };
    enum err rc = hmac_key_parse(mem, in, "transfer.key", &signer, &e);

    must_say(rc, &e);
    must_hold(rc == OK || rc == ERR_CONFIG);
    if (rc != OK)
        return;
    must_hold(signer->key.len > 0 && signer->algorithm.len > 0);
    must_hold(signer->make(signer->priv, mem, in, &mac, &e) == OK);
    must_hold(signer->verify(signer->priv, in, mac));
    must_hold(!signer->verify(signer->priv, (struct bytes){ in.data, in.len - 1 }, mac));
}

static void one(TALLOC_CTX *mem, struct bytes in)
{
    char *text = fuzz_text(mem, in);

    check_config(mem, &command_register, text);
    check_config(mem, &command_scavenge, text);
    check_sssd(mem, in);
    check_key(mem, in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return fuzz_run(data, size, one); }
