/*
 * fork(2) for test/cache/kill-writers.ts, which needs thousands of writers to kill and cannot wait for Node to start each.
 *
 * Only the thread that calls it lives on in the child. That is enough for synchronous JavaScript if V8 has no threads
 * of its own (--single-threaded --v8-pool-size=0); the child must end by a signal. V8 keeps its heap from being copied
 * at a fork (MADV_DONTFORK), which is undone first.
 *
 *   fork() -> 0 in the child, the child's process id in the parent
 *   wait(pid) -> the signal the child ended by, 0 if it ended otherwise
 */
#include <node_api.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static napi_value number(napi_env env, int value) {
  napi_value result;
  return napi_create_int32(env, value, &result) == napi_ok ? result : NULL;
}

static void copy_everything(void) {
  char line[512];
  FILE *maps = fopen("/proc/self/maps", "r");
  if (!maps) return;
  while (fgets(line, sizeof line, maps)) {
    unsigned long start, end;
    if (sscanf(line, "%lx-%lx", &start, &end) == 2) (void)madvise((void *)start, end - start, MADV_DOFORK);
  }
  (void)fclose(maps);
}

static napi_value call_fork(napi_env env, napi_callback_info info) {
  (void)info;
  copy_everything();
  pid_t pid = fork();
  if (pid < 0) {
    (void)napi_throw_error(env, "EAGAIN", "fork");
    return NULL;
  }
  /* A driver that dies must not leave writers behind. */
  if (pid == 0) (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
  return number(env, (int)pid);
}

static napi_value call_wait(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value value;
  int32_t pid;
  int status = 0;
  if (napi_get_cb_info(env, info, &count, &value, NULL, NULL) != napi_ok || napi_get_value_int32(env, value, &pid) != napi_ok ||
      waitpid(pid, &status, 0) != pid) {
    (void)napi_throw_error(env, "ECHILD", "waitpid");
    return NULL;
  }
  return number(env, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

NAPI_MODULE_INIT() {
  napi_value function;
  if (napi_create_function(env, "fork", NAPI_AUTO_LENGTH, call_fork, NULL, &function) != napi_ok ||
      napi_set_named_property(env, exports, "fork", function) != napi_ok ||
      napi_create_function(env, "wait", NAPI_AUTO_LENGTH, call_wait, NULL, &function) != napi_ok ||
      napi_set_named_property(env, exports, "wait", function) != napi_ok)
    return NULL;
  return exports;
}
