package backend_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pie/backend"
	"pie/backend/connection"
	"pie/backend/oauth/oauthtest"
	"pie/backend/paths"
	"pie/backend/plugin"
	"pie/backend/secret"
)

// crashes is how often the child is killed, unless the machine is so slow that this
// takes longer than enough.
const (
	crashes = 200
	enough  = 4 * time.Minute
)

// crashChild connects, runs and disconnects without end, and says on standard
// output what it has begun and what it was told is done.
func crashChild(dir, origin string) int {
	ctx := context.Background()
	var b *backend.Backend
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	b, err := backend.Open(ctx, backend.Options{
		Paths: paths.In(dir), Env: paths.Environment{KeySource: "keyfile", KeyFile: filepath.Join(dir, "key")},
		OpenURL: func(_ context.Context, address string) error {
			go func() {
				r, _ := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
				res, err := client.Do(r)
				if err == nil {
					_ = res.Body.Close()
					_, _ = b.Connections.Callback(ctx, res.Header.Get("Location"))
				}
			}()
			return nil
		},
	})
	if err != nil {
		return crashed("opening", err)
	}
	if err := crashInstall(ctx, b, origin); err != nil {
		return crashed("installing", err)
	}
	for round := 0; ; round++ {
		if err := crashRound(ctx, b, round); err != nil {
			return crashed("round", err)
		}
	}
}

func crashed(what string, err error) int {
	fmt.Println("error", what, err) //nolint:forbidigo // the child speaks to its test
	return 1
}

func say(words ...any) { fmt.Println(words...) } //nolint:forbidigo // the child speaks to its test

func crashInstall(ctx context.Context, b *backend.Backend, origin string) error {
	s := backend.Source{Name: "crash.pie", Content: []byte((&oauthtest.Grants{}).Package("crash", origin, 3))}
	p, err := b.Load(ctx, s)
	if err == nil {
		_, err = b.Install(ctx, s, p.Hash, plugin.Approved{}, false)
	}
	if err == nil {
		err = b.SetSecret(ctx, "crash", "ID", secret.New("client-id"))
	}
	return err
}

func crashRound(ctx context.Context, b *backend.Backend, round int) error {
	all, err := b.Connections.List(ctx, "crash")
	if err != nil {
		return err
	}
	say("state", all[0].Status, all[0].ID)
	if all[0].Status != connection.Connected {
		say("connecting")
		c, err := b.Connections.Connect(ctx, connection.Request{Op: fmt.Sprint(round), Agent: "crash", Redirect: "scheme"})
		if err != nil {
			return err
		}
		say("connected", c.ID)
	}
	if _, err := b.Run(ctx, backend.RunRequest{Agent: "crash"}); err != nil {
		return err
	}
	if round%3 == 2 {
		say("disconnecting")
		if _, err := b.Connections.Disconnect(ctx, "crash", "default", "", false); err != nil {
			return err
		}
		say("disconnected")
	}
	return nil
}

// acknowledged is what the child has been told so far.
type acknowledged struct {
	connected string // id, "" when not connected
	unsure    bool   // something was begun and not acknowledged
	lost      int    // grants given up
}

func (a *acknowledged) hear(t *testing.T, line string) {
	t.Helper()
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "state":
		status, id, _ := strings.Cut(rest, " ")
		if !a.unsure && a.connected != "" && (id != a.connected || status == connection.NotConnected) {
			t.Errorf("acknowledged connection %s is %s %s", a.connected, status, id)
		}
		if !a.unsure && a.connected == "" && status != connection.NotConnected {
			t.Errorf("a connection that was ended is %s", status)
		}
		if status == connection.NeedsReconnect {
			a.lost++
		}
		a.connected, a.unsure = id, false
	case "connecting", "disconnecting":
		a.unsure = true
	case "connected":
		a.connected, a.unsure = rest, false
	case "disconnected":
		a.connected, a.unsure = "", false
	case "error":
		t.Errorf("child: %s", rest)
	}
}

func TestKilledAnywhere(t *testing.T) {
	t.Parallel()
	grants := &oauthtest.Grants{}
	server := httptest.NewServer(grants)
	defer server.Close()
	dir := t.TempDir()
	var known acknowledged
	began, kills := time.Now(), 1
	life := firstCrash(t, dir, server.URL, &known)
	for ; kills < crashes && time.Since(began) < enough && !t.Failed(); kills++ {
		oneCrash(t, dir, server.URL, &known, life)
	}
	refreshes, resent := 0, 0
	for token, n := range grants.Sends() {
		refreshes++
		if n > 1 {
			resent++
		}
		if n > 2 {
			t.Errorf("%s was sent %d times", token, n)
		}
	}
	if refreshes == 0 {
		t.Error("nothing was ever refreshed")
	}
	if known.lost > resent { // only two kills within one refresh may cost a grant
		t.Errorf("%d grants were given up, but only %d tokens were sent twice", known.lost, resent)
	}
	t.Logf("%d kills, %d refresh tokens used, %d sent a second time, %d grants given up", kills, refreshes, resent, known.lost)
}

// firstCrash lets the child connect, run, refresh and disconnect once before it is
// killed. It returns how long two of its three rounds take on this machine.
func firstCrash(t *testing.T, dir, origin string, known *acknowledged) time.Duration {
	t.Helper()
	var began time.Time
	var life time.Duration
	child(t, dir, origin, func(kill func(), line string) {
		known.hear(t, line)
		if began.IsZero() {
			began = time.Now()
		}
		if line == "disconnected" && life == 0 {
			life = 2 * time.Since(began) / 3
			time.AfterFunc(rand.N(life), kill)
		}
	})
	if life == 0 {
		t.Fatal("the child has not disconnected")
	}
	return life
}

// oneCrash starts the child, hears what it says and kills it within life of its
// first word: at any moment of what it does.
func oneCrash(t *testing.T, dir, origin string, known *acknowledged, life time.Duration) {
	t.Helper()
	killed := false
	child(t, dir, origin, func(kill func(), line string) {
		known.hear(t, line)
		if !killed {
			killed = true
			time.AfterFunc(rand.N(life), kill)
		}
	})
}

// child starts one and hands on each line that it says, until it is dead.
func child(t *testing.T, dir, origin string, hear func(kill func(), line string)) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "crash-child", dir, origin)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		hear(func() { _ = cmd.Process.Kill() }, lines.Text())
	}
	_ = cmd.Wait()
}
