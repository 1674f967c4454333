#include "ldap/seal.h"

#include <errno.h>
#include <string.h>

#include "base/bytes.h"

#define LENGTH_LEN 4

struct seal {
    gss_ctx_id_t ctx;
    size_t send_max; /* plain bytes per packet */

    uint8_t length[LENGTH_LEN]; /* a packet on its way in: first its length … */
    size_t n_length;
    uint8_t *packet; /* … then the packet */
    size_t packet_len;
    size_t n_packet;
    gss_buffer_desc plain; /* a packet opened, taken up to plain_at */
    size_t plain_at;

    uint8_t *out; /* a packet on its way out, sent up to out_at */
    size_t out_len;
    size_t out_at;
    size_t owed; /* plain bytes in it that the caller was not yet told of */
};

static int seal_destroy(struct seal *s)
{
    OM_uint32 minor;

    gss_release_buffer(&minor, &s->plain);
    return 0;
}

static ber_slen_t fail(int errno_value)
{
    errno = errno_value;
    return -1;
}

/* Read until *have is want; 1, or what the level below returned. */
static ber_slen_t read_whole(Sockbuf_IO_Desc *sbiod, uint8_t *to, size_t *have, size_t want)
{
    while (*have < want) {
        ber_slen_t n = LBER_SBIOD_READ_NEXT(sbiod, to + *have, want - *have);

        if (n <= 0)
            return n;
        *have += (size_t)n;
    }
    return 1;
}

/* Open the packet that is complete. */
static ber_slen_t open_packet(struct seal *s)
{
    gss_buffer_desc sealed = { s->packet_len, s->packet };
    OM_uint32 minor, major;
    int is_sealed = 0;

    gss_release_buffer(&minor, &s->plain);
    s->plain_at = 0;
    major = gss_unwrap(&minor, s->ctx, &sealed, &s->plain, &is_sealed, NULL);
    TALLOC_FREE(s->packet);
    s->n_length = s->n_packet = 0;
    if (major != GSS_S_COMPLETE || !is_sealed) {
        gss_release_buffer(&minor, &s->plain);
        return fail(EPROTO);
    }
    return 1;
}

/* The next packet; 1, or what the level below returned.  Goes on where it stopped before. */
static ber_slen_t read_packet(Sockbuf_IO_Desc *sbiod, struct seal *s)
{
    ber_slen_t n = read_whole(sbiod, s->length, &s->n_length, LENGTH_LEN);

    if (n <= 0)
        return n;
    if (!s->packet) {
        struct rd r = rd_init((struct bytes){ s->length, LENGTH_LEN });

        s->packet_len = rd_be32(&r);
        if (s->packet_len == 0 || s->packet_len > SEAL_RECEIVE_MAX)
            return fail(EPROTO);
        s->packet = talloc_size(s, s->packet_len);
        if (!s->packet)
            return fail(ENOMEM);
    }
    n = read_whole(sbiod, s->packet, &s->n_packet, s->packet_len);
    return n <= 0 ? n : open_packet(s);
}

static ber_slen_t seal_read(Sockbuf_IO_Desc *sbiod, void *buf, ber_len_t len)
{
    struct seal *s = sbiod->sbiod_pvt;
    size_t n;

    while (s->plain_at == s->plain.length) {
        ber_slen_t got = read_packet(sbiod, s);

        if (got <= 0)
            return got;
    }
    n = s->plain.length - s->plain_at;
    if (n > len)
        n = len;
    memcpy(buf, (const uint8_t *)s->plain.value + s->plain_at, n);
    s->plain_at += n;
    return (ber_slen_t)n;
}

static bool flush(Sockbuf_IO_Desc *sbiod, struct seal *s)
{
    while (s->out_at < s->out_len) {
        ber_slen_t n = LBER_SBIOD_WRITE_NEXT(sbiod, s->out + s->out_at, s->out_len - s->out_at);

        if (n <= 0)
            return false;
        s->out_at += (size_t)n;
    }
    return true;
}

static bool make_packet(struct seal *s, const void *buf, size_t len)
{
    gss_buffer_desc plain = { len, (void *)buf }, sealed = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor, ignored;
    struct wr w = wr_init(s);
    int is_sealed = 0;
    bool ok;

    ok = gss_wrap(&minor, s->ctx, 1, GSS_C_QOP_DEFAULT, &plain, &is_sealed, &sealed) ==
             GSS_S_COMPLETE &&
         is_sealed;
    if (ok) {
        wr_be32(&w, (uint32_t)sealed.length);
        wr_bytes(&w, (struct bytes){ sealed.value, sealed.length });
        ok = !w.bad;
    }
    gss_release_buffer(&ignored, &sealed);
    if (!ok) {
        talloc_free(w.buf);
        return false;
    }
    talloc_free(s->out);
    s->out = w.buf;
    s->out_len = w.len;
    s->out_at = 0;
    return true;
}

/* A packet that does not leave at once is "not written" to the caller, who then comes again with
 * it. */
static ber_slen_t seal_write(Sockbuf_IO_Desc *sbiod, void *buf, ber_len_t len)
{
    struct seal *s = sbiod->sbiod_pvt;
    size_t n = len < s->send_max ? len : s->send_max;

    if (!flush(sbiod, s))
        return -1;
    if (s->owed > 0) {
        n = s->owed;
        s->owed = 0;
        return (ber_slen_t)n;
    }
    if (!make_packet(s, buf, n))
        return fail(EPROTO);
    if (!flush(sbiod, s)) {
        s->owed = n;
        return -1;
    }
    return (ber_slen_t)n;
}

static int seal_ctrl(Sockbuf_IO_Desc *sbiod, int opt, void *arg)
{
    struct seal *s = sbiod->sbiod_pvt;

    if (opt == LBER_SB_OPT_DATA_READY && s->plain_at < s->plain.length)
        return 1;
    return LBER_SBIOD_CTRL_NEXT(sbiod, opt, arg);
}

static int seal_setup(Sockbuf_IO_Desc *sbiod, void *arg)
{
    sbiod->sbiod_pvt = arg;
    return 0;
}

static int seal_remove(Sockbuf_IO_Desc *sbiod)
{
    (void)sbiod;
    return 0;
}

bool seal_install(TALLOC_CTX *mem, LDAP *ld, gss_ctx_id_t ctx, uint32_t peer_max)
{
    static Sockbuf_IO layer = {
        .sbi_setup = seal_setup,
        .sbi_remove = seal_remove,
        .sbi_ctrl = seal_ctrl,
        .sbi_read = seal_read,
        .sbi_write = seal_write,
        .sbi_close = seal_remove,
    };
    struct seal *s = talloc_zero(mem, struct seal);
    OM_uint32 minor, send_max = 0;
    Sockbuf *sb = NULL;

    if (!s)
        return false;
    talloc_set_destructor(s, seal_destroy);
    if (gss_wrap_size_limit(&minor, ctx, 1, GSS_C_QOP_DEFAULT, peer_max, &send_max) !=
            GSS_S_COMPLETE ||
        send_max == 0 || ldap_get_option(ld, LDAP_OPT_SOCKBUF, &sb) != LDAP_OPT_SUCCESS) {
        talloc_free(s);
        return false;
    }
    s->ctx = ctx;
    s->send_max = send_max;
    return ber_sockbuf_add_io(sb, &layer, LBER_SBIOD_LEVEL_APPLICATION, s) == 0;
}
