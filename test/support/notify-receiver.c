/*
 * Binds a unix datagram socket and prints each datagram on a line of its own, line feeds as blanks, and what has come with it:
 * for tests of sd_notify.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int count, char **values) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  char text[4096];
  if (count != 2 || strlen(values[1]) >= sizeof address.sun_path) return 64;
  strcpy(address.sun_path, values[1]);
  socklen_t bytes = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(values[1]));
  if (address.sun_path[0] == '@') address.sun_path[0] = 0;
  int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, bytes) != 0) return 71;
  puts("bound");
  fflush(stdout);
  for (;;) {
    union {
      struct cmsghdr header;
      char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec data = {text, sizeof text - 1};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t length = recvmsg(fd, &message, 0);
    if (length < 0) return 71;
    text[length] = 0;
    for (char *at = text; *at; at++)
      if (*at == '\n') *at = ' ';
    fputs(text, stdout);
    if (CMSG_FIRSTHDR(&message) != NULL) {
      int passed, listens = 0;
      socklen_t size = sizeof listens;
      memcpy(&passed, CMSG_DATA(&control.header), sizeof passed);
      getsockopt(passed, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size);
      fputs(listens ? " with a socket that listens" : " with a descriptor", stdout);
      close(passed);
    }
    puts("");
    fflush(stdout);
  }
}
