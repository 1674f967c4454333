#include "gss-tsig/obtain.h"

#include <errno.h>

#include "base/bytes.h"
#include "gss-tsig/kdc_answer.h"

/* One exchange after the other: libkrb5 has limits of its own, for a KDC that never comes to an
 * end there is this one. */
#define EXCHANGES_MAX 64

/* What libkrb5 is in the middle of; one of the two is set. */
struct conversation {
    krb5_init_creds_context initial;
    krb5_tkt_creds_context service;
    const krb5_data *home; /* the realm whose first "no such service" is believed; NULL: nobody's */
};

static krb5_error_code step(krb5_context ctx, const struct conversation *c, krb5_data *answer,
                            krb5_data *request, krb5_data *realm, bool *has_more)
{
    unsigned flags = 0;
    krb5_error_code code;

    if (c->initial) {
        code = krb5_init_creds_step(ctx, c->initial, answer, request, realm, &flags);
        *has_more = flags & KRB5_INIT_CREDS_STEP_FLAG_CONTINUE;
    } else {
        code = krb5_tkt_creds_step(ctx, c->service, answer, request, realm, &flags);
        *has_more = flags & KRB5_TKT_CREDS_STEP_FLAG_CONTINUE;
    }
    return code;
}

static struct bytes view(const krb5_data *d)
{
    return (struct bytes){ (const uint8_t *)d->data, d->length };
}

static bool is_at_home(const struct conversation *c, const krb5_data *realm)
{
    return c->home && bytes_equal(view(c->home), view(realm));
}

static krb5_error_code converse(struct krb5env *env, const struct conversation *c)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    krb5_data answer = { 0 };
    krb5_error_code code = 0;
    bool has_more = true;

    err_clear(&env->unreachable);
    for (int i = 0; !code && has_more; i++) {
        krb5_data request = { 0 }, realm = { 0 };
        struct bytes said;

        if (i == EXCHANGES_MAX) {
            code = KRB5_GET_IN_TKT_LOOP;
            break;
        }
        code = step(env->ctx, c, &answer, &request, &realm, &has_more);
        if (!code && has_more) {
            if (kdc_route_ask(tmp, env->route, view(&realm), view(&request), &said,
                              &env->unreachable))
                code = env->unreachable.code == ERR_NOMEM ? ENOMEM : KRB5_KDC_UNREACH;
            else if (is_at_home(c, &realm) && kdc_answer_is_unknown_service(env->ctx, said))
                code = KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN;
            else
                answer = (krb5_data){ .length = (unsigned)said.len,
                                      .data = (char *)(uintptr_t)said.data };
        }
        krb5_free_data_contents(env->ctx, &request);
        krb5_free_data_contents(env->ctx, &realm);
    }
    talloc_free(tmp);
    return code;
}

krb5_error_code obtain_initial(struct krb5env *env, krb5_principal client, krb5_keytab keytab,
                               krb5_get_init_creds_opt *options, int64_t *end_s)
{
    struct conversation c = { 0 };
    krb5_ticket_times times;
    krb5_error_code code =
        krb5_init_creds_init(env->ctx, client, NULL, NULL, 0, options, &c.initial);

    if (!code)
        code = krb5_init_creds_set_keytab(env->ctx, c.initial, keytab);
    if (!code)
        code = converse(env, &c);
    if (!code)
        code = krb5_init_creds_get_times(env->ctx, c.initial, &times);
    if (!code)
        *end_s = (int64_t)(uint32_t)times.endtime;
    krb5_init_creds_free(env->ctx, c.initial);
    return code;
}

/* The realm in the ticket itself: what a cache has it under is what was asked for. */
static krb5_error_code issuer_of(TALLOC_CTX *mem, krb5_context ctx, krb5_tkt_creds_context service,
                                 char **realm)
{
    krb5_ticket *ticket = NULL;
    krb5_creds got = { 0 };
    krb5_error_code code = krb5_tkt_creds_get_creds(ctx, service, &got);

    if (!code)
        code = krb5_decode_ticket(&got.ticket, &ticket);
    if (!code) {
        const krb5_data *issuer = &ticket->server->realm;

        *realm = talloc_strndup(mem, issuer->data, issuer->length);
        code = *realm ? 0 : ENOMEM;
    }
    krb5_free_ticket(ctx, ticket);
    krb5_free_cred_contents(ctx, &got);
    return code;
}

krb5_error_code obtain_service(TALLOC_CTX *mem, struct krb5env *env, krb5_ccache cache,
                               krb5_principal client, krb5_principal server, char **realm)
{
    krb5_creds wanted = { .client = client, .server = server };
    struct conversation c = { .home = realm ? &server->realm : NULL };
    krb5_error_code code = krb5_tkt_creds_init(env->ctx, cache, &wanted, 0, &c.service);

    if (!code)
        code = converse(env, &c);
    if (!code && realm)
        code = issuer_of(mem, env->ctx, c.service, realm);
    krb5_tkt_creds_free(env->ctx, c.service);
    return code;
}
