package pages

import (
	"sync"

	"hallkiosk/app/guide"
	"hallkiosk/app/handoff"
)

// digests finds guides by what stands for their ids in addresses. The zero value is
// ready.
type digests struct {
	mu    sync.Mutex
	halls map[string]hallDigests
}

type hallDigests struct {
	of     *guide.Catalogue // as the desk gave it; another one is another edition
	guides map[[8]byte]*guide.Guide
}

// find returns the guide of a digest. When two share one, which happens to nobody,
// neither is found: better nothing than another matter's list.
func (d *digests) find(hallID string, c *guide.Catalogue, digest [8]byte) (*guide.Guide, bool) {
	if c == nil {
		return nil, false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	known := d.halls[hallID]
	if known.of != c {
		known = hallDigests{c, make(map[[8]byte]*guide.Guide, len(c.Guides))}
		for i := range c.Guides {
			key := handoff.GuideDigest(c.Guides[i].ID)
			if _, twice := known.guides[key]; twice {
				known.guides[key] = nil
				continue
			}
			known.guides[key] = &c.Guides[i]
		}
		if d.halls == nil {
			d.halls = map[string]hallDigests{}
		}
		d.halls[hallID] = known
	}
	g := known.guides[digest]
	return g, g != nil
}
