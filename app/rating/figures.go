package rating

// Counts are sums over services and their ratings. Ratings by people and defaults are
// kept apart: only what somebody has said is an opinion.
type Counts struct {
	// Services is how many services have ended that could be rated.
	Services int `json:"services"`
	// Levels counts the ratings given by people, one for each service at most.
	Levels map[Level]int `json:"levels"`
	// Supplements counts what was added later; it changes no level above.
	Supplements int `json:"supplements"`
	// Defaults counts services that nobody rated in time.
	Defaults int `json:"defaults"`
	// FollowUps counts follow-up tasks of bad ratings, Closed those that are reviewed and
	// closed.
	FollowUps int `json:"follow_ups"`
	Closed    int `json:"closed"`
}

// Active is how many services somebody has rated.
func (c Counts) Active() int {
	n := 0
	for _, l := range Levels() {
		n += c.Levels[l]
	}
	return n
}

// Bad is how many of them are bad ratings (差评数).
func (c Counts) Bad() int { return c.Levels[Dissatisfied] + c.Levels[VeryDissatisfied] }

// ActiveRate is 主动评价率: services somebody has rated, of all that ended; 0 to 1. It is
// false while there are none.
func (c Counts) ActiveRate() (float64, bool) { return share(c.Active(), c.Services) }

// GoodRate is 好评率: ratings from 基本满意 up, of those given by people; defaults are no
// ratings here. It is false while there are none.
func (c Counts) GoodRate() (float64, bool) { return share(c.Active()-c.Bad(), c.Active()) }

// FollowedRate is 差评整改率: follow-up tasks that are closed, of all. It is false while
// there are none.
func (c Counts) FollowedRate() (float64, bool) { return share(c.Closed, c.FollowUps) }

func share(part, whole int) (float64, bool) {
	if whole <= 0 {
		return 0, false
	}
	return min(float64(part)/float64(whole), 1), true
}

// Figures are the counts of a hall, by window and by business too. The zero value is
// ready for use.
type Figures struct {
	Total      Counts             `json:"total"`
	Windows    map[string]*Counts `json:"windows"`    // by Window.ID
	Businesses map[string]*Counts `json:"businesses"` // by Business.ID
}

// each changes the counts something belongs to.
func (f *Figures) each(business, window string, change func(*Counts)) {
	if f.Windows == nil {
		f.Windows, f.Businesses = map[string]*Counts{}, map[string]*Counts{}
	}
	change(&f.Total)
	for _, in := range []struct {
		group map[string]*Counts
		key   string
	}{{f.Windows, window}, {f.Businesses, business}} {
		if in.group[in.key] == nil {
			in.group[in.key] = &Counts{}
		}
		change(in.group[in.key])
	}
}

// AddServices counts n services that have ended.
func (f *Figures) AddServices(business, window string, n int) {
	f.each(business, window, func(c *Counts) { c.Services += n })
}

// AddRating counts a rating.
func (f *Figures) AddRating(r Rating) {
	f.each(r.Business, r.Window, func(c *Counts) {
		switch r.Kind {
		case Active:
			if c.Levels == nil {
				c.Levels = map[Level]int{}
			}
			c.Levels[r.Level]++
		case Supplement:
			c.Supplements++
		case Default:
			c.Defaults++
		}
	})
}

// AddFollowUp counts the follow-up task of a bad rating.
func (f *Figures) AddFollowUp(business, window string, closed bool) {
	f.each(business, window, func(c *Counts) {
		if c.FollowUps++; closed {
			c.Closed++
		}
	})
}
