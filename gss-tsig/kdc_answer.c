#include "gss-tsig/kdc_answer.h"

#define TAG_AS_REP 0x6b
#define TAG_TGS_REP 0x6d
#define TAG_KRB_ERROR 0x7e
#define LONG_LENGTH 0x80

/* Does the element that begins here end where the bytes do (X.690 section 10.1)? */
static bool is_whole(struct rd *r)
{
    size_t len = rd_u8(r);

    if (len & LONG_LENGTH) {
        size_t n = len & ~(size_t)LONG_LENGTH;

        if (n == 0 || n > sizeof(uint32_t))
            return false;
        for (len = 0; n > 0; n--)
            len = len << 8 | rd_u8(r);
    }
    return !r->bad && len == rd_left(r);
}

/* Of a KRB-ERROR, as libkrb5 numbers them; 0 where it is none. */
static krb5_error_code code_of(krb5_context ctx, struct bytes answer)
{
    krb5_data der = { .length = (unsigned)answer.len, .data = (char *)(uintptr_t)answer.data };
    krb5_error *error = NULL;
    krb5_error_code code;

    if (krb5_rd_error(ctx, &der, &error) != 0)
        return 0;
    code = (krb5_error_code)error->error + ERROR_TABLE_BASE_krb5;
    krb5_free_error(ctx, error);
    return code;
}

static enum kdc_answer judge_error(krb5_context ctx, struct bytes answer)
{
    krb5_error_code code = code_of(ctx, answer);

    if (code == 0)
        return KDC_ANSWER_NO_KERBEROS;
    return code == KRB5KDC_ERR_SVC_UNAVAILABLE || code == KRB5KRB_ERR_GENERIC ? KDC_ANSWER_NOT_NOW
           : code == KRB5KRB_AP_ERR_SKEW                                      ? KDC_ANSWER_CLOCK
                                                                              : KDC_ANSWER_FINAL;
}

enum kdc_answer kdc_answer_judge(krb5_context ctx, struct bytes answer)
{
    struct rd r = rd_init(answer);
    uint8_t tag = rd_u8(&r);

    if ((tag != TAG_AS_REP && tag != TAG_TGS_REP && tag != TAG_KRB_ERROR) || !is_whole(&r))
        return KDC_ANSWER_NO_KERBEROS;
    return tag == TAG_KRB_ERROR ? judge_error(ctx, answer) : KDC_ANSWER_FINAL;
}

bool kdc_answer_is_unknown_service(krb5_context ctx, struct bytes answer)
{
    struct rd r = rd_init(answer);

    return rd_u8(&r) == TAG_KRB_ERROR && is_whole(&r) &&
           code_of(ctx, answer) == KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN;
}
