// Package uplink keeps the terminal and the centre in step: it delivers the
// outbox, fetches the catalogue and the waiting counts, and knows whether the
// centre answers. Package kiosk runs it beside the session; ticketing asks it for
// what the terminal knows of its hall.
//
// Everything the centre said that matters offline is kept in the terminal's
// file and is there again after a restart: the last good catalogue, the
// terminal's slot and secret, and the relation of the centre's clock to the
// machine's monotonic one. The package takes no numbers and draws no
// conclusions about queues.
//
// # One conversation
//
// One goroutine, Run's, does all the talking, so a centre that is down sees one
// probe at a time. While the centre answers it is asked every Every for the
// catalogue (by revision: a short "unchanged" most of the time) and the status;
// events are delivered as soon as they are written. When the look fails, the
// centre is away and everything waits a random time, up to Base doubled for each
// failure in a row and at most Cap (full jitter, so that terminals do not come
// back in step), or longer when the centre names a time; new events do not
// shorten it. When only the delivery fails, only deliveries wait like that, and a
// look at once tells whether the centre is there. A success resets the wait.
//
// # Delivery
//
// A delivery carries at most 100 rows and 256 KiB. When more waits, tickets go
// first, ratings second, the rest last (package outbox: lanes); within a delivery
// the rows are in order. The centre stores a delivery whole or not at all,
// acknowledges up to the first number it lacks, and knows events by their ids, so
// sending twice does no harm. Rows it has taken ahead of others are not sent
// again while this program runs, and are acknowledged when the others have
// followed; should the centre then lack one of them after all, everything that is
// not acknowledged is sent once more. When the centre refuses a delivery for
// good, its rows are sent one by one to find the one it means; that one is tried
// until package outbox gives it up. Refusals of the terminal as a whole (its
// token, its address) are failures like no answer: no event is given up for them.
//
// What is not delivered for too long is told to the technician ([Budget]), and
// numbers go on all the same: a number withheld helps nobody.
//
// # Guides
//
// The catalogue of guides is a few megabytes and changes now and then, so it is
// fetched when the status names another revision: as a delta where the centre knows
// the one that is here. The download goes on beside the conversation, one at a time;
// only a catalogue that arrived whole takes the place of the old one, first in the
// file, in a transaction of its own (a few hundred kilobytes, compressed before), then
// in memory. It is read from the file at the start and not written again until it
// changes. Measured: 1,500 guides with ten materials each are 3.6 MB of JSON, take 9 MB
// in memory (a delta shares what is equal; while a whole catalogue is being read, three
// times as much) and 0.2 to 0.5 MB in the file; to write them holds the file for 2 ms
// and a flush, to read them at the start takes 0.1 s.
//
// What people looked for and did not find is counted in the file, by text and day, and
// told once an hour while the centre answers ([Uplink.SearchMissed]).
//
// The keys of phone addresses and the key that seals complaints come with the
// terminal's record, which is read again when the status names one that is not in it.
//
// # A file and its terminal belong together
//
// The numbers of events and of the own series live in the terminal's file. If
// the centre holds more events of this terminal than the file ever had, the
// file was replaced or is an old copy: the slot's numbers of today are unknown,
// so the own series is closed and nothing is delivered ([ErrStoreReplaced]) until
// the terminal is enrolled again; numbers from the centre go on. The same holds
// for a file that belongs to another terminal ([ErrOtherTerminal]). If the centre
// holds fewer than it acknowledged, it was restored from an older copy, and what
// it lacks is sent again as far as it is still here.
//
// # A file and its copy
//
// A copied disk would give the same numbers twice, and counting events does not
// find it as long as both say the same. So the centre gives the terminal a token,
// its incarnation, and a new one at the first contact after every start and once
// a business day; the terminal keeps it durably before it sends anything else,
// and every delivery carries it. It asks with a nonce that is kept before, so that
// two disks with the same incarnation do not get the same next one. Whoever comes with one that has been replaced is
// a copy or was copied: the own series is closed and nothing is delivered
// ([ErrCloned]) until the terminal is enrolled again; its undelivered events can
// be taken off the disk (hallkiosk outbox export). Two copies that never reach the
// centre are not found by this, nor by anything else here. A centre older than
// incarnations does not know the request, and is not sent any.
//
// Why the series is closed is kept in the file, so that a restart without the
// centre does not open it.
package uplink

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/guide"
	"hallkiosk/app/kiosk/internal/localstore"
	"hallkiosk/app/kiosk/internal/outbox"
)

// ErrStoreReplaced means that the terminal's file is not the one the centre
// knows: it was emptied, replaced or restored. See the package documentation.
var ErrStoreReplaced = errors.New("uplink: the data folder is newer or older than this terminal's enrolment: enrol the terminal again and start it with an empty data folder")

// ErrOtherTerminal means that the data folder was filled by another terminal.
var ErrOtherTerminal = errors.New("uplink: the data folder belongs to another terminal: start this one with its own or an empty data folder")

// ErrCloned means that the data folder is a copy of another one, or was copied,
// and the centre has seen both. See the package documentation.
var ErrCloned = errors.New("uplink: the data folder exists twice: export what it has not delivered, enrol the terminal again and start it with an empty data folder")

// Centre is the service. Satisfied by *centralapi.Client.
type Centre interface {
	Terminal(ctx context.Context) (centralapi.Terminal, error)
	Catalogue(ctx context.Context, revision string) (c centralapi.Catalogue, changed bool, err error)
	Status(ctx context.Context) (centralapi.Status, error)
	DeliverEvents(ctx context.Context, b centralapi.EventBatch) (centralapi.EventReceipt, error)
	// NextIncarnation answers the terminal's next one; see "A file and its copy".
	NextIncarnation(ctx context.Context, r centralapi.IncarnationRequest) (incarnation string, err error)
	Guides(ctx context.Context, have *guide.Catalogue) (c *guide.Catalogue, changed bool, err error)
}

// Config makes an Uplink. Store, Outbox, Centre and Hall are required.
//
// The functions are called from Run's goroutine, one at a time; the next contact
// waits for them, so they hand on and return. What was known before Run started
// is not announced: ask for it.
type Config struct {
	Store  *localstore.Store
	Outbox *outbox.Outbox
	Centre Centre
	Hall   string // Hall.ID; a catalogue of another hall is refused

	// CatalogueChanged receives every new catalogue, once it is kept.
	CatalogueChanged func(centralapi.Catalogue)
	// GuidesChanged receives every new catalogue of guides, once it is kept. Without
	// it guides are neither fetched nor read.
	GuidesChanged func(*guide.Catalogue)
	// StatusChanged receives the status whenever more than its clock changed, and
	// the first after the centre was away.
	StatusChanged func(centralapi.Status)
	// AwayChanged receives the first result after the start, and every change.
	AwayChanged func(away bool)

	Every   time.Duration // between two looks at catalogue and status; default 5 s
	Timeout time.Duration // of one request; default 5 s, events three times that
	Base    time.Duration // of the back-off; default 1 s
	Cap     time.Duration // of the back-off; default 60 s
	// Rand returns a random number in [0, 1) for the back-off. Default
	// math/rand/v2.
	Rand func() float64
	// Logger receives changes, not every try. Default: nothing.
	Logger *slog.Logger
}

// State is the uplink as a technician sees it.
type State struct {
	// Away: the last contact failed. False before the first.
	Away bool
	// LastContact is when the centre last answered, by the wall clock; zero =
	// not since the start.
	LastContact time.Time
	// Problem is why the own series is closed and nothing is delivered
	// (ErrStoreReplaced, ErrOtherTerminal, ErrCloned); nil normally. It is known
	// after a restart, too.
	Problem error
	// Failure is the last contact's error while Away.
	Failure error
	// Quarantined counts events, since the start, that the centre kept without
	// understanding them.
	Quarantined int
	// Offline is what the centre has not got yet.
	Offline Budget
}

// Budget is what waits for the centre, held against what is reasonable.
type Budget struct {
	Items  int           // events
	Bytes  int64         // of their bodies
	Oldest time.Duration // age of the oldest; 0 without one
	Dead   int           // events that the centre refuses for good
	// Spent: more than BudgetItems, BudgetBytes or BudgetAge. Somebody must look
	// after the network or the centre.
	Spent bool
	// Advice is a sentence for the technician, in Chinese; empty unless Spent or
	// with dead events.
	Advice string
}

// What may wait for the centre before the technician is told, from the offline
// limits of payment terminals: a day, or a busy half day's numbers.
const (
	BudgetItems = 500
	BudgetBytes = 20 << 20
	BudgetAge   = 24 * time.Hour
)

// Uplink is the terminal's side of the conversation. Its methods are safe for
// concurrent use; Run runs once.
type Uplink struct {
	config Config
	log    *slog.Logger

	mu        sync.Mutex
	known     known
	guides    guides
	status    *centralapi.Status // of this run, nil before the first
	state     State
	heard     bool            // state.Away says something
	delivered int64           // acknowledged by the centre in this run, through this number
	sent      outbox.Sent     // taken by the centre in this run
	measured  time.Time       // when State.Offline was counted; zero = it has changed since
	awaiting  []awaitedEvents // help calls whose delivery somebody waits for

	// Used by Run's goroutine only.
	looks      schedule // at catalogue and status
	deliveries schedule
	single     int  // so many rows are to be sent one by one
	enrolled   bool // the terminal record was read since the last failure
	// rotated: the incarnation was renewed in this run, on that business day
	// (empty: the day is not known yet). without: the centre knows none.
	rotated    bool
	rotatedDay string
	without    bool
	announced  bool // StatusChanged was called since the centre was away
	// Downloads of guides: one at a time, handed to Run by fetched.
	fetches  schedule
	fetching bool
	fetched  chan fetched
	fetchers sync.WaitGroup
	misses   schedule // of telling what was not found
	askedKey int      // ID of the newest hand-off key the terminal's record was read for; -1 = none
	// askedSeal is the seal key it was read for; nil = none yet.
	askedSeal *string
}

// New reads what is kept in the store. It talks to nobody. It panics when a
// required field is missing.
func New(ctx context.Context, c Config) (*Uplink, error) {
	if c.Store == nil || c.Outbox == nil || c.Centre == nil || c.Hall == "" {
		panic("uplink: Config without Store, Outbox, Centre or Hall")
	}
	c.Every = orDefault(c.Every, 5*time.Second)
	c.Timeout = orDefault(c.Timeout, 5*time.Second)
	c.Base = orDefault(c.Base, time.Second)
	c.Cap = orDefault(c.Cap, time.Minute)
	if c.Rand == nil {
		c.Rand = rand.Float64
	}
	u := &Uplink{config: c, log: c.Logger, fetched: make(chan fetched, 1), askedKey: -1}
	if u.log == nil {
		u.log = slog.New(slog.DiscardHandler)
	}
	var err error
	if u.known, err = u.load(ctx); err != nil {
		return nil, err
	}
	if c.GuidesChanged != nil {
		if err := u.loadGuides(ctx); err != nil {
			return nil, err
		}
	}
	u.state.Problem = u.known.closed.problem()
	if err := u.measure(ctx); err != nil {
		return nil, err
	}
	return u, nil
}

func orDefault(d, def time.Duration) time.Duration {
	if d <= 0 {
		return def
	}
	return d
}
