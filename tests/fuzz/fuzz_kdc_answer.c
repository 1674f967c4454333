/* What comes from a KDC's port. */
#include "gss-tsig/kdc_answer.h"
#include "tests/fuzz/fuzz.h"

#define TAG_KRB_ERROR 0x7e

static krb5_context context(void)
{
    static krb5_context ctx;

    if (!ctx)
        must_hold(krb5_init_context(&ctx) == 0);
    return ctx;
}

static void one(TALLOC_CTX *mem, struct bytes in)
{
    enum kdc_answer is = kdc_answer_judge(context(), in);
    uint8_t *longer;

    must_hold(is <= KDC_ANSWER_NO_KERBEROS);
    if (is == KDC_ANSWER_NO_KERBEROS)
        return;
    must_hold(is == KDC_ANSWER_FINAL || in.data[0] == TAG_KRB_ERROR);
    /* It is one element, whole and alone. */
    must_hold(kdc_answer_judge(context(), (struct bytes){ in.data, in.len - 1 }) ==
              KDC_ANSWER_NO_KERBEROS);
    longer = talloc_zero_size(mem, in.len + 1);
    must_hold(longer);
    memcpy(longer, in.data, in.len);
    must_hold(kdc_answer_judge(context(), (struct bytes){ longer, in.len + 1 }) ==
              KDC_ANSWER_NO_KERBEROS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return fuzz_run(data, size, one); }
