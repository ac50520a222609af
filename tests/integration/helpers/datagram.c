/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * datagram PORT: sends one to 127.0.0.1. datagram -l PORT: prints "ready", waits for two, and prints the priority that each
 * had on the way (SO_RCVPRIORITY, Linux 6.14), or "errno N".
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef SO_RCVPRIORITY
#define SO_RCVPRIORITY 82
#endif

static void print_priority(int fd)
{
	char byte, control[256];
	struct iovec data = { &byte, 1 };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = control,
		.msg_controllen = sizeof(control) };
	struct cmsghdr *part;
	uint32_t priority = 0;

	if (recvmsg(fd, &message, 0) < 0)
		return;
	for (part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
		if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SO_PRIORITY)
			memcpy(&priority, CMSG_DATA(part), sizeof(priority));
	}
	printf("%u\n", priority);
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)atoi(argv[argc - 1])) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), yes = 1;

	if (argc == 2)
		return sendto(fd, "x", 1, 0, (struct sockaddr *)&address, sizeof(address)) != 1;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVPRIORITY, &yes, sizeof(yes)) < 0 ||
		bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		printf("errno %d\n", errno);
		return 1;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("ready");
	print_priority(fd);
	print_priority(fd);
	return 0;
}
