/* `format("{} of {}", a, b)` is written as the concatenation of its pieces and its values as text.
 */
#include "dsl/check_internal.h"

#include <string.h>

struct template {
    struct checker *c;
    struct texpr **args;
    u32 count, next; /* arguments, the template first; the value of the next `{}` */
    struct texpr **parts;
    u32 part_count;
    char *text; /* of the piece at hand */
    u64 size;
};

static void add_part(struct template *t, struct texpr *part) {
    t->parts[t->part_count++] = part;
}

static void end_piece(struct template *t) {
    if (!t->size) return;
    struct str piece = { arena_copy(t->c->arena, t->text, t->size), t->size };
    add_part(
        t, make_const(t->c, type_of(TYPE_STRING), (union value){ .str = piece }, t->args[0]->span));
    t->size = 0;
}

static void add_value(struct template *t) {
    if (t->next < t->count) {
        struct texpr *value = t->args[t->next];
        struct type text = type_nullable(type_of(TYPE_STRING), value->type.nullable);
        end_piece(t);
        add_part(t, value->type.kind == TYPE_STRING ? value
                                                    : make_cast(t->c, value, text, value->span));
    }
    t->next++;
}

static bool wrong_brace(struct template *t, char brace) {
    struct diag *d = diag_error(t->c->diags, E0309, t->args[0]->span,
                                "a single `%c` in a template of `format`", brace);
    diag_help(t->c->diags, d, "`{}` is the place of a value; write `%c%c` for the brace itself",
              brace, brace);
    return false;
}

static bool take_apart(struct template *t) {
    struct str s = t->args[0]->value.str;
    for (u64 i = 0; i < s.size; i++) {
        char byte = s.at[i], after = i + 1 < s.size ? s.at[i + 1] : 0;
        if (byte == '{' && after == '}') {
            add_value(t);
            i++;
        } else if (byte != '{' && byte != '}') {
            t->text[t->size++] = byte;
        } else if (after == byte) {
            t->text[t->size++] = byte;
            i++;
        } else {
            return wrong_brace(t, byte);
        }
    }
    end_piece(t);
    if (t->next == t->count) return true;
    u32 places = t->next - 1, values = t->count - 1;
    diag_error(t->c->diags, E0305, t->args[0]->span, "%u place%s `{}` and %u value%s", places,
               places == 1 ? "" : "s", values, values == 1 ? "" : "s");
    return false;
}

struct texpr *check_format(struct checker *c, struct texpr **args, u32 count, struct span span) {
    u64 size = args[0]->value.str.size;
    struct template t = { .c = c,
                          .args = args,
                          .count = count,
                          .next = 1,
                          .parts = arena_alloc(c->arena, (size + 2) * sizeof *t.parts),
                          .text = arena_alloc(c->arena, size + 1) };
    if (!take_apart(&t)) return make_none(c, span);
    struct type type = type_of(TYPE_STRING);
    for (u32 i = 0; i < t.part_count; i++) type.nullable |= t.parts[i]->type.nullable;
    if (!t.part_count) return make_const(c, type, (union value){ .str = { "", 0 } }, span);
    struct texpr *r = make_node(c, TEXPR_CALL, type, span, t.part_count, t.parts);
    r->function = function_find("concat");
    return r;
}
