package touch

// The faces of the levels of a rating, the best first. Mouth and eyes tell them apart,
// not their colour.
const (
	IconFace5 Icon = "face-5"
	IconFace4 Icon = "face-4"
	IconFace3 Icon = "face-3"
	IconFace2 Icon = "face-2"
	IconFace1 Icon = "face-1"
	// IconRate stands for rating a service.
	IconRate = IconFace4
)
