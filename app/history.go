package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"pie/backend/fault"
	"pie/backend/history"
	"pie/backend/paths"
)

// ExportRequest says what an export holds. Without a File it is a preview.
type ExportRequest struct {
	Agent   string `json:"agent"`   // of all when empty
	Days    int    `json:"days"`    // of the last days; of all time when zero
	Results bool   `json:"results"` // with inputs, results and logs
	File    string `json:"file"`    // absolute, must not be there yet; one JSON object a line
}

// KeepRequest says how much history is kept: days and megabytes, 0 for all.
type KeepRequest struct {
	Days      int `json:"days"`
	Megabytes int `json:"megabytes"`
}

// Kept is how much history is kept.
type Kept struct {
	Days      int      `json:"days"`
	Megabytes int      `json:"megabytes"`
	NoResults []string `json:"no_results"` // agents whose inputs, results and logs are not kept
}

// ResultsRequest turns keeping an agent's inputs, results and logs on or off.
type ResultsRequest struct {
	Agent string `json:"agent"`
	Kept  bool   `json:"kept"`
}

// Export writes runs to a file, or tells what it would hold. Faults: invalid,
// conflict (the file is there), locked.
func (s *Runs) Export(q ExportRequest) (history.Contents, error) {
	if q.Days < 0 {
		return history.Contents{}, fault.New(fault.Invalid, "This is no number of days.", "Use 1 or more, or 0 for all.")
	}
	selection := history.Selection{Agent: q.Agent, Results: q.Results}
	if q.Days > 0 {
		selection.Since = time.Now().AddDate(0, 0, -q.Days)
	}
	if q.File == "" {
		return s.backend.History.Export(context.Background(), selection, io.Discard)
	}
	file, err := os.OpenFile(q.File, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return history.Contents{}, fault.Wrap(err, fault.Conflict, "The file cannot be made, or is there already.", "Name another file.")
	}
	out, err := s.backend.History.Export(context.Background(), selection, file)
	if closing := file.Close(); err == nil && closing != nil {
		err = fault.Wrap(closing, fault.Limited, "The file could not be written.", "Make room on the disk and try again.")
	}
	if err != nil {
		_ = os.Remove(q.File)
	}
	return out, err
}

// ExportPlace is a file that an export could be written to.
type ExportPlace struct {
	File string `json:"file"`
}

// ExportPlace suggests a file for an export that is not there yet: among the
// person's downloads, or in their home.
func (s *Runs) ExportPlace() (ExportPlace, error) {
	name := filepath.Join(paths.Downloads(), "pie-history-"+time.Now().Format(time.DateOnly))
	for n := 1; ; n++ {
		file := name + ".jsonl"
		if n > 1 {
			file = fmt.Sprintf("%s-%d.jsonl", name, n)
		}
		if _, err := os.Lstat(file); errors.Is(err, fs.ErrNotExist) || n == mostNames {
			return ExportPlace{file}, nil
		}
	}
}

// mostNames bounds the search for a name, where a folder cannot be read say.
const mostNames = 1000

// Kept tells how much history is kept.
func (s *Runs) Kept() (Kept, error) {
	known := s.backend.Settings()
	out := Kept{Days: known.KeepDays, Megabytes: known.KeepMB, NoResults: []string{}}
	out.NoResults = append(out.NoResults, known.NoResults...)
	return out, nil
}

// Keep changes how much history is kept and removes at once what is too old or
// too much. Fault: invalid.
func (s *Runs) Keep(q KeepRequest) (history.Trimmed, error) {
	return s.backend.SetKeep(q.Days, q.Megabytes)
}

// Results turns keeping an agent's inputs, results and logs on or off; runs that
// are kept already stay. Fault: not_found.
func (s *Runs) Results(q ResultsRequest) (Kept, error) {
	if err := s.backend.SetResults(q.Agent, q.Kept); err != nil {
		return Kept{}, err
	}
	return s.Kept()
}
