#include "scavenger/ages.h"

static const struct {
    uint32_t end_h;
    const char *name;
} steps[AGE_STEPS] = {
    { 24, "under 1 day" },        { 7 * 24, "1-7 days" },        { 14 * 24, "7-14 days" },
    { 30 * 24, "14-30 days" },    { 90 * 24, "30-90 days" },     { 180 * 24, "90-180 days" },
    { 365 * 24, "180-365 days" }, { UINT32_MAX, "over 1 year" },
};

size_t age_step(uint32_t timestamp_h, uint32_t now_h)
{
    uint32_t age_h = now_h > timestamp_h ? now_h - timestamp_h : 0;
    size_t step = 0;

    while (step + 1 < AGE_STEPS && age_h >= steps[step].end_h)
        step++;
    return step;
}

const char *age_step_name(size_t step) { return steps[step].name; }

uint32_t age_step_end_h(size_t step) { return steps[step].end_h; }
