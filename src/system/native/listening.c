/*
 * Sockets that listen: those of another process, where, and the end of it.
 *
 *   src/daemon/takeover.ts: a process and its descriptor → take_socket → a descriptor of ours → listening_on → a name
 *   src/daemon/manager-sockets.ts: a descriptor → listening_on; stop_listening
 *
 * pidfd_getfd(2) has no name in older C libraries, so it goes by its number, which is the same for all architectures.
 *
 * Failure: throws errno; that a socket does not listen is a value.
 * Sources: pidfd_getfd(2), shutdown(2), unix(7), ip(7), ipv6(7).
 */
#include "addon.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

/* System calls that older headers do not name. */
enum { PIDFD_OPEN = 434, PIDFD_GETFD = 438 };

napi_value take_socket(napi_env env, napi_callback_info info) {
  napi_value values[MAX_ARGUMENTS], result;
  int32_t pid, theirs;
  if (!arguments(env, info, 2, values) || !integer(env, values[0], &pid) || !integer(env, values[1], &theirs)) return NULL;
  int process = (int)syscall(PIDFD_OPEN, pid, 0);
  if (process < 0) return throw_errno(env, "pidfd_open");
  int fd = (int)syscall(PIDFD_GETFD, process, theirs, 0);
  int error = errno;
  (void)close(process);
  errno = error;
  if (fd < 0) return throw_errno(env, "pidfd_getfd");
  return napi_create_int32(env, fd, &result) == napi_ok ? result : NULL;
}

/* The port in decimal digits, at the end of what is there. */
static void append_port(char *name, unsigned port) {
  char digits[6];
  size_t at = sizeof digits;
  digits[--at] = 0;
  do digits[--at] = (char)('0' + port % 10);
  while ((port /= 10) != 0 && at > 0);
  strcat(strcat(name, ":"), digits + at);
}

napi_value listening_on(napi_env env, napi_callback_info info) {
  napi_value values[MAX_ARGUMENTS], result;
  union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un path;
  } address = {0};
  /* One more than a path may have, so that it ends. */
  char name[sizeof address + ADDRESS_BYTES] = "";
  int32_t fd;
  int listens = 0;
  socklen_t bytes = sizeof listens, length = sizeof address;
  if (!arguments(env, info, 1, values) || !integer(env, values[0], &fd)) return NULL;
  if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &bytes) != 0) return throw_errno(env, "getsockopt");
  if (listens != 0 && getsockname(fd, &address.any, &length) == 0) {
    if (address.any.sa_family == AF_UNIX) {
      memcpy(name, address.path.sun_path, sizeof address.path.sun_path);
    } else if (address.any.sa_family == AF_INET) {
      (void)inet_ntop(AF_INET, &address.v4.sin_addr, name, ADDRESS_BYTES);
      append_port(name, ntohs(address.v4.sin_port));
    } else if (address.any.sa_family == AF_INET6) {
      name[0] = '[';
      (void)inet_ntop(AF_INET6, &address.v6.sin6_addr, name + 1, ADDRESS_BYTES);
      append_port(strcat(name, "]"), ntohs(address.v6.sin6_port));
    }
  }
  return napi_create_string_latin1(env, name, NAPI_AUTO_LENGTH, &result) == napi_ok ? result : NULL;
}

/* For whoever else has the socket open, too: the address is free at once. */
napi_value stop_listening(napi_env env, napi_callback_info info) {
  napi_value values[MAX_ARGUMENTS];
  int32_t fd;
  if (!arguments(env, info, 1, values) || !integer(env, values[0], &fd)) return NULL;
  return shutdown(fd, SHUT_RDWR) == 0 || errno == ENOTCONN ? NULL : throw_errno(env, "shutdown");
}
