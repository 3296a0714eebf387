/*
 * The checksum of src/system/sum.ts, a hundred times as quick.
 *
 *   src/boot/loader.ts, src/boot/prepared.ts: bytes → sum
 *
 * Failure: what is no Uint8Array throws EINVAL.
 */
#include "addon.h"
#include <string.h>

napi_value sum(napi_env env, napi_callback_info info) {
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
