/*
 * Stands in for syslogd(8) during a benchmark: takes what is logged and forgets it.
 *
 *   log-sink PATH
 *
 * Every contender logs a line or more for a mail, and waits where nobody reads. The real one would add its own work, and
 * the benchmark's lines to the machine's log.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

int main(int argc, char **argv)
{
	char line[8192];
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int log = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (argc != 2 || strlen(argv[1]) >= sizeof address.sun_path) {
		fprintf(stderr, "usage: log-sink PATH\n");
		return 2;
	}
	strcpy(address.sun_path, argv[1]);
	if (bind(log, (struct sockaddr *)&address, sizeof address) != 0 || chmod(argv[1], 0666) != 0) {
		perror(argv[1]);
		return 2;
	}
	while (recv(log, line, sizeof line, 0) >= 0 || errno == EINTR) {}
	perror("recv");
	return 1;
}
