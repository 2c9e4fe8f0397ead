package settings_test

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"pie/backend/fault"
	"pie/backend/settings"
)

func TestSettings(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "settings.json")
	if s, err := settings.Load(file); err != nil || !reflect.DeepEqual(s, settings.Settings{}) {
		t.Errorf("a missing file: %+v, %v", s, err)
	}
	want := settings.Settings{LoopbackPort: 6000, Theme: "dark", QuietFrom: "22:00", QuietTo: "07:00", NoResults: []string{"mail"}}
	if err := settings.Save(file, want); err != nil {
		t.Fatal(err)
	}
	if s, err := settings.Load(file); err != nil || !reflect.DeepEqual(s, want) {
		t.Errorf("got %+v, %v", s, err)
	}
	for name, text := range map[string]string{"no JSON": "{", "a wrong type": `{"theme":7}`, "no port": `{"loopback_port":70000}`} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := settings.Load(file); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
