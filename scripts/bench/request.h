/*
 * Requests of the load: a template in which two things are counted.
 *
 *   "instance={n}\nclient_address={client}\n\n", 7 → "instance=7\nclient_address=198.18.0.7\n\n"
 *
 * {client} walks through 198.18.0.0/15, the range set aside for benchmarks (RFC 2544): 131072 strangers.
 * Used by policy-clock.c and load.c, with their clock and their way to give up. Failure: a request that would not fit
 * ends the program.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now_microseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/** Says what failed, and ends the program. */
static void fail(int status, const char *what)
{
	perror(what);
	exit(status);
}

#define REQUEST_BYTES 4096

/** Reads a template from a file; ends the program if it cannot. */
static char *read_template(const char *path)
{
	char *text = calloc(1, REQUEST_BYTES);
	FILE *file = fopen(path, "r");
	if (!text || !file || fread(text, 1, REQUEST_BYTES - 1, file) == 0) {
		perror(path);
		exit(2);
	}
	fclose(file);
	return text;
}

/** Puts so many bytes behind those that are there; ends the program if there is no room. */
static size_t append(char *to, size_t length, const char *from, size_t bytes)
{
	if (length + bytes >= REQUEST_BYTES) {
		fprintf(stderr, "a request of more than %d bytes\n", REQUEST_BYTES);
		exit(2);
	}
	memcpy(to + length, from, bytes);
	return length + bytes;
}

/** Writes request number n; returns its length. What is not counted is copied in one go: the load shares the processors. */
static size_t expand_template(char *to, const char *from, unsigned long n)
{
	size_t length = 0;
	for (;;) {
		char counted[32];
		size_t plain = strcspn(from, "{");
		length = append(to, length, from, plain);
		from += plain;
		if (*from == 0) break;
		if (strncmp(from, "{n}", 3) == 0) {
			snprintf(counted, sizeof counted, "%lu", n);
			from += 3;
		} else if (strncmp(from, "{client}", 8) == 0) {
			snprintf(counted, sizeof counted, "198.%lu.%lu.%lu", 18 + (n >> 16 & 1), n >> 8 & 255, n & 255);
			from += 8;
		} else {
			counted[0] = *from++;
			counted[1] = 0;
		}
		length = append(to, length, counted, strlen(counted));
	}
	to[length] = 0;
	return length;
}
