package touch

// The icons of complaints, of the notice board, and of the technician.
const (
	IconComplaint Icon = "complaint" // a speech bubble
	IconBoard     Icon = "board"
	IconWrench    Icon = "wrench"
)
