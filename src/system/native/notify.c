/*
 * One datagram to the service manager, which listens on a unix socket; Node has no datagrams to those.
 *
 *   src/daemon/notify.ts: 'READY=1' → notify
 *
 * Failure: throws errno; never waits.
 * Sources: unix(7), sd_notify(3).
 */
#include "addon.h"
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

napi_value notify(napi_env env, napi_callback_info info) {
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
