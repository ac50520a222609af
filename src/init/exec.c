/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The working directory, the program, and becoming it. Texts are those of runc
 * where managers read them (Docker tells 127 from 126 by them).
 */
#include "init/init.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef AT_EACCESS
#define AT_EACCESS 0x200
#endif

/* A directory that was reached through a leaked descriptor has no path from our root (CVE-2024-21626). */
static int check_inside(struct init *init, const char *path)
{
	char cwd[ROOT_PATH_MAX];

	if (syscall(SYS_getcwd, cwd, sizeof(cwd)) < 0)
		return init_failed(init, "getcwd after chdir to", path);
	if (cwd[0] != '/')
		return init_refused(init, EPERM, "the working directory lies outside the container:", path);
	return 0;
}

/* In the container already, so a plain path is one below the container's root. */
static int make_cwd(struct init *init, const char *path)
{
	int root = init->rootfs, fd;
	bool made;

	root_forget(init); /* hooks and masks have changed the tree since */
	init->rootfs = openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (init->rootfs < 0)
		return init_failed(init, "open", "/");
	fd = root_make(init, path, true, &made);
	close(init->rootfs);
	init->rootfs = root;
	if (fd < 0)
		return init_refused(init, -fd, "make the working directory", path);
	close(fd);
	return 0;
}

int step_cwd(struct init *init, const void *args)
{
	const struct plan_cwd *cwd = args;
	const char *path = init_string(init, cwd->path);
	int r;

	if (init->cwd_entered)
		return 0;
	if (chdir(path) < 0 && errno == ENOENT && !cwd->must_exist) {
		r = make_cwd(init, path);
		if (r < 0)
			return r;
	} else if (syscall(SYS_chdir, path) == 0) {
		init->cwd_entered = true;
		return check_inside(init, path);
	}
	if (chdir(path) < 0)
		return errno == EACCES && cwd->retry_as_user ? 0 : init_failed(init, "chdir to cwd", path);
	init->cwd_entered = true;
	return check_inside(init, path);
}

/* HOME=DIRECTORY if @line of /etc/passwd is of @uid: name:password:uid:gid:comment:directory:shell */
static bool take_home(struct init *init, char *line, const char *uid)
{
	char *field[6] = { line };

	for (int i = 1; i < 6; i++) {
		field[i] = strchr(field[i - 1], ':');
		if (!field[i])
			return false;
		*field[i]++ = '\0';
	}
	if (strcmp(field[2], uid) != 0)
		return false;
	field[5][strcspn(field[5], ":")] = '\0';
	if (!*field[5] || strlen(field[5]) >= ROOT_PATH_MAX)
		return false;
	strcpy(init->home, "HOME=");
	strcat(init->home, field[5]);
	return true;
}

static void find_home(struct init *init, uint32_t id)
{
	char buffer[2048], number[24], *uid = init_number(number, id);
	int fd = openat(AT_FDCWD, "/etc/passwd", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	size_t used = 0;
	struct stat st;
	ssize_t got;

	strcpy(init->home, "HOME=/");
	if (fd < 0)
		return;
	while (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
		(got = read(fd, buffer + used, sizeof(buffer) - 1 - used)) > 0) {
		char *line = buffer, *end;

		used += (size_t)got;
		buffer[used] = '\0';
		while ((end = strchr(line, '\n'))) {
			*end = '\0';
			if (take_home(init, line, uid))
				goto out;
			line = end + 1;
		}
		used = strlen(line);
		if (used == sizeof(buffer) - 1)
			break; /* No line of a sane file is this long. */
		memmove(buffer, line, used + 1);
	}
out:
	close(fd);
}

static bool executable(const char *path, int *code)
{
	struct stat st;

	if (syscall(SYS_faccessat2, AT_FDCWD, path, X_OK, AT_EACCESS) < 0) {
		*code = errno;
		return false;
	}
	*code = EACCES;
	return stat(path, &st) == 0 && !S_ISDIR(st.st_mode);
}

static int not_found(struct init *init, int code, const char *name, const char *why)
{
	char text[300];

	strcpy(text, "exec: \"");
	strncat(text, name, 200);
	strcat(text, "\": ");
	strcat(text, why);
	return init_refused(init, code, text, NULL);
}

static int search(struct init *init, const char *name, const char *path)
{
	int code = ENOENT, denied = 0;
	size_t length;

	for (;; path += length + 1) {
		length = strcspn(path, ":");
		if (length + strlen(name) + 2 < sizeof(init->program)) {
			memcpy(init->program, path, length);
			strcpy(init->program + length, length ? "/" : "./");
			strcat(init->program, name);
			if (executable(init->program, &code))
				return 0;
			denied |= code == EACCES;
		}
		if (!path[length])
			break;
	}
	if (denied)
		return not_found(init, EACCES, name, "permission denied");
	return not_found(init, ENOENT, name, "executable file not found in $PATH");
}

int step_find_program(struct init *init, const void *args)
{
	const struct plan_exec *exec = args;
	const char *name = init_string(init, *init_strings(init, exec->args));
	int code;

	if (exec->set_home)
		find_home(init, exec->home_uid);
	if (!strchr(name, '/'))
		return search(init, name, init_string(init, exec->path));
	if (strlen(name) >= sizeof(init->program))
		return not_found(init, ENAMETOOLONG, name, "name too long");
	strcpy(init->program, name);
	if (executable(name, &code))
		return 0;
	return not_found(init, code, name,
		code == ENOENT ? "no such file or directory" : "permission denied");
}

int step_exec(struct init *init, const void *args)
{
	const struct plan_exec *exec = args;
	const plan_ref *words = init_strings(init, exec->args), *env = init_strings(init, exec->env);
	char *argv[exec->args.count + 1], *envp[exec->env.count + 2];
	uint32_t kept = 0;

	for (uint32_t i = 0; i < exec->args.count; i++)
		argv[i] = (char *)init_string(init, words[i]);
	argv[exec->args.count] = NULL;
	for (uint32_t i = 0; i < exec->env.count; i++) {
		const char *assignment = init_string(init, env[i]);

		/* An empty HOME is as good as none. */
		if (!exec->set_home || strncmp(assignment, "HOME=", 5) != 0)
			envp[kept++] = (char *)assignment;
	}
	if (exec->set_home)
		envp[kept++] = init->home;
	envp[kept] = NULL;
	init_last(init);
	execve(init->program, argv, envp);
	return init_failed(init, "exec", init->program);
}
