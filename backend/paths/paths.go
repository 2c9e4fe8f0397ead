// Package paths says where files live and reads the environment. Nothing else
// in the program does either.
package paths

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"github.com/adrg/xdg"

	"pie/backend/fault"
)

// AppID is the reverse-DNS name of the program and its custom URL scheme.
const AppID = "app.pie.desktop"

// socketMax is the longest address of a Unix socket that every system takes.
const socketMax = 100

// Paths are the four folders of one home. All are absolute.
type Paths struct {
	Config  string // settings, the person's own providers
	Data    string // databases, agents
	State   string // logs
	Runtime string // the socket
	Home    string // the folder of PIE_HOME, empty for the platform's own folders
}

// In puts everything under dir.
func In(dir string) Paths {
	return Paths{
		Config: filepath.Join(dir, "config"), Data: filepath.Join(dir, "data"),
		State: filepath.Join(dir, "state"), Runtime: filepath.Join(dir, "run"), Home: dir,
	}
}

// Default is PIE_HOME when set, otherwise the platform's folders (XDG Base
// Directory on Linux, the local application data on Windows).
func Default() (Paths, error) {
	if home := variable("PIE_HOME"); home != "" {
		abs, err := filepath.Abs(home)
		if err != nil {
			return Paths{}, fault.Wrap(err, fault.Invalid, "The folder named by PIE_HOME cannot be used.", "Set PIE_HOME to an absolute path.")
		}
		return In(abs), nil
	}
	return Paths{
		Config: filepath.Join(xdg.ConfigHome, "pie"), Data: filepath.Join(xdg.DataHome, "pie"),
		State: filepath.Join(xdg.StateHome, "pie"), Runtime: filepath.Join(runtimeBase(), "pie"),
	}, nil
}

// Downloads is the person's folder for what they take along, their home where
// there is none.
func Downloads() string {
	if info, err := os.Stat(xdg.UserDirs.Download); err == nil && info.IsDir() {
		return xdg.UserDirs.Download
	}
	return xdg.Home
}

func runtimeBase() string {
	if info, err := os.Stat(xdg.RuntimeDir); err == nil && info.IsDir() {
		return xdg.RuntimeDir
	}
	return xdg.StateHome
}

// Ensure makes the folders with mode 0700 and tightens them when they exist.
func (p Paths) Ensure() error {
	for _, dir := range []string{p.Config, p.Data, p.State, p.Runtime, filepath.Dir(p.Socket())} {
		if err := ensureFolder(dir); err != nil {
			return err
		}
	}
	return nil
}

func ensureFolder(dir string) error {
	hint := "Check who owns the folder and whether the disk is full."
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fault.Wrap(err, fault.Internal, fmt.Sprintf("The folder %s cannot be made.", dir), hint)
	}
	if !ownedByMe(dir) {
		return fault.New(fault.Denied, fmt.Sprintf("The folder %s belongs to somebody else.", dir), "Set PIE_HOME to a folder of your own.")
	}
	if err := os.Chmod(dir, 0o700); err != nil { // #nosec G302 -- a folder needs its x bit
		return fault.Wrap(err, fault.Internal, fmt.Sprintf("The folder %s cannot be closed to others.", dir), hint)
	}
	return nil
}

// Database is the file of everything that is kept and sealed.
func (p Paths) Database() string { return filepath.Join(p.Data, "pie.db") }

// AuditDB is the file of runs and requests.
func (p Paths) AuditDB() string { return filepath.Join(p.Data, "audit.db") }

// Agents is the folder of installed agents.
func (p Paths) Agents() string { return filepath.Join(p.Data, "agents") }

// Files is the folder of the files that agents keep.
func (p Paths) Files() string { return filepath.Join(p.Data, "files") }

// Providers is the folder of the person's own catalogue files.
func (p Paths) Providers() string { return filepath.Join(p.Config, "providers") }

// SettingsFile is the file of preferences.
func (p Paths) SettingsFile() string { return filepath.Join(p.Config, "settings.json") }

// PracticeFile is where the practice provider keeps its pretend accounts.
func (p Paths) PracticeFile() string { return filepath.Join(p.State, "practice.json") }

// Log is the log file.
func (p Paths) Log() string { return filepath.Join(p.State, "pie.log") }

// LockFile is held by the process that has the databases open.
func (p Paths) LockFile() string { return filepath.Join(p.Data, "door.lock") }

// Socket is the address of the door. An address over 100 bytes moves to a hashed
// name in the runtime folder, or in a private temporary folder.
func (p Paths) Socket() string {
	plain := filepath.Join(p.Runtime, "door.sock")
	if len(plain) <= socketMax {
		return plain
	}
	sum := sha256.Sum256([]byte(plain))
	name := hex.EncodeToString(sum[:8]) + ".sock"
	if hashed := filepath.Join(runtimeBase(), "pie", name); len(hashed) <= socketMax {
		return hashed
	}
	return filepath.Join(os.TempDir(), fmt.Sprintf("pie-%d", os.Getuid()), name)
}
