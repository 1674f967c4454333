#include "scavenger/values.h"

bool values_contain(const struct bytes *set, size_t n, struct bytes value)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes_equal(set[i], value))
            return true;
    }
    return false;
}

bool values_contain_all(const struct bytes *set, size_t n, const struct bytes *part, size_t n_part)
{
    for (size_t i = 0; i < n_part; i++) {
        if (!values_contain(set, n, part[i]))
            return false;
    }
    return true;
}

static size_t count_of(struct bytes value, const struct bytes *values, size_t n)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        count += bytes_equal(value, values[i]);
    return count;
}

bool values_equal(const struct bytes *a, size_t n_a, const struct bytes *b, size_t n_b)
{
    if (n_a != n_b)
        return false;
    for (size_t i = 0; i < n_a; i++) {
        if (count_of(a[i], a, n_a) != count_of(a[i], b, n_b))
            return false;
    }
    return true;
}
