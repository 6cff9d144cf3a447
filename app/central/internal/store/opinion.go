package store

import "time"

// ComplaintOpinion is what the author of a complaint thinks of how it was handled.
type ComplaintOpinion struct {
	Complaint string // id
	At        time.Time
	Level     string // as in package complaint
	Words     string // sealed; "" = none
}

// AddComplaintOpinion adds the opinion about a complaint. It fails when there is one.
func (t *Tx) AddComplaintOpinion(hall string, o ComplaintOpinion) error {
	if err := t.mayWrite(hall); err != nil {
		return err
	}
	_, err := t.exec("INSERT INTO complaint_opinion (hall, complaint, at, level, words) VALUES (?, ?, ?, ?, ?)", hall, o.Complaint, micros(o.At), o.Level, o.Words)
	return err
}

// ComplaintOpinions returns the opinions about these complaints, by the complaint's id.
// Those without one are not in it.
func (t *Tx) ComplaintOpinions(hall string, ids []string) (map[string]ComplaintOpinion, error) {
	out := map[string]ComplaintOpinion{}
	_, err := all(t, func(s scanner) (struct{}, error) {
		var o ComplaintOpinion
		var at int64
		err := s.Scan(&o.Complaint, &at, &o.Level, &o.Words)
		o.At = fromMicros(at)
		out[o.Complaint] = o
		return struct{}{}, err
	}, "SELECT o.complaint, o.at, o.level, o.words FROM "+t.d.wanted()+t.d.then("complaint_opinion", "o", byKey, "hall = ?", "complaint = w.id")+
		" ORDER BY o.complaint", t.d.list(ids), hall)
	return out, err
}

// CountComplaintOpinions returns how many there are of each level in a hall.
func (t *Tx) CountComplaintOpinions(hall string) (map[string]int, error) {
	out := map[string]int{}
	_, err := all(t, func(s scanner) (struct{}, error) {
		var level string
		var n int
		err := s.Scan(&level, &n)
		out[level] = n
		return struct{}{}, err
	}, "SELECT level, count(*) FROM complaint_opinion WHERE hall = ? GROUP BY level", hall)
	return out, err
}
