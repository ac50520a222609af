/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the cgroup tests share: fake hosts, and a config compiled on one. */
#ifndef TESTS_CGROUP_SUPPORT_H
#define TESTS_CGROUP_SUPPORT_H

#include <stdio.h>
#include <string.h>

#include "aspects/aspects.h"
#include "cgroup/cgroup.h"
#include "libocispec/ocispec.h"

struct fake_host {
	const char *mountinfo, *own;
	const char *v2_controllers; /* NULL without v2 */
};

#define V1_MOUNT(id, name, options)                                                                \
#id " 31 0:29 / /sys/fs/cgroup/" name " rw,relatime - cgroup cgroup rw," options "\n"
#define BASE_MOUNTS "23 1 0:20 / /sys rw - sysfs sysfs rw\n"
#define V1_MOUNTS                                                                                  \
	BASE_MOUNTS                                                                                \
	"31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n" V1_MOUNT(            \
		32, "cpu,cpuacct", "cpu,cpuacct") V1_MOUNT(33, "cpuset", "cpuset")                 \
		V1_MOUNT(34, "memory", "memory") V1_MOUNT(35, "devices", "devices")                \
			V1_MOUNT(36, "freezer", "freezer") V1_MOUNT(37, "blkio", "blkio")          \
				V1_MOUNT(38, "pids", "pids") V1_MOUNT(39, "net_cls,net_prio",      \
					"net_cls,net_prio") V1_MOUNT(40, "rdma", "rdma")           \
					V1_MOUNT(42, "systemd", "xattr,name=systemd")
#define V1_OWN                                                                                     \
	"12:rdma:/\n11:net_cls,net_prio:/\n10:cpu,cpuacct:/\n9:name=systemd:/\n8:pids:/"           \
	"\n7:blkio:/\n6:freezer:/\n"                                                               \
	"5:devices:/\n4:memory:/box/a\n3:cpuset:/\n"

static const struct fake_host host_v1 __attribute__((unused)) = { V1_MOUNTS, V1_OWN, NULL };
static const struct fake_host host_hybrid __attribute__((unused)) = { V1_MOUNTS
	"41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n",
	V1_OWN "0::/\n", "hugetlb" };
static const struct fake_host host_v2 __attribute__((unused)) = { BASE_MOUNTS
	"41 23 0:38 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw\n",
	"0::/user/shell\n", "cpuset cpu io memory hugetlb pids rdma misc" };
static const struct fake_host host_none __attribute__((unused)) = { BASE_MOUNTS, "", NULL };

/* One compiled config; stays allocated until the test's process ends. */
struct compiled {
	int result;
	struct error err;
	struct compile c;
	struct host_facts facts;
	struct plan plan;
};

/*
 * @members: of the config beside linux, each with a comma after it
 * @facts: NULL for root of the initial user namespace
 */
static inline struct compiled *compile_with_options(const struct fake_host *host,
	const struct host_facts *facts, const struct plan_options *options, const char *members,
	const char *linux_json)
{
	struct compiled *done = calloc(1, sizeof(*done));
	struct cgroup_layout *layout = NULL;
	struct oci_document *document = NULL;
	struct oci_error error = { 0 };
	char *json = NULL;

	if (asprintf(&json,
		    "{\"ociVersion\": \"1.3.0\", %s \"root\": {\"path\": \"r\"},\n\"linux\": "
		    "{\n%s}}",
		    members, linux_json) < 0)
		abort();
	done->result = oci_read(&oci_config_type, json, strlen(json), 0, &document, &error);
	free(json);
	if (done->result < 0) {
		snprintf(done->err.message, sizeof(done->err.message), "%s: %s", error.pointer,
			error.message);
		return done;
	}
	if (cgroup_layout_parse(document->arena, host->mountinfo, host->own, &layout, &done->err) <
		0)
		abort();
	for (size_t i = 0; i < layout->count; i++) {
		if (layout->items[i].v2)
			layout->items[i].controllers = host->v2_controllers;
	}
	if (facts)
		done->facts = *facts;
	done->facts.cgroups = layout;
	done->c = (struct compile){ .document = document,
		.config = document->root,
		.host = &done->facts,
		.options = options,
		.arena = document->arena,
		.err = &done->err,
		.plan = &done->plan };
	done->result = aspect_namespace_list(&done->c);
	if (done->result == 0)
		done->result = aspect_cgroup(&done->c);
	return done;
}

static inline struct compiled *compile_config(const struct fake_host *host,
	const struct host_facts *facts, const char *members, const char *linux_json)
{
	static const struct plan_options options = { .id = "box1", .bundle = "/bundle" };

	return compile_with_options(host, facts, &options, members, linux_json);
}

static inline struct compiled *compile_linux(const struct fake_host *host, const char *linux_json)
{
	return compile_config(host, NULL, "", linux_json);
}

/* All settings as one text: "file=value\n", v2's files with a '@' in front. */
static inline const char *settings_text(const struct compiled *done)
{
	static char text[16384];
	const struct cgroup_spec *spec = done->c.cgroup;

	text[0] = '\0';
	if (!spec) {
		snprintf(text, sizeof(text), "refused: %s", done->err.message);
		return text;
	}
	for (size_t i = 0; i < spec->setting_count; i++) {
		const struct cgroup_setting *setting = &spec->settings[i];

		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s=%s\n",
			spec->layout->items[setting->hierarchy].v2 ? "@" : "", setting->file,
			setting->value);
	}
	return text;
}

#endif
