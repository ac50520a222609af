/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/netlink.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int netlink_open(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	return fd < 0 ? -errno : fd;
}

void netlink_begin(struct netlink_request *request, unsigned type, unsigned flags, const void *fixed,
	size_t size)
{
	memset(request, 0, sizeof(*request));
	request->header.nlmsg_type = (uint16_t)type;
	request->header.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	request->header.nlmsg_len = (uint32_t)NLMSG_LENGTH(size);
	memcpy(NLMSG_DATA(&request->header), fixed, size);
}

void netlink_put(struct netlink_request *request, unsigned type, const void *data, size_t size)
{
	size_t start = NLMSG_ALIGN(request->header.nlmsg_len);
	struct rtattr *attribute = (struct rtattr *)((char *)request + start);

	if (request->header.nlmsg_len == UINT32_MAX || start + RTA_SPACE(size) > sizeof(*request)) {
		request->header.nlmsg_len = UINT32_MAX;
		return;
	}
	attribute->rta_type = (unsigned short)type;
	attribute->rta_len = (unsigned short)RTA_LENGTH(size);
	memcpy(RTA_DATA(attribute), data, size);
	request->header.nlmsg_len = (uint32_t)(start + RTA_LENGTH(size));
}

const struct rtattr *netlink_next(const struct nlmsghdr *message, size_t fixed_size, const struct rtattr *last)
{
	const char *end = (const char *)message + message->nlmsg_len;
	const char *at = last ? (const char *)last + RTA_ALIGN(last->rta_len) :
				(const char *)message + NLMSG_SPACE(fixed_size);
	const struct rtattr *attribute = (const struct rtattr *)at;

	if (end - at < (ptrdiff_t)sizeof(*attribute) || attribute->rta_len < sizeof(*attribute) ||
		attribute->rta_len > end - at)
		return NULL;
	return attribute;
}

/* One datagram of the answer; *@done is set when it was the last. */
static int take_messages(const char *buffer, size_t length, uint32_t sequence, bool *done,
	int (*take)(const struct nlmsghdr *, void *), void *argument)
{
	const struct nlmsghdr *message = (const struct nlmsghdr *)buffer;

	for (; NLMSG_OK(message, length); message = NLMSG_NEXT(message, length)) {
		int r = 0;

		if (message->nlmsg_seq != sequence)
			continue;
		if (message->nlmsg_flags & NLM_F_DUMP_INTR)
			return -EAGAIN;
		*done = message->nlmsg_type == NLMSG_ERROR || message->nlmsg_type == NLMSG_DONE;
		if (message->nlmsg_type == NLMSG_ERROR)
			return ((const struct nlmsgerr *)NLMSG_DATA(message))->error;
		if (*done)
			return 0;
		if (take)
			r = take(message, argument);
		if (r < 0)
			return r;
	}
	return 0;
}

static uint32_t sequence;

void netlink_forked(void)
{
	sequence += 1U << 31;
}

int netlink_call(int fd, struct netlink_request *request,
	int (*take)(const struct nlmsghdr *message, void *argument), void *argument)
{
	_Alignas(struct nlmsghdr) char buffer[32768]; /* what the kernel fills at once (netlink_dump()) */
	bool done = false;
	int r = 0;

	if (request->header.nlmsg_len == UINT32_MAX)
		return -EMSGSIZE;
	request->header.nlmsg_seq = ++sequence;
	/* Half of it means something else in other requests (NLM_F_EXCL). */
	if ((request->header.nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP)
		request->header.nlmsg_flags |= NLM_F_ACK;
	if (send(fd, request, request->header.nlmsg_len, 0) < 0)
		return -errno;
	while (r == 0 && !done) {
		ssize_t got = recv(fd, buffer, sizeof(buffer), MSG_TRUNC);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if ((size_t)got > sizeof(buffer))
			return -EMSGSIZE;
		r = take_messages(buffer, (size_t)got, sequence, &done, take, argument);
	}
	return r;
}
