/*
 * Load for a policy daemon: so many connections, each with one request under way, as so many smtpds.
 *
 *   load PORT CONNECTIONS WARM-UP-SECONDS SECONDS FIRST TEMPLATE EXPECTED
 *
 * Connects to 127.0.0.1, sends requests (request.h) as fast as they are answered, and after the warm-up counts. One
 * thread, epoll(7): little beside any daemon, but it shares the processors with it, and says how much it took. EXPECTED
 * stands in each right answer.
 *
 * Prints `NAME FIGURE` a line, of 0 requests nothing else: requests, seconds, p50, p90, p99, max (microseconds), unexpected, closed (connections the
 * daemon closed; each is made anew, as Postfix does), cpu (seconds of this program), and one `sample ANSWER`.
 *
 * Failure: a daemon that refuses connections or is silent for HANG_SECONDS is exit status 1.
 */
#define _GNU_SOURCE
#include "request.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define HANG_SECONDS 20
#define MAX_CONNECTIONS 4096
#define MAX_SAMPLES (1 << 22)
#define ANSWER_BYTES 4096

struct connection {
	int socket;
	double sent;
	size_t length;
	char answer[ANSWER_BYTES];
};

static struct connection connections[MAX_CONNECTIONS];
static uint32_t *samples;
static size_t sample_count;
static const char *request_template, *expected;
static unsigned long next_request, unexpected, closed;
static struct sockaddr_in daemon_address = { .sin_family = AF_INET };
static int epoll;
static char sample[ANSWER_BYTES];

static void ask(struct connection *connection)
{
	char request[REQUEST_BYTES];
	size_t length = expand_template(request, request_template, next_request++);
	connection->length = 0;
	connection->sent = now_microseconds();
	if (send(connection->socket, request, length, MSG_NOSIGNAL) != (ssize_t)length && errno != EPIPE &&
	    errno != ECONNRESET)
		fail(1, "send");
}

static void open_connection(struct connection *connection)
{
	int on = 1;
	struct epoll_event event = { .events = EPOLLIN, .data = { .ptr = connection } };
	connection->socket = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(connection->socket, (struct sockaddr *)&daemon_address, sizeof daemon_address) != 0) fail(1, "connect");
	setsockopt(connection->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, connection->socket, &event) != 0) fail(1, "epoll_ctl");
	ask(connection);
}

/** Reads what is there; counts an answer that is complete, and sends the next request. */
static void read_answer(struct connection *connection, int counted)
{
	ssize_t got = recv(connection->socket, connection->answer + connection->length,
	                   ANSWER_BYTES - 1 - connection->length, 0);
	if (got <= 0) {
		closed++;
		close(connection->socket);
		open_connection(connection);
		return;
	}
	connection->length += (size_t)got;
	connection->answer[connection->length] = 0;
	if (connection->length < 2 || memcmp(connection->answer + connection->length - 2, "\n\n", 2) != 0) return;
	if (counted && sample_count < MAX_SAMPLES) {
		int is_expected = strstr(connection->answer, expected) != NULL;
		if (!is_expected) unexpected++;
		/* Shown is the first wrong answer, if there is one. */
		if (sample_count == 0 || (!is_expected && unexpected == 1)) strcpy(sample, connection->answer);
		samples[sample_count++] = (uint32_t)(now_microseconds() - connection->sent);
	}
	ask(connection);
}

static int by_size(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
	return left < right ? -1 : left > right;
}

static uint32_t quantile(double share)
{
	return samples[(size_t)(share * (double)(sample_count - 1))];
}

int main(int argc, char **argv)
{
	if (argc != 8) {
		fprintf(stderr, "usage: load PORT CONNECTIONS WARM-UP-SECONDS SECONDS FIRST TEMPLATE EXPECTED\n");
		return 2;
	}
	daemon_address.sin_port = htons((uint16_t)atoi(argv[1]));
	daemon_address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int count = atoi(argv[2]);
	if (count < 1 || count > MAX_CONNECTIONS) return 2;
	next_request = strtoul(argv[5], NULL, 10);
	request_template = read_template(argv[6]);
	expected = argv[7];
	samples = malloc(MAX_SAMPLES * sizeof *samples);
	epoll = epoll_create1(0);
	if (samples == NULL || epoll < 0) fail(1, "epoll_create1");
	double begin = now_microseconds() + atof(argv[3]) * 1e6;
	double end = begin + atof(argv[4]) * 1e6;
	for (int i = 0; i < count; i++) open_connection(&connections[i]);
	for (double now = now_microseconds(); now < end; now = now_microseconds()) {
		struct epoll_event events[256];
		int ready = epoll_wait(epoll, events, 256, HANG_SECONDS * 1000);
		if (ready == 0) {
			fprintf(stderr, "no answer for %d seconds\n", HANG_SECONDS);
			return 1;
		}
		for (int i = 0; i < ready; i++) read_answer(events[i].data.ptr, now >= begin);
	}
	if (sample_count == 0) {
		printf("requests 0\n");
		return 0;
	}
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	qsort(samples, sample_count, sizeof *samples, by_size);
	printf("requests %zu\nseconds %s\np50 %u\np90 %u\np99 %u\nmax %u\nunexpected %lu\nclosed %lu\ncpu %.3f\n", sample_count,
	       argv[4], quantile(0.5), quantile(0.9), quantile(0.99), quantile(1), unexpected, closed,
	       (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
	printf("sample %s", sample);
	return 0;
}
