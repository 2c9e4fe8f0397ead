package plugin_test

import (
	"strings"
	"testing"

	"pie/backend/plugin"
)

func TestParseCron(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"0 7 * * *": "", "*/15 * * * *": "", "0 9 * * 1-5": "", "0 9 * * mon-fri": "", "5/20 0,12 1 jan,JUL 7": "",
		"0 0 29 2 *": "", "0 0 31 * *": "", "0 0 30 2 1": "", // a Monday in February is enough
		"0 0 30 2 *": "never run", "0 0 31 4,6,9,11 *": "never run", "0 0 30,31 feb */2": "never run",
		"0 7 * *": "five fields", "61 7 * * *": "wrong minute", "0 24 * * *": "wrong hour", "0 0 0 * *": "day of the month",
		"0 0 * 13 *": "wrong month", "0 0 * * 8": "day of the week", "*/0 * * * *": "wrong minute", "5-1 * * * *": "wrong minute",
		",": "five fields", "0 0 * * ,": "day of the week",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			_, problem := plugin.ParseCron(text)
			if (problem == "") != (want == "") || !strings.Contains(problem, want) {
				t.Errorf("problem %q, want one about %q", problem, want)
			}
		})
	}
}

func TestScheduleOfTrigger(t *testing.T) {
	t.Parallel()
	for want, trigger := range map[string]plugin.Trigger{
		"0 7 * * *": {Type: "cron", Default: " 0 7  * * *"}, "15m": {Type: "interval", Default: "15m"},
		"1h30m": {Type: "interval", Default: 5400.0}, "2h": {Type: "interval", Default: "7200"}, "1m10s": {Type: "interval", Default: "70s"},
		"10m": {Type: "interval", Default: "600s"}, "10h10m": {Type: "interval", Default: "10h10m"},
		"start": {Type: "start"}, "": {Type: "webhook", Default: "15m"},
	} {
		if got := trigger.Schedule(); got != want {
			t.Errorf("%+v: %q, want %q", trigger, got, want)
		}
	}
	for _, text := range []string{"", "soon", "0", "-5m", "59s", "NaN", "1e300", "9000h", "+Inf"} {
		if every, problem := plugin.ParseInterval(text); problem == "" {
			t.Errorf("%q is %v", text, every)
		}
	}
}

func FuzzParseCron(f *testing.F) {
	for _, seed := range []string{"0 7 * * *", "*/15 1-5 1,2 jan mon-fri/2", "0 0 30 2 *", "/ - , * *"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, problem := plugin.ParseCron(text)
		if problem == "" && (c.Minutes == 0 || c.Hours == 0 || c.Days == 0 || c.Months == 0 || c.Weekdays == 0 || c.Weekdays >= 1<<7) {
			t.Errorf("%q has an empty field: %+v", text, c)
		}
	})
}
