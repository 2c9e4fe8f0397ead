package secret

import (
	"context"
	"log/slog"
)

// LogHandler passes records on to next with every known value of s removed from
// the message and from text attributes.
func LogHandler(next slog.Handler, s *Scrubber) slog.Handler {
	return logHandler{next: next, scrubber: s}
}

type logHandler struct {
	next     slog.Handler
	scrubber *Scrubber
}

func (h logHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

func (h logHandler) Handle(ctx context.Context, record slog.Record) error {
	clean := slog.NewRecord(record.Time, record.Level, h.scrubber.Text(record.Message), record.PC)
	record.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(h.clean(a))
		return true
	})
	return h.next.Handle(ctx, clean)
}

func (h logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i] = h.clean(a)
	}
	return logHandler{next: h.next.WithAttrs(clean), scrubber: h.scrubber}
}

func (h logHandler) WithGroup(name string) slog.Handler {
	return logHandler{next: h.next.WithGroup(name), scrubber: h.scrubber}
}

func (h logHandler) clean(a slog.Attr) slog.Attr {
	value := a.Value.Resolve()
	if value.Kind() == slog.KindGroup {
		group := value.Group()
		out := make([]slog.Attr, len(group))
		for i, member := range group {
			out[i] = h.clean(member)
		}
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(out...)}
	}
	if value.Kind() == slog.KindString || value.Kind() == slog.KindAny {
		return slog.String(a.Key, h.scrubber.Text(value.String()))
	}
	return slog.Attr{Key: a.Key, Value: value}
}
