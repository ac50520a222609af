/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A container's directory $root/ID: its state, its config, its lock.
 *
 *     state.json   written first, with status "creating", and removed last
 *     config.json  the config as it was at create (LIF-03)
 *     seccomp      its seccomp filter's program (struct sock_filter[]), for exec; missing without one
 *
 * The directory's existence claims the ID. The lock is flock(2) on the
 * directory; it goes away with its holder, and is not waited for without end:
 * a holder may wait for a hook that never ends. Files are replaced atomically, so
 * reading needs no lock.
 */
#ifndef SILO_RUNTIME_STATE_H
#define SILO_RUNTIME_STATE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "libocispec/ocispec.h"
#include "util/error.h"

#include "libocispec/spec/declare.h"
#include "runtime/state.def"
#include "libocispec/spec/undefine.h"

/* Name of the init's executable as the kernel shows it: by it "created" is told from "running". */
#define STATE_INIT_NAME "silo-init"

/* Name of the socket in the directory that a created init listens on. */
#define START_SOCKET "start"

/* Bytes that state_time() writes, NUL included. */
#define STATE_TIME_SIZE 40

enum state_lock {
	STATE_LOCK_NONE, /* for those who only read */
	STATE_LOCK_WAIT, /* alone; waits while somebody else is at work, for a minute at most: -EBUSY then */
	STATE_LOCK_SOON, /* alone; waits for those who only look, which takes a moment */
	STATE_LOCK_TRY,  /* alone; -EBUSY while somebody else is at work */
};

/* A container's opened directory. */
struct state_directory {
	int root_fd;  /* of $root */
	int fd;       /* of $root/ID; holds the lock */
	uid_t owner;
	bool locked;
	char id[NAME_MAX + 1];
};

/* An empty struct state_directory, fit for state_close(). */
#define STATE_DIRECTORY_INIT { .root_fd = -1, .fd = -1 }

/**
 * state_default_root - where state is kept without --root
 * @buffer: receives "/run/silo"; for those who are not the host's root "$XDG_RUNTIME_DIR/silo", else
 *	"/run/user/UID/silo" or "/tmp/silo-UID"
 *
 * Return: @buffer.
 */
const char *state_default_root(char *buffer, size_t size);

/**
 * state_check_id - check a container ID
 *
 * It is the name of a directory: [A-Za-z0-9_+-][A-Za-z0-9_+.-]*, at most NAME_MAX bytes.
 *
 * Return: 0 or -EINVAL.
 */
int state_check_id(const char *id, struct error *err);

/**
 * state_claim - make a container's directory, and lock it
 * @root: made with its parents if missing
 * @dir: receives the directory; release with state_close()
 *
 * Return: 0; -EEXIST if the ID is in use; another negative errno.
 */
int state_claim(const char *root, const char *id, struct state_directory *dir, struct error *err);

/**
 * state_open - open a container's directory
 * @dir: receives the directory; release with state_close()
 *
 * A directory of another user, or a symbolic link, is refused with -EPERM or -ENOTDIR.
 *
 * Return: 0; -ENOENT if there is no such container; -EBUSY, with who is at work on it in @err, if the lock could not be
 * had in time; another negative errno.
 */
int state_open(const char *root, const char *id, enum state_lock lock, struct state_directory *dir,
	struct error *err);

/** state_unlock - let others work on the container; the directory stays open */
void state_unlock(struct state_directory *dir);

/**
 * state_relock - lock the directory again, as with STATE_LOCK_WAIT
 *
 * Return: 0; -ENOENT if it was removed meanwhile; -EBUSY; another negative errno.
 */
int state_relock(struct state_directory *dir, struct error *err);

/** state_exists - whether the directory that is open is still the container's: it may have been deleted since */
bool state_exists(const struct state_directory *dir);

/** state_close - close the directory, which unlocks it */
void state_close(struct state_directory *dir);

/**
 * state_write - replace state.json
 * @state: what to write; ociVersion, id and silo->version may be NULL for the obvious values
 */
int state_write(const struct state_directory *dir, const struct container_state *state,
	struct error *err);

/**
 * state_read - read state.json
 * @document: receives the document that @state lives in; release with oci_document_free()
 *
 * Return: 0; -ENODATA if the file is missing, empty, damaged or not of this
 * container, which leaves only the directory to be removed; another negative errno.
 */
int state_read(const struct state_directory *dir, struct oci_document **document,
	const struct container_state **state, struct error *err);

/** state_save_config - keep a copy of the config's text */
int state_save_config(const struct state_directory *dir, const char *text, size_t length,
	struct error *err);

/** state_load_config - the text kept by state_save_config(), allocated from @arena */
int state_load_config(const struct state_directory *dir, struct oci_arena *arena, const char **text,
	size_t *length, struct error *err);

/** state_save_filter - keep the seccomp filter's program, of @size bytes */
int state_save_filter(const struct state_directory *dir, const void *program, size_t size,
	struct error *err);

/** state_load_filter - the program kept by state_save_filter(), allocated from @arena; NULL if there is none */
int state_load_filter(const struct state_directory *dir, struct oci_arena *arena, const void **program,
	size_t *size, struct error *err);

/**
 * state_remove - remove the directory with everything in it, state.json last
 * @dir: locked by the caller; only fit for state_close() afterwards
 */
int state_remove(struct state_directory *dir, struct error *err);

/**
 * state_list - names of all containers, sorted
 * @arena: where @ids is allocated from
 * @ids: receives the IDs: directories that could be a container's, half-made or not
 *
 * Return: 0; -ENOENT if @root does not exist; another negative errno.
 */
int state_list(const char *root, struct oci_arena *arena, struct oci_string_list *ids,
	struct error *err);

/**
 * state_status - a container's status now
 * @state: as read from @dir
 *
 * What the file says is checked against the process: it may have died, its pid
 * may belong to another process by now, whoever ran create may have been killed.
 */
enum oci_status state_status(const struct state_directory *dir, const struct container_state *state);

/**
 * state_report - the state as the specification wants it to be shown
 * @shown: receives it: the present status, pid 0 once stopped, the owner's name
 * @arena: of what @shown refers to besides @state
 */
int state_report(const struct state_directory *dir, const struct container_state *state,
	struct oci_arena *arena, struct oci_state *shown, struct error *err);

/**
 * state_start_time - when a process was started
 * @ticks: receives it, in clock ticks since boot
 *
 * Return: 0; -ESRCH if there is no such process, or it is a zombie with all its threads; another negative errno if that cannot be told.
 */
int state_start_time(pid_t pid, uint64_t *ticks);

/**
 * state_exit_code - how the container's process ended
 * @pidfd: of that process, which has ended
 * @status: receives the code as waitpid(2) gives it
 *
 * Return: false if nobody can tell: its parent has waited for it before Linux 6.15, or it is not ours to trace.
 */
bool state_exit_code(const struct container_state *state, int pidfd, int *status);

/** state_time - the time now as RFC 3339 with nanoseconds, in UTC; @buffer holds STATE_TIME_SIZE bytes */
const char *state_time(char *buffer);

#endif
