/*
 * DNS over UDP for a short process, in which Node's own sockets take longer to begin than to do.
 *
 *   src/dns/waiting-transport.ts: an address → open_udp; a query → send_datagram; poll_sockets; receive → a reply
 *
 * Failure: nothing to read, and a network that does not take a datagram, are values; all else throws errno.
 * Sources: udp(7), ipv6(7), poll(2).
 */
#include "addon.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_SOCKETS = 1024 };

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

napi_value open_udp(napi_env env, napi_callback_info info) {
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

napi_value send_datagram(napi_env env, napi_callback_info info) {
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

napi_value poll_sockets(napi_env env, napi_callback_info info) {
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

napi_value receive(napi_env env, napi_callback_info info) {
  napi_value result;
  int32_t fd;
  size_t bytes;
  void *data;
  if (!socket_and_bytes(env, info, &fd, &data, &bytes)) return NULL;
  ssize_t length = recv(fd, data, bytes, 0);
  if (length < 0 && errno != EAGAIN && errno != EINTR) return throw_errno(env, "recv");
  return napi_create_int32(env, length < 0 ? -1 : (int32_t)length, &result) == napi_ok ? result : NULL;
}
