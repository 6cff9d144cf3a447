// Package sealed opens what people have written to the hall in confidence. It keeps
// the private halves of the centre's keys; the public half, [centralapi.SealKey], goes to
// the terminals and the phone pages' server, which seal before anything is kept. Package
// complaints is its only user and decides who may open what, and logs it.
//
// # The key file
//
// One key a line, the id and 32 bytes in base64, newest first; blank lines and lines that
// begin with # are left alone. The first key seals, all open: to change keys, put a new
// line at the top and start the service anew. The file is readable by its user only
// (0600) and is refused otherwise. On SQLite it is made at the first start in the data
// folder; several services on one PostgreSQL are given the same file. It is not in the
// backup of the database, so that a copy of the database alone tells nothing: whoever
// operates the service keeps a copy of the key file at another place. Without the file
// what was sealed can be read by nobody.
//
// The package logs nothing and its errors hold nothing of what was sealed.
//
// Compared: age encrypts files to recipients, with a header of 200 bytes for each; an
// anonymous box has 48 bytes, is in x/crypto, and needs no key of the sender.
package sealed

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/curve25519"
	"golang.org/x/crypto/nacl/box"

	"hallkiosk/app/centralapi"
)

// Errors of Open, for errors.Is.
var (
	// ErrUnknownKey: it was sealed with a key that is not in the file.
	ErrUnknownKey = errors.New("sealed: sealed with a key that is not here")
	// ErrBroken: it was changed, cut, or moved from another place.
	ErrBroken = errors.New("sealed: not as it was sealed")
)

// Keys are the private keys of a service. They are safe for concurrent use.
type Keys struct {
	public  centralapi.SealKey
	private map[string]*[32]byte
}

// String tells no key.
func (k *Keys) String() string { return fmt.Sprintf("%d keys, %s seals", len(k.private), k.public.ID) }

// GoString is String: %#v tells no key either.
func (k *Keys) GoString() string { return k.String() }

// FileName is what EnsureIn calls the key file.
const FileName = "seal.key"

// EnsureIn reads the key file of a data folder, and makes it, with a key, when there is
// none.
func EnsureIn(dir string) (*Keys, error) {
	path := filepath.Join(dir, FileName)
	k, err := Read(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return k, err
	}
	private := make([]byte, 32)
	rand.Read(private) // never fails (crypto/rand)
	id, _, err := pair(private)
	if err != nil {
		return nil, err
	}
	text := "# Opens complaints. Keep a copy elsewhere; without it nobody can read them.\n" +
		id + " " + base64.StdEncoding.EncodeToString(private) + "\n"
	if err := write(path, text); err != nil {
		return nil, fmt.Errorf("sealed: make the key file: %w", err)
	}
	return Read(path)
}

// write makes a file that is there whole, on the disk, or not at all, and replaces none.
func write(path, text string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".seal-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil { // CreateTemp makes it 0600
		return err
	}
	// A link replaces nothing. Not every file system has links; there the lock of the
	// data folder keeps others away.
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		if err := os.Rename(f.Name(), path); err != nil {
			return err
		}
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close()
	// Not every system can flush a folder; then the file is there after a while.
	_ = dir.Sync()
	return nil
}

// maxFile bounds a key file, in bytes: some thousand keys.
const maxFile = 64 << 10

// Read reads a key file. The error names the line that is wrong, without its content,
// and wraps fs.ErrNotExist when there is no such file.
func Read(path string) (*Keys, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("sealed: key file: %w", err)
	}
	if unsafeMode(info.Mode()) {
		return nil, fmt.Errorf("sealed: key file %s: others than its user may read it (mode %04o): set it to 0600", path, info.Mode().Perm())
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("sealed: key file %s: larger than %d bytes", path, maxFile)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("sealed: key file: %w", err)
	}
	k, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("sealed: key file %s: %w", path, err)
	}
	return k, nil
}

func parse(data []byte) (*Keys, error) {
	k := &Keys{private: map[string]*[32]byte{}}
	for n, line := range strings.Split(string(data), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		told, text, _ := strings.Cut(line, " ")
		private, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
		if err != nil || len(private) != 32 {
			return nil, fmt.Errorf("line %d: want an id and 32 bytes in base64", n+1)
		}
		id, public, err := pair(private)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n+1, err)
		}
		if told != id {
			return nil, fmt.Errorf("line %d: the key does not belong to its id: a character is wrong", n+1)
		}
		if len(k.private) == 0 {
			k.public = centralapi.SealKey{ID: id, Public: public}
		}
		k.private[id] = (*[32]byte)(private)
	}
	if len(k.private) == 0 {
		return nil, errors.New("no key in it")
	}
	return k, nil
}

// pair returns the id and the public half of a key. The id follows from the public half.
func pair(private []byte) (id string, public []byte, err error) {
	if public, err = curve25519.X25519(private, curve25519.Basepoint); err != nil {
		return "", nil, fmt.Errorf("sealed: %w", err)
	}
	sum := sha256.Sum256(public)
	return hex.EncodeToString(sum[:8]), public, nil
}

// Public is the key that seals now.
func (k *Keys) Public() centralapi.SealKey {
	return centralapi.SealKey{ID: k.public.ID, Public: bytes.Clone(k.public.Public)}
}

// Open opens what was sealed for a place (centralapi.SealFor). The error is
// ErrUnknownKey or ErrBroken, wrapped.
func (k *Keys) Open(s centralapi.Sealed, place string) (string, error) {
	id, sealed, err := s.Split()
	if err != nil {
		return "", fmt.Errorf("%w: not its form", ErrBroken)
	}
	private, ok := k.private[id]
	if !ok {
		return "", fmt.Errorf("%w: %q", ErrUnknownKey, id)
	}
	_, public, err := pair(private[:])
	if err != nil {
		return "", err
	}
	data, ok := box.OpenAnonymous(nil, sealed, (*[32]byte)(public), private)
	if !ok {
		return "", fmt.Errorf("%w: it was changed", ErrBroken)
	}
	var content centralapi.SealedContent
	if err := json.Unmarshal(data, &content); err != nil {
		return "", fmt.Errorf("%w: its content has another form", ErrBroken)
	}
	if content.For != place {
		return "", fmt.Errorf("%w: it belongs to another place", ErrBroken)
	}
	return content.Text, nil
}
