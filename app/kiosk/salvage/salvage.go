// Package salvage gets what a terminal has not delivered off its disk: lists it,
// writes it to a file, and hands that file to the centre in the terminal's place.
// Technicians use it, through the command outbox, when a terminal is dead, frozen
// or far from any network.
//
// It works on a data folder whose terminal is stopped, changes none of the
// terminal's rows and takes no number. A file it has written holds, as the events
// themselves do, masked names and numbers and the day's keys, and the terminal's
// incarnation; it holds no bearer token and opens nothing by itself.
//
// # The file
//
// JSON, one object a line: first a [Header], then one [Entry] for each event, in
// order of their sequence numbers. It is not signed: whoever imports it must have
// the terminal's token, and what that allows is what the terminal could send
// itself, or must be an operator with the centre's data. The header says how many lines follow, so that a file that was cut
// short is noticed before anything is sent.
//
// # Import
//
// Events keep their ids and numbers, so a file may be imported any number of
// times, and what the terminal delivers itself later is not doubled. Their ages
// are reckoned from the export, by the clocks of the two machines. The file
// carries the incarnation the disk had: a terminal that has gone on since counts
// as copied when an old file is imported, so import is for terminals that will
// not be started again, or at least not before. An operator of the centre can
// import what a terminal has that was closed as copied. Events the centre had refused so
// often that the terminal gave them up are offered to it once more.
//
// Compared: handing the whole SQLite file to the centre (it would have to trust
// and read a foreign file), and a format with signatures (the key would lie on
// the same disk).
package salvage

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/google/uuid"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/kiosk/internal/localstore"
	"hallkiosk/app/kiosk/internal/outbox"
	"hallkiosk/app/kiosk/internal/uplink"
)

// ErrInUse means that the terminal is running: stop it first.
var ErrInUse = localstore.ErrInUse

// ErrNoTerminal means that the folder holds no terminal's data.
var ErrNoTerminal = errors.New("salvage: no terminal's data in this folder")

// ErrFormat means that a file is not a whole file of this package.
var ErrFormat = errors.New("salvage: not a whole export file")

// version is that of the file's format. A newer one is refused.
const version = 1

// maxLine is the longest line of a file, in bytes: an event's body with room for
// escapes.
const maxLine = 8 * outbox.MaxBody

// Header is the first line of a file.
type Header struct {
	Version     int    `json:"hallkiosk_outbox"` // 1
	Store       string `json:"store"`            // the data folder's own id
	Terminal    string `json:"terminal"`         // Terminal.ID; empty if it never reached its centre
	Hall        string `json:"hall"`
	Incarnation string `json:"incarnation,omitempty"`
	// The clocks of the machine at the export: see centralapi.EventBatch.
	BootID    string    `json:"boot_id"`
	Monotonic int64     `json:"monotonic"` // ms
	Wall      time.Time `json:"wall"`
	Acked     int64     `json:"acked_through"` // the centre holds everything up to here
	Events    int       `json:"events"`        // how many lines follow
}

// Entry is one event that the centre lacks, or has refused.
type Entry struct {
	// State is waiting or dead (refused too often).
	State string           `json:"state"`
	Tries int              `json:"tries,omitempty"` // refusals
	Error string           `json:"error,omitempty"` // the last one
	Event centralapi.Event `json:"event"`
	// Age is how old the event was when it was read from the disk; 0 in a file
	// that was read back. It is uncertain after a restart of the machine.
	Age time.Duration `json:"-"`
}

// File is a file's contents.
type File struct {
	Header  Header
	Entries []Entry
}

// Take reads from the data folder dir of a stopped terminal what the centre has
// not acknowledged, and what it has refused for good. Its errors wrap ErrInUse or
// ErrNoTerminal where those apply.
func Take(ctx context.Context, dir string) (f File, err error) {
	store, err := open(ctx, dir)
	if err != nil {
		return File{}, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	box := outbox.New(store)
	id, err := uplink.IdentityOf(ctx, store)
	if err != nil {
		return File{}, fmt.Errorf("salvage: %w", err)
	}
	now := store.Now()
	f.Header = Header{
		Version: version, Store: store.ID(), Terminal: id.Terminal.ID, Hall: id.Terminal.Hall, Incarnation: id.Incarnation,
		BootID: now.BootID, Monotonic: now.Monotonic, Wall: now.Wall,
	}
	if f.Header.Acked, err = box.Acked(ctx); err != nil {
		return File{}, fmt.Errorf("salvage: %w", err)
	}
	dead, err := box.List(ctx, outbox.Dead, 0, all)
	if err != nil {
		return File{}, fmt.Errorf("salvage: %w", err)
	}
	pending, err := box.Pending(ctx, all)
	if err != nil {
		return File{}, fmt.Errorf("salvage: %w", err)
	}
	// Of the dead, those behind the acknowledged ones are pending, too.
	dead = slices.DeleteFunc(dead, func(r outbox.Row) bool { return r.Event.Seq > f.Header.Acked })
	for _, r := range append(dead, pending...) {
		f.Entries = append(f.Entries, entry(now, r))
	}
	f.Header.Events = len(f.Entries)
	return f, nil
}

// all is more rows than any terminal has.
const all = math.MaxInt32

func entry(now localstore.Moment, r outbox.Row) Entry {
	age, _ := now.Since(localstore.Moment{BootID: r.Event.BootID, Monotonic: r.Event.Monotonic, Wall: r.Event.Wall})
	return Entry{State: string(r.State), Tries: r.Tries, Error: r.Error, Event: r.Event, Age: max(age, 0)}
}

// Backup copies the whole data file of a stopped terminal into a new file, which
// is for reading: a terminal started with it counts as a copy.
func Backup(ctx context.Context, dir, file string) (err error) {
	store, err := open(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return store.Backup(ctx, file)
}

// open opens an existing data folder.
func open(ctx context.Context, dir string) (*localstore.Store, error) {
	if _, err := os.Stat(filepath.Join(dir, localstore.FileName)); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s", ErrNoTerminal, dir)
	} else if err != nil {
		return nil, fmt.Errorf("salvage: %w", err)
	}
	store, err := localstore.Open(ctx, dir, localstore.Options{Ballast: -1})
	if err != nil {
		return nil, fmt.Errorf("salvage: %w", err)
	}
	return store, nil
}

// WriteTo writes the file; see the package documentation for its format.
func (f File) WriteTo(w io.Writer) (int64, error) {
	var b bytes.Buffer
	lines := json.NewEncoder(&b)
	lines.SetEscapeHTML(false)
	err := lines.Encode(f.Header)
	for _, e := range f.Entries {
		err = errors.Join(err, lines.Encode(e))
	}
	if err != nil {
		return 0, fmt.Errorf("salvage: %w", err)
	}
	return b.WriteTo(w)
}

// Save writes the file to a new path, for this user only, and returns when it is
// durable. An existing file is never overwritten.
func (f File) Save(path string) error {
	out, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("salvage: %w", err)
	}
	_, err = f.WriteTo(out)
	err = errors.Join(err, out.Sync(), out.Close())
	if err != nil {
		return errors.Join(fmt.Errorf("salvage: %w", err), os.Remove(path))
	}
	return nil
}

// Read reads a file back and checks it whole. Its errors about the contents wrap
// ErrFormat and name the line.
func Read(r io.Reader) (File, error) {
	var f File
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	n := 0
	bad := func(why string, args ...any) (File, error) {
		return File{}, fmt.Errorf("%w: line %d: %s", ErrFormat, n, fmt.Sprintf(why, args...))
	}
	for lines.Scan() {
		n++
		if n == 1 {
			if err := json.Unmarshal(lines.Bytes(), &f.Header); err != nil || f.Header.Version == 0 {
				return bad("this is no export of a terminal's outbox")
			}
			if f.Header.Version != version {
				return bad("format %d; this program knows %d: use a newer one", f.Header.Version, version)
			}
			continue
		}
		var e Entry
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return bad("%v", err)
		}
		if why := e.wrong(); why != "" {
			return bad("%s", why)
		}
		if k := len(f.Entries); k > 0 && f.Entries[k-1].Event.Seq >= e.Event.Seq {
			return bad("event %d follows event %d", e.Event.Seq, f.Entries[k-1].Event.Seq)
		}
		f.Entries = append(f.Entries, e)
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		n++
		return bad("longer than %d bytes", maxLine)
	case err != nil:
		return File{}, fmt.Errorf("salvage: read: %w", err)
	case n == 0:
		n = 1
		return bad("the file is empty")
	case len(f.Entries) != f.Header.Events:
		return bad("%d events, but the first line speaks of %d: the file was cut short or changed", len(f.Entries), f.Header.Events)
	}
	return f, nil
}

// wrong says what an entry lacks, "" when it can be sent.
func (e Entry) wrong() string {
	id, err := uuid.Parse(e.Event.ID)
	switch {
	case e.State != string(outbox.Waiting) && e.State != string(outbox.Dead):
		return fmt.Sprintf("state %q", e.State)
	case err != nil || id.String() != e.Event.ID:
		return "an event's id is a UUID in lower case"
	case e.Event.Seq < 1:
		return "an event's seq is 1 or more"
	case e.Event.Kind == "" || len(e.Event.Kind) > 64:
		return "an event's kind has 1 to 64 bytes"
	case len(e.Event.BootID) > 64:
		return "a boot id has at most 64 bytes"
	case len(e.Event.Body) == 0 || len(e.Event.Body) > outbox.MaxBody:
		return fmt.Sprintf("an event's body has 1 to %d bytes", outbox.MaxBody)
	}
	return ""
}
