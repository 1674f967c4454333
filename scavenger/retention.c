#include "scavenger/retention.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

#define YEARS_MAX 1000

static int64_t unit_seconds(const char *unit)
{
    static const struct {
        const char *name;
        int64_t seconds;
    } units[] = { { "h", 3600 }, { "d", 86400 }, { "w", 7 * 86400 } };

    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(unit, units[i].name) == 0)
            return units[i].seconds;
    }
    return 0;
}

bool retention_parse(const char *text, struct retention *out)
{
    struct retention r = { .is_set = true };
    unsigned long long count;
    char *end;

    if (!isdigit((unsigned char)*text))
        return false;
    errno = 0;
    count = strtoull(text, &end, 10);
    if (errno || count == 0 || count > YEARS_MAX * 366ULL * 24)
        return false;
    if (*end) {
        r.keep_s = (int64_t)count * unit_seconds(end);
        if (r.keep_s == 0)
            return false;
    } else {
        r.keep_n = (size_t)count;
    }
    *out = r;
    return true;
}

bool retention_lets_go(const struct retention *r, const struct run *run, size_t newer, int64_t now)
{
    if (!r->is_set || (run->is_committed && !run->ended))
        return false;
    return r->keep_s ? run->started < now - r->keep_s : newer >= r->keep_n;
}

static enum err prune_one(const char *dir, const char *id, const struct retention *r, size_t newer,
                          int64_t now, size_t *n, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    char *path = talloc_asprintf(tmp, "%s/%s.jsonl", dir, id);
    struct error why = { 0 };
    struct run *run;
    enum err rc = OK;

    if (!tmp || !path) {
        rc = err_nomem(e);
    } else if (journal_read(tmp, dir, id, &run, &why)) {
        log_warning("%s; left where it is", why.message);
    } else if (retention_lets_go(r, run, newer, now)) {
        if (unlink(path) != 0)
            rc = err_errno(e, errno, "cannot delete the old journal %s", path);
        else
            ++*n;
        if (!rc)
            log_info("the journal of run %s is deleted: older than what is kept", id);
    }
    talloc_free(tmp);
    return rc;
}

enum err retention_prune(const char *dir, const struct retention *r, const char *current,
                         int64_t now, size_t *n, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    size_t n_ids = 0;
    char **ids;
    enum err rc = OK;

    *n = 0;
    if (r->is_set)
        rc = tmp ? journal_list(tmp, dir, &ids, &n_ids, e) : err_nomem(e);
    for (size_t i = 0; i < n_ids && !rc; i++) {
        if (!current || strcmp(ids[i], current) != 0)
            rc = prune_one(dir, ids[i], r, n_ids - 1 - i, now, n, e);
    }
    talloc_free(tmp);
    return rc;
}
