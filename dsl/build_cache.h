/* Where compiled jobs are kept, under names that are hashes, for all jobs of a user. It does not
   grow for ever: whoever adds an object takes away those that were used least recently. */
#ifndef DSL_BUILD_CACHE_H
#define DSL_BUILD_CACHE_H

#include "runtime/base/base.h"

#define CACHE_BYTES (64ull << 20) /* some thousand jobs */

/* The folder: $XDG_CACHE_HOME/millrace, or ~/.cache/millrace; without either a folder of the user's
   in /tmp. -1 with an error trail. */
int cache_folder(char *path, size_t room);

/* Is it there? Then it was used just now. */
bool cache_has(const char *path);

/* Takes away what is more than CACHE_BYTES, and what broken compilations left; nothing that was
   used in the last hour. A job that runs keeps its object. */
void cache_sweep(const char *folder);

#endif
