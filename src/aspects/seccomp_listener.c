/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SCMP_ACT_NOTIFY: who is told, and what of it can work (SEC-06, SEC-07, SEC-14..18). */
#include <errno.h>
#include <string.h>
#include <sys/un.h>

#include "aspects/annotations.h"
#include "aspects/seccomp.h"

#define RECEIVER "run.oci.seccomp.receiver"

/* In runc the process itself writes where the listener is; profiles are shared between runtimes. */
static int check_rules(struct compile *c, const struct oci_seccomp *seccomp, bool *notify)
{
	if (seccomp->defaultAction == OCI_SCMP_ACT_NOTIFY)
		return plan_refuse(c, &seccomp->defaultAction, EINVAL,
			"SCMP_ACT_NOTIFY cannot be used as default action");
	for (size_t i = 0; i < seccomp->syscalls.len; i++) {
		const struct oci_seccomp_syscall *rule = seccomp->syscalls.items[i];

		if (rule->action != OCI_SCMP_ACT_NOTIFY)
			continue;
		*notify = true;
		for (size_t k = 0; k < rule->names.len; k++) {
			if (strcmp(rule->names.items[k], "write") == 0)
				return plan_refuse(c, &rule->names.items[k], EINVAL,
					"SCMP_ACT_NOTIFY cannot be used for the write syscall");
		}
	}
	if (seccomp->listenerMetadata && *seccomp->listenerMetadata &&
		(!seccomp->listenerPath || !*seccomp->listenerPath))
		return plan_refuse(c, &seccomp->listenerMetadata, EINVAL,
			"listenerMetadata needs a listenerPath");
	return 0;
}

/* crun's annotation and variable ask for the listener whatever the rules are; listenerPath does not (SEC-06). */
static const char *receiver(const struct compile *c, const struct oci_seccomp *seccomp, bool *notify,
	const void **slot)
{
	const char *path = annotation_get(c->config, RECEIVER);

	*slot = &c->config->annotations;
	if (!path)
		path = c->options->seccomp_receiver;
	if (path)
		*notify = true;
	if (seccomp && seccomp->listenerPath && *seccomp->listenerPath) {
		*slot = &seccomp->listenerPath;
		path = seccomp->listenerPath;
	}
	return path;
}

int seccomp_listener(struct compile *c, const struct oci_seccomp *seccomp, bool *notify)
{
	struct host_seccomp *agent;
	const void *slot;
	const char *path;
	int r = 0;

	*notify = false;
	if (seccomp)
		r = check_rules(c, seccomp, notify);
	if (r < 0)
		return r;
	path = receiver(c, seccomp, notify, &slot);
	if (!*notify)
		return 0;
	if (!path)
		return plan_refuse(c, &seccomp->syscalls, EINVAL, "SCMP_ACT_NOTIFY needs a listenerPath");
	if ((*path != '/' && *path != '@') || strlen(path) >= sizeof(((struct sockaddr_un *)0)->sun_path))
		return plan_refuse(c, slot, EINVAL,
			"the seccomp agent's socket \"%s\" must be an absolute path, or @ and a name, of less than %zu bytes",
			path, sizeof(((struct sockaddr_un *)0)->sun_path));
	agent = oci_arena_alloc(c->arena, sizeof(*agent));
	if (!agent)
		return error_set(c->err, ENOMEM, "compile seccomp");
	agent->path = path;
	agent->metadata = seccomp ? seccomp->listenerMetadata : NULL;
	plan_add_host(c, HOST_FIND_AGENT, HOST_BEFORE_CLONE, slot, agent, "look for the seccomp agent at %s", path);
	plan_add_host(c, HOST_SEND_LISTENER, HOST_AT_SECCOMP, slot, agent,
		"pass the seccomp listener to the agent at %s", path);
	return 0;
}
