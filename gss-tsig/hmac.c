#include "gss-tsig/hmac.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "dns/name.h"

struct hmac_key {
    const EVP_MD *md;
    uint8_t *secret;
    size_t secret_len;
};

static const struct {
    const char *name;
    const EVP_MD *(*md)(void);
} algorithms[] = {
    { "hmac-sha256", EVP_sha256 },
    { "hmac-sha384", EVP_sha384 },
    { "hmac-sha512", EVP_sha512 },
};

/* ---- MACs ---- */

static bool compute(const struct hmac_key *k, struct bytes over, uint8_t out[EVP_MAX_MD_SIZE],
                    unsigned *len)
{
    return HMAC(k->md, k->secret, (int)k->secret_len, over.data, over.len, out, len) != NULL;
}

static enum err make(void *priv, TALLOC_CTX *mem, struct bytes over, struct bytes *mac,
                     struct error *e)
{
    uint8_t bytes[EVP_MAX_MD_SIZE];
    unsigned len;

    if (!compute(priv, over, bytes, &len))
        return err_set(e, ERR_INTERNAL, "cannot compute an HMAC");
    *mac = bytes_dup(mem, (struct bytes){ bytes, len });
    return mac->data ? OK : err_nomem(e);
}

/* Cut MACs (RFC 8945 section 5.2.2.1) are not taken: nobody has to send them. */
static bool verify(void *priv, struct bytes over, struct bytes mac)
{
    uint8_t bytes[EVP_MAX_MD_SIZE];
    unsigned len;

    return compute(priv, over, bytes, &len) &&
           bytes_equal_secret(mac, (struct bytes){ bytes, len });
}

/* ---- the file ---- */

struct scanner {
    const char *at;
    const char *end;
    TALLOC_CTX *mem;
};

static void skip_comment(struct scanner *s, const char *terminator)
{
    size_t n = strlen(terminator);

    while (s->at < s->end && ((size_t)(s->end - s->at) < n || memcmp(s->at, terminator, n) != 0))
        s->at++;
    s->at += s->at < s->end ? n : 0;
}

static void skip_blank(struct scanner *s)
{
    while (s->at < s->end) {
        size_t left = (size_t)(s->end - s->at);

        if (*s->at == '#' || (left > 1 && s->at[0] == '/' && s->at[1] == '/'))
            skip_comment(s, "\n");
        else if (left > 1 && s->at[0] == '/' && s->at[1] == '*')
            skip_comment(s, "*/");
        else if (strchr(" \t\r\n", *s->at) && *s->at)
            s->at++;
        else
            return;
    }
}

/* A word, a quoted string without its quotes, or one of "{};"; NULL at the end. */
static const char *token(struct scanner *s)
{
    const char *from;

    skip_blank(s);
    if (s->at >= s->end)
        return NULL;
    from = s->at;
    if (*from == '"') {
        const char *close = memchr(from + 1, '"', (size_t)(s->end - from) - 1);

        if (!close)
            return NULL;
        s->at = close + 1;
        return talloc_strndup(s->mem, from + 1, (size_t)(close - from) - 1);
    }
    if (*from && strchr("{};", *from)) {
        s->at++;
        return talloc_strndup(s->mem, from, 1);
    }
    while (s->at < s->end && *s->at && !strchr(" \t\r\n{};\"", *s->at))
        s->at++;
    /* A byte that is nothing of this must not be read for ever. */
    return s->at > from ? talloc_strndup(s->mem, from, (size_t)(s->at - from)) : NULL;
}

static bool is_token(struct scanner *s, const char *wanted)
{
    const char *got = token(s);

    return got && strcasecmp(got, wanted) == 0;
}

struct clauses {
    const char *name;
    const char *algorithm;
    const char *secret;
};

/* key NAME { algorithm A; secret S; };  in either order, and nothing else. */
static bool scan_key(struct scanner *s, struct clauses *out)
{
    const char *word;

    if (!is_token(s, "key") || !(out->name = token(s)) || !is_token(s, "{"))
        return false;
    while ((word = token(s)) && strcmp(word, "}") != 0) {
        const char **value = strcasecmp(word, "algorithm") == 0 ? &out->algorithm
                             : strcasecmp(word, "secret") == 0  ? &out->secret
                                                                : NULL;

        if (!value || *value || !(*value = token(s)) || !is_token(s, ";"))
            return false;
    }
    if (!word || !is_token(s, ";") || !out->algorithm || !out->secret)
        return false;
    skip_blank(s);
    return s->at == s->end;
}

static bool wire_name_of(TALLOC_CTX *mem, const char *text, struct wire_name *out)
{
    char *name;
    struct bytes wire;

    if (dns_name_normalise(mem, text, &name, NULL) || dns_name_to_wire(mem, name, &wire, NULL) ||
        wire.len > sizeof out->bytes)
        return false;
    memcpy(out->bytes, wire.data, wire.len);
    out->len = wire.len;
    return true;
}

static const EVP_MD *digest_of(const char *algorithm)
{
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++) {
        if (strcasecmp(algorithms[i].name, algorithm) == 0)
            return algorithms[i].md();
    }
    return NULL;
}

static enum err bad_file(const char *where, const char *what, struct error *e)
{
    err_set(e, ERR_CONFIG, "%s: %s", where, what);
    err_hint(e, "the form is that of tsig-keygen: key \"name\" { algorithm hmac-sha256; secret "
                "\"base64\"; };");
    return ERR_CONFIG;
}

static enum err build(TALLOC_CTX *mem, const struct clauses *c, const char *where,
                      struct tsig_signer *out, struct error *e)
{
    struct hmac_key *k = talloc_zero(mem, struct hmac_key);
    struct bytes secret;

    if (!k)
        return err_nomem(e);
    k->md = digest_of(c->algorithm);
    if (!k->md)
        return bad_file(where, "the algorithm is none of hmac-sha256, hmac-sha384, hmac-sha512", e);
    if (!bytes_from_base64(k, c->secret, &secret) || secret.len == 0)
        return bad_file(where, "the secret is not base64, or empty", e);
    k->secret = (uint8_t *)(uintptr_t)secret.data;
    k->secret_len = secret.len;
    if (!wire_name_of(k, c->name, &out->key) || !wire_name_of(k, c->algorithm, &out->algorithm))
        return bad_file(where, "the key's name is not a domain name", e);
    out->make = make;
    out->verify = verify;
    out->priv = k;
    return OK;
}

enum err hmac_key_parse(TALLOC_CTX *mem, struct bytes text, const char *where,
                        struct tsig_signer **out, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct scanner s = { (const char *)text.data, (const char *)text.data + text.len, tmp };
    struct clauses c = { NULL, NULL, NULL };
    struct tsig_signer *signer = tmp ? talloc_zero(tmp, struct tsig_signer) : NULL;
    enum err rc;

    if (!signer)
        rc = err_nomem(e);
    else if (!scan_key(&s, &c))
        rc = bad_file(where, "not one key in BIND's form", e);
    else
        rc = build(signer, &c, where, signer, e);
    if (!rc)
        *out = talloc_steal(mem, signer);
    talloc_free(tmp);
    return rc;
}

enum err hmac_key_read(TALLOC_CTX *mem, const char *path, struct tsig_signer **out, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct bytes text;
    enum err rc = tmp ? file_read(tmp, path, HMAC_KEY_FILE_MAX, &text, e) : err_nomem(e);

    if (!rc)
        rc = hmac_key_parse(mem, text, path, out, e);
    talloc_free(tmp);
    return rc;
}
