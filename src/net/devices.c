/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device loses its addresses and is set down when it changes the namespace. They are read before, and set again
 * after. The name is chosen in the same request as the move: the kernel moves the device, under its old name
 * if that is free, and renames it.
 */
#include "net/devices.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/addresses.h"
#include "net/guard.h"
#include "net/netlink.h"
#include "sys/process.h"
#include "util/cleanup.h"

#define TRIES 16 /* for a name of a template that others take, too */

struct link {
	int index;
	unsigned flags; /* IFF_* */
};

static int take_link(const struct nlmsghdr *message, void *argument)
{
	const struct ifinfomsg *info = NLMSG_DATA(message);
	struct link *link = argument;

	if (message->nlmsg_type == RTM_NEWLINK)
		*link = (struct link){ info->ifi_index, info->ifi_flags };
	return 0;
}

/* -ENODEV if there is none of that name. */
static int find_link(int fd, const char *name, struct link *link)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC };
	struct netlink_request request;

	memset(link, 0, sizeof(*link));
	netlink_begin(&request, RTM_GETLINK, 0, &info, sizeof(info));
	netlink_put(&request, IFLA_IFNAME, name, strlen(name) + 1);
	return netlink_call(fd, &request, take_link, link);
}

static int set_up(int fd, int index)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC, .ifi_index = index, .ifi_flags = IFF_UP,
		.ifi_change = IFF_UP };
	struct netlink_request request;

	netlink_begin(&request, RTM_NEWLINK, 0, &info, sizeof(info));
	return netlink_call(fd, &request, NULL, NULL);
}

/* Addresses first: what listens to the device coming up finds them. */
static int furnish(int fd, const struct net_device *device, int index, const char *old, const char *name, bool up)
{
	int r = net_addresses_add(fd, device->before, index, device->from, name);

	if (r == 0)
		r = net_addresses_add(fd, device->addresses, index, old, name);
	return r == 0 && up ? set_up(fd, index) : r;
}

static int change_namespace(int fd, int index, int namespace, const char *name)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC, .ifi_index = index };
	struct netlink_request request;

	netlink_begin(&request, RTM_NEWLINK, 0, &info, sizeof(info));
	netlink_put(&request, IFLA_NET_NS_FD, &namespace, sizeof(namespace));
	netlink_put(&request, IFLA_IFNAME, name, strlen(name) + 1);
	return netlink_call(fd, &request, NULL, NULL);
}

/* The first name of a template that is free; the template itself if it is none. */
static int choose_name(int fd, const char *template, char name[IFNAMSIZ])
{
	const char *number = strstr(template, "%d");
	struct link link;
	int r = 0;

	if (!number) {
		snprintf(name, IFNAMSIZ, "%s", template);
		r = find_link(fd, name, &link);
		return r == -ENODEV ? 0 : r < 0 ? r : -EEXIST;
	}
	for (unsigned n = 0; r == 0; n++) {
		int length = snprintf(name, IFNAMSIZ, "%.*s%u%s", (int)(number - template), template, n,
			number + 2);

		if (length >= IFNAMSIZ)
			return -ENFILE;
		r = find_link(fd, name, &link);
	}
	return r == -ENODEV ? 0 : r;
}

int net_device_restore(const struct net_move *move, const struct net_device *device)
{
	_cleanup_close_ int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	struct link link;
	int r = find_link(move->outside, device->from, &link);

	if (r == -ENODEV) {
		/* Moved under its old name if that was free, and perhaps not renamed. */
		r = device->name_was_free ? find_link(move->inside, device->from, &link) : -ENODEV;
		if (r == -ENODEV)
			r = find_link(move->inside, device->to, &link);
		if (r == 0)
			r = change_namespace(move->inside, link.index, own, device->from);
		if (r == 0)
			r = find_link(move->outside, device->from, &link);
	}
	return r == 0 ? furnish(move->outside, device, link.index, device->labelled, device->from, device->was_up) : r;
}

static int move_and_rename(struct net_move *move, int index, const char *to, struct net_device *device,
	struct error *err)
{
	struct link link;
	int r = 0;

	for (int tries = 0; tries < TRIES; tries++) {
		r = choose_name(move->inside, to, device->to);
		if (r < 0)
			return error_set(err, -r, "move network device %s: the name %s in the container",
				device->from, to);
		r = net_guard_set(move, device, err);
		if (r < 0)
			return r;
		r = change_namespace(move->outside, index, move->namespace, device->to);
		if (r != -EEXIST)
			break;
		/* Somebody else took that name. */
		net_device_restore(move, device);
		if (find_link(move->outside, device->from, &link) == 0)
			index = link.index;
	}
	if (r == 0)
		r = find_link(move->inside, device->to, &link);
	if (r < 0)
		return error_set(err, -r, "move network device %s into the container as %s", device->from,
			device->to);
	device->index = link.index;
	return 0;
}

int net_device_move(struct net_move *move, const char *from, const char *to, struct oci_arena *arena,
	const struct net_device *moved, struct net_device *device, struct error *err)
{
	struct link link, other;
	int r = find_link(move->outside, from, &link);

	if (r < 0)
		return error_set(err, -r, "find network device %s", from);
	*device = (struct net_device){ .next = moved, .from = from, .was_up = link.flags & IFF_UP, .labelled = from };
	r = find_link(move->inside, from, &other);
	if (r < 0 && r != -ENODEV)
		return error_set(err, -r, "look for a network device %s in the container", from);
	device->name_was_free = r == -ENODEV;
	r = net_addresses_read(move->outside, link.index, arena, &device->addresses);
	if (r < 0)
		return error_set(err, -r, "read the addresses of network device %s", from);
	r = move_and_rename(move, link.index, to, device, err);
	if (r == 0) {
		r = furnish(move->inside, device, device->index, from, device->to, true);
		if (r < 0)
			error_set(err, -r, "set network device %s up in the container with its addresses", from);
	}
	if (r < 0)
		net_device_restore(move, device);
	return r;
}

int net_device_recall(const struct net_move *move, const char *from, const char *to, bool was_up,
	const struct net_address *before, struct oci_arena *arena, struct net_device *device, struct error *err)
{
	struct link link;
	int r = find_link(move->inside, to, &link);

	*device = (struct net_device){ .from = from, .index = link.index, .was_up = was_up, .before = before,
		.labelled = to };
	snprintf(device->to, sizeof(device->to), "%s", to);
	if (r == 0)
		r = net_addresses_read(move->inside, link.index, arena, &device->addresses);
	return r < 0 ? error_set(err, -r, "find network device %s in the container again", to) : 0;
}

int net_device_return(const struct net_move *move, const struct net_device *device, struct error *err)
{
	int r = net_device_restore(move, device);

	return r < 0 ? error_set(err, -r, "move network device %s back", device->from) : 0;
}

static int open_inside(int namespace, int own)
{
	int fd, r;

	if (setns(namespace, CLONE_NEWNET) < 0)
		return -errno;
	fd = netlink_open();
	r = setns(own, CLONE_NEWNET) < 0 ? -errno : 0;
	if (r < 0 && fd >= 0)
		close(fd);
	return r < 0 ? r : fd;
}

int net_move_open(pid_t pid, struct net_move *ret, struct error *err)
{
	_cleanup_close_ int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	struct stat ours, theirs;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	ret->namespace = open(path, O_RDONLY | O_CLOEXEC);
	if (own < 0 || ret->namespace < 0 || fstat(own, &ours) < 0 || fstat(ret->namespace, &theirs) < 0)
		return error_set(err, errno, "open the container's network namespace %s", path);
	if (ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev)
		return error_say(err, EINVAL,
			"network devices cannot be moved: the container's network namespace is the runtime's own");
	ret->outside = netlink_open();
	if (ret->outside < 0)
		return error_set(err, -ret->outside, "open a netlink socket");
	ret->inside = open_inside(ret->namespace, own);
	if (ret->inside < 0)
		return error_set(err, -ret->inside, "enter the container's network namespace");
	ret->runtime = sys_pidfd_open(getpid());
	ret->init = ret->runtime < 0 ? -1 : sys_pidfd_open(pid);
	if (ret->init < 0)
		return error_set(err, errno, "open a pidfd of %s", ret->runtime < 0 ? "the runtime" : "init");
	return 0;
}

void net_move_close(struct net_move *move)
{
	int *const fds[] = { &move->namespace, &move->outside, &move->inside, &move->runtime, &move->init };

	net_guard_end(move);
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
}
