package door

// EnterWith is Enter over any service.
var EnterWith = enterWith

// Service is what an owner needs of the application.
type Service = service

// MaxLine is the longest message.
const MaxLine = maxLine
