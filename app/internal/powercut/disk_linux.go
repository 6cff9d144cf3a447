package powercut

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// diskSize is the size of a disk. It is in memory, but only as far as it was
// written; the programs under test want a few hundred free megabytes.
const diskSize = 512 << 20

// Disk is an empty ext4 file system that keeps what happens to it. It works only
// under [Isolate].
type Disk struct {
	root   string
	server *fuse.Server
	device *loop

	mu    sync.Mutex
	image []byte
	base  []op
	ops   []op
}

// NewDisk makes a disk and mounts it. folder is an empty folder for its mounts.
// The caller must Close it.
func NewDisk(folder string) (_ *Disk, err error) {
	d := &Disk{root: folder}
	if err := d.format(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.Close())
		}
	}()
	below := filepath.Join(folder, "fuse")
	for _, dir := range []string{below, d.Dir()} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			return nil, fmt.Errorf("powercut: %w", err)
		}
	}
	d.server, err = fs.Mount(below, &rootNode{disk: d}, &fs.Options{MountOptions: fuse.MountOptions{
		DirectMountStrict: true, DisableXAttrs: true, FsName: "powercut", Name: "powercut",
	}})
	if err != nil {
		return nil, fmt.Errorf("powercut: mount FUSE: %w", err)
	}
	if d.device, err = attach(filepath.Join(below, imageName())); err != nil {
		return nil, err
	}
	if err := syscall.Mount(d.device.path, d.Dir(), "ext4", syscall.MS_NOATIME, ""); err != nil {
		return nil, fmt.Errorf("powercut: mount the recorded disk: %w", err)
	}
	return d, nil
}

// Dir is the root folder of the disk.
func (d *Disk) Dir() string { return filepath.Join(d.root, "disk") }

// Position is the number of writes and flushes so far.
func (d *Disk) Position() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.ops)
}

// Recording returns what happened so far.
func (d *Disk) Recording() *Recording {
	d.mu.Lock()
	defer d.mu.Unlock()
	return &Recording{size: int64(len(d.image)), base: d.base, ops: d.ops[:len(d.ops):len(d.ops)]}
}

// Close unmounts the disk. No process may use it any more.
func (d *Disk) Close() error {
	var errs []error
	if d.device != nil {
		if err := syscall.Unmount(d.Dir(), 0); err != nil && !errors.Is(err, syscall.EINVAL) {
			errs = append(errs, fmt.Errorf("powercut: unmount the recorded disk: %w", err))
			_ = syscall.Unmount(d.Dir(), syscall.MNT_DETACH)
		}
		errs = append(errs, d.device.detach())
		d.device = nil
	}
	if d.server != nil {
		if err := d.server.Unmount(); err != nil {
			errs = append(errs, fmt.Errorf("powercut: unmount FUSE: %w", err))
			_ = syscall.Unmount(filepath.Join(d.root, "fuse"), syscall.MNT_DETACH)
		}
		d.server = nil
	}
	return errors.Join(errs...)
}

// format makes the file system in a plain file, so that its making is not part of
// the recording, and reads it into memory.
func (d *Disk) format() error {
	f, err := os.Create(filepath.Join(d.root, "format"))
	if err != nil {
		return fmt.Errorf("powercut: %w", err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if err := f.Truncate(diskSize); err != nil {
		return fmt.Errorf("powercut: %w", err)
	}
	// A small journal and everything initialised at once: what ext4 does lazily
	// would only be noise in the recording.
	out, err := exec.Command("mkfs.ext4", "-q", "-F", "-b", "4096", "-J", "size=8", "-m", "0", "-N", "2048",
		"-O", "^resize_inode", "-E", "lazy_itable_init=0,lazy_journal_init=0,nodiscard", f.Name()).CombinedOutput()
	if err != nil {
		return fmt.Errorf("powercut: mkfs.ext4: %w: %s", err, bytes.TrimSpace(out))
	}
	d.image = make([]byte, diskSize)
	empty := make([]byte, blockSize)
	block := make([]byte, blockSize)
	for at := int64(0); at < diskSize; at += blockSize {
		if _, err := io.ReadFull(io.NewSectionReader(f, at, blockSize), block); err != nil {
			return fmt.Errorf("powercut: %w", err)
		}
		if !bytes.Equal(block, empty) {
			copy(d.image[at:], block)
			d.base = append(d.base, op{at, bytes.Clone(block)})
		}
	}
	return nil
}

// imageName names the files that loop devices are put on, so that a device can be
// told to be of this test even when nothing leads to its file any more.
func imageName() string { return filepath.Base(os.Getenv(isolatedEnv)) + ".img" }

type rootNode struct {
	fs.Inode
	disk *Disk
}

var _ fs.NodeOnAdder = (*rootNode)(nil)

func (n *rootNode) OnAdd(ctx context.Context) {
	child := n.NewPersistentInode(ctx, &diskNode{disk: n.disk}, fs.StableAttr{Mode: syscall.S_IFREG, Ino: 2})
	n.AddChild(imageName(), child, false)
}

// diskNode is the backing file of the loop device.
type diskNode struct {
	fs.Inode
	disk *Disk
}

var (
	_ fs.NodeGetattrer = (*diskNode)(nil)
	_ fs.NodeOpener    = (*diskNode)(nil)
	_ fs.NodeReader    = (*diskNode)(nil)
	_ fs.NodeWriter    = (*diskNode)(nil)
	_ fs.NodeFsyncer   = (*diskNode)(nil)
)

func (n *diskNode) Getattr(_ context.Context, _ fs.FileHandle, out *fuse.AttrOut) syscall.Errno {
	out.Mode, out.Size = syscall.S_IFREG|0o600, diskSize
	return 0
}

// Open asks for direct I/O: the kernel must not keep the file's pages beside the
// device's own.
func (n *diskNode) Open(context.Context, uint32) (fs.FileHandle, uint32, syscall.Errno) {
	return nil, fuse.FOPEN_DIRECT_IO, 0
}

func (n *diskNode) Read(_ context.Context, _ fs.FileHandle, dest []byte, off int64) (fuse.ReadResult, syscall.Errno) {
	if off >= diskSize {
		return fuse.ReadResultData(nil), 0
	}
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	return fuse.ReadResultData(dest[:copy(dest, n.disk.image[off:])]), 0
}

func (n *diskNode) Write(_ context.Context, _ fs.FileHandle, data []byte, off int64) (uint32, syscall.Errno) {
	if off < 0 || off+int64(len(data)) > diskSize {
		return 0, syscall.ENOSPC
	}
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	copy(n.disk.image[off:], data)
	n.disk.ops = append(n.disk.ops, op{off, bytes.Clone(data)}) // the buffer is used again
	return uint32(len(data)), 0
}

// Fsync is what a flush of the loop device becomes.
func (n *diskNode) Fsync(context.Context, fs.FileHandle, uint32) syscall.Errno {
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	n.disk.ops = append(n.disk.ops, op{})
	return 0
}
