/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Moving network devices between namespaces (linux.netDevices, NET-*). */
#ifndef SILO_NET_DEVICES_H
#define SILO_NET_DEVICES_H

#include <stdbool.h>
#include <sys/types.h>

#include "libocispec/arena.h"
#include "net/addresses.h"
#include "util/error.h"

/* A device that was moved, and what it was. */
struct net_device {
	const struct net_device *next; /* moved before this one */
	const char *from;         /* its name outside */
	char to[16];              /* its name inside */
	int index;                /* inside */
	bool was_up;
	bool name_was_free;       /* inside, before it was moved */
	struct net_address *addresses; /* its permanent global addresses */
	const char *labelled;     /* the name that the addresses' labels begin with */
	const struct net_address *before; /* those that it had outside, where these are later ones; they begin with @from */
};

/* Where devices move to: sockets in both namespaces; and who moves them back should we be killed (guard.h). */
struct net_move {
	int namespace;            /* of the container */
	int outside, inside;      /* rtnetlink */
	int runtime, init;        /* pidfds of us, and of the process in the container */
	pid_t guard;              /* 0: none */
};

#define NET_MOVE_INIT { -1, -1, -1, -1, -1, 0 }

/**
 * net_move_open - open the network namespace of a process
 * @pid: in another network namespace than ours: -EINVAL otherwise
 */
int net_move_open(pid_t pid, struct net_move *ret, struct error *err);

/** net_move_close - close it: what was moved stays where it is; one that was never opened is fine */
void net_move_close(struct net_move *move);

/**
 * net_device_move - move a device into the container: renamed, with its permanent global addresses, and up
 * @from: its name outside
 * @to: its name inside; with "%d": the first that is free
 * @moved: what was moved before; NULL if nothing was
 * @device: receives what net_device_return() needs; in the arena
 *
 * Return: 0, or a negative errno; the device is where and what it was then.
 */
int net_device_move(struct net_move *move, const char *from, const char *to, struct oci_arena *arena,
	const struct net_device *moved, struct net_device *device, struct error *err);

/**
 * net_device_recall - the same for a device that another process has moved, as it is now
 * @from, @to, @was_up: of its struct net_device then; @to must outlive @device
 * @before: its addresses then. It gets them back besides those that it has: IPv6 takes all from a device that is set down.
 */
int net_device_recall(const struct net_move *move, const char *from, const char *to, bool was_up,
	const struct net_address *before, struct oci_arena *arena, struct net_device *device, struct error *err);

/** net_device_return - move a device back, with its name, addresses and state */
int net_device_return(const struct net_move *move, const struct net_device *device, struct error *err);

/**
 * net_device_restore - the same from whatever state a move, or a move back, was left in; done twice, it changes nothing
 *
 * Return: 0 or a negative errno.
 */
int net_device_restore(const struct net_move *move, const struct net_device *device);

#endif
