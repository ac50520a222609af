/* SPDX-License-Identifier: GPL-2.0-or-later */
/* New settings for a cgroup with processes in it: all of them, or none. */
#include "cgroup/cgroup.h"

#include <errno.h>
#include <string.h>

#include "cgroup/compare.h"
#include "cgroup/files.h"
#include "cgroup/systemd.h"
#include "util/cleanup.h"
#include "util/log.h"

/* What one update has written so far, each with the value that takes it back. */
struct update {
	const struct cgroup *cgroup;
	const struct cgroup_spec *spec;
	struct cgroup_setting *undo;
	size_t undo_count;
};

/* The files of v1's devices controller: rules go in, nothing comes out. */
static bool is_device_rule(const struct cgroup_setting *setting)
{
	return strcmp(setting->file, "devices.allow") == 0 || strcmp(setting->file, "devices.deny") == 0;
}

/* A line without which "KEY VALUE..." was before: the same with every value as if it was not set. */
static const char *unset_line(struct oci_arena *arena, const struct cgroup_setting *setting)
{
	const char *rest = setting->value + strcspn(setting->value, " ");
	const char *line = oci_arena_strndup(arena, setting->value, (size_t)(rest - setting->value));

	if (strcmp(setting->file, "io.weight") == 0 || strcmp(setting->file, "io.bfq.weight") == 0)
		return line ? oci_arena_printf(arena, "%s default", line) : NULL;
	while (line && *(rest += strspn(rest, " "))) {
		size_t length = strcspn(rest, " "), key = strcspn(rest, "= ");

		line = rest[key] == '=' ? oci_arena_printf(arena, "%s %.*s=max", line, (int)key, rest) :
					  oci_arena_printf(arena, "%s 0", line);
		rest += length;
	}
	return line;
}

/* The value that makes the file hold again what it held. */
static const char *old_value(
	struct oci_arena *arena, const struct cgroup_setting *setting, const char *found)
{
	const char *line;

	if (!cgroup_value_keyed(setting->file, setting->value)) {
		/* "default 100": the number alone is taken by all files of this form */
		found += strncmp(found, "default ", 8) == 0 ? 8 : 0;
		return oci_arena_strndup(arena, found, strcspn(found, "\n"));
	}
	line = cgroup_keyed_line(found, setting->value, strcspn(setting->value, " "));
	return line ? oci_arena_strndup(arena, line, strcspn(line, "\n")) : unset_line(arena, setting);
}

static int remember(struct update *update, const struct cgroup_setting *setting, const char *found)
{
	struct cgroup_setting *undo = &update->undo[update->undo_count];

	if (is_device_rule(setting) && update->spec->device_undo)
		return 0;
	*undo = *setting;
	undo->usage_file = NULL;
	undo->pair = undo->late = false;
	if (is_device_rule(setting))
		undo->file = strcmp(setting->file, "devices.allow") == 0 ? "devices.deny" : "devices.allow";
	else
		undo->value = old_value(update->cgroup->arena, setting, found);
	if (!undo->value)
		return -ENOMEM;
	update->undo_count++;
	return 0;
}

static bool is_held(const struct cgroup *cgroup, const struct cgroup_setting *setting)
{
	_cleanup_free_ char *text = NULL;

	return !is_device_rule(setting) &&
	       cgroup_read_text(cgroup_dir(cgroup, setting->hierarchy), setting->file, &text) == 0 &&
	       cgroup_value_held(setting->file, setting->value, text);
}

/* Values may bound each other: what is refused is tried again once the others are back. */
static void take_back(struct update *update)
{
	const struct cgroup_spec *spec = update->spec;
	size_t left = update->undo_count;
	bool progress = true;
	struct error error;

	if (spec->device_undo && cgroup_apply(update->cgroup, spec->device_undo, spec->device_undo_count, false, &error) < 0)
		log_warning("the device rules of before could not be put in force again: %s", error.message);
	while (left && progress) {
		size_t refused = 0;

		progress = false;
		for (size_t i = left; i-- > 0;) {
			struct cgroup_setting one = update->undo[i];

			if (is_held(update->cgroup, &one) ||
				cgroup_apply(update->cgroup, &one, 1, false, NULL) == 0)
				progress = true;
			else
				update->undo[left - ++refused] = one;
		}
		memmove(update->undo, update->undo + left - refused, refused * sizeof(*update->undo));
		left = refused;
	}
	for (size_t i = 0; i < left; i++)
		log_warning("%s of cgroup %s could not be set back to \"%s\"", update->undo[i].file,
			update->cgroup->path, update->undo[i].value);
}

/* Reads the file that a setting will be written to; -ENOENT moves it to the other one. */
static int read_present(const struct cgroup *cgroup, struct cgroup_setting *setting, char **text)
{
	int dir = cgroup->paths[setting->hierarchy] ? cgroup_dir(cgroup, setting->hierarchy) : -ENOENT;
	int r = dir < 0 ? dir : cgroup_read_text(dir, setting->file, text);

	if (r == -ENOENT && dir >= 0 && setting->other_file) {
		setting->file = setting->other_file;
		setting->value = setting->other_value;
		setting->other_file = NULL;
		r = cgroup_read_text(dir, setting->file, text);
	}
	return r;
}

static int check_held(const struct cgroup *cgroup, const struct cgroup_setting *setting,
	struct error *err)
{
	_cleanup_free_ char *text = NULL;

	/* What cannot be read says nothing; what a unified key's file holds is not ours to know. */
	if (setting->verbatim || is_device_rule(setting) ||
		cgroup_read_text(cgroup_dir(cgroup, setting->hierarchy), setting->file, &text) < 0 ||
		cgroup_value_held(setting->file, setting->value, text))
		return 0;
	error_say(err, EIO, "\"%s\" was written to %s, which holds \"%.*s\" now", setting->value,
		cgroup_path(cgroup, setting->hierarchy, setting->file), (int)strcspn(text, "\n"), text);
	error_origin(err, setting->pointer, setting->line);
	return -EIO;
}

/*
 * Leaves in the list what has to be written: what is not so already. Of all
 * others the present values are remembered before anything is written, since
 * writing one may change another (v1's cpu.cfs_period_us and quota).
 */
static int prepare(struct update *update, struct cgroup_setting *settings, size_t *count,
	struct error *err)
{
	size_t kept = 0;

	for (size_t i = 0; i < *count; i++) {
		struct cgroup_setting setting = settings[i];
		_cleanup_free_ char *text = NULL;
		int r = is_device_rule(&setting) ? 0 : read_present(update->cgroup, &setting, &text);

		setting.late = false;
		if (r == 0 && text && !setting.verbatim &&
			cgroup_value_held(setting.file, setting.value, text))
			continue;
		if (r == -ENOENT && setting.optional)
			continue;
		/* What cannot be read, or is not there, says so when it is written. */
		if (r == 0)
			r = remember(update, &setting, text ? text : "");
		if (r == -ENOMEM)
			return error_set(err, ENOMEM, "update cgroup %s", update->cgroup->path);
		settings[kept++] = setting;
	}
	*count = kept;
	return 0;
}

/* systemd is told of quota and burst together: what does not change is what the file holds. */
static int complete_quota(const struct cgroup *cgroup, const struct cgroup_setting **settings, size_t *count)
{
	static const char *const files[] = { "cpu.max", "cpu.max.burst" };
	const struct cgroup_setting *found[2] = { NULL };
	_cleanup_free_ char *text = NULL;
	struct cgroup_setting *all;
	int missing;

	for (size_t i = 0; i < *count; i++) {
		for (int k = 0; k < 2; k++)
			found[k] = strcmp((*settings)[i].file, files[k]) == 0 ? &(*settings)[i] : found[k];
	}
	missing = found[0] ? 1 : 0;
	if (!found[0] == !found[1] ||
		cgroup_read_text(cgroup_dir(cgroup, found[!missing]->hierarchy), files[missing], &text) < 0)
		return 0;
	all = oci_arena_alloc(cgroup->arena, (*count + 1) * sizeof(*all));
	if (!all)
		return -ENOMEM;
	memcpy(all, *settings, *count * sizeof(*all));
	all[*count] = (struct cgroup_setting){ .hierarchy = found[!missing]->hierarchy, .file = files[missing],
		.value = oci_arena_strdup(cgroup->arena, text) };
	*settings = all;
	return all[(*count)++].value ? 0 : -ENOMEM;
}

/* In one call, which systemd does as a whole or not at all. */
static int tell_systemd(const struct cgroup *cgroup, const struct cgroup_setting *settings, size_t count,
	const struct systemd_properties *devices, struct error *err)
{
	struct systemd_properties properties = { 0 };
	bool below;
	int r;

	if (!cgroup->unit)
		return 0;
	if (devices)
		properties = *devices;
	below = cgroup->delegated && cgroup->path[cgroup->delegated];
	r = complete_quota(cgroup, &settings, &count);
	if (r < 0)
		return error_set(err, -r, "compile the limits for systemd");
	r = systemd_add_limits(cgroup->arena, cgroup->layout, settings, count, below, &properties, err);
	return r < 0 ? r : systemd_set_properties(cgroup->unit, &properties, err);
}

/* The program that rules devices is still the old one: systemd need not rule them besides. */
static void tell_systemd_back(const struct update *update, const struct cgroup_spec *spec)
{
	struct systemd_properties devices = { 0 };
	struct error error;

	if (!update->cgroup->unit)
		return;
	if (spec->device_program && systemd_free_devices(update->cgroup->arena, &devices) < 0)
		return;
	if (tell_systemd(update->cgroup, update->undo, update->undo_count, &devices, &error) < 0)
		log_warning("%s", error.message);
}

int cgroup_update(const struct cgroup *cgroup, const struct cgroup_spec *spec, struct error *err)
{
	struct update update = { .cgroup = cgroup, .spec = spec };
	size_t count = spec->setting_count, size = (count + 1) * sizeof(*spec->settings);
	struct cgroup_setting *settings = oci_arena_alloc(cgroup->arena, size);
	int r;

	update.undo = oci_arena_alloc(cgroup->arena, size);
	if (!settings || !update.undo)
		return error_set(err, ENOMEM, "update cgroup %s", cgroup->path);
	if (count)
		memcpy(settings, spec->settings, count * sizeof(*settings));
	r = *spec->enable ? cgroup_enable(cgroup, spec, err) : 0;
	if (r == 0)
		r = prepare(&update, settings, &count, err);
	/* Before the files: whichever of the two limits is lower counts. */
	if (r == 0)
		r = tell_systemd(cgroup, settings, count, spec->scope ? &spec->scope->properties : NULL, err);
	if (r < 0)
		return r;
	r = cgroup_apply(cgroup, settings, count, false, err);
	for (size_t i = 0; r == 0 && i < count; i++)
		r = check_held(cgroup, &settings[i], err);
	if (r == 0 && spec->device_program) {
		r = cgroup_set_devices(cgroup, spec->device_program, spec->device_program_length, err);
		if (r < 0)
			error_origin(err, spec->device_pointer, spec->device_line);
	}
	if (r < 0) {
		tell_systemd_back(&update, spec);
		take_back(&update);
	}
	return r;
}
