/*
 * Runs a command and says how much memory it took at most: `peak-memory FILE COMMAND ARGS…`.
 *
 * The command gets our descriptors; when it has ended, its largest resident set in KB is written to FILE. Ends as the
 * command ended: with its status, or 128 plus the signal's number. Our own trouble is status 127.
 */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc < 3) return 127;
  pid_t child = fork();
  if (child < 0) return 127;
  if (child == 0) {
    execvp(argv[2], argv + 2);
    _exit(127);
  }
  int status;
  struct rusage usage;
  while (wait4(child, &status, 0, &usage) < 0) continue;
  FILE *file = fopen(argv[1], "w");
  if (!file || fprintf(file, "%ld\n", usage.ru_maxrss) < 0 || fclose(file) != 0) return 127;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
