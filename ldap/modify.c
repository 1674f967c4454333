#include "ldap/modify.h"

#include <string.h>

#include "base/log.h"
#include "base/own.h"
#include "ldap/nodes.h"

static bool add_values(TALLOC_CTX *mem, LDAPMod **mods, int op, const char *attribute,
                       const struct bytes *values, size_t n)
{
    struct berval *bv = talloc_array(mem, struct berval, n);
    struct berval **list = talloc_zero_array(mem, struct berval *, n + 1);
    LDAPMod *mod = talloc_zero(mem, LDAPMod);

    while (*mods)
        mods++;
    if (!bv || !list || !mod)
        return false;
    for (size_t i = 0; i < n; i++) {
        bv[i] = (struct berval){ values[i].len, (char *)values[i].data };
        list[i] = &bv[i];
    }
    mod->mod_op = op | LDAP_MOD_BVALUES;
    mod->mod_type = (char *)attribute;
    mod->mod_bvalues = list;
    *mods = mod;
    return true;
}

/* NULL without memory. */
static LDAPMod **make_mods(TALLOC_CTX *mem, const struct modify *m)
{
    LDAPMod **mods = talloc_zero_array(mem, LDAPMod *, 4);

    if (!mods)
        return NULL;
    if (m->n_old > 0 && !add_values(mods, mods, LDAP_MOD_DELETE, m->attribute, m->old, m->n_old))
        return NULL;
    if (m->n_new > 0 && !add_values(mods, mods, LDAP_MOD_ADD, m->attribute, m->new, m->n_new))
        return NULL;
    if (m->replace) {
        struct bytes value = { (const uint8_t *)m->value, strlen(m->value) };

        if (!add_values(mods, mods, LDAP_MOD_REPLACE, m->replace, &value, 1))
            return NULL;
    }
    return mods;
}

static enum err modify_error(struct directory *d, const struct modify *m, int ldap_rc,
                             struct error *e)
{
    switch (ldap_rc) {
    case LDAP_NO_SUCH_ATTRIBUTE:
    case LDAP_TYPE_OR_VALUE_EXISTS:
        err_set(e, ERR_CHANGED,
                "%s: its %s values changed after they were read; nothing was written", m->dn,
                m->attribute);
        err_hint(e, "run again, so that the values of now are judged");
        return ERR_CHANGED;
    case LDAP_TIMEOUT:
    case LDAP_SERVER_DOWN:
    case LDAP_CONNECT_ERROR:
    case LDAP_DECODING_ERROR:
        err_set(e, ERR_UNREACHABLE, "%s: %s after the change was sent: its outcome is unknown",
                m->dn, ldap_rc == LDAP_TIMEOUT ? "no answer in time" : "the connection was lost");
        err_hint(e, "read the object again before anything else is done to it");
        return ERR_UNREACHABLE;
    case LDAP_INSUFFICIENT_ACCESS:
        directory_error(d, ldap_rc, e, "%s: modify", m->dn);
        err_hint(e, "run as an account that may write there (DnsAdmins, or the object's owner)");
        return ERR_DENIED;
    default:
        return directory_error(d, ldap_rc, e, "%s: modify", m->dn);
    }
}

static void free_message(void *message) { ldap_msgfree(message); }

/* LDAP result code of the answer to msgid, LDAP_TIMEOUT or what happened to the connection. */
static int await_result(TALLOC_CTX *mem, struct directory *d, int msgid)
{
    int timeout_ms = directory_timeout_ms(d), type, result = LDAP_OTHER, ldap_rc;
    struct timeval wait = { timeout_ms / 1000, timeout_ms % 1000 * 1000 };
    LDAP *ld = directory_handle(d);
    LDAPMessage *message = NULL;

    type = ldap_result(ld, msgid, LDAP_MSG_ALL, &wait, &message);
    if (type == 0) {
        ldap_abandon_ext(ld, msgid, NULL, NULL);
        return LDAP_TIMEOUT;
    }
    if (type < 0)
        return LDAP_SERVER_DOWN;
    if (!own(mem, message, free_message))
        return LDAP_DECODING_ERROR;
    ldap_rc = ldap_parse_result(ld, message, &result, NULL, NULL, NULL, NULL, 0);
    return ldap_rc == LDAP_SUCCESS ? result : ldap_rc;
}

enum err directory_modify(struct directory *d, const struct modify *m, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    LDAPMod **mods = tmp ? make_mods(tmp, m) : NULL;
    int msgid = 0, ldap_rc;
    enum err rc = OK;

    if (!mods) {
        rc = err_nomem(e);
        goto done;
    }
    if ((rc = directory_check(d, e)) != OK)
        goto done;
    ldap_rc = ldap_modify_ext(directory_handle(d), m->dn, mods, NULL, NULL, &msgid);
    if (ldap_rc == LDAP_SUCCESS)
        ldap_rc = await_result(tmp, d, msgid);
    log_debug("modify %s: %zu values out, %zu in: %s", m->dn, m->n_old, m->n_new,
              ldap_err2string(ldap_rc));
    if (ldap_rc != LDAP_SUCCESS)
        rc = modify_error(d, m, ldap_rc, e);
done:
    talloc_free(tmp);
    return rc;
}

enum err node_swap(struct directory *d, const struct node_change *change, struct error *e)
{
    const struct modify m = {
        .dn = change->dn,
        .attribute = "dnsRecord",
        .old = change->old,
        .n_old = change->n_old,
        .new = change->new,
        .n_new = change->n_new,
        .replace = "dNSTombstoned",
        .value = change->is_tombstoned ? "TRUE" : "FALSE",
    };

    return directory_modify(d, &m, e);
}
