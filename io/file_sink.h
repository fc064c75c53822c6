/* The sink of `file`: rows into `path`, or, with `partition` or `roll`, into parts in a folder.
   Exactly once where spec.run is there: io/append.h and io/folder.h; else to `path` as they come.
 */
#ifndef IO_FILE_SINK_H
#define IO_FILE_SINK_H

#include "runtime/stage/sink.h"

extern const struct sink_ops file_sink_ops;

#endif
