package task_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pie/backend/automation"
	"pie/backend/fault"
	"pie/backend/task"
)

// around is an agent in Berlin, at noon UTC of the first day of 2027.
func around() task.Around {
	return task.Around{Now: time.Date(2027, 1, 1, 12, 0, 0, 0, time.UTC), Zone: "Europe/Berlin", Functions: []string{"handler", "onWebhook"}}
}

func TestNew(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ params, schedule, kind string }{
		"a text with an offset":      {`{"name":"x","at":"2027-02-28T18:00:00+01:00"}`, "at 2027-02-28T17:00:00Z", task.Once},
		"a Date as JSON has it":      {`{"name":"x","at":"2027-02-28T17:00:00.000Z"}`, "at 2027-02-28T17:00:00Z", task.Once},
		"a Date with milliseconds":   {`{"name":"x","at":"2027-02-28T17:00:00.001Z"}`, "at 2027-02-28T17:00:01Z", task.Once},
		"the clock of the person":    {`{"name":"x","at":"2027-07-01T18:00"}`, "at 2027-07-01T16:00:00Z", task.Once},
		"the clock of another place": {`{"name":"x","at":"2027-07-01 18:00:30","zone":"Asia/Tokyo"}`, "at 2027-07-01T09:00:30Z", task.Once},
		"milliseconds since 1970":    {`{"name":"x","at":1830330000000}`, "at 2028-01-01T09:00:00Z", task.Once},
		"in a while":                 {`{"name":"x","in":"90m"}`, "at 2027-01-01T13:30:00Z", task.Once},
		"in seconds":                 {`{"name":"x","in":120}`, "at 2027-01-01T12:02:00Z", task.Once},
		"at once is a minute":        {`{"name":"x","at":"2027-01-01T12:00:01Z"}`, "at 2027-01-01T12:01:00Z", task.Once},
		"every":                      {`{"name":"x","every":"15m"}`, "15m", task.Interval},
		"every, in seconds":          {`{"name":"x","every":7200}`, "2h", task.Interval},
		"cron":                       {`{"name":"x","cron":" 0  7 * * 1-5"}`, "0 7 * * 1-5", task.Cron},
		"29 February":                {`{"name":"x","cron":"0 0 29 2 *"}`, "0 0 29 2 *", task.Cron},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			made, err := task.New([]byte(c.params), around())
			if err != nil || made.Schedule != c.schedule || made.Kind() != c.kind {
				t.Fatalf("%+v %v", made, err)
			}
			if _, err := made.Choice().First(around().Now); err != nil {
				t.Errorf("the scheduler does not take it: %v", err)
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		params, says string
		code         fault.Code
	}{
		"nothing":                 {``, "object", fault.Invalid},
		"a list":                  {`[]`, "object", fault.Invalid},
		"a text":                  {`"0 7 * * *"`, "object", fault.Invalid},
		"half an object":          {`{"name":`, "object", fault.Invalid},
		"no name":                 {`{"in":"5m"}`, "needs a name", fault.Invalid},
		"an empty name":           {`{"name":"  ","in":"5m"}`, "1 to 200", fault.Invalid},
		"two lines":               {`{"name":"a\nb","in":"5m"}`, "one line", fault.Invalid},
		"a long name":             {`{"name":"` + strings.Repeat("ü", 201) + `","in":"5m"}`, "1 to 200", fault.Invalid},
		"a name that is a number": {`{"name":7,"in":"5m"}`, "text", fault.Invalid},
		"no time":                 {`{"name":"x"}`, "needs a time", fault.Invalid},
		"two times":               {`{"name":"x","in":"5m","cron":"* * * * *"}`, "one time", fault.Invalid},
		"30 February":             {`{"name":"x","cron":"0 0 30 2 *"}`, "no calendar has", fault.Invalid},
		"30 February, once":       {`{"name":"x","at":"2027-02-30T10:00:00Z"}`, "cannot be read", fault.Invalid},
		"the 61st minute":         {`{"name":"x","cron":"61 * * * *"}`, "wrong minute", fault.Invalid},
		"six fields":              {`{"name":"x","cron":"* * * * * *"}`, "five fields", fault.Invalid},
		"an occasion":             {`{"name":"x","cron":"start"}`, "five fields", fault.Invalid},
		"another occasion":        {`{"name":"x","every":"when connected"}`, "no interval", fault.Invalid},
		"too often":               {`{"name":"x","every":"59s"}`, "one minute", fault.Invalid},
		"not a number":            {`{"name":"x","every":null}`, "number of seconds", fault.Invalid},
		"an endless number":       {`{"name":"x","every":1e999}`, "number of seconds", fault.Invalid},
		"the past":                {`{"name":"x","at":"2027-01-01T11:59:59Z"}`, "passed already", fault.Invalid},
		"seconds since 1970":      {`{"name":"x","at":1830330000}`, "passed already", fault.Invalid},
		"the year 9999":           {`{"name":"x","at":"9999-01-01T00:00:00Z"}`, "ten years", fault.Invalid},
		"a far number":            {`{"name":"x","at":1e300}`, "cannot be read", fault.Invalid},
		"an invalid Date":         {`{"name":"x","at":null}`, "cannot be read", fault.Invalid},
		"a zone of no map":        {`{"name":"x","in":"5m","zone":"Europe/Atlantis"}`, "time zone", fault.Invalid},
		"a zone that is a file":   {`{"name":"x","in":"5m","zone":"../../etc/passwd"}`, "time zone", fault.Invalid},
		"no zone":                 {`{"name":"x","in":"5m","zone":""}`, "time zone", fault.Invalid},
		"an input that is a list": {`{"name":"x","in":"5m","input":[1]}`, "is an object", fault.Invalid},
		"a deep input":            {`{"name":"x","in":"5m","input":` + strings.Repeat(`{"a":`, 1001) + `1` + strings.Repeat(`}`, 1001) + `}`, "1,000 levels", fault.Invalid},
		"a huge input":            {`{"name":"x","in":"5m","input":{"a":"` + strings.Repeat("x", task.MaxInput) + `"}}`, "64 KB", fault.Limited},
		"a huge key":              {`{"name":"x","in":"5m","` + strings.Repeat("x", 1<<20) + `":1}`, "64 KB", fault.Limited},
		"a key of a prototype":    {`{"name":"x","in":"5m","__proto__":{"at":1}}`, `no "__proto__"`, fault.Invalid},
		"an unknown key":          {`{"name":"x","when":"5m"}`, `no "when"`, fault.Invalid},
		"a function of no agent":  {`{"name":"x","in":"5m","function":"constructor"}`, "no function", fault.Invalid},
		"a policy of no kind":     {`{"name":"x","in":"5m","missed":"twice"}`, "missed runs", fault.Invalid},
		"another one":             {`{"name":"x","cron":"0 7 * * *","overlap":"all"}`, "overlap", fault.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := task.New([]byte(c.params), around())
			problem := fault.Public(err)
			if !fault.Is(err, c.code) || !strings.Contains(problem.Message, c.says) || problem.Hint == "" || len(problem.Message) > 300 {
				t.Errorf("%+v", problem)
			}
		})
	}
}

func TestWith(t *testing.T) {
	t.Parallel()
	made, err := task.New([]byte(`{"name":"tea","in":"5m","input":{"cups":2}}`), around())
	if err != nil {
		t.Fatal(err)
	}
	later := around()
	later.Now = later.Now.Add(time.Hour) // its time has passed, as while it runs
	for name, c := range map[string]struct{ changes, want string }{
		"nothing":      {`{}`, `tea at 2027-01-01T12:05:00Z {"cups":2}`},
		"a name":       {`{"name":"coffee"}`, `coffee at 2027-01-01T12:05:00Z {"cups":2}`},
		"an input":     {`{"input":{"cups":3}}`, `tea at 2027-01-01T12:05:00Z {"cups":3}`},
		"no input":     {`{"input":null}`, `tea at 2027-01-01T12:05:00Z {}`},
		"a time":       {`{"in":"5m"}`, `tea at 2027-01-01T13:05:00Z {"cups":2}`},
		"other times":  {`{"every":"1h"}`, `tea 1h {"cups":2}`},
		"a bad policy": {`{"missed":"x"}`, `invalid`},
		"a bad time":   {`{"at":"soon"}`, `invalid`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := made.With([]byte(c.changes), later)
			text := strings.Join([]string{got.Name, got.Schedule, string(got.Input)}, " ")
			if err != nil {
				text = string(fault.CodeOf(err))
			}
			if text != c.want {
				t.Errorf("%s, want %s", text, c.want)
			}
		})
	}
}

func TestShown(t *testing.T) {
	t.Parallel()
	now := around().Now
	made, err := task.New([]byte(`{"name":"x","every":"1h"}`), around())
	if err != nil {
		t.Fatal(err)
	}
	on := automation.Record{Enabled: true, Anchor: now}
	for name, c := range map[string]struct {
		record  automation.Record
		allowed bool
		status  string
		next    string
	}{
		"as planned":        {on, true, task.Scheduled, "13:00"},
		"nobody allowed it": {on, false, task.Waiting, ""},
		"turned off":        {automation.Record{}, true, task.Off, ""},
		"under way":         {automation.Record{Enabled: true, Anchor: now, Begun: &automation.Begun{}}, true, task.Running, "13:00"},
		"due already":       {automation.Record{Enabled: true, Anchor: now, Pending: now.Add(-time.Hour)}, true, task.Scheduled, "11:00"},
		"asked about":       {automation.Record{Enabled: true, Anchor: now, Ask: &automation.Ask{}}, true, task.Held, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, next := made.Shown("task-1", c.record, c.allowed, now), ""
			if got.NextRun != nil {
				next = got.NextRun.Format("15:04")
			}
			if got.Status != c.status || next != c.next || got.Every == nil || *got.Every != "1h" || got.At != nil || got.Cron != nil {
				t.Errorf("%+v, next %s", got, next)
			}
		})
	}
}

// TestInputFor: the code can trust what the host says of the run.
func TestInputFor(t *testing.T) {
	t.Parallel()
	made := task.Task{Name: `a "name"`, Input: json.RawMessage(`{"triggeredBy":"cron","taskId":7,"n":{"__proto__":{"x":1}}}`)}
	got, err := made.InputFor("task-1", around().Now)
	want := `{"n":{"__proto__":{"x":1}},"scheduledFor":"2027-01-01T12:00:00Z","taskId":"task-1","taskName":"a \"name\"","triggeredBy":"task"}`
	if err != nil || string(got) != want {
		t.Errorf("%s %v", got, err)
	}
}

// FuzzNew: whatever a stranger's code gives, it is a task that the scheduler takes
// or a clear fault.
func FuzzNew(f *testing.F) {
	for _, seed := range []string{
		`{"name":"x","at":"2027-02-28T18:00","zone":"Asia/Tokyo","input":{"a":[1]}}`, `{"name":"x","cron":"*/5 1-3,7 29 2 0"}`,
		`{"name":"x","every":"1h30m","missed":"all","overlap":"queue","function":"onWebhook"}`, `{"name":"x","in":1e9}`, `{"__proto__":null}`, "\x00",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, params []byte) {
		made, err := task.New(params, around())
		if err != nil {
			if p := fault.Public(err); p.Code != fault.Invalid && p.Code != fault.Limited || p.Hint == "" {
				t.Errorf("%+v", p)
			}
			return
		}
		if at, err := made.Choice().First(around().Now); err != nil || made.Kind() == task.Once && at.Before(around().Now.Add(time.Minute)) {
			t.Errorf("%+v: %v %v", made, at, err)
		}
		if _, err := json.Marshal(made); err != nil {
			t.Error(err)
		}
		if raw, err := made.InputFor("task-1", around().Now); err != nil || !json.Valid(raw) {
			t.Errorf("%s %v", raw, err)
		}
	})
}
