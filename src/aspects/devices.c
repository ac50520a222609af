/* SPDX-License-Identifier: GPL-2.0-or-later */
/* linux.devices, the default devices and the symbolic links beside them (DEV-*, RTL-04..07). */
#include "aspects/aspects.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "aspects/mounts.h"
#include "sys/process.h"

static const struct {
	const char *path;
	uint32_t major, minor;
} default_devices[] = { /* DEV-09 */
	{ "/dev/null", 1, 3 },
	{ "/dev/zero", 1, 5 },
	{ "/dev/full", 1, 7 },
	{ "/dev/random", 1, 8 },
	{ "/dev/urandom", 1, 9 },
	{ "/dev/tty", 5, 0 },
};

static const struct {
	const char *path, *target, *only_if;
} links[] = {
	{ "/dev/ptmx", "pts/ptmx", NULL },
	{ "/dev/fd", "/proc/self/fd", "/proc/self/fd" },
	{ "/dev/stdin", "/proc/self/fd/0", "/proc/self/fd" },
	{ "/dev/stdout", "/proc/self/fd/1", "/proc/self/fd" },
	{ "/dev/stderr", "/proc/self/fd/2", "/proc/self/fd" },
};

static const mode_t type_mode[] = {
	[OCI_DEVICE_C] = S_IFCHR,
	[OCI_DEVICE_U] = S_IFCHR,
	[OCI_DEVICE_B] = S_IFBLK,
	[OCI_DEVICE_P] = S_IFIFO,
};

/* Somebody else's /dev, bound whole, is left as it is. */
static bool dev_is_bound(const struct compile *c)
{
	for (size_t i = 0; i < c->config->mounts.len; i++) {
		const struct oci_mount *mount = c->config->mounts.items[i];
		bool bind = mount->type && strcmp(mount->type, "bind") == 0;

		for (size_t k = 0; k < mount->options.len; k++)
			bind |= strcmp(mount->options.items[k], "bind") == 0 ||
				strcmp(mount->options.items[k], "rbind") == 0;
		if (bind && (strcmp(mount->destination, "/dev") == 0 ||
				    strcmp(mount->destination, "/dev/") == 0))
			return true;
	}
	return false;
}

static bool mounts_proc(const struct compile *c)
{
	for (size_t i = 0; i < c->config->mounts.len; i++) {
		const struct oci_mount *mount = c->config->mounts.items[i];

		if (mount->type && strcmp(mount->type, "proc") == 0 &&
			strcmp(mount->destination, "/proc") == 0)
			return true;
	}
	return false;
}

static void add_device(struct compile *c, const void *slot, const char *path,
	struct plan_device *args)
{
	/* A user namespace cannot make device nodes: bind the host's. */
	args->bind = plan_in_user_namespace(c) && !S_ISFIFO(args->mode);
	/* A link replaces it (DEV-11); a bound node could not be replaced. */
	if (args->bind && strcmp(path, "/dev/ptmx") == 0)
		return;
	args->path = plan_put_string(c, path);
	plan_add(c, PLAN_DEVICE, slot, args, sizeof(*args), "%s %s (%u:%u, mode %04o)",
		args->bind ? "bind device" : "make device", path, args->major, args->minor,
		args->mode & 07777);
}

static int listed_device(struct compile *c, const struct oci_device *device)
{
	struct plan_device args = { .mode = type_mode[device->type] };
	const char *path;

	if (*device->path != '/')
		return plan_refuse(c, &device->path, EINVAL, "device path \"%s\" must be absolute",
			device->path);
	path = path_clean(c->arena, device->path);
	if (!path)
		return error_set(c->err, ENOMEM, "compile devices");
	if (device->type != OCI_DEVICE_P && (!device->major || !device->minor))
		return plan_refuse(c, &device->path, EINVAL, "device %s needs major and minor numbers",
			device->path);
	if (device->major && (*device->major < 0 || *device->major > 4095))
		return plan_refuse(c, &device->major, ERANGE, "device %s: major %lld is not within 0..4095",
			path, (long long)*device->major);
	if (device->minor && (*device->minor < 0 || *device->minor > 1048575))
		return plan_refuse(c, &device->minor, ERANGE,
			"device %s: minor %lld is not within 0..1048575", path,
			(long long)*device->minor);
	args.major = device->major ? (uint32_t)*device->major : 0;
	args.minor = device->minor ? (uint32_t)*device->minor : 0;
	args.mode |= device->fileMode ? *device->fileMode & 07777 : 0666;
	args.uid = device->uid ? *device->uid : 0;
	args.gid = device->gid ? *device->gid : 0;
	args.given = (device->fileMode ? PLAN_DEVICE_MODE : 0) | (device->uid || device->gid ? PLAN_DEVICE_OWNER : 0);
	add_device(c, &device->path, path, &args);
	return 0;
}

static bool overridden(const struct compile *c, const char *path)
{
	const struct oci_linux *os = c->config->linux;

	for (size_t i = 0; os && i < os->devices.len; i++) {
		if (strcmp(os->devices.items[i]->path, path) == 0)
			return true;
	}
	return false;
}

static void add_links(struct compile *c)
{
	bool proc = mounts_proc(c);

	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		struct plan_symlink args = { 0 };

		args.path = plan_put_string(c, links[i].path);
		args.target = plan_put_string(c, links[i].target);
		args.only_if = proc ? 0 : plan_put_string(c, links[i].only_if);
		plan_add(c, PLAN_SYMLINK, NULL, &args, sizeof(args), "link %s to %s", links[i].path,
			links[i].target);
	}
}

static void add_default_devices(struct compile *c)
{
	for (size_t i = 0; i < sizeof(default_devices) / sizeof(default_devices[0]); i++) {
		struct plan_device args = { .mode = S_IFCHR | 0666,
			.major = default_devices[i].major, .minor = default_devices[i].minor };

		if (!overridden(c, default_devices[i].path))
			add_device(c, NULL, default_devices[i].path, &args);
	}
}

int aspect_devices(struct compile *c)
{
	static const struct oci_device_list none;
	const struct oci_device_list *listed = c->config->linux ? &c->config->linux->devices : &none;
	bool bound = dev_is_bound(c);

	if (!((c->new_namespaces | c->joined_namespaces) & CLONE_NEWNS))
		return listed->len ? plan_refuse(c, listed, EINVAL,
			"devices need a mount namespace in /linux/namespaces: without one they would be made on the host") : 0;
	if (!bound)
		add_default_devices(c);
	for (size_t i = 0; i < listed->len; i++) {
		int r = bound && strncmp(listed->items[i]->path, "/dev/", 5) == 0 ? 0 :
			listed_device(c, listed->items[i]);

		if (r < 0)
			return r;
	}
	if (!bound)
		add_links(c);
	return 0;
}
