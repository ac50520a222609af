/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device that the kernel made (veth, dummy) ends with the network namespace it is in. Should the runtime be killed
 * after a device was moved and before the container is made, init would end, and the device with it. A child of the
 * runtime's guards against that for as long: it holds on to the namespace, and moves the device back.
 */
#ifndef SILO_NET_GUARD_H
#define SILO_NET_GUARD_H

#include "net/devices.h"

/** net_guard_set - guard @device and all that were moved before it, in place of the guard there was */
int net_guard_set(struct net_move *move, const struct net_device *device, struct error *err);

/** net_guard_end - what was moved is the container's, or back: end the guard, if there is one */
void net_guard_end(struct net_move *move);

#endif
