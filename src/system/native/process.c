/*
 * Who this process is, and its end.
 *
 *   src/daemon/privileges.ts: names → id_of → init_groups, set_id; src/main.ts: leave
 *
 * The user is changed here because Node refuses to where its libuv might use io_uring (Debian's does). The C library changes
 * all threads, as for Node; whether a ring keeps rights of root is looked at by privileges.ts.
 *
 * Failure: throws errno; a name that nobody has is a value.
 * Sources: getpwnam(3), initgroups(3), setuid(2), _exit(2).
 */
#include "addon.h"
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

napi_value id_of(napi_env env, napi_callback_info info) {
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

napi_value init_groups(napi_env env, napi_callback_info info) {
  char user[IDENT_BYTES];
  napi_value values[MAX_ARGUMENTS];
  uint32_t gid;
  if (!arguments(env, info, 2, values) || !text(env, values[0], user, sizeof user) ||
      !unsigned_integer(env, values[1], &gid))
    return NULL;
  return initgroups(user, gid) == 0 ? NULL : throw_errno(env, "initgroups");
}

napi_value set_id(napi_env env, napi_callback_info info) {
  napi_value values[MAX_ARGUMENTS];
  int32_t what;
  uint32_t id;
  if (!arguments(env, info, 2, values) || !integer(env, values[0], &what) || !unsigned_integer(env, values[1], &id))
    return NULL;
  int failed = what == 0 ? setuid(id) : what == 1 ? setgid(id) : setegid(id);
  return failed == 0 ? NULL : throw_errno(env, "setId");
}

napi_value leave(napi_env env, napi_callback_info info) {
  napi_value values[MAX_ARGUMENTS];
  int32_t status;
  if (!arguments(env, info, 1, values) || !integer(env, values[0], &status)) return NULL;
  _exit(status);
}
