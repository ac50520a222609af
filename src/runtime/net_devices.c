/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Moved network devices: what is kept of them for start, and their way back when that fails. */
#include "runtime/launch.h"

#include <errno.h>

#include "runtime/state.h"
#include "util/log.h"

int net_devices_save(const struct launch *launch, struct oci_arena *arena,
	struct container_net_device_list *ret, struct error *err)
{
	const struct container_net_device **items;
	size_t count = 0;

	for (const struct net_device *device = launch->net_devices; device; device = device->next)
		count++;
	*ret = (struct container_net_device_list){ 0 };
	if (!count)
		return 0;
	items = oci_arena_alloc(arena, count * sizeof(*items));
	ret->items = items;
	for (const struct net_device *device = launch->net_devices; items && device; device = device->next) {
		struct container_net_device *saved = oci_arena_alloc(arena, sizeof(*saved));

		if (!saved)
			return error_set(err, ENOMEM, "save the network devices");
		*saved = (struct container_net_device){ device->from, device->to, device->was_up, { 0 } };
		if (net_addresses_save(device->addresses, arena, &saved->addresses) < 0)
			return error_set(err, ENOMEM, "save the network devices");
		items[ret->len++] = saved;
	}
	return items ? 0 : error_set(err, ENOMEM, "save the network devices");
}

void net_devices_return(const struct net_move *move, const struct container_net_device_list *saved)
{
	struct oci_arena *arena = saved->len ? oci_arena_new() : NULL;

	for (size_t i = 0; arena && i < saved->len; i++) {
		const struct container_net_device *one = saved->items[i];
		struct net_address *before;
		struct net_device device;
		struct error failure;
		int r = net_addresses_load(&one->addresses, arena, &before);

		if (r < 0)
			error_set(&failure, -r, "read the saved addresses of network device %s", one->from);
		else
			r = net_device_recall(move, one->from, one->to, one->wasUp, before, arena, &device, &failure);
		if (r == 0)
			r = net_device_return(move, &device, &failure);
		if (r < 0)
			log_warning("%s", failure.message);
	}
	oci_arena_free(arena);
}
