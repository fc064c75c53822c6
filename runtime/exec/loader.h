/* Opens a compiled job (a .so made from generated C) and checks that it was built for this
   millrace. The only user of dlfcn.h. The program must export the runtime's symbols
   (export_dynamic): generated code calls them. Main thread. */
#ifndef RUNTIME_EXEC_LOADER_H
#define RUNTIME_EXEC_LOADER_H

struct job;

struct loaded_job {
    const struct job *job; /* good until loader_close */
    void *library;
};

int loader_open(const char *path, struct loaded_job *out);
void loader_close(struct loaded_job *loaded);

#endif
