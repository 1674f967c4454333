#include "tests/unit/fakedns.h"

#include <arpa/inet.h>
#include <gssapi/gssapi_ext.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"

/* In the child only: what is not as it must be ends it with a line number. */
#define need(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "fakedns.c:%d: %s\n", __LINE__, #condition);                           \
            _exit(1);                                                                              \
        }                                                                                          \
    } while (0)

struct fake {
    TALLOC_CTX *mem;
    int fd;
    const struct fake_script *script;
    gss_cred_id_t cred;
    gss_ctx_id_t context;
    struct bytes key; /* its name in wire form */
    struct bytes last_mac;
};

struct request {
    struct bytes wire;  /* with its TSIG */
    struct bytes plain; /* without, as signed */
    struct bytes mac;
    enum fake_answer answer;
};

static const uint8_t algorithm[] = "\010gss-tsig"; /* its final 0 is the root label */

static struct bytes literal(const void *text, size_t len) { return (struct bytes){ text, len }; }

static void send_all(struct fake *f, struct bytes message)
{
    struct wr w = wr_init(f->mem);

    wr_be16(&w, (uint16_t)message.len);
    wr_bytes(&w, message);
    /* A client that has refused an answer before may be gone. */
    need(!w.bad && send(f->fd, w.buf, w.len, MSG_NOSIGNAL) != 0);
}

/* The next n bytes; none where the client has closed before the first. */
static bool receive_exactly(struct fake *f, uint8_t *out, size_t n)
{
    for (size_t got = 0; got < n;) {
        ssize_t k = recv(f->fd, out + got, n - got, 0);

        if (k <= 0 && got == 0)
            return false;
        need(k > 0);
        got += (size_t)k;
    }
    return true;
}

static bool receive(struct fake *f, struct bytes *out)
{
    uint8_t length[2], *message;
    size_t n;

    if (!receive_exactly(f, length, 2))
        return false;
    n = (size_t)(length[0] << 8 | length[1]);
    message = talloc_size(f->mem, n);
    need(receive_exactly(f, message, n));
    *out = (struct bytes){ message, n };
    return true;
}

static struct bytes mic(struct fake *f, struct bytes over)
{
    gss_buffer_desc in = { over.len, (void *)(uintptr_t)over.data }, out = GSS_C_EMPTY_BUFFER;
    struct bytes mac;
    OM_uint32 minor;

    need(gss_get_mic(&minor, f->context, GSS_C_QOP_DEFAULT, &in, &out) == GSS_S_COMPLETE);
    mac = bytes_dup(f->mem, literal(out.value, out.length));
    gss_release_buffer(&minor, &out);
    return mac;
}

/* What a TSIG record of ours says; defaults are those of a good answer. */
struct says {
    struct bytes key, algorithm;
    uint64_t time_s;
    uint16_t error;
    struct bytes other;
};

static struct bytes variables(struct fake *f, const struct says *s)
{
    struct wr w = wr_init(f->mem);

    wr_bytes(&w, s->key);
    wr_be16(&w, 255);
    wr_be32(&w, 0);
    wr_bytes(&w, s->algorithm);
    wr_be48(&w, s->time_s);
    wr_be16(&w, 300);
    wr_be16(&w, s->error);
    wr_be16(&w, (uint16_t)s->other.len);
    wr_bytes(&w, s->other);
    return wr_view(&w);
}

static struct bytes joined(struct fake *f, struct bytes a, struct bytes b, struct bytes c)
{
    struct wr w = wr_init(f->mem);

    wr_bytes(&w, a);
    wr_bytes(&w, b);
    wr_bytes(&w, c);
    return wr_view(&w);
}

/* plain must have no additional records. */
static struct bytes with_tsig(struct fake *f, struct bytes plain, struct bytes owner,
                              const struct says *s, struct bytes mac)
{
    struct wr w = wr_init(f->mem);

    wr_bytes(&w, literal(plain.data, 10));
    wr_be16(&w, 1);
    wr_bytes(&w, literal(plain.data + 12, plain.len - 12));
    wr_bytes(&w, owner);
    wr_be16(&w, 250);
    wr_be16(&w, 255);
    wr_be32(&w, 0);
    wr_be16(&w, (uint16_t)(s->algorithm.len + 16 + mac.len + s->other.len));
    wr_bytes(&w, s->algorithm);
    wr_be48(&w, s->time_s);
    wr_be16(&w, 300);
    wr_be16(&w, (uint16_t)mac.len);
    wr_bytes(&w, mac);
    wr_bytes(&w, literal(plain.data, 2));
    wr_be16(&w, s->error);
    wr_be16(&w, (uint16_t)s->other.len);
    wr_bytes(&w, s->other);
    return wr_view(&w);
}

/* ---- TKEY ---- */

static struct bytes accept_token(struct fake *f, struct bytes token)
{
    gss_buffer_desc in = { token.len, (void *)(uintptr_t)token.data }, out = GSS_C_EMPTY_BUFFER;
    OM_uint32 major, minor, flags = 0;
    struct bytes answer;

    major = gss_accept_sec_context(&minor, &f->context, f->cred, &in, GSS_C_NO_CHANNEL_BINDINGS,
                                   NULL, NULL, &out, &flags, NULL, NULL);
    if (GSS_ERROR(major))
        return (struct bytes){ NULL, 0 };
    need(major == GSS_S_COMPLETE);
    need((flags & (GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG | GSS_C_INTEG_FLAG)) ==
         (GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG | GSS_C_INTEG_FLAG));
    need(!(flags & GSS_C_SEQUENCE_FLAG));
    answer = bytes_dup(f->mem, literal(out.value, out.length));
    gss_release_buffer(&minor, &out);
    return answer;
}

/* Check the query to its last byte and return its token. */
static struct bytes read_query(struct fake *f, struct bytes query)
{
    struct rd r = rd_init(query);
    struct bytes header = rd_take(&r, 12), again, token;

    need(!r.bad && memcmp(header.data + 2, "\0\0\0\1\0\0\0\0\0\1", 10) == 0);
    f->key = literal(r.p, strlen((const char *)r.p) + 1);
    rd_take(&r, f->key.len);
    need(rd_be16(&r) == 249 && rd_be16(&r) == 255);
    again = rd_take(&r, f->key.len);
    need(bytes_equal(again, f->key));
    need(rd_be16(&r) == 249 && rd_be16(&r) == 255 && rd_be32(&r) == 0);
    need(rd_be16(&r) == rd_left(&r));
    need(bytes_equal(rd_take(&r, sizeof algorithm), literal(algorithm, sizeof algorithm)));
    rd_take(&r, 8);
    need(rd_be16(&r) == 3 && rd_be16(&r) == 0);
    token = rd_take(&r, rd_be16(&r));
    need(rd_be16(&r) == 0 && !r.bad && rd_left(&r) == 0);
    return token;
}

static void put_tkey(struct wr *w, struct fake *f, struct bytes token, uint16_t error)
{
    wr_bytes(w, f->script->tkey == FAKE_TKEY_OTHER_KEY_NAME ? literal("\1x", 3) : f->key);
    wr_be16(w, 249);
    wr_be16(w, 255);
    wr_be32(w, 0);
    wr_be16(w, (uint16_t)(sizeof algorithm + 16 + token.len));
    wr_bytes(w, literal(algorithm, sizeof algorithm));
    wr_be32(w, 0);
    wr_be32(w, 0);
    wr_be16(w, 3);
    wr_be16(w, error);
    wr_be16(w, (uint16_t)token.len);
    wr_bytes(w, token);
    wr_be16(w, 0);
}

static void answer_tkey(struct fake *f, struct bytes query)
{
    struct bytes token = accept_token(f, read_query(f, query));
    struct says s = {
        f->key, literal(algorithm, sizeof algorithm), (uint64_t)time(NULL), 0, { NULL, 0 }
    };
    enum fake_tkey how = f->script->tkey;
    struct wr w = wr_init(f->mem);
    uint16_t error = token.data ? 0 : 17;
    struct bytes plain, mac;

    if (how == FAKE_TKEY_NO_TOKEN)
        token = literal("", 0);
    if (how == FAKE_TKEY_JUNK_TOKEN)
        token = literal("\xa1\x07not it", 8);
    wr_u8(&w, (uint8_t)(query.data[0] ^ (how == FAKE_TKEY_WRONG_ID)));
    wr_u8(&w, query.data[1]);
    wr_be16(&w, how == FAKE_TKEY_REFUSED ? 0x8005 : 0x8000);
    wr_be16(&w, 0);
    wr_be16(&w, how == FAKE_TKEY_REFUSED ? 0 : 1);
    wr_be32(&w, 0);
    if (how != FAKE_TKEY_REFUSED)
        put_tkey(&w, f, token, error);
    plain = wr_view(&w);
    if (how == FAKE_TKEY_SIGNED || how == FAKE_TKEY_SIGNED_BADLY ||
        how == FAKE_TKEY_SIGNED_LENGTH) {
        mac = mic(f, joined(f, literal("\0", how == FAKE_TKEY_SIGNED_LENGTH ? 2 : 0), plain,
                            variables(f, &s)));
        if (how == FAKE_TKEY_SIGNED_BADLY)
            ((uint8_t *)(uintptr_t)mac.data)[mac.len - 1] ^= 1;
        plain = with_tsig(f, plain, f->key, &s, mac);
    }
    if (how != FAKE_TKEY_SILENT)
        send_all(f, plain);
}

/* ---- UPDATE ---- */

/* Take the TSIG off at the last place where the key's name stands, and verify it. */
static void read_update(struct fake *f, struct bytes wire, struct request *out)
{
    struct says s = { f->key, literal(algorithm, sizeof algorithm), 0, 0, { NULL, 0 } };
    gss_buffer_desc signed_bytes, token;
    struct bytes digest, found;
    uint8_t *plain;
    struct rd r;
    OM_uint32 minor;
    size_t at;

    need(wire.len > 12 + f->key.len && (wire.data[2] & 0xf8) == 0x28);
    for (at = wire.len - f->key.len; at > 12; at--) {
        if (memcmp(wire.data + at, f->key.data, f->key.len) == 0)
            break;
    }
    r = rd_init(literal(wire.data + at, wire.len - at));
    rd_take(&r, f->key.len);
    need(rd_be16(&r) == 250 && rd_be16(&r) == 255 && rd_be32(&r) == 0);
    need(rd_be16(&r) == rd_left(&r));
    found = rd_take(&r, sizeof algorithm);
    need(bytes_equal(found, s.algorithm));
    s.time_s = rd_be48(&r);
    need(llabs((long long)s.time_s - time(NULL)) < 60);
    need(rd_be16(&r) == 300);
    out->mac = rd_take(&r, rd_be16(&r));
    need(rd_be16(&r) == (wire.data[0] << 8 | wire.data[1]));
    need(rd_be16(&r) == 0 && rd_be16(&r) == 0 && !r.bad && rd_left(&r) == 0);

    need(wire.data[10] == 0 && wire.data[11] == 1);
    plain = talloc_memdup(f->mem, wire.data, at);
    plain[11] = 0;
    out->wire = wire;
    out->plain = literal(plain, at);
    digest = joined(f, out->plain, variables(f, &s), literal("", 0));
    signed_bytes = (gss_buffer_desc){ digest.len, (void *)(uintptr_t)digest.data };
    token = (gss_buffer_desc){ out->mac.len, (void *)(uintptr_t)out->mac.data };
    need(gss_verify_mic(&minor, f->context, &signed_bytes, &token, NULL) == GSS_S_COMPLETE);
}

/* The request with QR, an rcode, and nothing but its zone section. */
static struct bytes answer_to(struct fake *f, const struct request *q, uint16_t flags)
{
    struct wr w = wr_init(f->mem);
    size_t zone = strlen((const char *)q->plain.data + 12) + 1 + 4;

    wr_bytes(&w, literal(q->plain.data, 2));
    wr_be16(&w, flags);
    wr_be16(&w, 1);
    wr_be16(&w, 0);
    wr_be32(&w, 0);
    wr_bytes(&w, literal(q->plain.data + 12, zone));
    return wr_view(&w);
}

static void send_echo(struct fake *f, const struct request *q, uint8_t rcode)
{
    uint8_t *copy = talloc_memdup(f->mem, q->wire.data, q->wire.len);

    copy[2] |= 0x80;
    copy[3] = rcode;
    send_all(f, literal(copy, q->wire.len));
}

/* The bytes in front of message and variables in the digest. */
static struct bytes digest_head(struct fake *f, const struct request *q)
{
    struct wr w = wr_init(f->mem);

    switch (q->answer) {
    case FAKE_LEGACY:
        return q->mac;
    case FAKE_NO_REQUEST_MAC:
        return literal("", 0);
    case FAKE_OTHER_REQUEST_MAC:
        wr_be16(&w, (uint16_t)q->mac.len);
        wr_u8(&w, (uint8_t)~q->mac.data[0]);
        wr_bytes(&w, literal(q->mac.data + 1, q->mac.len - 1));
        return wr_view(&w);
    default:
        wr_be16(&w, (uint16_t)(q->mac.len + (q->answer == FAKE_LEGACY_WRONG_LENGTH)));
        wr_bytes(&w, q->mac);
        return wr_view(&w);
    }
}

static struct bytes spoil_mac(struct fake *f, const struct request *q, struct bytes mac)
{
    struct bytes previous = f->last_mac;

    f->last_mac = mac;
    switch (q->answer) {
    case FAKE_WRONG_MAC:
        mac = bytes_dup(f->mem, mac);
        ((uint8_t *)(uintptr_t)mac.data)[mac.len - 1] ^= 1;
        return mac;
    case FAKE_TRUNCATED_MAC:
        return literal(mac.data, mac.len - 4);
    case FAKE_EMPTY_MAC:
    case FAKE_UNSIGNED_BADKEY:
        return literal("", 0);
    case FAKE_REPLAY:
        return previous;
    default:
        return mac;
    }
}

static void send_signed(struct fake *f, const struct request *q)
{
    enum fake_answer a = q->answer;
    struct says s = {
        f->key, literal(algorithm, sizeof algorithm), (uint64_t)time(NULL), 0, { NULL, 0 }
    };
    struct bytes plain, mac, wire, owner;
    struct wr later = wr_init(f->mem);

    plain = answer_to(f, q,
                      a == FAKE_STANDARD_REFUSED                              ? 0xa805
                      : a == FAKE_UNSIGNED_BADKEY || a == FAKE_SIGNED_BADTIME ? 0xa809
                      : a == FAKE_NOT_AN_ANSWER                               ? 0x2800
                                                                              : 0xa800);
    if (a == FAKE_UNKNOWN_ID)
        ((uint8_t *)(uintptr_t)plain.data)[0] ^= 0xff;
    if (a == FAKE_WRONG_TIME)
        s.time_s -= 1000;
    if (a == FAKE_OTHER_KEY)
        s.key = literal("\1x", 3);
    if (a == FAKE_OTHER_ALGORITHM)
        s.algorithm = literal("\011hmac-sha1", 11);
    if (a == FAKE_UNSIGNED_BADKEY || a == FAKE_SIGNED_BADKEY_NOERROR)
        s.error = 17;
    if (a == FAKE_SIGNED_BADTIME) {
        s.error = 18;
        wr_be48(&later, s.time_s + 1000);
        s.other = wr_view(&later);
    }
    mac = spoil_mac(f, q, mic(f, joined(f, digest_head(f, q), plain, variables(f, &s))));
    owner = s.key;
    if (a == FAKE_STANDARD_CAPITALS) {
        owner = bytes_dup(f->mem, s.key);
        for (size_t i = 1; i <= owner.data[0]; i++) {
            uint8_t *c = (uint8_t *)(uintptr_t)owner.data + i;

            if (*c >= 'a' && *c <= 'z')
                *c = (uint8_t)(*c - 'a' + 'A');
        }
    }
    wire = with_tsig(f, plain, owner, &s, mac);
    if (a == FAKE_MAC_OF_OTHER)
        ((uint8_t *)(uintptr_t)wire.data)[3] ^= 5;
    send_all(f, wire);
    if (a == FAKE_TWICE)
        send_all(f, wire);
}

static void answer_update(struct fake *f, const struct request *q)
{
    switch (q->answer) {
    case FAKE_ECHO:
        send_echo(f, q, 2);
        break;
    case FAKE_ECHO_NOERROR:
        send_echo(f, q, 0);
        break;
    case FAKE_UNSIGNED:
        send_all(f, answer_to(f, q, 0xa800));
        break;
    case FAKE_CLOSE:
        close(f->fd);
        _exit(0);
    default:
        send_signed(f, q);
    }
}

static void acquire(struct fake *f, const char *keytab)
{
    gss_key_value_element_desc element = { "keytab", keytab };
    gss_key_value_set_desc store = { 1, &element };
    OM_uint32 minor;

    need(!GSS_ERROR(gss_acquire_cred_from(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, GSS_C_NO_OID_SET,
                                          GSS_C_ACCEPT, &store, &f->cred, NULL, NULL)));
}

/* What was sent together has come together, or comes at once. */
static bool is_quiet(const struct fake *f)
{
    struct pollfd pfd = { .fd = f->fd, .events = POLLIN };

    return poll(&pfd, 1, 100) == 0;
}

static void serve(int listener, const char *keytab, const struct fake_script *script)
{
    struct fake f = { .mem = talloc_new(NULL), .script = script };
    struct request requests[FAKE_ANSWERS_MAX];
    struct bytes wire;
    size_t n = 0;
    OM_uint32 minor;

    acquire(&f, keytab);
    f.fd = accept(listener, NULL, NULL);
    need(f.fd >= 0);
    do {
        size_t first = n, end = n == 0 && script->rekey_after ? script->rekey_after : SIZE_MAX;

        if (!receive(&f, &wire))
            _exit(0);
        gss_delete_sec_context(&minor, &f.context, GSS_C_NO_BUFFER);
        answer_tkey(&f, wire);
        while (n < end && script->answers[n] && receive(&f, &wire)) {
            requests[n].answer = script->answers[n];
            read_update(&f, wire, &requests[n]);
            if (script->is_one_at_a_time) {
                need(is_quiet(&f));
                answer_update(&f, &requests[n]);
            }
            n++;
        }
        for (size_t i = first; i < n && !script->is_one_at_a_time; i++)
            answer_update(&f, &requests[script->is_reversed ? first + n - 1 - i : i]);
    } while (n == script->rekey_after && n > 0);
    /* Nothing more may come until the client closes. */
    need(!receive(&f, &wire));
    _exit(0);
}

struct fakedns fakedns_start(const char *keytab, const struct fake_script *script)
{
    struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof in;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct fakedns server = { .pid = -1 };

    if (bind(listener, (struct sockaddr *)&in, sizeof in) == 0 && listen(listener, 1) == 0 &&
        getsockname(listener, (struct sockaddr *)&in, &len) == 0) {
        server.port = ntohs(in.sin_port);
        server.pid = fork();
        if (server.pid == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            serve(listener, keytab, script);
        }
    }
    close(listener);
    return server;
}

bool fakedns_end(struct fakedns server)
{
    int status;

    return server.pid > 0 && waitpid(server.pid, &status, 0) == server.pid && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}
