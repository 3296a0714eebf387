/*
 * The DNS server of the benchmarks: answers from a list, late on request, and counts.
 *
 *   dns-server ZONE COUNTS ADDRESS/DELAY-MS[/PORT]...
 *
 * Serves UDP port 53, or another, of each address; every reply of that address is so late. In C, because a daemon under load asks
 * more in a second than the server of the tests (testkit/dns-server.ts) can answer.
 *
 * ZONE has a line for each name that exists, `NAME rcode NUMBER -`, and behind it one for each type of which it has records,
 * `NAME TYPE-NUMBER COUNT RECORDS-IN-HEX`, as they are sent. Any other name does not exist (NXDOMAIN). COUNTS is a file of one 64-bit number for each
 * address: the queries it has got; the file is mapped, so it is true at any time.
 *
 * Failure: what cannot be read or bound ends the program, exit status 2. A query that is no query is dropped.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_ADDRESSES 16
#define NAME_BYTES 256
#define MESSAGE_BYTES 512
#define TYPES_PER_NAME 4
#define BUCKETS 4096
#define LATE_REPLIES 65536 /* under way at once, of one address; a power of two */
#define NXDOMAIN 3

/* The records of a name and a type, as they are sent. */
struct records {
	unsigned type, count, length;
	uint8_t data[MESSAGE_BYTES];
};

struct node {
	struct node *next;
	char name[NAME_BYTES];
	unsigned rcode;
	int types;
	struct records records[TYPES_PER_NAME];
};

struct reply {
	uint64_t due;
	struct sockaddr_in to;
	uint16_t length;
	uint8_t message[MESSAGE_BYTES];
};

/* Each reply of an address is equally late, so the first one in is the first one out. */
struct address {
	int socket;
	uint64_t delay;
	uint32_t first, behind_last;
	struct reply *late;
};

static struct node *buckets[BUCKETS];
static struct address addresses[MAX_ADDRESSES];
static volatile uint64_t *counts;

static void fail(const char *what)
{
	perror(what);
	exit(2);
}

static uint64_t now_nanoseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static struct node **find(const char *name)
{
	uint32_t hash = 2166136261;
	for (const char *at = name; *at; at++) hash = (hash ^ (uint8_t)*at) * 16777619;
	struct node **link = &buckets[hash % BUCKETS];
	while (*link && strcmp((*link)->name, name) != 0) link = &(*link)->next;
	return link;
}

static void read_zone(const char *path)
{
	char name[NAME_BYTES], type[16], data[2 * MESSAGE_BYTES];
	unsigned number;
	FILE *file = fopen(path, "r");
	if (!file) fail(path);
	while (fscanf(file, "%255s %15s %u %1023s", name, type, &number, data) == 4) {
		struct node **link = find(name);
		if (strcmp(type, "rcode") == 0) {
			if (!*link && !(*link = calloc(1, sizeof **link))) fail("calloc");
			strcpy((*link)->name, name);
			(*link)->rcode = number;
			continue;
		}
		if (!*link || (*link)->types == TYPES_PER_NAME) {
			fprintf(stderr, "%s: %s has no line of its own, or too many types\n", path, name);
			exit(2);
		}
		struct records *records = &(*link)->records[(*link)->types++];
		records->type = (unsigned)atoi(type);
		records->count = number;
		for (const char *at = data; sscanf(at, "%2hhx", &records->data[records->length]) == 1; at += 2) records->length++;
	}
	fclose(file);
}

static void put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/** Reads a query and writes the reply behind its question; returns its length, 0: no reply. */
static size_t answer(const uint8_t *query, size_t length, uint8_t *reply)
{
	char name[NAME_BYTES];
	size_t at = 12, written = 0;
	if (length < 17 || query[2] & 0x80 || query[4] != 0 || query[5] != 1) return 0;
	while (query[at] != 0) {
		size_t label = query[at++];
		if (label > 63 || at + label + 5 > length || written + label + 2 > NAME_BYTES) return 0;
		if (written > 0) name[written++] = '.';
		while (label-- > 0) name[written++] = (char)tolower(query[at++]);
	}
	name[written] = 0;
	unsigned type = (unsigned)query[at + 1] << 8 | query[at + 2];
	size_t end = at + 5;
	const struct node *node = *find(name);
	memcpy(reply, query, end);
	unsigned count = 0;
	for (int i = 0; node && i < node->types; i++) {
		const struct records *records = &node->records[i];
		if (records->type != type || end + records->length > MESSAGE_BYTES) continue;
		memcpy(reply + end, records->data, records->length);
		end += records->length;
		count = records->count;
	}
	put16(reply + 2, 0x8180u | (node ? node->rcode : NXDOMAIN));
	put16(reply + 6, count);
	put16(reply + 8, 0);
	put16(reply + 10, 0);
	return end;
}

/** Answers what has arrived. */
static void serve(struct address *address, volatile uint64_t *count)
{
	uint8_t query[MESSAGE_BYTES];
	for (;;) {
		struct sockaddr_in from;
		socklen_t size = sizeof from;
		ssize_t got = recvfrom(address->socket, query, sizeof query, MSG_DONTWAIT, (struct sockaddr *)&from, &size);
		if (got < 0) return;
		struct reply *reply = &address->late[address->behind_last % LATE_REPLIES];
		reply->length = (uint16_t)answer(query, (size_t)got, reply->message);
		if (reply->length == 0) continue;
		++*count;
		if (address->delay == 0) {
			sendto(address->socket, reply->message, reply->length, 0, (struct sockaddr *)&from, size);
			continue;
		}
		reply->to = from;
		reply->due = now_nanoseconds() + address->delay;
		address->behind_last++;
	}
}

/** Sends what is due; returns when the next one is, 0: there is none. */
static uint64_t send_due(struct address *address, uint64_t now)
{
	while (address->first != address->behind_last) {
		struct reply *reply = &address->late[address->first % LATE_REPLIES];
		if (reply->due > now) return reply->due;
		sendto(address->socket, reply->message, reply->length, 0, (struct sockaddr *)&reply->to, sizeof reply->to);
		address->first++;
	}
	return 0;
}

static void open_address(struct address *address, char *text)
{
	struct sockaddr_in bound = { .sin_family = AF_INET, .sin_port = htons(53) };
	int bytes = 4 << 20;
	char *delay = strchr(text, '/');
	char *port = delay ? strchr(delay + 1, '/') : NULL;
	if (delay) *delay = 0;
	if (!delay || inet_pton(AF_INET, text, &bound.sin_addr) != 1) {
		fprintf(stderr, "%s: not ADDRESS/DELAY-MS\n", text);
		exit(2);
	}
	address->delay = strtoull(delay + 1, NULL, 10) * 1000000;
	if (port) bound.sin_port = htons((uint16_t)atoi(port + 1));
	address->late = calloc(LATE_REPLIES, sizeof *address->late);
	address->socket = socket(AF_INET, SOCK_DGRAM, 0);
	setsockopt(address->socket, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
	if (!address->late || bind(address->socket, (struct sockaddr *)&bound, sizeof bound) != 0) fail(text);
}

int main(int argc, char **argv)
{
	if (argc < 4 || argc - 3 > MAX_ADDRESSES) {
		fprintf(stderr, "usage: dns-server ZONE COUNTS ADDRESS/DELAY-MS...\n");
		return 2;
	}
	int count = argc - 3;
	struct pollfd polled[MAX_ADDRESSES];
	read_zone(argv[1]);
	for (int i = 0; i < count; i++) {
		open_address(&addresses[i], argv[3 + i]);
		polled[i] = (struct pollfd){ .fd = addresses[i].socket, .events = POLLIN };
	}
	/* Made last: once it is there, all addresses are served. */
	int file = open(argv[2], O_RDWR | O_CREAT, 0644);
	if (file < 0 || ftruncate(file, 8 * MAX_ADDRESSES) != 0) fail(argv[2]);
	counts = mmap(NULL, 8 * MAX_ADDRESSES, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (counts == MAP_FAILED) fail(argv[2]);
	for (;;) {
		uint64_t next = 0, now = now_nanoseconds();
		for (int i = 0; i < count; i++) {
			uint64_t due = send_due(&addresses[i], now);
			if (due != 0 && (next == 0 || due < next)) next = due;
		}
		uint64_t wait = next > now ? next - now : 0;
		struct timespec timeout = { .tv_sec = (time_t)(wait / 1000000000), .tv_nsec = (long)(wait % 1000000000) };
		if (ppoll(polled, (nfds_t)count, next ? &timeout : NULL, NULL) < 0 && errno != EINTR) fail("ppoll");
		for (int i = 0; i < count; i++)
			if (polled[i].revents) serve(&addresses[i], &counts[i]);
	}
}
