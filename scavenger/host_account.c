#include "scavenger/host_account.h"

#include <string.h>

/* What a NetBIOS name has room for. */
#define ACCOUNT_NAME_MAX 15

/* The best of the accounts of a name, if it is better than *best. */
static void look(struct computers *all, const char *name, const struct computer **best)
{
    size_t n, first = computers_find(all, name, &n);

    for (size_t i = 0; i < n; i++) {
        const struct computer *one = computers_named(all, first + i);

        if (!*best || ((*best)->is_disabled && !one->is_disabled))
            *best = one;
    }
}

enum err host_account(TALLOC_CTX *mem, struct computers *all, const char *domain, const char *host,
                      enum account_state *state, const char **detail, struct error *e)
{
    size_t len = strcspn(host, ".");
    int cut = len > ACCOUNT_NAME_MAX ? ACCOUNT_NAME_MAX : (int)len;
    char *whole = talloc_asprintf(NULL, "%.*s.%s", (int)len, host, domain);
    char *shortened = talloc_asprintf(whole, "%.*s.%s", cut, host, domain);
    const struct computer *best = NULL;
    char *text;

    if (!whole || !shortened) {
        talloc_free(whole);
        return err_nomem(e);
    }
    look(all, host, &best);
    look(all, whole, &best);
    look(all, shortened, &best);
    talloc_free(whole);
    text = best ? talloc_asprintf(mem, "computer account %s%s", computer_account(all, best),
                                  best->is_disabled ? " is disabled" : "")
                : talloc_asprintf(mem, "no computer account has the name %s", host);
    if (!text)
        return err_nomem(e);
    *state = !best ? ACCOUNT_NONE : best->is_disabled ? ACCOUNT_DISABLED : ACCOUNT_THERE;
    *detail = text;
    return OK;
}
