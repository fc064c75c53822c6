#include "runtime/state/sorted.h"

#include "runtime/base/ensure.h"

#include <string.h>

#define PAGE_RECORDS 32u
#define DIRECTORY (1u << 31) /* in room */

/* What stands in a run: a page, of records, or a directory, of the offsets of pages. */
struct run {
    u32 count, room;
};

static u32 room_of(const struct run *r) {
    return r->room & ~DIRECTORY;
}

static u64 run_bytes(u32 room, u32 size) {
    return sizeof(struct run) + (u64)room * size;
}

static struct run *run_new(struct region *region, u32 room, u32 size, u32 kind) {
    struct run *r = region_alloc(region, run_bytes(room, size));
    *r = (struct run){ 0, room | kind };
    return r;
}

static void run_free(struct region *region, struct run *r, u32 size) {
    region_free(region, r, run_bytes(room_of(r), size));
}

/* The run with room for one more item; touched. */
static struct run *run_grown(struct region *region, struct run *r, u32 size, u32 most) {
    u32 room = room_of(r);
    if (r->count < room) return r;
    room = room * 2 < most ? room * 2 : most;
    struct run *more = run_new(region, room, size, r->room & DIRECTORY);
    more->count = r->count;
    memcpy(more + 1, r + 1, (u64)r->count * size);
    run_free(region, r, size);
    return more;
}

static void touch(struct region *region, struct run *r, u32 size) {
    region_touch_run(region, r, run_bytes(r->count < room_of(r) ? r->count + 1 : r->count, size));
}

static u8 *item(struct run *r, u32 nth, u32 size) {
    return (u8 *)(r + 1) + (u64)nth * size;
}

static void open_gap(struct run *r, u32 nth, u32 size) {
    memmove(item(r, nth + 1, size), item(r, nth, size), (u64)(r->count - nth) * size);
    r->count++;
}

static void close_gap(struct run *r, u32 nth, u32 size) {
    r->count--;
    memmove(item(r, nth, size), item(r, nth + 1, size), (u64)(r->count - nth) * size);
}

static struct run *first_run(const struct sorted_set *s) {
    return region_at(s->region, s->of->at);
}

static bool has_directory(const struct sorted_set *s) {
    return s->of->at && first_run(s)->room & DIRECTORY;
}

static u32 page_count(const struct sorted_set *s) {
    return !s->of->at ? 0 : has_directory(s) ? first_run(s)->count : 1;
}

static u32 *entry(const struct sorted_set *s, u32 page) {
    return (u32 *)item(first_run(s), page, sizeof(u32));
}

static struct run *page_at(const struct sorted_set *s, u32 page) {
    return has_directory(s) ? region_at(s->region, *entry(s, page)) : first_run(s);
}

static void set_page(struct sorted_set *s, u32 page, const struct run *r) {
    u32 offset = region_offset(s->region, r);
    if (!has_directory(s)) {
        s->of->at = offset;
    } else if (*entry(s, page) != offset) {
        region_touch(s->region, entry(s, page), sizeof(u32));
        *entry(s, page) = offset;
    }
}

static i64 order_of(struct run *page, u32 nth, u32 size) {
    i64 order;
    memcpy(&order, item(page, nth, size), 8);
    return order;
}

struct sorted_place sorted_find(const struct sorted_set *s, i64 least) {
    u32 low = 0, high = page_count(s);
    if (!high) return (struct sorted_place){ 0, 0 };
    for (high--; low < high;) { /* the first page whose last record is not below; else the last */
        u32 middle = (low + high) / 2;
        struct run *page = page_at(s, middle);
        if (order_of(page, page->count - 1, s->size) < least)
            low = middle + 1;
        else
            high = middle;
    }
    struct run *page = page_at(s, low);
    u32 from = 0, to = page->count;
    while (from < to) {
        u32 middle = (from + to) / 2;
        if (order_of(page, middle, s->size) < least)
            from = middle + 1;
        else
            to = middle;
    }
    return (struct sorted_place){ low, from };
}

u8 *sorted_at(const struct sorted_set *s, struct sorted_place *p) {
    u32 pages = page_count(s);
    if (p->page >= pages) return NULL;
    struct run *page = page_at(s, p->page);
    if (p->nth >= page->count) {
        if (p->page + 1 == pages) return NULL;
        *p = (struct sorted_place){ p->page + 1, 0 };
        page = page_at(s, p->page);
    }
    return item(page, p->nth, s->size);
}

/* Full pages are cut in two halves; one that only grows at its end keeps what it has. */
static struct run *split(struct sorted_set *s, struct run *page, struct sorted_place *p) {
    if (!has_directory(s)) {
        struct run *list = run_new(s->region, 4, sizeof(u32), DIRECTORY);
        u32 offset = region_offset(s->region, page);
        list->count = 1;
        memcpy(item(list, 0, sizeof(u32)), &offset, sizeof offset);
        s->of->at = region_offset(s->region, list);
    }
    struct run *list = run_grown(s->region, first_run(s), sizeof(u32), DIRECTORY - 1);
    s->of->at = region_offset(s->region, list);
    touch(s->region, list, sizeof(u32));
    open_gap(list, p->page + 1, sizeof(u32));
    u32 stays = p->nth == page->count ? page->count : page->count / 2, goes = page->count - stays;
    struct run *next = run_new(s->region, PAGE_RECORDS, s->size, 0);
    next->count = goes;
    memcpy(next + 1, item(page, stays, s->size), (u64)goes * s->size);
    region_touch(s->region, page, sizeof *page);
    page->count = stays;
    u32 offset = region_offset(s->region, next);
    memcpy(item(list, p->page + 1, sizeof(u32)), &offset, sizeof offset);
    if (p->nth < stays || (p->nth == stays && goes)) return page;
    *p = (struct sorted_place){ p->page + 1, p->nth - stays };
    return next;
}

u8 *sorted_put(struct sorted_set *s, struct sorted_place *p) {
    if (!s->of->at) {
        s->of->at = region_offset(s->region, run_new(s->region, 2, s->size, 0));
        *p = (struct sorted_place){ 0, 0 };
    }
    struct run *page = page_at(s, p->page);
    if (page->count == PAGE_RECORDS) page = split(s, page, p);
    page = run_grown(s->region, page, s->size, PAGE_RECORDS);
    set_page(s, p->page, page);
    touch(s->region, page, s->size);
    open_gap(page, p->nth, s->size);
    s->of->count++;
    return item(page, p->nth, s->size);
}

/* An empty page leaves, and the directory with the last but one. */
static void drop_page(struct sorted_set *s, u32 page) {
    run_free(s->region, page_at(s, page), s->size);
    if (!has_directory(s)) {
        s->of->at = 0;
        return;
    }
    struct run *list = first_run(s);
    touch(s->region, list, sizeof(u32));
    close_gap(list, page, sizeof(u32));
    if (list->count > 1) return;
    s->of->at = *entry(s, 0);
    run_free(s->region, list, sizeof(u32));
}

void sorted_take(struct sorted_set *s, struct sorted_place *p) {
    struct run *page = page_at(s, p->page);
    ENSURE(p->nth < page->count);
    touch(s->region, page, s->size);
    close_gap(page, p->nth, s->size);
    s->of->count--;
    if (page->count) return;
    drop_page(s, p->page);
    p->nth = 0;
}

void sorted_clear(struct sorted_set *s) {
    while (page_count(s)) drop_page(s, page_count(s) - 1);
    s->of->count = 0;
}

/* ---- what came from a disk ---- */

static const struct run *run_in(const u8 *image, u64 bytes, u32 offset, u32 size) {
    u64 at = (u64)offset * REGION_UNIT;
    if (!offset || at > bytes || sizeof(struct run) > bytes - at) return NULL;
    const struct run *r = (const struct run *)(image + at);
    bool whole = r->count && r->count <= room_of(r) && run_bytes(room_of(r), size) <= bytes - at;
    return whole ? r : NULL;
}

static bool page_is_sound(const struct run *page, u32 size, i64 *last, u64 *records) {
    if (!page || page->room > PAGE_RECORDS) return false;
    for (u32 i = 0; i < page->count; i++) {
        i64 order = order_of((struct run *)page, i, size);
        if (order < *last) return false;
        *last = order;
    }
    *records += page->count;
    return true;
}

bool sorted_is_sound(const struct sorted *of, u32 size, const u8 *image, u64 bytes) {
    if (!of->at) return !of->count;
    u64 at = (u64)of->at * REGION_UNIT, records = 0;
    i64 last = INT64_MIN;
    if (at > bytes || sizeof(struct run) > bytes - at) return false;
    bool many = ((const struct run *)(image + at))->room & DIRECTORY;
    const struct run *first = run_in(image, bytes, of->at, many ? sizeof(u32) : size);
    if (!first) return false;
    if (!many) return page_is_sound(first, size, &last, &records) && records == of->count;
    const u32 *pages = (const u32 *)(first + 1);
    for (u32 i = 0; i < first->count; i++)
        if (!page_is_sound(run_in(image, bytes, pages[i], size), size, &last, &records))
            return false;
    return records == of->count;
}
