# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# For tests/fault/run: which errors a system call is made to fail with.

# errors NAME: the error numbers that a system call can plausibly have, one of each kind that the runtime could treat in a way of its
# own: a lack (ENOMEM 12, ENOSPC 28, EMFILE 24, EDQUOT 122), a refusal (EPERM 1, EACCES 13, EROFS 30), a name (ENOENT 2),
# another's doing (EINTR 4, EAGAIN 11, EBUSY 16, ECHILD 10), a device (EIO 5), another kernel (EINVAL 22, ENOSYS 38, ENODEV
# 19). What cannot be is left out: descriptors are valid and pointers right, so that nothing fails by EBADF or EFAULT. Nor is it said that a
# process or a cgroup is not there (ESRCH, ENOENT), or a name is (EEXIST), where the runtime asks for no more than that: whoever is told so
# rightly leaves it alone.
errors()
{
	case $1 in
	# Files. A race makes openat2(2) say EAGAIN, a way out of the root EXDEV (18).
	openat2) echo "24 12 13 11 18" ;;
	open | openat) echo "24 12 13 2" ;;
	read | pread64 | getdents64) echo "5 4 12" ;;
	write | pwrite64) echo "28 5 4 16 22" ;; # of cgroups and maps: EBUSY, EINVAL
	sendfile | copy_file_range | ftruncate | fallocate | fsync | fdatasync) echo "28 5 4" ;;
	close) echo 5 ;; # is done whatever it says
	dup | dup2 | dup3) echo "24 16" ;;
	newfstatat | statx | lstat | stat | *access* | readlink* | statfs) echo "2 13 12" ;;
	fstat | fstatfs) echo 5 ;;
	flock) echo "4 11 12" ;;
	mkdir* | mknod* | symlink* | link*) echo "28 13 30 1" ;;
	rename*) echo "28 13 30 16 2" ;;
	unlink* | rmdir) echo "13 30 16 39" ;; # ENOTEMPTY
	*chown* | *chmod*) echo "1 28 30" ;;
	*xattr) echo "95 1 28" ;; # ENOTSUP
	getcwd | chdir | fchdir) echo "2 13 12" ;;
	ioctl) echo "25 5 16 12" ;; # ENOTTY
	# Mounts: 100000 of them are ENOSPC.
	fsopen) echo "24 12 1 19" ;;
	fsmount | open_tree | mount_setattr) echo "24 12 1 22" ;;
	mount | move_mount) echo "12 1 16 22 28 2" ;;
	fsconfig) echo "12 1 16 22" ;;
	umount2 | pivot_root | chroot) echo "12 1 16 22" ;;
	# Processes. A cgroup that is made busy, or killed, lets nobody be born into it.
	clone* | fork | vfork) echo "11 12 28 1 16 38" ;;
	unshare | setns) echo "12 28 1 22" ;;
	execve*) echo "12 13 26 2" ;; # ETXTBSY
	wait*) echo "4 10" ;;
	kill | tgkill | pidfd_send_signal) echo 1 ;;
	pidfd_open) echo "24 12 38" ;;
	set*id | setgroups) echo "1 12 11" ;;
	prctl) ;; # asks which capabilities there are, or drops one of them: neither fails with the right to do it
	capset | prlimit64 | setrlimit | sethostname | setdomainname | personality | sched_* | ioprio_set) echo "1 22" ;;
	seccomp) echo "12 13 22" ;;
	keyctl | add_key) echo "122 12 38" ;;
	bpf) echo "1 12 16 22" ;;
	close_range) echo "24 38" ;;
	# Sockets, pipes, memory.
	memfd_create | socket* | pipe2 | signalfd4 | accept* | epoll_create* | inotify_init* | eventfd*) echo "24 12 13" ;;
	connect | bind | listen) echo "111 13 105 2" ;; # ECONNREFUSED, ENOBUFS
	send*) echo "32 4 12 11" ;; # EPIPE
	recv*) echo "5 4 12 104" ;; # ECONNRESET
	poll | ppoll | epoll_* | inotify_add_watch) echo "4 12" ;;
	mmap | brk | mprotect | munmap | mremap) echo 12 ;;
	getrandom) echo "4 38" ;;
	rseq) echo 38 ;;
	*) [[ $1 = @($harmless) ]] || echo "1 12 22" ;;
	esac
}

# Of right arguments these do not fail: of fcntl(2), flags of a descriptor that is there.
harmless='rt_sig*|fcntl|futex|clock_gettime|get*id|set_tid_address|set_robust_list|arch_prctl|madvise|umask|uname|lseek|setsid'

# After these everything is as it was before them, and whoever is killed closes by dying.
passive='close|fstat|newfstatat'

# faults NAME: what is done to a system call: its errors, and kill.
faults()
{
	errors "$1"
	[[ $1 = @($harmless|$passive) ]] || echo kill
}
