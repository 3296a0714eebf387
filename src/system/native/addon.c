/*
 * The native part: what the shared cache and the log need and Node does not have, and what a short process needs of DNS
 * over UDP, where Node's own takes longer to begin than to do.
 *
 *   map(fd, bytes) -> ArrayBuffer     mmap(2), shared, readable and writable; unmapped when the buffer is collected
 *   lock(fd, waitMs) -> boolean       flock(2), exclusive; false: somebody else held it all the time
 *   unlock(fd)                        flock(2)
 *   openLog(ident, options, facility) openlog(3)
 *   writeLog(priority, text)          syslog(3), the text never being a format
 *   notify(path, text, fd)            one datagram to a unix socket, which Node cannot send, with a descriptor, or -1 for
 *                                     none; '@' begins an abstract name
 *   openUdp(address, port) -> fd      a UDP socket connected to a server
 *   send(fd, bytes) -> boolean        send(2); false: refused
 *   poll(fds, waitMs) -> boolean      poll(2); false: nothing can be read, or a signal came
 *   receive(fd, bytes) -> length      recv(2); -1: there is nothing to read
 *   sum(bytes) -> number              the checksum of src/system/sum.ts
 *   idOf(name, isGroup) -> number     getpwnam(3), getgrnam(3); -1: there is none
 *   initGroups(user, gid)             initgroups(3)
 *   setId(what, id)                   setuid(2), setgid(2) or setegid(2): 0, 1, 2
 *   takeSocket(pid, fd) -> fd         pidfd_getfd(2): a socket that another process has open
 *   listeningOn(fd) -> text           '127.0.0.1:12525', '[::1]:12525', '/run/x.sock'; '': it does not listen
 *   stopListening(fd)                 shutdown(2), for all who have the socket; one that does not listen stays as it is
 *   leave(status)                     _exit(2): when all is written, Node's own clean-up takes longer than a cached answer
 *
 * Contention is a value; every other failure throws an Error whose `code` is the name of errno ('EACCES'). Arguments
 * are checked as far as types go: the callers own the descriptors. Why each is as it is stands in its file.
 *
 * Linked with nothing: the symbols of Node-API and of the C library are found in the node process, so one file per
 * architecture serves glibc and musl and every supported Node. Built by scripts/build-addon.ts.
 *
 * Loading it makes the process ignore SIGUSR1, at which Node opens its inspector on a port of 127.0.0.1 (and so the process
 * to every user of the machine): for what Postfix starts this is the one way that costs nothing, a system call. A listener
 * in JavaScript would load Node's signals, --disable-sigusr1 is of later versions of Node, and a signal that was ignored or
 * blocked before is not any more, for Node resets all when it starts. Where nothing is prepared, such a process has no
 * native part until its first request is answered, and opens the inspector as any Node does; only its own user and root could
 * make it.
 *
 * Source: Node-API version 8.
 */
#include "addon.h"
#include <signal.h>
#include <string.h>

NAPI_MODULE_INIT() {
  static const struct {
    const char *name;
    napi_callback call;
  } functions[] = {
      {"map", map},          {"lock", lock},          {"unlock", unlock},
      {"openUdp", open_udp}, {"send", send_datagram}, {"poll", poll_sockets},
      {"receive", receive},  {"sum", sum},            {"leave", leave},
      {"idOf", id_of},       {"initGroups", init_groups},
      {"setId", set_id},     {"takeSocket", take_socket},
      {"writeLog", write_log}, {"notify", notify},
      {"listeningOn", listening_on}, {"stopListening", stop_listening},
  };
  (void)signal(SIGUSR1, SIG_IGN);
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    napi_value function;
    const char *name = functions[i].name;
    if (napi_create_function(env, name, strlen(name), functions[i].call, NULL, &function) != napi_ok ||
        napi_set_named_property(env, exports, name, function) != napi_ok)
      return throw_code(env, "EUNKNOWN", "the functions of the native part cannot be made");
  }
  return exports;
}
