package main_test

import (
	"encoding/json"
	"os"
	"testing"

	"pie/app"
	"pie/backend/paths"
)

// TestPackagingNamesTheScheme holds what macOS and Windows are told at packaging
// to the program's own constants.
func TestPackagingNamesTheScheme(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("wails.json")
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Info struct {
			ProductVersion string `json:"productVersion"`
			Protocols      []struct {
				Scheme string `json:"scheme"`
			} `json:"protocols"`
		} `json:"info"`
	}
	if err := json.Unmarshal(raw, &config); err != nil {
		t.Fatal(err)
	}
	if len(config.Info.Protocols) != 1 || config.Info.Protocols[0].Scheme != paths.AppID || config.Info.ProductVersion != app.Version {
		t.Errorf("%+v", config.Info)
	}
}
