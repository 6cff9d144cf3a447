package kiosk

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
	"hallkiosk/app/kiosk/internal/localstore"
	"hallkiosk/app/kiosk/internal/outbox"
	"hallkiosk/app/kiosk/internal/peripherals"
	"hallkiosk/app/kiosk/internal/printjournal"
	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/app/kiosk/internal/ticketing"
	"hallkiosk/app/kiosk/internal/uplink"
	"hallkiosk/devices/codescan"
	"hallkiosk/devices/escpos"
	"hallkiosk/devices/idnumber"
	"hallkiosk/devices/samv"
)

// ErrDisk is in the error of Run when the terminal's disk failed it: the process
// must end, and a new one reads the file again. Test with errors.Is.
var ErrDisk = localstore.ErrDead

// Terminal is one terminal. Make it with New, run it with Run, close it.
type Terminal struct {
	config  Config
	log     *slog.Logger
	profile escpos.Profile
	// scanning is how the scanner is told to scan.
	scanning codescan.Profile

	store   *localstore.Store
	outbox  *outbox.Outbox
	desk    *ticketing.Desk
	uplink  *uplink.Uplink
	client  *centralapi.Client
	printer *peripherals.Printer
	journal *printjournal.Journal
	reader  *peripherals.Reader
	scanner *peripherals.Scanner

	mail     *mailbox
	watchers watchers
	effects  sync.WaitGroup

	guides guides
	pins   pinGuard

	devicesMu sync.Mutex
	devices   session.Devices
}

// New opens the terminal's store and prepares everything; no port is opened and
// nothing is sent before Run. Errors name their cure.
func New(c Config) (_ *Terminal, err error) {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	profile, err := escpos.ProfileByName(c.PrinterProfile)
	if err != nil {
		return nil, fmt.Errorf("kiosk: printer: %w", err)
	}
	profile.LineRate = c.Printer.Baud
	if err := c.ReaderDialect.Check(); err != nil {
		return nil, fmt.Errorf("kiosk: reader: %w", err)
	}
	scanning, err := codescan.ProfileByName(c.ScannerProfile)
	if err != nil {
		return nil, fmt.Errorf("kiosk: scanner: %w", err)
	}
	t := &Terminal{
		config: c, log: c.Logger, profile: profile, scanning: scanning, mail: newMailbox(),
		watchers: watchers{view: session.Start(c.drawing()).View(), funcs: map[int]func(session.View){}},
	}
	t.client, err = centralapi.NewClient(centralapi.ClientConfig{
		BaseURL: c.Centre, Hall: c.Hall, Token: c.Token, Logger: c.Logger,
	})
	if err != nil {
		return nil, fmt.Errorf("kiosk: %w", err)
	}
	t.store, err = localstore.Open(context.Background(), c.DataDir, localstore.Options{Logger: c.Logger})
	if err != nil {
		return nil, fmt.Errorf("kiosk: %w", err)
	}
	defer func() {
		if err != nil {
			t.store.Close()
		}
	}()
	t.outbox = outbox.New(t.store)
	t.uplink, err = uplink.New(context.Background(), uplink.Config{
		Store: t.store, Outbox: t.outbox, Centre: t.client, Hall: c.Hall, Logger: c.Logger,
		CatalogueChanged: func(c centralapi.Catalogue) { t.hallChanged(&c.Hall) },
		GuidesChanged:    t.guidesChanged,
		StatusChanged:    t.statusChanged,
		AwayChanged:      func(away bool) { t.mail.put(session.CentreChanged{Away: away}) },
	})
	if err != nil {
		return nil, fmt.Errorf("kiosk: %w", err)
	}
	t.desk = ticketing.NewDesk(ticketing.Config{
		Store: t.store, Outbox: t.outbox, Centre: t.client, Hall: t.uplink, Logger: c.Logger,
	})
	t.readSynonyms()
	t.prepareDevices()
	return t, nil
}

func (t *Terminal) prepareDevices() {
	c := &t.config
	t.printer = peripherals.NewPrinter(c.Printer, escpos.Opts{Profile: t.profile, Rasterizer: c.Rasterizer},
		func(cond peripherals.Condition) {
			t.deviceChanged("printer", cond, func(d *session.Devices) {
				d.Printer, d.Fault = cond.State == peripherals.Ready, ""
				if cond.State == peripherals.Fault {
					d.Fault = cond.Fault
				}
			})
		})
	t.journal = printjournal.New(t.store)
	t.printer.Journal = t.journal
	t.reader = peripherals.NewReader(c.Reader, c.ReaderDialect, peripherals.ReaderEvents{
		Reading:    func() { t.mail.put(session.CardReading{}) },
		Read:       func(card *samv.Card) { t.mail.put(cardEvent(card)) },
		Unreadable: func(r samv.Reason) { t.mail.put(session.CardFailed{Why: cardFailures[r]}) },
		Gone:       func() { t.mail.put(session.CardGone{}) },
	}, func(cond peripherals.Condition) {
		t.deviceChanged("reader", cond, func(d *session.Devices) { d.Reader = cond.State == peripherals.Ready })
	})
	t.scanner = peripherals.NewScanner(c.Scanner, t.scanning, t.scanned, func(cond peripherals.Condition) {
		t.mail.put(session.ScannerChanged{Works: t.scannerWorks(cond.State == peripherals.Ready)})
		t.deviceChanged("scanner", cond, func(*session.Devices) {})
	})
}

var cardFailures = map[samv.Reason]session.CardFailure{
	samv.LayAgain:  session.CardMoved,
	samv.NotIDCard: session.CardUnknown,
	samv.Suspect:   session.CardSuspect,
}

// cardEvent keeps of a card what taking a number needs. The rest of it is
// forgotten here.
func cardEvent(card *samv.Card) session.Event {
	if !card.NumberOK {
		return session.CardFailed{Why: session.CardNoNumber}
	}
	return session.CardRead{Person: session.Person{Number: card.Number, Name: idnumber.MaskName(card.Name)}}
}

// deviceChanged tells everybody who must know that a device has changed: the
// session, the technician's log, the window consoles.
func (t *Terminal) deviceChanged(name string, c peripherals.Condition, apply func(*session.Devices)) {
	t.devicesMu.Lock()
	apply(&t.devices)
	devices := t.devices
	t.devicesMu.Unlock()
	t.mail.put(session.DevicesChanged{Devices: devices})
	t.log.Info("device", "device", name, "state", string(c.State), "fault", c.Fault, "warning", c.Warning, "detail", c.Detail)
	fault := c.Fault
	if fault == "" {
		fault = c.Warning
	}
	t.logFailure("report device", t.uplink.DeviceChanged(context.Background(), name, string(c.State), fault))
}

// hall is the hall as far as it is known; nil before the first catalogue.
func (t *Terminal) hall() *hall.Hall {
	c, ok := t.uplink.Catalogue()
	if !ok {
		return nil
	}
	return &c.Hall
}

func (t *Terminal) hallChanged(h *hall.Hall) {
	t.mail.put(session.HallChanged{Hall: h})
	t.tick()
}

func (t *Terminal) statusChanged(s centralapi.Status) {
	queues := make(map[string]session.Queue, len(s.Queues))
	for _, q := range s.Queues {
		queues[q.Business] = session.Queue{Waiting: q.Waiting, Served: len(q.Windows) > 0, Paused: q.Paused}
	}
	t.mail.put(session.StatusChanged{Queues: queues})
}

// Run runs the terminal until ctx ends, or until its disk fails: then the error
// is ErrDisk, wrapped, and the process must end, so that a new one reads the file
// again.
func (t *Terminal) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	if err := t.recover(ctx); err != nil {
		return err
	}
	t.mail.put(session.TechnicianChanged{Known: t.config.TechnicianPIN != ""})
	if h := t.hall(); h != nil { // known from an earlier run
		t.hallChanged(h)
	}
	if c, ok := t.uplink.Guides(); ok {
		t.guidesChanged(c)
	}
	var parts sync.WaitGroup
	parts.Go(func() { t.play(ctx) })
	parts.Go(func() { t.clock(ctx) })
	parts.Go(func() { t.reportDevices(ctx) })
	parts.Go(func() { t.logFailure("uplink", t.uplink.Run(ctx)) })
	for _, d := range []struct {
		port Port
		run  func(context.Context)
	}{{t.config.Printer, t.printer.Run}, {t.config.Reader, t.reader.Run}, {t.config.Scanner, t.scanner.Run}} {
		if d.port.Path != "" {
			parts.Go(func() { d.run(ctx) })
		}
	}
	var err error
	select {
	case <-ctx.Done():
		err = ctx.Err()
	case <-t.store.Done():
		err = t.store.Err()
	}
	stop()
	parts.Wait()
	t.effects.Wait()
	return err
}

// Close lets go of the store. Call it after Run has returned.
func (t *Terminal) Close() error {
	t.client.Close()
	return t.store.Close()
}

// recover puts on record what the last run left unfinished.
func (t *Terminal) recover(ctx context.Context) error {
	r, err := t.desk.Recover(ctx)
	if err != nil {
		return fmt.Errorf("kiosk: recover: %w", err)
	}
	for _, open := range r.Open { // whoever wished it sees the first page, and will wish again
		if err := t.desk.Abandon(ctx, open.ID); err != nil {
			return fmt.Errorf("kiosk: recover: %w", err)
		}
	}
	papers, err := t.journal.Recover(ctx)
	if err != nil {
		return fmt.Errorf("kiosk: recover: %w", err)
	}
	t.printer.Residue = papers.Residue // half a ticket may hang out of it
	if n := len(r.Unprinted); n > 0 || r.Abandoned+len(r.Open) > 0 {
		t.log.Warn("recovered after an interruption", "abandoned", r.Abandoned+len(r.Open), "print unknown", n)
	}
	return nil
}

// purgeEvery is how often rows that the centre has had for long are deleted.
const purgeEvery = time.Hour

// keepPapers is how long it is known which papers came out: longer than any ticket
// can be asked for again.
const keepPapers = 60 * 24 * time.Hour

// inspectEvery is how often the whole file is read through.
const inspectEvery = 7 * 24 * time.Hour

// clock tells the session the time, at every full minute, and has old rows
// deleted.
func (t *Terminal) clock(ctx context.Context) {
	var purged time.Time
	for {
		t.tick()
		if time.Since(purged) >= purgeEvery {
			purged = time.Now()
			gone, err := t.desk.Purge(ctx)
			t.logFailure("purge", err)
			if gone.Tickets > 0 || gone.Events > 0 {
				t.log.Info("old rows deleted", "tickets", gone.Tickets, "events", gone.Events)
			}
			t.logFailure("purge", t.store.Write(ctx, "purge print jobs", func(tx *localstore.Tx) error {
				_, err := t.journal.Purge(tx, t.store.Now().Wall.Add(-keepPapers))
				return err
			}))
			_, err = t.store.InspectEvery(ctx, inspectEvery)
			t.logFailure("inspect", err)
		}
		now := t.config.Now()
		next := time.NewTimer(now.Truncate(time.Minute).Add(time.Minute).Sub(now))
		select {
		case <-ctx.Done():
			next.Stop()
			return
		case <-next.C:
		}
	}
}

// tick tells the session what time it is in the hall, and who is open.
func (t *Terminal) tick() {
	h := t.hall()
	if h == nil {
		return
	}
	if self, ok := t.uplink.Terminal(); ok {
		t.mail.put(session.NameChanged{Name: self.Name})
	}
	t.complaintsChanged(h)
	now, _, _ := t.uplink.Now()
	now = now.In(h.Location())
	e := session.ClockTicked{Now: now.Truncate(time.Minute), Open: h.StateAt(now)}
	for i := range h.Businesses {
		b := &h.Businesses[i]
		if b.Hours == nil {
			continue
		}
		if e.Businesses == nil {
			e.Businesses = map[string]hall.OpenState{}
		}
		e.Businesses[b.ID] = h.BusinessStateAt(b.ID, now)
	}
	t.mail.put(e)
}
