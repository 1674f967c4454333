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

bool values_equal(const struct bytes *a, size_t n_a, const struct bytes *b, size_t n_b)
{
    return n_a == n_b && values_contain_all(a, n_a, b, n_b) && values_contain_all(b, n_b, a, n_a);
}
