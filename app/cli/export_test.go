package cli

// The parts that are tested by themselves.
var (
	ExitCodes = exitCodes
	RunCodes  = runCodes
	Clean     = clean
	Words     = words
	NewLog    = newLog
)

// LogMax is the size at which a log is put aside.
const LogMax = logMax

// Table prints a table as a terminal of so many columns shows it.
func Table(streams IO, headers []string, rows [][]string) { (&face{io: streams}).table(headers, rows) }

// Value prints a JSON value.
func Value(streams IO, v any) { (&face{io: streams}).value(v) }

// ReadClient is readClient.
func ReadClient(raw []byte) (id, secret string, err error) {
	c, err := readClient(raw)
	return c.ClientID, c.ClientSecret, err
}
