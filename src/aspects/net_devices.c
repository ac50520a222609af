/* SPDX-License-Identifier: GPL-2.0-or-later */
/* linux.netDevices (NET-*). */
#include "aspects/aspects.h"

#include <ctype.h>
#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "sys/process.h"

/* As the kernel's dev_valid_name(). */
static bool valid_name(const char *name)
{
	if (!*name || strlen(name) >= IFNAMSIZ || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return false;
	for (; *name; name++) {
		if (*name == '/' || *name == ':' || isspace((unsigned char)*name))
			return false;
	}
	return true;
}

/* "eth%d" (NET-04); no other percent sign, as the kernel's dev_alloc_name(). */
static bool valid_template(const char *name)
{
	const char *percent = strchr(name, '%');

	return !percent || (percent[1] == 'd' && !strchr(percent + 1, '%'));
}

static int check_names(struct compile *c, const struct oci_net_device_entry *entry)
{
	const char *name = entry->value->name;

	if (!valid_name(entry->key))
		return plan_refuse(c, &entry->value, EINVAL,
			"\"%s\" cannot be the name of a network device: 1 to %d bytes without \"/\", \":\" and blanks",
			entry->key, IFNAMSIZ - 1);
	if (name && (!valid_name(name) || !valid_template(name)))
		return plan_refuse(c, &entry->value->name, EINVAL,
			"\"%s\" cannot be the name of a network device: 1 to %d bytes without \"/\", \":\" and blanks; \"%%d\" once, for the first number that is free",
			name, IFNAMSIZ - 1);
	return 0;
}

static const char *inside(const struct oci_net_device_entry *entry)
{
	return entry->value->name ? entry->value->name : entry->key;
}

int aspect_net_devices(struct compile *c)
{
	static const struct oci_net_device_map none;
	const struct oci_net_device_map *map = c->config->linux ? &c->config->linux->netDevices : &none;

	if (map->len && !((c->new_namespaces | c->joined_namespaces) & CLONE_NEWNET))
		return plan_refuse(c, map, EINVAL,
			"netDevices need a network namespace in /linux/namespaces to move into");
	if (map->len && c->host->euid != 0)
		return plan_refuse(c, map, EPERM, "netDevices are the host's: it takes root to move them, and this is user %u",
			c->host->euid);
	for (size_t i = 0; i < map->len; i++) {
		const struct oci_net_device_entry *entry = &map->items[i];
		struct host_net_device *device = oci_arena_alloc(c->arena, sizeof(*device));
		int r = check_names(c, entry);

		if (r < 0)
			return r;
		if (!device)
			return error_set(c->err, ENOMEM, "compile netDevices");
		for (size_t k = 0; k < i; k++) {
			if (!strchr(inside(entry), '%') && strcmp(inside(&map->items[k]), inside(entry)) == 0)
				return plan_refuse(c, &entry->value, EINVAL,
					"network devices %s and %s cannot both be %s in the container",
					map->items[k].key, entry->key, inside(entry));
		}
		device->from = entry->key;
		device->to = inside(entry);
		plan_add_host(c, HOST_NET_DEVICE, HOST_AT_MAPPED, &entry->value, device,
			"move network device %s into the container as %s", device->from, device->to);
	}
	return 0;
}
