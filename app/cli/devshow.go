package cli

import (
	"slices"
	"strconv"
	"strings"

	"pie/app"
	"pie/backend/history"
)

// shown prints what came of a round.
func (s *studio) shown(in saved, out app.DevResult) {
	if s.json {
		s.value(struct {
			Event string `json:"event"`
			Input string `json:"input"`
			app.DevResult
		}{"ran", in.name, out})
		return
	}
	s.findings(out.Findings)
	if len(out.Grown) > 0 {
		s.say("The agent asks for more than you agreed to:")
		for _, more := range out.Grown {
			s.say("  - %s", cell(more))
		}
	}
	if out.Run != nil {
		s.ran(in, out, *out.Run)
	}
}

const longestShown = 400 // characters of a body

func (s *studio) ran(in saved, out app.DevResult, run history.Run) {
	s.say("── %s: %s, compiled in %.0f ms, all in %.0f ms", cell(in.name), strings.ReplaceAll(run.Status, "_", " "), out.CompileMS, out.TotalMS)
	for _, x := range out.Exchanges {
		what, sent, came := "", "", ""
		if x.Request != nil {
			what, sent = x.Request.Method+" "+x.Request.URL, string(x.Request.Bytes())
		} else if x.Call != nil {
			what, sent = x.Call.Op, string(slices.Concat(x.Call.Params, x.Call.Bytes()))
		}
		if x.Answer != nil {
			came = string(slices.Concat(x.Answer.Value, x.Answer.Bytes()))
			if x.Answer.Status != 0 {
				what += " " + strconv.Itoa(x.Answer.Status)
			}
		} else if x.Fault != nil {
			came = x.Fault.Message
		}
		s.say("%s (%d ms)", cell(what), x.MS)
		s.body("  > ", sent)
		s.body("  < ", came)
	}
	if out.Cassette != "" && s.options.Record {
		s.say("Recorded in %s. Look at it before you hand it on.", cell(out.Cassette))
	} else if s.options.Record {
		s.say("Nothing was recorded, because the run did not come to its own end.")
	}
	s.printRun(run)
}

func (s *studio) body(mark, text string) {
	if text = cell(text); text == "" {
		return
	}
	if runes := []rune(text); len(runes) > longestShown {
		text = string(runes[:longestShown]) + "…"
	}
	s.say("%s%s", mark, text)
}
