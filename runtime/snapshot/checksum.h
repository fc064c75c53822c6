/* Checksums of what is written to disk: XXH3, 64 bits. They are against accidents, not against
   somebody who wants to deceive. */
#ifndef RUNTIME_SNAPSHOT_CHECKSUM_H
#define RUNTIME_SNAPSHOT_CHECKSUM_H

#include "runtime/base/base.h"

u64 checksum_of(const void *bytes, u64 size);

#endif
