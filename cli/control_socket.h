/* Unix sockets in a folder, for control.c alone. -1 comes with an error trail, but of
   control_accept. */
#ifndef CLI_CONTROL_SOCKET_H
#define CLI_CONTROL_SOCKET_H

/* A socket of mode 0600, not waiting. One that is there already is taken away. */
int control_listen(const char *dir);
void control_unlisten(const char *dir, int fd);

/* The next client, not waiting; -1: there is none, or it is not this user, nor root. */
int control_accept(int listening);

int control_connect(const char *dir);

#endif
