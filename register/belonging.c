#include "register/belonging.h"

#include <ctype.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "register/recall.h"

#define ID_LEN 32

char *belonging_machine_id(TALLOC_CTX *mem, const char *path)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct bytes content;
    size_t len = 0;
    char *id = NULL;

    /* An image that is yet to be started has none, or "uninitialized". */
    if (file_read(tmp, path, 4096, &content, NULL) == OK) {
        while (len < content.len && isxdigit(content.data[len]))
            len++;
        if (len == ID_LEN)
            id = talloc_strndup(mem, (const char *)content.data, len);
    }
    talloc_free(tmp);
    return id;
}

static bool is_other(const char *a, const char *b) { return a && b && strcmp(a, b) != 0; }

bool belonging_is_anothers(const struct memory *m, const char *machine, const char *principal)
{
    return is_other(m->machine, machine) && is_other(m->principal, principal);
}

static enum err begin_anew(TALLOC_CTX *mem, const struct register_options *opt, struct memory **m,
                           bool *may_save, struct error *e)
{
    log_warning(
        "what is remembered in %s is of another host (%s, on another machine): nothing of it "
        "is touched",
        opt->state_dir, (*m)->principal);
    if (!opt->is_dry_run)
        *may_save = recall_put_aside(opt);
    *m = talloc_zero(mem, struct memory);
    return *m ? OK : err_nomem(e);
}

static bool is_of_a_sibling(const struct memory *m, const struct siblings *siblings)
{
    for (size_t i = 0; siblings && i < siblings->n; i++) {
        if (memory_knows_name(m, siblings->names[i]))
            return true;
    }
    return false;
}

static void tell_stranded(const struct register_options *opt, const struct memory *old)
{
    log_warning("%s/registered.json has %zu records that were registered without a section, and no "
                "section is for their name: to remove them, run `touch /run/muster.conf; muster "
                "unregister --config /run/muster.conf --state-dir %s`",
                opt->state_dir, old->n_records, opt->state_dir);
}

static bool add_all(struct memory *m, const struct memory *old)
{
    for (size_t i = 0; i < old->n_records; i++) {
        const struct memory_record *r = &old->records[i];

        if (!memory_has(m, r->name, r->type, r->data) && !memory_remember(m, *r))
            return false;
    }
    return true;
}

/* In the new place before it leaves the old one: what is in both is taken over once more.  False:
 * it is not in the new place. */
static bool move_file(const struct register_options *opt, const struct memory *m)
{
    struct error why = { 0 };
    bool is_written = memory_write(opt->state_dir, opt->section, m, &why) == OK;

    if (!is_written || memory_drop(opt->state_dir, NULL, &why))
        log_warning("what was registered without a section cannot be moved: %s", why.message);
    return is_written;
}

static enum err take_over(const struct register_options *opt, const char *fqdn,
                          const struct siblings *siblings, bool may_save, struct memory *m,
                          struct memory **on_disk, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct memory *old;
    enum err rc = memory_read(tmp, opt->state_dir, NULL, &old, NULL);

    /* One that cannot be read is nobody's any more. */
    if (rc || !old->n_records || belonging_is_anothers(old, m->machine, m->principal)) {
        rc = rc == ERR_NOMEM ? err_nomem(e) : OK;
    } else if (!memory_knows_name(old, fqdn)) {
        if (!is_of_a_sibling(old, siblings))
            tell_stranded(opt, old);
    } else if (!add_all(m, old)) {
        rc = err_nomem(e);
    } else {
        log_info("%s was registered without a section: section %s takes over %zu records", fqdn,
                 opt->section, old->n_records);
        if (!opt->is_dry_run && may_save && move_file(opt, m))
            *on_disk = m;
    }
    talloc_free(tmp);
    return rc;
}

enum err belonging_settle(TALLOC_CTX *mem, const struct register_options *opt,
                          const struct host *host, const struct siblings *siblings,
                          const char *machine, struct memory **m, struct memory **on_disk,
                          bool *may_save, struct error *e)
{
    struct memory *own;
    enum err rc;

    if (belonging_is_anothers(*m, machine, host->principal)) {
        if ((rc = begin_anew(mem, opt, m, may_save, e)))
            return rc;
        *on_disk = *m;
    }
    own = memory_copy(mem, *m);
    if (!own)
        return err_nomem(e);
    own->principal = talloc_strdup(own, host->principal);
    /* A copy may run under the old account for a while before it is joined anew: what another
     * machine registered stays that one's. */
    if (machine && (!own->machine || !own->n_records))
        own->machine = talloc_strdup(own, machine);
    if (!own->principal || (machine && !own->machine))
        return err_nomem(e);
    rc = opt->section ? take_over(opt, host->fqdn, siblings, *may_save, own, on_disk, e) : OK;
    if (!rc)
        *m = own;
    return rc;
}
