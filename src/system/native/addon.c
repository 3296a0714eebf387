/*
 * The native part: what the shared cache and the log need and Node does not have, and what a short process needs of DNS
 * over UDP, where Node's own takes longer to begin than to do.
 *
 *   map(fd, bytes) -> ArrayBuffer     mmap(2), shared, readable and writable; unmapped when the buffer is collected
 *   lock(fd, waitMs) -> boolean       flock(2), exclusive; false: somebody else held it all the time
 *   unlock(fd)                        flock(2)
 *   openLog(ident, options, facility) openlog(3)
 *   writeLog(priority, text)          syslog(3), the text never being a format
 *   notify(path, text)                one datagram to a unix socket, which Node cannot send; '@' begins an abstract name
 *   openUdp(address, port) -> fd      a UDP socket connected to a server
 *   send(fd, bytes) -> boolean        send(2); false: refused
 *   poll(fds, waitMs) -> boolean      poll(2); false: nothing can be read, or a signal came
 *   receive(fd, bytes) -> length      recv(2); -1: there is nothing to read
 *   sum(bytes) -> number              the checksum of src/system/sum.ts
 *   idOf(name, isGroup) -> number     getpwnam(3), getgrnam(3); -1: there is none
 *   initGroups(user, gid)             initgroups(3)
 *   setId(what, id)                   setuid(2), setgid(2) or setegid(2): 0, 1, 2
 *   takeSocket(pid, fd) -> fd         pidfd_getfd(2): a socket that another process has open
 *   listeningOn(fd) -> text           '127.0.0.1:12525', '[::1]:12525', '/run/x.sock'; '': it does not listen
 *   leave(status)                     _exit(2): when all is written, Node's own clean-up takes longer than a cached answer
 *
 * Contention is a value; every other failure throws an Error whose `code` is the name of errno ('EACCES'). Arguments
 * are checked as far as types go: the callers are native.ts, store.ts and waiting-transport.ts, which own the descriptors.
 *
 * Linked with nothing: the symbols of Node-API and of the C library are found in the node process, so one file per
 * architecture serves glibc and musl and every supported Node. Built by scripts/build-addon.ts.
 *
 * lock() polls. A blocking flock(2) could only be bounded by a signal, and signals belong to the process. The holder
 * needs microseconds, so at first the lock is merely tried again, for about as long; then the processor is offered to
 * others, which on a busy machine may take it for a while: one nap alone takes longer than the holder. Last come naps, so that a holder that was stopped costs next to nothing.
 *
 * syslog(3) waits if the log daemon takes no more datagrams, as in any other program; answers have left by then.
 * The user is changed here because Node refuses to where its libuv might use io_uring (Debian's does). The C library changes
 * all threads, as for Node; whether a ring keeps rights of root is looked at by privileges.ts. pidfd_getfd(2) has no name
 * in older C libraries, so it goes by its number, which is the same for all architectures.
 *
 * LOG_PERROR and LOG_CONS are refused: standard error is the client's socket under spawn(8).
 *
 * Loading it makes the process ignore SIGUSR1, at which Node opens its inspector on a port of 127.0.0.1 (and so the process
 * to every user of the machine): for what Postfix starts this is the one way that costs nothing, a system call. A listener
 * in JavaScript would load Node's signals, --disable-sigusr1 is of later versions of Node, and a signal that was ignored or
 * blocked before is not any more, for Node resets all when it starts. Where nothing is prepared, such a process has no
 * native part until its first request is answered, and opens the inspector as any Node does; only its own user and root could
 * make it.
 *
 * Sources: mmap(2), flock(2), pidfd_getfd(2), setuid(2), syslog(3), unix(7), udp(7), ipv6(7), sd_notify(3), Node-API version 8.
 */
#define NAPI_VERSION 8
#include <arpa/inet.h>
#include <errno.h>
#include <grp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <node_api.h>
#include <poll.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
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

enum { MAX_ARGUMENTS = 3, IDENT_BYTES = 128, TEXT_BYTES = 8192, ADDRESS_BYTES = 80, MAX_SOCKETS = 1024 };
enum { TRIES = 8, YIELDS = 20, FIRST_NAP_NS = 20 * 1000, LONGEST_NAP_NS = 100 * 1000 };

/* System calls that older headers do not name. */
enum { PIDFD_OPEN = 434, PIDFD_GETFD = 438 };

/* libuv's, found in the node process like Node-API: -EACCES -> "EACCES". */
const char *uv_err_name(int error);

/* Throwing can fail only when something has been thrown already, which serves as well. */
static napi_value throw_code(napi_env env, const char *code, const char *where) {
  bool pending = false;
  if (napi_is_exception_pending(env, &pending) == napi_ok && !pending) (void)napi_throw_error(env, code, where);
  return NULL;
}

static napi_value throw_errno(napi_env env, const char *where) {
  return throw_code(env, uv_err_name(-errno), where);
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

/* The elements of a typed array, and their number. */
static bool elements(napi_env env, napi_value value, napi_typedarray_type wanted, void *data, size_t *count) {
  napi_typedarray_type type;
  if (napi_get_typedarray_info(env, value, &type, count, data, NULL, NULL) == napi_ok && type == wanted) return true;
  throw_code(env, "EINVAL", "a typed array is wanted");
  return false;
}

/* '192.0.2.1', '2001:db8::1' or 'fe80::1%eth0' as a socket's address; 0: it is none. */
static socklen_t parse_address(char *host, in_port_t port, struct sockaddr_in6 *address) {
  struct sockaddr_in *v4 = (struct sockaddr_in *)address;
  memset(address, 0, sizeof *address);
  if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = port;
    return sizeof *v4;
  }
  char *scope = strchr(host, '%');
  if (scope != NULL) {
    *scope = 0;
    address->sin6_scope_id = if_nametoindex(scope + 1);
    if (address->sin6_scope_id == 0) return 0;
  }
  address->sin6_family = AF_INET6;
  address->sin6_port = port;
  return inet_pton(AF_INET6, host, &address->sin6_addr) == 1 ? sizeof *address : 0;
}

static napi_value open_udp(napi_env env, napi_callback_info info) {
  napi_value values[MAX_ARGUMENTS], result;
  struct sockaddr_in6 address;
  char host[ADDRESS_BYTES];
  int32_t port;
  if (!arguments(env, info, 2, values) || !text(env, values[0], host, sizeof host) || !integer(env, values[1], &port))
    return NULL;
  socklen_t bytes = port > 0 && port <= UINT16_MAX ? parse_address(host, htons((uint16_t)port), &address) : 0;
  if (bytes == 0) return throw_code(env, "EINVAL", "address");
  int fd = socket(address.sin6_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return throw_errno(env, "socket");
  if (connect(fd, (struct sockaddr *)&address, bytes) == 0 && napi_create_int32(env, fd, &result) == napi_ok)
    return result;
  int error = errno;
  (void)close(fd);
  errno = error;
  return throw_errno(env, "connect");
}

/* The arguments of send() and receive(). */
static bool socket_and_bytes(napi_env env, napi_callback_info info, int32_t *fd, void *data, size_t *bytes) {
  napi_value values[MAX_ARGUMENTS];
  return arguments(env, info, 2, values) && integer(env, values[0], fd) &&
         elements(env, values[1], napi_uint8_array, data, bytes);
}

static napi_value send_datagram(napi_env env, napi_callback_info info) {
  napi_value result;
  int32_t fd;
  size_t bytes;
  void *data;
  if (!socket_and_bytes(env, info, &fd, &data, &bytes)) return NULL;
  /* The first call may only be told what became of an earlier packet. */
  bool sent = send(fd, data, bytes, MSG_NOSIGNAL) >= 0 || send(fd, data, bytes, MSG_NOSIGNAL) >= 0;
  if (!sent && (errno == EBADF || errno == ENOTSOCK)) return throw_errno(env, "send");
  sent = sent || errno == EAGAIN || errno == ENOBUFS;
  return napi_get_boolean(env, sent, &result) == napi_ok ? result : NULL;
}

static napi_value poll_sockets(napi_env env, napi_callback_info info) {
  napi_value values[MAX_ARGUMENTS], result;
  struct pollfd polled[MAX_SOCKETS];
  int32_t *sockets, wait_ms;
  size_t count;
  if (!arguments(env, info, 2, values) || !integer(env, values[1], &wait_ms) ||
      !elements(env, values[0], napi_int32_array, &sockets, &count))
    return NULL;
  if (count > MAX_SOCKETS || wait_ms < 0) return throw_code(env, "EINVAL", "poll");
  for (size_t i = 0; i < count; i++) polled[i] = (struct pollfd){sockets[i], POLLIN, 0};
  int ready = poll(polled, count, wait_ms);
  if (ready < 0 && errno != EINTR) return throw_errno(env, "poll");
  return napi_get_boolean(env, ready > 0, &result) == napi_ok ? result : NULL;
}

static napi_value receive(napi_env env, napi_callback_info info) {
  napi_value result;
  int32_t fd;
  size_t bytes;
  void *data;
  if (!socket_and_bytes(env, info, &fd, &data, &bytes)) return NULL;
  ssize_t length = recv(fd, data, bytes, 0);
  if (length < 0 && errno != EAGAIN && errno != EINTR) return throw_errno(env, "recv");
  return napi_create_int32(env, length < 0 ? -1 : (int32_t)length, &result) == napi_ok ? result : NULL;
}

/* See src/system/sum.ts, which gives the same. */
static napi_value sum(napi_env env, napi_callback_info info) {
  napi_value values[MAX_ARGUMENTS], result;
  const uint8_t *data;
  size_t count, at = 0;
  if (!arguments(env, info, 1, values) || !elements(env, values[0], napi_uint8_array, &data, &count)) return NULL;
  uint32_t sum = (uint32_t)count, word;
  for (; count - at >= sizeof word; at += sizeof word) {
    memcpy(&word, data + at, sizeof word);
    sum = (sum ^ sum >> 15 ^ word) * 0x9e3779b1u;
  }
  for (; at < count; at++) sum = (sum ^ sum >> 15 ^ data[at]) * 0x9e3779b1u;
  return napi_create_int32(env, (int32_t)sum, &result) == napi_ok ? result : NULL;
}

static bool unsigned_integer(napi_env env, napi_value value, uint32_t *result) {
  if (napi_get_value_uint32(env, value, result) == napi_ok) return true;
  throw_code(env, "EINVAL", "a number is wanted");
  return false;
}

static napi_value id_of(napi_env env, napi_callback_info info) {
  char name[IDENT_BYTES];
  napi_value values[MAX_ARGUMENTS], result;
  bool is_group;
  int64_t id = -1;
  if (!arguments(env, info, 2, values) || !text(env, values[0], name, sizeof name)) return NULL;
  if (napi_get_value_bool(env, values[1], &is_group) != napi_ok) return throw_code(env, "EINVAL", "a boolean is wanted");
  struct group *group = is_group ? getgrnam(name) : NULL;
  struct passwd *user = is_group ? NULL : getpwnam(name);
  if (group != NULL) id = group->gr_gid;
  if (user != NULL) id = user->pw_uid;
  return napi_create_int64(env, id, &result) == napi_ok ? result : NULL;
}

static napi_value init_groups(napi_env env, napi_callback_info info) {
  char user[IDENT_BYTES];
  napi_value values[MAX_ARGUMENTS];
  uint32_t gid;
  if (!arguments(env, info, 2, values) || !text(env, values[0], user, sizeof user) ||
      !unsigned_integer(env, values[1], &gid))
    return NULL;
  return initgroups(user, gid) == 0 ? NULL : throw_errno(env, "initgroups");
}

static napi_value set_id(napi_env env, napi_callback_info info) {
  napi_value values[MAX_ARGUMENTS];
  int32_t what;
  uint32_t id;
  if (!arguments(env, info, 2, values) || !integer(env, values[0], &what) || !unsigned_integer(env, values[1], &id))
    return NULL;
  int failed = what == 0 ? setuid(id) : what == 1 ? setgid(id) : setegid(id);
  return failed == 0 ? NULL : throw_errno(env, "setId");
}

static napi_value take_socket(napi_env env, napi_callback_info info) {
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

static napi_value listening_on(napi_env env, napi_callback_info info) {
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
      {"openUdp", open_udp}, {"send", send_datagram}, {"poll", poll_sockets},
      {"receive", receive},  {"sum", sum},            {"leave", leave},
      {"idOf", id_of},       {"initGroups", init_groups},
      {"setId", set_id},     {"takeSocket", take_socket},
      {"listeningOn", listening_on},
  };
  (void)signal(SIGUSR1, SIG_IGN);
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    napi_value function;
    const char *name = functions[i].name;
    if (napi_create_function(env, name, strlen(name), functions[i].call, NULL, &function) != napi_ok ||
        napi_set_named_property(env, exports, name, function) != napi_ok)
      return throw_code(env, "EUNKNOWN", "the functions of the native part cannot be made");
  }
  return exports;
}
