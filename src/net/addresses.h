/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses of a network device that is moved, which the kernel takes from it meanwhile (NET-05). */
#ifndef SILO_NET_ADDRESSES_H
#define SILO_NET_ADDRESSES_H

#include "libocispec/arena.h"
#include "libocispec/ocispec.h"

/* A list of them, in the order in which they are to be added. */
struct net_address;

/** net_addresses_read - the permanent global addresses of a device, in the arena; by a netlink socket */
int net_addresses_read(int fd, int index, struct oci_arena *arena, struct net_address **ret);

/**
 * net_addresses_add - give addresses to a device; one that it has already is fine
 * @from, @to: name that their labels may begin with, and the one that they are to begin with
 */
int net_addresses_add(int fd, const struct net_address *addresses, int index, const char *from, const char *to);

/** net_addresses_save - as text for the state file, in the arena; or -ENOMEM */
int net_addresses_save(const struct net_address *addresses, struct oci_arena *arena, struct oci_string_list *ret);

/** net_addresses_load - what net_addresses_save() gave; -EBADMSG if it is something else */
int net_addresses_load(const struct oci_string_list *saved, struct oci_arena *arena, struct net_address **ret);

#endif
