package cli

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"pie/backend/secret"
)

// logMax is the size at which a log file is put aside.
const logMax = 4 << 20

// newLog writes JSON lines to name, made when there is something to write. One
// older file is kept beside it. Keys that name a secret never get in.
func newLog(name string) *slog.Logger {
	handler := slog.NewJSONHandler(&logFile{name: name}, &slog.HandlerOptions{Level: slog.LevelInfo})
	return slog.New(secret.LogHandler(handler, secret.NewScrubber()))
}

// logFile is a file that is put aside when it is full.
type logFile struct {
	name string
	mu   sync.Mutex
	file *os.File
	size int64
}

var _ io.Writer = (*logFile)(nil)

func (l *logFile) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil && l.size+int64(len(line)) > logMax {
		_ = l.file.Close()
		l.file = nil
	}
	if l.file == nil {
		if err := l.open(len(line)); err != nil {
			return 0, err
		}
	}
	n, err := l.file.Write(line)
	l.size += int64(n)
	return n, err
}

func (l *logFile) open(next int) error {
	if err := os.MkdirAll(filepath.Dir(l.name), 0o700); err != nil {
		return err
	}
	if info, err := os.Stat(l.name); err == nil && info.Size()+int64(next) > logMax {
		_ = os.Remove(l.name + ".1")
		if err := os.Rename(l.name, l.name+".1"); err != nil {
			return err
		}
	}
	file, err := os.OpenFile(l.name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err != nil {
		_ = file.Close()
		return err
	}
	l.file, l.size = file, info.Size()
	return nil
}
