#include "runtime/job.h"

typedef __int128 wide __attribute__((aligned(8)));

static const struct str n0_text[] = {
    { "celsius", 7 },
    { "fahrenheit", 10 },
};
static __attribute__((unused)) bool n0_parse(struct str s, u8 *out) {
    for (u32 i = 0; i < 2; i++) {
        if (!str_equal(s, n0_text[i])) continue;
        *out = (u8)i;
        return true;
    }
    return false;
}

struct s0_run {
    i64 top, mark_next;
    u64 rows, hash_key;
    u32 position;
    enum window_care care;
    bool stopped;
};

static NOINLINE void k0_encode(struct chain *c, i64 f0, u8 f1, i16 f2, float f3, double f4, double f5, u8 f6, i64 f7, bool f7_null, i64 f8, i64 f9, bool f9_null, i64 f10, struct str f11, i64 f12, i64 f13, i64 f14, i64 f15, i64 f16, i64 f17, double f18, i64 f19, double f20, bool f20_null, bool f21, bool f22, bool f23, bool f23_null, i64 f24, struct str f25, i64 f26, struct str f27, bool f27_null, u8 f28, bool f28_null, i32 f29, i64 f30, bool f30_null, struct str f31, i64 f32, struct str f33, bool f33_null, i64 f34, bool f35, i64 f36, double f37, bool f37_null) {
    out_clear(&c->out);
    out_bytes(&c->out, "wide=", 5);
    out_i64(&c->out, f0);
    out_bytes(&c->out, " byte=", 6);
    out_u64(&c->out, f1);
    out_bytes(&c->out, " both=", 6);
    out_i64(&c->out, f2);
    out_bytes(&c->out, " float=", 7);
    out_f32(&c->out, f3);
    out_bytes(&c->out, " double=", 8);
    out_f64(&c->out, f4);
    out_bytes(&c->out, " mixed=", 7);
    out_f64(&c->out, f5);
    out_bytes(&c->out, " bits=", 6);
    out_u64(&c->out, f6);
    out_bytes(&c->out, " quotient=", 10);
    if (f7_null) {
        out_bytes(&c->out, "null", 4);
    } else {
        out_i64(&c->out, f7);
    }
    out_bytes(&c->out, " seventh=", 9);
    out_i64(&c->out, f8);
    out_bytes(&c->out, " rest=", 6);
    if (f9_null) {
        out_bytes(&c->out, "null", 4);
    } else {
        out_i64(&c->out, f9);
    }
    out_bytes(&c->out, " negative=", 10);
    out_i64(&c->out, f10);
    out_bytes(&c->out, " text=", 6);
    out_print_text(&c->out, f11);
    out_bytes(&c->out, " later=", 7);
    out_timestamp(&c->out, f12);
    out_bytes(&c->out, " ago=", 5);
    out_timestamp(&c->out, f13);
    out_bytes(&c->out, " gap=", 5);
    out_duration(&c->out, f14);
    out_bytes(&c->out, " halves=", 8);
    out_duration(&c->out, f15);
    out_bytes(&c->out, " hours=", 7);
    out_i64(&c->out, f16);
    out_bytes(&c->out, " twice=", 7);
    out_duration(&c->out, f17);
    out_bytes(&c->out, " hot=", 5);
    out_f64(&c->out, f18);
    out_bytes(&c->out, " zero=", 6);
    out_i64(&c->out, f19);
    out_bytes(&c->out, " maybe=", 7);
    if (f20_null) {
        out_bytes(&c->out, "null", 4);
    } else {
        out_f64(&c->out, f20);
    }
    out_bytes(&c->out, " member=", 8);
    out_bool(&c->out, f21);
    out_bytes(&c->out, " between_two=", 13);
    out_bool(&c->out, f22);
    out_bytes(&c->out, " no=", 4);
    if (f23_null) {
        out_bytes(&c->out, "null", 4);
    } else {
        out_bool(&c->out, f23);
    }
    out_bytes(&c->out, " narrowed=", 10);
    out_i64(&c->out, f24);
    out_bytes(&c->out, " first=", 7);
    out_print_text(&c->out, f25);
    out_bytes(&c->out, " best=", 6);
    out_i64(&c->out, f26);
    out_bytes(&c->out, " kind=", 6);
    if (f27_null) {
        out_bytes(&c->out, "null", 4);
    } else {
        out_print_text(&c->out, f27);
    }
    out_bytes(&c->out, " cast_down=", 11);
    if (f28_null) {
        out_bytes(&c->out, "null", 4);
    } else {
        out_u64(&c->out, f28);
    }
    out_bytes(&c->out, " cast_up=", 9);
    out_i64(&c->out, f29);
    out_bytes(&c->out, " parsed=", 8);
    if (f30_null) {
        out_bytes(&c->out, "null", 4);
    } else {
        out_timestamp(&c->out, f30);
    }
    out_bytes(&c->out, " day=", 5);
    out_print_text(&c->out, f31);
    out_bytes(&c->out, " minute=", 8);
    out_timestamp(&c->out, f32);
    out_bytes(&c->out, " found=", 7);
    if (f33_null) {
        out_bytes(&c->out, "null", 4);
    } else {
        out_print_text(&c->out, f33);
    }
    out_bytes(&c->out, " ms=", 4);
    out_i64(&c->out, f34);
    out_bytes(&c->out, " same=", 6);
    out_bool(&c->out, f35);
    out_bytes(&c->out, " remainder=", 11);
    out_i64(&c->out, f36);
    out_bytes(&c->out, " root=", 6);
    if (f37_null) {
        out_bytes(&c->out, "null", 4);
    } else {
        out_f64(&c->out, f37);
    }
    out_bytes(&c->out, "\n", 1);
}

struct e0_row {
    u32 text_at, text_size;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct e0_row) == 8, "as planned");

ALWAYS_INLINE void e0_send(struct chain *c, const struct s0_run *run, const enum job_variant variant) {
    if (variant == JOB_FUSED) {
        chain_sink(c, 0, c->out.start, out_size(&c->out));
        return;
    }
    struct outlet *o = &c->outlets[0];
    const u32 reader = o->reader_now;
    const struct str encoded = { (const char *)c->out.start, out_size(&c->out) };
    struct e0_row *row = (struct e0_row *)outlet_row(o, reader, sizeof(struct e0_row), encoded.size);
    row->text_at = outlet_text(o, reader, encoded);
    row->text_size = (u32)encoded.size;
}

ALWAYS_INLINE void s0_chain(struct chain *c, struct s0_run *run, i64 c0, i16 c1, u8 c2, float c4, double c5, struct str c6, i64 c7, i64 c8, u8 c9, bool c10, i64 c11, bool c11_null, struct str c12, bool c12_null, i64 c13, bool c13_null, const enum job_variant variant) {
#line 12 "expressions.flow"
    const i64 v1_0 = add_i64(c0, (i64)c1);
#line 12 "expressions.flow"
    const u8 v1_1 = (u8)((u64)c2 + (u64)200);
#line 12 "expressions.flow"
    const i16 v1_2 = (i16)add_i64((i16)c2, c1);
#line 12 "expressions.flow"
    const float v1_3 = (c4 * 2.0f);
#line 12 "expressions.flow"
    const double v1_4 = ((double)c4 + c5);
#line 12 "expressions.flow"
    const double v1_5 = ((double)c0 * 0x1p-1);
#line 12 "expressions.flow"
    const u8 v1_6 = (u8)((u8)shift_left((u64)c2, (i64)2, 8) | 1);
    i64 x1 = 0;
    const bool x1_null = !div_i64(c0, (i64)c1, &x1);
#line 13 "expressions.flow"
    const i64 v1_7 = x1;
    const bool v1_7_null = x1_null;
#line 13 "expressions.flow"
    const i64 v1_8 = (i64)div_nonzero_i64(c0, 7ll);
    i64 x2 = 0;
    const bool x2_null = c11_null || !mod_i64(c0, c11, &x2);
#line 13 "expressions.flow"
    const i64 v1_9 = x2;
    const bool v1_9_null = x2_null;
#line 13 "expressions.flow"
    const i64 v1_10 = (i64)neg_i64(c0);
    struct str x3 = { 0 };
    x3 = str_concat((struct str[]){ c6, (struct str){ "!", 1 } }, 2, &c->scratch);
#line 13 "expressions.flow"
    const struct str v1_11 = x3;
#line 14 "expressions.flow"
    const i64 v1_12 = time_add(c7, c8);
#line 14 "expressions.flow"
    const i64 v1_13 = time_sub(c7, 5400000000000ll);
#line 14 "expressions.flow"
    const i64 v1_14 = time_sub(c7, 1705309200000000000ll);
#line 14 "expressions.flow"
    const i64 v1_15 = (i64)(i64)div_nonzero_i64((i64)c8, 2ll);
#line 14 "expressions.flow"
    const i64 v1_16 = (i64)div_nonzero_i64(c8, 3600000000000ll);
#line 14 "expressions.flow"
    const i64 v1_17 = (i64)mul_i64((i64)c8, 2ll);
    double x4 = 0;
    if ((c9 == 1)) {
        x4 = ((c5 - 32.0) / 0x1.ccccccccccccdp+0);
    } else {
        x4 = c5;
    }
#line 15 "expressions.flow"
    const double v1_18 = x4;
#line 15 "expressions.flow"
    const i64 v1_19 = (c11_null ? 0ll : c11);
    double x5 = 0;
    bool x5_null = true;
    double x6 = 0;
    const bool x6_null = c12_null || !parse_f64(c12.at, c12.size, &x6);
    if (x6_null) {
        x5 = 0;
        x5_null = true;
    } else {
        double x7 = 0;
        if ((c9 == 1)) {
            double x8 = 0;
            const bool x8_null = c12_null || !parse_f64(c12.at, c12.size, &x8);
            x7 = ((x8 - 32.0) / 0x1.ccccccccccccdp+0);
        } else {
            double x9 = 0;
            const bool x9_null = c12_null || !parse_f64(c12.at, c12.size, &x9);
            x7 = x9;
        }
        x5 = x7;
        x5_null = false;
    }
#line 15 "expressions.flow"
    const double v1_20 = x5;
    const bool v1_20_null = x5_null;
    bool x10 = false;
    x10 |= (c9 == 0);
    x10 |= (c9 == 1);
#line 16 "expressions.flow"
    const bool v1_21 = x10;
#line 16 "expressions.flow"
    const bool v1_22 = ((c1 >= 1) && (c1 <= 9));
#line 16 "expressions.flow"
    const bool v1_23 = !(c11 == 3ll);
    const bool v1_23_null = c11_null;
#line 17 "expressions.flow"
    const i64 v1_24 = ((!c11_null && (c11 > 3ll)) ? add_i64(c11, 1ll) : 0ll);
#line 17 "expressions.flow"
    const struct str v1_25 = (c12_null ? c6 : c12);
    const i64 x11 = !c11_null && (c11 > c0) ? c11 : c0;
    const i64 x12 = (5ll > x11) ? 5ll : x11;
#line 17 "expressions.flow"
    const i64 v1_26 = x12;
    struct str x13 = (struct str){ 0 };
    bool x13_null = true;
    if (c12_null) {
        x13 = (struct str){ "none", 4 };
        x13_null = false;
    } else {
        if (c10) {
            x13 = (struct str){ "ok", 2 };
            x13_null = false;
        }
    }
#line 18 "expressions.flow"
    const struct str v1_27 = x13;
    const bool v1_27_null = x13_null;
#line 18 "expressions.flow"
    const u8 v1_28 = (u8)c0;
    const bool v1_28_null = (c0 < 0 || c0 > 255ll);
#line 18 "expressions.flow"
    const i32 v1_29 = (i32)c2;
    i64 x14 = 0;
    const bool x14_null = !parse_timestamp(c6.at, c6.size, &x14);
#line 18 "expressions.flow"
    const i64 v1_30 = x14;
    const bool v1_30_null = x14_null;
    const struct str x15 = (struct str){ "day", 3 };
    const i64 x16 = time_trunc_unit(c7, 3);
    const struct str x17 = (struct str){ "\045Y-\045m-\045d", 8 };
    const struct str x18 = date_format(x16, x17, &c->scratch);
#line 19 "expressions.flow"
    const struct str v1_31 = x18;
    const i64 x19 = time_trunc(c7, 60000000000ll);
#line 19 "expressions.flow"
    const i64 v1_32 = x19;
    const struct str x20 = (struct str){ "\050\134d+\051", 5 };
    struct str x21 = { 0 };
    const bool x21_null = !regex_extract(&c->regexes[0], c6, (u32)1ll, &x21);
#line 19 "expressions.flow"
    const struct str v1_33 = x21;
    const bool v1_33_null = x21_null;
    const i64 x22 = time_of_unix_ms(c0);
    const i64 x23 = time_unix_ms(x22);
#line 20 "expressions.flow"
    const i64 v1_34 = x23;
    const i64 x24 = (i64)div_nonzero_i64(c13, 1000000000ll);
    const bool x24_null = c13_null;
#line 20 "expressions.flow"
    const bool v1_35 = (c11_null == x24_null && (c11_null || (c11 == x24)));
#line 20 "expressions.flow"
    const i64 v1_36 = (i64)mod_nonzero_i64(c0, 3ll);
    const double x25 = (double)c0;
    double x26 = 0;
    const bool x26_null = !sqrt_f64(x25, &x26);
#line 20 "expressions.flow"
    const double v1_37 = x26;
    const bool v1_37_null = x26_null;
#line 21 "expressions.flow"
    k0_encode(c, v1_0, v1_1, v1_2, v1_3, v1_4, v1_5, v1_6, v1_7, v1_7_null, v1_8, v1_9, v1_9_null, v1_10, v1_11, v1_12, v1_13, v1_14, v1_15, v1_16, v1_17, v1_18, v1_19, v1_20, v1_20_null, v1_21, v1_22, v1_23, v1_23_null, v1_24, v1_25, v1_26, v1_27, v1_27_null, v1_28, v1_28_null, v1_29, v1_30, v1_30_null, v1_31, v1_32, v1_33, v1_33_null, v1_34, v1_35, v1_36, v1_37, v1_37_null);
#line 21 "expressions.flow"
    e0_send(c, run, variant);
}
#line 319 "job.c"

ALWAYS_INLINE void s0_row(struct chain *c, struct s0_run *run, i64 c0, i16 c1, u8 c2, float c4, double c5, struct str c6, i64 c7, i64 c8, u8 c9, bool c10, i64 c11, bool c11_null, struct str c12, bool c12_null, i64 c13, bool c13_null, const enum job_variant variant) {
    s0_chain(c, run, c0, c1, c2, c4, c5, c6, c7, c8, c9, c10, c11, c11_null, c12, c12_null, c13, c13_null, variant);
    run->rows++;
}

ALWAYS_INLINE void s0_malformed(struct chain *c, struct s0_run *run, const struct extent *x, u64 at, u64 size, const char *reason, const enum job_variant variant) {
    run->care = WINDOW_CHECK;
    if (!chain_malformed(c, x, at, size, reason)) {
        run->stopped = true;
        return;
    }
}
#line 333 "job.c"

struct s0_columns {
    i64 c0;
    i16 c1;
    u8 c2;
    float c4;
    double c5;
    struct str c6;
    i64 c7;
    i64 c8;
    u8 c9;
    bool c10;
    i64 c11;
    bool c11_null;
    struct str c12;
    bool c12_null;
    i64 c13;
    bool c13_null;
};
static const char s0_blank[] = ""; /* there is no record */
static NOINLINE const char *s0_exact(struct chain *c, const struct extent *x, u64 at, u64 *size, struct s0_columns *row) {
    const char *bad = NULL;
    i64 c0 = 0;
    i16 c1 = 0;
    u8 c2 = 0;
    float c4 = 0;
    double c5 = 0;
    struct str c6 = { 0 };
    i64 c7 = 0;
    i64 c8 = 0;
    u8 c9 = 0;
    bool c10 = 0;
    i64 c11 = 0;
    bool c11_null = true;
    struct str c12 = { 0 };
    bool c12_null = true;
    i64 c13 = 0;
    bool c13_null = true;
    scratch_reset(&c->scratch);
    const u64 length = scan_byte(x->at + at, x->size - at, '\n');
    *size = length + (at + length < x->size);
    if (json_is_blank(x->at + at, length)) return s0_blank;
    struct json_walk walk;
    struct json_value value;
    struct str key;
    enum json_step step;
    bool seen0 = false;
    bool seen1 = false;
    bool seen2 = false;
    bool seen4 = false;
    bool seen5 = false;
    bool seen6 = false;
    bool seen7 = false;
    bool seen8 = false;
    bool seen9 = false;
    bool seen10 = false;
    bool seen11 = false;
    bool seen12 = false;
    bool seen13 = false;
    json_walk_begin(&walk, x->at + at, length, &c->scratch);
    while ((step = json_walk_next(&walk, &key, &value)) == JSON_MEMBER) {
        if (str_equal(key, (struct str){ "i", 1 })) {
            seen0 = true;
            if (value.kind == JSON_NUMBER) {
                const struct str s = value.text;
                if (!bad && !parse_i64(s.at, s.size, &c0)) bad = "`i` is no i64";
            } else if (!bad) {
                bad = value.kind == JSON_NULL ? "`i` is null" : "`i` is no i64";
            }
            continue;
        }
        if (str_equal(key, (struct str){ "s", 1 })) {
            seen1 = true;
            if (value.kind == JSON_NUMBER) {
                const struct str s = value.text;
                if (!bad && !parse_i16(s.at, s.size, &c1)) bad = "`s` is no i16";
            } else if (!bad) {
                bad = value.kind == JSON_NULL ? "`s` is null" : "`s` is no i16";
            }
            continue;
        }
        if (str_equal(key, (struct str){ "b", 1 })) {
            seen2 = true;
            if (value.kind == JSON_NUMBER) {
                const struct str s = value.text;
                if (!bad && !parse_u8(s.at, s.size, &c2)) bad = "`b` is no u8";
            } else if (!bad) {
                bad = value.kind == JSON_NULL ? "`b` is null" : "`b` is no u8";
            }
            continue;
        }
        if (str_equal(key, (struct str){ "f", 1 })) {
            seen4 = true;
            if (value.kind == JSON_NUMBER) {
                const struct str s = value.text;
                if (!bad && !parse_f32(s.at, s.size, &c4)) bad = "`f` is no f32";
            } else if (!bad) {
                bad = value.kind == JSON_NULL ? "`f` is null" : "`f` is no f32";
            }
            continue;
        }
        if (str_equal(key, (struct str){ "d", 1 })) {
            seen5 = true;
            if (value.kind == JSON_NUMBER) {
                const struct str s = value.text;
                if (!bad && !parse_f64(s.at, s.size, &c5)) bad = "`d` is no f64";
            } else if (!bad) {
                bad = value.kind == JSON_NULL ? "`d` is null" : "`d` is no f64";
            }
            continue;
        }
        if (str_equal(key, (struct str){ "t", 1 })) {
            seen6 = true;
            if (value.kind == JSON_STRING) {
                const struct str s = value.text;
                c6 = s;
                if (!bad && !x->utf8_checked && !utf8_valid((const u8 *)s.at, s.size)) bad = "`t` is not valid UTF-8";
            } else if (!bad) {
                bad = value.kind == JSON_NULL ? "`t` is null" : "`t` is no string";
            }
            continue;
        }
        if (str_equal(key, (struct str){ "at", 2 })) {
            seen7 = true;
            if (value.kind == JSON_STRING) {
                const struct str s = value.text;
                if (!bad && !parse_timestamp(s.at, s.size, &c7)) bad = "`at` is no timestamp";
            } else if (!bad) {
                bad = value.kind == JSON_NULL ? "`at` is null" : "`at` is no timestamp";
            }
            continue;
        }
        if (str_equal(key, (struct str){ "for", 3 })) {
            seen8 = true;
            if (value.kind == JSON_STRING) {
                const struct str s = value.text;
                if (!bad && !parse_duration(s.at, s.size, &c8)) bad = "`for` is no duration";
            } else if (!bad) {
                bad = value.kind == JSON_NULL ? "`for` is null" : "`for` is no duration";
            }
            continue;
        }
        if (str_equal(key, (struct str){ "unit", 4 })) {
            seen9 = true;
            if (value.kind == JSON_STRING) {
                const struct str s = value.text;
                if (!bad && !n0_parse(s, &c9)) bad = "`unit` is no Unit";
            } else if (!bad) {
                bad = value.kind == JSON_NULL ? "`unit` is null" : "`unit` is no Unit";
            }
            continue;
        }
        if (str_equal(key, (struct str){ "ok", 2 })) {
            seen10 = true;
            if ((value.kind == JSON_TRUE || value.kind == JSON_FALSE)) {
                c10 = value.kind == JSON_TRUE;
            } else if (!bad) {
                bad = value.kind == JSON_NULL ? "`ok` is null" : "`ok` is no bool";
            }
            continue;
        }
        if (str_equal(key, (struct str){ "ni", 2 })) {
            seen11 = true;
            c11_null = true;
            if (value.kind == JSON_NUMBER) {
                const struct str s = value.text;
                c11_null = false;
                if (!bad && !parse_i64(s.at, s.size, &c11)) bad = "`ni` is no i64";
            } else if (!bad && value.kind != JSON_NULL) {
                bad = "`ni` is no i64";
            }
            continue;
        }
        if (str_equal(key, (struct str){ "nt", 2 })) {
            seen12 = true;
            c12_null = true;
            if (value.kind == JSON_STRING) {
                const struct str s = value.text;
                c12_null = false;
                c12 = s;
                if (!bad && !x->utf8_checked && !utf8_valid((const u8 *)s.at, s.size)) bad = "`nt` is not valid UTF-8";
            } else if (!bad && value.kind != JSON_NULL) {
                bad = "`nt` is no string";
            }
            continue;
        }
        if (str_equal(key, (struct str){ "nd", 2 })) {
            seen13 = true;
            c13_null = true;
            if (value.kind == JSON_STRING) {
                const struct str s = value.text;
                c13_null = false;
                if (!bad && !parse_duration(s.at, s.size, &c13)) bad = "`nd` is no duration";
            } else if (!bad && value.kind != JSON_NULL) {
                bad = "`nd` is no duration";
            }
            continue;
        }
    }
    if (!bad && !seen0) bad = "`i` is missing";
    if (!bad && !seen1) bad = "`s` is missing";
    if (!bad && !seen2) bad = "`b` is missing";
    if (!bad && !seen4) bad = "`f` is missing";
    if (!bad && !seen5) bad = "`d` is missing";
    if (!bad && !seen6) bad = "`t` is missing";
    if (!bad && !seen7) bad = "`at` is missing";
    if (!bad && !seen8) bad = "`for` is missing";
    if (!bad && !seen9) bad = "`unit` is missing";
    if (!bad && !seen10) bad = "`ok` is missing";
    if (step == JSON_BROKEN) bad = "not a JSON object";
    row->c0 = c0;
    row->c1 = c1;
    row->c2 = c2;
    row->c4 = c4;
    row->c5 = c5;
    row->c6 = c6;
    row->c7 = c7;
    row->c8 = c8;
    row->c9 = c9;
    row->c10 = c10;
    row->c11 = c11;
    row->c11_null = c11_null;
    row->c12 = c12;
    row->c12_null = c12_null;
    row->c13 = c13;
    row->c13_null = c13_null;
    return bad;
}

ALWAYS_INLINE bool s0_fast(const u8 *p, u64 start, const u32 *f, struct s0_columns *row) {
    u64 bad = p[start] != '{' || f[0] != start + 1;
    bad |= !json_key_is(p, f[0], f[1], "i", 1);
    const u8 *c0_from, *c0_to;
    bad |= !json_bare(p, f[1], f[2], &c0_from, &c0_to);
    const bool c0_minus = *c0_from == '-';
    const u64 c0_digits = digits_padded(c0_to, (u64)(c0_to - c0_from) - c0_minus, &bad);
    const i64 c0 = (i64)(c0_minus ? 0 - c0_digits : c0_digits);
    bad |= *c0_from == '0' && c0_to - c0_from > 1;
    bad |= !json_key_is(p, f[2], f[3], "s", 1);
    const u8 *c1_from, *c1_to;
    bad |= !json_bare(p, f[3], f[4], &c1_from, &c1_to);
    const bool c1_minus = *c1_from == '-';
    const u64 c1_digits = digits_padded(c1_to, (u64)(c1_to - c1_from) - c1_minus, &bad);
    bad |= c1_digits > 32767ull + c1_minus;
    const i16 c1 = (i16)(c1_minus ? 0 - c1_digits : c1_digits);
    bad |= *c1_from == '0' && c1_to - c1_from > 1;
    bad |= !json_key_is(p, f[4], f[5], "b", 1);
    const u8 *c2_from, *c2_to;
    bad |= !json_bare(p, f[5], f[6], &c2_from, &c2_to);
    const u64 c2_digits = digits_padded(c2_to, (u64)(c2_to - c2_from), &bad);
    bad |= c2_digits > 255;
    const u8 c2 = (u8)c2_digits;
    bad |= *c2_from == '0' && c2_to - c2_from > 1;
    bad |= !json_key_is(p, f[8], f[9], "f", 1);
    const u8 *c4_from, *c4_to;
    bad |= !json_bare(p, f[9], f[10], &c4_from, &c4_to);
    float c4 = 0;
    bad |= !json_is_number(c4_from, (u64)(c4_to - c4_from));
    bad |= !parse_f32(c4_from, (u64)(c4_to - c4_from), &c4);
    bad |= !json_key_is(p, f[10], f[11], "d", 1);
    const u8 *c5_from, *c5_to;
    bad |= !json_bare(p, f[11], f[12], &c5_from, &c5_to);
    double c5 = 0;
    bad |= !json_is_number(c5_from, (u64)(c5_to - c5_from));
    bad |= !parse_f64(c5_from, (u64)(c5_to - c5_from), &c5);
    bad |= !json_key_is(p, f[12], f[13], "t", 1);
    const u8 *c6_from, *c6_to;
    bad |= !json_is_colon(p, f[13], f[14]);
    bad |= !json_is_comma(p, f[15], f[16]);
    c6_from = p + f[14] + 1, c6_to = p + f[15];
    const struct str c6 = { (const char *)c6_from, (u64)(c6_to - c6_from) };
    bad |= !json_key_is(p, f[16], f[17], "at", 2);
    const u8 *c7_from, *c7_to;
    bad |= !json_is_colon(p, f[17], f[18]);
    bad |= !json_is_comma(p, f[19], f[20]);
    c7_from = p + f[18] + 1, c7_to = p + f[19];
    i64 c7 = 0;
    bad |= !parse_timestamp(c7_from, (u64)(c7_to - c7_from), &c7);
    bad |= !json_key_is(p, f[20], f[21], "for", 3);
    const u8 *c8_from, *c8_to;
    bad |= !json_is_colon(p, f[21], f[22]);
    bad |= !json_is_comma(p, f[23], f[24]);
    c8_from = p + f[22] + 1, c8_to = p + f[23];
    i64 c8 = 0;
    bad |= !parse_duration(c8_from, (u64)(c8_to - c8_from), &c8);
    bad |= !json_key_is(p, f[24], f[25], "unit", 4);
    const u8 *c9_from, *c9_to;
    bad |= !json_is_colon(p, f[25], f[26]);
    bad |= !json_is_comma(p, f[27], f[28]);
    c9_from = p + f[26] + 1, c9_to = p + f[27];
    u8 c9 = 0;
    bad |= !n0_parse((struct str){ (const char *)c9_from, (u64)(c9_to - c9_from) }, &c9);
    bad |= !json_key_is(p, f[28], f[29], "ok", 2);
    const u8 *c10_from, *c10_to;
    bad |= !json_bare(p, f[29], f[30], &c10_from, &c10_to);
    const bool c10 = c10_to - c10_from == 4 && __builtin_memcmp(c10_from, "true", 4) == 0;
    bad |= !c10 && !(c10_to - c10_from == 5 && __builtin_memcmp(c10_from, "false", 5) == 0);
    bad |= !json_key_is(p, f[30], f[31], "ni", 2);
    const u8 *c11_from, *c11_to;
    bad |= !json_bare(p, f[31], f[32], &c11_from, &c11_to);
    const bool c11_null = json_is_null(c11_from, c11_to);
    u64 c11_bad = 0;
    const bool c11_minus = *c11_from == '-';
    const u64 c11_digits = digits_padded(c11_to, (u64)(c11_to - c11_from) - c11_minus, &c11_bad);
    const i64 c11 = (i64)(c11_minus ? 0 - c11_digits : c11_digits);
    c11_bad |= *c11_from == '0' && c11_to - c11_from > 1;
    bad |= c11_null ? 0 : c11_bad;
    bad |= !json_key_is(p, f[32], f[33], "nt", 2);
    const u8 *c12_from, *c12_to;
    bad |= !json_is_colon(p, f[33], f[34]);
    bad |= !json_is_comma(p, f[35], f[36]);
    c12_from = p + f[34] + 1, c12_to = p + f[35];
    const bool c12_null = false;
    const struct str c12 = { (const char *)c12_from, (u64)(c12_to - c12_from) };
    bad |= !json_key_is(p, f[36], f[37], "nd", 2);
    const u8 *c13_from, *c13_to;
    bad |= !json_is_colon(p, f[37], f[38]);
    bad |= p[f[39] + 1] != '}' || f[39] + 2 != f[40];
    c13_from = p + f[38] + 1, c13_to = p + f[39];
    const bool c13_null = false;
    u64 c13_bad = 0;
    i64 c13 = 0;
    c13_bad |= !parse_duration(c13_from, (u64)(c13_to - c13_from), &c13);
    bad |= c13_null ? 0 : c13_bad;
    row->c0 = c0;
    row->c1 = c1;
    row->c2 = c2;
    row->c4 = c4;
    row->c5 = c5;
    row->c6 = c6;
    row->c7 = c7;
    row->c8 = c8;
    row->c9 = c9;
    row->c10 = c10;
    row->c11 = c11;
    row->c11_null = c11_null;
    row->c12 = c12;
    row->c12_null = c12_null;
    row->c13 = c13;
    row->c13_null = c13_null;
    return LIKELY(!bad);
}

ALWAYS_INLINE void s0_morsel(struct chain *c, const struct extent *x, const enum job_variant variant) {
    u32 ends[SCAN_ENDS];
    struct s0_run run = { .top = c->top, .mark_next = c->mark_next, .hash_key = c->hash_key };
    if (UNLIKELY(x->broken != NULL)) {
        struct s0_run r = run;
        s0_malformed(c, &r, x, 0, x->size, x->broken, variant);
        run = r;
    } else {
        for (u64 at = 0, start; at < x->size && !run.stopped; at += start) {
            const u8 *p = x->at + at;
            const u64 piece = x->size - at < SCAN_PIECE ? x->size - at : SCAN_PIECE;
            const struct scan scan = scan_json(p, piece, ends);
            const u32 *f = ends, *const last = ends + scan.count;
            const bool regular = scan_is_regular(p, ends, scan, 41);
            const bool utf8 = x->utf8_checked || !(scan.flags & SCAN_HIGH) || utf8_valid(p, scan_whole(p, ends, scan));
            u32 places = 1;
            for (start = 0; places && !run.stopped; f += places) {
                places = regular ? (last - f >= 41 ? 41 : 0) : scan_places(p, f, last);
                if (!places && start) break; /* the next piece begins with it; else it is longer, or the last */
                scratch_reset(&c->scratch);
                u64 size = places ? f[places - 1] + 1 - start : 0;
                const char *bad = NULL;
                struct s0_columns row;
                if (UNLIKELY(places != 41 || !utf8 || (scan.flags & SCAN_CONTROL) || ((scan.flags & SCAN_BACKSLASH) && scan_byte(p + start, size, '\\') < size) || !s0_fast(p, start, f, &row))) {
                    struct s0_columns exact; /* so that the row stays in registers */
                    bad = s0_exact(c, x, at + start, &size, &exact);
                    row = exact;
                }
                if (LIKELY(!bad)) {
                    s0_row(c, &run, row.c0, row.c1, row.c2, row.c4, row.c5, row.c6, row.c7, row.c8, row.c9, row.c10, row.c11, row.c11_null, row.c12, row.c12_null, row.c13, row.c13_null, variant);
                } else if (bad != s0_blank) {
                    struct s0_run copy = run;
                    s0_malformed(c, &copy, x, at + start, scan_bare(x->at + at + start, size), bad, variant);
                    run = copy;
                }
                run.position++;
                start += size;
            }
        }
    }
    c->top = run.top;
    c->sources[0].rows_in += run.rows;
}

static void s0_morsel_rings(struct chain *c, const struct extent *x) {
    s0_morsel(c, x, JOB_RINGS);
}
static void s0_morsel_fused(struct chain *c, const struct extent *x) {
    s0_morsel(c, x, JOB_FUSED);
}

static const struct job_option s0_options[] = {
    { "path", JOB_OPTION_LITERAL, "t.json" },
    { "format", JOB_OPTION_LITERAL, "json" },
};
LEND(s0_morsel_fused)
static const struct job_source sources[] = {
    [0] = {
        .name = "rows",
        .connector = { .connector = "file",
            .format = "json",
            .options = s0_options,
            .option_count = 2,
            .row_bytes = 0,
            .header = false,
            .delimiter = 44,
            .head = NULL },
        .has_time = false,
        .at_end = true,
        .lag_ns = 0ll,
        .ahead_ns = -1ll,
        .idle_ns = -1ll,
        .bounds = NULL,
        .bound_count = 0,
        .malformed = 0,
        .morsel = { [JOB_RINGS] = s0_morsel_rings, [JOB_FUSED] = FUSED(s0_morsel_fused) },
    },
};

static const u32 inputs0[] = { 0 };
static const struct job_stage stages[] = {
    [0] = {
        .name = "rows/print",
        .kind = JOB_SINK,
        .line = 21,
        .parallel = 1,
        .on_core = -1,
        .on_node = -1,
        .inputs = inputs0,
        .input_count = 1,
        .sink = { .connector = "print",
            .format = "text",
            .options = NULL,
            .option_count = 0,
            .row_bytes = 0,
            .header = false,
            .delimiter = 44,
            .head = NULL },
    },
};

static const u16 e0_texts[] = { 0 };
static const struct job_edge edges[] = {
    [0] = {
        .from_source = true,
        .from = 0,
        .port = 0,
        .to = 0,
        .input = 0,
        .route = ROUTE_ONE,
        .row_bytes = 8,
        .texts = e0_texts,
        .text_count = 1,
        .position_at = -1,
        .shard_at = -1,
    },
};

static const struct job_regex regexes[] = {
    { "\050\134d+\051", 5 },
};

#ifndef PART_FUSED
__attribute__((visibility("default"))) const struct job millrace_job = {
    .magic = JOB_MAGIC,
    .abi = JOB_ABI,
    .chain_bytes = sizeof(struct chain),
    .outlet_bytes = sizeof(struct outlet),
    .window_bytes = sizeof(struct window),
    .name = "expressions",
    .param_count = 0,
    .sources = sources,
    .source_count = 1,
    .stages = stages,
    .stage_count = 1,
    .edges = edges,
    .edge_count = 1,
    .table_count = 0,
    .regexes = regexes,
    .regex_count = 1,
    .blackhole_count = 0,
    .can_fuse = true,
    .parallelism = 0,
    .memory_bytes = 0ull,
    .snapshots = { 0ll, JOB_GUARANTEE_UNSET, 600000000000ll, 0ll, 10u, 3u },
};
#endif
