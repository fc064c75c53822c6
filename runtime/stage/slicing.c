#include "runtime/stage/slicing.h"

#define NUMBER_MAX (1ll << 32) /* beyond all that time can hold, and far from overflow */

i64 slicing_calendar_number(const struct slicing *s, __int128 t) {
    t -= s->offset;
    return calendar_number(s->calendar, (i64)(t / NS_PER_SECOND - (t % NS_PER_SECOND < 0)));
}

__int128 slicing_calendar_start(const struct slicing *s, i64 number) {
    if (number > NUMBER_MAX) number = NUMBER_MAX;
    if (number < -NUMBER_MAX) number = -NUMBER_MAX;
    return (__int128)calendar_start(s->calendar, number) * NS_PER_SECOND + s->offset;
}
