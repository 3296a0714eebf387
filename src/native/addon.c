/*
 * The native part: what the shared cache and the log need and Node does not have.
 *
 *   map(fd, bytes) -> ArrayBuffer     mmap(2), shared, readable and writable; unmapped when the buffer is collected
 *   lock(fd, waitMs) -> boolean       flock(2), exclusive; false: somebody else held it all the time
 *   unlock(fd)                        flock(2)
 *   openLog(ident, options, facility) openlog(3)
 *   writeLog(priority, text)          syslog(3), the text never being a format
 *   notify(path, text)                one datagram to a unix socket, which Node cannot send; '@' begins an abstract name
 *   leave(status)                     _exit(2): when all is written, Node's own clean-up takes longer than a cached answer
 *
 * Contention is a value; every other failure throws an Error whose `code` is the name of errno ('EACCES'). Arguments
 * are checked as far as types go: the callers are native.ts and store.ts, which own the descriptors.
 *
 * Linked with nothing: the symbols of Node-API and of the C library are found in the node process, so one file per
 * architecture serves glibc and musl and every supported Node. Built by scripts/build-addon.ts.
 *
 * lock() polls. A blocking flock(2) could only be bounded by a signal, and signals belong to the process. The holder
 * needs microseconds, so at first the lock is merely tried again, for about as long; then the processor is offered to
 * others, which on a busy machine may take it for a while: one nap alone takes longer than the holder. Last come naps, so that a holder that was stopped costs next to nothing.
 *
 * syslog(3) waits if the log daemon takes no more datagrams, as in any other program; answers have left by then.
 * LOG_PERROR and LOG_CONS are refused: standard error is the client's socket under spawn(8).
 *
 * Sources: mmap(2), flock(2), syslog(3), unix(7), sd_notify(3), Node-API version 8.
 */
#define NAPI_VERSION 8
#include <errno.h>
#include <node_api.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

enum { MAX_ARGUMENTS = 3, IDENT_BYTES = 128, TEXT_BYTES = 8192 };
enum { TRIES = 8, YIELDS = 20, FIRST_NAP_NS = 20 * 1000, LONGEST_NAP_NS = 100 * 1000 };

/* Errors a call made here can end in; the code of any other is EUNKNOWN. */
static const char *errno_name(int number) {
  switch (number) {
  case EACCES: return "EACCES";
  case EAGAIN: return "EAGAIN";
  case EBADF: return "EBADF";
  case ECONNREFUSED: return "ECONNREFUSED";
  case EINVAL: return "EINVAL";
  case ENFILE: return "ENFILE";
  case ENODEV: return "ENODEV";
  case ENOENT: return "ENOENT";
  case ENOLCK: return "ENOLCK";
  case ENOMEM: return "ENOMEM";
  case ENOSYS: return "ENOSYS";
  case EOPNOTSUPP: return "EOPNOTSUPP";
  case EOVERFLOW: return "EOVERFLOW";
  case EPERM: return "EPERM";
  default: return "EUNKNOWN";
  }
}

/* Throwing can fail only when something has been thrown already, which serves as well. */
static napi_value throw_code(napi_env env, const char *code, const char *where) {
  bool pending = false;
  if (napi_is_exception_pending(env, &pending) == napi_ok && !pending) (void)napi_throw_error(env, code, where);
  return NULL;
}

static napi_value throw_errno(napi_env env, const char *where) {
  return throw_code(env, errno_name(errno), where);
}

/* Exactly `wanted` arguments, or an exception. */
static bool arguments(napi_env env, napi_callback_info info, size_t wanted, napi_value *values) {
  size_t count = MAX_ARGUMENTS;
  if (napi_get_cb_info(env, info, &count, values, NULL, NULL) == napi_ok && count == wanted) return true;
  throw_code(env, "EINVAL", "arguments");
  return false;
}

static bool integer(napi_env env, napi_value value, int32_t *result) {
  if (napi_get_value_int32(env, value, result) == napi_ok) return true;
  throw_code(env, "EINVAL", "a number is wanted");
  return false;
}

/* Text, cut to what the buffer holds, one byte a character. */
static bool text(napi_env env, napi_value value, char *buffer, size_t bytes) {
  if (napi_get_value_string_latin1(env, value, buffer, bytes, NULL) == napi_ok) return true;
  throw_code(env, "EINVAL", "a text is wanted");
  return false;
}

static void unmap(napi_env env, void *address, void *bytes) {
  (void)env;
  (void)munmap(address, (size_t)(uintptr_t)bytes);
}

static napi_value map(napi_env env, napi_callback_info info) {
  napi_value values[MAX_ARGUMENTS], buffer;
  int32_t fd, bytes;
  if (!arguments(env, info, 2, values) || !integer(env, values[0], &fd) || !integer(env, values[1], &bytes)) return NULL;
  if (bytes <= 0) return throw_code(env, "EINVAL", "bytes");
  size_t length = (size_t)bytes;
  void *address = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (address == MAP_FAILED) return throw_errno(env, "mmap");
  if (napi_create_external_arraybuffer(env, address, length, unmap, (void *)(uintptr_t)length, &buffer) != napi_ok) {
    (void)munmap(address, length);
    return throw_code(env, "EUNKNOWN", "this Node allows no buffers outside its heap");
  }
  return buffer;
}

static int64_t monotonic_ns(void) {
  struct timespec now;
  if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) return -1;
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* 1: the lock is ours, 0: somebody else's until the time was up, -1: errno. */
static int lock_within(int fd, int64_t wait_ns) {
  int64_t start = -1;
  long nap_ns = FIRST_NAP_NS;
  int tries = wait_ns > 0 ? TRIES : 0;
  int yields = wait_ns > 0 ? YIELDS : 0;
  for (;;) {
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) return 1;
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return -1;
    if (tries > 0) {
      tries--;
      continue;
    }
    if (yields > 0) {
      yields--;
      (void)sched_yield();
      continue;
    }
    int64_t now = monotonic_ns();
    if (now < 0) return -1;
    if (start < 0) start = now;
    int64_t left_ns = start + wait_ns - now;
    if (left_ns <= 0) return 0;
    struct timespec nap = {0, nap_ns < left_ns ? nap_ns : (long)left_ns};
    (void)nanosleep(&nap, NULL);
    if (nap_ns < LONGEST_NAP_NS) nap_ns += nap_ns / 2;
  }
}

static napi_value lock(napi_env env, napi_callback_info info) {
  napi_value values[MAX_ARGUMENTS], result;
  int32_t fd, wait_ms;
  if (!arguments(env, info, 2, values) || !integer(env, values[0], &fd) || !integer(env, values[1], &wait_ms)) return NULL;
  int outcome = lock_within(fd, (int64_t)wait_ms * 1000000);
  if (outcome < 0) return throw_errno(env, "flock");
  if (napi_get_boolean(env, outcome == 1, &result) == napi_ok) return result;
  if (outcome == 1) (void)flock(fd, LOCK_UN);
  return throw_code(env, "EUNKNOWN", "lock");
}

static napi_value unlock(napi_env env, napi_callback_info info) {
  napi_value values[MAX_ARGUMENTS];
  int32_t fd;
  if (!arguments(env, info, 1, values) || !integer(env, values[0], &fd)) return NULL;
  while (flock(fd, LOCK_UN) != 0)
    if (errno != EINTR) return throw_errno(env, "flock");
  return NULL;
}

static napi_value open_log(napi_env env, napi_callback_info info) {
  /* syslog(3) keeps the pointer. */
  static char ident[IDENT_BYTES];
  napi_value values[MAX_ARGUMENTS];
  int32_t options, facility;
  if (!arguments(env, info, 3, values) || !integer(env, values[1], &options) || !integer(env, values[2], &facility))
    return NULL;
  if ((options & ~(LOG_PID | LOG_NDELAY | LOG_ODELAY | LOG_NOWAIT)) != 0 || (facility & ~LOG_FACMASK) != 0)
    return throw_code(env, "EINVAL", "openlog");
  closelog();
  if (!text(env, values[0], ident, sizeof ident)) return NULL;
  openlog(ident, options, facility);
  return NULL;
}

static napi_value write_log(napi_env env, napi_callback_info info) {
  char line[TEXT_BYTES];
  napi_value values[MAX_ARGUMENTS];
  int32_t priority;
  if (!arguments(env, info, 2, values) || !integer(env, values[0], &priority)) return NULL;
  if ((priority & ~LOG_PRIMASK) != 0) return throw_code(env, "EINVAL", "syslog");
  if (!text(env, values[1], line, sizeof line)) return NULL;
  syslog(priority, "%s", line);
  return NULL;
}

static napi_value notify(napi_env env, napi_callback_info info) {
  napi_value values[MAX_ARGUMENTS];
  struct sockaddr_un address;
  char state[TEXT_BYTES];
  if (!arguments(env, info, 2, values) || !text(env, values[0], address.sun_path, sizeof address.sun_path) ||
      !text(env, values[1], state, sizeof state))
    return NULL;
  socklen_t bytes = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(address.sun_path));
  address.sun_family = AF_UNIX;
  if (address.sun_path[0] == '@') address.sun_path[0] = 0;
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return throw_errno(env, "socket");
  ssize_t sent = sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&address, bytes);
  int error = errno;
  (void)close(fd);
  errno = error;
  return sent < 0 ? throw_errno(env, "sendto") : NULL;
}

static napi_value leave(napi_env env, napi_callback_info info) {
  napi_value values[MAX_ARGUMENTS];
  int32_t status;
  if (!arguments(env, info, 1, values) || !integer(env, values[0], &status)) return NULL;
  _exit(status);
}

NAPI_MODULE_INIT() {
  static const struct {
    const char *name;
    napi_callback call;
  } functions[] = {
      {"map", map},          {"lock", lock},          {"unlock", unlock},
      {"openLog", open_log}, {"writeLog", write_log}, {"notify", notify},
      {"leave", leave},
  };
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    napi_value function;
    const char *name = functions[i].name;
    if (napi_create_function(env, name, strlen(name), functions[i].call, NULL, &function) != napi_ok ||
        napi_set_named_property(env, exports, name, function) != napi_ok)
      return throw_code(env, "EUNKNOWN", "the functions of the native part cannot be made");
  }
  return exports;
}
