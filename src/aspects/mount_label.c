/* SPDX-License-Identifier: GPL-2.0-or-later */
/* linux.mountLabel: the SELinux context of what is mounted anew (MSK-04); a bind keeps what it has. */
#include "aspects/mounts.h"

#include <errno.h>
#include <string.h>

#include "aspects/annotations.h"

/* mount(8), "context="; which one, crun's annotation says. */
static const char *const keys[] = { "context", "fscontext", "defcontext", "rootcontext" };

/* Their labels are the policy's; mqueue's root directory gets one by itself, as with runc and crun. */
static const char *const unlabelled[] = { "bpf", "cgroup", "cgroup2", "debugfs", "mqueue", "proc", "securityfs",
	"selinuxfs", "sysfs", "tracefs" };

bool mount_is_context(const char *parameter)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		size_t length = strlen(keys[i]);

		if (strncmp(parameter, keys[i], length) == 0 && parameter[length] == '=')
			return true;
	}
	return false;
}

const char *mount_label(const struct compile *c)
{
	const char *label = c->config->linux ? c->config->linux->mountLabel : NULL;

	return label && *label ? label : NULL;
}

const char *mount_context(struct compile *c, const char *type)
{
	const char *key = annotation_get(c->config, MOUNT_CONTEXT_TYPE);

	if (!mount_label(c) || name_listed(type, unlabelled, sizeof(unlabelled) / sizeof(unlabelled[0])))
		return NULL;
	return oci_arena_printf(c->arena, "%s=%s", key ? key : keys[0], mount_label(c));
}

int mount_label_check(struct compile *c)
{
	const char *key = annotation_get(c->config, MOUNT_CONTEXT_TYPE);

	if (key && !name_listed(key, keys, sizeof(keys) / sizeof(keys[0])))
		return plan_refuse(c, &c->config->annotations, EINVAL,
			"annotation " MOUNT_CONTEXT_TYPE " is \"%s\": it must be context, fscontext, defcontext or rootcontext",
			key);
	if (mount_label(c) && !c->host->selinux)
		return plan_refuse(c, &c->config->linux->mountLabel, ENOTSUP,
			"SELinux is not enabled on this host: the mount label %s cannot be applied", mount_label(c));
	return 0;
}
