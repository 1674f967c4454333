#include "dns/convert.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/own.h"
#include "dns/name.h"

void dns_pkt_release(void *pkt) { ldns_pkt_free(pkt); }

static void release_memory(void *p) { LDNS_FREE(p); }

enum err dns_name_to_ldns(const char *name, ldns_rdf **out, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct bytes wire;
    ldns_rdf *rdf;
    enum err rc;

    if (!tmp)
        return err_nomem(e);
    rc = dns_name_to_wire(tmp, name, &wire, e);
    if (rc != OK)
        goto done;
    rdf = ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, wire.len, wire.data);
    if (rdf)
        *out = rdf;
    else
        rc = err_nomem(e);
done:
    talloc_free(tmp);
    return rc;
}

/* Types whose data is one name. */
static bool is_name_type(uint16_t type)
{
    return type == DNS_TYPE_NS || type == DNS_TYPE_CNAME || type == DNS_TYPE_PTR;
}

static enum err bad_data(const struct dns_rr *rr, const char *cause, struct error *e)
{
    char type[16];

    return err_set(e, ERR_MALFORMED, "\"%.80s%s\" is not data of type %s: %s", rr->data,
                   strlen(rr->data) > 80 ? "..." : "", dns_type_name(rr->type, type), cause);
}

static enum err new_without_data(uint16_t type, ldns_rr **out, struct error *e)
{
    ldns_rr *rr = ldns_rr_new();

    if (!rr)
        return err_nomem(e);
    ldns_rr_set_type(rr, type);
    *out = rr;
    return OK;
}

/*
 * NULL, or why text is not the data of one record and nothing else: the zone file
 * parser would take comments, brackets and open quotes without a word.
 */
static const char *stray_syntax(const char *text)
{
    bool is_quoted = false;

    for (; *text; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return "control bytes";
        if (*text == '\\' && text[1])
            text++;
        else if (*text == '"')
            is_quoted = !is_quoted;
        else if (!is_quoted && strchr(";()", *text))
            return "a comment or a bracket";
    }
    return is_quoted ? "a quote without its end" : NULL;
}

static bool has_generic_form(const char *text) { return strncmp(text, "\\# ", 3) == 0; }

/* The length in a well-formed "\# length hex" (RFC 3597 section 5), else -1. */
static long generic_length(const char *text)
{
    size_t digits;
    char *end;
    long len;

    if (!has_generic_form(text) || !isdigit((unsigned char)text[3]))
        return -1;
    len = strtol(text + 3, &end, 10);
    if (len > UINT16_MAX)
        return -1;
    digits = *end == ' ' ? strspn(end + 1, "0123456789abcdefABCDEF") : 0;
    if (digits != 2 * (size_t)len || end[digits + (*end == ' ')])
        return -1;
    return len;
}

static size_t data_len(const ldns_rr *rr)
{
    size_t len = 0;

    for (size_t i = 0; i < ldns_rr_rd_count(rr); i++)
        len += ldns_rdf_size(ldns_rr_rdf(rr, i));
    return len;
}

static enum err data_text(TALLOC_CTX *mem, const ldns_rr *rr, char **out, struct error *e);

/* The zone file parser lets numbers wrap around: what it read must be what was written. */
static enum err check_read_back(const struct dns_rr *rr, const ldns_rr *parsed, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    char *text;
    enum err rc;

    if (!tmp)
        return err_nomem(e);
    rc = data_text(tmp, parsed, &text, e);
    if (rc == OK && strcasecmp(text, rr->data) != 0)
        rc = bad_data(rr, talloc_asprintf(tmp, "it would read \"%.80s\"", text), e);
    talloc_free(tmp);
    return rc;
}

/* Data that is not one name goes through ldns' zone file parser, one record on one line. */
static enum err parse_line(const struct dns_rr *rr, ldns_rr **out, struct error *e)
{
    char *line = talloc_asprintf(NULL, ". 0 IN TYPE%u %s", rr->type, rr->data);
    ldns_status st;

    if (!line)
        return err_nomem(e);
    st = ldns_rr_new_frm_str(out, line, 0, NULL, NULL);
    talloc_free(line);
    if (st == LDNS_STATUS_MEM_ERR)
        return err_nomem(e);
    if (st != LDNS_STATUS_OK)
        return bad_data(rr, ldns_get_errorstr_by_id(st), e);
    return OK;
}

bool dns_type_may_be_empty(uint16_t type)
{
    const ldns_rr_descriptor *known = ldns_rr_descript(type);

    return ldns_rr_descriptor_minimum(known) == 0 ||
           ldns_rr_descriptor_field_type(known, 0) == LDNS_RDF_TYPE_UNKNOWN;
}

static enum err parse_data(const struct dns_rr *rr, ldns_rr **out, struct error *e)
{
    bool is_generic = has_generic_form(rr->data);
    long len = generic_length(rr->data);
    const char *stray = stray_syntax(rr->data);
    ldns_rr *parsed = NULL;
    enum err rc;

    if (stray)
        return bad_data(rr, stray, e);
    if (is_generic && len < 0)
        return bad_data(rr, "not \\# length hex", e);
    if (is_generic && len == 0)
        return dns_type_may_be_empty(rr->type) ? new_without_data(rr->type, out, e)
                                               : bad_data(rr, "wrong length", e);
    rc = parse_line(rr, &parsed, e);
    if (rc != OK)
        return rc;
    if (is_generic ? data_len(parsed) != (size_t)len : ldns_rr_rd_count(parsed) == 0)
        rc = bad_data(rr, "wrong length", e);
    else if (!is_generic &&
             (rr->type == DNS_TYPE_SOA || rr->type == DNS_TYPE_MX || rr->type == DNS_TYPE_SRV))
        rc = check_read_back(rr, parsed, e);
    if (rc == OK)
        *out = parsed;
    else
        ldns_rr_free(parsed);
    return rc;
}

static enum err new_with_name(const struct dns_rr *in, ldns_rr **out, struct error *e)
{
    ldns_rdf *target = NULL;
    ldns_rr *rr = NULL;
    enum err rc;

    if (strchr(in->data, ' '))
        return bad_data(in, "a space", e);
    rc = dns_name_to_ldns(in->data, &target, e);
    if (rc != OK)
        return rc;
    rc = new_without_data(in->type, &rr, e);
    if (rc != OK) {
        ldns_rdf_deep_free(target);
        return rc;
    }
    if (!ldns_rr_push_rdf(rr, target)) {
        ldns_rdf_deep_free(target);
        ldns_rr_free(rr);
        return err_nomem(e);
    }
    *out = rr;
    return OK;
}

enum err dns_rr_to_ldns(const struct dns_rr *in, ldns_rr **out, struct error *e)
{
    ldns_rdf *owner = NULL;
    ldns_rr *rr = NULL;
    enum err rc;

    if (!in->data)
        rc = new_without_data(in->type, &rr, e);
    else if (is_name_type(in->type) && !has_generic_form(in->data))
        rc = new_with_name(in, &rr, e);
    else
        rc = parse_data(in, &rr, e);
    if (rc != OK)
        return rc;
    rc = dns_name_to_ldns(in->name, &owner, e);
    if (rc != OK) {
        ldns_rr_free(rr);
        return rc;
    }
    /* The parser has given it an owner of its own. */
    ldns_rdf_deep_free(ldns_rr_owner(rr));
    ldns_rr_set_owner(rr, owner);
    ldns_rr_set_ttl(rr, in->ttl_s);
    ldns_rr_set_class(rr, LDNS_RR_CLASS_IN);
    *out = rr;
    return OK;
}

static enum err name_from_ldns(TALLOC_CTX *mem, const ldns_rdf *rdf, char **out, struct error *e)
{
    return dns_name_from_wire(mem, (struct bytes){ ldns_rdf_data(rdf), ldns_rdf_size(rdf) }, out,
                              e);
}

/* ldns shows a tab in a string as it is; the parser, and whoever prints lines, want it as \009. */
static char *escape_tabs(TALLOC_CTX *mem, const char *text)
{
    char *out = talloc_strdup(mem, "");

    while (out && *text) {
        size_t n = strcspn(text, "\t");

        out = talloc_asprintf_append_buffer(out, "%.*s%s", (int)n, text, text[n] ? "\\009" : "");
        text += n + (text[n] != '\0');
    }
    return out;
}

/* One field of the data in presentation format. */
static enum err field_text(TALLOC_CTX *mem, const ldns_rdf *rdf, char **out, struct error *e)
{
    char *text;

    if (ldns_rdf_get_type(rdf) == LDNS_RDF_TYPE_DNAME) {
        enum err rc = name_from_ldns(mem, rdf, &text, e);

        if (rc == OK && strcmp(text, ".") != 0)
            text = talloc_strdup_append(text, ".");
        if (rc == OK && !text)
            rc = err_nomem(e);
        if (rc == OK)
            *out = text;
        return rc;
    }
    text = ldns_rdf2str(rdf);
    if (!text)
        return err_set(e, ERR_MALFORMED, "its data has no presentation format");
    *out = escape_tabs(mem, text);
    release_memory(text);
    return *out ? OK : err_nomem(e);
}

static enum err data_text(TALLOC_CTX *mem, const ldns_rr *rr, char **out, struct error *e)
{
    char *all = talloc_strdup(mem, "");
    enum err rc;

    for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
        char *field;

        rc = field_text(mem, ldns_rr_rdf(rr, i), &field, e);
        if (rc != OK)
            return rc;
        if (!all)
            break;
        all = talloc_asprintf_append_buffer(all, "%s%s", i > 0 ? " " : "", field);
        talloc_free(field);
    }
    if (!all)
        return err_nomem(e);
    /* RFC 3597 section 5: the only form that no data at all has. */
    *out = ldns_rr_rd_count(rr) > 0 ? all : talloc_strdup(mem, "\\# 0");
    return *out ? OK : err_nomem(e);
}

enum err dns_rr_from_ldns(TALLOC_CTX *mem, const ldns_rr *in, struct dns_rr *out, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    char *name, *data, type[16];
    enum err rc;

    if (!tmp)
        return err_nomem(e);
    rc = name_from_ldns(tmp, ldns_rr_owner(in), &name, e);
    if (rc != OK)
        goto done;
    rc = data_text(tmp, in, &data, e);
    if (rc != OK) {
        err_prefix(e, "%s %s", name, dns_type_name((uint16_t)ldns_rr_get_type(in), type));
        goto done;
    }
    *out = (struct dns_rr){
        .name = talloc_steal(mem, name),
        .type = (uint16_t)ldns_rr_get_type(in),
        /* RFC 2181 section 8: the highest bit set means zero. */
        .ttl_s = ldns_rr_ttl(in) > INT32_MAX ? 0 : ldns_rr_ttl(in),
        .data = talloc_steal(mem, data),
    };
done:
    talloc_free(tmp);
    return rc;
}

enum err dns_pkt_wire(TALLOC_CTX *mem, const ldns_pkt *pkt, struct bytes *out, struct error *e)
{
    uint8_t *wire = NULL;
    size_t len = 0;
    struct bytes copy;
    ldns_status st = ldns_pkt2wire(&wire, pkt, &len);

    if (st != LDNS_STATUS_OK)
        return err_set(e, ERR_INTERNAL, "cannot encode a DNS message: %s",
                       ldns_get_errorstr_by_id(st));
    if (len > UINT16_MAX) {
        release_memory(wire);
        return err_set(e, ERR_INTERNAL, "a DNS message of %zu bytes is over the limit of 65535",
                       len);
    }
    copy = bytes_dup(mem, (struct bytes){ wire, len });
    release_memory(wire);
    if (!copy.data)
        return err_nomem(e);
    *out = copy;
    return OK;
}
