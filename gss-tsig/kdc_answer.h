/* What an answer on a KDC's port is worth, before libkrb5 reads it: whether another KDC is to be
 * asked. */
#ifndef GSS_TSIG_KDC_ANSWER_H
#define GSS_TSIG_KDC_ANSWER_H

#include <krb5.h>

#include "base/bytes.h"

enum kdc_answer {
    KDC_ANSWER_FINAL,       /* a ticket, or a refusal that another KDC would repeat or count */
    KDC_ANSWER_NOT_NOW,     /* it does not serve now, or fails itself: KRB-ERROR 29 and 60 */
    KDC_ANSWER_CLOCK,       /* its clock and ours differ too much: KRB-ERROR 37 */
    KDC_ANSWER_NO_KERBEROS, /* no AS-REP, TGS-REP or KRB-ERROR (RFC 4120 section 5.10) */
};

/* Pure, as is the next; ctx is for reading. */
enum kdc_answer kdc_answer_judge(krb5_context ctx, struct bytes answer);

/* Does it say that the KDC knows no such service: KRB-ERROR 7? */
bool kdc_answer_is_unknown_service(krb5_context ctx, struct bytes answer);

#endif
