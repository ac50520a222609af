/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * linux.sysctl (SYS-*): only what belongs to a namespace of the container.
 * Everything else would change the host.
 */
#include "aspects/aspects.h"

#include <errno.h>
#include <string.h>

#include "sys/process.h"

static const struct {
	const char *name;    /* with "/" as separator; a trailing "/" matches all below */
	uint64_t namespace;
	const char *namespace_name;
} allowed[] = {
	{ "fs/mqueue/", CLONE_NEWIPC, "ipc" },
	{ "kernel/domainname", CLONE_NEWUTS, "uts" },
	{ "kernel/msgmax", CLONE_NEWIPC, "ipc" },
	{ "kernel/msgmnb", CLONE_NEWIPC, "ipc" },
	{ "kernel/msgmni", CLONE_NEWIPC, "ipc" },
	{ "kernel/sem", CLONE_NEWIPC, "ipc" },
	{ "kernel/shm_rmid_forced", CLONE_NEWIPC, "ipc" },
	{ "kernel/shmall", CLONE_NEWIPC, "ipc" },
	{ "kernel/shmmax", CLONE_NEWIPC, "ipc" },
	{ "kernel/shmmni", CLONE_NEWIPC, "ipc" },
	{ "net/", CLONE_NEWNET, "network" },
	{ "user/", CLONE_NEWUSER, "user" },
};

/*
 * As sysctl(8): whichever of "." and "/" comes first separates; with ".", a "/"
 * stands for a dot within a name (net.ipv4.conf.eth0/1.forwarding).
 */
static char *to_path(struct oci_arena *arena, const char *key)
{
	char *path = oci_arena_strdup(arena, key);
	size_t first = strcspn(key, "./");

	if (!path || key[first] != '.')
		return path;
	for (char *p = path; *p; p++)
		*p = *p == '.' ? '/' : *p == '/' ? '.' : *p;
	return path;
}

static bool clean(const char *path)
{
	for (const char *p = path; *p; p += strcspn(p, "/"), p += *p == '/') {
		size_t length = strcspn(p, "/");

		if (length == 0 || (length == 1 && p[0] == '.') ||
			(length == 2 && p[0] == '.' && p[1] == '.'))
			return false;
	}
	return *path && path[strlen(path) - 1] != '/';
}

static int check(struct compile *c, const struct oci_string_entry *entry, const char *path)
{
	if (!clean(path))
		return plan_refuse(c, &entry->value, EINVAL, "sysctl \"%s\" is not a valid name",
			entry->key);
	if (strcmp(path, "kernel/hostname") == 0)
		return plan_refuse(c, &entry->value, EINVAL,
			"sysctl \"%s\" is not allowed: use /hostname", entry->key);
	if (strcmp(path, "kernel/domainname") == 0 && c->config->domainname &&
		strcmp(c->config->domainname, entry->value) != 0)
		return plan_refuse(c, &entry->value, EINVAL,
			"sysctl \"%s\" conflicts with /domainname", entry->key);
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		size_t length = strlen(allowed[i].name);
		bool below = allowed[i].name[length - 1] == '/';

		if (below ? strncmp(path, allowed[i].name, length) != 0 :
			    strcmp(path, allowed[i].name) != 0)
			continue;
		if ((c->new_namespaces | c->joined_namespaces) & allowed[i].namespace)
			return 0;
		return plan_refuse(c, &entry->value, EINVAL,
			"sysctl \"%s\" needs a %s namespace in /linux/namespaces", entry->key,
			allowed[i].namespace_name);
	}
	return plan_refuse(c, &entry->value, EINVAL,
		"sysctl \"%s\" belongs to no namespace: it would change the host", entry->key);
}

int aspect_sysctl(struct compile *c)
{
	const struct oci_linux *os = c->config->linux;

	for (size_t i = 0; os && i < os->sysctl.len; i++) {
		const struct oci_string_entry *entry = &os->sysctl.items[i];
		char *path = to_path(c->arena, entry->key);
		struct plan_sysctl args;
		int r;

		if (!path)
			return error_set(c->err, ENOMEM, "compile sysctl");
		r = check(c, entry, path);
		if (r < 0)
			return r;
		args.path = plan_put_string(c, path);
		args.value = plan_put_string(c, entry->value);
		plan_add(c, PLAN_SYSCTL, &entry->value, &args, sizeof(args), "write \"%s\" to sysctl %s",
			entry->value, entry->key);
	}
	return 0;
}
