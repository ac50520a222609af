/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hostname, domainname, the session keyring (UTS-*). */
#include "aspects/aspects.h"

#include <errno.h>
#include <string.h>

#include "sys/process.h"

#define NAME_LENGTH_MAX 64 /* __NEW_UTS_LEN */

static int add_name(struct compile *c, enum plan_kind kind, const char *const *slot, const char *what)
{
	struct plan_text args = { 0 };

	if (!*slot || !**slot)
		return 0;
	if (!((c->new_namespaces | c->joined_namespaces) & CLONE_NEWUTS))
		return plan_refuse(c, slot, EINVAL,
			"%s needs a uts namespace in /linux/namespaces: it would change the host's", what);
	if (strlen(*slot) > NAME_LENGTH_MAX)
		return plan_refuse(c, slot, EINVAL, "%s is longer than %d bytes", what, NAME_LENGTH_MAX);
	args.text = plan_put_string(c, *slot);
	args.length = (uint32_t)strlen(*slot);
	plan_add(c, kind, slot, &args, sizeof(args), "set the %s %s", what, *slot);
	return 0;
}

int aspect_hostname(struct compile *c)
{
	int r = add_name(c, PLAN_HOSTNAME, &c->config->hostname, "hostname");

	return r < 0 ? r : add_name(c, PLAN_DOMAINNAME, &c->config->domainname, "domainname");
}

/* So that the container does not share the caller's session keyring, as with runc. */
/* The label of keys that are made from here on; "": the policy's choice again. */
static void label_keys(struct compile *c, const char *label)
{
	struct plan_label args = { 0 };

	if (!label || !c->host->selinux || !*c->config->process->selinuxLabel)
		return;
	args.attribute = plan_put_string(c, "keycreate");
	args.value = plan_put_string(c, label);
	plan_add(c, PLAN_LABEL, &c->config->process->selinuxLabel, &args, sizeof(args),
		*label ? "make keys with the SELinux label %s" : "make keys as usual again%s", label);
}

int aspect_keyring(struct compile *c)
{
	struct plan_text args = { 0 };
	const char *name, *label = c->config->process ? c->config->process->selinuxLabel : NULL;

	if (c->options->no_new_keyring)
		return 0;
	name = oci_arena_printf(c->arena, "_ses.%s", c->options->id);
	if (!name)
		return error_set(c->err, ENOMEM, "compile the keyring");
	args.text = plan_put_string(c, name);
	args.length = (uint32_t)strlen(name);
	label_keys(c, label);
	plan_add(c, PLAN_KEYRING, NULL, &args, sizeof(args), "join the new session keyring %s", name);
	label_keys(c, label ? "" : NULL);
	return 0;
}
