/* What may be on a disk after its power went: a model of ext4 (data=ordered, delayed allocation)
   that allows more than ext4 does, so that nobody leans on what it happens to do.

   After a cut behind the n-th operation,
   - what had been synced is there;
   - a name that was made, moved or removed since its folder's last sync may or may not be so, but
     in the order of the folder (a move between folders is in both or in neither). By the coin, a
     sync is for its own folder alone, or, as in ext4's journal, for all names that were changed
     before;
   - of bytes written since a file's last sync each page may be there, missing (what was there
     before, or zeros), or torn between its sectors of 512 bytes, whatever is there of other pages;
   - the size is that of any moment since. */
#ifndef TESTS_CRASH_DISK_H
#define TESTS_CRASH_DISK_H

#include "tests/crash/recorder.h"

/* Makes one of these states, chosen by seed, in `into` (a folder that is there and empty). The same
   arguments make the same state. */
void disk_make(const struct recorder *r, u32 ops, u64 seed, const char *into);

#endif
