/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The little of rtnetlink(7) that moving network devices takes. */
#ifndef SILO_NET_NETLINK_H
#define SILO_NET_NETLINK_H

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stddef.h>

/* A request being put together. */
struct netlink_request {
	struct nlmsghdr header;
	unsigned char body[1024];
};

/** netlink_open - a socket in the network namespace of the caller; or -errno */
int netlink_open(void);

/** netlink_begin - start a request with the fixed part of its type (struct ifinfomsg, ifaddrmsg) */
void netlink_begin(struct netlink_request *request, unsigned type, unsigned flags, const void *fixed,
	size_t size);

/** netlink_put - add an attribute; what does not fit makes netlink_call() return -EMSGSIZE */
void netlink_put(struct netlink_request *request, unsigned type, const void *data, size_t size);

/**
 * netlink_call - send a request, and take its answers
 * @take: called for every message of the answer; a negative return value ends the call with it; NULL if none matters
 *
 * Return: 0 or a negative errno, the kernel's included.
 */
int netlink_call(int fd, struct netlink_request *request,
	int (*take)(const struct nlmsghdr *message, void *argument), void *argument);

/** netlink_forked - in a child that goes on with its parent's sockets: tell answers to one from answers to the other */
void netlink_forked(void);

/** netlink_next - the attributes of a message: the first for NULL, and so on; NULL at the end */
const struct rtattr *netlink_next(const struct nlmsghdr *message, size_t fixed_size, const struct rtattr *last);

#endif
