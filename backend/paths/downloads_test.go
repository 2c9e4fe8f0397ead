package paths_test

import (
	"os"
	"path/filepath"
	"testing"

	"pie/backend/paths"
)

func TestDownloadsIsAFolder(t *testing.T) {
	t.Parallel()
	folder := paths.Downloads()
	if info, err := os.Stat(folder); err != nil || !info.IsDir() || !filepath.IsAbs(folder) {
		t.Errorf("%q: %v", folder, err)
	}
}
