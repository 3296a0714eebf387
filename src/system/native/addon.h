/*
 * What the files of the native part share: the helpers of arguments.c, and each function that addon.c hands to JavaScript.
 */
#ifndef ADDON_H
#define ADDON_H
#define NAPI_VERSION 8
#include <errno.h>
#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MAX_ARGUMENTS = 3, IDENT_BYTES = 128, TEXT_BYTES = 8192, ADDRESS_BYTES = 80 };

/* Both return NULL, the value of a function that has thrown. */
napi_value throw_code(napi_env env, const char *code, const char *where);
napi_value throw_errno(napi_env env, const char *where);

/* False: it is not what is wanted, and an exception is pending. */
bool arguments(napi_env env, napi_callback_info info, size_t wanted, napi_value *values);
bool integer(napi_env env, napi_value value, int32_t *result);
bool unsigned_integer(napi_env env, napi_value value, uint32_t *result);
bool text(napi_env env, napi_value value, char *buffer, size_t bytes);
bool elements(napi_env env, napi_value value, napi_typedarray_type wanted, void *data, size_t *count);

/* cache-file.c */
napi_value map(napi_env env, napi_callback_info info);
napi_value lock(napi_env env, napi_callback_info info);
napi_value unlock(napi_env env, napi_callback_info info);

/* sum.c */
napi_value sum(napi_env env, napi_callback_info info);

/* syslog.c */
napi_value write_log(napi_env env, napi_callback_info info);

/* datagrams.c */
napi_value open_udp(napi_env env, napi_callback_info info);
napi_value send_datagram(napi_env env, napi_callback_info info);
napi_value poll_sockets(napi_env env, napi_callback_info info);
napi_value receive(napi_env env, napi_callback_info info);

/* notify.c */
napi_value notify(napi_env env, napi_callback_info info);

/* listening.c */
napi_value take_socket(napi_env env, napi_callback_info info);
napi_value listening_on(napi_env env, napi_callback_info info);
napi_value stop_listening(napi_env env, napi_callback_info info);

/* process.c */
napi_value id_of(napi_env env, napi_callback_info info);
napi_value init_groups(napi_env env, napi_callback_info info);
napi_value set_id(napi_env env, napi_callback_info info);
napi_value leave(napi_env env, napi_callback_info info);

#endif
