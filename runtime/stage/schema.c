#include "runtime/stage/schema.h"

#include "runtime/base/error.h"
#include "runtime/data/timefn.h"
#include "runtime/stage/trigger.h"

#include <stdio.h>
#include <string.h>

/* ---- as bytes ---- */

static void pack_type(struct type type, struct pack *to) {
    pack_text(to, type_kind_name(type.kind));
    pack_u8(to, type.nullable);
    if (type.kind != TYPE_ENUM) return;
    pack_text(to, type.of->name);
    pack_u32(to, type.of->count);
    for (u32 i = 0; i < type.of->count; i++) pack_text(to, type.of->members[i]);
}

static void pack_triggers(const struct triggers *t, struct pack *to) {
    for (u32 i = 0; i < SPEC_PERIODS; i++) {
        pack_i64(to, t->time_ns[i]);
        pack_i64(to, t->wall_ns[i]);
    }
    pack_u64(to, t->rows);
}

static struct triggers unpack_triggers(struct unpack *from) {
    struct triggers t;
    for (u32 i = 0; i < SPEC_PERIODS; i++) {
        t.time_ns[i] = unpack_i64(from);
        t.wall_ns[i] = unpack_i64(from);
    }
    t.rows = unpack_u64(from);
    return t;
}

void schema_pack(const struct state_schema *s, struct pack *to) {
    pack_u32(to, s->slot_size);
    pack_u32(to, s->acc_at);
    pack_u32(to, s->acc_size);
    pack_u32(to, s->nulls_at);
    pack_u32(to, s->nulls_size);
    pack_u8(to, s->window != NULL);
    if (s->window) {
        pack_i64(to, s->window->size_ns);
        pack_i64(to, s->window->slide_ns);
        pack_i64(to, s->window->offset_ns);
        pack_i64(to, s->window->lateness_ns);
        pack_u8(to, s->window->wall);
        pack_u8(to, s->window->shape);
        pack_u32(to, s->window->rows);
        pack_u32(to, s->window->every);
        pack_triggers(&s->window->early, to);
        pack_triggers(&s->window->late, to);
        pack_u8(to, (u8)s->window->mode);
        pack_u8(to, s->window->same);
        pack_text(to, s->window->zone ? s->window->zone : "");
        pack_u8(to, (u8)s->window->unit);
    }
    pack_u32(to, s->count);
    for (u32 i = 0; i < s->count; i++) {
        const struct state_field *f = &s->fields[i];
        pack_text(to, f->name);
        pack_u8(to, (u8)f->role);
        pack_type(f->type, to);
        pack_u32(to, f->at);
        pack_u32(to, f->size);
        pack_u32(to, (u32)f->null_bit);
    }
}

static const char *text_of(struct unpack *from, struct arena *arena) {
    struct str s = unpack_bytes(from);
    return arena_copy(arena, s.at, s.size);
}

static struct type type_of(struct unpack *from, struct arena *arena) {
    struct type type = { TYPE_NONE };
    struct str name = unpack_bytes(from);
    for (enum type_kind k = TYPE_NONE; k <= TYPE_ENUM; k++) {
        const char *known = type_kind_name(k);
        if (strlen(known) == name.size && memcmp(known, name.at, name.size) == 0) type.kind = k;
    }
    type.nullable = unpack_u8(from) != 0;
    if (type.kind != TYPE_ENUM) return type;
    struct type_enum *of = arena_alloc(arena, sizeof *of);
    of->name = text_of(from, arena);
    of->count = unpack_u32(from);
    if (of->count > (u64)(from->end - from->at) / 8) { /* a text has 8 bytes at least */
        from->bad = true;
        of->count = 0;
    }
    const char **members = arena_alloc(arena, of->count * sizeof *members);
    for (u32 i = 0; i < of->count; i++) members[i] = text_of(from, arena);
    of->members = members;
    type.of = of;
    return type;
}

static bool is_integer_like(enum type_kind kind) {
    return type_is_integer(kind) || kind == TYPE_BOOL || kind == TYPE_TIMESTAMP ||
           kind == TYPE_DURATION || kind == TYPE_ENUM;
}

/* The size that a field of this role and type has. */
static u32 size_of_field(const struct state_field *f) {
    switch (f->role) {
    case STATE_KEY:
        if (f->type.kind == TYPE_STRING) return 16;
        return is_integer_like(f->type.kind) ? type_size(f->type) : 8;
    case STATE_COUNT:
    case STATE_SUM:
    case STATE_FLOAT:
    case STATE_ROWS:
        return 8;
    case STATE_WIDE:
        return 16;
    case STATE_MIN:
    case STATE_MAX:
        return type_size(f->type);
    case STATE_ROLES:
        break;
    }
    return 0;
}

static bool field_is_sound(const struct state_schema *s, const struct state_field *f) {
    bool key = f->role == STATE_KEY;
    u32 from = key ? 0 : 8, room = key ? s->acc_at : s->acc_size;
    if (f->role >= STATE_ROLES || f->size != size_of_field(f) || !f->size) return false;
    if (f->at < from || f->at > room || f->size > room - f->at) return false;
    return f->null_bit < (i32)(s->nulls_size * 8) && f->null_bit >= -1;
}

static bool window_is_sound(const struct window_spec *w) {
    if (w->lateness_ns < 0 || w->mode > WINDOW_RETRACTING) return false;
    switch (w->shape) {
    case SHAPE_FIXED:
        return w->size_ns > 0 && w->slide_ns > 0 && w->slide_ns <= w->size_ns;
    case SHAPE_CALENDAR:
        return w->zone && w->unit <= UNIT_YEAR;
    case SHAPE_SESSION:
        return w->size_ns > 0;
    case SHAPE_ROWS:
        return w->rows && w->every;
    case SHAPE_GLOBAL:
    case SHAPE_SAME:
        return true;
    }
    return false;
}

static bool is_sound(const struct state_schema *s) {
    if (s->acc_size < 8 || s->acc_size % 8 || s->acc_at % 8 || s->slot_size % 8) return false;
    if (s->slot_size > 1u << 20 || s->acc_at > s->slot_size) return false;
    if (s->acc_size > s->slot_size - s->acc_at || s->nulls_size > 8) return false;
    if (s->nulls_at > s->acc_at || s->nulls_size > s->acc_at - s->nulls_at) return false;
    for (u32 i = 0; i < s->count; i++)
        if (!field_is_sound(s, &s->fields[i])) return false;
    return !s->window || window_is_sound(s->window);
}

struct state_schema *schema_unpack(struct unpack *from, struct arena *arena) {
    struct state_schema *s = arena_alloc(arena, sizeof *s);
    s->slot_size = unpack_u32(from);
    s->acc_at = unpack_u32(from);
    s->acc_size = unpack_u32(from);
    s->nulls_at = unpack_u32(from);
    s->nulls_size = unpack_u32(from);
    if (unpack_u8(from)) {
        struct window_spec *w = arena_alloc(arena, sizeof *w);
        w->size_ns = unpack_i64(from);
        w->slide_ns = unpack_i64(from);
        w->offset_ns = unpack_i64(from);
        w->lateness_ns = unpack_i64(from);
        w->wall = unpack_u8(from);
        w->shape = (enum window_shape)unpack_u8(from);
        w->rows = unpack_u32(from);
        w->every = unpack_u32(from);
        w->early = unpack_triggers(from);
        w->late = unpack_triggers(from);
        w->mode = (enum window_mode)unpack_u8(from);
        from->bad |= w->shape > SHAPE_ROWS;
        w->same = unpack_u8(from) != 0;
        w->zone = text_of(from, arena);
        w->zone = *w->zone ? w->zone : NULL;
        w->unit = (enum time_unit)unpack_u8(from);
        s->window = w;
    }
    s->count = unpack_u32(from);
    if (s->count > (u64)(from->end - from->at) / 24) from->bad = true; /* a field has more */
    struct state_field *fields = from->bad ? NULL : arena_alloc(arena, s->count * sizeof *fields);
    for (u32 i = 0; !from->bad && i < s->count; i++) {
        struct state_field *f = &fields[i];
        f->name = text_of(from, arena);
        f->role = (enum state_role)unpack_u8(from);
        f->type = type_of(from, arena);
        f->at = unpack_u32(from);
        f->size = unpack_u32(from);
        f->null_bit = (i32)unpack_u32(from);
    }
    s->fields = fields;
    if (!from->bad && is_sound(s)) return s;
    error_set(0, "the description of saved state is damaged");
    return NULL;
}

/* ---- for people ---- */

static void put_field(const struct state_field *f, struct text_buf *to) {
    char room[128];
    text_buf_printf(to, f->role == STATE_KEY ? "key %s" : "%s", f->name);
    if (f->type.kind != TYPE_NONE) text_buf_printf(to, ": %s", type_name(f->type, room));
}

static void put_time(const char *before, i64 ns, struct text_buf *to) {
    char text[64];
    text_buf_str(to, before);
    text_buf_put(to, text, format_duration(text, ns));
}

static void put_triggers(const char *when, const struct triggers *t, struct text_buf *to) {
    char before[32];
    snprintf(before, sizeof before, " %s every ", when);
    for (u32 i = 0; i < SPEC_PERIODS; i++)
        if (t->time_ns[i]) put_time(before, t->time_ns[i], to);
    for (u32 i = 0; i < SPEC_PERIODS; i++) {
        if (!t->wall_ns[i]) continue;
        put_time(before, t->wall_ns[i], to);
        text_buf_str(to, " wall");
    }
    if (t->rows == 1) text_buf_printf(to, "%srow", before);
    if (t->rows > 1) text_buf_printf(to, "%s%llu rows", before, (unsigned long long)t->rows);
}

static void put_window(const struct window_spec *w, struct text_buf *to) {
    text_buf_str(to, !w ? "no window" : w->shape == SHAPE_GLOBAL ? "window: all time" : "window: ");
    if (!w) return;
    if (w->shape == SHAPE_SESSION) text_buf_str(to, "session ");
    if (w->shape == SHAPE_SAME) text_buf_str(to, "same");
    if (w->shape == SHAPE_ROWS) text_buf_printf(to, "rows %u every %u", w->rows, w->every);
    if (w->same) text_buf_str(to, "same, ");
    if (w->zone) text_buf_printf(to, "%s in %s", time_unit_word(w->unit), w->zone);
    if (w->size_ns) put_time("", w->size_ns, to);
    if (w->slide_ns && w->slide_ns != w->size_ns) put_time(" every ", w->slide_ns, to);
    if (w->offset_ns) put_time(" offset ", w->offset_ns, to);
    if (w->lateness_ns) put_time(" lateness ", w->lateness_ns, to);
    if (w->wall) text_buf_str(to, " wall");
    if (!spec_books_panes(w)) return;
    put_triggers("early", &w->early, to);
    put_triggers("late", &w->late, to);
    if (w->mode == WINDOW_DISCARDING) text_buf_str(to, " discarding");
    if (w->mode == WINDOW_RETRACTING) text_buf_str(to, " retracting");
}

void schema_print(const struct state_schema *s, struct text_buf *to) {
    put_window(s->window, to);
    text_buf_str(to, "\n");
    for (u32 i = 0; i < s->count; i++) {
        put_field(&s->fields[i], to);
        text_buf_str(to, "\n");
    }
}

/* ---- comparing ---- */

static bool is_named(const struct state_field *f, const char *name) {
    return name && strcmp(f->name, name) == 0;
}

/* The old field whose state the new one takes over, or null. */
static const struct state_field *partner(const struct state_schema *old,
                                         const struct state_field *now) {
    enum state_role also = now->role == STATE_WIDE ? STATE_SUM : now->role;
    for (u32 round = 0; round < 2; round++)
        for (u32 i = 0; i < old->count; i++) {
            const struct state_field *f = &old->fields[i];
            if (f->role == (round ? also : now->role) &&
                (is_named(f, now->name) || is_named(f, now->was)))
                return f;
        }
    return NULL;
}

static bool members_begin_with(const struct type_enum *now, const struct type_enum *old) {
    if (old->count > now->count) return false;
    for (u32 i = 0; i < old->count; i++)
        if (strcmp(old->members[i], now->members[i]) != 0) return false;
    return true;
}

/* Every value of the one is one of the other. */
static bool type_fits(struct type old, struct type now) {
    if (old.nullable && !now.nullable) return false;
    if (old.kind == TYPE_ENUM && now.kind == TYPE_ENUM) return members_begin_with(now.of, old.of);
    if (old.kind == now.kind) return true;
    if (!type_is_integer(old.kind) || !type_is_integer(now.kind)) return false;
    u32 have = type_bits(old.kind), room = type_bits(now.kind);
    if (type_is_signed(old.kind)) return type_is_signed(now.kind) && room > have;
    return room > have;
}

static enum schema_fit worse(enum schema_fit a, enum schema_fit b) {
    return a > b ? a : b;
}

static void tell(struct text_buf *why, const struct state_field *f, const char *what) {
    if (!why) return;
    put_field(f, why);
    text_buf_printf(why, " %s\n", what);
}

static enum schema_fit compare_pair(const struct state_field *old, const struct state_field *now,
                                    struct text_buf *why) {
    bool same =
        type_equal(old->type, now->type) ||
        (old->type.kind == TYPE_ENUM && now->type.kind == TYPE_ENUM &&
         old->type.nullable == now->type.nullable && old->type.of->count == now->type.of->count &&
         members_begin_with(now->type.of, old->type.of));
    if (same && old->role == now->role) return SCHEMA_KEEP;
    bool fits = type_fits(old->type, now->type);
    /* What counted all rows would have to count those that are not null. */
    if (old->role != STATE_KEY && old->type.nullable != now->type.nullable) fits = false;
    /* A sum of 64 bits may have wrapped if its values had as many. */
    if (old->role != now->role && type_bits(old->type.kind) > 32) fits = false;
    if (why) {
        char room[128];
        put_field(old, why);
        text_buf_printf(why, " becomes %s%s\n", type_name(now->type, room),
                        fits ? "" : ", which does not fit");
    }
    return fits ? SCHEMA_MIGRATE : SCHEMA_REFUSE;
}

static bool is_taken_over(const struct state_schema *old, const struct state_schema *now,
                          const struct state_field *field) {
    for (u32 i = 0; i < now->count; i++)
        if (partner(old, &now->fields[i]) == field) return true;
    return false;
}

static enum schema_fit compare_fields(const struct state_schema *old,
                                      const struct state_schema *now, struct text_buf *why) {
    enum schema_fit fit = SCHEMA_KEEP;
    for (u32 i = 0; i < now->count; i++) {
        const struct state_field *f = &now->fields[i], *was = partner(old, f);
        if (was)
            fit = worse(fit, compare_pair(was, f, why));
        else if (f->role == STATE_KEY || !f->type.nullable) {
            tell(why, f, f->role == STATE_KEY ? "is a new key" : "is new: nobody kept it");
            fit = SCHEMA_REFUSE;
        } else {
            tell(why, f, "is new: of rows from now on");
            fit = worse(fit, SCHEMA_MIGRATE);
        }
    }
    for (u32 i = 0; i < old->count; i++) {
        const struct state_field *f = &old->fields[i];
        if (is_taken_over(old, now, f)) continue;
        tell(why, f, "is gone");
        fit = worse(fit, f->role == STATE_KEY ? SCHEMA_REFUSE : SCHEMA_MIGRATE);
    }
    return fit;
}

static bool same_calendar(const struct window_spec *a, const struct window_spec *b) {
    if (!a->zone || !b->zone) return a->zone == b->zone;
    return a->unit == b->unit && strcmp(a->zone, b->zone) == 0;
}

static enum schema_fit compare_windows(const struct window_spec *old, const struct window_spec *now,
                                       struct text_buf *why) {
    if (!old && !now) return SCHEMA_KEEP;
    bool same = old && now && old->shape == now->shape && old->rows == now->rows &&
                old->every == now->every && old->size_ns == now->size_ns &&
                old->slide_ns == now->slide_ns && old->offset_ns == now->offset_ns &&
                old->wall == now->wall && old->mode == now->mode &&
                spec_books_panes(old) == spec_books_panes(now) && old->same == now->same &&
                same_calendar(old, now);
    if (same && now->lateness_ns == old->lateness_ns) return SCHEMA_KEEP;
    if (why) {
        put_window(old, why);
        text_buf_str(why, "; becomes ");
        put_window(now, why);
        if (same && now->lateness_ns > old->lateness_ns)
            text_buf_str(why, ": windows that rows may still come to are gone");
        text_buf_str(why, "\n");
    }
    /* With less lateness some go that would have stayed: as if time had passed. */
    return same && now->lateness_ns < old->lateness_ns ? SCHEMA_KEEP : SCHEMA_REFUSE;
}

static bool same_layout(const struct state_schema *old, const struct state_schema *now) {
    if (old->slot_size != now->slot_size || old->acc_at != now->acc_at ||
        old->acc_size != now->acc_size || old->nulls_at != now->nulls_at ||
        old->nulls_size != now->nulls_size || old->count != now->count)
        return false;
    u32 before = 0; /* the order of keys is that in which they are hashed */
    for (u32 i = 0; i < now->count; i++) {
        const struct state_field *f = &now->fields[i], *was = partner(old, f);
        if (was->at != f->at || was->size != f->size || was->null_bit != f->null_bit) return false;
        if (f->role != STATE_KEY) continue;
        if ((u32)(was - old->fields) < before) return false;
        before = (u32)(was - old->fields);
    }
    return true;
}

enum schema_fit schema_compare(const struct state_schema *old, const struct state_schema *now,
                               struct text_buf *why) {
    enum schema_fit fit =
        worse(compare_windows(old->window, now->window, why), compare_fields(old, now, why));
    return fit == SCHEMA_KEEP && !same_layout(old, now) ? SCHEMA_MIGRATE : fit;
}

/* ---- moving ---- */

static bool sign_of(const struct state_field *f) {
    return f->role == STATE_SUM || f->role == STATE_WIDE || type_is_signed(f->type.kind);
}

struct schema_map schema_map_of(const struct state_schema *old, const struct state_schema *now,
                                struct arena *arena) {
    struct schema_map m = { .old = old, .now = now };
    m.keys = arena_alloc(arena, now->count * sizeof *m.keys);
    m.accs = arena_alloc(arena, now->count * sizeof *m.accs);
    for (u32 i = 0; i < now->count; i++) {
        const struct state_field *f = &now->fields[i], *was = partner(old, f);
        if (!was) continue;
        bool key = f->role == STATE_KEY;
        struct schema_move *move = key ? &m.keys[m.key_count++] : &m.accs[m.acc_count++];
        *move = (struct schema_move){ was->at,      was->size,     f->at,      f->size,
                                      sign_of(was), was->null_bit, f->null_bit };
    }
    return m;
}

static void move_value(const struct schema_move *m, const u8 *from, u8 *to) {
    bool negative = m->is_signed && from[m->from + m->from_size - 1] >> 7;
    if (m->to_size > m->from_size) memset(to + m->to, negative ? 0xFF : 0, m->to_size);
    memcpy(to + m->to, from + m->from, m->from_size);
}

void schema_move_key(const struct schema_map *m, const u8 *old_slot, u8 *slot) {
    u64 was_null = 0, null = 0;
    memset(slot, 0, m->now->acc_at);
    memcpy(&was_null, old_slot + m->old->nulls_at, m->old->nulls_size);
    for (u32 i = 0; i < m->key_count; i++) {
        const struct schema_move *k = &m->keys[i];
        move_value(k, old_slot, slot);
        if (k->from_bit >= 0 && k->to_bit >= 0) null |= (was_null >> k->from_bit & 1) << k->to_bit;
    }
    memcpy(slot + m->now->nulls_at, &null, m->now->nulls_size);
}

void schema_move_acc(const struct schema_map *m, const u8 *old_acc, u8 *acc) {
    memset(acc, 0, m->now->acc_size);
    memcpy(acc, old_acc, 8);
    for (u32 i = 0; i < m->acc_count; i++) move_value(&m->accs[i], old_acc, acc);
}
