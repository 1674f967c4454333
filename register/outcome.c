#include "register/outcome.h"

#include <string.h>

#include "base/log.h"
#include "register/choose.h"
#include "register/stamp.h"

enum {
    TSIG_BADSIG = 16, /* RFC 8945 section 3 */
    TSIG_BADKEY = 17,
    TSIG_BADTIME = 18,
};

#define HINT_NOWHERE                                                                               \
    "name the server of that zone with --ptr-server, or remove the record by hand (nsupdate -g)"

static bool is_sent(const struct plan_step *s)
{
    return s->action == REGISTER_ADD || s->action == REGISTER_REFRESH ||
           s->action == REGISTER_DELETE;
}

/* Is what the step wanted so now, as far as is seen?  That a record is not seen was so before. */
static bool holds(const struct plan_step *s, const struct published *after, bool is_done)
{
    const struct published_reverse *r;
    char *name;
    bool is_there;

    if (s->is_unseen && (!is_done || s->is_nowhere))
        return is_done;
    if (s->type == DNS_TYPE_TXT)
        return stamp_holds(s, after);
    if (s->type != DNS_TYPE_PTR && s->is_earlier) {
        const struct published_name *at = published_name_of(after, s->owner);

        return at && at->rcode == DNS_RCODE_NOERROR &&
               !address_is_in(s->ip, at->addresses, at->n_addresses);
    }
    if (s->type != DNS_TYPE_PTR)
        return published_has_address(after, s->ip) == (s->action != REGISTER_DELETE);

    r = published_reverse_of(after, s->ip);
    if (!r || (r->rcode != DNS_RCODE_NOERROR && r->rcode != DNS_RCODE_NXDOMAIN))
        return false;
    /* Data has the final dot, names have not. */
    name = talloc_strndup(NULL, s->data, strlen(s->data) - 1);
    is_there = name && published_names(r, name);
    talloc_free(name);
    return is_there == (s->action != REGISTER_DELETE);
}

static bool update_holds(const struct plan *plan, size_t update, const struct published *after,
                         bool is_done)
{
    for (size_t i = 0; i < plan->n_steps; i++) {
        const struct plan_step *s = &plan->steps[i];

        if (is_sent(s) && plan_step_is_in(plan, s, update) && !holds(s, after, is_done))
            return false;
    }
    return true;
}

static bool is_proven_done(const struct gsstsig_reply *r)
{
    return r->rcode == DNS_RCODE_NOERROR && r->proof != GSSTSIG_PROOF_NONE;
}

static bool is_refusal(int rcode)
{
    return rcode == DNS_RCODE_REFUSED || rcode == DNS_RCODE_NOTAUTH;
}

static bool is_prerequisite(int rcode)
{
    return rcode == DNS_RCODE_YXRRSET || rcode == DNS_RCODE_YXDOMAIN || rcode == DNS_RCODE_NXRRSET;
}

/* What one reply means for its zone; `holds_now`: published is as wanted. */
static enum err judge_reply(const struct gsstsig_reply *r, bool holds_now)
{
    bool is_proven = r->proof != GSSTSIG_PROOF_NONE;

    /* Whoever can forge this answer can forge those that say what is published. */
    if (r->rcode == DNS_RCODE_NOERROR)
        return !is_proven ? ERR_UNVERIFIED : holds_now ? OK : ERR_SERVER;
    if (r->tsig_error == TSIG_BADSIG || r->tsig_error == TSIG_BADKEY ||
        r->tsig_error == TSIG_BADTIME)
        return ERR_AUTH;
    if (is_proven)
        return is_prerequisite(r->rcode) ? ERR_CONFLICT
               : is_refusal(r->rcode)    ? ERR_DENIED
                                         : ERR_SERVER;
    if (holds_now)
        return ERR_PARTIAL;
    if (r->is_echo && is_prerequisite(r->rcode))
        return ERR_CONFLICT;
    /* Samba answers so when the node belongs to another account. */
    if (r->is_echo && (is_refusal(r->rcode) || r->rcode == DNS_RCODE_SERVFAIL))
        return ERR_DENIED;
    return ERR_UNVERIFIED;
}

static char *describe(TALLOC_CTX *mem, const struct plan_step *s, const struct gsstsig_reply *r,
                      enum err code, bool is_there)
{
    const char *unproven = r->proof == GSSTSIG_PROOF_NONE ? " (answer not authenticated)" : "";
    char text[16];

    dns_rcode_name(r->rcode, text);
    if (s->is_nowhere && r->rcode != DNS_RCODE_NOERROR)
        return talloc_asprintf(
            mem, "remembered, but no server is known to have the zone %s: refused with %s%s",
            s->zone, text, unproven);
    if (r->rcode == DNS_RCODE_NOERROR && s->is_unseen)
        return talloc_asprintf(mem, "remembered, and the server says it is deleted%s%s", unproven,
                               *unproven ? "" : ", but it cannot be read whether it is");
    if (r->rcode == DNS_RCODE_NOERROR && is_there)
        return talloc_asprintf(mem,
                               "published as wanted, but the server's answer is not authenticated");
    if (r->rcode == DNS_RCODE_NOERROR)
        return talloc_asprintf(mem, "the server says it is done%s, but it is not published",
                               unproven);
    if (r->tsig_error == TSIG_BADTIME)
        return talloc_asprintf(
            mem, "the server refused the signature: clocks differ by more than 300 s%s", unproven);
    if (code == ERR_AUTH)
        return talloc_asprintf(mem, "the server refused the signature: TSIG error %u%s",
                               r->tsig_error, unproven);
    if (code == ERR_CONFLICT)
        return talloc_asprintf(mem,
                               "somebody else changed the name meanwhile: server refused with %s%s",
                               text, unproven);
    if (code == ERR_PARTIAL)
        return talloc_asprintf(mem, "published, but server refused the refresh with %s%s", text,
                               unproven);
    return talloc_asprintf(mem, "server refused with %s%s", text, unproven);
}

/* Set what became of an update's steps.  With a proven NOERROR only those fail that are not
 * published as wanted. */
static bool settle_update(struct plan *plan, size_t update, const struct gsstsig_reply *r,
                          const struct published *after)
{
    bool is_done = is_proven_done(r);
    enum err code = judge_reply(r, update_holds(plan, update, after, is_done));

    for (size_t i = 0; i < plan->n_steps; i++) {
        struct plan_step *s = &plan->steps[i];

        if (!is_sent(s) || !plan_step_is_in(plan, s, update))
            continue;
        s->is_proven = is_done && holds(s, after, is_done);
        if (code == OK || s->is_proven)
            continue;
        s->detail = describe(plan, s, r, code, holds(s, after, is_done));
        if (!s->detail)
            return false;
        if (s->is_nowhere)
            s->hint = HINT_NOWHERE;
        if (r->tsig_error == TSIG_BADTIME)
            s->hint = "set this machine's clock, then run again";
        s->action = code == ERR_CONFLICT ? REGISTER_CONFLICT : REGISTER_FAILED;
        s->code = code;
        /* Where it is really gone, as the directory may yet tell, nobody needs a warning. */
        if (s->is_unseen)
            log_info("%s: %s", s->owner, s->detail);
        else
            log_warning("%s: %s", s->owner, s->detail);
    }
    return true;
}

/* primary: who should have been asked instead, or NULL. */
static void give_hint(const struct plan_step *s, const char *primary, struct error *problem)
{
    if (s->hint) {
        err_hint(problem, "%s", s->hint);
        return;
    }
    switch (s->code) {
    case ERR_DENIED:
    case ERR_PARTIAL:
        if (primary)
            err_hint(problem,
                     "the zone's primary is %s: try it with --server; or another account owns the "
                     "name, and an administrator has to delete it or grant this host write access",
                     primary);
        else
            err_hint(
                problem,
                "another account may own the name: let an administrator delete it or grant this "
                "host write access");
        break;
    case ERR_CONFLICT:
        err_hint(problem,
                 "let its owner, or an administrator, remove it if it is outdated; then run again");
        break;
    case ERR_UNVERIFIED:
        err_hint(problem, "run again, or try another server with --server");
        break;
    case ERR_AUTH:
        err_hint(problem, "run again; if it stays so, look at the server's log, or try another "
                          "server with --server");
        break;
    default:
        err_hint(problem, "look at the server's log, or try another server with --server");
        break;
    }
}

/* A heartbeat is no address: it makes nobody find the host, and its failure keeps nobody from that.
 */
static bool is_own_name(const struct plan_step *s)
{
    return s->type != DNS_TYPE_PTR && s->type != DNS_TYPE_TXT && !s->is_earlier;
}

/* The own name before PTRs, earlier names last; what is somebody else's before what merely failed.
 */
static int weight(const struct plan_step *s)
{
    return (is_own_name(s) ? 4 : s->is_earlier ? 0 : 2) + (s->code == ERR_CONFLICT);
}

/* That somebody else has what is wanted now will not go away by itself; an earlier name may be
 * another's by now. */
static bool is_lasting(const struct plan_step *s)
{
    return s->code == ERR_CONFLICT && !s->is_earlier;
}

void outcome_sum_up(const struct plan *plan, const char *primary, struct outcome *out)
{
    const struct plan_step *worst = NULL;
    size_t n_good = 0, n_good_own = 0;
    bool is_worst_own;
    char type[16];

    for (size_t i = 0; i < plan->n_steps; i++) {
        const struct plan_step *s = &plan->steps[i];

        /* What is left alone is nothing that was done. */
        if (s->code == OK && s->action == REGISTER_KEEP)
            continue;
        if (s->code == OK) {
            n_good++;
            n_good_own += is_own_name(s);
        } else if (!worst || weight(s) > weight(worst)) {
            worst = s;
        }
    }
    out->code = OK;
    err_clear(&out->problem);
    if (!worst)
        return;
    is_worst_own = is_own_name(worst);
    out->code = worst->code;
    if (!is_lasting(worst) && (is_worst_own ? n_good_own : n_good))
        out->code = ERR_PARTIAL;
    err_set(&out->problem, out->code, "%s %s %s: %s", worst->owner,
            dns_type_name(worst->type, type), worst->data,
            worst->detail ? worst->detail : "failed");
    give_hint(worst, primary, &out->problem);
}

bool outcome_is_published(const struct plan *plan, const struct ip *wanted, size_t n_wanted)
{
    for (size_t i = 0; i < plan->n_steps; i++) {
        const struct plan_step *s = &plan->steps[i];

        if (s->code && is_own_name(s) &&
            (s->type == DNS_TYPE_CNAME || address_is_in(s->ip, wanted, n_wanted)))
            return false;
    }
    return true;
}

static enum register_verified how_verified(const struct plan *plan,
                                           const struct gsstsig_reply *replies,
                                           const struct published *after)
{
    enum register_verified v =
        plan->n_updates ? REGISTER_VERIFIED_STANDARD : REGISTER_VERIFIED_NONE;

    for (size_t i = 0; i < plan->n_updates; i++) {
        enum register_verified of_this = REGISTER_VERIFIED_STANDARD;

        if (replies[i].proof == GSSTSIG_PROOF_LEGACY)
            of_this = REGISTER_VERIFIED_LEGACY;
        else if (replies[i].proof == GSSTSIG_PROOF_NONE)
            of_this = update_holds(plan, i, after, false) ? REGISTER_VERIFIED_QUERY
                                                          : REGISTER_VERIFIED_NONE;
        if (of_this < v)
            v = of_this;
    }
    return v;
}

void outcome_of_plan(const struct plan *plan, struct outcome *out)
{
    *out = (struct outcome){ .verified = REGISTER_VERIFIED_NONE };
    outcome_sum_up(plan, NULL, out);
}

const char *outcome_primary(const struct published *after, const char *server)
{
    return after->mname && strcmp(after->mname, server) != 0 ? after->mname : NULL;
}

enum err outcome_judge(struct plan *plan, const struct gsstsig_reply *replies,
                       const struct published *after, const char *server, struct outcome *out,
                       struct error *e)
{
    struct outcome o = { .verified = how_verified(plan, replies, after) };

    for (size_t i = 0; i < plan->n_updates; i++) {
        if (!settle_update(plan, i, &replies[i], after))
            return err_nomem(e);
    }
    outcome_sum_up(plan, outcome_primary(after, server), &o);
    *out = o;
    return OK;
}
