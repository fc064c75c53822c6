/* What expressions are: their types, where null may be, which conversions are written out. */
#include "dsl/check.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <string.h>

static const char head[] = "enum Unit { celsius, fahrenheit }\n"
                           "type T { b: bool, i8: i8, i16: i16, i32: i32, i64: i64, u8: u8, u16: "
                           "u16, u32: u32, u64: u64, f32: f32, f64: f64,\n"
                           "    s: string, t: timestamp, d: duration, e: Unit, nb: bool?, ni: "
                           "i64?, nf: f64?, ns: string?, nt: timestamp?, ne: Unit? }\n"
                           "source rows: T = file(path: \"t\", format: json);\n"
                           "fn plus(a: i64, b: i64?): i64? = a + b;\n"
                           "fn is_big(a: i64): bool = a > 100;\n"
                           "param limit: i64 = 7;\n"
                           "param maybe: i64? = 7;\n";

/* "TYPE = EXPRESSION" as the plan has it, or the first line of what is wrong. Good until the next
 * call. */
static const char *checked(const char *expression) {
    static char result[4096];
    struct arena arena;
    struct parse parse;
    struct text_buf text;
    arena_init(&arena);
    text_buf_init(&text);
    parse_init(&parse, &arena);
    char *job =
        arena_printf(&arena, "%srows |> select x = %s |> into print();\n", head, expression);
    parse_memory(&parse, "t.flow", job, strlen(job));
    const struct logical *plan =
        parse.diags.error_count ? NULL : check_job(&parse, &parse.diags, NULL, 0, &arena);
    if (plan) {
        char room[128];
        const struct lop *op = plan->ops[1];
        text_buf_printf(&text, "%s = ", type_name(op->exprs[0]->type, room));
        texpr_print(op->exprs[0], &op->inputs[0]->schema, &text);
    } else {
        const struct diag *d = parse.diags.at[0];
        text_buf_printf(&text, "%s %s", diag_code_name(d->code), d->message);
    }
    snprintf(result, sizeof result, "%s", text.at);
    text_buf_fini(&text);
    arena_fini(&arena);
    return result;
}

static void check_all(const char *const rows[][2]) {
    for (u32 i = 0; rows[i][0]; i++)
        if (!CHECK_STR(checked(rows[i][0]), rows[i][1])) fprintf(stderr, "  of: %s\n", rows[i][0]);
}

static void operands_meet_in_the_wider_type(void) {
    static const char *const rows[][2] = {
        { "i8 + i16", "i16 = ((i8 as i16) + i16)" },
        { "i32 * i64", "i64 = ((i32 as i64) * i64)" },
        { "u8 + u32", "u32 = ((u8 as u32) + u32)" },
        { "u8 + i16", "i16 = ((u8 as i16) + i16)" },
        { "u8 + i8", "i16 = ((u8 as i16) + (i8 as i16))" },
        { "u32 - i32", "i64 = ((u32 as i64) - (i32 as i64))" },
        { "u64 + u8", "u64 = (u64 + (u8 as u64))" },
        { "u64 + i8", "E0301 cannot add u64 and i8" },
        { "i64 + f32", "f32 = ((i64 as f32) + f32)" },
        { "f32 + f64", "f64 = ((f32 as f64) + f64)" },
        { "s + s", "string = (s + s)" },
        { "s - s", "E0301 cannot subtract string and string" },
        { "s + i64", "E0301 cannot add string and i64" },
        { "b + b", "E0301 cannot add bool and bool" },
        { "i8 << i64", "i64 = ((i8 as i64) << i64)" },
        { "f64 & i64", "E0301 cannot combine the bits of f64 and i64" },
        { "i16 == u16", "bool = ((i16 as i32) == (u16 as i32))" },
        { "e == ne", "bool? = (e == ne)" },
        { "e < s", "E0301 cannot compare Unit and string" },
        { "b < nb", "bool? = (b < nb)" },
        { NULL },
    };
    check_all(rows);
}

static void literals_take_the_type_they_meet(void) {
    static const char *const rows[][2] = {
        { "u8 + 255", "u8 = (u8 + 255)" },
        { "u8 + 256", "E0302 256 is no u8" },
        { "i8 > -128", "bool = (i8 > -128)" },
        { "i8 > -129", "E0302 -129 is no i8" },
        { "-9223372036854775808", "i64 = -9223372036854775808" },
        { "18446744073709551615", "u64 = 18446744073709551615" },
        { "u64 == 18446744073709551615", "bool = (u64 == 18446744073709551615)" },
        { "f32 * 2", "f32 = (f32 * 2.0)" },
        { "f32 * 0.1", "f32 = (f32 * 0.1)" },
        { "f32 < 9e99", "E0302 9e+99 is no f32" },
        { "i64 * 0.5", "f64 = ((i64 as f64) * 0.5)" },
        { "1 + 2", "i64 = (1 + 2)" },
        { "1 + 2.5", "f64 = (1.0 + 2.5)" },
        { "e == \"celsius\"", "bool = (e == \"celsius\")" },
        { "\"kelvin\" == e", "E0203 `Unit` has no member `kelvin`" },
        { "e in (\"celsius\")", "bool = (e in (\"celsius\"))" },
        { "\"celsius\" as Unit", "Unit = \"celsius\"" },
        { "if(b, 1, f32)", "f32 = case when b then 1.0 else f32 end" },
        { "if(b, \"fahrenheit\", e)", "Unit = case when b then \"fahrenheit\" else e end" },
        { "5 as u8", "u8 = 5" },
        { "limit + u8", "i64 = (7 + (u8 as i64))" },
        { NULL },
    };
    check_all(rows);
}

static void null_in_is_null_out_and_what_may_fail_may_be_null(void) {
    static const char *const rows[][2] = {
        { "i64 + ni", "i64? = (i64 + ni)" },
        { "i64 / 3", "i64 = (i64 / 3)" },
        { "i64 / 0", "i64? = (i64 / 0)" },
        { "i64 / i64", "i64? = (i64 / i64)" },
        { "i64 % limit", "i64 = (i64 % 7)" },
        { "i64 / maybe", "i64? = (i64 / (7 as i64?))" },
        { "f64 / 1.8", "f64 = (f64 / 1.8)" },
        { "f64 / f64", "f64? = (f64 / f64)" },
        { "ni == 3", "bool? = (ni == 3)" },
        { "ni is null", "bool = (ni is null)" },
        { "b and nb", "bool? = (b and nb)" },
        { "not nb", "bool? = (not nb)" },
        { "ni ?? 0", "i64 = (ni ?? 0)" },
        { "ni ?? ni", "i64? = (ni ?? ni)" },
        { "null ?? 1", "i64 = 1" },
        { "if(nb, 1, 2)", "i64 = case when nb then 1 else 2 end" },
        { "if(b, 1, null)", "i64? = case when b then 1 else null end" },
        { "case when b then 1 end", "i64? = case when b then 1 end" },
        { "ni == null", "E0303 a comparison with null is never true" },
        { "i64 in (1, null)", "E0303 null is never among them" },
        { "sqrt(f64)", "f64? = sqrt(f64)" },
        { "abs(ni)", "i64? = abs(ni)" },
        { "min_of(ni, i64)", "i64 = min_of(ni, i64)" },
        { "min_of(ni, ni)", "i64? = min_of(ni, ni)" },
        { "same(ni, i64)", "bool = same(ni, i64)" },
        { "coalesce(ni, ni, 3)", "i64 = (ni ?? (ni ?? 3))" },
        { "is_big(i64)", "bool = (i64 > 100)" },
        { "is_big(ni)", "bool? = case when (ni is null) then null else (ni! > 100) end" },
        { "is_big(i8)", "bool = ((i8 as i64) > 100)" },
        { "plus(i64, null)", "i64? = (i64 + null)" },
        { "plus(i64, i64)", "i64? = (i64 + i64)" },
        { NULL },
    };
    check_all(rows);
}

static void a_guard_takes_the_null_away(void) {
    static const char *const rows[][2] = {
        { "if(ni is not null, ni, 0)", "i64 = case when (ni is not null) then ni! else 0 end" },
        { "if(ni > 3, ni, 0)", "i64 = case when (ni > 3) then ni! else 0 end" },
        { "if(ni between 1 and 3, ni, 0)",
          "i64 = case when ((ni >= 1) and (ni <= 3)) then ni! else 0 end" },
        { "if(ni in (1, 2), ni, 0)", "i64 = case when (ni in (1, 2)) then ni! else 0 end" },
        { "if(not (ni is null), ni, 0)", "i64 = case when (not (ni is null)) then ni! else 0 end" },
        { "if(ni > 3 or ni < 1, ni, 0)",
          "i64 = case when ((ni > 3) or (ni < 1)) then ni! else 0 end" },
        { "if(ni > 3 or b, ni, 0)", "i64? = case when ((ni > 3) or b) then ni else 0 end" },
        { "if(ni is null, ni, 0)", "i64? = case when (ni is null) then ni else 0 end" },
        { "if(ni > nf, ni, 0)", "i64 = case when ((ni as f64?) > nf) then ni! else 0 end" },
        { "ni is not null and ni > 3", "bool = ((ni is not null) and (ni! > 3))" },
        { "case when ni > 3 then ni when ni < 3 then ni else 0 end",
          "i64 = case when (ni > 3) then ni! when (ni < 3) then ni! else 0 end" },
        { "if(nb, nb, true)", "bool = case when nb then nb! else true end" },
        { NULL },
    };
    check_all(rows);
}

static void times_have_an_arithmetic_of_their_own(void) {
    static const char *const rows[][2] = {
        { "t - t", "duration = (t - t)" },
        { "t + d", "timestamp = (t + d)" },
        { "d + t", "timestamp = (t + d)" },
        { "t - 1h30m", "timestamp = (t - 1h30m)" },
        { "d + 1s", "duration = (d + 1s)" },
        { "d / 1ms", "i64 = (d / 1ms)" },
        { "d / d", "i64? = (d / d)" },
        { "2 * d", "duration = (((d as i64) * 2) as duration)" },
        { "d / 2", "duration = (((d as i64) / 2) as duration)" },
        { "-d", "duration = ((-(d as i64)) as duration)" },
        { "t + t", "E0301 cannot add timestamp and timestamp" },
        { "t + 5", "E0301 cannot add timestamp and i64" },
        { "nt - t", "duration? = (nt - t)" },
        { "t < @2024-01-15T10:00:00+01:00", "bool = (t < @2024-01-15T09:00:00Z)" },
        { NULL },
    };
    check_all(rows);
}

static void casts_are_explicit_where_something_may_be_lost(void) {
    static const char *const rows[][2] = {
        { "i64 as i8", "i8? = (i64 as i8?)" },
        { "i8 as i64", "i64 = (i8 as i64)" },
        { "u64 as i64", "i64? = (u64 as i64?)" },
        { "f64 as i64", "i64? = (f64 as i64?)" },
        { "f64 as f32", "f32? = (f64 as f32?)" },
        { "i64 as f64", "f64 = (i64 as f64)" },
        { "i64 as string", "string = (i64 as string)" },
        { "ni as string", "string? = (ni as string?)" },
        { "s as i64", "i64? = (s as i64?)" },
        { "s as timestamp", "timestamp? = (s as timestamp?)" },
        { "s as Unit", "Unit? = (s as Unit?)" },
        { "e as string", "string = (e as string)" },
        { "b as i64", "i64 = (b as i64)" },
        { "null as i64", "i64? = null" },
        { "t as i64", "E0304 timestamp cannot be cast to i64" },
        { "e as i64", "E0304 Unit cannot be cast to i64" },
        { "300 as u8", "E0302 300 is no u8" },
        { "9e99 as f32", "f32? = (9e+99 as f32?)" },
        { NULL },
    };
    check_all(rows);
}

static void a_call_takes_the_signature_that_fits(void) {
    static const char *const rows[][2] = {
        { "lower(s)", "string = lower(s)" },
        { "substring(s, 1)", "string = substring(s, 1)" },
        { "substring(s, i8, 2)", "string = substring(s, (i8 as i64), 2)" },
        { "round(i64)", "f64 = round((i64 as f64))" },
        { "abs(i8)", "i8 = abs(i8)" },
        { "max_of(i8, 3, i16)", "i16 = max_of((i8 as i16), 3, i16)" },
        { "concat(s, ns)", "string? = concat(s, ns)" },
        { "concat()", "E0305 `concat` does not take ()" },
        { "trunc(t, 1m)", "timestamp = trunc(t, 1m)" },
        { "trunc(t, \"day\")", "timestamp = trunc(t, \"day\")" },
        { "trunc(t, 0s)", "E0309 a duration of `trunc` is more than 0s" },
        { "trunc(t, d)",
          "E0590 a duration of `trunc` that is worked out from a row is not supported yet" },
        { "regex_like(s, ns)",
          "E0590 a regular expression that is worked out from a row is not supported yet" },
        { "hash64(e)", "u64 = hash64(e)" },
        { "mod(i64, 3)", "i64 = (i64 % 3)" },
        { "split(s, \",\")", "E0590 a list as a column is not supported yet" },
        { "lower(i64)", "E0305 `lower` does not take (i64)" },
        { "from_unix_ms(i32)", "timestamp = from_unix_ms((i32 as i64))" },
        { NULL },
    };
    check_all(rows);
}

static void a_tree_that_grows_without_end_is_refused(void) {
    static char text[200000];
    u32 n = (u32)snprintf(text, sizeof text, "%s", "fn f0(x: i64): i64 = x + x;\n");
    for (u32 i = 1; i < 60; i++)
        n += (u32)snprintf(text + n, sizeof text - n, "fn f%u(x: i64): i64 = f%u(f%u(x));\n", i,
                           i - 1, i - 1);
    struct arena arena;
    struct parse parse;
    arena_init(&arena);
    parse_init(&parse, &arena);
    parse_memory(&parse, "t.flow", text, n);
    CHECK(!check_job(&parse, &parse.diags, NULL, 0, &arena));
    CHECK_STR(diag_code_name(parse.diags.at[0]->code), "E0310");
    CHECK_EQ(parse.diags.count, 1);
    arena_fini(&arena);
}

static void betweens_within_betweens_are_refused_when_they_are_too_large(void) {
    static char text[100000];
    u32 n = 0;
    for (u32 i = 0; i < 100; i++) text[n++] = '(';
    n += (u32)snprintf(text + n, sizeof text - n, "b");
    for (u32 i = 0; i < 100; i++)
        n += (u32)snprintf(text + n, sizeof text - n, " between b and b)");
    CHECK_STR(checked(text), "E0310 this expression is too large with every `fn` written out");
}

static const struct test tests[] = {
    TEST(operands_meet_in_the_wider_type),
    TEST(literals_take_the_type_they_meet),
    TEST(null_in_is_null_out_and_what_may_fail_may_be_null),
    TEST(a_guard_takes_the_null_away),
    TEST(times_have_an_arithmetic_of_their_own),
    TEST(casts_are_explicit_where_something_may_be_lost),
    TEST(a_call_takes_the_signature_that_fits),
    TEST(a_tree_that_grows_without_end_is_refused),
    TEST(betweens_within_betweens_are_refused_when_they_are_too_large),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("check_expr", tests, argc, argv);
}
