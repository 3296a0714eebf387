/*
 * The cache file: mapped, and locked.
 *
 *   src/cache: a descriptor → map: its bytes as an ArrayBuffer; lock … unlock around each access
 *
 * lock() polls. A blocking flock(2) could only be bounded by a signal, and signals belong to the process. The holder
 * needs microseconds, so at first the lock is merely tried again, for about as long; then the processor is offered to
 * others, which on a busy machine may take it for a while: one nap alone takes longer than the holder. Last come naps, so
 * that a holder that was stopped costs next to nothing.
 *
 * Failure: a lock that somebody else held all the time is a value; all else throws errno.
 * Sources: mmap(2), flock(2).
 */
#include "addon.h"
#include <sched.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <time.h>

enum { TRIES = 8, YIELDS = 20, FIRST_NAP_NS = 20 * 1000, LONGEST_NAP_NS = 100 * 1000 };

static void unmap(napi_env env, void *address, void *bytes) {
  (void)env;
  (void)munmap(address, (size_t)(uintptr_t)bytes);
}

napi_value map(napi_env env, napi_callback_info info) {
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

napi_value lock(napi_env env, napi_callback_info info) {
  napi_value values[MAX_ARGUMENTS], result;
  int32_t fd, wait_ms;
  if (!arguments(env, info, 2, values) || !integer(env, values[0], &fd) || !integer(env, values[1], &wait_ms)) return NULL;
  int outcome = lock_within(fd, (int64_t)wait_ms * 1000000);
  if (outcome < 0) return throw_errno(env, "flock");
  if (napi_get_boolean(env, outcome == 1, &result) == napi_ok) return result;
  if (outcome == 1) (void)flock(fd, LOCK_UN);
  return throw_code(env, "EUNKNOWN", "lock");
}

napi_value unlock(napi_env env, napi_callback_info info) {
  napi_value values[MAX_ARGUMENTS];
  int32_t fd;
  if (!arguments(env, info, 1, values) || !integer(env, values[0], &fd)) return NULL;
  while (flock(fd, LOCK_UN) != 0)
    if (errno != EINTR) return throw_errno(env, "flock");
  return NULL;
}
