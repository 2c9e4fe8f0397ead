package agent_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"pie/backend/agent"
	"pie/backend/history"
)

// httpHost sends requests as they are, so that both sides of a comparison use
// the same client.
type httpHost struct {
	world
	client *http.Client
}

func (h *httpHost) Fetch(ctx context.Context, _ string, q agent.Request) (agent.Response, error) {
	body, status, err := get(ctx, h.client, q.URL)
	return agent.Response{OK: status == http.StatusOK, Status: status, Body: body}, err
}

func get(ctx context.Context, client *http.Client, address string) ([]byte, int, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, 0, err
	}
	res, err := client.Do(r)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	return body, res.StatusCode, err
}

// items is a list as an API sends it, about size bytes of JSON.
func items(size int) []byte {
	var list []map[string]any
	for i := 0; i*180 < size; i++ {
		list = append(list, map[string]any{
			"id": i, "name": fmt.Sprintf("item %d", i), "open": i%3 == 0, "labels": []string{"a", "b"},
			"owner": map[string]any{"login": "ada", "id": 7}, "text": strings.Repeat("x", 60),
		})
	}
	out, err := json.Marshal(list)
	if err != nil {
		panic(err)
	}
	return out
}

// BenchmarkRun compares a warm run (fetch, parse, filter, return) with plain Go
// over the same client: ratio to Go that parses the whole answer as JSON.parse
// does, ratio-struct to Go that knows beforehand which two members it wants.
func BenchmarkRun(b *testing.B) {
	for _, size := range []int{6 << 10, 180 << 10} {
		b.Run(fmt.Sprintf("%dKB", size>>10), func(b *testing.B) {
			body := items(size)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) }))
			defer server.Close()
			h := &httpHost{client: server.Client()}
			r := agent.NewRunner(agent.Options{Busy: 1})
			defer func() { _ = r.Close() }()
			j := job(fmt.Sprintf(`const r = await context.fetch(%q); return JSON.parse(r.body).filter(i => i.open).map(i => i.name)`, server.URL))
			want := plain(b, h.client, server.URL, chosen)
			var ours, whole, known time.Duration
			for b.Loop() {
				at := time.Now()
				out := r.Run(b.Context(), j, h)
				ours += time.Since(at)
				at = time.Now()
				first := plain(b, h.client, server.URL, parsed)
				whole += time.Since(at)
				at = time.Now()
				second := plain(b, h.client, server.URL, chosen)
				known += time.Since(at)
				if out.Status != history.OK || !bytes.Equal(out.Result, want) || !bytes.Equal(first, want) || !bytes.Equal(second, want) {
					b.Fatalf("%+v", out.Error)
				}
			}
			b.ReportMetric(float64(ours)/float64(whole), "ratio")
			b.ReportMetric(float64(ours)/float64(known), "ratio-struct")
			b.ReportMetric(float64(ours.Microseconds())/float64(b.N), "µs/run")
		})
	}
}

func plain(b *testing.B, client *http.Client, address string, names func(body []byte) ([]string, error)) []byte {
	b.Helper()
	body, _, err := get(b.Context(), client, address)
	if err != nil {
		b.Fatal(err)
	}
	list, err := names(body)
	if err != nil {
		b.Fatal(err)
	}
	out, err := json.Marshal(list)
	if err != nil {
		b.Fatal(err)
	}
	return out
}

// parsed reads the whole of an answer, then looks into it.
func parsed(body []byte) (names []string, err error) {
	var list []map[string]any
	err = json.Unmarshal(body, &list)
	for _, each := range list {
		name, isText := each["name"].(string)
		if open, isBool := each["open"].(bool); isText && isBool && open {
			names = append(names, name)
		}
	}
	return names, err
}

// chosen reads only what it needs.
func chosen(body []byte) (names []string, err error) {
	var list []struct {
		Name string `json:"name"`
		Open bool   `json:"open"`
	}
	err = json.Unmarshal(body, &list)
	for _, each := range list {
		if each.Open {
			names = append(names, each.Name)
		}
	}
	return names, err
}
