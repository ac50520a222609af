/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A seccomp agent for tests: seccomp-agent SOCKET MESSAGE ERRNO...
 *
 * Listens on SOCKET ("@name": abstract), and takes one connection for each ERRNO, each served by a process: writes the JSON that came until
 * end of file to MESSAGE.N, then answers every notification on that connection's listener with the ERRNO,
 * or lets the call go on if it is 0; until nobody uses the filter any more. "die" instead of ERRNO closes the
 * listener at once. Prints "ready", then one line an event.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static int listen_on(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t length = strlen(path);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(address.sun_path, path, length);
	if (*path == '@')
		address.sun_path[0] = '\0';
	else
		length++;
	if (bind(fd, (struct sockaddr *)&address, offsetof(struct sockaddr_un, sun_path) + length) < 0 ||
		listen(fd, 1) < 0)
		fail("bind");
	return fd;
}

/* All bytes until end of file into @path; the descriptors that came, of which there must be one with the first. */
static int receive(int connection, const char *path)
{
	int out = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600), listener = -1, messages = 0;
	char text[512], control[256];
	ssize_t got;

	for (;;) {
		struct iovec part = { text, sizeof(text) };
		struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control,
			.msg_controllen = sizeof(control) };
		struct cmsghdr *header;

		got = recvmsg(connection, &message, MSG_CMSG_CLOEXEC);
		if (got <= 0)
			break;
		header = CMSG_FIRSTHDR(&message);
		if (header && header->cmsg_len != CMSG_LEN(sizeof(int)))
			fail("more than one descriptor");
		if (header && messages)
			fail("a descriptor that is not with the first bytes");
		if (header)
			memcpy(&listener, CMSG_DATA(header), sizeof(int));
		if (write(out, text, (size_t)got) != got)
			fail("write");
		messages++;
	}
	close(out);
	return listener;
}

static void serve(int listener, int error)
{
	struct pollfd poller = { .fd = listener, .events = POLLIN };
	struct seccomp_notif request;
	struct seccomp_notif_resp response;

	while (poll(&poller, 1, -1) >= 0 && !(poller.revents & POLLHUP)) {
		memset(&request, 0, sizeof(request));
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request) < 0)
			continue;
		response = (struct seccomp_notif_resp){ .id = request.id, .error = -error,
			.flags = error ? 0 : SECCOMP_USER_NOTIF_FLAG_CONTINUE };
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response) == 0)
			printf("answered %d\n", request.data.nr);
	}
}

int main(int argc, char **argv)
{
	int server = listen_on(argv[1]);

	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("ready");
	for (int i = 3; i < argc; i++) {
		int connection = accept(server, NULL, NULL), listener;
		char path[4096];

		snprintf(path, sizeof(path), "%s.%d", argv[2], i - 3);
		listener = receive(connection, path);
		close(connection);
		printf("received %s\n", listener < 0 ? "nothing" : "a listener");
		if (listener >= 0 && strcmp(argv[i], "die") != 0 && fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(server);
			serve(listener, atoi(argv[i]));
			return 0;
		}
		close(listener);
	}
	close(server);
	while (wait(NULL) > 0)
		;
	puts("done");
	return 0;
}
