/*
 * The log of the system, by openlog(3) and syslog(3).
 *
 *   src/log: a line → write_log → the log daemon
 *
 * syslog(3) waits if the log daemon takes no more datagrams, as in any other program; answers have left by then.
 *
 * Failure: LOG_PERROR and LOG_CONS are refused, for standard error is the client's socket under spawn(8); a log daemon that
 * is not there is not noticed.
 * Source: syslog(3).
 */
#include "addon.h"
#include <syslog.h>

napi_value open_log(napi_env env, napi_callback_info info) {
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

napi_value write_log(napi_env env, napi_callback_info info) {
  char line[TEXT_BYTES];
  napi_value values[MAX_ARGUMENTS];
  int32_t priority;
  if (!arguments(env, info, 2, values) || !integer(env, values[0], &priority)) return NULL;
  if ((priority & ~LOG_PRIMASK) != 0) return throw_code(env, "EINVAL", "syslog");
  if (!text(env, values[1], line, sizeof line)) return NULL;
  syslog(priority, "%s", line);
  return NULL;
}
