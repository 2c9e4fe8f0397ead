package backend_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestDefencesAreHeld: the tests that docs/security.md names are there.
func TestDefencesAreHeld(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	named := regexp.MustCompile("`([a-z/]+)`|(Test[A-Za-z0-9]+)")
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "| ") {
			continue
		}
		folder := ""
		for _, match := range named.FindAllStringSubmatch(line, -1) {
			if match[1] != "" {
				folder = match[1]
				continue
			}
			found++
			if !hasTest(t, filepath.Join("..", folder), match[2]) {
				t.Errorf("%s has no %s", folder, match[2])
			}
		}
	}
	if found < 30 {
		t.Errorf("only %d tests are named", found)
	}
}

func hasTest(t *testing.T, folder, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "func "+name+"(t *testing.T)") {
			return true
		}
	}
	return false
}
