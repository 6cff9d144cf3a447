package powercut

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Trial is one program and what it must keep.
type Trial struct {
	Name string
	// Run runs the program with its data in dir until enough has happened, and
	// leaves no process behind. It calls ack, from one goroutine or several, with
	// one line for everything the program has acknowledged, as soon as it has
	// been. A program that does not go on before ack has returned lets cuts hit the
	// very moment after an acknowledgement.
	Run func(ctx context.Context, dir string, ack func(line string)) error
	// Check returns the fresh process that looks at dir after a cut. Its input are
	// the lines acknowledged before the cut; it prints one line for each that is
	// lost and ends well, or fails when what it finds is damaged.
	Check func(dir string) *exec.Cmd
}

// Record runs the trial's program on a new disk. folder is an empty folder under
// the one of [Isolate].
func (t Trial) Record(ctx context.Context, folder string) (_ *Record, err error) {
	d, err := NewDisk(folder)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	r := &Record{trial: t, start: d.Position()}
	var mu sync.Mutex
	err = t.Run(ctx, d.Dir(), func(line string) {
		mu.Lock()
		defer mu.Unlock()
		r.acks = append(r.acks, ack{line, d.Position()})
	})
	mu.Lock()
	defer mu.Unlock()
	r.Recording = d.Recording()
	if err != nil {
		return nil, fmt.Errorf("powercut: %s: %w", t.Name, err)
	}
	return r, nil
}

type ack struct {
	line     string
	position int // as many writes and flushes had happened at least
}

// Record is a run that was recorded.
type Record struct {
	*Recording
	trial Trial
	start int // position before the program
	acks  []ack
}

// Acknowledged is the number of acknowledgements.
func (r *Record) Acknowledged() int { return len(r.acks) }

// Result says what the cuts of one record have cost.
type Result struct {
	Cuts   int
	Losing int // cuts that lost something acknowledged or damaged something
	Lost   int // acknowledgements lost, over all cuts
	Most   int // by one cut
	// Damaged counts the cuts after which the checking process failed.
	Damaged int
	// First describes the first cut that lost something, with what is needed to
	// see it again; empty when there was none.
	First string
}

// Cut cuts the power n times and looks at what is left. Two cuts of three fall
// right behind an acknowledgement, the others anywhere. The same seed makes the
// same cuts. Every loss is looked at once more on the same image; an error is a
// failure of the test itself, a loss that does not repeat included.
func (r *Record) Cut(ctx context.Context, folder string, n int, seed uint64) (Result, error) {
	random := rand.New(rand.NewPCG(seed, 0))
	positions := make([]int, n)
	for i := range positions {
		positions[i] = r.start + random.IntN(len(r.ops)-r.start+1)
		if len(r.acks) > 0 && i%3 > 0 {
			positions[i] = min(r.acks[random.IntN(len(r.acks))].position+random.IntN(3), len(r.ops))
		}
	}
	result := Result{Cuts: n}
	var mu sync.Mutex
	var errs []error
	var wg sync.WaitGroup
	next := make(chan int)
	const workers = 2
	for w := range workers {
		at := filepath.Join(folder, fmt.Sprintf("cut%d", w))
		if err := os.MkdirAll(at, 0o700); err != nil {
			return result, fmt.Errorf("powercut: %w", err)
		}
		wg.Go(func() {
			for i := range next {
				o, err := r.look(ctx, at, positions[i], seed+uint64(i))
				if err == nil && o.bad() {
					var again outcome
					if again, err = r.look(ctx, at, positions[i], seed+uint64(i)); err == nil && !again.same(o) {
						err = fmt.Errorf("powercut: %s: position %d, seed %d: two looks at one image differ: %v and %v",
							r.trial.Name, positions[i], seed+uint64(i), o, again)
					}
				}
				mu.Lock()
				if err != nil {
					errs = append(errs, err)
				}
				result.add(o, fmt.Sprintf("position %d of %d, seed %d", positions[i], len(r.ops), seed+uint64(i)))
				mu.Unlock()
			}
		})
	}
	for i := range n {
		mu.Lock()
		failed := len(errs) > 0
		mu.Unlock()
		if failed || ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	wg.Wait()
	return result, errors.Join(append(errs, ctx.Err())...)
}

// outcome is what was found after one cut.
type outcome struct {
	lost    []string
	damaged string
}

func (o outcome) bad() bool { return len(o.lost) > 0 || o.damaged != "" }

func (o outcome) same(as outcome) bool {
	return slices.Equal(o.lost, as.lost) && (o.damaged == "") == (as.damaged == "")
}

func (r *Result) add(o outcome, where string) {
	if !o.bad() {
		return
	}
	r.Losing++
	r.Lost += len(o.lost)
	r.Most = max(r.Most, len(o.lost))
	if o.damaged != "" {
		r.Damaged++
	}
	if r.First == "" {
		r.First = fmt.Sprintf("%s: %d lost %.200q %s", where, len(o.lost), strings.Join(o.lost, "; "), o.damaged)
	}
}

// look makes the image of a cut, mounts it and runs the check on it.
func (r *Record) look(ctx context.Context, folder string, position int, seed uint64) (o outcome, err error) {
	where := func(err error) error {
		return fmt.Errorf("powercut: %s: position %d, seed %d: %w", r.trial.Name, position, seed, err)
	}
	image, err := os.Create(filepath.Join(folder, imageName()))
	if err != nil {
		return o, where(err)
	}
	defer os.Remove(image.Name())
	defer image.Close()
	if err := image.Truncate(r.size); err != nil {
		return o, where(err)
	}
	if err := r.Image(image, position, seed); err != nil {
		return o, err
	}
	device, err := attach(image.Name())
	if err != nil {
		return o, where(err)
	}
	defer func() { err = errors.Join(err, device.detach()) }()
	dir := filepath.Join(folder, "disk")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return o, where(err)
	}
	if err := syscall.Mount(device.path, dir, "ext4", syscall.MS_NOATIME, ""); err != nil {
		return o, where(fmt.Errorf("ext4 after the cut: %w", err))
	}
	defer func() {
		if e := syscall.Unmount(dir, 0); e != nil {
			_ = syscall.Unmount(dir, syscall.MNT_DETACH)
			err = errors.Join(err, where(fmt.Errorf("unmount: %w", e)))
		}
	}()
	return r.check(ctx, dir, position)
}

// check runs the fresh process.
func (r *Record) check(ctx context.Context, dir string, position int) (o outcome, err error) {
	var in, out, errs bytes.Buffer
	for _, a := range r.acks {
		if a.position <= position {
			in.WriteString(a.line + "\n")
		}
	}
	cmd := r.trial.Check(dir)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = &in, &out, &errs
	if err := cmd.Start(); err != nil {
		return o, fmt.Errorf("powercut: %s: check: %w", r.trial.Name, err)
	}
	defer killAfter(ctx, cmd, time.Minute)()
	if err := cmd.Wait(); err != nil {
		o.damaged = fmt.Sprintf("the check failed: %v: %s%s", err, bytes.TrimSpace(out.Bytes()), bytes.TrimSpace(errs.Bytes()))
		return o, nil
	}
	for line := range strings.Lines(out.String()) {
		o.lost = append(o.lost, strings.TrimSpace(line))
	}
	return o, nil
}

// killAfter kills a started process when ctx ends or the time is up. The function
// it returns stops that.
func killAfter(ctx context.Context, cmd *exec.Cmd, limit time.Duration) (stop func()) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	cut := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
	return func() { cut(); cancel() }
}

// Lines is the simplest way to Run a program: it starts command, passes its output
// lines to ack, up to n of them, answers each with an empty line, for which the
// program waits, and kills it.
func Lines(command func(dir string) *exec.Cmd, n int) func(context.Context, string, func(string)) error {
	return func(ctx context.Context, dir string, ack func(string)) error {
		cmd := command(dir)
		in, err := cmd.StdinPipe()
		if err != nil {
			return err
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			return err
		}
		if err := cmd.Start(); err != nil {
			return err
		}
		defer killAfter(ctx, cmd, 5*time.Minute)()
		seen := 0
		for lines := bufio.NewScanner(out); seen < n && lines.Scan(); seen++ {
			ack(lines.Text())
			if _, err := io.WriteString(in, "\n"); err != nil {
				break
			}
		}
		_ = cmd.Process.Kill()
		if err := cmd.Wait(); seen < n {
			return fmt.Errorf("ended after %d lines of %d: %w", seen, n, err)
		}
		return nil
	}
}
