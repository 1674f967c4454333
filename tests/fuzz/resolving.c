#include "tests/fuzz/resolving.h"

#include "dns/exchange.h"
#include "dns/message.h"
#include "tests/fuzz/fuzz.h"

static struct bytes stream;
static uint16_t next_id;

/* Linked in place of the real ones (--wrap). */
enum err __wrap_dns_exchange(TALLOC_CTX *mem, struct dns_resolver *r, const struct dns_question *q,
                             size_t n, struct deadline d, struct dns_outcome *outcomes,
                             struct error *e);
uint16_t __wrap_dns_message_id(void);

enum err __wrap_dns_exchange(TALLOC_CTX *mem, struct dns_resolver *r, const struct dns_question *q,
                             size_t n, struct deadline d, struct dns_outcome *outcomes,
                             struct error *e)
{
    (void)r;
    (void)d;
    (void)e;
    for (size_t i = 0; i < n; i++) {
        must_hold(is_normalised(mem, q[i].name));
        outcomes[i] = (struct dns_outcome){ 0 };
        outcomes[i].is_answered = fuzz_answer(mem, stream, &q[i], &outcomes[i].answer);
        outcomes[i].is_unreachable = !outcomes[i].is_answered;
    }
    return OK;
}

/* Chance would make one input take different ways. */
uint16_t __wrap_dns_message_id(void) { return next_id++; }

struct dns_resolver *resolving(TALLOC_CTX *mem, struct bytes answers)
{
    struct ip server = ip_from_bytes(AF_INET, (const uint8_t[]){ 10, 53, 0, 10 });
    struct dns_resolver *r;
    struct error e = { 0 };

    stream = answers;
    next_id = 0;
    must_hold(dns_resolver_from_servers(mem, &server, 1, 53, &r, &e) == OK);
    return r;
}
