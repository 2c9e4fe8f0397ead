package watch

// Ignored tells whether a save of the file does not count.
func (f *Folder) Ignored(name string) bool { return f.ignored(name) }
