#include "gss-tsig/keytab_keys.h"

#include <string.h>

#include "gss-tsig/keytab.h"

static enum err add_key(struct keytab_key **keys, TALLOC_CTX *mem, size_t *n,
                        const krb5_keytab_entry *entry, struct error *e)
{
    char name[64] = "unknown";

    *keys = talloc_realloc(mem, *keys, struct keytab_key, *n + 1);
    if (!*keys)
        return err_nomem(e);
    if (krb5_enctype_to_name(entry->key.enctype, false, name, sizeof name) != 0)
        strcpy(name, "unknown");
    (*keys)[*n] = (struct keytab_key){ entry->vno, talloc_strdup(mem, name) };
    return (*keys)[(*n)++].enctype ? OK : err_nomem(e);
}

static enum err walk(TALLOC_CTX *mem, const struct krb5env *env, krb5_keytab keytab,
                     const char *principal, struct keytab_key **keys, size_t *n, struct error *e)
{
    krb5_kt_cursor cursor;
    krb5_error_code code = krb5_kt_start_seq_get(env->ctx, keytab, &cursor);
    enum err rc = OK;

    if (code)
        return krb5env_error(env, code, e, "cannot read the keytab");
    while (!rc) {
        krb5_keytab_entry entry;
        char *text;

        code = krb5_kt_next_entry(env->ctx, keytab, &entry, &cursor);
        if (code)
            break;
        text = krb5env_principal_text(mem, env, entry.principal);
        if (!text)
            rc = err_nomem(e);
        else if (strcmp(text, principal) == 0)
            rc = add_key(keys, mem, n, &entry, e);
        krb5_free_keytab_entry_contents(env->ctx, &entry);
    }
    krb5_kt_end_seq_get(env->ctx, keytab, &cursor);
    if (!rc && code != KRB5_KT_END)
        rc = krb5env_error(env, code, e, "cannot read the keytab");
    return rc;
}

enum err keytab_keys(TALLOC_CTX *mem, const char *keytab, const char *principal,
                     struct keytab_key **out, size_t *n, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct keytab_key *keys = NULL;
    struct krb5env *env;
    krb5_keytab handle;
    size_t count = 0;
    TALLOC_CTX *open = NULL;
    enum err rc = krb5env_new(tmp, NULL, NULL, 0, &env, e);

    if (rc)
        goto done;
    open = talloc_new(NULL);
    if (!open) {
        rc = err_nomem(e);
        goto done;
    }
    if ((rc = keytab_open(open, env, keytab, &handle, e)) ||
        (rc = walk(tmp, env, handle, principal, &keys, &count, e)))
        goto done;
    if (!keys)
        keys = talloc_array(tmp, struct keytab_key, 0);
    for (size_t i = 0; i < count; i++)
        talloc_steal(keys, keys[i].enctype);
    *n = count;
    *out = talloc_steal(mem, keys);
done:
    talloc_free(open); /* before the context that it was opened with */
    talloc_free(tmp);
    return rc;
}
