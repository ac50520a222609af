/* SPDX-License-Identifier: GPL-2.0-or-later */
/* process.capabilities (CAP-*). */
#include "aspects/capabilities.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>

#include "sys/process.h"

/* What this process could hand on. A new user namespace starts with everything. */
static uint64_t grantable(const struct compile *c)
{
	uint64_t all = c->host->last_capability >= 63 ? UINT64_MAX :
							(1ULL << (c->host->last_capability + 1)) - 1;

	return (c->new_namespaces | c->joined_namespaces) & CLONE_NEWUSER ? all : c->host->bounding & all;
}

static uint64_t read_set(struct compile *c, const struct oci_string_list *names, uint64_t *unknown)
{
	uint64_t can = grantable(c), set = 0;

	for (size_t i = 0; i < names->len; i++) {
		const char *name = names->items[i];
		cap_value_t cap;

		if (strncmp(name, "CAP_", 4) != 0 || cap_from_name(name, &cap) < 0) {
			plan_warn(c, "capability \"%s\" is unknown: left out", name);
			continue;
		}
		if (!(can >> cap & 1)) {
			if (!(*unknown >> cap & 1))
				plan_warn(c, "capability %s cannot be granted on this host: left out", name);
			*unknown |= 1ULL << cap;
			continue;
		}
		set |= 1ULL << cap;
	}
	return set;
}

/* One line however many: some managers ask for all of them in vain, each time they start something. */
static void warn_ambient(struct compile *c, uint64_t missing)
{
	char names[64 * sizeof("CAP_CHECKPOINT_RESTORE, ")] = "";
	size_t length = 0;

	for (int cap = 0; cap < 64; cap++) {
		char *name = missing >> cap & 1 ? cap_to_name(cap) : NULL;

		if (name)
			length += (size_t)snprintf(names + length, sizeof(names) - length, "%s%s",
				length > 0 ? ", " : "", name);
		cap_free(name);
	}
	for (size_t i = 0; i < length; i++)
		names[i] = (char)toupper((unsigned char)names[i]);
	plan_warn(c, "can't raise ambient capability %s: not both permitted and inheritable", names);
}

int capabilities_compile(struct compile *c, struct plan_capabilities *ret)
{
	const struct oci_capabilities *caps;
	uint64_t left_out = 0, missing;
	size_t warnings = c->plan->warning_count;

	if (!c->config->process || !c->config->process->capabilities)
		return 0;
	caps = c->config->process->capabilities;
	ret->bounding = read_set(c, &caps->bounding, &left_out);
	ret->effective = read_set(c, &caps->effective, &left_out);
	ret->permitted = read_set(c, &caps->permitted, &left_out);
	ret->inheritable = read_set(c, &caps->inheritable, &left_out);
	ret->ambient = read_set(c, &caps->ambient, &left_out);
	/* The kernel raises an ambient capability only from both of these (capabilities(7)). */
	missing = ret->ambient & ~(ret->permitted & ret->inheritable);
	if (missing)
		warn_ambient(c, missing);
	ret->ambient &= ~missing;
	/* Compiled twice, for the bounding set and for the rest: warned about once. */
	if (c->capabilities_warned)
		c->plan->warning_count = warnings;
	c->capabilities_warned = true;
	return 0;
}
