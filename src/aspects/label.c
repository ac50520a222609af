/* SPDX-License-Identifier: GPL-2.0-or-later */
/* process.apparmorProfile, selinuxLabel (PSL-02, PSL-03); vm (VM-*). */
#include "aspects/aspects.h"

#include <errno.h>

int aspect_label(struct compile *c)
{
	const struct oci_process *process = c->config->process;
	struct plan_label args;

	if (process && process->apparmorProfile && *process->apparmorProfile) {
		if (!c->host->apparmor)
			return plan_refuse(c, &process->apparmorProfile, ENOTSUP,
				"AppArmor is not enabled on this host: the profile %s cannot be applied",
				process->apparmorProfile);
		args.attribute = plan_put_string(c, "apparmor/exec");
		args.value = plan_put_string(c,
			oci_arena_printf(c->arena, "exec %s", process->apparmorProfile));
		plan_add(c, PLAN_LABEL, &process->apparmorProfile, &args, sizeof(args),
			"confine the process by the AppArmor profile %s", process->apparmorProfile);
	}
	if (process && process->selinuxLabel && *process->selinuxLabel) {
		if (!c->host->selinux)
			return plan_refuse(c, &process->selinuxLabel, ENOTSUP,
				"SELinux is not enabled on this host: the label %s cannot be applied",
				process->selinuxLabel);
		args.attribute = plan_put_string(c, "exec");
		args.value = plan_put_string(c, process->selinuxLabel);
		plan_add(c, PLAN_LABEL, &process->selinuxLabel, &args, sizeof(args),
			"run the process with the SELinux label %s", process->selinuxLabel);
	}
	return 0;
}

/* Read and checked, and refused by name: nothing is silently left out (GEN-06). */
int aspect_unsupported(struct compile *c)
{
	if (c->config->vm)
		return plan_refuse(c, &c->config->vm, ENOTSUP, "virtual machines are not supported");
	return 0;
}
