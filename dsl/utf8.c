#include "dsl/utf8.h"

u32 utf8_decode(const char *at, size_t size, u32 *character) {
    const u8 *b = (const u8 *)at;
    if (size == 0) return 0;
    if (b[0] < 0x80) {
        *character = b[0];
        return 1;
    }
    u32 length = b[0] >= 0xF0 ? 4 : b[0] >= 0xE0 ? 3 : 2;
    if (b[0] < 0xC2 || b[0] > 0xF4 || length > size) return 0;
    u32 c = b[0] & (0x7Fu >> length);
    for (u32 i = 1; i < length; i++) {
        if ((b[i] & 0xC0) != 0x80) return 0;
        c = c << 6 | (b[i] & 0x3F);
    }
    static const u32 least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    if (c < least[length] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) return 0;
    *character = c;
    return length;
}

u32 utf8_encode(u32 c, char *to) {
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    u32 length = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (u32 i = length - 1; i > 0; i--, c >>= 6) to[i] = (char)(0x80 | (c & 0x3F));
    to[0] = (char)((0xF00 >> length & 0xFF) | c);
    return length;
}

size_t utf8_prefix(const char *at, size_t size) {
    size_t done = 0;
    u32 c;
    while (done < size) {
        u32 length = utf8_decode(at + done, size - done, &c);
        if (length == 0) break;
        done += length;
    }
    return done;
}

u32 utf8_count(const char *at, size_t size) {
    u32 count = 0, c;
    for (size_t done = 0; done < size; count++) {
        u32 length = utf8_decode(at + done, size - done, &c);
        done += length ? length : 1;
    }
    return count;
}

u32 utf8_width(u32 c) {
    static const struct range {
        u32 first, last;
    } combining[] = { { 0x300, 0x36F },   { 0x483, 0x489 },   { 0x591, 0x5BD },
                      { 0x610, 0x61A },   { 0x64B, 0x65F },   { 0x1AB0, 0x1AFF },
                      { 0x1DC0, 0x1DFF }, { 0x200B, 0x200F }, { 0x20D0, 0x20FF },
                      { 0xFE00, 0xFE0F }, { 0xFE20, 0xFE2F } },
      wide[] = { { 0x1100, 0x115F },   { 0x2E80, 0x303E },   { 0x3041, 0xA4CF },
                 { 0xAC00, 0xD7A3 },   { 0xF900, 0xFAFF },   { 0xFE30, 0xFE6F },
                 { 0xFF00, 0xFF60 },   { 0xFFE0, 0xFFE6 },   { 0x1F300, 0x1F64F },
                 { 0x1F680, 0x1F6FF }, { 0x1F900, 0x1F9FF }, { 0x20000, 0x3FFFD } };
    for (size_t i = 0; i < sizeof combining / sizeof *combining; i++)
        if (c >= combining[i].first && c <= combining[i].last) return 0;
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        if (c >= wide[i].first && c <= wide[i].last) return 2;
    return 1;
}
