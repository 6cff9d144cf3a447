package touch

// The icons of the guides and of the hall's plan.
const (
	IconCheck      Icon = "check"
	IconSearch     Icon = "search"
	IconGuide      Icon = "guide" // an open book
	IconQR         Icon = "qr"
	IconPin        Icon = "pin" // a place on the plan
	IconForm       Icon = "form"
	IconDepartment Icon = "department"
	IconTheme      Icon = "theme"
	IconLife       Icon = "life" // events of life
	IconFirm       Icon = "firm"
	IconPen        Icon = "pen"
	IconKeyboard   Icon = "keyboard"
	IconUndo       Icon = "undo"
	IconToilet     Icon = "toilet"
	IconLift       Icon = "lift"
	IconStairs     Icon = "stairs"
)
