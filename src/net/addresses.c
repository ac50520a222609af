/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/addresses.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "net/netlink.h"

#define TRIES 16 /* to read addresses that change meanwhile */

struct net_address {
	struct net_address *next;
	struct nlmsghdr *message; /* RTM_NEWADDR, as the kernel gave it */
};

struct collection {
	struct oci_arena *arena;
	struct net_address **first;
	int index;
};

static uint32_t address_flags(const struct nlmsghdr *message)
{
	const struct ifaddrmsg *info = NLMSG_DATA(message);
	const struct rtattr *attribute = NULL;
	uint32_t flags = info->ifa_flags;

	while ((attribute = netlink_next(message, sizeof(*info), attribute))) {
		if (attribute->rta_type == IFA_FLAGS && RTA_PAYLOAD(attribute) == sizeof(flags))
			memcpy(&flags, RTA_DATA(attribute), sizeof(flags));
	}
	return flags;
}

/*
 * Where the kernel has the newest address of IPv6 first, and IPv4's oldest: in the order in which they are added again,
 * so that the one that is used for what goes out remains the same.
 */
static int insert(struct oci_arena *arena, struct net_address **place, const struct nlmsghdr *message)
{
	const struct ifaddrmsg *info = NLMSG_DATA(message);
	struct net_address *address = oci_arena_alloc(arena, sizeof(*address));

	if (!address)
		return -ENOMEM;
	/* One more, so that a text at its end has an end. */
	address->message = oci_arena_alloc(arena, message->nlmsg_len + 1);
	if (!address->message)
		return -ENOMEM;
	memcpy(address->message, message, message->nlmsg_len);
	while (info->ifa_family != AF_INET6 && *place)
		place = &(*place)->next;
	address->next = *place;
	*place = address;
	return 0;
}

/* Keeps what NET-05 says: permanent, with global scope, of any family. */
static int take_address(const struct nlmsghdr *message, void *argument)
{
	const struct ifaddrmsg *info = NLMSG_DATA(message);
	struct collection *collection = argument;

	if (message->nlmsg_type != RTM_NEWADDR || (int)info->ifa_index != collection->index ||
		info->ifa_scope != RT_SCOPE_UNIVERSE || !(address_flags(message) & IFA_F_PERMANENT))
		return 0;
	return insert(collection->arena, collection->first, message);
}

int net_addresses_read(int fd, int index, struct oci_arena *arena, struct net_address **ret)
{
	struct ifaddrmsg info = { .ifa_family = AF_UNSPEC };
	struct netlink_request request;
	int r;

	for (int tries = 0; tries < TRIES; tries++) {
		struct collection collection = { arena, ret, index };

		*ret = NULL;
		netlink_begin(&request, RTM_GETADDR, NLM_F_DUMP, &info, sizeof(info));
		r = netlink_call(fd, &request, take_address, &collection);
		if (r != -EAGAIN)
			return r;
	}
	return r;
}

/* An IPv4 address has a label, "eth0" or "eth0:1", that goes with the device's name. */
static void put_label(struct netlink_request *request, const char *label, const char *from, const char *to)
{
	size_t length = strlen(from);
	char text[64];

	if (strncmp(label, from, length) == 0 && (!label[length] || label[length] == ':'))
		snprintf(text, sizeof(text), "%s%s", to, label + length);
	else
		snprintf(text, sizeof(text), "%s", label);
	text[IFNAMSIZ - 1] = '\0';
	netlink_put(request, IFA_LABEL, text, strlen(text) + 1);
}

static int add(int fd, const struct net_address *address, int index, const char *from, const char *to)
{
	struct ifaddrmsg info = *(const struct ifaddrmsg *)NLMSG_DATA(address->message);
	const struct rtattr *attribute = NULL;
	struct netlink_request request;
	int r;

	info.ifa_index = (uint32_t)index;
	netlink_begin(&request, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof(info));
	while ((attribute = netlink_next(address->message, sizeof(info), attribute))) {
		/* Lifetimes of a permanent address are infinite; the kernel answers with ages besides. */
		if (attribute->rta_type == IFA_CACHEINFO)
			continue;
		if (attribute->rta_type == IFA_LABEL)
			put_label(&request, RTA_DATA(attribute), from, to);
		else
			netlink_put(&request, attribute->rta_type, RTA_DATA(attribute),
				RTA_PAYLOAD(attribute));
	}
	r = netlink_call(fd, &request, NULL, NULL);
	return r == -EEXIST ? 0 : r;
}

int net_addresses_add(int fd, const struct net_address *addresses, int index, const char *from, const char *to)
{
	int r = 0;

	for (; r == 0 && addresses; addresses = addresses->next)
		r = add(fd, addresses, index, from, to);
	return r;
}

int net_addresses_save(const struct net_address *addresses, struct oci_arena *arena, struct oci_string_list *ret)
{
	size_t count = 0;
	const char **items;

	for (const struct net_address *a = addresses; a; a = a->next)
		count++;
	items = oci_arena_alloc(arena, (count + 1) * sizeof(*items));
	if (!items)
		return -ENOMEM;
	*ret = (struct oci_string_list){ .items = items };
	for (; addresses; addresses = addresses->next) {
		const unsigned char *bytes = (const unsigned char *)addresses->message;
		size_t length = addresses->message->nlmsg_len;
		char *text = oci_arena_alloc(arena, length * 2 + 1);

		if (!text)
			return -ENOMEM;
		for (size_t i = 0; i < length; i++)
			snprintf(text + i * 2, 3, "%02x", bytes[i]);
		items[ret->len++] = text;
	}
	return 0;
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The message; NULL if the text is none of net_addresses_save()'s. */
static struct nlmsghdr *parse(const char *text, struct oci_arena *arena)
{
	size_t length = strlen(text) / 2;
	/* One more, as in insert(). */
	struct nlmsghdr *message = oci_arena_alloc(arena, length + 1);

	if (!message || length < NLMSG_LENGTH(sizeof(struct ifaddrmsg)) || text[length * 2])
		return NULL;
	for (size_t i = 0; i < length; i++) {
		int high = digit(text[i * 2]), low = digit(text[i * 2 + 1]);

		if (high < 0 || low < 0)
			return NULL;
		((unsigned char *)message)[i] = (unsigned char)(high * 16 + low);
	}
	return message->nlmsg_len == length && message->nlmsg_type == RTM_NEWADDR ? message : NULL;
}

int net_addresses_load(const struct oci_string_list *saved, struct oci_arena *arena, struct net_address **ret)
{
	*ret = NULL;
	for (size_t i = 0; i < saved->len; i++) {
		struct net_address *address = oci_arena_alloc(arena, sizeof(*address));

		if (!address)
			return -ENOMEM;
		*address = (struct net_address){ .message = parse(saved->items[i], arena) };
		if (!address->message)
			return -EBADMSG;
		*ret = address;
		ret = &address->next;
	}
	return 0;
}
