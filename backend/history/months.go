package history

import (
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"pie/backend/store"
)

// Runs lie in a bucket for each month, with an index by agent beside it: a month
// that has to go goes at once, whatever is in it.
const (
	runsOf   = "runs/"
	agentsOf = "runs-by-agent/"
	openRuns = "runs-open"     // ids of runs that have begun and not ended
	oldRuns  = "runs"          // all of them, as they lay before there were months
	oldIndex = "runs-by-agent" //
)

// month of an id: when the run began, in UTC.
func month(id string) string {
	raw, err := hex.DecodeString(id)
	if err != nil || len(raw) < 7 {
		return "0000-00"
	}
	micros := binary.BigEndian.Uint64(append([]byte{0}, raw[:7]...))
	return time.UnixMicro(int64(micros)).UTC().Format("2006-01") // #nosec G115 -- 56 bits
}

func runs(month string) store.Table[stored] {
	return store.Table[stored]{Bucket: runsOf + month, Version: 1}
}

// put writes a run into its month and keeps the list of open ones.
func put(tx *store.Tx, s stored) error {
	m := month(s.Run.ID)
	if err := runs(m).Put(tx, s.Run.ID, s); err != nil {
		return err
	}
	if s.Run.Status == Running || s.Run.Status == Queued {
		if err := tx.Put(openRuns, s.Run.ID, []byte{1}); err != nil {
			return err
		}
	} else if err := tx.Delete(openRuns, s.Run.ID); err != nil {
		return err
	}
	return tx.Put(agentsOf+m, byAgent(s.Run.Agent, s.Run.ID), []byte{1})
}

func get(tx *store.Tx, id string) (stored, bool, error) { return runs(month(id)).Get(tx, id) }

// months are those that hold runs, the latest first.
func months(tx *store.Tx) []string {
	var out []string
	for _, name := range tx.Buckets(runsOf) {
		out = append(out, strings.TrimPrefix(name, runsOf))
	}
	slices.Reverse(out)
	return out
}

// arrange moves runs that lie as they did before there were months.
func arrange(tx *store.Tx) error {
	var all []stored
	err := store.Table[stored]{Bucket: oldRuns, Version: 1}.Each(tx, "", func(_ string, s stored) error {
		all = append(all, s)
		return nil
	})
	for _, s := range all {
		if err == nil {
			err = put(tx, s)
		}
	}
	if err != nil {
		return err
	}
	if err := tx.Drop(oldRuns); err != nil {
		return err
	}
	return tx.Drop(oldIndex)
}

// eachRun calls fn for the newest runs, of one agent or of all, until fn returns
// an error.
func eachRun(tx *store.Tx, agent string, fn func(id string) error) error {
	for _, m := range months(tx) {
		bucket, prefix := runsOf+m, ""
		if agent != "" {
			bucket, prefix = agentsOf+m, agent+"/"
		}
		if err := tx.EachReverse(bucket, prefix, func(key string, _ []byte) error { return fn(key[len(prefix):]) }); err != nil {
			return err
		}
	}
	return nil
}
