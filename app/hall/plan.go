package hall

// Plan is a plan of the hall as screens draw it: boxes with names, windows, and
// where the terminals stand. Lengths are metres; X grows to the right and Y
// downwards, from the upper left corner. A hall on two floors is drawn side by
// side. Windows say where they are themselves ([Window.At]).
type Plan struct {
	Width  float64    `toml:"width" json:"width"`
	Height float64    `toml:"height" json:"height"`
	Rooms  []PlanRoom `toml:"rooms" json:"rooms"`
	// Kiosks are the terminals, by the names they were enrolled under.
	Kiosks []PlanKiosk `toml:"kiosks" json:"kiosks,omitempty"`
}

// PlanRoom is a part of the hall one can find by its name: a waiting area, the
// entrance, the lift.
type PlanRoom struct {
	Name   string   `toml:"name" json:"name"`
	NameEn string   `toml:"name_en" json:"name_en,omitempty"` // falls back to Name
	Kind   RoomKind `toml:"kind" json:"kind"`
	Box    Box      `toml:"box" json:"box"`
	// Area is the Area.ID of a waiting area: it is lit with its windows.
	Area string `toml:"area" json:"area,omitempty"`
}

// RoomKind says what a room of the plan is.
type RoomKind string

// The kinds of rooms.
const (
	RoomArea     RoomKind = "area" // where people wait; the default of a room with an Area
	RoomEntrance RoomKind = "entrance"
	RoomToilet   RoomKind = "toilet"
	RoomLift     RoomKind = "lift"
	RoomStairs   RoomKind = "stairs"
	RoomDesk     RoomKind = "desk"  // reception, service desk
	RoomOther    RoomKind = "other" // the default
)

var roomKinds = []string{
	string(RoomArea), string(RoomEntrance), string(RoomToilet), string(RoomLift),
	string(RoomStairs), string(RoomDesk), string(RoomOther),
}

// PlanKiosk is where a terminal stands.
type PlanKiosk struct {
	Name string `toml:"name" json:"name"` // as enrolled: 一楼大厅 1 号机
	At   Point  `toml:"at" json:"at"`
}

// Point is a place on the plan: x, y.
type Point [2]float64

// Box is a box on the plan: x, y of its upper left corner, width, height.
type Box [4]float64

// Kiosk returns where the terminal of this name stands.
func (p *Plan) Kiosk(name string) (Point, bool) {
	for _, k := range p.Kiosks {
		if k.Name == name {
			return k.At, true
		}
	}
	return Point{}, false
}

func (p *Plan) clone() *Plan {
	if p == nil {
		return nil
	}
	c := *p
	c.Rooms = append([]PlanRoom{}, p.Rooms...)
	c.Kiosks = append([]PlanKiosk(nil), p.Kiosks...)
	return &c
}
