/* Reverse zones that the server in use does not have: where they are, and what is there. */
#include "cmd/doctor.h"
#include "register/primaries.h"

static enum err survey(struct doctor *doc, struct error *e)
{
    struct memory *none = talloc_zero(doc->mem, struct memory);
    const struct plan_input in = {
        .published = doc->published,
        .memory = doc->memory ? doc->memory : none,
        .wanted = doc->wanted,
        .n_wanted = doc->n_wanted,
        .with_ptr = doc->opt.with_ptr,
    };

    if (doc->elsewhere)
        return OK;
    return none ? primaries_survey(doc->mem, &doc->opt, &doc->host, &doc->contact, NULL, &in,
                                   deadline_in(doc->opt.timeout_ms), &doc->elsewhere, e)
                : err_nomem(e);
}

static const struct plan_failure *failure_of(const struct primaries *all,
                                             const struct published_reverse *r)
{
    for (size_t i = 0; i < all->n_failures; i++) {
        if (all->failures[i].reverse == r)
            return &all->failures[i];
    }
    return NULL;
}

static const struct published_reverse *read_elsewhere(const struct primaries *all, struct ip ip)
{
    for (size_t i = 0; i < all->n; i++) {
        const struct published *p = all->list[i].published;
        const struct published_reverse *r = p ? published_reverse_of(p, ip) : NULL;

        if (r && r->zone)
            return r;
    }
    return NULL;
}

const struct published_reverse *
doctor_reverse_elsewhere(struct doctor *doc, const struct published_reverse *r, struct finding *out)
{
    const struct published_reverse *there;
    const struct plan_failure *failure;
    char text[IP_TEXT_MAX];
    struct error e = { 0 };

    ip_format(r->ip, text);
    if (survey(doc, &e)) {
        finding_error(doc, out, HEALTH_WARN, &e);
        return NULL;
    }
    if ((there = read_elsewhere(doc->elsewhere, r->ip)))
        return there;
    if ((failure = failure_of(doc->elsewhere, r))) {
        finding_set(doc, out, HEALTH_WARN, "no PTR for %s: %s", text, failure->why);
        finding_fix(doc, out, "%s",
                    failure->hint ? failure->hint
                                  : "nothing if that zone is not yours; else name its server with "
                                    "--ptr-server, or set ptr = off");
        return NULL;
    }
    finding_set(doc, out, HEALTH_WARN, "%s has no reverse zone, here or elsewhere: no PTR", text);
    finding_fix(doc, out,
                "let an administrator make one, if PTR records are wanted; or set "
                "ptr = off");
    return NULL;
}
