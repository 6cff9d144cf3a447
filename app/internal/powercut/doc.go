// Package powercut finds out whether a program keeps what it has acknowledged
// when the power fails. The crash tests of the central service and of the
// terminal use it; no product code does, and it never touches a disk of the
// machine it runs on.
//
// # Method
//
// A program runs on a disk of its own ([Disk]): an ext4 file system on a loop
// device whose one backing file is served from memory through FUSE. Every block
// write and every flush the device is sent is kept in order ([Recording]), and
// every acknowledgement of the program is tagged with the position it came at.
// A power cut at a position then leaves ([Recording.Image]) everything that was
// written before the last flush ahead of it; each write after that flush is kept,
// dropped, or torn at the device's sectors, as a seed decides. The image is
// mounted, so that ext4 replays its journal, and a fresh process looks at what the
// program would find after the start.
//
// A process that is merely killed leaves its written pages in the system's cache,
// so kill tests cannot see a missing flush; that is what package killtest is for,
// and this is not.
//
// # What it cannot show
//
// Disks that acknowledge a flush and lie, and cuts during the flush of another
// machine's cache, such as a RAID controller's. Writes that the device had been
// given but not answered when a flush began count as covered by it; ext4 waits
// for the writes it needs before it flushes.
//
// # Needs
//
// Linux, root, /dev/fuse, a loop device, mkfs.ext4, mount namespaces. [Isolate]
// skips the test, with the reason, where something is missing. Everything is
// mounted in a namespace of the test's own, and loop devices detach themselves
// with their last user, so that nothing is left even when the test is killed. (Only
// if every process on the machine is killed at once, as when a container ends, a
// device may stay until `echo 1 > /sys/fs/fuse/connections/N/abort`.)
//
// # What was compared
//
// dm-log-writes and dm-flakey do the same in the kernel, and need device-mapper,
// which small virtual machines lack. LazyFS (used by etcd and Jepsen) forgets
// un-synced pages of files; it has no file system underneath, so it cannot show
// what a journal loses, such as the removal of SQLite's rollback journal. The
// method is that of outagefs, written anew on hanwen/go-fuse.
package powercut
