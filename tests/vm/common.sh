# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What build-image and vm-run share: where the machine is kept, and its QEMU command line.  Both must
# start it with the same arguments, since a saved state loads only into the machine it was saved from.
# shellcheck disable=SC2034 # used by those that source this
VM_DIR=${VM_DIR:-${XDG_CACHE_HOME:-/var/cache}/silo-tests/vm}
VM_MEM=${VM_MEM:-1536} # MiB
VM_CPUS=${VM_CPUS:-2}
VM_LSM=${VM_LSM:-apparmor} # or selinux: one machine each
VM_CMDLINE=${VM_CMDLINE:-} # more of the kernel's command line; with a VM_DIR of its own
VM_SHARE_SIZE=4G           # of the disk that carries files in; sparse

die()
{
	echo "${0##*/}: $*" >&2
	exit 125
}

# qemu_command ROOT-DISK-OPTIONS SHARE-DISK STATUS-FILE OUT-FILE CONSOLE-FILE: fills the array QEMU.
qemu_command()
{
	QEMU=(qemu-system-x86_64
		-nodefaults -no-user-config -display none -no-reboot
		-machine "pc-q35-7.2,hpet=off" -accel "tcg,thread=multi,tb-size=512"
		-cpu "max,-la57,-avx,-avx2,-svm" -smp "$VM_CPUS" -m "$VM_MEM"
		-device "vmgenid,guid=auto"
		-drive "file=$1,if=none,id=root" -device virtio-blk-pci,drive=root
		-drive "file=$2,if=none,id=share,format=raw,cache=unsafe"
		-device virtio-blk-pci,drive=share
		-device virtio-serial-pci,id=ports
		-chardev stdio,id=io,signal=off
		-device virtserialport,bus=ports.0,nr=1,chardev=io,name=vm.io
		-chardev "file,id=status,path=$3"
		-device virtserialport,bus=ports.0,nr=2,chardev=status,name=vm.status
		-chardev "file,id=out,path=$4"
		-device virtserialport,bus=ports.0,nr=3,chardev=out,name=vm.out
		-serial "file:$5")
}
