package files

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"pie/backend/fault"
)

// Limits of a name.
const (
	longestName = 512
	longestPart = 200
	deepest     = 8
)

// checkName takes what is a name everywhere: slashes between parts, no part that
// is hidden, leads up, ends in a dot or space, or is a device on Windows.
func checkName(name string) error {
	parts := strings.Split(name, "/")
	bad := !fs.ValidPath(name) || name == "." || len(name) > longestName || len(parts) > deepest || !utf8.ValidString(name) ||
		strings.ContainsAny(name, `\:*?"<>|`) || strings.ContainsFunc(name, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) })
	for _, part := range parts {
		bad = bad || part == "" || len(part) > longestPart || part[0] == '.' || strings.HasSuffix(part, ".") || strings.TrimSpace(part) != part || isDevice(part)
	}
	if bad {
		return fault.New(fault.Invalid, "This cannot be the name of a file.", "Use a name such as report.csv or 2026/report.csv: no leading dots, no .., none of \\ : * ? \" < > |.")
	}
	return nil
}

// isDevice tells whether Windows reads the name as a device, with any ending
// (Microsoft's Naming Files, Paths, and Namespaces).
func isDevice(part string) bool {
	stem, _, _ := strings.Cut(part, ".")
	stem = strings.ToUpper(strings.TrimRight(stem, " "))
	if slices.Contains([]string{"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"}, stem) {
		return true
	}
	for _, port := range []string{"COM", "LPT"} {
		if number, ok := strings.CutPrefix(stem, port); ok && utf8.RuneCountInString(number) == 1 && strings.ContainsAny(number, "0123456789¹²³") {
			return true
		}
	}
	return false
}

// mimeTypes are those of the endings that agents commonly write; the machine's
// own table is not asked, so that an agent meets the same everywhere.
func mimeType(name string) string {
	switch strings.ToLower(path.Ext(name)) {
	case ".csv":
		return "text/csv"
	case ".gif":
		return "image/gif"
	case ".html", ".htm":
		return "text/html"
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".json":
		return "application/json"
	case ".md":
		return "text/markdown"
	case ".pdf":
		return "application/pdf"
	case ".png":
		return "image/png"
	case ".svg":
		return "image/svg+xml"
	case ".txt", ".log":
		return "text/plain"
	case ".webp":
		return "image/webp"
	case ".xml":
		return "application/xml"
	case ".zip":
		return "application/zip"
	}
	return "application/octet-stream"
}

func fileOf(name string, info fs.FileInfo) File {
	return File{Name: name, MIMEType: mimeType(name), Size: info.Size(), ModifiedAt: info.ModTime().UTC()}
}

func strange(name string) error {
	return fault.New(fault.Denied, name+" is no plain file, so an agent may not touch it.", "Remove it from the agent's folder, or use another name.")
}

func missing(err error, name string) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fault.New(fault.NotFound, "There is no file "+name+".", "context.files.list() tells which there are.")
	}
	return trouble(err)
}

// trouble makes a fault of what the system says, and leaves faults as they are.
func trouble(err error) error {
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	return fault.Wrap(err, fault.Internal, "The agent's folder cannot be used.", "Check whether the disk is full and who owns the folder.")
}
