/* Values of an attribute: a set, so order means nothing. Pure. */
#ifndef SCAVENGER_VALUES_H
#define SCAVENGER_VALUES_H

#include "base/bytes.h"

bool values_contain(const struct bytes *set, size_t n, struct bytes value);
/* Is every value of part in set? */
bool values_contain_all(const struct bytes *set, size_t n, const struct bytes *part, size_t n_part);
/* The same values, each as often. */
bool values_equal(const struct bytes *a, size_t n_a, const struct bytes *b, size_t n_b);

#endif
