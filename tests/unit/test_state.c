/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Containers' directories: what a crash, a stranger or a racing command may leave is borne. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/state.h"

static char root[64];
static struct error err;

static void make_root(void)
{
	strcpy(root, "/tmp/silo-test-state.XXXXXX");
	cr_assert(mkdtemp(root));
}

static void remove_root(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", root);
	cr_assert_eq(system(command), 0);
}

TestSuite(state, .init = make_root, .fini = remove_root, .timeout = 60);

static struct container_private private = { .cgroupPath = "/silo/c1", .cgroupManager = "cgroupfs" };

static struct container_state example(void)
{
	static struct oci_string_entry annotations[] = { { "a.b", "c \"d\"\n" } };

	return (struct container_state){ .pid = 4711, .status = OCI_STATUS_RUNNING,
		.bundle = "/bundle", .rootfs = "/bundle/rootfs",
		.created = "2026-11-23T23:23:47.300422633Z", .annotations = { 1, annotations },
		.silo = &private };
}

static struct state_directory claim(const char *id)
{
	struct state_directory dir;

	cr_assert_eq(state_claim(root, id, &dir, &err), 0, "%s", err.message);
	return dir;
}

static struct state_directory reopen(const char *id, enum state_lock lock)
{
	struct state_directory dir;

	cr_assert_eq(state_open(root, id, lock, &dir, &err), 0, "%s", err.message);
	return dir;
}

static void write_raw(const char *id, const char *name, const void *bytes, size_t length)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s/%s", root, id, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, bytes, length), (ssize_t)length);
	close(fd);
}

static bool exists(const char *name)
{
	char path[256];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	return lstat(path, &st) == 0;
}

/* What `delete --force` does with a container whose state tells it nothing. */
static void remove_forcibly(const char *id)
{
	struct state_directory dir = reopen(id, STATE_LOCK_WAIT);

	cr_assert_eq(state_remove(&dir, &err), 0, "%s", err.message);
	state_close(&dir);
	cr_assert_not(exists(id));
}

static int read_status(const char *id)
{
	const struct container_state *state;
	struct oci_document *document;
	struct state_directory dir = reopen(id, STATE_LOCK_NONE);
	int r = state_read(&dir, &document, &state, &err);

	state_close(&dir);
	if (r < 0)
		return r;
	r = state->status;
	oci_document_free(document);
	return r;
}

Test(state, id_grammar)
{
	static const struct {
		const char *id;
		int result;
		const char *says;
	} table[] = {
		{ "a", 0, NULL },
		{ "0", 0, NULL },
		{ "_x", 0, NULL },
		{ "+x", 0, NULL },
		{ "-x", 0, NULL },
		{ "A.b-c_d+e..f", 0, NULL },
		{ "", -EINVAL, "invalid" },
		{ ".", -EINVAL, "invalid" },
		{ "..", -EINVAL, "invalid" },
		{ ".foo", -EINVAL, "invalid" },
		{ "foo bar", -EINVAL, "invalid" },
		{ "foo/bar", -EINVAL, "invalid character '/'" },
		{ "/", -EINVAL, "invalid character '/'" },
		{ "../x", -EINVAL, "invalid" },
		{ "foo\n", -EINVAL, "invalid character 0x0a" },
		{ "f\xc3\xb6\xc3\xb6", -EINVAL, "invalid character 0xc3" },
		{ "a@b", -EINVAL, "invalid character '@'" },
		{ "a:b", -EINVAL, "invalid character ':'" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		cr_expect_eq(state_check_id(table[i].id, &err), table[i].result, "%s", table[i].id);
		if (table[i].says) {
			cr_expect(strstr(err.message, table[i].says), "%s", err.message);
			cr_expect(strstr(err.message, "container ID"), "%s", err.message);
		}
	}
}

Test(state, id_length)
{
	char id[NAME_MAX + 2];

	memset(id, 'x', sizeof(id));
	id[NAME_MAX + 1] = '\0';
	cr_expect_eq(state_check_id(id, &err), -EINVAL);
	id[NAME_MAX] = '\0';
	cr_expect_eq(state_check_id(id, &err), 0);
}

Test(state, claim_is_exclusive_and_makes_the_root)
{
	struct state_directory dir, other;
	struct stat st;

	strcat(root, "/deep/down");
	dir = claim("c1");
	cr_assert_eq(fstat(dir.fd, &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0700);
	cr_expect_eq(state_claim(root, "c1", &other, &err), -EEXIST);
	cr_expect(strstr(err.message, "container with given ID already exists"));
	cr_expect(exists("c1"), "the container whose ID it is lost its directory");
	cr_expect_eq(state_claim(root, "../c1", &other, &err), -EINVAL);
	state_close(&dir);
	cr_assert_eq(stat(root, &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0711);
	*strstr(root, "/deep") = '\0';
}

Test(state, written_state_is_read_back)
{
	struct state_directory dir = claim("c1");
	struct container_state written = example();
	const struct container_state *read;
	struct oci_document *document;

	private.startTime = UINT64_MAX;
	cr_assert_eq(state_write(&dir, &written, &err), 0, "%s", err.message);
	cr_assert_eq(state_read(&dir, &document, &read, &err), 0, "%s", err.message);
	cr_expect_str_eq(read->id, "c1");
	cr_expect_str_eq(read->ociVersion, "1.3.0");
	cr_expect_eq(read->pid, 4711);
	cr_expect_eq(read->status, OCI_STATUS_RUNNING);
	cr_expect_str_eq(read->bundle, written.bundle);
	cr_expect_str_eq(read->rootfs, written.rootfs);
	cr_expect_str_eq(read->created, written.created);
	cr_assert_eq(read->annotations.len, 1);
	cr_expect_str_eq(read->annotations.items[0].value, "c \"d\"\n");
	cr_expect_eq(read->silo->startTime, UINT64_MAX);
	cr_expect_str_eq(read->silo->cgroupPath, "/silo/c1");
	cr_expect_str_eq(read->silo->cgroupManager, "cgroupfs");
	oci_document_free(document);
	state_close(&dir);
}

Test(state, config_is_kept_verbatim)
{
	static const char text[] = "{ \"ociVersion\" : \"1.0.0\" }\n\n";
	struct state_directory dir = claim("c1");
	struct oci_arena *arena = oci_arena_new();
	const char *loaded;
	size_t length;

	cr_assert_eq(state_load_config(&dir, arena, &loaded, &length, &err), -ENOENT);
	cr_assert_eq(state_save_config(&dir, text, sizeof(text) - 1, &err), 0);
	cr_assert_eq(state_load_config(&dir, arena, &loaded, &length, &err), 0);
	cr_expect_eq(length, sizeof(text) - 1);
	cr_expect_str_eq(loaded, text);
	oci_arena_free(arena);
	state_close(&dir);
}

/* A file cut off anywhere: a whole state, or -ENODATA; and it can be removed. */
Test(state, truncated_state)
{
	struct state_directory dir = claim("c1");
	struct container_state state = example();
	char text[4096];
	int fd, length;

	cr_assert_eq(state_write(&dir, &state, &err), 0);
	fd = openat(dir.fd, "state.json", O_RDONLY);
	length = (int)read(fd, text, sizeof(text));
	close(fd);
	state_close(&dir);
	cr_assert_gt(length, 100);
	while (length > 0 && text[length - 1] == '\n')
		length--;
	for (int i = 0; i < length; i++) {
		write_raw("c1", "state.json", text, (size_t)i);
		cr_expect_eq(read_status("c1"), -ENODATA, "cut off after %d bytes", i);
	}
	write_raw("c1", "state.json", text, (size_t)length);
	cr_expect_eq(read_status("c1"), OCI_STATUS_RUNNING);
	write_raw("c1", "state.json", text, 10);
	remove_forcibly("c1");
}

Test(state, foreign_state)
{
	static const char *const texts[] = { "[]", "{}", "null", "\x7f" "ELF\x02\x01", "{\"id\":1}",
		"{\"ociVersion\":\"1.3.0\",\"id\":\"c1\",\"pid\":1,\"status\":\"running\",\"bundle\":\"/\"}",
		"{\"ociVersion\":\"1.3.0\",\"id\":\"c2\",\"pid\":1,\"status\":\"running\",\"bundle\":\"/\","
		"\"silo\":{\"version\":\"0\"}}",
		"{\"ociVersion\":\"1.3.0\",\"id\":\"c1\",\"pid\":-1,\"status\":\"running\",\"bundle\":\"/\","
		"\"silo\":{\"version\":\"0\"}}",
		"{\"ociVersion\":\"1.3.0\",\"id\":\"c1\",\"pid\":1,\"status\":\"flying\",\"bundle\":\"/\","
		"\"silo\":{\"version\":\"0\"}}" };
	struct state_directory dir = claim("c1");

	state_close(&dir);
	cr_expect_eq(read_status("c1"), -ENODATA, "no state.json at all");
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		write_raw("c1", "state.json", texts[i], strlen(texts[i]));
		cr_expect_eq(read_status("c1"), -ENODATA, "%s", texts[i]);
	}
	remove_forcibly("c1");
}

Test(state, huge_state)
{
	size_t length = 5u << 20;
	char *text = malloc(length);
	struct state_directory dir = claim("c1");

	memset(text, ' ', length);
	state_close(&dir);
	write_raw("c1", "state.json", text, length);
	cr_expect_eq(read_status("c1"), -ENODATA);
	remove_forcibly("c1");
	free(text);
}

Test(state, directory_and_dangling_link_in_the_place_of_files)
{
	struct state_directory dir = claim("c1");

	cr_assert_eq(mkdirat(dir.fd, "state.json", 0700), 0);
	cr_assert_eq(mkdirat(dir.fd, "state.json/below", 0700), 0);
	cr_assert_eq(symlinkat("/etc", dir.fd, "link"), 0);
	state_close(&dir);
	cr_expect_eq(read_status("c1"), -ENODATA);
	remove_forcibly("c1");
	cr_expect_eq(access("/etc", F_OK), 0);

	dir = claim("c1");
	cr_assert_eq(symlinkat("/nonexistent/x", dir.fd, "state.json"), 0);
	state_close(&dir);
	cr_expect_eq(read_status("c1"), -ENODATA);
	remove_forcibly("c1");
}

/* What a writer that was killed leaves, and a link put in its way, must not matter or be followed. */
Test(state, leftover_of_a_killed_writer)
{
	struct state_directory dir = claim("c1");
	struct container_state state = example();
	char target[128];

	snprintf(target, sizeof(target), "%s/victim", root);
	cr_assert_eq(symlinkat(target, dir.fd, ".state.json.new"), 0);
	cr_assert_eq(state_write(&dir, &state, &err), 0, "%s", err.message);
	cr_expect_not(exists("victim"));
	write_raw("c1", ".state.json.new", "{", 1);
	cr_assert_eq(state_write(&dir, &state, &err), 0, "%s", err.message);
	state_close(&dir);
	cr_expect_eq(read_status("c1"), OCI_STATUS_RUNNING);
	remove_forcibly("c1");
}

Test(state, symbolic_link_in_the_place_of_a_container)
{
	struct state_directory dir = claim("real"), other;
	char from[128];

	state_close(&dir);
	snprintf(from, sizeof(from), "%s/link", root);
	cr_assert_eq(symlink("real", from), 0);
	cr_expect_eq(state_open(root, "link", STATE_LOCK_NONE, &other, &err), -ENOTDIR, "%s",
		err.message);
	cr_expect_eq(state_claim(root, "link", &other, &err), -EEXIST);
}

Test(state, directory_of_another_user)
{
	struct state_directory dir = claim("c1"), other;

	if (geteuid() != 0)
		cr_skip_test("only root can give a directory away");
	cr_assert_eq(fchown(dir.fd, 1, 1), 0);
	state_close(&dir);
	cr_expect_eq(state_open(root, "c1", STATE_LOCK_WAIT, &other, &err), -EPERM);
	cr_expect(strstr(err.message, "belongs to user 1"), "%s", err.message);
}

Test(state, missing_container)
{
	struct state_directory dir;

	cr_expect_eq(state_open(root, "c1", STATE_LOCK_NONE, &dir, &err), -ENOENT);
	cr_expect(strstr(err.message, "does not exist"));
	cr_expect_eq(state_open("/nonexistent", "c1", STATE_LOCK_NONE, &dir, &err), -ENOENT);
	cr_expect(strstr(err.message, "does not exist"));
}

/* A reader beside a writer that is killed at any instant always finds a whole state. */
Test(state, writer_killed_at_any_instant)
{
	static char long_value[100000];
	static struct oci_string_entry annotation = { "long", long_value };
	struct state_directory dir = claim("c1");
	struct container_state state = example();

	memset(long_value, 'x', sizeof(long_value) - 1);
	state.annotations = (struct oci_string_map){ 1, &annotation };
	cr_assert_eq(state_write(&dir, &state, &err), 0);
	for (int i = 0; i < 60; i++) {
		pid_t child = fork();

		if (child == 0) {
			for (;;)
				state_write(&dir, &state, &err);
		}
		usleep(500 + (useconds_t)i * 37);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		cr_assert_eq(read_status("c1"), OCI_STATUS_RUNNING, "round %d: %s", i, err.message);
	}
	state_close(&dir);
	remove_forcibly("c1");
}

Test(state, list_is_sorted_and_knows_strangers)
{
	static const char *const names[] = { "b", "a", "c10", "c2", "_z", "Z" };
	static const char *const sorted[] = { "Z", "_z", "a", "b", "c10", "c2" };
	struct oci_arena *arena = oci_arena_new();
	struct oci_string_list ids;
	char path[128];

	for (size_t i = 0; i < 6; i++) {
		struct state_directory dir = claim(names[i]);

		state_close(&dir);
	}
	snprintf(path, sizeof(path), "%s/.hidden", root);
	cr_assert_eq(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/with space", root);
	cr_assert_eq(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/link", root);
	cr_assert_eq(symlink("a", path), 0);
	snprintf(path, sizeof(path), "%s/file", root);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	cr_assert_eq(state_list(root, arena, &ids, &err), 0);
	cr_assert_eq(ids.len, 6);
	for (size_t i = 0; i < ids.len; i++)
		cr_expect_str_eq(ids.items[i], sorted[i]);
	cr_expect_eq(state_list("/nonexistent", arena, &ids, &err), -ENOENT);
	oci_arena_free(arena);
}

Test(state, lock)
{
	struct state_directory dir = claim("c1"), other;

	cr_expect_eq(state_open(root, "c1", STATE_LOCK_TRY, &other, &err), -EBUSY);
	state_close(&dir);
	other = reopen("c1", STATE_LOCK_TRY);
	state_close(&other);
}

/* Until the process has the directory of c1 open, which it does not let go of while it waits for the lock. */
static void await_waiter(pid_t pid)
{
	char name[80], path[64], target[128];
	bool waits = false;

	snprintf(name, sizeof(name), "%s/c1", root);
	while (!waits) {
		usleep(1000);
		for (int fd = 3; !waits && fd < 64; fd++) {
			ssize_t length;

			snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, fd);
			length = readlink(path, target, sizeof(target));
			waits = length == (ssize_t)strlen(name) && memcmp(target, name, strlen(name)) == 0;
		}
	}
}

/* Who waited for a container that was deleted meanwhile has none, even if a new one has its name. */
Test(state, deleted_while_waited_for)
{
	struct state_directory dir = claim("c1");
	int status, closed[2];
	pid_t child;

	cr_assert_eq(pipe2(closed, O_CLOEXEC), 0);
	child = fork();
	if (child == 0) {
		struct state_directory waited;

		close(dir.fd);
		close(closed[1]);
		_exit(state_open(root, "c1", STATE_LOCK_WAIT, &waited, &err) == -ENOENT ? 0 : 1);
	}
	close(closed[1]);
	/* End of file: the child does not have ours any more. */
	cr_assert_eq(read(closed[0], &status, 1), 0);
	close(closed[0]);
	await_waiter(child);
	cr_assert_eq(state_remove(&dir, &err), 0);
	{
		struct state_directory second = claim("c1");

		state_close(&dir);
		waitpid(child, &status, 0);
		cr_expect_eq(status, 0);
		state_close(&second);
	}
}

static enum oci_status status_of(const char *id)
{
	const struct container_state *state;
	struct oci_document *document;
	struct state_directory dir = reopen(id, STATE_LOCK_NONE);
	enum oci_status status;

	cr_assert_eq(state_read(&dir, &document, &state, &err), 0, "%s", err.message);
	status = state_status(&dir, state);
	oci_document_free(document);
	state_close(&dir);
	return status;
}

static void write_process(const struct state_directory *dir, enum oci_status status, pid_t pid,
	uint64_t start_time)
{
	struct container_private own = { .startTime = start_time };
	struct container_state state = example();

	state.pid = pid;
	state.status = status;
	state.silo = &own;
	cr_assert_eq(state_write(dir, &state, &err), 0, "%s", err.message);
}

Test(state, creating_as_long_as_the_creator_lives)
{
	struct state_directory dir = claim("c1");

	write_process(&dir, OCI_STATUS_CREATING, 0, 0);
	cr_expect_eq(status_of("c1"), OCI_STATUS_CREATING);
	state_close(&dir);
	cr_expect_eq(status_of("c1"), OCI_STATUS_STOPPED);
}

Test(state, running_and_stopped)
{
	struct state_directory dir = claim("c1");
	uint64_t start = 0;
	pid_t child = fork();

	if (child == 0) {
		pause();
		_exit(0);
	}
	cr_assert_eq(state_start_time(child, &start), 0);
	write_process(&dir, OCI_STATUS_RUNNING, child, start);
	cr_expect_eq(status_of("c1"), OCI_STATUS_RUNNING);
	write_process(&dir, OCI_STATUS_CREATED, child, start);
	cr_expect_eq(status_of("c1"), OCI_STATUS_RUNNING, "it is not our init any more");
	write_process(&dir, OCI_STATUS_RUNNING, child, start + 1);
	cr_expect_eq(status_of("c1"), OCI_STATUS_STOPPED, "the pid belongs to another process");
	write_process(&dir, OCI_STATUS_STOPPED, child, start);
	cr_expect_eq(status_of("c1"), OCI_STATUS_STOPPED);
	write_process(&dir, OCI_STATUS_RUNNING, child, start);
	kill(child, SIGKILL);
	waitid(P_PID, (id_t)child, NULL, WEXITED | WNOWAIT);
	cr_expect_eq(status_of("c1"), OCI_STATUS_STOPPED, "it is a zombie");
	waitpid(child, NULL, 0);
	cr_expect_eq(status_of("c1"), OCI_STATUS_STOPPED, "it is gone");
	write_process(&dir, OCI_STATUS_CREATED, 0, 0);
	cr_expect_eq(status_of("c1"), OCI_STATUS_STOPPED, "there never was a process");
	state_close(&dir);
}

/* Becomes a copy of sleep(1) in a memfd named like our init. */
static void become_init(void)
{
	static char bytes[1 << 20];
	char *const argv[] = { "sleep", "60", NULL }, *const envp[] = { NULL };
	int from = open("/bin/sleep", O_RDONLY), to = memfd_create(STATE_INIT_NAME, 0);
	ssize_t got;

	while ((got = read(from, bytes, sizeof(bytes))) > 0) {
		if (write(to, bytes, (size_t)got) != got)
			_exit(1);
	}
	fexecve(to, argv, envp);
	_exit(1);
}

static void *outlive(void *argument)
{
	(void)argument;
	pause();
	return NULL;
}

/* Its first thread shows as a zombie then, which would hide the others from whoever deletes what is stopped. */
Test(state, alive_without_its_first_thread)
{
	struct state_directory dir = claim("c1");
	char path[32], text[512];
	uint64_t start = 0;
	pid_t child = fork();

	if (child == 0) {
		pthread_t thread;

		pthread_create(&thread, NULL, outlive, NULL);
		pthread_exit(NULL);
	}
	cr_assert_eq(state_start_time(child, &start), 0);
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)child);
	do {
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		ssize_t got = read(fd, text, sizeof(text) - 1);

		cr_assert_gt(got, 0);
		text[got] = '\0';
		close(fd);
	} while (!strstr(text, ") Z "));
	write_process(&dir, OCI_STATUS_RUNNING, child, start);
	cr_expect_eq(status_of("c1"), OCI_STATUS_RUNNING);
	kill(child, SIGKILL);
	waitid(P_PID, (id_t)child, NULL, WEXITED | WNOWAIT);
	cr_expect_eq(status_of("c1"), OCI_STATUS_STOPPED);
	waitpid(child, NULL, 0);
	state_close(&dir);
}

Test(state, created_as_long_as_it_is_our_init)
{
	struct state_directory dir = claim("c1");
	uint64_t start = 0;
	pid_t child = fork();
	enum oci_status status = OCI_STATUS_UNSET;

	if (child == 0)
		become_init();
	close(openat(dir.fd, START_SOCKET, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	cr_assert_eq(state_start_time(child, &start), 0);
	write_process(&dir, OCI_STATUS_CREATED, child, start);
	for (int i = 0; i < 100 && status != OCI_STATUS_CREATED; i++) {
		usleep(10000);
		status = status_of("c1");
	}
	cr_expect_eq(status, OCI_STATUS_CREATED);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	cr_expect_eq(status_of("c1"), OCI_STATUS_STOPPED);
	state_close(&dir);
}

Test(state, report_shows_no_pid_once_stopped)
{
	const struct container_state *state;
	struct oci_document *document;
	struct oci_state shown;
	struct state_directory dir = claim("c1");

	write_process(&dir, OCI_STATUS_RUNNING, INT32_MAX, 1);
	cr_assert_eq(state_read(&dir, &document, &state, &err), 0, "%s", err.message);
	cr_assert_eq(state_report(&dir, state, document->arena, &shown, &err), 0);
	cr_expect_eq(shown.status, OCI_STATUS_STOPPED);
	cr_expect_eq(shown.pid, 0);
	if (geteuid() == 0)
		cr_expect_str_eq(shown.owner, "root");
	oci_document_free(document);
	state_close(&dir);
}

Test(state, time_has_nanoseconds)
{
	char buffer[STATE_TIME_SIZE];
	int year, nanoseconds, end = 0;

	cr_expect_eq(sscanf(state_time(buffer), "%4d-%*2d-%*2dT%*2d:%*2d:%*2d.%9dZ%n", &year,
			     &nanoseconds, &end), 2);
	cr_expect_eq(end, 30, "%s", buffer);
}
