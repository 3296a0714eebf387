/*
 * One datagram to the service manager, which listens on a unix socket; Node has no datagrams to those. A descriptor may go
 * with it.
 *
 *   src/daemon/notify.ts: 'READY=1' → notify
 *
 * Failure: throws errno; never waits.
 * Sources: unix(7), cmsg(3), sd_notify(3).
 */
#include "addon.h"
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* As sendto(2), with a descriptor if there is one. */
static ssize_t send_with(int fd, struct sockaddr_un *address, socklen_t bytes, char *state, int passed) {
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof passed)];
  } control = {0};
  struct iovec data = {state, strlen(state)};
  struct msghdr message = {.msg_name = address, .msg_namelen = bytes, .msg_iov = &data, .msg_iovlen = 1};
  if (passed >= 0) {
    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN(sizeof passed);
    memcpy(CMSG_DATA(&control.header), &passed, sizeof passed);
    message.msg_control = &control;
    message.msg_controllen = sizeof control;
  }
  return sendmsg(fd, &message, MSG_NOSIGNAL);
}

napi_value notify(napi_env env, napi_callback_info info) {
  napi_value values[MAX_ARGUMENTS];
  struct sockaddr_un address;
  char state[TEXT_BYTES];
  int32_t passed;
  if (!arguments(env, info, 3, values) || !text(env, values[0], address.sun_path, sizeof address.sun_path) ||
      !text(env, values[1], state, sizeof state) || !integer(env, values[2], &passed))
    return NULL;
  socklen_t bytes = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(address.sun_path));
  address.sun_family = AF_UNIX;
  if (address.sun_path[0] == '@') address.sun_path[0] = 0;
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return throw_errno(env, "socket");
  ssize_t sent = send_with(fd, &address, bytes, state, passed);
  int error = errno;
  (void)close(fd);
  errno = error;
  return sent < 0 ? throw_errno(env, "sendmsg") : NULL;
}
