/* What went wrong in the world, told from the inside out. The function that fails calls error_set
   and returns its -1; each caller that knows more puts it in front with error_add. The trail reads
   like a sentence:
       reading job clicks.flow: open data.csv: No such file or directory
   There is one trail a thread; it is taken along by hand where work moves between threads. A trail
   longer than its room (2 KiB) loses its end, never its front. */
#ifndef RUNTIME_BASE_ERROR_H
#define RUNTIME_BASE_ERROR_H

/* Begins a new trail: the text, then ": " and the system's words for errnum unless errnum is 0.
   Returns -1. */
int error_set(int errnum, const char *fmt, ...) __attribute__((format(printf, 2, 3), cold));

/* The same where the text says it all: errnum is for error_number alone. */
int error_tell(int errnum, const char *fmt, ...) __attribute__((format(printf, 2, 3), cold));

/* Puts the text and ": " in front of the trail. Returns -1. */
int error_add(const char *fmt, ...) __attribute__((format(printf, 1, 2), cold));

/* The trail of this thread, "" if there is none; good until the thread's next call of this
   header. */
const char *error_text(void);

/* The errnum that the trail began with; 0 if none. */
int error_number(void);

void error_clear(void);

/* The trail, kept while somebody cleans up: error_restore makes it the thread's again. */
struct error_trail {
    int number;
    char text[2048];
};
void error_save(struct error_trail *out);
void error_restore(const struct error_trail *trail);

#endif
