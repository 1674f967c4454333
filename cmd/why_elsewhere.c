#include "cmd/why_elsewhere.h"

#include <stdio.h>

#include "cmd/output.h"

/* One value for both printers; NULL fields where it does not decode. */
struct shown {
    const struct dnsp_record *record;
    const char *type;
    const char *data;
};

static struct shown show(TALLOC_CTX *mem, struct bytes value)
{
    struct shown s = { .type = NULL, .data = NULL };
    struct dnsp_record *r;
    char *name = talloc_array(mem, char, 16);

    if (name && dnsp_record_decode(mem, value, &r, NULL) == OK)
        s = (struct shown){ r, dnsp_type_name(r->type, name), dnsp_data_text(mem, r) };
    return s;
}

static json_t *record_json(TALLOC_CTX *mem, struct bytes value)
{
    struct shown s = show(mem, value);
    uint32_t timestamp_h = s.record ? s.record->timestamp_h : 0;

    return json_pack("{s:s?, s:o, s:I, s:o, s:b}", "type", s.type, "data", output_json_text(s.data),
                     "timestamp_hours", (json_int_t)timestamp_h, "timestamp",
                     output_json_hours(timestamp_h), "static", s.record && timestamp_h == 0);
}

static json_t *records_json(const struct replica_view *v)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    json_t *list = json_array();

    for (size_t i = 0; tmp && list && v->node && i < v->node->n_values; i++) {
        if (json_array_append_new(list, record_json(tmp, v->node->values[i])) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    talloc_free(tmp);
    return list;
}

json_t *why_elsewhere_json(const struct elsewhere_views *v)
{
    json_t *list = json_array();

    for (size_t i = 0; list && i < v->n; i++) {
        const struct replica_view *one = &v->views[i];
        json_t *json =
            json_pack("{s:o, s:b, s:o, s:b, s:b, s:b, s:o}", "controller",
                      output_json_text(one->host), "read", one->is_read, "problem",
                      output_json_text(one->is_read ? NULL : one->why.message), "present",
                      one->node && !one->node->is_tombstoned, "same", one->is_same, "newer",
                      one->is_newer, "records", records_json(one));

        if (json_array_append_new(list, json) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static void print_values(TALLOC_CTX *mem, const struct dns_node *node)
{
    for (size_t i = 0; i < node->n_values; i++) {
        struct shown s = show(mem, node->values[i]);

        if (!s.record)
            printf("    a value of %zu bytes that cannot be decoded\n", node->values[i].len);
        else if (s.record->timestamp_h)
            printf("    %s %s refreshed: %s\n", s.type, output_safe(mem, s.data ? s.data : "?"),
                   output_hours(mem, s.record->timestamp_h));
        else
            printf("    %s %s static\n", s.type, output_safe(mem, s.data ? s.data : "?"));
    }
}

static void print_view(TALLOC_CTX *mem, const struct replica_view *v, bool is_leaving)
{
    printf("  %s: ", output_safe(mem, v->host));
    if (!v->is_read)
        printf("cannot be asked: %s\n", output_safe(mem, v->why.message));
    else if (!v->node)
        puts("has no such name");
    else if (v->node->is_tombstoned)
        puts("has a tombstone there");
    else if (v->is_same)
        puts("the same timestamps");
    else if (v->is_newer)
        puts("has something newer");
    else
        puts(is_leaving ? "differs, but has nothing newer than what goes" : "differs");
    if (v->is_read && v->node && !v->node->is_tombstoned && !v->is_same)
        print_values(mem, v->node);
}

void why_elsewhere_print(TALLOC_CTX *mem, const struct elsewhere_views *v, bool is_leaving)
{
    bool is_unread = false;

    if (v->n == 0)
        return;
    puts("\nother domain controllers");
    for (size_t i = 0; i < v->n; i++) {
        print_view(mem, &v->views[i], is_leaving);
        is_unread = is_unread || !v->views[i].is_read;
    }
    if (is_unread && is_leaving)
        puts("  An apply stops for one that cannot be asked, unless --skip-unreachable-dcs is "
             "given.");
}
