/*
 * Starts a program as spawn(8) does, asks it, and takes the time.
 *
 *   policy-clock PROCESSES REQUESTS FIRST TEMPLATE COMMAND ARGUMENT...
 *
 * Starts so many processes at once, each with one socket as descriptors 0, 1 and 2, sends each its requests one by
 * one (request.h, numbered from FIRST on), closes its side behind the last answer, and waits until all have ended. With
 * 0 requests nothing is sent: the life of the process itself. A program of its own, because starting processes out of
 * one as big as Node costs more than what is measured, and its clock stops late.
 *
 * Prints, times in microseconds:
 *
 *   process STATUS ELAPSED        from before it was started until it had ended
 *   answer LATENCY ACTION         the first of a process: from before it was started; the others: from sending
 *
 * Failure: a process that answers nothing has no answer line. Whatever takes longer than HANG_SECONDS is killed, exit
 * status 1. A command that cannot be started: exit status 2.
 */
#define _GNU_SOURCE
#include "request.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define HANG_SECONDS 60
#define MAX_PROCESSES 256
#define ANSWER_BYTES 4096

struct process {
	pid_t pid;
	int socket;
	int pidfd;
	double started;
	double sent;
	double elapsed;
	int status;
	unsigned long asked;
	size_t length;
	char answer[ANSWER_BYTES];
};

static struct process processes[MAX_PROCESSES];
static struct pollfd polled[2 * MAX_PROCESSES];
static const char *request_template;
static unsigned long next_request, requests;

/** Sends the next request, or ends the conversation. */
static void ask(struct process *process)
{
	char request[REQUEST_BYTES];
	if (process->asked == requests) {
		shutdown(process->socket, SHUT_WR);
		return;
	}
	size_t length = expand_template(request, request_template, next_request++);
	process->sent = process->asked++ == 0 ? process->started : now_microseconds();
	process->length = 0;
	/* A program that has ended already is found out by its missing answer. */
	(void)!send(process->socket, request, length, MSG_NOSIGNAL);
}

static void start(struct process *process, char **command, char **environment)
{
	int pair[2];
	posix_spawn_file_actions_t actions;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) fail(2, "socketpair");
	posix_spawn_file_actions_init(&actions);
	for (int descriptor = 0; descriptor < 3; descriptor++)
		posix_spawn_file_actions_adddup2(&actions, pair[1], descriptor);
	process->started = now_microseconds();
	errno = posix_spawn(&process->pid, command[0], &actions, NULL, command, environment);
	if (errno != 0) fail(2, command[0]);
	posix_spawn_file_actions_destroy(&actions);
	close(pair[1]);
	process->socket = pair[0];
	process->pidfd = (int)syscall(SYS_pidfd_open, process->pid, 0);
	if (process->pidfd < 0) fail(2, "pidfd_open");
	ask(process);
}

/** Reads what is there. An answer that is complete is printed, and the next request sent. Returns 0 at end of file. */
static int read_answer(struct process *process)
{
	ssize_t got = recv(process->socket, process->answer + process->length, ANSWER_BYTES - 1 - process->length, 0);
	if (got <= 0) return 0;
	process->length += (size_t)got;
	process->answer[process->length] = 0;
	char *end = strstr(process->answer, "\n\n");
	if (end == NULL) return 1;
	double latency = now_microseconds() - process->sent;
	*end = 0;
	printf("answer %.1f %s\n", latency, process->answer);
	ask(process);
	return 1;
}

int main(int argc, char **argv)
{
	static char path[] = "PATH=/usr/bin:/bin";
	char *environment[] = { path, NULL };
	if (argc < 6) {
		fprintf(stderr, "usage: policy-clock PROCESSES REQUESTS FIRST TEMPLATE COMMAND ARGUMENT...\n");
		return 2;
	}
	int count = atoi(argv[1]);
	if (count < 1 || count > MAX_PROCESSES) return 2;
	requests = strtoul(argv[2], NULL, 10);
	next_request = strtoul(argv[3], NULL, 10);
	request_template = read_template(argv[4]);
	/* Kept until the end: writing takes time. */
	setvbuf(stdout, NULL, _IOFBF, 1 << 20);
	for (int i = 0; i < count; i++) start(&processes[i], argv + 5, environment);
	for (int i = 0; i < count; i++) {
		polled[2 * i] = (struct pollfd){ .fd = processes[i].socket, .events = POLLIN };
		polled[2 * i + 1] = (struct pollfd){ .fd = processes[i].pidfd, .events = POLLIN };
	}
	double deadline = now_microseconds() + HANG_SECONDS * 1e6;
	for (int running = count; running > 0;) {
		int ready = poll(polled, (nfds_t)(2 * count), 1000);
		if (ready < 0 && errno != EINTR) fail(2, "poll");
		double now = now_microseconds();
		if (now > deadline) {
			for (int i = 0; i < count; i++)
				if (processes[i].elapsed == 0) kill(processes[i].pid, SIGKILL);
			fprintf(stderr, "killed after %d seconds\n", HANG_SECONDS);
			return 1;
		}
		for (int i = 0; i < count; i++) {
			struct process *process = &processes[i];
			if (polled[2 * i].revents && !read_answer(process)) polled[2 * i].fd = -1;
			if (polled[2 * i + 1].revents) {
				process->elapsed = now - process->started;
				waitpid(process->pid, &process->status, 0);
				polled[2 * i + 1].fd = -1;
				running--;
			}
		}
	}
	for (int i = 0; i < count; i++)
		printf("process %d %.1f\n",
		       WIFEXITED(processes[i].status) ? WEXITSTATUS(processes[i].status) : 128 + WTERMSIG(processes[i].status),
		       processes[i].elapsed);
	return 0;
}
