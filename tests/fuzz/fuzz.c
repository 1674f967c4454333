#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "dns/message.h"
#include "dns/name.h"

void fuzz_broken(const char *claim, const char *file, int line)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, claim);
    abort();
}

static void drop(enum log_level level, const char *text, void *priv)
{
    (void)level;
    (void)priv;
    must_hold(is_printable(text));
}

int fuzz_run(const uint8_t *data, size_t size, void (*one)(TALLOC_CTX *mem, struct bytes in))
{
    static const uint8_t nothing[1];
    size_t before;
    TALLOC_CTX *mem;

    talloc_enable_null_tracking();
    log_set_sink(LOG_LEVEL_DEBUG, drop, NULL);
    before = talloc_total_blocks(NULL);
    mem = talloc_new(NULL);
    must_hold(mem);
    one(mem, (struct bytes){ size ? data : nothing, size });
    talloc_free(mem);
    must_hold(talloc_total_blocks(NULL) == before);
    talloc_disable_null_tracking(); /* LeakSanitizer does not see where talloc keeps it */
    return 0;
}

bool is_printable(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return false;
    }
    return true;
}

void must_say(enum err rc, const struct error *e)
{
    if (rc == OK)
        return;
    must_hold(e->code == rc);
    must_hold(e->message[0]);
    must_hold(is_printable(e->message));
    must_hold(is_printable(e->hint));
    must_hold(rc != ERR_INTERNAL && rc != ERR_NOMEM);
}

bool is_normalised(TALLOC_CTX *mem, const char *name)
{
    char *again;

    return dns_name_normalise(mem, name, &again, NULL) == OK && strcmp(again, name) == 0;
}

bool is_inside(struct bytes view, struct bytes whole)
{
    return view.len == 0 || (view.data >= whole.data && view.len <= whole.len &&
                             (size_t)(view.data - whole.data) <= whole.len - view.len);
}

char *fuzz_text(TALLOC_CTX *mem, struct bytes in)
{
    char *text = talloc_strndup(mem, (const char *)in.data, in.len);

    must_hold(text);
    return text;
}

bool fuzz_next(struct rd *r, struct bytes *out)
{
    size_t left = rd_left(r), len;

    if (left < 2)
        return false;
    len = rd_be16(r);
    *out = rd_take(r, len < left - 2 ? len : left - 2);
    return true;
}

bool fuzz_answer(TALLOC_CTX *mem, struct bytes stream, const struct dns_question *q,
                 struct dns_answer *out)
{
    struct rd r = rd_init(stream);
    struct bytes message;

    while (fuzz_next(&r, &message)) {
        struct error e = { 0 };
        bool is_truncated;
        uint16_t id;
        int rcode;
        enum err rc;

        if (!dns_message_peek(message, &id, &rcode))
            continue;
        rc = dns_message_answer(mem, message, id, q, out, &is_truncated, &e);
        must_say(rc, &e);
        if (rc == OK && !is_truncated)
            return true;
    }
    return false;
}
