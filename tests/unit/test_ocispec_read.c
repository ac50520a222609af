/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the reader refuses, where it says the fault is, and what it takes. */
#include "ocispec_help.h"

struct refusal {
	const struct oci_type *type;
	const char *text;
	const char *pointer;
	unsigned line, column;
	const char *message; /* how it begins */
};

#define CONFIG &oci_config_type
#define PROCESS &oci_process_type
#define RESOURCES &oci_resources_type
#define STATE &oci_state_type
#define HOOKS &oci_hooks_type
#define LINUX &oci_linux_type

static void check_refusals(const struct refusal *refusals, size_t count)
{
	for (const struct refusal *r = refusals; r < refusals + count; r++) {
		struct oci_document *document = NULL;
		struct oci_error err;
		int ret = oci_read(r->type, r->text, strlen(r->text), 0, &document, &err);

		cr_expect(ret == -EINVAL && err.code == EINVAL, "%s: %d", r->text, ret);
		cr_expect(document == NULL, "%s", r->text);
		if (ret == 0)
			continue;
		cr_expect_str_eq(err.pointer, r->pointer, "%s: pointer %s", r->text, err.pointer);
		cr_expect(err.line == r->line && err.column == r->column, "%s: at %u:%u", r->text,
			err.line, err.column);
		cr_expect(strncmp(err.message, r->message, strlen(r->message)) == 0, "%s: says %s",
			r->text, err.message);
	}
}

#define CHECK(refusals) check_refusals(refusals, sizeof(refusals) / sizeof((refusals)[0]))

/* BUN-01, GEN-01 */
Test(ocispec_read, invalid_json)
{
	static const struct refusal refusals[] = {
		{ CONFIG, "", "", 1, 1, "invalid JSON: parse error: premature EOF" },
		{ CONFIG, "   \n", "", 2, 1, "invalid JSON: parse error: premature EOF" },
		{ STATE, "{\n\"id\": \"x\"", "/id", 2, 10,
			"invalid JSON: parse error: premature EOF" },
		{ STATE, "{\"id\": tru}", "/id", 1, 10, "invalid JSON: lexical error" },
		{ STATE, "{\"id\": \"a\nb\"}", "/id", 1, 9, "invalid JSON: lexical error" },
		{ STATE, "{\"pid\": 01}", "/pid", 1, 9, "invalid JSON: parse error" },
		{ STATE, "{\"pid\": +1}", "/pid", 1, 9, "invalid JSON: lexical error" },
		{ STATE, "{\"pid\": NaN}", "/pid", 1, 9, "invalid JSON: lexical error" },
		{ STATE, "{/* c */\"pid\": 1}", "", 1, 1, "invalid JSON: lexical error" },
		{ STATE, "{'pid': 1}", "", 1, 2, "invalid JSON: lexical error" },
		{ STATE, "{\"unknown\": [1,]}", "", 1, 16, "invalid JSON: parse error" },
		{ RESOURCES, "{} {}", "", 1, 4, "invalid JSON: parse error: trailing garbage" },
		{ RESOURCES, "{}x", "", 1, 3, "invalid JSON: " },
		{ RESOURCES, "null", "", 1, 1, "expected an object, found null" },
		{ RESOURCES, "7", "", 1, 1, "expected an object, found 7" },
		{ RESOURCES, "\"{}\"", "", 1, 1, "expected an object, found \"{}\"" },
		{ RESOURCES, " []", "", 1, 2, "expected an object, found an array" },
		{ &oci_mounts_type, "{}", "", 1, 1, "expected an array, found an object" },
	};

	CHECK(refusals);
}

/* GEN-01 */
Test(ocispec_read, invalid_text)
{
	static const struct refusal refusals[] = {
		{ RESOURCES, "\xef\xbb\xbf{}", "", 1, 1, "the document begins with a byte order" },
		{ RESOURCES, "{\n\"a\": \"\xff\"}", "", 2, 7, "invalid UTF-8: byte 0xff" },
		{ RESOURCES, "{\"a\": \"\xc0\x80\"}", "", 1, 8, "invalid UTF-8" },
		{ RESOURCES, "{\"a\": \"\xed\xa0\x80\"}", "", 1, 8, "invalid UTF-8" },
		{ RESOURCES, "{\"a\": \"\xf4\x90\x80\x80\"}", "", 1, 8, "invalid UTF-8" },
		{ RESOURCES, "{\"a\": \"\xe2\x82\"}", "", 1, 8, "invalid UTF-8" },
		{ STATE, "{\"id\": \"a\\u0000b\"}", "/id", 1, 8, "the string contains \\u0000" },
		{ STATE, "{\"id\": \"\\ud800\"}", "/id", 1, 8, "the string contains half" },
		{ STATE, "{\"id\": \"\\udc00\\ud800\"}", "/id", 1, 8, "the string contains half" },
		{ STATE, "{\"annotations\":{\"\\u0000\":\"\"}}", "/annotations", 1, 17,
			"the string contains \\u0000" },
	};

	CHECK(refusals);
}

/* GEN-05 */
Test(ocispec_read, wrong_types)
{
	static const struct refusal refusals[] = {
		{ PROCESS, "{\"terminal\": 1}", "/terminal", 1, 14,
			"expected true or false, found 1" },
		{ PROCESS, "{\"terminal\": \"yes\"}", "/terminal", 1, 14,
			"expected true or false, found \"yes\"" },
		{ PROCESS, "{\"cwd\": false}", "/cwd", 1, 9, "expected a string, found false" },
		{ PROCESS, "{\"args\": \"sh\"}", "/args", 1, 10,
			"expected an array, found \"sh\"" },
		{ PROCESS, "{\"args\": [\"sh\", 2]}", "/args/1", 1, 17,
			"expected a string, found 2" },
		{ PROCESS, "{\"args\": [\"sh\", null]}", "/args/1", 1, 17,
			"expected a string, found null" },
		{ PROCESS, "{\"args\": {}}", "/args", 1, 10, "expected an array, found an object" },
		{ PROCESS, "{\"user\": []}", "/user", 1, 10, "expected an object, found an array" },
		{ PROCESS, "{\"user\":{\"additionalGids\":[5,\"6\"]}}", "/user/additionalGids/1", 1,
			30, "expected an unsigned 32-bit integer, found \"6\"" },
		{ PROCESS, "{\"rlimits\": [\n{\"type\": \"RLIMIT_CPU\", \"soft\": \"12\"}]}",
			"/rlimits/0/soft", 2, 32,
			"expected an unsigned 64-bit integer, found \"12\"" },
		{ PROCESS, "{\"rlimits\": [[]]}", "/rlimits/0", 1, 14,
			"expected an object, found an array" },
		{ STATE, "{\"annotations\":{\"a\":\"b\",\"a/~\":1}}", "/annotations/a~1~0", 1, 31,
			"expected a string, found 1" },
		{ STATE, "{\"annotations\":[]}", "/annotations", 1, 16,
			"expected an object, found an array" },
	};

	CHECK(refusals);
}

Test(ocispec_read, numbers)
{
	static const struct refusal refusals[] = {
		{ STATE, "{\"pid\": 1.0}", "/pid", 1, 9,
			"expected an integer without fraction and exponent, found 1.0" },
		{ STATE, "{\"pid\": 1e3}", "/pid", 1, 9,
			"expected an integer without fraction and exponent, found 1e3" },
		{ STATE, "{\"pid\": -1}", "/pid", 1, 9,
			"expected an integer from 0 to 2147483647, found -1" },
		{ STATE, "{\"pid\": 2147483648}", "/pid", 1, 9, "expected an integer from 0 to" },
		{ PROCESS, "{\"user\":{\"uid\":4294967296}}", "/user/uid", 1, 16,
			"expected an integer from 0 to 4294967295, found 4294967296" },
		{ PROCESS, "{\"user\":{\"uid\":-1}}", "/user/uid", 1, 16,
			"expected an integer from 0 to 4294967295, found -1" },
		{ PROCESS, "{\"oomScoreAdj\":1001}", "/oomScoreAdj", 1, 16,
			"expected an integer from -1000 to 1000, found 1001" },
		{ PROCESS, "{\"oomScoreAdj\":-1001}", "/oomScoreAdj", 1, 16,
			"expected an integer from -1000 to 1000, found -1001" },
		{ PROCESS, "{\"rlimits\":[{\"soft\":18446744073709551616}]}", "/rlimits/0/soft", 1,
			21, "expected an integer from 0 to 18446744073709551615, found 184" },
		{ PROCESS, "{\"rlimits\":[{\"soft\":-18446744073709551615}]}", "/rlimits/0/soft", 1,
			21, "expected an integer from 0 to 18446744073709551615, found -184" },
		{ RESOURCES, "{\"memory\":{\"limit\":9223372036854775808}}", "/memory/limit", 1, 20,
			"expected an integer from -9223372036854775808 to 9223372036854775807" },
		{ RESOURCES, "{\"memory\":{\"limit\":-9223372036854775809}}", "/memory/limit", 1,
			20,
			"expected an integer from -9223372036854775808 to 9223372036854775807" },
		{ RESOURCES, "{\"memory\":{\"swappiness\":101}}", "/memory/swappiness", 1, 25,
			"expected an integer from 0 to 100, found 101" },
		{ RESOURCES, "{\"blockIO\":{\"weight\":65536}}", "/blockIO/weight", 1, 22,
			"expected an integer from 0 to 65535, found 65536" },
		{ HOOKS, "{\"poststop\":[{\"timeout\":0}]}", "/poststop/0/timeout", 1, 25,
			"expected an integer from 1 to 2147483647, found 0" },
	};

	CHECK(refusals);
}

/* Formats, enums and array lengths: ids in the specification's checklist. */
Test(ocispec_read, strings)
{
	static const struct refusal refusals[] = {
		/* VER-01 */
		{ CONFIG, "{\"ociVersion\": \"1.0\"}", "/ociVersion", 1, 16,
			"expected a semantic version such as \"1.3.0\", found \"1.0\"" },
		{ CONFIG, "{\"ociVersion\": \"01.0.0\"}", "/ociVersion", 1, 16, "expected a sem" },
		{ CONFIG, "{\"ociVersion\": \"1.0.0-\"}", "/ociVersion", 1, 16, "expected a sem" },
		{ CONFIG, "{\"ociVersion\": \"1.0.0-01\"}", "/ociVersion", 1, 16,
			"expected a sem" },
		{ CONFIG, "{\"ociVersion\": \"1.0.0+a..b\"}", "/ociVersion", 1, 16,
			"expected a sem" },
		/* PRC-05, HKS-02, NS-03, MSK-03 */
		{ PROCESS, "{\"cwd\": \"tmp\"}", "/cwd", 1, 9,
			"expected an absolute path, found \"tmp\"" },
		{ PROCESS, "{\"cwd\": \"\"}", "/cwd", 1, 9,
			"expected an absolute path, found \"\"" },
		{ HOOKS, "{\"prestart\":[{\"path\":\"x\"}]}", "/prestart/0/path", 1, 22,
			"expected an absolute path" },
		{ LINUX, "{\"namespaces\":[{\"type\":\"pid\",\"path\":\"ns\"}]}",
			"/namespaces/0/path", 1, 37, "expected an absolute path" },
		{ LINUX, "{\"maskedPaths\":[\"/a\",\"b\"]}", "/maskedPaths/1", 1, 22,
			"expected an absolute path" },
		/* PRC-07, SEC-09 */
		{ PROCESS, "{\"args\": []}", "/args", 1, 10, "expected an array of at least one" },
		{ LINUX, "{\"seccomp\":{\"syscalls\":[{\"names\":[]}]}}",
			"/seccomp/syscalls/0/names", 1, 34, "expected an array of at least one" },
		/* RLM-02, SDX-05; NS-02; DEV-02; RDV-03; PER-01, PER-02 */
		{ PROCESS, "{\"rlimits\":[{\"type\":\"RLIMIT_TEST\"}]}", "/rlimits/0/type", 1, 21,
			"expected one of RLIMIT_AS, RLIMIT_CORE" },
		{ LINUX, "{\"namespaces\":[{\"type\":\"mnt\"}]}", "/namespaces/0/type", 1, 24,
			"expected one of pid, network, mount, ipc, uts, user, cgroup, time; found "
			"\"mnt\"" },
		{ LINUX, "{\"namespaces\":[{\"type\":\"\"}]}", "/namespaces/0/type", 1, 24,
			"expected one of pid" },
		{ LINUX, "{\"devices\":[{\"type\":\"a\"}]}", "/devices/0/type", 1, 21,
			"expected one of c, b, u, p; found \"a\"" },
		{ RESOURCES, "{\"devices\":[{\"type\":\"p\"}]}", "/devices/0/type", 1, 21,
			"expected one of a, c, b; found \"p\"" },
		{ RESOURCES, "{\"devices\":[{\"access\":\"rwx\"}]}", "/devices/0/access", 1, 23,
			"expected letters of \"rwm\"" },
		{ LINUX, "{\"personality\":{\"domain\":\"linux\"}}", "/personality/domain", 1, 26,
			"expected one of LINUX, LINUX32; found \"linux\"" },
		{ LINUX, "{\"personality\":{\"flags\":[\"ADDR\"]}}", "/personality/flags/0", 1, 26,
			"expected nothing" },
		/* ANN-02, RHP-01, AFF-05, TIM-01, RDT-06, RDT-07 */
		{ STATE, "{\"annotations\":{\"\":\"x\"}}", "/annotations/", 1, 17,
			"expected a string that is not empty" },
		{ RESOURCES, "{\"hugepageLimits\":[{\"pageSize\":\"02MB\"}]}",
			"/hugepageLimits/0/pageSize", 1, 32, "expected a page size" },
		{ PROCESS, "{\"execCPUAffinity\":{\"final\":\"a\"}}", "/execCPUAffinity/final", 1,
			29, "expected a list" },
		{ LINUX, "{\"timeOffsets\":{\"realtime\":{}}}", "/timeOffsets/realtime", 1, 17,
			"expected \"monotonic\" or \"boottime\"" },
		{ LINUX, "{\"intelRdt\":{\"memBwSchema\":\"L3:0\"}}", "/intelRdt/memBwSchema", 1,
			28, "expected one line that begins with \"MB:\"" },
		{ LINUX, "{\"intelRdt\":{\"schemata\":[\"L3:0=f\\nx\"]}}", "/intelRdt/schemata/0",
			1, 26, "expected a single line, found \"L3:0=f?x\"" },
	};

	CHECK(refusals);
}

Test(ocispec_read, objects)
{
	static const struct refusal refusals[] = {
		/* GEN-02 */
		{ STATE, "{\"id\": \"a\",\n\"id\": \"b\"}", "/id", 2, 1,
			"the property appears twice" },
		{ STATE, "{\"id\": null, \"id\": \"b\"}", "/id", 1, 14,
			"the property appears twice" },
		{ STATE, "{\"annotations\":{\"a\":\"1\",\"b\":\"2\",\"a\":\"1\"}}",
			"/annotations/a", 1, 37, "the key appears twice" },
		/* required ones; null is absent (GEN-15) */
		{ CONFIG, "{\"ociVersion\": \"1.0.0\"}", "", 1, 1,
			"the required property \"root\" is missing" },
		{ CONFIG, "{\"ociVersion\": \"1.0.0\", \"root\": null}", "", 1, 1,
			"the required property \"root\" is missing" },
		{ CONFIG, "{\"ociVersion\": \"1.0.0\",\n \"root\": {}}", "/root", 2, 10,
			"the required property \"path\" is missing" },
		{ PROCESS, "{\"rlimits\":[{\"type\":\"RLIMIT_CPU\",\"soft\":1,\"hard\":1},\n{}]}",
			"/rlimits/1", 2, 1, "the required property \"type\" is missing" },
		{ CONFIG, "{\"vm\":{}}", "/vm", 1, 7,
			"the required property \"kernel\" is missing" },
		/* RLM-05, NS-07 */
		{ PROCESS,
			"{\"rlimits\":[{\"type\":\"RLIMIT_CPU\",\"soft\":1,\"hard\":1},\n"
			"{\"type\":\"RLIMIT_CPU\",\"soft\":1,\"hard\":1}]}",
			"/rlimits/1", 2, 1, "the type RLIMIT_CPU appears twice" },
		{ LINUX, "{\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"pid\"}]}",
			"/namespaces/1", 1, 31, "the type pid appears twice" },
		/* DEV-05, MNT-20, RRD-02, RBI-02, SEC-03, SEC-07, SEC-11 */
		{ LINUX, "{\"devices\":[{\"path\":\"/d\",\"type\":\"c\",\"major\":1}]}",
			"/devices/0", 1, 13, "\"major\" and \"minor\" are required" },
		{ &oci_mounts_type, "[{\"destination\":\"/a\",\"uidMappings\":[]}]", "/0", 1, 2,
			"\"uidMappings\" and \"gidMappings\" go only together" },
		{ RESOURCES, "{\"rdma\":{\"mlx\":{}}}", "/rdma/mlx", 1, 16, "at least one of" },
		{ RESOURCES, "{\"blockIO\":{\"weightDevice\":[{\"major\":8,\"minor\":0}]}}",
			"/blockIO/weightDevice/0", 1, 29, "at least one of" },
		{ LINUX,
			"{\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"defaultErrnoRet\":1}"
			"}",
			"/seccomp", 1, 12, "\"defaultErrnoRet\" goes only with" },
		{ LINUX,
			"{\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\","
			"\"listenerMetadata\":\"x\"}}",
			"/seccomp", 1, 12, "\"defaultErrnoRet\" goes only with" },
		{ LINUX,
			"{\"seccomp\":{\"syscalls\":[{\"names\":[\"a\"],\"action\":\"SCMP_ACT_"
			"ALLOW\","
			"\"errnoRet\":1}]}}",
			"/seccomp/syscalls/0", 1, 25, "\"errnoRet\" goes only with" },
	};

	CHECK(refusals);
}

static void check_nesting(const char *prefix, size_t levels, bool good)
{
	char text[512];
	struct oci_document *document = NULL;
	struct oci_error err;
	int ret;

	strcpy(text, prefix);
	memset(text + strlen(prefix), '[', levels);
	memset(text + strlen(prefix) + levels, ']', levels);
	strcpy(text + strlen(prefix) + 2 * levels, "}");
	ret = oci_read(RESOURCES, text, strlen(text), 0, &document, &err);
	cr_expect((ret == 0) == good, "%zu levels: %s", levels, err.message);
	if (!good)
		cr_expect_str_eq(err.message, "nested deeper than 64 levels");
	oci_document_free(document);
}

Test(ocispec_read, nesting)
{
	check_nesting("{\"unknown\":", OCI_DEPTH_MAX - 1, true);
	check_nesting("{\"unknown\":", OCI_DEPTH_MAX, false);
	check_nesting("{\"unknown\":", 200, false);
}

Test(ocispec_read, size)
{
	size_t len = 100u << 20;
	char *text = malloc(len);
	struct oci_document *document = NULL;
	struct oci_error err;

	memset(text, ' ', len);
	memcpy(text, "{}", 2);
	cr_expect(oci_read(RESOURCES, text, len, 0, &document, &err) == -EFBIG);
	cr_expect(err.code == EFBIG);
	cr_expect(oci_read(RESOURCES, text, OCI_DOCUMENT_MAX + 1, 0, &document, &err) == -EFBIG);
	cr_expect(oci_read(RESOURCES, text, OCI_DOCUMENT_MAX, 0, &document, &err) == 0);
	oci_document_free(document);
	free(text);
}

/* GEN-03: but what is unknown still has to be JSON, see invalid_json */
Test(ocispec_read, unknown_properties)
{
	struct oci_document *document = read_good(STATE,
		"{\"x\": {\"id\": 1, \"y\": [{}, [null]]}, \"ociVersion\": \"1.3.0\", \"id\": "
		"\"c\","
		" \"x\": 2, \"status\": \"paused\", \"bundle\": \"/b\", \"annotations\": {}}");
	const struct oci_state *state = document->root;

	cr_expect_str_eq(state->id, "c");
	cr_expect(state->status == OCI_STATUS_PAUSED && state->pid == 0);
	cr_expect(state->annotations.items != NULL && state->annotations.len == 0);
	oci_document_free(document);
}

/* GEN-15 */
Test(ocispec_read, null_is_absent)
{
	struct oci_document *document = read_good(PROCESS,
		"{\"cwd\": \"/\", \"user\": null, \"args\": null, \"terminal\": null,"
		" \"oomScoreAdj\": null, \"rlimits\": null}");
	const struct oci_process *process = document->root;

	cr_expect(process->user == NULL && process->args.items == NULL && !process->terminal);
	cr_expect(process->oomScoreAdj == NULL && process->rlimits.items == NULL);
	oci_document_free(document);
	document = read_good(RESOURCES, "{\"unified\": {\"a\": null, \"b\": \"1\"}}");
	cr_expect(((struct oci_resources *)document->root)->unified.len == 1);
	cr_expect_str_eq(((struct oci_resources *)document->root)->unified.items[0].key, "b");
	oci_document_free(document);
}

Test(ocispec_read, nothing_but_empty)
{
	struct oci_document *document = read_good(LINUX, "{\"sysctl\": {}}");

	cr_expect(((struct oci_linux *)document->root)->sysctl.items != NULL);
	oci_document_free(document);
	document = read_good(&oci_mounts_type, "[]");
	cr_expect(((struct oci_mount_list *)document->root)->items != NULL);
	oci_document_free(document);
}

Test(ocispec_read, absent_and_zero_are_told_apart)
{
	struct oci_document *document = read_good(RESOURCES,
		"{\"memory\": {\"limit\": -1, \"swappiness\": 0, \"useHierarchy\": false},"
		" \"pids\": {\"limit\": 0}, \"blockIO\": {\"weight\": 0}, \"devices\": []}");
	const struct oci_resources *resources = document->root;

	cr_expect(*resources->memory->limit == -1 && resources->memory->swap == NULL);
	cr_expect(*resources->memory->swappiness == 0 && !*resources->memory->useHierarchy);
	cr_expect(*resources->pids->limit == 0 && *resources->blockIO->weight == 0);
	cr_expect(resources->blockIO->leafWeight == NULL);
	cr_expect(resources->devices.items != NULL && resources->devices.len == 0);
	cr_expect(resources->hugepageLimits.items == NULL && resources->cpu == NULL);
	oci_document_free(document);
}

Test(ocispec_read, extreme_numbers)
{
	struct oci_document *document = read_good(LINUX,
		"{\"resources\": {\"memory\": {\"limit\": -9223372036854775808,"
		" \"swap\": 9223372036854775807}, \"cpu\": {\"shares\": 18446744073709551615},"
		" \"blockIO\": {\"weight\": 65535}}, \"gidMappings\": [{\"containerID\": "
		"4294967295,"
		" \"hostID\": 0, \"size\": -0}]}");
	const struct oci_linux *linux = document->root;

	cr_expect(*linux->resources->memory->limit == INT64_MIN);
	cr_expect(*linux->resources->memory->swap == INT64_MAX);
	cr_expect(*linux->resources->cpu->shares == UINT64_MAX);
	cr_expect(*linux->resources->blockIO->weight == UINT16_MAX);
	cr_expect(linux->gidMappings.items[0]->containerID == UINT32_MAX);
	oci_document_free(document);
}

Test(ocispec_read, escapes)
{
	struct oci_document *document = read_good(
		PROCESS, "{\"\\u0063wd\": \"/\\ud83d\\ude00\\n\\\"\", \"args\": [\"\\\\\"]}");
	const struct oci_process *process = document->root;

	cr_expect_str_eq(process->cwd, "/\xf0\x9f\x98\x80\n\"");
	cr_expect_str_eq(process->args.items[0], "\\");
	cr_expect(process->args.items[1] == NULL);
	oci_document_free(document);
}

Test(ocispec_read, folded_case)
{
	static const char text[] = "{\"CPU\": {\"Cpus\": \"1\"}}",
			  twice[] = "{\"CPU\":{},\"cpu\":{}}";
	struct oci_document *document = NULL;

	cr_assert(oci_read(RESOURCES, text, strlen(text), 0, &document, NULL) == 0);
	cr_expect(((struct oci_resources *)document->root)->cpu == NULL);
	oci_document_free(document);
	cr_assert(
		oci_read(RESOURCES, text, strlen(text), OCI_READ_FOLD_CASE, &document, NULL) == 0);
	cr_expect_str_eq(((struct oci_resources *)document->root)->cpu->cpus, "1");
	oci_document_free(document);
	cr_expect(oci_read(RESOURCES, twice, strlen(twice), OCI_READ_FOLD_CASE, &document, NULL) ==
		  -EINVAL);
}

Test(ocispec_read, versions)
{
	static const char *const versions[] = { "0.2.0", "1.0.2-dev", "1.3.0+a.01",
		"1.0.0-a.b-c.0+x", "10.20.30" };
	char text[128];

	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		snprintf(text, sizeof(text),
			"{\"ociVersion\": \"%s\", \"root\": {\"path\": \"r\"}}", versions[i]);
		oci_document_free(read_good(CONFIG, text));
	}
}
