package wording

// Key names a sentence that is said as it stands. The value is its key in the
// translation files.
type Key string

// Template names a sentence with places to fill in: see [Args].
type Template string

// Plural names a sentence with a count in it, which English inflects.
type Plural string

// The header.
const (
	TopAssisted Key = "top.assisted"
	TopNormal   Key = "top.normal"
)

// What the hall is doing.
const (
	StateOpen    Key = "state.open"
	StateClosed  Key = "state.closed"
	StateHoliday Key = "state.holiday"
)

// Times.
const (
	whenDateLayout Key = "when.date-layout"
	whenMonday     Key = "when.monday"
	whenTuesday    Key = "when.tuesday"
	whenWednesday  Key = "when.wednesday"
	whenThursday   Key = "when.thursday"
	whenFriday     Key = "when.friday"
	whenSaturday   Key = "when.saturday"
	whenSunday     Key = "when.sunday"
)

// The footer.
const (
	BottomBack        Key = "bottom.back"
	BottomHome        Key = "bottom.home"
	BottomHelp        Key = "bottom.help"
	BottomHelpCalled  Key = "bottom.help-called"
	BottomHelpComing  Key = "bottom.help-coming"
	BottomHelpSending Key = "bottom.help-sending"
	BottomSupervision Key = "bottom.supervision"
)

// The home page.
const (
	HomeQuestion     Key = "home.question"
	HomeTake         Key = "home.take"
	HomeTakeHint     Key = "home.take-hint"
	HomeRate         Key = "home.rate"
	HomeGuides       Key = "home.guides"
	HomeGuidesHint   Key = "home.guides-hint"
	HomeComplaint    Key = "home.complaint"
	HomeBoard        Key = "home.board"
	HomeCard         Key = "home.card"
	HomeWaitingWhere Key = "home.waiting-where"
	HomeNoWait       Key = "home.no-wait"
	HomeOpenHint     Key = "home.open-hint"
	HomeClosed       Key = "home.closed"
	HomeClosedHint   Key = "home.closed-hint"
)

// Conditions of the machine.
const (
	NoticePaperOut     Key = "notice.paper-out"
	NoticePrinterFault Key = "notice.printer-fault"
	NoticeReaderAbsent Key = "notice.reader-absent"
	NoticeCentreAway   Key = "notice.centre-away"
)

// The choice.
const (
	ChooseQuestion      Key = "choose.question"
	ChooseQuestionGroup Key = "choose.question-group"
	ChooseQuestionItem  Key = "choose.question-item"
	ChooseNoWait        Key = "choose.no-wait"
	ChooseClosed        Key = "choose.closed"
	ChoosePaused        Key = "choose.paused"
	ChooseNoWindow      Key = "choose.no-window"
	ChoosePrevious      Key = "choose.previous"
	ChooseNext          Key = "choose.next"
	ChooseEmpty         Key = "choose.empty"
)

// The card page.
const (
	IdentifyQuestion       Key = "identify.question"
	IdentifyQuestionAbsent Key = "identify.question-absent"
	IdentifyHint           Key = "identify.hint"
	IdentifyReading        Key = "identify.reading"
	IdentifyPrivacy        Key = "identify.privacy"
	IdentifyAbsent         Key = "identify.absent"
	IdentifyAbsentAsk      Key = "identify.absent-ask"
	IdentifyType           Key = "identify.type"
	IdentifySkip           Key = "identify.skip"
	IdentifyNoCard         Key = "identify.no-card"
	IdentifyFor            Key = "identify.for"
	IdentifyMoved          Key = "identify.moved"
	IdentifyUnknown        Key = "identify.unknown"
	IdentifySuspect        Key = "identify.suspect"
	IdentifyLost           Key = "identify.lost"
	IdentifyBadData        Key = "identify.bad-data"
)

// The keypad page.
const (
	TypeQuestion Key = "type.question"
	TypeHint     Key = "type.hint"
	TypeComplete Key = "type.complete"
	TypeDone     Key = "type.done"
	TypeDelete   Key = "type.delete"
	TypeClear    Key = "type.clear"
	TypeTooShort Key = "type.too-short"
	TypeBadDate  Key = "type.bad-date"
	TypeBadCheck Key = "type.bad-check"
	TypeBadChars Key = "type.bad-chars"
)

// The last page before the number.
const (
	ConfirmQuestion Key = "confirm.question"
	ConfirmBusiness Key = "confirm.business"
	ConfirmItem     Key = "confirm.item"
	ConfirmFor      Key = "confirm.for"
	ConfirmHolder   Key = "confirm.holder"
	ConfirmNumber   Key = "confirm.number"
	ConfirmWaiting  Key = "confirm.waiting"
	ConfirmNoWait   Key = "confirm.no-wait"
	ConfirmPlace    Key = "confirm.place"
	ConfirmTake     Key = "confirm.take"
	ConfirmNoWindow Key = "confirm.no-window"
	ConfirmNoPaper  Key = "confirm.no-paper"
)

// Waiting for the number.
const (
	WorkingText Key = "working.text"
	WorkingHint Key = "working.hint"
)

// The number.
const (
	ResultQuestion        Key = "result.question"
	ResultExisting        Key = "result.existing"
	ResultLabel           Key = "result.label"
	ResultAheadNone       Key = "result.ahead-none"
	ResultWait            Key = "result.wait"
	ResultBusiness        Key = "result.business"
	ResultItem            Key = "result.item"
	ResultHolder          Key = "result.holder"
	ResultWindows         Key = "result.windows"
	ResultQr              Key = "result.qr"
	ResultPrinting        Key = "result.printing"
	ResultPrinted         Key = "result.printed"
	ResultOwn             Key = "result.own"
	ResultPaperOut        Key = "result.paper-out"
	ResultPaperFault      Key = "result.paper-fault"
	ResultPaperUnknown    Key = "result.paper-unknown"
	ResultPaperAsked      Key = "result.paper-asked"
	ResultPaperAskedPlain Key = "result.paper-asked-plain"
	ResultSave            Key = "result.save"
	ResultDone            Key = "result.done"
	ResultReprint         Key = "result.reprint"
)

// Pages that only say something.
const (
	MessageClosed             Key = "message.closed"
	MessageClosedToday        Key = "message.closed-today"
	MessageClosedDay          Key = "message.closed-day"
	MessageOpensUnknown       Key = "message.opens-unknown"
	MessageOutOfOrder         Key = "message.out-of-order"
	MessageOutOfOrderHint     Key = "message.out-of-order-hint"
	MessageBusinessClosed     Key = "message.business-closed"
	MessageBusinessClosedHint Key = "message.business-closed-hint"
	MessageBusinessPaused     Key = "message.business-paused"
	MessageBusinessPausedHint Key = "message.business-paused-hint"
	MessageNumbersOut         Key = "message.numbers-out"
	MessageNumbersOutHint     Key = "message.numbers-out-hint"
	MessageNoCard             Key = "message.no-card"
	MessageNoCardHint         Key = "message.no-card-hint"
	MessageNotTaken           Key = "message.not-taken"
	MessageNotTakenHint       Key = "message.not-taken-hint"
	MessagePhone              Key = "message.phone"
	MessageRetry              Key = "message.retry"
	MessageHome               Key = "message.home"
)

// The entrance to the guides.
const (
	GuidesQuestion   Key = "guides.question"
	GuidesSearch     Key = "guides.search"
	GuidesSearchHint Key = "guides.search-hint"
	GuidesDepartment Key = "guides.department"
	GuidesTheme      Key = "guides.theme"
	GuidesLifeEvent  Key = "guides.life-event"
	GuidesPerson     Key = "guides.person"
	GuidesFirm       Key = "guides.firm"
	GuidesLikely     Key = "guides.likely"
)

// Levels of the catalogue.
const (
	ListDepartment Key = "list.department"
	ListTheme      Key = "list.theme"
	ListLifeEvent  Key = "list.life-event"
	ListMatter     Key = "list.matter"
)

// The search page.
const (
	SearchField       Key = "search.field"
	SearchClear       Key = "search.clear"
	SearchHint        Key = "search.hint"
	SearchHintWrite   Key = "search.hint-write"
	SearchWrite       Key = "search.write"
	SearchReading     Key = "search.reading"
	SearchNothing     Key = "search.nothing"
	SearchNothingHint Key = "search.nothing-hint"
)

// What one can write with.
const (
	InputLetters     Key = "input.letters"
	InputDigits      Key = "input.digits"
	InputHandwriting Key = "input.handwriting"
)

// The pad.
const (
	PadUndo Key = "pad.undo"
)

// One matter.
const (
	GuideSample       Key = "guide.sample"
	GuideTake         Key = "guide.take"
	GuideTakeShort    Key = "guide.take-short"
	GuidePrint        Key = "guide.print"
	GuidePrintMiddle  Key = "guide.print-middle"
	GuidePrintShort   Key = "guide.print-short"
	GuideScan         Key = "guide.scan"
	GuideScanShort    Key = "guide.scan-short"
	GuideForms        Key = "guide.forms"
	GuideFormsShort   Key = "guide.forms-short"
	GuidePlan         Key = "guide.plan"
	GuidePlanShort    Key = "guide.plan-short"
	GuidePrinting     Key = "guide.printing"
	GuidePrinted      Key = "guide.printed"
	GuideUnprinted    Key = "guide.unprinted"
	GuideUnprintedAsk Key = "guide.unprinted-ask"
	GuideElsewhere    Key = "guide.elsewhere"
	GuideAllReady     Key = "guide.all-ready"
	GuideNoText       Key = "guide.no-text"
)

// Materials that not everybody must bring.
const (
	MaterialOptional Key = "material.optional"
	MaterialWaived   Key = "material.waived"
)

// The parts of a guide.
const (
	TabMaterials  Key = "tab.materials"
	TabSteps      Key = "tab.steps"
	TabWhere      Key = "tab.where"
	TabConditions Key = "tab.conditions"
	TabFees       Key = "tab.fees"
	TabQuestions  Key = "tab.questions"
)

// Where a matter is handled.
const (
	ElsewhereUnit    Key = "elsewhere.unit"
	ElsewhereAddress Key = "elsewhere.address"
	ElsewherePhone   Key = "elsewhere.phone"
	ElsewhereHours   Key = "elsewhere.hours"
)

// Forms.
const (
	FormsQuestion Key = "forms.question"
)

// A form filled in.
const (
	FormSample Key = "form.sample"
	FormEmpty  Key = "form.empty"
)

// The plan of the hall.
const (
	PlanTitle Key = "plan.title"
	PlanLit   Key = "plan.lit"
	PlanHere  Key = "plan.here"
	PlanNone  Key = "plan.none"
)

// The QR code of a guide.
const (
	TakeawayQuestion  Key = "takeaway.question"
	TakeawayHint      Key = "takeaway.hint"
	TakeawayPrivate   Key = "takeaway.private"
	TakeawayMaking    Key = "takeaway.making"
	TakeawayAway      Key = "takeaway.away"
	TakeawayAwayHint  Key = "takeaway.away-hint"
	TakeawayAwayPrint Key = "takeaway.away-print"
)

// Writing, complaints and suggestions, the notice board, the technician.
const (
	WritingLetters        Key = "writing.letters"
	WritingSpace          Key = "writing.space"
	ComplaintQuestion     Key = "complaint.question"
	ComplaintWindow       Key = "complaint.window"
	ComplaintWords        Key = "complaint.words"
	ComplaintWordsHint    Key = "complaint.words-hint"
	ComplaintNext         Key = "complaint.next"
	ComplaintContact      Key = "complaint.contact"
	ComplaintContactHint  Key = "complaint.contact-hint"
	ComplaintContactShort Key = "complaint.contact-short"
	ComplaintAnonymous    Key = "complaint.anonymous"
	ComplaintCheck        Key = "complaint.check"
	ComplaintKind         Key = "complaint.kind"
	ComplaintAt           Key = "complaint.at"
	ComplaintText         Key = "complaint.text"
	ComplaintPhone        Key = "complaint.phone"
	ComplaintNone         Key = "complaint.none"
	ComplaintSend         Key = "complaint.send"
	ComplaintSealed       Key = "complaint.sealed"
	ComplaintUnsent       Key = "complaint.unsent"
	ReceiptThanks         Key = "receipt.thanks"
	ReceiptCode           Key = "receipt.code"
	ReceiptKeep           Key = "receipt.keep"
	ReceiptQr             Key = "receipt.qr"
	ReceiptPrinting       Key = "receipt.printing"
	ReceiptPrinted        Key = "receipt.printed"
	ReceiptUnprinted      Key = "receipt.unprinted"
	ReceiptAway           Key = "receipt.away"
	ReceiptPrint          Key = "receipt.print"
	CodeQuestion          Key = "code.question"
	CodeHint              Key = "code.hint"
	CodeAsk               Key = "code.ask"
	CodeMistyped          Key = "code.mistyped"
	CodeUnknown           Key = "code.unknown"
	CodeTooMany           Key = "code.too-many"
	CodeAway              Key = "code.away"
	BoardQuestion         Key = "board.question"
	PinQuestion           Key = "pin.question"
	PinHint               Key = "pin.hint"
	PinWrong              Key = "pin.wrong"
	PinChecking           Key = "pin.checking"
	MachineTitle          Key = "machine.title"
	MachinePrint          Key = "machine.print"
	MachineOpening        Key = "machine.opening"
	MachineClosing        Key = "machine.closing"
	MachineLeave          Key = "machine.leave"
	MachineBusy           Key = "machine.busy"
	MachineNone           Key = "machine.none"
)

// Rating a service.
const (
	RateQuestion             Key = "rate.question"
	RateCard                 Key = "rate.card"
	RateScan                 Key = "rate.scan"
	RateScanOnly             Key = "rate.scan-only"
	RateMisread              Key = "rate.misread"
	RateType                 Key = "rate.type"
	RatePrivacy              Key = "rate.privacy"
	RateMoved                Key = "rate.moved"
	RateSuspect              Key = "rate.suspect"
	RateLost                 Key = "rate.lost"
	RateBadData              Key = "rate.bad-data"
	RateNumberQuestion       Key = "rate.number"
	RateExample              Key = "rate.example"
	RateNoLetter             Key = "rate.no-letter"
	RateNoDigits             Key = "rate.no-digits"
	RateFind                 Key = "rate.find"
	RateService              Key = "rate.service"
	RateLevel                Key = "rate.level"
	RateReasons              Key = "rate.reasons"
	RateReasonsDone          Key = "rate.done"
	RateCheck                Key = "rate.check"
	RateSatisfaction         Key = "rate.satisfaction"
	RateReasonsLabel         Key = "rate.reasons-label"
	RateWordsLabel           Key = "rate.words-label"
	RateWrite                Key = "rate.write"
	RateRewrite              Key = "rate.rewrite"
	RateWordsQuestion        Key = "rate.words-question"
	RateWordsHint            Key = "rate.words-hint"
	RateWritten              Key = "rate.written"
	RateAnonymous            Key = "rate.anonymous"
	RateOn                   Key = "rate.on"
	RateOff                  Key = "rate.off"
	RateAnonymousOn          Key = "rate.anonymous-on"
	RateAnonymousOff         Key = "rate.anonymous-off"
	RateSendIt               Key = "rate.send"
	RateUnsent               Key = "rate.unsent"
	RateUnsentPhone          Key = "rate.unsent-phone"
	RateThanks               Key = "rate.thanks"
	RateReceived             Key = "rate.received"
	RateReview               Key = "rate.review"
	RateQr                   Key = "rate.qr"
	RateMore                 Key = "rate.more"
	MessageRatingAway        Key = "message.rating-away"
	MessageRatingAwayHint    Key = "message.rating-away-hint"
	MessageRatingNothing     Key = "message.rating-nothing"
	MessageRatingNothingHint Key = "message.rating-nothing-hint"
	MessageRatingPaper       Key = "message.rating-paper"
	MessageRatingTaken       Key = "message.rating-taken"
	MessageRatingTakenHint   Key = "message.rating-taken-hint"
	MessageRatingStands      Key = "message.rating-stands"
	MessageRatingStandsHint  Key = "message.rating-stands-hint"
	MessageRatingRefused     Key = "message.rating-refused"
	MessageRatingRefusedHint Key = "message.rating-refused-hint"
	WorkingLooking           Key = "working.looking"
	WorkingSending           Key = "working.sending"
)

// The notice before everything is cleared.
const (
	IdleQuestion Key = "idle.question"
	IdleContinue Key = "idle.continue"
)

// The card that was left.
const (
	CardLeft Key = "card.left"
)

// Sentences to fill in.
const (
	StateOpenBreak             Template = "state.open-break"
	StateOpenUntil             Template = "state.open-until"
	StateNotYet                Template = "state.not-yet"
	StateLunch                 Template = "state.lunch"
	StatePause                 Template = "state.pause"
	StateClosedNext            Template = "state.closed-next"
	StateHolidayNext           Template = "state.holiday-next"
	whenTomorrow               Template = "when.tomorrow"
	whenDay                    Template = "when.day"
	HomeBreak                  Template = "home.break"
	HomeUntil                  Template = "home.until"
	ChooseClosedOpens          Template = "choose.closed-opens"
	ResultPlace                Template = "result.place"
	ResultWindowNumber         Template = "result.window-number"
	MessageClosedReason        Template = "message.closed-reason"
	MessageOpens               Template = "message.opens"
	MessageBusinessClosedOpens Template = "message.business-closed-opens"
	GuideNotHere               Template = "guide.not-here"
)

// Sentences with a count.
const (
	BottomHelpMinutes   Plural = "bottom.help-minutes"
	HomeWaiting         Plural = "home.waiting"
	ChooseTotal         Plural = "choose.total"
	ChooseBelow         Plural = "choose.below"
	ChooseWaiting       Plural = "choose.waiting"
	TypeLeft            Plural = "type.left"
	ConfirmWaitingCount Plural = "confirm.waiting-count"
	ResultAhead         Plural = "result.ahead"
	ResultDoneIn        Plural = "result.done-in"
	IdleText            Plural = "idle.text"
	GuideNeeded         Plural = "guide.needed"
	GuideMissing        Plural = "guide.missing"
	RateDays            Plural = "rate.days"
	RateChosen          Plural = "rate.chosen"
	PinWait             Plural = "pin.wait"
)
