package cli

import (
	"context"

	"pie/app"
	"pie/backend/watch"
)

// savedOr returns true when something was saved, or an agent was approved elsewhere,
// and false when ctx ends.
func savedOr(ctx context.Context, folder *watch.Folder, approved <-chan app.Event) bool {
	if approved == nil {
		return folder.Wait(ctx)
	}
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		defer cancel()
		for {
			select {
			case <-waiting.Done():
				return
			case event, open := <-approved:
				if !open {
					<-waiting.Done()
					return
				}
				if event.Kind == "agent" {
					return
				}
			}
		}
	}()
	return folder.Wait(waiting) || waiting.Err() != nil && ctx.Err() == nil
}
