/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * File systems that lie on a block device, or in an image. They are mounted by the host side, detached: the rules of
 * the container's cgroup keep init off the device, and a user namespace may not mount most of them.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/launch.h"
#include "sys/mount.h"
#include "util/cleanup.h"

#define TRIES 16 /* for a free loop device, which others look for, too */

/* Sets up one loop device, that ends with its last user; -EBUSY if somebody else was faster. */
static int configure(int control, int image, bool read_only, char path[32])
{
	struct loop_config config = { .fd = (uint32_t)image,
		.info.lo_flags = LO_FLAGS_AUTOCLEAR | (read_only ? LO_FLAGS_READ_ONLY : 0) };
	int number = ioctl(control, LOOP_CTL_GET_FREE), device;

	if (number < 0)
		return -errno;
	snprintf(path, 32, "/dev/loop%d", number);
	device = open(path, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	if (device < 0)
		return -errno;
	if (ioctl(device, LOOP_CONFIGURE, &config) < 0) {
		int code = errno;

		close(device);
		return -code;
	}
	return device;
}

/* A descriptor of the loop device, to be kept until the file system is mounted. */
static int open_image(const struct host_volume *volume, char path[32], struct error *err)
{
	_cleanup_close_ int image = open(volume->source, (volume->read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	_cleanup_close_ int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	int device = -EBUSY;

	if (image < 0)
		return error_set(err, errno, "open the image %s", volume->source);
	if (control < 0)
		return error_set(err, errno, "open /dev/loop-control for the image %s", volume->source);
	for (int i = 0; i < TRIES && device == -EBUSY; i++)
		device = configure(control, image, volume->read_only, path);
	return device < 0 ? error_set(err, -device, "set up a loop device for the image %s", volume->source) : device;
}

static int configure_fs(int fs, const char *text)
{
	const char *equals = strchr(text, '=');
	char key[256];

	if (!equals)
		return sys_fsconfig(fs, FSCONFIG_SET_FLAG, text, NULL, 0);
	snprintf(key, sizeof(key), "%.*s", (int)(equals - text), text);
	return sys_fsconfig(fs, FSCONFIG_SET_STRING, key, equals + 1, 0);
}

static int make(const struct host_volume *volume, const char *device, struct error *err)
{
	_cleanup_close_ int fs = sys_fsopen(volume->type, FSOPEN_CLOEXEC);
	int fd;

	if (fs < 0)
		return error_set(err, errno, "fsopen %s", volume->type);
	if (sys_fsconfig(fs, FSCONFIG_SET_STRING, "source", device, 0) < 0)
		return error_set(err, errno, "fsconfig source %s", device);
	for (size_t i = 0; i < volume->parameter_count; i++) {
		if (configure_fs(fs, volume->parameters[i]) < 0)
			return error_set(err, errno, "fsconfig %s", volume->parameters[i]);
	}
	if (sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return error_set(err, errno, "open the file system of type %s on %s", volume->type, volume->source);
	fd = sys_fsmount(fs, FSMOUNT_CLOEXEC, 0);
	return fd < 0 ? error_set(err, errno, "fsmount %s", volume->type) : fd;
}

int volume_mount(const struct host_volume *volume, struct error *err)
{
	_cleanup_close_ int loop = -1;
	char device[32];
	struct stat st;

	if (stat(volume->source, &st) < 0)
		return error_set(err, errno, "find %s", volume->source);
	if (!S_ISREG(st.st_mode))
		return make(volume, volume->source, err);
	loop = open_image(volume, device, err);
	return loop < 0 ? loop : make(volume, device, err);
}
