/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libFuzzer target: configs to plans, for machines that differ by the first byte; and what init believes of a plan,
 * whole or damaged by the next four bytes. No config may crash the compiler; a plan that it makes init must take,
 * and print must show; and what init takes must not lead outside the blob.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup/cgroup.h"
#include "fuzz.h"
#include "libocispec/ocispec.h"
#include "plan/compile.h"
#include "plan/print.h"
#include "plan/valid.h"

static const char v2_mountinfo[] = "30 29 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
static const char v1_mountinfo[] =
	"31 30 0:27 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
	"32 30 0:28 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"
	"33 30 0:29 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
	"34 30 0:30 / /sys/fs/cgroup/devices rw - cgroup cgroup rw,devices\n"
	"35 30 0:31 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n"
	"36 30 0:32 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";

static struct cgroup_layout *layout(struct oci_arena *arena, bool v2)
{
	struct cgroup_layout *layout;

	if (cgroup_layout_parse(arena, v2 ? v2_mountinfo : v1_mountinfo,
		    v2 ? "0::/user\n" : "5:cpu:/\n4:cpuset:/\n3:memory:/\n2:devices:/\n1:pids:/\n0::/\n", &layout,
		    NULL) < 0)
		abort();
	for (size_t i = 0; i < layout->count; i++) {
		if (layout->items[i].v2)
			layout->items[i].controllers = v2 ? "cpuset cpu io memory hugetlb pids rdma misc" : "hugetlb";
	}
	return layout;
}

/* As init would: everything a step names is read to its end. */
static void walk(const unsigned char *blob)
{
	const struct plan_header *header = (const struct plan_header *)blob;
	const struct plan_step *steps = (const struct plan_step *)(blob + header->steps);
	size_t length = 0;

	for (uint32_t i = 0; i < header->step_count; i++) {
		length += strlen((const char *)blob + steps[i].pointer);
		length += strlen((const char *)blob + steps[i].what);
	}
	for (uint32_t i = 0; i < header->fd_count; i++)
		length += ((const uint32_t *)(blob + header->fds))[i] & 1;
	/* Nothing is left out that is used. */
	__asm__ volatile("" : : "r"(length));
}

static void damage(const struct plan *plan, const unsigned char *how)
{
	size_t size = plan->blob_size - (how[3] & 0x80 ? how[3] & 0x7f : 0);
	unsigned char *blob = plan->blob_size > 256 ? malloc(size) : NULL;

	if (!blob)
		return;
	memcpy(blob, plan->blob, size);
	((struct plan_header *)blob)->size = (uint32_t)size;
	blob[(how[0] | (size_t)how[1] << 8) % size] ^= how[2];
	if (plan_valid(blob, size))
		walk(blob);
	free(blob);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct plan_options options = { .id = "fuzz", .bundle = "/bundle" };
	struct host_facts host = { .last_capability = 40, .bounding = (1ULL << 41) - 1 };
	struct oci_document *document;
	struct error err = { 0 };
	struct plan *plan;
	FILE *nowhere;

	if (size < 5 || oci_read(&oci_config_type, (const char *)data + 5, size - 5, 0, &document, NULL) < 0)
		return 0;
	host.euid = data[0] & 1 ? 1000 : 0;
	host.apparmor = data[0] & 2;
	host.selinux = data[0] & 4;
	host.cgroups = data[0] & 8 ? layout(document->arena, data[0] & 16) : NULL;
	options.wait_for_start = data[0] & 32;
	options.systemd = data[0] & 64;
	options.preserve_fds = data[0] & 128 ? 2 : 0;
	if (plan_compile(document, &host, &options, &plan, &err) < 0) {
		fuzz_check_error(&err);
	} else {
		if (!plan_valid(plan->blob, plan->blob_size))
			abort();
		walk(plan->blob);
		damage(plan, data + 1);
		nowhere = fopen("/dev/null", "w");
		plan_print(plan, nowhere, data[1] & 1);
		fclose(nowhere);
		plan_free(plan);
	}
	oci_document_free(document);
	return 0;
}
