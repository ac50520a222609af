/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a user lacks who may not make a cgroup, and the command that gives it:
 * the most common complaint about containers without root. cgroup v2 is
 * delegated to users by systemd's user instance, or by chown(1) (cgroups(7), "Delegation"); v1 only by the latter.
 */
#include "cgroup/cgroup.h"

#include <errno.h>
#include <unistd.h>

#include "cgroup/files.h"

bool cgroup_is_denial(int code)
{
	return code == -EACCES || code == -EPERM || code == -EROFS;
}

int cgroup_not_delegated(const struct cgroup_hierarchy *hierarchy, const char *path, int code, struct error *err)
{
	unsigned user = geteuid();

	if (code == -EROFS || user == 0)
		return error_set(err, -code, "make cgroup %s", path);
	if (hierarchy->v2)
		return error_say(err, -code,
			"the limits need a cgroup that user %u may make, and %s is not below one that is delegated to the user: "
			"start the runtime by `systemd-run --user --scope --property=Delegate=yes`, use --systemd-cgroup, "
			"or take the limits out of the config", user, path);
	return error_say(err, -code,
		"the limits need a cgroup that user %u may make, and %s is not below one: cgroup v1 is not delegated to users "
		"(boot with systemd.unified_cgroup_hierarchy=1 for v2), or take the limits out of the config", user, path);
}

/* What systemd knows by name, and so can delegate (systemd.resource-control(5)). */
#define SYSTEMD_DELEGATES "cpu cpuset io memory pids"

int cgroup_lacks_controller(const char *path, const char *controller, int code, struct error *err)
{
	static const struct cgroup_hierarchy delegated = { .v2 = true, .controllers = SYSTEMD_DELEGATES };

	if (geteuid() == 0)
		return error_set(err, -code,
			"enable cgroup controller %s for %s (cgroup.subtree_control of all cgroups above it must have it, "
			"and they must not hold processes themselves)", controller, path);
	if (code == -EBUSY)
		return error_say(err, EBUSY,
			"cgroup controller %s cannot be enabled for %s, since a cgroup above it holds processes itself: "
			"start the runtime by `systemd-run --user --scope --property=Delegate=yes`, or use --systemd-cgroup",
			controller, path);
	if (!cgroup_has_controller(&delegated, controller))
		return error_say(err, -code,
			"cgroup controller %s is not delegated to user %u for %s: systemd delegates none of this kind; "
			"take its settings out of the config, or run as root", controller, geteuid(), path);
	return error_say(err, -code,
		"cgroup controller %s is not delegated to user %u for %s: as root, `systemctl set-property user@%u.service "
		"Delegate=\"" SYSTEMD_DELEGATES "\"` and let the user log in anew", controller, geteuid(), path, geteuid());
}

int cgroup_not_entered(const char *path, int code, struct error *err)
{
	return error_say(err, code,
		"no process can be moved from here into cgroup %s: user %u may not write to the cgroup above both; "
		"start the runtime by `systemd-run --user --scope`, or use --systemd-cgroup", path, geteuid());
}
