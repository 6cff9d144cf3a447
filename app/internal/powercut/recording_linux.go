package powercut

import (
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
)

const (
	blockSize  = 4096 // of the file system; a write may be torn at its multiples
	sectorSize = 512  // what a disk writes wholly or not at all
)

// An op is a write, or a flush where data is nil.
type op struct {
	offset int64
	data   []byte
}

// Recording is what a disk was sent, in order.
type Recording struct {
	size int64
	base []op // the file system before the program, in blocks that are not empty
	ops  []op
}

// Len is the highest position: the number of writes and flushes.
func (r *Recording) Len() int { return len(r.ops) }

// Flushes is the number of flushes.
func (r *Recording) Flushes() int {
	n := 0
	for _, o := range r.ops {
		if o.data == nil {
			n++
		}
	}
	return n
}

// How a cut treats the writes that no flush covers.
const (
	nothingElse = iota // none arrived
	someWhole          // each arrived or not
	tornSectors        // of each, each sector arrived or not
	tornBlocks         // of each, each block arrived or not
	styles
)

// Image writes to w what a power cut after the first position operations leaves:
// the same seed, the same image. w must read as zeros where nothing is written,
// up to the disk's size.
func (r *Recording) Image(w io.WriterAt, position int, seed uint64) error {
	if position < 0 || position > len(r.ops) {
		return fmt.Errorf("powercut: position %d is not in 0–%d", position, len(r.ops))
	}
	put := func(offset int64, data []byte) error {
		if _, err := w.WriteAt(data, offset); err != nil {
			return fmt.Errorf("powercut: image: %w", err)
		}
		return nil
	}
	for _, o := range r.base {
		if err := put(o.offset, o.data); err != nil {
			return err
		}
	}
	covered := position
	for covered > 0 && r.ops[covered-1].data != nil {
		covered--
	}
	for _, o := range r.ops[:covered] {
		if o.data == nil {
			continue
		}
		if err := put(o.offset, o.data); err != nil {
			return err
		}
	}
	// Position and seed together, so that neighbouring cuts differ.
	random := rand.New(rand.NewPCG(seed, uint64(position)))
	style := random.IntN(styles)
	tear := map[int]int{someWhole: 1 << 30, tornSectors: sectorSize, tornBlocks: blockSize}[style]
	for _, o := range r.ops[covered:position] {
		if style == nothingElse {
			break
		}
		at := o.offset
		for piece := range slices.Chunk(o.data, tear) {
			if random.IntN(2) == 0 {
				if err := put(at, piece); err != nil {
					return err
				}
			}
			at += int64(len(piece))
		}
	}
	return nil
}
