/*
 * Arguments as C has them, and failures as JavaScript has them.
 *
 *   a function of another file: values → arguments, integer, text, elements → C; errno → throw_errno → an Error with `code`
 *
 * Failure: what is not of its type throws EINVAL.
 * Source: Node-API version 8.
 */
#include "addon.h"

/* libuv's, found in the node process like Node-API: -EACCES -> "EACCES". */
const char *uv_err_name(int error);

/* Throwing can fail only when something has been thrown already, which serves as well. */
napi_value throw_code(napi_env env, const char *code, const char *where) {
  bool pending = false;
  if (napi_is_exception_pending(env, &pending) == napi_ok && !pending) (void)napi_throw_error(env, code, where);
  return NULL;
}

napi_value throw_errno(napi_env env, const char *where) {
  return throw_code(env, uv_err_name(-errno), where);
}

/* Exactly `wanted` arguments, or an exception. */
bool arguments(napi_env env, napi_callback_info info, size_t wanted, napi_value *values) {
  size_t count = MAX_ARGUMENTS;
  if (napi_get_cb_info(env, info, &count, values, NULL, NULL) == napi_ok && count == wanted) return true;
  throw_code(env, "EINVAL", "arguments");
  return false;
}

bool integer(napi_env env, napi_value value, int32_t *result) {
  if (napi_get_value_int32(env, value, result) == napi_ok) return true;
  throw_code(env, "EINVAL", "a number is wanted");
  return false;
}

bool unsigned_integer(napi_env env, napi_value value, uint32_t *result) {
  if (napi_get_value_uint32(env, value, result) == napi_ok) return true;
  throw_code(env, "EINVAL", "a number is wanted");
  return false;
}

/* Text, cut to what the buffer holds, one byte a character. */
bool text(napi_env env, napi_value value, char *buffer, size_t bytes) {
  if (napi_get_value_string_latin1(env, value, buffer, bytes, NULL) == napi_ok) return true;
  throw_code(env, "EINVAL", "a text is wanted");
  return false;
}

/* The elements of a typed array, and their number. */
bool elements(napi_env env, napi_value value, napi_typedarray_type wanted, void *data, size_t *count) {
  napi_typedarray_type type;
  if (napi_get_typedarray_info(env, value, &type, count, data, NULL, NULL) == napi_ok && type == wanted) return true;
  throw_code(env, "EINVAL", "a typed array is wanted");
  return false;
}
