/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The writer, the enums and the arena. */
#include "ocispec_help.h"

static struct oci_arena *arena;

static void make_arena(void)
{
	arena = oci_arena_new();
}

static void free_arena(void)
{
	oci_arena_free(arena);
}

TestSuite(ocispec_write, .init = make_arena, .fini = free_arena);

static void expect(
	const struct oci_type *type, const void *object, unsigned flags, const char *wanted)
{
	struct oci_error err = { 0 };
	const char *text = NULL;
	size_t len = 0;

	cr_assert(oci_write(type, object, flags, arena, &text, &len, &err) == 0, "%s: %s",
		err.pointer, err.message);
	cr_expect_str_eq(text, wanted);
	cr_expect(len == strlen(text));
}

static void expect_refusal(
	const struct oci_type *type, const void *object, const char *pointer, const char *message)
{
	struct oci_error err = { 0 };
	const char *text = NULL;

	cr_expect(oci_write(type, object, 0, arena, &text, NULL, &err) == -EINVAL);
	cr_expect_str_eq(err.pointer, pointer);
	cr_expect_str_eq(err.message, message);
}

static struct oci_string_entry annotations[] = { { "b", "\xc3\xa9\n" }, { "a", "" } };
static const struct oci_state state = { .ociVersion = "1.3.0",
	.id = "c1",
	.status = OCI_STATUS_RUNNING,
	.pid = 7,
	.bundle = "/b",
	.rootfs = "/b/r",
	.created = "2026-01-01T00:00:00Z",
	.annotations = { 2, annotations },
	.owner = "" };

/* The order is runc's. */
Test(ocispec_write, one_line)
{
	expect(&oci_state_type, &state, 0,
		"{\"ociVersion\":\"1.3.0\",\"id\":\"c1\",\"pid\":7,\"status\":\"running\","
		"\"bundle\":\"/b\",\"rootfs\":\"/b/r\",\"created\":\"2026-01-01T00:00:00Z\","
		"\"annotations\":{\"b\":\"\xc3\xa9\\n\",\"a\":\"\"},\"owner\":\"\"}");
}

Test(ocispec_write, indented)
{
	const struct oci_string_list none = { 0, (const char *[]){ NULL } };
	static const bool yes = true;
	static const struct oci_features_apparmor apparmor = { .enabled = &yes };
	static const struct oci_features_selinux selinux = { NULL };
	static const struct oci_features_linux linux = { .apparmor = &apparmor,
		.selinux = &selinux };
	struct oci_features features = { "1.0.0", "1.3.0", .hooks = none, .linux = &linux };

	expect(&oci_features_type, &features, OCI_WRITE_PRETTY,
		"{\n  \"ociVersionMin\": \"1.0.0\",\n  \"ociVersionMax\": \"1.3.0\",\n"
		"  \"hooks\": [],\n  \"linux\": {\n    \"apparmor\": {\n      \"enabled\": true\n"
		"    },\n    \"selinux\": {}\n  }\n}\n");
	features.linux = NULL;
	expect(&oci_features_type, &features, OCI_WRITE_TABS,
		"{\n\t\"ociVersionMin\": \"1.0.0\",\n\t\"ociVersionMax\": \"1.3.0\",\n"
		"\t\"hooks\": []\n}\n");
}

Test(ocispec_write, defaults)
{
	static const struct oci_user user = { 0 };
	struct oci_process process = { .cwd = "/", .user = &user };
	const struct oci_memory memory = { .limit = &(const int64_t){ INT64_MIN },
		.swappiness = &(const uint64_t){ 0 },
		.useHierarchy = &(const bool){ false } };
	const struct oci_cpu cpu = { .shares = &(const uint64_t){ UINT64_MAX } };
	const struct oci_block_io blockIO = { .weight = &(const uint16_t){ 65535 } };
	const struct oci_resources resources = {
		.memory = &memory, .cpu = &cpu, .blockIO = &blockIO
	};

	expect(&oci_process_type, &process, 0, "{\"user\":{\"uid\":0,\"gid\":0},\"cwd\":\"/\"}");
	process.terminal = true;
	process.oomScoreAdj = &(const int32_t){ -1000 };
	expect(&oci_process_type, &process, 0,
		"{\"terminal\":true,\"user\":{\"uid\":0,\"gid\":0},\"cwd\":\"/"
		"\",\"oomScoreAdj\":-1000}");
	expect(&oci_resources_type, &resources, 0,
		"{\"memory\":{\"limit\":-9223372036854775808,\"swappiness\":0,\"useHierarchy\":"
		"false},"
		"\"cpu\":{\"shares\":18446744073709551615},\"blockIO\":{\"weight\":65535}}");
}

Test(ocispec_write, bare_array)
{
	static const struct oci_mount mount = { .destination = "/a" };
	static const struct oci_mount *items[] = { &mount };
	const struct oci_mount_list mounts = { 1, items };

	expect(&oci_mounts_type, &mounts, 0, "[{\"destination\":\"/a\"}]");
}

Test(ocispec_write, refused)
{
	struct oci_state bad = state;
	const struct oci_hook *hook = &(const struct oci_hook){ .path = NULL };
	const struct oci_hooks hooks = { .poststop = { 1, &hook } };
	static struct oci_string_entry entry = { "a/b", "\xff" };

	bad.id = NULL;
	expect_refusal(&oci_state_type, &bad, "", "the required property \"id\" is missing");
	bad = state;
	bad.status = OCI_STATUS_UNSET;
	expect_refusal(&oci_state_type, &bad, "", "the required property \"status\" is missing");
	bad.status = (enum oci_status)99;
	expect_refusal(&oci_state_type, &bad, "/status", "99 is not a value of oci_status");
	bad = state;
	bad.annotations = (struct oci_string_map){ 1, &entry };
	expect_refusal(&oci_state_type, &bad, "/annotations/a~1b", "the string is not UTF-8");
	expect_refusal(&oci_hooks_type, &hooks, "/poststop/0",
		"the required property \"path\" is missing");
}

Test(ocispec_write, enums)
{
	cr_expect_str_eq(oci_enum_name(&oci_namespace_type_enum, OCI_NAMESPACE_USER), "user");
	cr_expect(oci_enum_name(&oci_namespace_type_enum, OCI_NAMESPACE_UNSET) == NULL);
	cr_expect(oci_enum_name(&oci_namespace_type_enum, -1) == NULL);
	cr_expect(oci_enum_name(&oci_namespace_type_enum, 9) == NULL);
	cr_expect(oci_enum_value(&oci_seccomp_arch_enum, "SCMP_ARCH_X86_64", 16) ==
		  OCI_SCMP_ARCH_X86_64);
	cr_expect(oci_enum_value(&oci_seccomp_arch_enum, "SCMP_ARCH_X86_64", 13) ==
		  OCI_SCMP_ARCH_X86);
	cr_expect(oci_enum_value(&oci_seccomp_arch_enum, "SCMP_ARCH", 9) == 0);
	cr_expect(oci_enum_value(&oci_seccomp_arch_enum, "", 0) == 0);
}

Test(ocispec_write, arena)
{
	char *old = oci_arena_printf(arena, "%d-%s", 7, "x"), *big;
	struct oci_arena_mark mark = oci_arena_mark(arena);

	cr_expect_str_eq(old, "7-x");
	for (int round = 0; round < 3; round++) {
		big = oci_arena_alloc(arena, 200000);
		for (size_t i = 0; i < 200000; i++)
			cr_assert(big[i] == 0);
		memset(big, 0xff, 200000);
		cr_expect_str_eq(oci_arena_strndup(arena, "abc", 2), "ab");
		oci_arena_release(arena, mark);
	}
	big = oci_arena_alloc(arena, 64);
	cr_expect(((uintptr_t)big & 15) == 0 && big[0] == 0 && big[63] == 0);
	cr_expect_str_eq(old, "7-x");
	cr_expect(oci_arena_alloc(arena, SIZE_MAX) == NULL);
}
