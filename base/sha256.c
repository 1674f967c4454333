#include "base/sha256.h"

#include <openssl/evp.h>
#include <stdio.h>

#include "base/own.h"

struct sha256 {
    EVP_MD_CTX *md;
};

static void release(void *md) { EVP_MD_CTX_free(md); }

struct sha256 *sha256_new(TALLOC_CTX *mem)
{
    struct sha256 *h = talloc_zero(mem, struct sha256);

    if (!h)
        return NULL;
    h->md = EVP_MD_CTX_new();
    if (!h->md || !own(h, h->md, release) || EVP_DigestInit_ex(h->md, EVP_sha256(), NULL) != 1) {
        talloc_free(h);
        return NULL;
    }
    return h;
}

bool sha256_add(struct sha256 *h, const void *data, size_t len)
{
    return EVP_DigestUpdate(h->md, data, len) == 1;
}

bool sha256_text(const struct sha256 *h, char text[SHA256_TEXT])
{
    EVP_MD_CTX *copy = EVP_MD_CTX_new();
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    bool is_good = copy && EVP_MD_CTX_copy_ex(copy, h->md) == 1 &&
                   EVP_DigestFinal_ex(copy, digest, &len) == 1 && len == 32;

    EVP_MD_CTX_free(copy);
    for (unsigned i = 0; is_good && i < len; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    return is_good;
}
