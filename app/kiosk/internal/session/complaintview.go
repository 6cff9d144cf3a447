package session

// Pages of complaints and suggestions (投诉建议).
const (
	PageComplaint Page = "complaint" // what it is about
	PageConcerned Page = "concerned" // at which window
	PageWords     Page = "words"
	PageContact   Page = "contact"
	PageFiling    Page = "filing" // all of it, before it is sent
	// PageSending shows as [PageWorking].
	PageSending  Page = "sending"
	PageReceipt  Page = "receipt"
	PageCode     Page = "code" // for asking how far it has come
	PageAsking   Page = "asking"
	PageProgress Page = "progress"
)

// Kinds asks what somebody wants to tell the hall.
type Kinds struct {
	Choose
}

// Concerned asks at which window it happened; the first choice is not to say.
type Concerned struct {
	Kind string
	Choose
}

// Words is where it is written down.
type Words struct {
	Kind string
	Writing
}

// Contact asks for a telephone number, which need not be given.
type Contact struct {
	Digits  string
	Problem ContactProblem
}

// ContactProblem is what is wrong with a typed telephone number.
type ContactProblem string

// ContactTooShort: no telephone number has so few digits.
const ContactTooShort ContactProblem = "too-short"

// Filing is everything that will be sent.
type Filing struct {
	Kind    string
	Window  string // name; "" = none named
	Words   string
	Contact string // masked: 138****1234; "" = anonymous
	// Failed: it could not be written down; it can be tried again.
	Failed bool
}

// Receipt is what the author takes away.
type Receipt struct {
	Code string // K7Q2M-8XW3D
	QR   string // "" = none
	// Paper is what became of the receipt on paper; CanPrint: it can be asked for.
	Paper    GuidePaper
	CanPrint bool
	// Away: the network is away; it is sent as soon as it is back.
	Away bool
}

// AskCode asks for a query code.
type AskCode struct {
	Writing
	Problem CodeProblem
	// QR leads to the page on which phones ask; "" = none.
	QR string
}

// Reading is a page of text: blocks under a title. It pages like a guide's tab, by
// Drawing.Reads.
type Reading struct {
	Title         string
	Blocks        []Block
	Number, Pages int
}
