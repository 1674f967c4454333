/*
 * Zone transfers, plain and signed.  The input is a byte of flags (1: IXFR, 2: signed, 4: limited),
 * the serial that we have, and what the server sends over TCP; the connection is this test's, and
 * so is what a key says to a MAC.
 */
#include "dns/message.h"
#include "dns/name.h"
#include "gss-tsig/chain.h"
#include "tests/fuzz/fuzz.h"

#define ZONE "lab.example.test"
#define HEADER_LEN 12
#define LIMIT 20

enum { IXFR = 1, SIGNED = 2, LIMITED = 4 };

static struct rd stream;
static uint16_t first_id;
static int64_t now_s;
static unsigned n_messages, n_verified;

/* Linked in place of the real ones (--wrap). */
enum err __wrap_dns_conn_send(struct dns_conn *c, struct bytes message, struct deadline d,
                              struct error *e);
enum err __wrap_dns_conn_recv(TALLOC_CTX *mem, struct dns_conn *c, struct deadline d,
                              struct bytes *message, struct error *e);
uint16_t __wrap_dns_message_id(void);

enum err __wrap_dns_conn_send(struct dns_conn *c, struct bytes message, struct deadline d,
                              struct error *e)
{
    (void)c;
    (void)d;
    (void)e;
    must_hold(message.len > HEADER_LEN);
    return OK;
}

enum err __wrap_dns_conn_recv(TALLOC_CTX *mem, struct dns_conn *c, struct deadline d,
                              struct bytes *message, struct error *e)
{
    struct bytes next;

    (void)c;
    (void)d;
    if (!fuzz_next(&stream, &next))
        return err_set(e, ERR_UNREACHABLE, "closed");
    if (next.len < HEADER_LEN)
        return err_set(e, ERR_MALFORMED, "no header");
    *message = bytes_dup(mem, next);
    must_hold(message->data);
    n_messages++;
    return OK;
}

uint16_t __wrap_dns_message_id(void) { return first_id; }

/* ---- a key whose MACs an input can meet: a checksum of two bits ---- */

static enum err make_mac(void *priv, TALLOC_CTX *mem, struct bytes over, struct bytes *mac,
                         struct error *e)
{
    (void)priv;
    (void)e;
    must_hold(over.len > HEADER_LEN);
    *mac = bytes_dup(mem, (struct bytes){ (const uint8_t *)"request's", 9 });
    return OK;
}

static bool verify_mac(void *priv, struct bytes over, struct bytes mac)
{
    uint8_t sum = 0;

    (void)priv;
    for (size_t i = 0; i < over.len; i++)
        sum = (uint8_t)(sum + over.data[i]);
    if (mac.len == 0 || (mac.data[0] & 3) != (sum & 3))
        return false;
    n_verified++;
    return true;
}

static int64_t signing_time(void) { return now_s; }

/* Key, algorithm and time are those of the first message. */
static struct tsig_signer signer_of(TALLOC_CTX *mem, struct bytes sent)
{
    struct tsig_signer s = { .key = tsig_algorithm_gss(),
                             .algorithm = tsig_algorithm_gss(),
                             .make = make_mac,
                             .verify = verify_mac };
    struct rd r = rd_init(sent);
    struct bytes first, message;
    struct tsig t;
    bool is_signed;

    if (fuzz_next(&r, &first) && tsig_split(mem, first, &t, &is_signed, &message, NULL) == OK &&
        is_signed) {
        s.key = t.key;
        s.algorithm = t.algorithm;
        now_s = (int64_t)t.time_signed_s;
    }
    return s;
}

/* ---- what comes out ---- */

struct seen {
    TALLOC_CTX *mem;
    uint64_t n;
    enum dns_transfer_event last;
};

static enum err see(enum dns_transfer_event event, const struct dns_rr *rr, void *priv,
                    struct error *e)
{
    struct seen *s = priv;

    (void)e;
    must_hold(is_normalised(s->mem, rr->name) && dns_name_within(rr->name, ZONE));
    must_hold(rr->data && is_printable(rr->data));
    must_hold(s->n > 0 || (rr->type == DNS_TYPE_SOA && event != DNS_TRANSFER_ADD));
    must_hold(s->n == 0 || (event == DNS_TRANSFER_RECORD) == (s->last == DNS_TRANSFER_RECORD));
    s->last = event;
    s->n++;
    return OK;
}

static void check_summary(const struct dns_transfer_params *p,
                          const struct dns_transfer_summary *sum, const struct seen *s)
{
    must_hold(sum->messages == n_messages && sum->messages > 0);
    must_hold(!p->max_records || sum->records <= p->max_records);
    must_hold(!p->security || n_verified > 0);
    switch (sum->kind) {
    case DNS_TRANSFER_WHOLE:
        must_hold(s->n == sum->records - 1 && s->last == DNS_TRANSFER_RECORD);
        break;
    case DNS_TRANSFER_DIFFERENCES:
        must_hold(p->has_serial && s->n == sum->records - 2 && s->last == DNS_TRANSFER_ADD);
        must_hold(dns_serial_older(p->serial, sum->serial));
        break;
    case DNS_TRANSFER_CURRENT:
        must_hold(p->has_serial && s->n == 0 && sum->records == 1);
        break;
    }
}

static void one(TALLOC_CTX *mem, struct bytes in)
{
    struct rd r = rd_init(in);
    uint8_t flags = rd_u8(&r);
    struct dns_transfer_params p = { .zone = ZONE,
                                     .has_serial = flags & IXFR,
                                     .serial = rd_be32(&r),
                                     .max_records = flags & LIMITED ? LIMIT : 0 };
    struct dns_transfer_summary sum = { 0 };
    struct seen seen = { .mem = mem };
    struct tsig_signer signer;
    struct error e = { 0 };
    enum err rc;

    stream = r;
    n_messages = n_verified = 0;
    now_s = 0;
    signer = signer_of(mem, (struct bytes){ r.p, rd_left(&r) });
    rd_be16(&r);
    first_id = rd_be16(&r);
    if (flags & SIGNED)
        p.security = tsig_chain(mem, &signer, signing_time);
    rc = dns_transfer(NULL, &p, see, &seen, &sum, &e);
    must_say(rc, &e);
    if (rc == OK)
        check_summary(&p, &sum, &seen);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return fuzz_run(data, size, one); }
