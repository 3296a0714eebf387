/*
 * The log of the system: what syslog(3) does, but for its waiting.
 *
 *   src/log: a line → write_log → the log daemon
 *
 * syslog(3) waits for as long as the log daemon takes nothing: for ever if that hangs, and who waits answers no mail. Here a line
 * waits for half a second, and no other one does until the log daemon takes lines again.
 *
 * Failure: false: it has not taken the line. One that is not there is not noticed.
 * Sources: syslog(3), unix(7); RFC 3164 4.1.
 */
#include "addon.h"
#include <paths.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

enum { WAITS = 50, WAIT_NS = 10 * 1000 * 1000, STAMP_BYTES = 32 };

/* A socket of the kind that the log daemon has, or -1. `ending`: bytes behind a line; a stream has NUL there. */
static int open_log(size_t *ending) {
  struct sockaddr_un log = {.sun_family = AF_UNIX, .sun_path = _PATH_LOG};
  for (int type = SOCK_DGRAM;; type = SOCK_STREAM) {
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    *ending = type == SOCK_STREAM;
    if (fd < 0 || connect(fd, (struct sockaddr *)&log, sizeof log) == 0) return fd;
    int error = errno;
    (void)close(fd);
    errno = error;
    if (error != EPROTOTYPE || type == SOCK_STREAM) return -1;
  }
}

/* 0, or errno. The socket stays open; a log daemon that was started anew has another one. */
static int send_line(const char *packet) {
  static int fd = -1;
  static size_t ending;
  bool is_new = fd < 0;
  if (is_new) fd = open_log(&ending);
  if (fd < 0) return errno;
  size_t bytes = strlen(packet) + ending;
  ssize_t sent = send(fd, packet, bytes, MSG_NOSIGNAL);
  if (sent == (ssize_t)bytes) return 0;
  int error = sent < 0 ? errno : EAGAIN;
  if (sent < 0 && error == EAGAIN) return error;
  /* A stream that took a part of the line ends with it; the next one gets it whole. */
  (void)close(fd);
  fd = -1;
  return is_new || sent >= 0 ? error : send_line(packet);
}

napi_value write_log(napi_env env, napi_callback_info info) {
  static bool is_stuck;
  char packet[TEXT_BYTES], ident[IDENT_BYTES], stamp[STAMP_BYTES];
  struct timespec nap = {0, WAIT_NS};
  napi_value values[MAX_ARGUMENTS], result;
  int32_t priority;
  if (!arguments(env, info, 3, values) || !integer(env, values[0], &priority)) return NULL;
  if ((priority & ~(LOG_PRIMASK | LOG_FACMASK)) != 0) return throw_code(env, "EINVAL", "syslog");
  if (!text(env, values[1], ident, sizeof ident)) return NULL;
  time_t now = time(NULL);
  /* Sun Nov 29 08:30:00 2026 */
  const char *when = ctime_r(&now, stamp);
  int head = snprintf(packet, sizeof packet, "<%d>%.15s %s: ", (int)priority, when ? when + 4 : "", ident);
  if (!text(env, values[2], packet + head, sizeof packet - (size_t)head)) return NULL;
  int error = EAGAIN;
  for (int waits = is_stuck ? 0 : WAITS; error == EAGAIN; waits--) {
    error = send_line(packet);
    if (waits <= 0) break;
    if (error == EAGAIN) (void)nanosleep(&nap, NULL);
  }
  is_stuck = error == EAGAIN;
  return napi_get_boolean(env, !is_stuck, &result) == napi_ok ? result : NULL;
}
