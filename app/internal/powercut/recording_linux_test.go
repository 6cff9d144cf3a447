package powercut

import (
	"bytes"
	"slices"
	"testing"
)

// picture is an image in memory.
type picture []byte

func (p picture) WriteAt(data []byte, at int64) (int, error) { return copy(p[at:], data), nil }

// small is the recording of a disk of four blocks: block 0 was there before, block
// 1 is written and flushed, block 2 is written twice and never flushed.
func small() *Recording {
	block := func(n int64, fill byte) op {
		return op{n * blockSize, bytes.Repeat([]byte{fill}, blockSize)}
	}
	return &Recording{size: 4 * blockSize, base: []op{block(0, 'b')},
		ops: []op{block(1, '1'), {}, block(2, '2'), block(2, '3')}}
}

func TestImage(t *testing.T) {
	r := small()
	if r.Len() != 4 || r.Flushes() != 1 {
		t.Fatalf("%d operations, %d flushes", r.Len(), r.Flushes())
	}
	image := func(position int, seed uint64) picture {
		t.Helper()
		p := make(picture, r.size)
		if err := r.Image(p, position, seed); err != nil {
			t.Fatal(err)
		}
		return p
	}
	fill := func(p picture, n int) []byte {
		var seen []byte
		for _, b := range p[n*blockSize : (n+1)*blockSize] {
			if !slices.Contains(seen, b) {
				seen = append(seen, b)
			}
		}
		return seen
	}
	kinds := map[string]int{}
	for seed := range uint64(200) {
		p := image(4, seed)
		if string(fill(p, 0)) != "b" || string(fill(p, 1)) != "1" || string(fill(p, 3)) != "\x00" {
			t.Fatalf("seed %d: what was flushed is not there, or something else is", seed)
		}
		seen := fill(p, 2)
		slices.Sort(seen)
		kinds[string(seen)]++
		if !bytes.Equal(p, image(4, seed)) {
			t.Fatalf("seed %d: two images of one cut differ", seed)
		}
		for at := 0; at < blockSize; at += sectorSize {
			sector := p[2*blockSize+at:][:sectorSize]
			if !bytes.Equal(sector, bytes.Repeat(sector[:1], sectorSize)) {
				t.Fatalf("seed %d: a sector is torn", seed)
			}
		}
	}
	// Neither write, only the first, the second, and blocks torn between them.
	for _, want := range []string{"\x00", "2", "3", "23", "\x0023"} {
		if kinds[want] == 0 {
			t.Errorf("no cut of 200 left %q of an unflushed block: %v", want, kinds)
		}
	}
	// Before the flush its write is as uncertain as any.
	kept := 0
	for seed := range uint64(100) {
		if p := image(1, seed); string(fill(p, 1)) == "1" {
			kept++
		}
	}
	if kept == 0 || kept == 100 {
		t.Errorf("an unflushed write was kept whole in %d of 100 cuts", kept)
	}
	if p := image(2, 1); string(fill(p, 2)) != "\x00" {
		t.Error("a write behind the cut is there")
	}
	for _, position := range []int{-1, 5} {
		if err := r.Image(make(picture, r.size), position, 1); err == nil {
			t.Errorf("position %d was taken", position)
		}
	}
}
